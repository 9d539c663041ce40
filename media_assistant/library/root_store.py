"""Folders that were brought in as a whole, and the tree of folders that items lie in."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from media_assistant.items.folder import Folder, Root
from media_assistant.library.item_reading import below, chunked
from media_assistant.library.item_store import as_text

Edit = dict[str, Any]

_HERE = " FROM locations JOIN items ON items.id = item_id AND removed_at = '' WHERE path >= ? AND path < ?"


def fetch(connection: sqlite3.Connection) -> list[Root]:
    """All roots by their path, with the number of their items."""
    rows = connection.execute("SELECT path, is_watched, added_at FROM roots ORDER BY shown, path").fetchall()
    return [
        Root(path, bool(is_watched), added_at, count(connection, path))
        for stored, is_watched, added_at in rows
        for path in (os.fsdecode(stored),)
    ]


def paths(connection: sqlite3.Connection) -> list[tuple[str, bool]]:
    """Each root's path, and whether it is watched."""
    rows = connection.execute("SELECT path, is_watched FROM roots ORDER BY path")
    return [(os.fsdecode(stored), bool(is_watched)) for stored, is_watched in rows]


def count(connection: sqlite3.Connection, folder: str) -> int:
    """Items in a folder and below it."""
    return int(connection.execute(f"SELECT count(DISTINCT item_id){_HERE}", below(folder)).fetchone()[0])


def item_ids(connection: sqlite3.Connection, folder: str) -> set[int]:
    """Items in a folder and below it."""
    return {row[0] for row in connection.execute(f"SELECT DISTINCT item_id{_HERE}", below(folder))}


def only_below(connection: sqlite3.Connection, folder: str) -> list[int]:
    """Items that lie nowhere else."""
    first, end = below(folder)
    rows = connection.execute(
        f"SELECT DISTINCT item_id{_HERE} AND NOT EXISTS (SELECT 1 FROM locations AS other"
        " WHERE other.item_id = locations.item_id AND other.missing_since = ''"
        " AND (other.path < ? OR other.path >= ?)) ORDER BY item_id",
        (first, end, first, end),
    )
    return [row[0] for row in rows]


def folders(connection: sqlite3.Connection, parent: str) -> list[Folder]:
    """The folders right inside `parent` that hold items, by name. One pass over the paths below it, inside SQLite."""
    first, end = below(parent)
    start = len(first) + 1
    rows = connection.execute(
        "SELECT substr(rest, 1, instr(rest, ?1) - 1) AS child, count(DISTINCT item_id),"
        " max(instr(substr(rest, instr(rest, ?1) + 1), ?1)) > 0"
        " FROM (SELECT substr(path, ?2) AS rest, item_id FROM locations JOIN items ON items.id = item_id"
        " AND removed_at = '' WHERE path >= ?3 AND path < ?4) WHERE instr(rest, ?1) > 0 GROUP BY child",
        (os.fsencode(os.sep), start, first, end),
    )
    found = [
        Folder(os.fsdecode(first + child), as_text(os.fsdecode(child)), items, bool(has_folders))
        for child, items, has_folders in rows
    ]
    return sorted(found, key=lambda folder: folder.name.casefold())


def present_paths(connection: sqlite3.Connection, item_ids: Sequence[int]) -> list[str]:
    """The first known place of each item, of those that are there; about 3 ms for 1,000."""
    found: dict[int, str] = {}
    for part in chunked(item_ids):
        for item_id, stored in connection.execute(
            f"SELECT item_id, path FROM locations WHERE missing_since = '' AND item_id IN ({','.join('?' * len(part))})"
            " ORDER BY id DESC",
            part,
        ):
            found[item_id] = os.fsdecode(stored)
    return [found[item_id] for item_id in item_ids if item_id in found]


def mark_all_missing(connection: sqlite3.Connection, folder: str, at: str) -> list[int]:
    """Nothing under this folder can be reached; gives the items concerned."""
    rows = connection.execute(
        "UPDATE locations SET missing_since = ?3, is_offline = 1 WHERE path >= ?1 AND path < ?2 AND missing_since = ''"
        " RETURNING item_id",
        (*below(folder), at),
    ).fetchall()
    return sorted({row[0] for row in rows})


def has_missing(connection: sqlite3.Connection, folder: str) -> bool:
    """Whether anything under a folder is marked missing."""
    return connection.execute(f"SELECT 1{_HERE} AND missing_since <> '' LIMIT 1", below(folder)).fetchone() is not None


# Edits, as the journal keeps them


def set_root(path: str, row: tuple[bool, str] | None) -> Edit:
    """Look after a folder, watched or not, since when; None: no longer. The path's bytes need not be text."""
    return {"do": "root", "root": quote_from_bytes(os.fsencode(path)), "row": None if row is None else list(row)}


def known(connection: sqlite3.Connection, path: str) -> tuple[bool, str] | None:
    """Whether it is watched, and since when it is known; None if it is no root."""
    row = connection.execute("SELECT is_watched, added_at FROM roots WHERE path = ?", (os.fsencode(path),)).fetchone()
    return None if row is None else (bool(row[0]), str(row[1]))


def apply_root(connection: sqlite3.Connection, edit: Edit) -> Edit:
    """Carry out `set_root`; gives the inverse."""
    path = os.fsdecode(unquote_to_bytes(edit["root"]))
    before = known(connection, path)
    if edit["row"] is None:
        connection.execute("DELETE FROM roots WHERE path = ?", (os.fsencode(path),))
    else:
        is_watched, added_at = edit["row"]
        put(connection, path, added_at, is_watched=is_watched)
    return set_root(path, before)


def put(connection: sqlite3.Connection, path: str, added_at: str, *, is_watched: bool) -> None:
    """Look after this folder."""
    connection.execute(
        "INSERT INTO roots (path, shown, is_watched, added_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET is_watched = excluded.is_watched, added_at = excluded.added_at",
        (os.fsencode(path), as_text(path), int(is_watched), added_at),
    )
