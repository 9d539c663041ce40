"""What a network that learns from courses is given, and how it is asked about what a library holds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from media_assistant.analysis.course_training_run import LENGTHS, STEPS
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Vector
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.items.training import OTHER, Matter
from media_assistant.library.library import Library, NewItem
from media_assistant.settings import Settings
from media_assistant.workflows.training.course_training import (
    course_candidates,
    course_card,
    course_plan,
    gather_courses,
    save_courses,
)
from media_assistant.workflows.understanding.planning import plan_jobs
from tests.analysis.test_own_courses import save_arrival_network
from tests.workflows.engine import open_assistant

ARRIVES, SINGS = Concept("own:arrives", "arrives", "到来"), Concept("own:sings", "sings")
A, B = np.eye(2, dtype="<f4")


def add_films(library: Library, count: int, kind: Kind = Kind.VIDEO) -> list[int]:
    numbers = range(len(library.item_ids()) + 1, len(library.item_ids()) + count + 1)
    library.add_items(
        [NewItem(kind, f"/f/{n}.mp4", str(n), 10, n, f"f{n}", facts=Facts(duration_ms=9000)) for n in numbers]
    )
    return list(numbers)


def give_course(library: Library, item_id: int, pattern: str, analyser: str = "sights", space: str = "net") -> None:
    """A step a second."""
    steps = [
        Vector(space, TimeSpan(1000 * at, 1000 * at + 1000), (A if step == "a" else B).tobytes())
        for at, step in enumerate(pattern)
    ]
    library.save_findings(item_id, analyser, 1, "m", "r", steps, None, True)
    library.finish_analysis(item_id, analyser, 1, "m", "r")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library.sqlite")
    yield opened
    opened.close()


def test_only_what_has_a_course_is_learned_from_and_each_keeps_its_own(library: Library, tmp_path: Path) -> None:
    films = add_films(library, 20)
    for film in films[:16]:
        give_course(library, film, "ab" if film <= 6 else "bba")
    library.save_findings(17, "sights", 1, "m", "r", [Vector("net", WHOLE, A.tobytes())], None, True)
    give_course(library, 18, "ab", "pictures", "looks")
    library.decide_tag([*films[:6], 17, 18], ARRIVES, TagState.ACCEPTED)
    library.decide_tag([19], SINGS, TagState.ACCEPTED)
    assert course_candidates(library, Matter.SEEN) == [(ARRIVES, 6)]
    assert course_candidates(library, Matter.HEARD) == []
    found = gather_courses(library, [ARRIVES], Matter.SEEN)
    assert found.space == "net" and found.dataset.labels == (ARRIVES.id, OTHER)
    assert {one.item.id for one in found.dataset.items if one.label == 0} == set(films[:6])
    assert {one.item.id for one in found.dataset.items if one.label == 1} <= set(films[6:16])
    for one, course in zip(found.dataset.items, found.courses, strict=True):
        assert len(course.spans) == (2 if one.label == 0 else 3)
    save_courses(tmp_path, found)
    assert np.load(tmp_path / STEPS).shape == (len(found.courses), 64, 2)
    assert np.load(tmp_path / LENGTHS).tolist() == [len(course.spans) for course in found.courses]
    plan = json.loads(json.dumps(course_plan("x", found)))
    assert plan["matter"] == "seen"
    assert course_card("own-x", plan, tmp_path)["input"] == {"space": "net", "width": 2, "sense": "seen"}


def test_new_vectors_are_asked_about_anew(library: Library) -> None:
    (film,) = add_films(library, 1)
    give_course(library, film, "ab")
    library.finish_analysis(film, "own_courses", 1)

    def queued() -> set[str]:
        here = {"image-classification", "own-courses"}
        _, count = plan_jobs(library, lambda task: "m" if task in here else "", Settings(), None)
        return {row.analyser for row in library.jobs(("waiting",), limit=99)} if count else set()

    assert "own_courses" not in queued()
    library.cancel_jobs(None)
    plan_jobs(library, lambda _: "m", Settings(), [film], ["sights"], redo=True)
    assert {row.analyser for row in library.jobs(("waiting",), limit=99)} == {"sights", "own_courses"}


def test_the_queue_asks_the_network_about_the_vectors_that_the_library_has(samples: Path) -> None:
    assistant = open_assistant(works=False)
    library = assistant.library
    sound = samples / "waves.ogg"
    library.add_items([NewItem(Kind.MUSIC, str(sound), "waves", sound.stat().st_size, 1, "w")])
    give_course(library, 1, "aaaaaaaaaabbbbbb", "sounds")
    save_arrival_network(assistant.paths.user_models)
    assistant.close()
    again = open_assistant(is_foreground=True)
    try:
        again.analyse(None, ["own_courses"]).result(30)
        again.when_idle().result(60)
        (said,) = [one for one in again.library.moments(1, Layer.LABEL) if one.source.analyser == "own_courses"]
        assert said.concept is not None and said.concept.id == ARRIVES.id and said.span == TimeSpan(9000, 11_000)
        assert said.source.model == "own-arrives"
    finally:
        again.close()
