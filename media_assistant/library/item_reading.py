"""Reading items. Imports next to nothing, for the window's first picture waits for it."""

from __future__ import annotations

import json
import os
import sqlite3
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from media_assistant.items.item import Facts, Item, ItemState, facts_from_plain
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import NOTHING, Sentence, sentence_from_json

Answer = TypeVar("Answer")

CHUNK = 500
"""Ids in one statement: under SQLite's oldest limit on variables."""


SORTS = {
    "added": "added_at",
    "name": "sort_name",
    "captured": "captured_at",
    "duration": "duration_ms",
    "size": "size_bytes",
}
"""Columns that have an index in order."""


def fetch(connection: sqlite3.Connection, item_ids: Sequence[int]) -> list[Item]:
    """The items in the order asked; ids that are not (or no longer) in the library are passed over."""
    found: dict[int, Item] = {}
    for part in chunked(item_ids):
        marks = ",".join("?" * len(part))
        places: dict[int, list[tuple[str, bool, bool]]] = {}
        for item_id, path, missing, offline in connection.execute(
            f"SELECT item_id, path, missing_since <> '', is_offline FROM locations WHERE item_id IN ({marks})"
            " ORDER BY missing_since <> '', is_offline DESC, id",
            part,
        ):
            places.setdefault(item_id, []).append((os.fsdecode(path), bool(missing), bool(offline)))
        jobs: dict[int, list[tuple[str, str]]] = {}
        for item_id, state, error in connection.execute(
            f"SELECT item_id, state, error FROM jobs WHERE item_id IN ({marks}) ORDER BY id", part
        ):
            jobs.setdefault(item_id, []).append((state, error))
        for item_id, kind, title, size_bytes, added_at, facts in connection.execute(
            f"SELECT id, kind, title, size_bytes, added_at, facts FROM items WHERE id IN ({marks}) AND removed_at = ''",
            part,
        ):
            here = places.get(item_id, [])
            state, error = _state(jobs.get(item_id, []))
            found[item_id] = Item(
                item_id,
                Kind(kind),
                here[0][0] if here else "",
                title,
                size_bytes,
                added_at,
                facts_from_json(facts),
                state,
                not here or here[0][1],
                bool(here and here[0][1] and here[0][2]),
                tuple(path for path, missing, _ in here[1:] if not missing),
                error,
            )
    return [found[item_id] for item_id in item_ids if item_id in found]


def _state(jobs: list[tuple[str, str]]) -> tuple[ItemState, Sentence]:
    states = {state for state, _ in jobs}
    # What is done may carry a remark; a failure says more.
    errors = [error for state, error in jobs if error and state == "done"]
    errors += [error for state, error in jobs if error and state == "failed"]
    error = sentence_from_json(errors[-1]) if errors else NOTHING
    if "running" in states:
        return ItemState.IN_WORK, error
    if not states or states == {"waiting"}:
        return ItemState.NEW, error
    if "waiting" in states:
        return ItemState.WAITING, error
    return (ItemState.FAILED if "failed" in states else ItemState.READY), error


def list_ids(
    connection: sqlite3.Connection,
    *,
    kind: Kind | None = None,
    sort: str = "added",
    descending: bool = False,
    tags: Collection[str] | None = None,
    collection: int | None = None,
    folder: str | None = None,
    limit: int = -1,
) -> array[int]:
    """All ids in order; about 15 ms for 100,000. `limit` keeps the first of them. Raises KeyError for an unknown `sort`."""
    column, way = SORTS[sort], "DESC" if descending else "ASC"
    where, values = narrowed(kind=kind, tags=tags, collection=collection, folder=folder)
    rows = connection.execute(
        f"SELECT id FROM items WHERE {where} ORDER BY {column} {way}, id {way} LIMIT ?", (*values, limit)
    )
    return array("q", [row[0] for row in rows])


def narrowed(
    *,
    kind: Kind | None = None,
    tags: Collection[str] | None = None,
    collection: int | None = None,
    folder: str | None = None,
) -> tuple[str, list[str | int | bytes]]:
    """The condition for live items of a kind, with one of these tags, of a collection, under a folder; and its parameters."""
    where: list[str] = ["removed_at = ''"]
    values: list[str | int | bytes] = []
    if kind is not None:
        # The plus keeps SQLite on the index that is in order already.
        where.append("+kind = ?")
        values.append(kind.value)
    if tags is not None:
        # Not by the view `tags`: its indexes are out of reach of a list.
        where.append(
            "id IN (SELECT item_id FROM suggested_tags AS suggested WHERE concept_id IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM decisions AS decided WHERE decided.item_id = suggested.item_id"
            " AND decided.concept_id = suggested.concept_id AND decided.span_kind = 0) UNION SELECT item_id FROM decisions"
            " WHERE concept_id IN (SELECT value FROM json_each(?)) AND state = 'accepted' AND span_kind = 0)"
        )
        values += [json.dumps(list(tags))] * 2
    if collection is not None:
        where.append("id IN (SELECT item_id FROM collection_items WHERE collection_id = ?)")
        values.append(collection)
    if folder is not None:
        where.append("id IN (SELECT item_id FROM locations WHERE path >= ? AND path < ?)")
        values += below(folder)
    return " AND ".join(where), values


def below(folder: str) -> tuple[bytes, bytes]:
    """The paths under a folder are those from the first to before the second, as the index on paths has them."""
    inside = os.fsencode(folder.rstrip(os.sep) + os.sep)
    return inside, inside[:-1] + bytes([inside[-1] + 1])


def count_kinds(connection: sqlite3.Connection) -> dict[Kind, int]:
    """Items of each kind; kinds without any are there with 0."""
    counts = dict.fromkeys(Kind, 0)
    for kind, count in connection.execute("SELECT kind, count(*) FROM items WHERE removed_at = '' GROUP BY kind"):
        counts[Kind(kind)] = count
    return counts


def facts_from_json(text: str) -> Facts:
    """The inverse."""
    return facts_from_plain(json.loads(text))


def chunked(ids: Iterable[int]) -> Iterable[list[int]]:
    """In lists short enough for one statement."""
    every = list(ids)
    return (every[start : start + CHUNK] for start in range(0, len(every), CHUNK))


def like_pattern(words: str) -> str:
    """Whatever holds these words as they stand, for LIKE with ESCAPE '!'."""
    for letter in "!%_":
        words = words.replace(letter, "!" + letter)
    return f"%{words}%"


class FirstPage:
    """The first items of a library that is not open yet, for the window's first picture. Never raises: whatever is
    wrong with the file, an empty page is a picture too, and whoever opens the library says it.
    """

    def __init__(self, file: Path, limit: int = 256, *, sort: str = "added", descending: bool = True) -> None:
        """In the order of a column of SORTS; there are none of any other."""
        self._file = file
        nothing: array[int] = array("q")
        self.ids = self._ask(
            lambda connection: list_ids(connection, sort=sort, descending=descending, limit=limit), nothing
        )

    def read(self, item_ids: Sequence[int]) -> list[Item]:
        """These items."""
        return self._ask(lambda connection: fetch(connection, item_ids), [])

    def _ask(self, question: Callable[[sqlite3.Connection], Answer], otherwise: Answer) -> Answer:
        if not self._file.is_file():
            return otherwise
        name = str(self._file.absolute())
        for letter, code in (("%", "%25"), ("?", "%3f"), ("#", "%23")):
            name = name.replace(letter, code)
        try:
            # As `Database` opens it for reading, but without its patience.
            with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True, timeout=0.02)) as connection:
                return question(connection)
        except (sqlite3.Error, OSError, ValueError, LookupError):
            return otherwise


def living(connection: sqlite3.Connection, item_ids: Iterable[int]) -> list[int]:
    """Those that are in the library, each once, in the order asked."""
    wanted = list(dict.fromkeys(int(item_id) for item_id in item_ids))
    # As one row: for each row of its own Python's lock is asked for, which others hold.
    (known,) = connection.execute(
        "SELECT group_concat(id) FROM items WHERE removed_at = '' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted),),
    ).fetchone()
    here = set(map(int, known.split(","))) if known else set()
    return [item_id for item_id in wanted if item_id in here]
