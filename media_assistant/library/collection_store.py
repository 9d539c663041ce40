"""Collections and what they hold, with the edits that change them.

An entry is an item at a place; the same item may be at several. Places need not be dense. Removed items keep theirs, so
that they come back to them.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Collection as Container
from collections.abc import Sequence
from typing import Any

from media_assistant.items.collection import Collection
from media_assistant.library.item_store import as_text

Edit = dict[str, Any]
Entries = list[tuple[int, int]]
"""Pairs of item and place."""


def fetch(
    connection: sqlite3.Connection, collection_id: int | None = None, *, is_counted: bool = True
) -> list[Collection]:
    """All of them as they were made, or the one asked; of gathered ones with the number of items that are there, if it
    `is_counted`: that reads all that they hold.
    """
    where, values = ("", ()) if collection_id is None else (" WHERE collections.id = ?", (collection_id,))
    count = (
        "CASE query WHEN '' THEN (SELECT count(*) FROM collection_items JOIN items"
        " ON items.id = item_id AND removed_at = '' WHERE collection_id = collections.id) END"
    )
    rows = connection.execute(
        f"SELECT id, name, query, {count if is_counted else 'NULL'}, created_at FROM collections{where} ORDER BY id",
        values,
    )
    return [Collection(*row) for row in rows]


def members(connection: sqlite3.Connection, collection_id: int) -> array[int]:
    """The items that are there, in the person's order."""
    rows = connection.execute(
        "SELECT item_id FROM collection_items JOIN items ON items.id = item_id AND removed_at = ''"
        " WHERE collection_id = ? ORDER BY place, item_id",
        (collection_id,),
    )
    return array("q", [row[0] for row in rows])


def gathered(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    """(collection, item) of all gathered ones, each pair once, of items that are there."""
    return connection.execute(
        "SELECT DISTINCT collection_id, item_id FROM collection_items"
        " JOIN items ON items.id = item_id AND removed_at = ''"
        " JOIN collections ON collections.id = collection_id AND query = ''"
    ).fetchall()


def entries(connection: sqlite3.Connection, collection_id: int) -> Entries:
    """All of them in order, removed items too."""
    return connection.execute(
        "SELECT item_id, place FROM collection_items WHERE collection_id = ? ORDER BY place, item_id", (collection_id,)
    ).fetchall()


def next_id(connection: sqlite3.Connection) -> int:
    """What the next collection will be called by the journal; never one that was used before."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'collections'").fetchone()
    return (row[0] if row else 0) + 1


def moved(order: Sequence[tuple[int, int]], moving: Container[int], before: int | None) -> tuple[Entries, Entries]:
    """The entries that go and those that come when the ones at these indexes go in front of the one at `before` (None: to
    the end), keeping their own order.

    Only the stretch between where they were and where they go changes.
    """
    moves = [entry for index, entry in enumerate(order) if index in moving]
    end = len(order) if before is None else before
    ahead = [entry for index, entry in enumerate(order[:end]) if index not in moving]
    behind = [entry for index, entry in enumerate(order[end:], end) if index not in moving]
    changed = [
        (old, (new[0], old[1])) for old, new in zip(order, [*ahead, *moves, *behind], strict=True) if old[0] != new[0]
    ]
    return [old for old, _ in changed], [new for _, new in changed]


# Edits, as the journal keeps them


def set_row(collection_id: int, name: str, query: str, created_at: str, places: Sequence[tuple[int, int]] = ()) -> Edit:
    """Make a collection, with members, or change its name or query."""
    row = [as_text(name), as_text(query), created_at]
    return {"do": "collection", "collection": collection_id, "row": row, "places": [list(pair) for pair in places]}


def delete(collection_id: int) -> Edit:
    """Delete it; its items stay."""
    return {"do": "collection", "collection": collection_id, "row": None, "places": []}


def change_entries(collection_id: int, out: Sequence[tuple[int, int]], put: Sequence[tuple[int, int]]) -> Edit:
    """These entries give way to those."""
    return {
        "do": "entries",
        "collection": collection_id,
        "out": [list(entry) for entry in out],
        "in": [list(entry) for entry in put],
    }


def apply_row(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out `set_row` or `delete`; gives the inverse."""
    collection_id, row = edit["collection"], edit["row"]
    before = connection.execute(
        "SELECT name, query, created_at FROM collections WHERE id = ?", (collection_id,)
    ).fetchone()
    kept = entries(connection, collection_id) if row is None else []
    if row is None:
        connection.execute("DELETE FROM collections WHERE id = ?", (collection_id,))
    else:
        connection.execute(
            "INSERT INTO collections (id, name, query, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET name = excluded.name, query = excluded.query",
            (collection_id, *row),
        )
        _put(connection, collection_id, edit["places"])
    if before is None:
        return delete(collection_id)
    name, query, created_at = before
    return set_row(collection_id, name, query, created_at, kept)


def apply_entries(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out `change_entries`; gives the inverse, or the edit itself if nothing was to be done."""
    collection_id = edit["collection"]
    if connection.execute("SELECT 1 FROM collections WHERE id = ?", (collection_id,)).fetchone() is None:
        return edit
    gone = [
        entry
        for entry in edit["out"]
        if connection.execute(
            "DELETE FROM collection_items WHERE collection_id = ? AND item_id = ? AND place = ?",
            (collection_id, *entry),
        ).rowcount
    ]
    come = _put(connection, collection_id, edit["in"])
    return {**edit, "out": come, "in": gone} if gone or come else edit


def apply_places(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """What journals of the second version hold: each item at most once, at a place or (at None) nowhere."""
    collection_id = edit["collection"]
    known = dict(entries(connection, collection_id))
    connection.executemany(
        "DELETE FROM collection_items WHERE collection_id = ? AND item_id = ?",
        [(collection_id, item_id) for item_id, _ in edit["places"]],
    )
    _put(connection, collection_id, [pair for pair in edit["places"] if pair[1] is not None])
    return {**edit, "places": [[item_id, known.get(item_id)] for item_id, _ in edit["places"]]}


def _put(connection: sqlite3.Connection, collection_id: int, wanted: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Those that were not there before."""
    return [
        entry
        for entry in wanted
        if connection.execute(
            "INSERT OR IGNORE INTO collection_items (collection_id, item_id, place) VALUES (?, ?, ?)",
            (collection_id, *entry),
        ).rowcount
    ]
