"""What a person's own network would learn from, and what is said where nothing can be learned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.install import to_toml
from media_assistant.items.concept import Concept
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.training import OTHER, Matter
from media_assistant.library.library import Library, NewItem
from media_assistant.training.torch_parts import missing_parts
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
