"""What a person does with the queue while it works, and when it steps back by itself. Real workers on real files."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_assistant.analysis.analyser import Stage
from media_assistant.assistant import Assistant
from media_assistant.items.changes import LibraryChanges
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.understanding import analysing
from media_assistant.workflows.understanding.restraint import Restraint
from tests.workflows.engine import wait_for

FEW = Settings(switched_off=("writing", "sights", "sounds", "music", "voice"))
"""Enough to work on for a while."""


@pytest.fixture
def assistant(home: Path) -> Assistant:
    opened = Assistant.open(find_paths(), FEW)
    yield opened
    opened.close()


@pytest.fixture
def films(samples: Path, tmp_path: Path) -> list[Path]:
    made = []
    for number in range(2):
        film = Path(shutil.copy(samples / "journey.mp4", tmp_path / f"film {number}.mp4"))
        with film.open("ab") as end:
            end.write(b" " * number)
        made.append(film)
    return made


def item_of(assistant: Assistant, file: Path) -> int:
    return assistant.library.find_by_path(file).item_id  # type: ignore[union-attr]


def states(assistant: Assistant, item_id: int) -> set[str]:
    return {each.state for each in assistant.library.details(item_id).analyses if each.analyser != "preview"}


def test_what_runs_says_how_far_it_is_and_how_fast(assistant: Assistant, films: list[Path]) -> None:
    # Reading what stands in the pictures takes long enough to be watched.
    assistant.set_settings(FEW._replace(switched_off=("sights", "sounds", "music"))).result(10)
    assistant.import_paths(films[:1]).result(60)
    seen = []

    def look() -> bool:
        seen.extend(each for each in assistant.in_progress() if each.stage == Stage.UNDERSTAND and each.speed)
        return bool(seen)

    wait_for(look)
    now = seen[-1]
    assert now.title == "film 0"
    assert 0 < now.reached_ms <= now.duration_ms
    assert 0 < now.speed < 1000  # counted from the request on, its worker's start included
    assert "shots" in now.analysers
    assistant.when_idle().result(120)
    assert assistant.in_progress() == ()


def test_one_is_held_back_in_the_middle_and_let_go(
    assistant: Assistant, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.pause().result(10)
    assistant.import_paths(films).result(60)
    first, second = (item_of(assistant, film) for film in films)
    has_begun, may_go_on = threading.Event(), threading.Event()

    def is_held_up(plain: Callable[..., Any]) -> Callable[..., Any]:
        def store(item_id: int, analyser: str, *rest: object, **named: object) -> Any:
            if item_id == first and analyser != "preview":
                has_begun.set()
                assert may_go_on.wait(60)
            return plain(item_id, analyser, *rest, **named)

        return store

    for name in ("save_findings", "finish_analysis"):
        monkeypatch.setattr(assistant.library, name, is_held_up(getattr(assistant.library, name)))
    assistant.resume().result(10)
    assert has_begun.wait(60)
    assistant.hold(first, int(Stage.UNDERSTAND), is_held=True).result(10)
    may_go_on.set()
    assert assistant.when_idle().result(120).held > 0
    assert states(assistant, first) == {"paused"}
    assert states(assistant, second) == {"done"}
    # A look for what lacks, as at every start, does not let it go.
    assistant.analyse().result(60)
    assert states(assistant, first) == {"paused"}
    assistant.hold(first, int(Stage.UNDERSTAND), is_held=False).result(10)
    assistant.when_idle().result(120)
    assert states(assistant, first) == {"done"}


def test_one_entry_is_cancelled_and_the_other_goes_on(assistant: Assistant, films: list[Path]) -> None:
    assistant.pause().result(10)
    assistant.import_paths(films).result(60)
    first, second = (item_of(assistant, film) for film in films)
    entry = next(
        each for each in assistant.library.queue_entries() if each.item_id == first and each.stage == Stage.UNDERSTAND
    )
    assistant.cancel([first], entry.analysers).result(10)
    assistant.resume().result(10)
    assistant.when_idle().result(120)
    assert states(assistant, first) == {"cancelled"}
    assert states(assistant, second) == {"done"}


def test_no_click_waits_for_the_planning_of_a_large_library_but_what_is_asked_of_the_queue_itself(
    assistant: Assistant, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant.pause().result(10)
    assistant.import_paths(films[:1], analyse=False).result(60)
    is_asked, may_go_on = threading.Event(), threading.Event()
    plan_jobs = analysing.plan_jobs

    def plan_slowly(*arguments: Any, **named: Any) -> tuple[LibraryChanges, int]:
        is_asked.set()
        may_go_on.wait(60)
        return plan_jobs(*arguments, **named)

    monkeypatch.setattr(analysing, "plan_jobs", plan_slowly)
    planned = assistant.analyse()
    assert is_asked.wait(10)
    cancelled = assistant.cancel(None)
    try:
        assistant.add_tag([item_of(assistant, films[0])], "sea").result(10)
        assistant.resume().result(10)
        assistant.pause().result(10)
        assistant.set_settings(FEW._replace(switched_off=("writing",))).result(10)
        assert not planned.done() and not cancelled.done()
    finally:
        may_go_on.set()
    assert planned.result(60) > 0
    cancelled.result(10)
    # In turn: what was being planned is cancelled as well, and what the new settings ask for beside it is planned after that.
    wait_for(lambda: assistant.library.job_counts().waiting > 0)
    assert assistant.library.job_counts().cancelled == planned.result()


def test_on_battery_the_work_rests_if_the_person_wants_that(assistant: Assistant, films: list[Path]) -> None:
    queue = assistant._queue
    is_on_battery = True
    queue.restraint = Restraint(lambda: is_on_battery)
    queue.restraint._on_battery = lambda: is_on_battery  # type: ignore[method-assign]  # without the 20 s between looks
    assistant.set_settings(FEW._replace(on_battery="rest")).result(10)
    assistant.import_paths(films[:1]).result(60)
    wait_for(lambda: assistant.progress().restraint == "battery_rest")
    wait_for(lambda: assistant.library.job_counts().running == 0)
    assert assistant.library.job_counts().waiting > 0
    is_on_battery = False
    assistant.when_idle().result(120)
    assert states(assistant, item_of(assistant, films[0])) == {"done"}


def test_while_something_plays_the_workers_rest_between_their_steps(assistant: Assistant, films: list[Path]) -> None:
    assistant.set_playing(is_playing=True).result(10)
    assert [lane.worker._rest for lane in assistant._queue._lanes] == [0.0, 1.0]
    assistant.import_paths(films[:1]).result(60)
    wait_for(lambda: assistant.progress().restraint == "playing")
    assistant.set_settings(FEW._replace(slow_while_playing=False)).result(10)
    assert assistant.progress().restraint == ""
    assistant.when_idle().result(120)


def test_when_it_steps_back() -> None:
    restraint = Restraint(lambda: True)
    assert restraint.reason(Settings()) == "battery"
    assert restraint.reason(Settings(on_battery="rest")) == "battery_rest"
    assert restraint.reason(Settings(on_battery="full")) == ""
    assert restraint.reason(Settings(), is_foreground=True) == ""
    restraint = Restraint(lambda: False)
    assert restraint.reason(Settings()) == ""
    restraint.playing = True
    assert restraint.reason(Settings()) == "playing"
    assert restraint.reason(Settings(slow_while_playing=False)) == ""
    assert restraint.reason(Settings(overnight=True)) == ""
