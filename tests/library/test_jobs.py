"""The queue: the rows are the truth, and the order of work is the person's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from media_assistant.items.query_tree import Is
from media_assistant.items.sentence import Sentence
from media_assistant.library.job_store import MOST_ATTEMPTS
from media_assistant.library.library import JobRow, Library
from tests.library.making import new_item, open_new, steps_of

FAULT = Sentence("error.media.damaged", {"name": "x"})
WORK = (("preview", 0), ("sights", 1), ("shots", 1), ("speech", 2))


def filled(tmp_path: Path, count: int = 3) -> tuple[Library, list[int]]:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(count)])
    library.enqueue([JobRow(item_id, name, stage) for item_id in ids for name, stage in WORK])
    return library, ids


def order_of_work(library: Library) -> list[tuple[int, int]]:
    done = []
    while lease := library.lease_jobs():
        done.append((lease.item_id, lease.stage))
        for name in lease.analysers:
            library.finish_analysis(lease.item_id, name, 1)
    return done


def test_stage_by_stage_in_the_order_of_arrival(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    assert order_of_work(library) == [(item_id, stage) for stage in range(3) for item_id in ids]
    counts = library.job_counts()
    assert (counts.done, counts.waiting, counts.total) == (12, 0, 12)
    library.close()


def test_what_is_looked_at_begins_each_stage_after_what_was_asked_for(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    done = []
    while lease := library.lease_jobs(in_sight=(third, 999)):
        done.append((lease.item_id, lease.stage))
        for name in lease.analysers:
            library.finish_analysis(lease.item_id, name, 1)
    assert done == [(item_id, stage) for stage in range(3) for item_id in (third, first, second)]
    library.enqueue([JobRow(item_id, "sights", 1) for item_id in (first, second, third)])
    library.put_first([second])
    lease = library.lease_jobs(in_sight=[third])
    assert lease is not None
    assert lease.item_id == second
    lease = library.lease_jobs(in_sight=[third])
    assert lease is not None
    assert lease.item_id == third
    library.close()


def test_nothing_waits_for_an_item_that_was_taken_out_while_its_analyses_were_planned(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    before = library.job_counts().waiting
    library.remove_items([first])
    left = library.job_counts().waiting
    assert left < before
    library.enqueue([JobRow(item_id, "sights", 1) for item_id in (first, second, third)])
    assert library.job_counts().waiting == left, "whoever waits for the queue would wait for ever"
    library.close()


def test_what_was_withdrawn_never_failed(tmp_path: Path) -> None:
    library, (first, _, _) = filled(tmp_path)
    assert library.lease_jobs() is not None
    library.withdraw_job(first, "preview")
    assert all(row.analyser != "preview" for row in library.details(first).analyses)
    assert library.job_counts().failed == 0
    library.enqueue([JobRow(first, "preview", 0, 9)])
    lease = library.lease_jobs()
    assert lease is not None
    assert (lease.item_id, lease.attempts) == (first, {"preview": 1})
    library.close()


def test_what_is_wanted_first_and_what_is_visible(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    library.enqueue([JobRow(second, name, stage, priority=50) for name, stage in WORK])
    library.put_first([third])
    assert order_of_work(library) == [
        *[(third, stage) for stage in range(3)],
        *[(item_id, stage) for stage in range(3) for item_id in (second, first)],
    ]
    library.close()


def test_one_item_is_in_work_once(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, 2)
    taken = [library.lease_jobs(), library.lease_jobs()]
    assert [lease.item_id for lease in taken if lease] == ids
    assert library.lease_jobs() is None
    library.finish_analysis(ids[0], "preview", 1)
    lease = library.lease_jobs(stages=[1, 2], without=["shots"])
    assert lease is not None and (lease.item_id, lease.analysers) == (ids[0], ("sights",))
    library.close()


def test_three_attempts_then_failed(tmp_path: Path) -> None:
    library, (item_id,) = filled(tmp_path, 1)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        lease = library.lease_jobs(stages=[0])
        assert lease is not None and lease.attempts == {"preview": attempt}
        library.fail_analysis(item_id, "preview", FAULT)
    assert library.job_counts().failed == 1
    assert [job.error for job in library.jobs(["failed"])] == [FAULT]
    lease = library.lease_jobs()
    assert lease is not None and lease.stage == 1, "the others go on"
    library.retry_jobs()
    assert library.job_counts().failed == 0
    library.close()


def test_a_stop_is_no_attempt_and_a_restart_puts_back(tmp_path: Path) -> None:
    library, (item_id,) = filled(tmp_path, 1)
    for _ in range(5):
        lease = library.lease_jobs(stages=[0])
        assert lease is not None and lease.attempts == {"preview": 1}
        library.release_jobs(item_id, ["preview"])
    library.lease_jobs()
    library.close()
    again = Library.open(library.file)
    assert again.job_counts().running == 1
    assert again.requeue_running().changed == (item_id,)
    assert again.job_counts().running == 0
    assert not again.requeue_running()
    again.close()


def test_pause_is_kept_across_restarts(tmp_path: Path) -> None:
    library, _ = filled(tmp_path)
    library.set_paused(True)
    assert library.lease_jobs() is None
    library.close()
    again = Library.open(library.file)
    assert again.is_paused() and again.lease_jobs() is None
    again.set_paused(False)
    assert again.lease_jobs() is not None
    again.close()


def test_cancel_and_retry(tmp_path: Path) -> None:
    library, ids = filled(tmp_path)
    library.lease_jobs()
    assert library.cancel_jobs([ids[0]]).changed == (ids[0],)
    library.fail_analysis(ids[0], "preview", FAULT)
    assert library.job_counts().cancelled == 4
    library.cancel_jobs([ids[1]], analysers=["speech"])
    assert library.job_counts().cancelled == 5
    library.cancel_jobs()
    assert library.job_counts().waiting == 0
    library.retry_jobs()
    assert library.job_counts().waiting == 12
    library.close()


def test_asking_twice_is_asking_once(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, 1)
    library.lease_jobs()
    library.enqueue([JobRow(ids[0], "preview", 0), JobRow(ids[0], "sights", 1)])
    assert (library.job_counts().running, library.job_counts().waiting) == (1, 3)
    library.finish_analysis(ids[0], "preview", 1)
    library.enqueue([JobRow(ids[0], "preview", 0)])
    assert (library.job_counts().done, library.job_counts().waiting) == (0, 4)
    assert library.waiting_units() == {(stage, "video"): 61.5 for stage in range(3)}
    library.close()


def test_a_removed_item_is_not_worked_on_and_comes_back_with_its_queue(tmp_path: Path) -> None:
    library, (first, second) = filled(tmp_path, 2)
    library.cancel_jobs([first], analysers=["shots"])
    library.remove_items([first])
    assert library.job_counts().waiting == 4
    assert {item_id for item_id, _ in order_of_work(library)} == {second}
    library.undo()
    assert (library.job_counts().waiting, library.job_counts().cancelled) == (3, 1)
    library.close()


def entries_in(library: Library, state: str) -> list[tuple[int, int]]:
    return [(entry.item_id, entry.stage) for entry in library.queue_entries() if entry.state == state]


def test_an_order_made_by_hand_is_the_order_of_work(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    library.move_jobs(third, 2, (first, 1))
    library.move_jobs(first, 0, (second, 2))
    library.move_jobs(second, 0, None)
    shown = entries_in(library, "waiting")
    assert shown == [
        (third, 0), (third, 2), (first, 1), (second, 1), (third, 1), (first, 2), (first, 0), (second, 2), (second, 0)
    ]  # fmt: skip
    # What a person wants first is first of all, and planning the same again changes nothing.
    library.enqueue([JobRow(first, "preview", 0), JobRow(second, "preview", 0)])
    library.put_first([second])
    expected = [place for place in shown if place[0] == second and place[1] != 0]
    assert order_of_work(library) == [(second, 0), *expected, *(place for place in shown if place[0] != second)]
    library.close()


def test_moving_up_again_and_again_keeps_everything(tmp_path: Path) -> None:
    library, ids = filled(tmp_path, 12)
    for _ in range(40):
        shown = entries_in(library, "waiting")
        library.move_jobs(*shown[-1], shown[3])
        assert entries_in(library, "waiting") == [*shown[:3], shown[-1], *shown[3:-1]]
    library.put_first(ids[:2])
    shown = entries_in(library, "waiting")
    library.move_jobs(*shown[8], shown[1])
    assert entries_in(library, "waiting") == [shown[0], shown[8], *shown[1:8], *shown[9:]]
    library.move_jobs(999, 1, shown[0])
    library.move_jobs(*shown[0], (999, 1))
    library.move_jobs(*shown[0], shown[0])
    assert entries_in(library, "waiting")[0] == shown[0]
    library.close()


def test_what_is_held_back_is_not_taken_and_keeps_its_place(tmp_path: Path) -> None:
    library, (first, second, _) = filled(tmp_path)
    before = entries_in(library, "waiting")
    library.hold_jobs(second, 1, is_held=True)
    library.hold_jobs(second, 1, is_held=True)
    assert entries_in(library, "paused") == [(second, 1)]
    counts = library.job_counts()
    assert (counts.held, counts.waiting, counts.total) == (2, 10, 12)
    assert {row.analyser for row in library.details(second).analyses if row.state == "paused"} == {"sights", "shots"}
    library.enqueue([JobRow(second, "sights", 1, 50)])
    library.move_jobs(first, 2, (second, 1))
    lease = library.lease_jobs()
    assert lease is not None
    library.hold_jobs(first, 0, is_held=True)
    library.release_jobs(first)
    assert entries_in(library, "paused") == [(first, 0), (second, 1)]
    assert order_of_work(library) == [place for place in before if place not in ((first, 0), (second, 1))]
    library.hold_jobs(first, 0, is_held=False)
    library.hold_jobs(second, 1, is_held=False)
    assert order_of_work(library) == [(first, 0), (second, 1)]
    library.close()


def test_previews_what_was_asked_for_first_and_what_was_moved_are_held_back_too(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    library.enqueue([JobRow(first, "preview", 0, 60)])
    library.put_first([second])
    library.move_jobs(third, 1, (third, 0))
    before = entries_in(library, "waiting")
    held = [(first, 0), *((second, stage) for stage in range(3)), (third, 1)]
    for place in held:
        library.hold_jobs(*place, is_held=True)
    assert sorted(entries_in(library, "paused")) == sorted(held)
    counts = library.job_counts()
    assert (counts.held, counts.waiting) == (7, 5)
    assert order_of_work(library) == [place for place in before if place not in held]
    for place in held:
        library.hold_jobs(*place, is_held=False)
    assert order_of_work(library) == [place for place in before if place in held], "each where it was"
    library.close()


def test_failures_are_named_and_tried_again_one_by_one(tmp_path: Path) -> None:
    library, (first, second, third) = filled(tmp_path)
    library.cancel_jobs([third])
    for item_id in (first, second):
        lease = library.lease_jobs()
        assert lease is not None
        library.fail_analysis(item_id, "preview", FAULT, is_final=True)
    failed = library.failures()
    assert [(each.item_id, each.analyser, each.error) for each in failed] == [
        (second, "preview", FAULT),
        (first, "preview", FAULT),
    ]
    assert [each.path for each in failed] == [library.item(item_id).path for item_id in (second, first)]
    library.retry_jobs([first], ["preview"], only_failed=True)
    assert [each.item_id for each in library.failures()] == [second]
    library.retry_jobs(only_failed=True)
    assert not library.failures()
    assert library.job_counts().cancelled == 4
    library.close()


def with_understanding_alone(tmp_path: Path, count: int) -> tuple[Library, list[int]]:
    library = open_new(tmp_path)
    ids, _ = library.add_items([new_item(number) for number in range(count)])
    library.enqueue([JobRow(item_id, "sights", 1) for item_id in ids])
    return library, ids


def test_a_stage_that_has_nothing_left_is_asked_for_without_going_through_the_others(tmp_path: Path) -> None:
    library, ids = with_understanding_alone(tmp_path, 1000)
    assert steps_of(library, lambda: library.lease_jobs(stages=[0]), is_write=True) < 10
    for item_id in ids[:2]:
        library.enqueue([JobRow(item_id, "preview", 0)])
    library.move_jobs(ids[0], 0, None)
    found = [library.lease_jobs(stages=[0]) for _ in range(3)]
    assert [lease and lease.item_id for lease in found] == [ids[1], ids[0], None], "also what was put behind everything"
    library.close()


def test_how_much_is_left_is_not_counted_among_all_that_was_ever_done(tmp_path: Path) -> None:
    library, ids = with_understanding_alone(tmp_path, 1000)
    while lease := library.lease_jobs():
        library.finish_analysis(lease.item_id, "sights", 1)
    assert library.runs_and_waits() == (False, False)
    library.enqueue([JobRow(item_id, "shots", 1) for item_id in ids[:3]])
    library.enqueue([JobRow(ids[3], "speech", 2)])
    library.hold_jobs(ids[3], 2, is_held=True)
    assert library.runs_and_waits() == (False, True)
    library.lease_jobs()
    assert library.runs_and_waits() == (True, True)
    asked = ("waiting", "running", "failed", "held")
    counts = library.job_counts(asked)
    assert (counts.waiting, counts.running, counts.failed, counts.held, counts.done) == (2, 1, 0, 1, 0)
    assert library.job_counts().done == 1000
    assert steps_of(library, lambda: library.job_counts(asked)) < 5
    assert steps_of(library, library.runs_and_waits) < 5
    library.cancel_jobs()
    assert library.runs_and_waits() == (False, False)
    library.close()


def test_a_start_does_not_read_every_item_for_those_that_were_taken_out(tmp_path: Path) -> None:
    library, ids = with_understanding_alone(tmp_path, 1500)
    library.cancel_jobs(ids[2:])
    with library._database.transaction() as connection:
        # As a program before this one left it.
        connection.execute("UPDATE items SET removed_at = '2026-01-02T03:04:05Z' WHERE id = ?", (ids[0],))
    assert steps_of(library, library.requeue_running, is_write=True) < 10
    with closing(sqlite3.connect(library.file)) as connection:
        assert connection.execute("SELECT item_id FROM jobs WHERE state = 'waiting'").fetchall() == [(ids[1],)]
    library.close()


def test_once_nearly_all_is_done_the_few_that_are_not_are_not_looked_for_among_all(tmp_path: Path) -> None:
    library, ids = with_understanding_alone(tmp_path, 1000)
    while lease := library.lease_jobs():
        library.finish_analysis(lease.item_id, "sights", 1)
    with library._database.transaction() as connection:
        # As SQLite does by itself at the end of the program.
        connection.execute("ANALYZE")
    library.close()
    library = Library.open(library.file)
    library.enqueue([JobRow(ids[0], "shots", 1), JobRow(ids[1], "shots", 1)])
    for name in ("lease_jobs", "requeue_running", "lease_jobs", "cancel_jobs", "retry_jobs"):
        assert steps_of(library, getattr(library, name), is_write=True) < 10, name
    lease = library.lease_jobs()
    assert lease is not None
    library.fail_analysis(lease.item_id, "shots", FAULT, is_final=True)
    reads: tuple[Callable[[], object], ...] = (
        library.failures,
        library.queue_entries,
        library.waiting_units,
        library.runs_and_waits,
        lambda: library.job_counts(("waiting", "running", "failed", "held")),
        lambda: library.finding.fitting(Is("failed")),
        lambda: library.finding.fitting(Is("waiting")),
    )
    for number, read in enumerate(reads):
        assert steps_of(library, read) < 10, number
    assert [failure.item_id for failure in library.failures()] == [lease.item_id]
    assert library.finding.fitting(Is("waiting")) == set(ids[:2]) - {lease.item_id}
    library.close()
