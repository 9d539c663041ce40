"""The queue as a person sees it: what comes next, in their own order if they made one, and what went wrong.

An entry is what a worker takes at a time, one stage of one item with all its waiting rows.
"""

from __future__ import annotations

import sqlite3

from media_assistant.items.answers import Failure, QueueEntry
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import sentence_from_json
from media_assistant.library.job_store import BY_STATE, HAND, HELD, HOLDING, LAST, NATURAL

Place = tuple[int, int]
"""An item and a stage."""

_ROWS_AN_ENTRY = 10
"""At least as many as there are analysers of one stage."""


def hold(connection: sqlite3.Connection, item_id: int, stage: int, *, is_held: bool) -> None:
    """Hold an entry back, or let it go to where it was in the order."""
    by, now = (HOLDING, "<") if is_held else (-HOLDING, ">=")
    connection.execute(
        f"UPDATE jobs SET rank = rank + ? WHERE item_id = ? AND stage = ? AND +state IN ('waiting', 'running')"
        f" AND +rank {now} ?",
        (by, item_id, stage, HELD),
    )


def move(connection: sqlite3.Connection, moved: Place, before: Place | None) -> None:
    """Put a waiting entry just before another one; None: behind everything. No-op when one of the two does not wait."""
    mine = _waiting(connection, moved)
    if not mine or moved == before:
        return
    if before is None:
        (last,) = connection.execute(
            "SELECT max(rank) FROM jobs WHERE state = 'waiting' AND rank < ?", (HELD,)
        ).fetchone()
        _number(connection, [row[1] for row in mine], max(LAST, last + 1))
        return
    target = _waiting(connection, before)
    if not target:
        return
    # What is ahead of the new place becomes an order made by hand, and what was one already stays one.
    own = {row[1] for row in mine}
    kept = [
        row
        for row in connection.execute(
            "SELECT rank, id FROM jobs WHERE state = 'waiting' AND rank <= ? ORDER BY rank, id",
            (max(target[0][0], NATURAL - 1),),
        )
        if row[1] not in own and (row < target[0] or row[0] < NATURAL)
    ]
    place = sum(row < target[0] for row in kept)
    _number(connection, [row[1] for row in (*kept[:place], *mine, *kept[place:])], HAND)


def _waiting(connection: sqlite3.Connection, place: Place) -> list[tuple[int, int]]:
    """Rank and id of the rows of an entry, in order; those that are held back are not among them."""
    return sorted(
        connection.execute(
            "SELECT rank, id FROM jobs WHERE item_id = ? AND stage = ? AND +state = 'waiting' AND +rank < ?",
            (*place, HELD),
        ).fetchall()
    )


def _number(connection: sqlite3.Connection, rows: list[int], start: int) -> None:
    connection.executemany(
        "UPDATE jobs SET rank = ? WHERE id = ?", [(start + place, row_id) for place, row_id in enumerate(rows)]
    )


def entries(connection: sqlite3.Connection, limit: int) -> list[QueueEntry]:
    """In work, next, held back; at most `limit` of each."""
    found: list[QueueEntry] = []
    for state, where in (
        ("running", "state = 'running'"),
        ("waiting", f"state = 'waiting' AND rank < {HELD}"),
        ("paused", f"state = 'waiting' AND rank >= {HELD}"),
    ):
        # The rows first, by their index alone: only those that are shown are looked up.
        rows = connection.execute(
            f"SELECT item_id, stage, analyser, title, kind, ifnull(duration_ms, 0) FROM"
            f" (SELECT * FROM jobs WHERE {where} ORDER BY rank, id LIMIT ?) AS next"
            " JOIN items ON items.id = next.item_id AND removed_at = '' ORDER BY rank, next.id",
            (limit * _ROWS_AN_ENTRY,),
        ).fetchall()
        gathered: dict[Place, list[str]] = {}
        facts: dict[Place, tuple[str, str, int]] = {}
        for item_id, stage, analyser, title, kind, duration_ms in rows:
            gathered.setdefault((item_id, stage), []).append(analyser)
            facts[item_id, stage] = (title, kind, duration_ms)
        for (item_id, stage), analysers in list(gathered.items())[:limit]:
            title, kind, duration_ms = facts[item_id, stage]
            found.append(QueueEntry(item_id, title, Kind(kind), duration_ms, stage, tuple(analysers), state))
    return found


def failures(connection: sqlite3.Connection, limit: int) -> list[Failure]:
    """The latest first."""
    rows = connection.execute(
        "SELECT jobs.item_id, title, ifnull((SELECT shown FROM locations WHERE locations.item_id = items.id"
        " ORDER BY missing_since, locations.id LIMIT 1), ''), jobs.analyser, ifnull(model, ''), error, attempts"
        f" FROM {BY_STATE} JOIN items ON items.id = jobs.item_id AND removed_at = ''"
        " LEFT JOIN runs ON runs.item_id = jobs.item_id AND runs.analyser = jobs.analyser"
        " WHERE state = 'failed' ORDER BY jobs.id DESC LIMIT ?",
        (limit,),
    )
    return [
        Failure(item_id, title, path, analyser, model, sentence_from_json(error), attempts)
        for item_id, title, path, analyser, model, error, attempts in rows
    ]
