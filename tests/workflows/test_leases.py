"""A lane at work on what is removed, brought back or replaced meanwhile: nothing of the old comes to stand for the new.

A real lane on a real library; what its worker says is written down here, so that each thing happens at its moment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Stage
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Checkpoint, Finding, Preview, to_plain
from media_assistant.items.item import Facts, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.jobs.worker_process import Limits, Message, WorkerProcess
from media_assistant.library.job_store import Lease
from media_assistant.library.library import JobRow, Library, NewItem
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.workflows.analysis_request import Probed
from media_assistant.workflows.intake.losing import bring_back
from media_assistant.workflows.models.installing import models_config
from media_assistant.workflows.understanding.answer_store import AnswerStore, InWork
from media_assistant.workflows.understanding.lane import Lane
from media_assistant.workflows.understanding.pace import Pace
from media_assistant.workflows.understanding.parts import model_of
from media_assistant.workflows.understanding.planning import plan_jobs
from tests.library.making import line, open_new

LONG_MS = 4000
FACTS = Facts(LONG_MS)

Does = Callable[[], object]


class Worker(WorkerProcess):
    """Says one line a second, each with a checkpoint. `when` holds what happens just before a line is said; one that is
    `deaf` goes on however often it is asked to stop, as answers do that are under way already.
    """

    def __init__(self, folder: Path, *, says: str = "old", deaf: bool = True) -> None:
        super().__init__(folder / "worker.log")
        self.says, self.deaf = says, deaf
        self.when: dict[int, Does] = {}
        self.began: list[int] = []
        self.model = ("", "")

    def request(
        self, messages: Sequence[Message], limits: Limits, *, is_closing: Callable[[], bool] = bool
    ) -> Generator[Message]:
        del limits
        asked = messages[-1][0]
        self.began.append(asked["start_ms"])
        self.model = model_of("speech", asked["models"])
        for step in self.steps(asked["start_ms"]):
            if callable(step):
                step()
            else:
                yield step
            if not self.deaf and is_closing():
                yield {"is": "end", "stopped": True}, b""
                return
        yield {"is": "end"}, b""

    def steps(self, start_ms: int) -> Iterator[Message | Does]:
        yield {"is": "begin", "of": "speech", "model": list(self.model)}, b""
        for at_ms in range(start_ms, LONG_MS, 1000):
            if (happens := self.when.pop(at_ms, None)) is not None:
                yield happens
            yield said("speech", line(at_ms, at_ms + 1000, f"{self.says} {at_ms}"))
            yield said("speech", Checkpoint(at_ms + 1000))
        if (happens := self.when.pop(LONG_MS, None)) is not None:
            yield happens
        yield done("speech", *self.model)


class Showing(Worker):
    """Reads what the file says of itself, and makes a picture of it."""

    def steps(self, start_ms: int) -> Iterator[Message | Does]:
        yield {"is": "begin", "of": "preview", "model": ["", ""]}, b""
        yield self.when.pop(start_ms)
        yield {"is": "facts", "kind": "video"}, json.dumps(facts_to_plain(Facts(99))).encode()
        yield said("preview", Preview("thumbnail", b"old"))
        yield done("preview")


class Full(Worker):
    """Has no memory left in the middle of its work, and says so."""

    def request(
        self, messages: Sequence[Message], limits: Limits, *, is_closing: Callable[[], bool] = bool
    ) -> Generator[Message]:
        for header, data in super().request(messages, limits, is_closing=is_closing):
            yield {**header, "error": {"code": "error.jobs.memory"}} if header["is"] == "end" else header, data

    def steps(self, start_ms: int) -> Iterator[Message | Does]:
        yield from list(super().steps(start_ms))[:3]

    def close(self, *, patience_s: float = 2.0) -> None:
        self.is_closed = True


class Pulled(Worker):
    """Its file goes with its drive in the middle; what it can say of that is that the file breaks off, or is damaged."""

    def __init__(self, folder: Path, goes: Does, end: dict[str, Any]) -> None:
        super().__init__(folder)
        self.goes, self.end = goes, end

    def steps(self, start_ms: int) -> Iterator[Message | Does]:
        yield from list(super().steps(start_ms))[:4]
        yield self.goes
        yield self.end, b""


def said(name: str, finding: Finding) -> Message:
    header, data = to_plain(finding)
    return {**header, "of": name}, data


def done(name: str, model: str = "", revision: str = "") -> Message:
    return {"is": "done", "of": name, "took_s": 1.0, "model": model, "revision": revision}, b""


class Foreman:
    """What a lane needs of the queue."""

    def __init__(self, folder: Path) -> None:
        self.library: Library = open_new(folder)
        self.previews = folder / "previews"
        self.pace = Pace()
        self.settings = Settings()
        self.in_sight: Sequence[int] = ()
        self.counted = [0, 0]

    def tell(self, changes: LibraryChanges) -> None:
        del changes

    def models_config(self) -> dict[str, Any]:
        return models_config(find_paths(), self.settings, whole_machine=False)

    def must_stop(self) -> bool:
        return False

    def plan(self, item_ids: Sequence[int] | None) -> int:
        raise AssertionError(item_ids)

    def count(self, *, done: int = 0, failed: int = 0) -> None:
        self.counted[0] += done
        self.counted[1] += failed


class Film:
    """One film in a library, whose speech waits."""

    def __init__(self, folder: Path) -> None:
        self.foreman = Foreman(folder)
        self.library = self.foreman.library
        self.file = folder / "film.mp4"
        self.file.write_bytes(b"film")
        (self.id,), _ = self.library.add_items([self.content("h1")])
        self.library.enqueue([JobRow(self.id, "speech", int(Stage.TRANSCRIBE))])

    def content(self, quick_hash: str) -> NewItem:
        return NewItem(Kind.VIDEO, str(self.file), "film", 4, 1, quick_hash, FACTS)

    def lane(self, worker: Worker) -> Lane:
        return Lane(self.foreman, "1", tuple(Stage), worker)

    def works(self, worker: Worker) -> None:
        assert self.lane(worker).work()

    def remove(self) -> None:
        self.library.remove_items([self.id])

    def remove_and_undo(self) -> None:
        self.remove()
        self.library.undo()

    def replace(self) -> None:
        assert self.library.replace_content(self.id, self.content("h2"))[0] == self.id

    @property
    def lines(self) -> list[str]:
        return [each.text for each in self.library.moments(self.id)]

    @property
    def states(self) -> dict[str, str]:
        return {each.analyser: each.state for each in self.library.details(self.id).analyses}

    @property
    def is_complete(self) -> bool:
        run = self.library.run(self.id, "speech")
        return run is not None and run.is_complete and not run.is_stale


@pytest.fixture
def film(tmp_path: Path, home: Path) -> Iterator[Film]:
    made = Film(tmp_path)
    yield made
    made.library.close()


ALL = [f"old {at_ms}" for at_ms in range(0, LONG_MS, 1000)]
NEW = [f"new {at_ms}" for at_ms in range(0, LONG_MS, 1000)]


@pytest.mark.parametrize(("removed_ms", "back_ms"), [(0, 2000), (1000, 2000), (2000, 2000), (1000, LONG_MS)])
def test_what_is_removed_in_work_and_brought_back_goes_on_without_a_hole(
    film: Film, tmp_path: Path, removed_ms: int, back_ms: int
) -> None:
    first, second = Worker(tmp_path), Worker(tmp_path)
    first.when = {removed_ms: film.remove, back_ms: film.library.undo}
    if removed_ms == back_ms:
        first.when = {removed_ms: film.remove_and_undo}
    film.works(first)
    assert (film.states, film.is_complete) == ({"speech": "waiting"}, False)
    assert film.lines == ALL[: removed_ms // 1000]
    assert film.foreman.counted == [0, 0]
    film.works(second)
    assert second.began == [removed_ms]
    assert (film.lines, film.states, film.is_complete) == (ALL, {"speech": "done"}, True)
    assert film.foreman.counted == [1, 0]


def test_nobody_goes_on_with_what_was_removed(film: Film, tmp_path: Path) -> None:
    worker = Worker(tmp_path, deaf=False)
    worker.when = {1000: film.remove, 2000: lambda: pytest.fail("it was asked to stop")}
    film.works(worker)
    assert not film.lane(worker).work()
    worker.when.clear()
    film.library.undo()
    film.works(worker)
    assert worker.began == [0, 1000]
    assert (film.lines, film.is_complete) == (ALL, True)


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("replaced_ms", [0, 1000, LONG_MS])
def test_what_is_found_in_the_old_content_never_stands_for_the_new(
    film: Film, tmp_path: Path, replaced_ms: int, deaf: bool
) -> None:
    old, new = Worker(tmp_path, deaf=deaf), Worker(tmp_path, says="new")
    old.when = {replaced_ms: film.replace}
    film.works(old)
    assert (film.states, film.is_complete) == ({"speech": "waiting"}, False)
    assert not old.when
    film.works(new)
    assert new.began == [0]
    assert (film.lines, film.states, film.is_complete) == (NEW, {"speech": "done"}, True)


def test_a_replacement_of_which_the_person_knows_and_its_undo_are_the_same(film: Film, tmp_path: Path) -> None:
    old, new = Worker(tmp_path), Worker(tmp_path, says="new")
    old.when = {1000: lambda: film.library.use_instead({film.id: film.content("h2")})}
    film.works(old)
    assert (film.states, film.is_complete) == ({"speech": "waiting"}, False)
    new.when = {1000: film.library.undo}
    film.works(new)
    assert (film.states, film.is_complete) == ({"speech": "waiting"}, False)
    film.works(Worker(tmp_path))
    assert (film.lines, film.is_complete) == (ALL, True)


def test_one_lane_has_the_new_content_while_the_other_ends_with_the_old(film: Film, tmp_path: Path) -> None:
    old, new = Worker(tmp_path), Worker(tmp_path, says="new")

    def is_taken_again() -> None:
        film.replace()
        film.works(new)

    old.when = {2000: is_taken_again}
    film.works(old)
    assert (film.lines, film.states, film.is_complete) == (NEW, {"speech": "done"}, True)
    assert film.foreman.counted == [1, 0]


def test_what_is_cancelled_in_work_stays_so_and_goes_on_from_there_when_it_is_wanted_again(
    film: Film, tmp_path: Path
) -> None:
    first, second = Worker(tmp_path), Worker(tmp_path)
    first.when = {1000: film.library.cancel_jobs}
    film.works(first)
    assert (film.lines, film.states, film.is_complete) == (ALL[:1], {"speech": "cancelled"}, False)
    film.library.retry_jobs()
    film.works(second)
    assert second.began == [1000]
    assert (film.lines, film.states, film.is_complete) == (ALL, {"speech": "done"}, True)


def test_what_is_cancelled_and_wanted_again_while_it_winds_down_is_not_its_own_any_more(
    film: Film, tmp_path: Path
) -> None:
    worker = Worker(tmp_path)

    def is_taken_again() -> None:
        film.library.cancel_jobs()
        film.library.retry_jobs()
        assert film.library.lease_jobs() is not None

    worker.when = {2000: is_taken_again}
    film.works(worker)
    assert (film.lines, film.states) == (ALL[:2], {"speech": "running"})


def test_who_has_lost_an_item_does_not_put_back_what_another_has_in_work(film: Film, tmp_path: Path) -> None:
    worker = Worker(tmp_path)

    def is_taken_again() -> None:
        film.remove_and_undo()
        assert film.library.lease_jobs() is not None

    worker.when = {2000: is_taken_again}
    film.works(worker)
    assert film.states == {"speech": "running"}


def test_a_film_that_was_but_a_sound_is_understood_as_a_film_once_another_file_takes_its_place(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was queued for the wrong kind was nobody's wish, and neither was its end."""
    library = film.library
    monkeypatch.setattr(film.foreman, "plan", lambda ids: plan_jobs(library, str, Settings(), ids))
    plan_jobs(library, str, Settings(), [film.id])
    library.set_facts(film.id, Facts(LONG_MS), kind=Kind.VIDEO)
    shown = {row.analyser for row in library.jobs() if Kind.MUSIC not in registry.spec_of(row.analyser).kinds}
    assert "shots" in shown
    item = library.item(film.id)
    assert item is not None
    lease = Lease(item.id, int(Stage.PREVIEW), (), {}, {})
    store = AnswerStore(film.foreman, InWork(item, Stage.PREVIEW, lease, set(), ""))
    store.take(Probed(Facts(LONG_MS), Kind.MUSIC))
    assert shown.isdisjoint(film.states)
    film.replace()
    plan_jobs(library, str, Settings(), [film.id])
    assert shown <= {name for name, state in film.states.items() if state == "waiting"}


def test_what_lacked_memory_is_tried_again_with_a_worker_that_holds_nothing(film: Film, tmp_path: Path) -> None:
    for _ in range(2):
        worker = Full(tmp_path)
        film.works(worker)
        assert film.states == {"speech": "waiting"}
        assert worker.is_closed
    film.works(Full(tmp_path))
    assert film.states == {"speech": "failed"}
    (failure,) = film.library.failures()
    assert failure.error.code == "error.jobs.memory"


BROKEN_OFF = {**done("speech")[0], "problems": ["media.truncated"]}


@pytest.mark.touches_originals
@pytest.mark.parametrize(
    "end", [BROKEN_OFF, {"is": "failed", "of": "speech", "error": {"code": "error.media.damaged"}}]
)
def test_what_a_drive_took_along_is_not_the_files_fault(film: Film, tmp_path: Path, end: dict[str, Any]) -> None:
    away = film.file.with_name("away")
    film.works(Pulled(tmp_path, lambda: film.file.rename(away), end))
    assert film.states == {"speech": "waiting"} and all(each.is_missing for each in film.library.locations(film.id))
    film.works(Worker(tmp_path))
    assert [each.error.code for each in film.library.failures()] == ["error.media.vanished"]
    away.rename(film.file)
    bring_back(film.library, film.library.locations(film.id))
    film.works(Worker(tmp_path))
    assert (film.lines, film.states, film.is_complete) == (ALL, {"speech": "done"}, True)


def test_a_file_that_is_there_and_breaks_off_is_done_with_what_came(film: Film, tmp_path: Path) -> None:
    film.works(Pulled(tmp_path, lambda: None, BROKEN_OFF))
    assert (film.lines, film.states, film.is_complete) == (ALL[:2], {"speech": "done"}, True)


def test_pictures_and_facts_of_the_old_content_are_not_kept(film: Film, tmp_path: Path) -> None:
    film.library.enqueue([JobRow(film.id, "preview", int(Stage.PREVIEW))])
    worker = Showing(tmp_path)
    worker.when = {0: film.replace}
    film.works(worker)
    assert film.states["preview"] == "waiting"
    assert not film.foreman.previews.exists()
    assert film.library.details(film.id).item.facts == FACTS


def test_what_failed_for_the_old_content_is_tried_with_the_new(film: Film) -> None:
    """A download that paused breaks off; whole, it is another file."""
    assert film.library.lease_jobs() is not None
    film.library.fail_analysis(film.id, "speech", Sentence("error.media.damaged", {"name": "x"}), is_final=True)
    film.library.enqueue([JobRow(film.id, "preview", int(Stage.PREVIEW))])
    film.library.cancel_jobs([film.id], ["preview"])
    switched_off = tuple(spec.name for spec in registry.SPECS if spec.name not in ("speech", "preview"))
    settings = Settings(switched_off=switched_off)
    assert plan_jobs(film.library, lambda _task: "any", settings, [film.id])[1] == 0
    film.replace()
    plan_jobs(film.library, lambda _task: "any", settings, [film.id])
    assert film.states == {"speech": "waiting", "preview": "cancelled"}
