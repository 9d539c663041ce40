"""What a person's own network would learn from, and what is said where nothing can be learned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media_assistant.analysis.course_training_run import STEPS
from media_assistant.assistant import Assistant
from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.install import to_toml
from media_assistant.inference.onnx_writer import Graph
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Vector
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.training import OTHER, Matter, TrainingReport
from media_assistant.library.library import Library, NewItem
from media_assistant.training.torch_parts import missing_parts
from media_assistant.workflows.training import training
from media_assistant.workflows.training.begun import FOLDER, find_begun, id_for, model_id_of
from media_assistant.workflows.training.course_training import save_plan
from media_assistant.workflows.training.dataset import gather_dataset
from tests.workflows.engine import open_assistant

CAT, DOG = Concept("own:Mimi", "Mimi", "咪咪"), Concept("own:Rex", "Rex")


def fill(library: Library, cats: int = 6, dogs: int = 5, others: int = 9) -> None:
    """Photos: first those of Mimi, then of Rex, then of neither."""
    count = cats + dogs + others
    library.add_items([NewItem(Kind.PHOTO, f"/p/{n}.jpg", str(n), 10, n, f"h{n}") for n in range(1, count + 1)])
    library.decide_tag(list(range(1, cats + 1)), CAT, TagState.ACCEPTED)
    library.decide_tag(list(range(cats + 1, cats + dogs + 1)), DOG, TagState.ACCEPTED)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library.sqlite")
    yield opened
    opened.close()


def test_a_dataset_is_the_persons_word_and_what_surely_carries_none_of_it(library: Library) -> None:
    fill(library)
    # A model's word alone is no example, and what it says it of is no example of the opposite.
    library.save_findings(
        12, "sights", 1, "m", "r", [Moment(WHOLE, Sense.SEEN, Layer.LABEL, CAT, score=0.9)], None, True
    )
    library.decide_tag([1], DOG, TagState.ACCEPTED)
    dataset = gather_dataset(library, [CAT, DOG])
    assert dataset.labels == (CAT.id, DOG.id, OTHER)
    by_label = {label: {one.item.id for one in dataset.items if one.label == label} for label in range(3)}
    assert by_label[0] == {2, 3, 4, 5, 6}
    assert by_label[1] == {7, 8, 9, 10, 11}
    assert by_label[2] < set(range(13, 21)) and len(by_label[2]) == 5
    assert dataset.torn == 1
    assert gather_dataset(library, [CAT, DOG]) == dataset


def test_a_film_is_looked_at_in_the_middle_of_shots_all_over_it(library: Library) -> None:
    fill(library)
    library.add_items([NewItem(Kind.VIDEO, "/p/film.mp4", "film", 10, 1, "film", facts=Facts(duration_ms=60_000))])
    shots = [Moment(TimeSpan(at, at + 5_000), Sense.SEEN, Layer.SHOT, score=1.0) for at in range(0, 60_000, 5_000)]
    library.save_findings(21, "shots", 1, "", "", shots, None, True)
    library.decide_tag([21], CAT, TagState.ACCEPTED)
    film = next(one for one in gather_dataset(library, [CAT]).items if one.item.id == 21)
    assert len(film.at_ms) == 6
    assert all(at % 5_000 == 2_500 for at in film.at_ms) and film.at_ms[0] < 10_000 and film.at_ms[-1] > 50_000


def test_too_little_is_said_with_its_number(library: Library) -> None:
    fill(library, cats=4)
    with pytest.raises(UserFixable) as fault:
        gather_dataset(library, [CAT])
    assert fault.value.code == "training.too_few" and fault.value.parameters["count"] == 4
    library.decide_tag(list(range(1, 19)), CAT, TagState.ACCEPTED)
    with pytest.raises(UserFixable, match="no_others"):
        gather_dataset(library, [CAT])


def test_a_name_becomes_the_name_of_a_folder(library: Library) -> None:
    assert model_id_of("  Mimi & Rex / 2026 ") == "own-Mimi-Rex-2026"
    assert model_id_of("咪咪") == "own-咪咪"
    with pytest.raises(UserFixable, match="no_name"):
        model_id_of(" /.. ")


def test_no_network_takes_the_place_of_another_ones_work(library: Library, tmp_path: Path) -> None:
    models = tmp_path / "models"
    fill(library)
    other = Library.open(tmp_path / "other.sqlite")
    plan = {"name": "Mimi Rex", "labels": [CAT.id, DOG.id, OTHER], "backbone": "resnet18"}
    save_plan(models / FOLDER / "own-Mimi-Rex", plan, library)
    (folder, begun), *more = find_begun(library, models)
    assert (folder.name, begun.name, more) == ("own-Mimi-Rex", "Mimi Rex", [])
    assert id_for("Mimi Rex", library, models) == "own-Mimi-Rex", "it goes on"
    assert id_for("Mimi & Rex", library, models) == "own-Mimi-Rex-2"
    # Its items are others there.
    assert find_begun(other, models) == []
    assert id_for("Mimi Rex", other, models) == "own-Mimi-Rex-2"
    other.close()
    card = {"id": "own-Done", "task": "own-tags", "session": "onnx", "languages": [], "licence": "mine"}
    (models / "own-Done").mkdir()
    (models / "own-Done" / "model.toml").write_text(to_toml({**card, "model": "model.onnx", "name": "Done"}), "utf-8")
    assert id_for("Done", library, models) == "own-Done", "trained anew"
    assert id_for("Done!", library, models) == "own-Done-2"


def test_without_what_it_needs_it_says_so_and_a_broken_plan_hides_nothing() -> None:
    assistant = open_assistant(works=False)
    try:
        fill(assistant.library)
        begun = assistant.paths.user_models / ".training"
        for name, text in (
            ("own-one", json.dumps({"name": "one", "labels": [CAT.id, "own:gone", OTHER], "backbone": "resnet18"})),
            ("own-two", "{"),
        ):
            (begun / name).mkdir(parents=True)
            (begun / name / "plan.json").write_text(text, "utf-8")
        (begun_one,) = assistant.training.unfinished()
        assert (begun_one.name, begun_one.backbone) == ("one", "resnet18")
        assert [concept.id for concept in begun_one.concepts] == [CAT.id]
        assert [(concept.id, count) for concept, count in assistant.training.candidates()] == [(CAT.id, 6), (DOG.id, 5)]
        assistant.training.throw_away("one").result(30)
        assert assistant.training.unfinished() == []
        assert all(weights is None for _, weights in assistant.training.ability().backbones)
        with pytest.raises(UserFixable) as fault:
            assistant.training.train("x", [CAT], "resnet18").result(30)
        assert fault.value.code == ("training.not_installed" if missing_parts() else "training.no_weights")
        with pytest.raises(UserFixable) as fault:
            assistant.training.train("x", [], matter=Matter.SEEN).result(30)
        assert fault.value.code == ("training.not_installed" if missing_parts() else "training.no_tags")
    finally:
        assistant.close()


class Worker:
    """In the place of the process that has PyTorch: it learns a round and is stopped, or ends with a network."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []
        """What it was to learn, and the network that it was to begin with."""
        self.learned = b"a round"
        self.report: TrainingReport | None = None

    def __call__(self, request: dict[str, Any], *_others: object) -> dict[str, Any]:
        folder = Path(request["folder"])
        self.read.append(((folder / "plan.json").read_text("utf-8"), request["weights"]))
        if self.report is None:
            if self.learned:
                (folder / "state.pt").write_bytes(self.learned)
            raise Cancelled
        (folder / "made").mkdir()
        graph = Graph()
        graph.give(graph.add("Neg", graph.take("fed", np.float32, ["batch"])), "logits", ["batch"])
        graph.save(folder / "made" / "model.onnx")
        return {"report": asdict(self.report), "notes": []}


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    found = Worker()
    monkeypatch.setattr(training, "missing_parts", lambda _site=None: ())
    monkeypatch.setattr(training, "ask", found)
    return found


@pytest.fixture
def assistant(worker: Worker) -> Iterator[Assistant]:
    """One that can train, on a library with six photos of Mimi, five of Rex and nine of neither."""
    opened = open_assistant(works=False)
    fill(opened.library)
    for name in ("resnet18", "mobilenet_v2"):
        (opened.paths.user_models / ".backbones").mkdir(parents=True, exist_ok=True)
        (opened.paths.user_models / ".backbones" / f"{name}-00000000.pth").write_bytes(b"weights")
    yield opened
    opened.close()


def stop_one(
    assistant: Assistant, concepts: list[Concept], backbone: str = "resnet18", matter: Matter = Matter.PICTURES
) -> None:
    with pytest.raises(Cancelled):
        assistant.training.train("x", concepts, backbone, matter=matter).result(30)


def test_a_stopped_training_goes_on_with_what_it_was_begun_with(assistant: Assistant, worker: Worker) -> None:
    stop_one(assistant, [CAT, DOG])
    # Another item is tagged, one loses its tag, and the weights are moved.
    assistant.library.decide_tag([20], CAT, TagState.ACCEPTED)
    assistant.library.decide_tag([1], CAT, TagState.REJECTED)
    weights = next((assistant.paths.user_models / ".backbones").glob("resnet18-*"))
    moved = weights.rename(assistant.paths.user_models / weights.name)
    (begun,) = assistant.training.unfinished()
    stop_one(assistant, list(begun.concepts)[::-1], begun.backbone)
    (first, _), (second, begins_with) = worker.read
    assert second == first and begins_with == str(moved)
    # It ends as it was begun: each label is called what it was learned as.
    worker.report = TrainingReport((CAT.id, DOG.id, OTHER), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), 1.0, 0.5, 0.5)
    made = assistant.training.train("x", [DOG, CAT], "resnet18").result(30)
    labels = (assistant.paths.user_models / made.model_id / "labels.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[1] for line in labels] == ["key", CAT.id, DOG.id, OTHER]
    assert [note.code for note in made.notes] == ["training.gone_on"]
    assert worker.read[2][0] == first and assistant.training.unfinished() == []
    # The next one of this name is another, and learns from the library as it is.
    made = assistant.training.train("x", [CAT, DOG], "resnet18").result(30)
    assert worker.read[3][0] != first and made.notes == ()


def test_where_nothing_was_learned_yet_it_is_gathered_anew(assistant: Assistant, worker: Worker) -> None:
    worker.learned = b""
    stop_one(assistant, [CAT])
    assistant.library.decide_tag([20], CAT, TagState.ACCEPTED)
    stop_one(assistant, [CAT])
    (first, _), (second, _) = worker.read
    assert 20 not in {one["item"] for one in json.loads(first)["items"] if one["class"] == 0}
    assert 20 in {one["item"] for one in json.loads(second)["items"] if one["class"] == 0}


def test_what_was_learned_makes_no_room_for_another_of_its_name(assistant: Assistant, worker: Worker) -> None:
    stop_one(assistant, [CAT])
    for concepts, backbone in (([CAT, DOG], "resnet18"), ([CAT], "mobilenet_v2")):
        with pytest.raises(UserFixable) as fault:
            assistant.training.train("x", concepts, backbone).result(30)
        assert (fault.value.code, fault.value.parameters) == ("training.begun_otherwise", {"name": "x"})
    assert len(worker.read) == 1
    assistant.training.throw_away("x").result(30)
    stop_one(assistant, [CAT, DOG], "mobilenet_v2")
    assert json.loads(worker.read[1][0])["backbone"] == "mobilenet_v2"


def test_a_course_goes_on_with_its_vectors_as_long_as_the_library_has_such(
    assistant: Assistant, worker: Worker
) -> None:
    library = assistant.library
    films = range(21, 33)
    library.add_items([NewItem(Kind.VIDEO, f"/f/{n}.mp4", str(n), 10, n, f"f{n}") for n in films])

    def see(space: str) -> None:
        for film in films:
            steps = [Vector(space, TimeSpan(at, at + 1), np.eye(2, dtype="<f4")[at].tobytes()) for at in (0, 1)]
            library.save_findings(film, "sights", 1, "m", "r", steps, None, True)

    see("net")
    library.decide_tag(list(films)[:6], CAT, TagState.ACCEPTED)
    stop_one(assistant, [CAT], matter=Matter.SEEN)
    (file,) = assistant.paths.user_models.rglob(STEPS)
    there = file.read_bytes()
    library.decide_tag([27], CAT, TagState.ACCEPTED)
    stop_one(assistant, [CAT], matter=Matter.SEEN)
    assert worker.read[1] == worker.read[0] and file.read_bytes() == there
    # What another model sees can be told by nothing that was learned from the first one's.
    see("other")
    stop_one(assistant, [CAT], matter=Matter.SEEN)
    assert json.loads(worker.read[2][0])["space"] == "other"


def test_what_came_of_a_training_is_told_in_the_library_that_it_was_of(assistant: Assistant, worker: Worker) -> None:
    worker.report = TrainingReport((CAT.id, OTHER), ((1, 0), (0, 1)), 0.9, 0.5, 0.8)
    made = assistant.training.train("x", [CAT], "resnet18").result(30)
    assert assistant.training.last() == made and assistant.training.trained_on(CAT.id) == (0.9, 0.8)
    paths = assistant.paths._replace(library=assistant.paths.library.with_name("other.sqlite"))
    other = open_assistant(paths, works=False)
    try:
        assert other.training.last() is None and other.training.trained_on(CAT.id) is None
    finally:
        other.close()
