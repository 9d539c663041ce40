"""Reads of the table `vectors`. Vectors come as unit vectors; those of another width than their space has are left out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan
from media_assistant.library.item_set import numbers
from media_assistant.library.vectors.scanning import Floats, Ints, unit_rows

_NEXT_SPACE = "SELECT min(space) FROM vectors WHERE space > ?"
_WIDTH = 'SELECT length("values") FROM vectors WHERE space = ? ORDER BY id LIMIT 1'
_NEWER = 'SELECT id, item_id, "values" FROM vectors WHERE space = ? AND id > ? ORDER BY id'
_LAST = "SELECT ifnull(max(id), 0) FROM vectors WHERE space = ? AND id <= ?"
_TIMED = (
    "SELECT v.item_id, v.space, r.analyser FROM vectors v JOIN runs r ON r.id = v.run_id"
    " WHERE v.item_id IN ({marks}) AND v.span_kind = ? GROUP BY v.item_id, v.space, r.analyser HAVING count(*) >= 2"
)
_COLUMNS = 'id, item_id, span_kind, span_a, span_b, span_c, "values"'
_AS_ONE = (
    "SELECT group_concat(id), group_concat(item_id), group_concat(span_kind), group_concat(span_a), group_concat(span_b),"
    " group_concat(span_c), CAST(group_concat(\"values\", '') AS BLOB) FROM vectors"
    " WHERE id IN (SELECT value FROM json_each(?))"
)
_FEW = 32
"""So few rows are read as rows."""
_TIME, _TEXT = 1, 2
_MARKS = 500
"""Parameters of one statement."""
_CHUNK = 2048
"""Rows at a time of a long reading."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Some vectors: of each its id, its item, its span as it is stored, and its unit vector `[d]`."""

    ids: Ints
    items: Ints
    places: Ints
    units: Floats

    def spans(self) -> list[Span]:
        """Where each lies."""
        return [
            TimeSpan(a, b) if kind == _TIME else TextSpan(a, b, c) if kind == _TEXT else WHOLE
            for kind, a, b, c in self.places.tolist()
        ]

    def take(self, rows: Ints) -> Vectors:
        """These of them, in this order."""
        return Vectors(self.ids[rows], self.items[rows], self.places[rows], self.units[rows])


class Newer(NamedTuple):
    """A stretch of a space, in the order of ids, with the last id looked at; `has_others`: some had another width."""

    ids: list[int]
    items: list[int]
    values: Floats
    last_id: int
    has_others: bool


def spaces(connection: sqlite3.Connection) -> dict[str, int]:
    """The spaces that hold vectors, with their widths."""
    found: dict[str, int] = {}
    space = ""
    # From one space to the next along the index: a library has a few spaces and a million vectors.
    while (row := connection.execute(_NEXT_SPACE, (space,)).fetchone()) and row[0] is not None:
        space = row[0]
        found[space] = width(connection, space)
    return found


def width(connection: sqlite3.Connection, space: str) -> int:
    """The width of a space's vectors, which is that of its first; 0 if it has none."""
    row = connection.execute(_WIDTH, (space,)).fetchone()
    return row[0] // 4 if row else 0


def count(connection: sqlite3.Connection, space: str) -> int:
    """How many vectors a space holds."""
    return int(connection.execute("SELECT count(*) FROM vectors WHERE space = ?", (space,)).fetchone()[0])


def last_id(connection: sqlite3.Connection, space: str, until: int) -> int:
    """The highest id in a space that is not above `until`; 0 if there is none."""
    return int(connection.execute(_LAST, (space, until)).fetchone()[0])


def all_ids(connection: sqlite3.Connection, space: str) -> Ints:
    """The ids of all vectors of a space."""
    rows = connection.execute("SELECT id FROM vectors WHERE space = ?", (space,))
    return np.fromiter((row[0] for row in rows), np.int64)


def newer(connection: sqlite3.Connection, space: str, after: int, dimension: int) -> Iterator[Newer]:
    """All vectors with ids above `after`, in their order, some at a time."""
    rows = connection.execute(_NEWER, (space, after))
    while chunk := rows.fetchmany(_CHUNK):
        good = [row for row in chunk if len(row[2]) == 4 * dimension]
        values = np.frombuffer(b"".join(row[2] for row in good), "<f4").reshape(len(good), dimension)
        yield Newer([row[0] for row in good], [row[1] for row in good], values, chunk[-1][0], len(good) < len(chunk))


def fetch(connection: sqlite3.Connection, ids: Ints, dimension: int) -> Vectors:
    """Those of the ids that are there, in the order of their ids."""
    found = _fetch_as_one(connection, ids, dimension) if len(ids) > _FEW else None
    return _fetch_rows(connection, ids, dimension) if found is None else found


def _fetch_as_one(connection: sqlite3.Connection, ids: Ints, dimension: int) -> Vectors | None:
    """As one row: for each row of its own Python's lock is asked for, which a search for words beside this one holds.
    None where the values do not come one behind the other as they are, as when one has another width.
    """
    *columns, values = connection.execute(_AS_ONE, (json.dumps(ids.tolist()),)).fetchone()
    if columns[0] is None:
        return _vectors([], dimension)
    known = np.stack([numbers(column) for column in columns], axis=1)
    if len(values) != 4 * dimension * len(known):
        return None
    order = np.argsort(known[:, 0])
    units = unit_rows(np.frombuffer(values, "<f4").reshape(len(known), dimension)[order])
    known = known[order]
    return Vectors(known[:, 0], known[:, 1], known[:, 2:], units)


def _fetch_rows(connection: sqlite3.Connection, ids: Ints, dimension: int) -> Vectors:
    rows: list[tuple[int, int, int, int, int, int, bytes]] = []
    asked = ids.tolist()
    for start in range(0, len(asked), _MARKS):
        part = asked[start : start + _MARKS]
        # Filled up with one that is asked anyway: of few lengths, the statements are made ready once.
        part += part[-1:] * (-len(part) % 50)
        marks = ",".join("?" * len(part))
        rows += connection.execute(f"SELECT {_COLUMNS} FROM vectors WHERE id IN ({marks})", part).fetchall()
    return _vectors(rows, dimension)


def of_items(connection: sqlite3.Connection, space: str, item_ids: Collection[int]) -> Vectors:
    """All vectors of these items in a space, in the order of their ids."""
    rows: list[tuple[int, int, int, int, int, int, bytes]] = []
    asked = [int(item_id) for item_id in item_ids]
    for start in range(0, len(asked), _MARKS):
        part = asked[start : start + _MARKS]
        marks = ",".join("?" * len(part))
        # The plus keeps SQLite from going through the whole space instead.
        sql = f"SELECT {_COLUMNS} FROM vectors WHERE item_id IN ({marks}) AND +space = ?"
        rows += connection.execute(sql, (*part, space)).fetchall()
    return _vectors(rows, width(connection, space))


def timed_spaces(connection: sqlite3.Connection, item_ids: Collection[int]) -> list[tuple[int, str, str]]:
    """(item, space, analyser) where an analyser gave an item of these at least two vectors with a time."""
    found: list[tuple[int, str, str]] = []
    asked = [int(item_id) for item_id in item_ids]
    for start in range(0, len(asked), _MARKS):
        part = asked[start : start + _MARKS]
        marks = ",".join("?" * len(part))
        sql = _TIMED.format(marks=marks)
        found += connection.execute(sql, (*part, _TIME)).fetchall()
    return found


def _vectors(rows: list[tuple[int, int, int, int, int, int, bytes]], dimension: int) -> Vectors:
    # A row of another width is a fault of whoever wrote it and must not take the whole space down.
    rows = [row for row in rows if len(row[6]) == 4 * dimension]
    rows.sort(key=_id)
    numbers = np.array([row[:6] for row in rows], np.int64).reshape(len(rows), 6)
    values = np.frombuffer(b"".join(row[6] for row in rows), "<f4").reshape(len(rows), dimension)
    return Vectors(numbers[:, 0], numbers[:, 1], numbers[:, 2:], unit_rows(values))


def _id(row: tuple[int, int, int, int, int, int, bytes]) -> int:
    return row[0]
