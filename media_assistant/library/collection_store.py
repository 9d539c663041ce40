"""Collections and what they hold, with the edits that change them.

The order of a collection is its `place` column; places need not be dense. Removed items keep their place, so that they
come back to it.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from media_assistant.items.collection import Collection
from media_assistant.library.item_store import as_text

Edit = dict[str, Any]
Places = list[tuple[int, int | None]]
"""Pairs of item and place; None for no member."""


def fetch(connection: sqlite3.Connection, collection_id: int | None = None) -> list[Collection]:
    """All of them as they were made, or the one asked; of gathered ones with the number of items that are there."""
    where, values = ("", ()) if collection_id is None else (" WHERE collections.id = ?", (collection_id,))
    rows = connection.execute(
        "SELECT id, name, query, CASE query WHEN '' THEN (SELECT count(*) FROM collection_items JOIN items"
        " ON items.id = item_id AND removed_at = '' WHERE collection_id = collections.id) END, created_at"
        f" FROM collections{where} ORDER BY id",
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


def places(connection: sqlite3.Connection, collection_id: int) -> list[tuple[int, int]]:
    """Every member with its place, in order, removed items too."""
    return connection.execute(
        "SELECT item_id, place FROM collection_items WHERE collection_id = ? ORDER BY place, item_id", (collection_id,)
    ).fetchall()


def next_id(connection: sqlite3.Connection) -> int:
    """What the next collection will be called by the journal; never one that was used before."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'collections'").fetchone()
    return (row[0] if row else 0) + 1


def moved(order: Sequence[tuple[int, int]], item_ids: Iterable[int], before: int | None) -> Places:
    """The places that change when these members go in front of `before` (None: to the end), keeping their own order.

    Only the stretch between where they were and where they go changes.
    """
    wanted = set(item_ids) - {before}
    moving = [item_id for item_id, _ in order if item_id in wanted]
    rest = [item_id for item_id, _ in order if item_id not in wanted]
    at = rest.index(before) if before in rest else len(rest)
    old = dict(order)
    new = zip([*rest[:at], *moving, *rest[at:]], old.values(), strict=True)
    return [(item_id, place) for item_id, place in new if old[item_id] != place]


# Edits, as the journal keeps them


def set_row(collection_id: int, name: str, query: str, created_at: str, places: Sequence[tuple[int, int]] = ()) -> Edit:
    """Make a collection, with members, or change its name or query."""
    row = [as_text(name), as_text(query), created_at]
    return {"do": "collection", "collection": collection_id, "row": row, "places": [list(pair) for pair in places]}


def delete(collection_id: int) -> Edit:
    """Delete it; its items stay."""
    return {"do": "collection", "collection": collection_id, "row": None, "places": []}


def set_places(collection_id: int, places: Places) -> Edit:
    """Put items into a collection, elsewhere in it, or (at None) out of it."""
    return {"do": "places", "collection": collection_id, "places": [list(pair) for pair in places]}


def apply_row(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out `set_row` or `delete`; gives the inverse."""
    collection_id, row = edit["collection"], edit["row"]
    before = connection.execute(
        "SELECT name, query, created_at FROM collections WHERE id = ?", (collection_id,)
    ).fetchone()
    kept = places(connection, collection_id) if row is None else []
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


def apply_places(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out `set_places`; gives the inverse."""
    collection_id = edit["collection"]
    known = dict(places(connection, collection_id))
    _put(connection, collection_id, edit["places"])
    return set_places(collection_id, [(item_id, known.get(item_id)) for item_id, _ in edit["places"]])


def _put(connection: sqlite3.Connection, collection_id: int, wanted: Sequence[Sequence[int | None]]) -> None:
    connection.executemany(
        "DELETE FROM collection_items WHERE collection_id = ? AND item_id = ?",
        [(collection_id, item_id) for item_id, place in wanted if place is None],
    )
    connection.executemany(
        "INSERT INTO collection_items (collection_id, item_id, place) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET place = excluded.place",
        [(collection_id, item_id, place) for item_id, place in wanted if place is not None],
    )
