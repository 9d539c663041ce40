"""Items that leave the library and come back to it, as the journal keeps it. Everything of theirs is kept aside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from media_assistant.library import item_store, moment_store
from media_assistant.library.database import now

Edit = dict[str, Any]

KEEPERS = ("remove", "take_out")
"""Edits that set aside what may have moved on since they were first made: their inverse is written anew."""

_JOB = "analyser, stage, rank, state, attempts, error, took_s"


def remove(item_id: int, at: str) -> Edit:
    """Out of the library, with everything kept aside."""
    return {"do": "remove", "item": item_id, "at": at}


def bring_in(item_ids: Sequence[int], at: str) -> Edit:
    """Into the library, all of them at once."""
    return {"do": "bring_in", "items": list(item_ids), "at": at, "jobs": []}


def take_out(item_ids: Sequence[int], at: str) -> Edit:
    """The inverse: as `remove` of each."""
    return {"do": "take_out", "items": list(item_ids), "at": at}


def is_removed(connection: sqlite3.Connection, item_id: int) -> bool:
    """Whether it was taken out of the library, or was never in it."""
    row = connection.execute("SELECT removed_at <> '' FROM items WHERE id = ?", (item_id,)).fetchone()
    return row is None or bool(row[0])


def apply_remove(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `remove`; gives the inverse, or the edit itself if nothing was to be done."""
    item_id = edit["item"]
    if is_removed(connection, item_id):
        return edit
    return {"do": "restore", "item": item_id, "at": edit["at"], "jobs": _set_aside(connection, item_id, edit["at"])}


def apply_restore(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out what a `remove` gave; gives the inverse."""
    item_id = edit["item"]
    if not is_removed(connection, item_id):
        return edit
    _put_back(connection, item_id, edit["jobs"])
    return remove(item_id, edit["at"])


def apply_take_out(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `take_out`; gives the inverse."""
    gone = [item_id for item_id in edit["items"] if not is_removed(connection, item_id)]
    jobs = [[item_id, *job] for item_id in gone for job in _set_aside(connection, item_id, edit["at"])]
    return {"do": "bring_in", "items": gone, "at": edit["at"], "jobs": jobs} if gone else edit


def apply_bring_in(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out a `bring_in`; gives the inverse. Items that are no longer known at all are passed over."""
    back = [item_id for item_id in edit["items"] if _is_known(connection, item_id) and is_removed(connection, item_id)]
    jobs: dict[int, list[Any]] = {}
    for item_id, *job in edit["jobs"]:
        jobs.setdefault(item_id, []).append(job)
    for item_id in back:
        _put_back(connection, item_id, jobs.get(item_id, ()))
    return take_out(back, edit["at"]) if back else edit


def _set_aside(connection: sqlite3.Connection, item_id: int, at: str) -> list[Any]:
    """Out of the library; gives the rows of its queue."""
    connection.execute("UPDATE items SET removed_at = ? WHERE id = ?", (at, item_id))
    moment_store.set_aside(connection, item_id)
    # The queue is about what is in the library; what was to be done comes back with the item.
    jobs = connection.execute(f"SELECT {_JOB} FROM jobs WHERE item_id = ? ORDER BY id", (item_id,)).fetchall()
    connection.execute("DELETE FROM jobs WHERE item_id = ?", (item_id,))
    return jobs


def _put_back(connection: sqlite3.Connection, item_id: int, jobs: Sequence[Any]) -> None:
    connection.execute("UPDATE items SET removed_at = '' WHERE id = ?", (item_id,))
    moment_store.bring_back(connection, item_id)
    item_store.index_words(connection, item_id)
    connection.executemany(
        f"INSERT OR IGNORE INTO jobs (item_id, {_JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (item_id, analyser, stage, rank, "waiting" if state == "running" else state, attempts, error, took_s)
            for analyser, stage, rank, state, attempts, error, took_s in jobs
        ],
    )


def revive(connection: sqlite3.Connection, item_id: int, *, is_noted: bool) -> Edit:
    """A removed item's file was brought in again: it comes back. Gives the edit that did it.

    Unless that `is_noted` in the journal, the removal can no longer be undone.
    """
    row = connection.execute(
        "SELECT id, inverse FROM journal WHERE state = 'done' AND json_extract(edit, '$.do') = 'remove'"
        " AND json_extract(edit, '$.item') = ? ORDER BY id DESC LIMIT 1",
        (item_id,),
    ).fetchone()
    edit = json.loads(row[1]) if row else {"do": "restore", "item": item_id, "at": now(), "jobs": []}
    apply_restore(connection, edit)
    if row and not is_noted:
        connection.execute("UPDATE journal SET state = 'dropped' WHERE id = ?", (row[0],))
    return edit


def _is_known(connection: sqlite3.Connection, item_id: int) -> bool:
    return connection.execute("SELECT 1 FROM items WHERE id = ?", (item_id,)).fetchone() is not None
