"""The queue: one row per item and analyser, and the row is the truth.

A row waits, runs, and ends as done, failed or cancelled. `rank` says who is next: what a person wants first, then what a
person put in order by hand, then stage by stage (previews of everything before anything is understood), within a stage
by priority, then by age. A row that a person holds back waits with `HOLDING` added to its rank, and nobody takes it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from media_assistant.items.answers import Analysis
from media_assistant.items.sentence import NOTHING, Sentence, sentence_from_json
from media_assistant.library.item_reading import chunked

MOST_ATTEMPTS = 3

FIRST = 1000
"""The priority of what a person asked for before everything else."""

HAND = -5_000_000
"""Ranks from here on are the order that a person made by hand: after what was asked for first, before all stages."""
NATURAL = -99
"""The least rank of what nobody put anywhere."""
LAST = 100_000_000
"""Ranks from here on come after everything else."""
HELD = 500_000_000
"""Ranks from here on are held back."""
HOLDING = 1_000_000_000
"""What is added to a rank to hold it back: more than `HELD`, for ranks may lie below nought."""

STATES = ("waiting", "running", "done", "failed", "cancelled", "held")
_RANKS_OF = {"waiting": ("waiting", f" AND rank < {HELD}"), "held": ("waiting", f" AND rank >= {HELD}")}

BY_STATE = "jobs INDEXED BY jobs_by_rank"
"""Where only a state is asked for: once nearly all is done, SQLite's figures say that a state is most of the rows, and the few
that are in another one were looked for among all of them.
"""

_STAGE = 10_000
_MOST_IN_SIGHT = 500
_LATELY = 2000
"""Rows."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """Work to do. `priority` 0..99 orders within the stage; `FIRST` goes before all stages."""

    item_id: int
    analyser: str
    stage: int
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """Rows of one item and one stage that are running now. `attempts` counts this one.

    It ends with its `rows`: an item that was removed in between, or whose file holds something else, has others.
    """

    item_id: int
    stage: int
    analysers: tuple[str, ...]
    attempts: dict[str, int]
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Rows of live items by state; what was not asked for is 0."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    held: int = 0
    """Held back by a person; not counted as waiting."""

    @property
    def total(self) -> int:
        """All but the cancelled ones."""
        return self.waiting + self.running + self.done + self.failed + self.held


def rank_of(stage: int, priority: int) -> int:
    """Lowest first."""
    return (stage - FIRST if priority >= FIRST else stage) * _STAGE - min(max(priority, 0), 99)


def enqueue(connection: sqlite3.Connection, jobs: Sequence[JobRow]) -> int:
    """Let them wait. What waits or runs already keeps its place or moves ahead, and what is held back stays so; gives the
    number that newly wait.
    """
    rows = [(job.item_id, job.analyser, job.stage, rank_of(job.stage, job.priority), HELD) for job in jobs]
    connection.executemany(
        "UPDATE jobs SET rank = CASE WHEN rank < ?5 THEN min(rank, ?4) ELSE rank END, stage = ?3"
        " WHERE item_id = ?1 AND analyser = ?2 AND state IN ('waiting', 'running')",
        rows,
    )
    before = connection.total_changes
    connection.executemany(
        # An item that was taken out since somebody looked has nothing to wait for, and would be waited for.
        "INSERT INTO jobs (item_id, analyser, stage, rank) SELECT ?1, ?2, ?3, ?4"
        " WHERE EXISTS (SELECT 1 FROM items WHERE id = ?1 AND removed_at = '')"
        " ON CONFLICT (item_id, analyser) DO UPDATE SET stage = excluded.stage, rank = excluded.rank,"
        " state = 'waiting', attempts = 0, error = '', took_s = 0 WHERE state NOT IN ('waiting', 'running')",
        [row[:4] for row in rows],
    )
    return connection.total_changes - before


def lease(
    connection: sqlite3.Connection,
    *,
    stages: Collection[int] = (),
    without: Collection[str] = (),
    in_sight: Sequence[int] = (),
) -> Lease | None:
    """Take the next item's waiting rows of its first stage; None if nothing waits that may be taken.

    `stages` narrows to some; `without` names analysers that cannot run now. An item in work is not taken twice. Items
    `in_sight` go before the others of the same stage, but not before what a person put in order.
    """
    narrow = ""
    if stages:
        narrow += f" AND stage IN ({','.join(str(int(stage)) for stage in stages)})"
    if without:
        narrow += f" AND analyser NOT IN ({','.join('?' * len(without))})"
    values = tuple(without)

    def find(where: str, more: tuple[int, ...] = ()) -> tuple[int, int, int] | None:
        row: tuple[int, int, int] | None = connection.execute(
            f"SELECT item_id, stage, rank FROM jobs WHERE {where}{narrow}"
            f" AND item_id NOT IN (SELECT item_id FROM {BY_STATE} WHERE state = 'running')"
            " AND EXISTS (SELECT 1 FROM items WHERE items.id = jobs.item_id AND removed_at = '')"
            " ORDER BY rank, id LIMIT 1",
            (*more, *values),
        ).fetchone()
        return row

    # Where these stages have nothing left, not all that waits for later ones is gone through.
    last = max(stages, default=None)
    found = find("state = 'waiting' AND rank " + (f"< {HELD}" if last is None else f"<= {int(last) * _STAGE}"))
    if found is None and last is not None:
        found = find(f"state = 'waiting' AND rank >= {LAST} AND rank < {HELD}")
    if found is None:
        return None
    if in_sight and found[2] >= NATURAL:
        seen = tuple(in_sight[:_MOST_IN_SIGHT])
        # The plus: a few items are looked up by their own index, however long the queue is.
        there = f"stage = ? AND item_id IN ({','.join('?' * len(seen))})"
        found = find(f"+state = 'waiting' AND rank < {HELD} AND {there}", (found[1], *seen)) or found
    rows = connection.execute(
        f"UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE item_id = ? AND stage = ?"
        f" AND +state = 'waiting' AND rank < {HELD}{narrow} RETURNING id, analyser, attempts",
        (*found[:2], *values),
    ).fetchall()
    rows.sort()
    analysers = tuple(row[1] for row in rows)
    return Lease(*found[:2], analysers, {row[1]: row[2] for row in rows}, {row[1]: row[0] for row in rows})


def is_leased(connection: sqlite3.Connection, lease: Lease, analysers: Iterable[str]) -> bool:
    """Whether any of these is still this lease's to do."""
    rows = [lease.rows[name] for name in analysers]
    found = connection.execute(
        f"SELECT 1 FROM jobs WHERE id IN ({','.join('?' * len(rows))}) AND +state = 'running' LIMIT 1", rows
    )
    return found.fetchone() is not None


def start_over(connection: sqlite3.Connection, item_id: int) -> None:
    """The item holds something else: what runs waits again, in other rows, and what failed has failed for the old content."""
    connection.execute("DELETE FROM jobs WHERE item_id = ? AND state = 'failed'", (item_id,))
    connection.execute(
        "INSERT OR REPLACE INTO jobs (item_id, analyser, stage, rank) SELECT item_id, analyser, stage, rank FROM jobs"
        " WHERE item_id = ? AND state = 'running'",
        (item_id,),
    )


def finish(
    connection: sqlite3.Connection, item_id: int, analyser: str, took_s: float, remark: Sentence = NOTHING
) -> None:
    """It is done; `remark` says what was odd but survived, such as a file that breaks off."""
    connection.execute(
        "UPDATE jobs SET state = 'done', error = ?, took_s = ? WHERE item_id = ? AND analyser = ?",
        (remark.to_json(), took_s, item_id, analyser),
    )


def fail(
    connection: sqlite3.Connection, item_id: int, analyser: str, error: Sentence, *, is_final: bool, took_s: float
) -> bool:
    """It went wrong: to be tried again, unless it was the third time or it `is_final`; says whether it is given up. A
    cancelled one stays cancelled.
    """
    row = connection.execute(
        "UPDATE jobs SET state = CASE WHEN ?3 OR attempts >= ?4 THEN 'failed' ELSE 'waiting' END, error = ?5,"
        " took_s = ?6 WHERE item_id = ?1 AND analyser = ?2 AND state = 'running' RETURNING state",
        (item_id, analyser, is_final, MOST_ATTEMPTS, error.to_json(), took_s),
    ).fetchone()
    return row is not None and row[0] == "failed"


def withdraw(connection: sqlite3.Connection, item_id: int, analyser: str) -> None:
    """It never was: nothing failed, and it is asked for again as soon as it can be done."""
    connection.execute(
        "DELETE FROM jobs WHERE item_id = ? AND analyser = ? AND state IN ('waiting', 'running')", (item_id, analyser)
    )


def release(
    connection: sqlite3.Connection,
    item_id: int | None = None,
    analysers: Sequence[str] = (),
    lease: Lease | None = None,
) -> list[int]:
    """Running rows wait again, and the attempt does not count; None: all of them, as at the program's start. With a
    `lease` only its own.
    """
    jobs, where = BY_STATE, "state = 'running'"
    values: list[int | str] = []
    if item_id is not None:
        jobs, where, values = "jobs", f"+{where} AND item_id = ?", [item_id]
    if analysers:
        where += f" AND analyser IN ({','.join('?' * len(analysers))})"
        values += analysers
    if lease is not None:
        where += f" AND id IN ({','.join('?' * len(lease.rows))})"
        values += lease.rows.values()
    rows = connection.execute(
        f"UPDATE {jobs} SET state = 'waiting', attempts = max(0, attempts - 1) WHERE {where} RETURNING item_id", values
    ).fetchall()
    return sorted({row[0] for row in rows})


def leave_removed(connection: sqlite3.Connection) -> None:
    """Nothing waits for items that were taken out."""
    connection.execute(
        # Each that waits is looked up: no index knows the items that were taken out, and there may be very many items.
        f"DELETE FROM {BY_STATE} WHERE state = 'waiting' AND EXISTS"
        " (SELECT 1 FROM items WHERE items.id = jobs.item_id AND removed_at <> '')"
    )


def change_state(
    connection: sqlite3.Connection,
    item_ids: Sequence[int] | None,
    before: Sequence[str],
    after: str,
    analysers: Sequence[str] = (),
    errors: Sequence[str] = (),
) -> list[int]:
    """Rows of these items (None: all), of these analysers or all, from one of the states `before` to `after`; gives the items
    concerned. With `errors`, codes of sentences, only those that went wrong in one of these ways.
    """
    states = ",".join(f"'{state}'" for state in before)
    reset = ", attempts = 0, error = ''" if after == "waiting" else ""
    changed: set[int] = set()
    for part in [None] if item_ids is None else chunked(item_ids):
        # The plus keeps SQLite from going through the whole queue for a few items.
        jobs, column = (BY_STATE, "state") if part is None else ("jobs", "+state")
        where = "" if part is None else f" AND item_id IN ({','.join('?' * len(part))})"
        if analysers:
            where += f" AND analyser IN ({','.join('?' * len(analysers))})"
        if errors:
            where += f" AND json_extract(nullif(error, ''), '$.code') IN ({','.join('?' * len(errors))})"
        if after == "cancelled":
            # Other rows: who had them in work has lost them, also when they are wanted again before it has stopped.
            connection.execute(
                "INSERT OR REPLACE INTO jobs (item_id, analyser, stage, rank, state) SELECT item_id, analyser, stage, rank,"
                f" state FROM {jobs} WHERE {column} = 'running'{where}",
                (*(part or ()), *analysers, *errors),
            )
        rows = connection.execute(
            f"UPDATE {jobs} SET state = ?{reset} WHERE {column} IN ({states}){where} RETURNING item_id",
            (after, *(part or ()), *analysers, *errors),
        )
        changed.update(row[0] for row in rows.fetchall())
    return sorted(changed)


def put_first(connection: sqlite3.Connection, item_ids: Sequence[int]) -> list[int]:
    """Waiting rows of these items go before everything else."""
    changed: set[int] = set()
    for part in chunked(item_ids):
        for job_id, stage, item_id in connection.execute(
            f"SELECT id, stage, item_id FROM jobs WHERE +state = 'waiting' AND item_id IN ({','.join('?' * len(part))})",
            part,
        ).fetchall():
            connection.execute("UPDATE jobs SET rank = ? WHERE id = ?", (rank_of(stage, FIRST), job_id))
            changed.add(item_id)
    return sorted(changed)


def counts(connection: sqlite3.Connection, states: Collection[str] = STATES) -> JobCounts:
    """Of these states, the others with 0. From the index alone, which is walked through row by row: what is done grows for
    ever, and what is left to do is asked for several times a second.
    """
    found: dict[str, int] = {}
    for name in states:
        state, ranks = _RANKS_OF.get(name, (name, ""))
        (found[name],) = connection.execute(f"SELECT count(*) FROM jobs WHERE state = ?{ranks}", (state,)).fetchone()
    return JobCounts(**found)


def runs_and_waits(connection: sqlite3.Connection) -> tuple[bool, bool]:
    """Whether anything runs, and whether anything waits that is not held back; at one and the same moment."""
    runs, waits = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 'running'),"
        f" EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting' AND rank < {HELD})"
    ).fetchone()
    return bool(runs), bool(waits)


def given_up(connection: sqlite3.Connection, item_ids: Sequence[int]) -> list[tuple[int, str, Sentence]]:
    """(item, analyser, why) of what failed or was cancelled for these items."""
    return [
        (item_id, analyser, sentence_from_json(error))
        for part in chunked(item_ids)
        for item_id, analyser, error in connection.execute(
            # The plus: what was given up for others may be very much.
            "SELECT item_id, analyser, error FROM jobs WHERE +state IN ('failed', 'cancelled')"
            f" AND item_id IN ({','.join('?' * len(part))})",
            part,
        )
    ]


def units(connection: sqlite3.Connection) -> dict[tuple[int, str], float]:
    """Seconds of media that wait or run, by stage and kind; what has no length counts as one."""
    rows = connection.execute(
        "SELECT stage, kind, sum(max(1.0, duration_ms / 1000.0)) FROM"
        f" (SELECT DISTINCT item_id, stage FROM {BY_STATE} WHERE state IN ('waiting', 'running') AND rank < {HELD})"
        " JOIN items ON items.id = item_id AND removed_at = '' GROUP BY stage, kind"
    )
    return {(stage, kind): float(sum_s) for stage, kind, sum_s in rows}


def recent_costs(connection: sqlite3.Connection) -> dict[tuple[int, str], tuple[float, float]]:
    """Seconds of work and seconds of media of what was done lately, by stage and kind."""
    rows = connection.execute(
        "SELECT stage, kind, sum(worked_s), sum(max(1.0, duration_ms / 1000.0)) FROM"
        " (SELECT item_id, stage, sum(took_s) AS worked_s FROM jobs WHERE id > (SELECT max(id) FROM jobs) - ?"
        " AND +state = 'done' GROUP BY item_id, stage)"
        " JOIN items ON items.id = item_id WHERE worked_s > 0 GROUP BY stage, kind",
        (_LATELY,),
    )
    return {(stage, kind): (float(worked_s), float(media_s)) for stage, kind, worked_s, media_s in rows}


def analyses(
    connection: sqlite3.Connection,
    *,
    item_id: int | None = None,
    states: Sequence[str] = (),
    limit: int = 1000,
) -> list[Analysis]:
    """Rows with the model that the standing findings come from, in the order of work."""
    where, values = "", []
    if item_id is not None:
        where, values = " AND jobs.item_id = ?", [item_id]
    if states:
        where += f" AND state IN ({','.join('?' * len(states))})"
    rows = connection.execute(
        "SELECT jobs.item_id, jobs.analyser, ifnull(model, ''),"
        f" CASE WHEN state = 'waiting' AND rank >= {HELD} THEN 'paused' ELSE state END, error, took_s, attempts FROM jobs"
        " JOIN items ON items.id = jobs.item_id AND removed_at = ''"
        f" LEFT JOIN runs ON runs.item_id = jobs.item_id AND runs.analyser = jobs.analyser WHERE true{where}"
        " ORDER BY rank, jobs.id LIMIT ?",
        (*values, *states, limit),
    )
    return [
        Analysis(item, analyser, model, state, sentence_from_json(error), took_s, attempts)
        for item, analyser, model, state, error, took_s, attempts in rows
    ]
