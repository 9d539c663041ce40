"""The queue's face: what the engine asks of the rows in `jobs`."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Sequence

from media_assistant.items.advice import Work
from media_assistant.items.answers import Analysis, Failure, QueueEntry
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Finding, Fingerprint, Vector
from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.library import belonging, job_store, moment_store, queue_order, workload
from media_assistant.library.database import Database
from media_assistant.library.job_store import JobCounts, JobRow, Lease

UNREAD = ("error.media.vanished", "error.media.unreadable", "error.media.read_failed", "error.jobs.silent")
"""What is said where a file is not there, or its drive does not give it, or does not answer."""


class JobQueue:
    """A part of `Library`. Each write is one transaction."""

    _database: Database
    _units: dict[tuple[int, str], float]
    _units_until_s: float = 0.0

    def enqueue(self, jobs: Sequence[JobRow], *, redo: bool = False) -> LibraryChanges:
        """Let these wait; what ended before starts afresh, what waits or runs stays as it is. With `redo` all of an
        analysis is done again where only its vectors were lacking.
        """
        with self._database.transaction() as connection:
            if redo:
                moment_store.forget_gaps(connection, [(job.item_id, job.analyser) for job in jobs])
            count = job_store.enqueue(connection, jobs)
        return LibraryChanges(changed=tuple(dict.fromkeys(job.item_id for job in jobs)) if count else (), jobs=True)

    def lease_jobs(
        self, *, stages: Collection[int] = (), without: Collection[str] = (), in_sight: Sequence[int] = ()
    ) -> Lease | None:
        """The next item's waiting analyses of one stage, running from now on; None if nothing may run or all is paused.

        Items `in_sight` go before the others of their stage.
        """
        with self._database.transaction() as connection:
            if _is_paused(connection):
                return None
            return job_store.lease(connection, stages=stages, without=without, in_sight=in_sight)

    def checkpoint(self, item_id: int, analyser: str, position_ms: int) -> LibraryChanges:
        """Everything before is saved, and nothing was found since the last checkpoint."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE runs SET checkpoint_ms = ? WHERE item_id = ? AND analyser = ? AND is_complete = 0",
                (position_ms, item_id, analyser),
            )
        return LibraryChanges()

    def is_leased(self, lease: Lease, analysers: Collection[str]) -> bool:
        """Whether any of these is still this lease's to do: they were not cancelled, and the item was neither removed nor
        given another file.
        """
        with self._database.read() as connection:
            return job_store.is_leased(connection, lease, analysers)

    def save_vectors(
        self, item_id: int, analyser: str, findings: Sequence[Finding], took_s: float = 0.0, lease: Lease | None = None
    ) -> LibraryChanges:
        """Vectors and fingerprints that a run of this analyser lacks (`Run.lacks_vectors`); with that its job is done.
        What else it found stays as it is, and other findings are passed over. Of a `lease` that has ended none are kept.
        """
        vectors = [each for each in findings if isinstance(each, Vector | Fingerprint)]
        with self._database.transaction() as connection:
            if belonging.is_removed(connection, item_id):
                return LibraryChanges()
            if lease is not None and not job_store.is_leased(connection, lease, [analyser]):
                return LibraryChanges()
            moment_store.put_vectors(connection, item_id, analyser, vectors)
            job_store.finish(connection, item_id, analyser, took_s, NOTHING)
        return LibraryChanges(changed=(item_id,), moments=(item_id,), jobs=True)

    def withdraw_job(self, item_id: int, analyser: str) -> LibraryChanges:
        """Out of the queue as if it had never been asked for: it cannot be done here yet, and nothing went wrong. What it
        found in a file that is no longer there goes.
        """
        with self._database.transaction() as connection:
            job_store.withdraw(connection, item_id, analyser)
            is_gone = moment_store.forget_stale(connection, item_id, analyser)
        return LibraryChanges(changed=(item_id,), moments=(item_id,) if is_gone else (), jobs=True)

    def release_jobs(self, item_id: int, analysers: Sequence[str] = (), lease: Lease | None = None) -> LibraryChanges:
        """Stopped on purpose: wait again, and the attempt does not count. With a `lease` only what is still its own."""
        with self._database.transaction() as connection:
            ids = job_store.release(connection, item_id, analysers, lease)
        return LibraryChanges(changed=tuple(ids), jobs=True)

    def requeue_running(self) -> LibraryChanges:
        """At the start: what ran when the program ended waits again, and nothing for items that were taken out."""
        with self._database.transaction() as connection:
            job_store.leave_removed(connection)
            ids = job_store.release(connection)
        return LibraryChanges(changed=tuple(ids), jobs=bool(ids))

    def cancel_jobs(self, item_ids: Sequence[int] | None = None, analysers: Sequence[str] = ()) -> LibraryChanges:
        """Out of the queue (None: all items; no analysers: all of them); what was found stays."""
        return self._change_jobs(item_ids, ("waiting", "running"), "cancelled", analysers)

    def retry_jobs(
        self, item_ids: Sequence[int] | None = None, analysers: Sequence[str] = (), *, only_failed: bool = False
    ) -> LibraryChanges:
        """Failed and, unless `only_failed`, cancelled ones wait again, with three new attempts."""
        before = ("failed",) if only_failed else ("failed", "cancelled")
        return self._change_jobs(item_ids, before, "waiting", analysers)

    def retry_unread(self, item_ids: Sequence[int]) -> LibraryChanges:
        """Their files are there again: what failed because they were not waits again, with three new attempts. What was
        cancelled, and what the files themselves are at fault for, stays.
        """
        return self._change_jobs(item_ids, ("failed",), "waiting", errors=UNREAD)

    def _change_jobs(
        self,
        item_ids: Sequence[int] | None,
        before: Sequence[str],
        after: str,
        analysers: Sequence[str] = (),
        errors: Sequence[str] = (),
    ) -> LibraryChanges:
        with self._database.transaction() as connection:
            ids = job_store.change_state(connection, item_ids, before, after, analysers, errors)
        return LibraryChanges(changed=tuple(ids), jobs=bool(ids))

    def put_first(self, item_ids: Sequence[int]) -> LibraryChanges:
        """Before everything else."""
        with self._database.transaction() as connection:
            ids = job_store.put_first(connection, item_ids)
        return LibraryChanges(jobs=bool(ids))

    def hold_jobs(self, item_id: int, stage: int, *, is_held: bool) -> LibraryChanges:
        """Nobody takes them until a person lets them go again; kept across restarts."""
        with self._database.transaction() as connection:
            queue_order.hold(connection, item_id, stage, is_held=is_held)
        return LibraryChanges(changed=(item_id,), jobs=True)

    def move_jobs(self, item_id: int, stage: int, before: tuple[int, int] | None) -> LibraryChanges:
        """Do this stage of an item just before that of another one (item and stage); None: after everything else."""
        with self._database.transaction() as connection:
            queue_order.move(connection, (item_id, stage), before)
        return LibraryChanges(jobs=True)

    def queue_entries(self, limit: int = 200) -> list[QueueEntry]:
        """What is in work, what comes next, and what is held back: as it will be taken, at most `limit` of each."""
        with self._database.read() as connection:
            return queue_order.entries(connection, limit)

    def failures(self, limit: int = 200) -> list[Failure]:
        """What went wrong and was given up, the latest first."""
        with self._database.read() as connection:
            return queue_order.failures(connection, limit)

    def set_paused(self, is_paused: bool) -> LibraryChanges:
        """Kept across restarts: nothing is leased while paused. Also in a library opened for reading, while another program
        works the queue: that one reads the switch before each piece of work.
        """
        database = self._database
        with database.beside() if database.is_read_only else database.transaction() as connection:
            connection.execute(
                "INSERT INTO switches VALUES ('paused', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                ("1" if is_paused else "",),
            )
        return LibraryChanges(jobs=True)

    def is_paused(self) -> bool:
        """Whether the queue rests."""
        with self._database.read() as connection:
            return _is_paused(connection)

    def job_counts(self, states: Collection[str] = job_store.STATES) -> JobCounts:
        """Rows by state, of these states alone; what is done is long to count in a large library."""
        with self._database.read() as connection:
            return job_store.counts(connection, states)

    def runs_and_waits(self) -> tuple[bool, bool]:
        """Whether anything runs, and whether anything waits that is not held back."""
        with self._database.read() as connection:
            return job_store.runs_and_waits(connection)

    def given_up(self, item_ids: Sequence[int]) -> list[tuple[int, str, Sentence]]:
        """(item, analyser, why) of what failed or was cancelled for these items."""
        with self._database.read() as connection:
            return job_store.given_up(connection, item_ids)

    def recent_costs(self) -> dict[tuple[int, str], tuple[float, float]]:
        """Seconds of work and of media of what was done lately, by stage and kind."""
        with self._database.read() as connection:
            return job_store.recent_costs(connection)

    def waiting_units(self) -> dict[tuple[int, str], float]:
        """Seconds of media still to be worked on, by stage and kind; what has no length counts as one. For a guess at the
        time left: in a long queue it may be some seconds old.
        """
        now_s = time.monotonic()
        if now_s >= self._units_until_s:
            with self._database.read() as connection:
                self._units = job_store.units(connection)
            # Counting a long queue takes a while: at most a fiftieth of the time.
            self._units_until_s = now_s + 50 * (time.monotonic() - now_s)
        return self._units

    def work(self) -> list[Work]:
        """What each item would cost a model, and which ones have had their turn. Reads much: not for the window's thread."""
        with self._database.read() as connection:
            return workload.list_work(connection)

    def jobs(self, states: Sequence[str] = (), limit: int = 1000) -> list[Analysis]:
        """Rows in the order of work."""
        with self._database.read() as connection:
            return job_store.analyses(connection, states=states, limit=limit)


def _is_paused(connection: sqlite3.Connection) -> bool:
    row = connection.execute("SELECT value FROM switches WHERE name = 'paused'").fetchone()
    return row is not None and bool(row[0])
