"""Items and the places where their files lie: how they are written. `item_reading` reads them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from media_assistant.items.folding import split_name
from media_assistant.items.item import Facts, FileTags, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.sorting import sort_key
from media_assistant.library import text_index
from media_assistant.library.database import now
from media_assistant.library.item_reading import facts_from_json


@dataclass(frozen=True, slots=True)
class NewItem:
    """A file as import found it. `path` may hold bytes that are no text (surrogate escapes)."""

    kind: Kind
    path: str
    title: str
    size_bytes: int
    modified_ns: int
    quick_hash: str
    facts: Facts = field(default_factory=Facts)
    unlike: frozenset[int] = frozenset()
    """Items that were taken out, have this quick hash, and are another content all the same."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place where an item's file lies, or lay when `is_missing`; size and time as they were when last read."""

    item_id: int
    path: str
    size_bytes: int
    modified_ns: int
    quick_hash: str
    is_missing: bool
    is_offline: bool = False


def insert(connection: sqlite3.Connection, new: NewItem, added_at: str) -> int:
    """A new item with its first location."""
    cursor = connection.execute(
        "INSERT INTO items (kind, title, size_bytes, quick_hash, added_at, facts, sort_name, duration_ms, captured_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.kind.value,
            as_text(new.title),
            new.size_bytes,
            new.quick_hash,
            added_at,
            facts_to_json(new.facts),
            as_text(sort_key(new.title)),
            new.facts.duration_ms,
            new.facts.captured.at if new.facts.captured else "",
        ),
    )
    item_id = cursor.lastrowid
    assert item_id is not None
    put_location(connection, item_id, new.path, new.size_bytes, new.modified_ns)
    return item_id


def update_content(connection: sqlite3.Connection, item_id: int, new: NewItem) -> None:
    """The item's file holds something else now."""
    connection.execute(
        "UPDATE items SET kind = ?, title = ?, size_bytes = ?, quick_hash = ?, facts = ?, sort_name = ?,"
        " duration_ms = ?, captured_at = ? WHERE id = ?",
        (
            new.kind.value,
            as_text(new.title),
            new.size_bytes,
            new.quick_hash,
            facts_to_json(new.facts),
            as_text(sort_key(new.title)),
            new.facts.duration_ms,
            new.facts.captured.at if new.facts.captured else "",
            item_id,
        ),
    )
    put_location(connection, item_id, new.path, new.size_bytes, new.modified_ns)


def update_facts(connection: sqlite3.Connection, item_id: int, facts: Facts) -> None:
    """What a probe learned since."""
    connection.execute(
        "UPDATE items SET facts = ?, duration_ms = ?, captured_at = ? WHERE id = ?",
        (facts_to_json(facts), facts.duration_ms, facts.captured.at if facts.captured else "", item_id),
    )


def put_location(connection: sqlite3.Connection, item_id: int, path: str, size_bytes: int, modified_ns: int) -> None:
    """The item's file lies here now. Another item that was here before is so no longer."""
    stored = os.fsencode(path)
    # One whose only place this was is missing, not placeless: its last known path is how a person knows it.
    connection.execute(
        "UPDATE locations SET missing_since = ?3 WHERE path = ?1 AND item_id <> ?2 AND missing_since = ''"
        " AND (SELECT count(*) FROM locations other WHERE other.item_id = locations.item_id) = 1",
        (stored, item_id, now()),
    )
    connection.execute(
        "DELETE FROM locations WHERE path = ? AND item_id <> ? AND missing_since = ''", (stored, item_id)
    )
    connection.execute(
        "INSERT INTO locations (item_id, path, shown, size_bytes, modified_ns) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (item_id, path) DO UPDATE SET size_bytes = excluded.size_bytes,"
        " modified_ns = excluded.modified_ns, missing_since = '', is_offline = 0",
        (item_id, stored, as_text(path), size_bytes, modified_ns),
    )


def mark_location(
    connection: sqlite3.Connection, path: str, missing_since: str, *, is_offline: bool = False
) -> list[int]:
    """Set or clear (`''`) the missing mark of a path; gives the items for which that is something new."""
    found = connection.execute(
        "UPDATE locations SET missing_since = CASE WHEN missing_since <> '' AND ?2 <> '' THEN missing_since ELSE ?2 END,"
        " is_offline = ?3 WHERE path = ?1 AND ((missing_since = '') <> (?2 = '') OR is_offline <> ?3)"
        " RETURNING item_id",
        (os.fsencode(path), missing_since, is_offline),
    ).fetchall()
    return [row[0] for row in found]


def delete_location(connection: sqlite3.Connection, item_id: int, path: str) -> None:
    """The item no longer lies there."""
    connection.execute("DELETE FROM locations WHERE item_id = ? AND path = ?", (item_id, os.fsencode(path)))


def index_words(connection: sqlite3.Connection, item_id: int) -> None:
    """Make the item findable by its title, file names, file tags and the tags that a person gave it."""
    title, facts = connection.execute("SELECT title, facts FROM items WHERE id = ?", (item_id,)).fetchone()
    tags = facts_from_json(facts).tags if '"tags"' in facts else FileTags()
    names = [
        split_name(name[0].replace("\\", "/").rpartition("/")[2])
        for name in connection.execute("SELECT shown FROM locations WHERE item_id = ?", (item_id,))
    ]
    own = [
        " ".join(names)
        for names in connection.execute(
            "SELECT ifnull(own.en, concepts.en), ifnull(own.zh, concepts.zh) FROM decisions"
            " JOIN concepts ON concepts.id = decisions.concept_id"
            " LEFT JOIN own_concepts AS own ON own.concept_id = concepts.id"
            " WHERE item_id = ? AND state = 'accepted' AND span_kind = 0",
            (item_id,),
        )
    ]
    said = [tags.title, tags.artist, tags.album, tags.genre, tags.comment]
    text_index.index_item(connection, item_id, "\n".join(dict.fromkeys([title, *names, *said, *own])))


_LOCATION = (
    "SELECT item_id, path, locations.size_bytes, modified_ns, quick_hash, missing_since <> '', is_offline"
    " FROM locations JOIN items ON items.id = item_id WHERE removed_at"
)


def locations(
    connection: sqlite3.Connection,
    *,
    path: str | None = None,
    quick_hash: str | None = None,
    item_id: int | None = None,
    between: tuple[bytes, bytes] | None = None,
) -> list[Location]:
    """Those of live items that match; all of them if nothing is asked. Present ones first. `between`: paths from the
    first to before the second.
    """
    where, values = ("", []) if between is None else (" AND path >= ? AND path < ?", list[Any](between))
    for column, value in (
        ("path", None if path is None else os.fsencode(path)),
        ("quick_hash", quick_hash),
        ("item_id", item_id),
    ):
        if value is not None:
            where += f" AND {column} = ?"
            values.append(value)
    return _as_locations(
        connection.execute(f"{_LOCATION} = ''{where} ORDER BY missing_since <> '', locations.id", values)
    )


def removed_places(connection: sqlite3.Connection, quick_hash: str, size_bytes: int) -> list[Location]:
    """Where the items of this quick hash lie or lay that were taken out. Present ones first."""
    return _as_locations(
        connection.execute(
            f"{_LOCATION} <> '' AND quick_hash = ? AND items.size_bytes = ? ORDER BY missing_since <> '', locations.id",
            (quick_hash, size_bytes),
        )
    )


def _as_locations(rows: Iterable[tuple[Any, ...]]) -> list[Location]:
    return [
        Location(item, os.fsdecode(stored), size, modified, digest, bool(missing), bool(offline))
        for item, stored, size, modified, digest, missing, offline in rows
    ]


def removed_paths(connection: sqlite3.Connection, files: Sequence[tuple[str, int, int]]) -> set[str]:
    """Of (path, size, time) the paths where an item that was taken out lies as it was last seen."""
    return {
        path
        for path, size_bytes, modified_ns in files
        if connection.execute(
            "SELECT 1 FROM locations JOIN items ON items.id = item_id AND removed_at <> ''"
            " WHERE path = ? AND locations.size_bytes = ? AND modified_ns = ?",
            (os.fsencode(path), size_bytes, modified_ns),
        ).fetchone()
    }


def facts_to_json(facts: Facts) -> str:
    """Only what differs from nothing known. Raises ValueError for numbers that JSON does not know: every statement that
    takes facts apart would fail at them.
    """
    return as_text(json.dumps(facts_to_plain(facts), ensure_ascii=False, allow_nan=False))


def as_text(text: str) -> str:
    """Without surrogates, which no database and no screen takes; bytes that are no text become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
