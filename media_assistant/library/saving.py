"""What analysers found: it comes in chunk by chunk, and is read item by item."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.library import belonging, job_store, moment_store
from media_assistant.library.database import Database, now
from media_assistant.library.job_store import Lease
from media_assistant.library.moment_store import Run


class Findings:
    """A part of `Library`. Each write is one transaction."""

    _database: Database

    def save_findings(
        self,
        item_id: int,
        analyser: str,
        version: int,
        model: str,
        revision: str,
        findings: Sequence[Finding],
        checkpoint_ms: int | None = None,
        is_first_chunk: bool = False,
        lease: Lease | None = None,
    ) -> LibraryChanges:
        """A chunk and its checkpoint, together or not at all. The first chunk of a run replaces the run before.

        A `Checkpoint` in it counts as `checkpoint_ms`. Previews, which are files, and chunks for no item are dropped,
        and so are those of a `lease` that has ended.
        """
        with self._database.transaction() as connection:
            if _is_over(connection, item_id, analyser, lease):
                return LibraryChanges()
            known = moment_store.run_of(connection, item_id, analyser)
            if known is None or is_first_chunk:
                run_id = moment_store.begin_run(connection, item_id, analyser, version, model, revision)
            else:
                run_id = known[0]
            found_ms, has_stored = moment_store.insert(connection, item_id, run_id, findings)
            reached_ms = found_ms if checkpoint_ms is None else checkpoint_ms
            if reached_ms is not None:
                connection.execute("UPDATE runs SET checkpoint_ms = ? WHERE id = ?", (reached_ms, run_id))
        return LibraryChanges(moments=(item_id,) if has_stored or known else ())

    def finish_analysis(
        self,
        item_id: int,
        analyser: str,
        version: int | None = None,
        model: str = "",
        revision: str = "",
        took_s: float = 0.0,
        remark: Sentence = NOTHING,
        lease: Lease | None = None,
    ) -> LibraryChanges:
        """All of it is saved; `remark` says what was odd but survived. If no chunk of this run was, it found nothing, and what stood before goes: then `version`
        says which one found nothing. Of a `lease` that has ended nothing is finished.
        """
        with self._database.transaction() as connection:
            if _is_over(connection, item_id, analyser, lease):
                return LibraryChanges()
            known = moment_store.run_of(connection, item_id, analyser)
            run = known[1] if known else None
            is_same = run is not None and not run.is_complete and not run.is_stale
            if not is_same:
                if version is None:
                    version = run.version if run else 0
                moment_store.begin_run(connection, item_id, analyser, version, model, revision)
            connection.execute(
                "UPDATE runs SET is_complete = 1, finished_at = ? WHERE item_id = ? AND analyser = ?",
                (now(), item_id, analyser),
            )
            job_store.finish(connection, item_id, analyser, took_s, remark)
        return LibraryChanges(changed=(item_id,), moments=() if is_same else (item_id,), jobs=True)

    def fail_analysis(
        self,
        item_id: int,
        analyser: str,
        error: Sentence,
        *,
        is_final: bool = False,
        took_s: float = 0.0,
        lease: Lease | None = None,
    ) -> LibraryChanges:
        """It went wrong: it is tried again up to three times in all, unless it `is_final`. Of a `lease` that has ended
        nothing fails. Given up, it takes along what it found in a file that is no longer there: nothing replaces that.
        """
        with self._database.transaction() as connection:
            if lease is not None and not job_store.is_leased(connection, lease, [analyser]):
                return LibraryChanges()
            is_over = job_store.fail(connection, item_id, analyser, error, is_final=is_final, took_s=took_s)
            is_gone = is_over and moment_store.forget_stale(connection, item_id, analyser)
        return LibraryChanges(changed=(item_id,), moments=(item_id,) if is_gone else (), jobs=True)

    def forget_stale(self, runs: Iterable[tuple[int, str]]) -> LibraryChanges:
        """What these (item, analyser) found in files that are no longer there: nobody is going to replace it."""
        with self._database.transaction() as connection:
            ids = [item for item, analyser in runs if moment_store.forget_stale(connection, item, analyser)]
        return LibraryChanges(moments=tuple(dict.fromkeys(ids)))

    def run(self, item_id: int, analyser: str) -> Run | None:
        """What stands of an analyser: where to go on (`checkpoint_ms`, if not complete), and whether it is stale."""
        with self._database.read() as connection:
            found = moment_store.run_of(connection, item_id, analyser)
        return found[1] if found else None

    def runs(self, item_ids: Sequence[int] | None = None) -> list[Run]:
        """The runs of these items (None: of all)."""
        with self._database.read() as connection:
            return list(moment_store.runs_of(connection, item_ids))

    def moments(self, item_id: int, layer: Layer | None = None, analyser: str = "") -> list[Moment]:
        """An item's moments in their order."""
        with self._database.read() as connection:
            return moment_store.of_item(connection, item_id, layer=layer, analyser=analyser)

    def moments_by_id(self, moment_ids: Sequence[int]) -> dict[int, Moment]:
        """Those that are still there."""
        with self._database.read() as connection:
            return moment_store.fetch(connection, moment_ids)


def _is_over(connection: sqlite3.Connection, item_id: int, analyser: str, lease: Lease | None) -> bool:
    """Whether nobody waits for this any more."""
    if lease is not None:
        return not job_store.is_leased(connection, lease, [analyser])
    return belonging.is_removed(connection, item_id)
