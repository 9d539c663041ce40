"""The filters of a query as sets of items. Each answers for the whole library; reads only."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from media_assistant.items.folding import findable, fold, has_unspaced
from media_assistant.items.query_tree import ByArtist, Captured, Has, InFolder, Is, KindIs, Lasts, OnAlbum, Rated
from media_assistant.library import pair_store, text_index
from media_assistant.library.item_reading import below
from media_assistant.library.item_store import as_text
from media_assistant.library.job_store import BY_STATE

if TYPE_CHECKING:
    from media_assistant.library.item_set import ItemSet

Filter = KindIs | InFolder | Captured | Lasts | ByArtist | OnAlbum | Rated | Has | Is

_LIVING = "SELECT items.id FROM items WHERE removed_at = ''"
_HAS_MOMENT = f"{_LIVING} AND EXISTS (SELECT 1 FROM moments WHERE moments.item_id = items.id AND layer ="
"""Asked for each item, by the index that has its layers: of all moments far the most are of other ones."""

_HAS = {
    "transcript": f"{_HAS_MOMENT} 'line' AND sense = 'said' AND is_covered = 0)",
    "text": f"{_HAS_MOMENT} 'line' AND sense = 'written' AND is_covered = 0)",
    "subtitles": (
        f"{_LIVING} AND EXISTS (SELECT 1 FROM runs CROSS JOIN moments ON run_id = runs.id"
        " WHERE runs.item_id = items.id AND analyser = 'subtitles' AND layer = 'line')"
    ),
    "place": f"{_LIVING} AND json_extract(facts, '$.place') IS NOT NULL",
    # A file's own time is when it was copied.
    "date": f"{_LIVING} AND captured_at <> '' AND json_extract(facts, '$.captured.source') <> 'file'",
    "tag": (
        f"{_LIVING} AND (id IN (SELECT item_id FROM decisions WHERE state = 'accepted' AND span_kind = 0)"
        " OR EXISTS (SELECT 1 FROM suggested_tags AS suggested WHERE suggested.item_id = items.id AND NOT EXISTS"
        " (SELECT 1 FROM decisions AS decided WHERE decided.item_id = suggested.item_id"
        " AND decided.concept_id = suggested.concept_id AND decided.span_kind = 0)))"
    ),
    "artist": f"{_LIVING} AND json_extract(facts, '$.tags.artist') <> ''",
    "album": f"{_LIVING} AND json_extract(facts, '$.tags.album') <> ''",
    "chapters": f"{_LIVING} AND json_array_length(facts, '$.chapters') > 0",
    "marks": f"{_HAS_MOMENT} 'mark')",
    "rating": f"{_LIVING} AND id IN (SELECT item_id FROM ratings)",
    "copies": f"{_LIVING} AND id IN ({pair_store.COPIED})",
}
_IS = {
    "missing": f"{_LIVING} AND id NOT IN (SELECT item_id FROM locations WHERE missing_since = '')",
    # As the grid has it: gone from all of its places, and one of them is on a drive that is away.
    "offline": (
        f"{_LIVING} AND id NOT IN (SELECT item_id FROM locations WHERE missing_since = '')"
        " AND id IN (SELECT item_id FROM locations WHERE is_offline)"
    ),
    "duplicate": (
        f"{_LIVING} AND (id IN ({pair_store.COPIED}) OR id IN (SELECT likely_pairs.first_id {pair_store.LIKELY}"
        f" UNION SELECT likely_pairs.second_id {pair_store.LIKELY}))"
    ),
    "failed": f"{_LIVING} AND id IN (SELECT item_id FROM {BY_STATE} WHERE state = 'failed')",
    "waiting": f"{_LIVING} AND id IN (SELECT item_id FROM {BY_STATE} WHERE state IN ('waiting', 'running'))",
    "begun": f"{_LIVING} AND id IN (SELECT item_id FROM positions)",
}


def fitting(connection: sqlite3.Connection, term: Filter) -> ItemSet:
    """The items that a filter lets through."""
    from media_assistant.library.item_set import ItemSet

    match term:
        case KindIs(kinds):
            marks = ",".join("?" * len(kinds))
            return _ids(connection, f"{_LIVING} AND kind IN ({marks})", [kind.value for kind in kinds])
        case Captured(since, before):
            # A library keeps local time as text; a day compares with every time of it.
            return _ids(
                connection,
                f"{_LIVING} AND captured_at <> '' AND captured_at >= ? AND (? = '' OR captured_at < ?)",
                [since, before, before],
            )
        case Lasts(longer_ms, shorter_ms):
            return _ids(
                connection,
                f"{_LIVING} AND duration_ms > ? AND (? OR duration_ms < ?)",
                [longer_ms or 0, shorter_ms is None, shorter_ms or 0],
            )
        case InFolder(folder):
            return ItemSet.of(_in_folder(connection, folder))
        case ByArtist(name):
            return ItemSet.of(_tagged(connection, "artist", name))
        case OnAlbum(name):
            return ItemSet.of(_tagged(connection, "album", name))
        case Has(what):
            return _ids(connection, _HAS[what])
        case Is(what):
            return _ids(connection, _IS[what])
        case Rated(least, most):
            rated = "id IN (SELECT item_id FROM ratings WHERE stars BETWEEN ? AND ?)"
            unrated = " OR id NOT IN (SELECT item_id FROM ratings)" if least == 0 else ""
            return _ids(connection, f"{_LIVING} AND ({rated}{unrated})", [least, most])


def _ids(connection: sqlite3.Connection, statement: str, values: Sequence[str | int] = ()) -> ItemSet:
    from media_assistant.library.item_set import read_set

    return read_set(connection, statement, values)


def _in_folder(connection: sqlite3.Connection, folder: str) -> set[int]:
    if os.path.isabs(folder) and _is_writable(folder):
        # A whole path, as the folder tree writes it, is found by the index; typed in other letters, as any other.
        known_there = connection.execute(
            "SELECT DISTINCT item_id FROM locations JOIN items ON items.id = item_id AND removed_at = ''"
            " WHERE path >= ? AND path < ?",
            below(folder),
        )
        if there := {row[0] for row in known_there}:
            return there
    # Whole parts of the path: in:Trip is not in Stripped, in:Trip/Day 1 is a stretch of it.
    wanted = f"/{fold(folder).replace(chr(92), '/').strip('/')}/"
    rows = connection.execute(
        "SELECT l.item_id, l.shown FROM locations l JOIN items i ON i.id = l.item_id WHERE i.removed_at = ''"
    )
    known: dict[str, bool] = {}
    found: set[int] = set()
    for item_id, shown in rows:
        parent = shown.replace("\\", "/").rpartition("/")[0]
        if parent not in known:
            known[parent] = wanted in f"/{fold(parent)}/"
        if known[parent]:
            found.add(item_id)
    return found


def _is_writable(path: str) -> bool:
    """Whether a file can have this name; lone halves of a surrogate pair are in none."""
    try:
        return bool(os.fsencode(path))
    except UnicodeEncodeError:
        return False


def _tagged(connection: sqlite3.Connection, tag: str, name: str) -> set[int]:
    """The items whose file tag `artist` or `album` holds the words in a row. The index knows where to look."""
    wanted = text_index.expression(name, is_phrase=True)
    said_of = f"SELECT id, json_extract(facts, '$.tags.{tag}') AS said FROM items WHERE removed_at = ''"
    if not wanted:
        signs = connection.execute(f"{said_of} AND {_may_be_signs('said')}", (2 * len(fold(name)),))
        return {item_id for item_id, said in signs if said and _same_signs(said, name)}
    rows = connection.execute(f"{said_of} AND id IN (SELECT rowid FROM item_text WHERE item_text MATCH ?)", (wanted,))
    words = _plain(name)
    holds = words.strip() if has_unspaced(words) else words
    return {item_id for item_id, said in rows if said and holds in _plain(said)}


def _may_be_signs(column: str) -> str:
    """Whether it may be a name of signs alone, so many at most: SQLite tells it of a whole library while a person types, where
    Python would need a second.
    """
    return f"({column} NOT GLOB '*[0-9A-Za-z]*' AND length(trim({column})) <= ?)"


def _same_signs(said: str, name: str) -> bool:
    """Whether it is this very name, of signs alone (÷, !!!): no index of words knows those."""
    return bool(name.strip()) and fold(said).strip() == fold(name).strip()


def _plain(text: str) -> str:
    """The words as they are found, a space around each."""
    return f" {' '.join(findable(text).split())} "


def titled(connection: sqlite3.Connection, name: str, limit: int) -> list[int]:
    """The items of this very title, or with a file of this very name, in either case of letters, the newest first."""
    wanted = text_index.expression(name, is_phrase=True)
    folded = fold(name)
    if not folded.strip():
        return []
    # A name of signs alone (🎂) stands in no index of words: then all are looked through. A path ends in the file's name.
    ending_so = "items.id IN (SELECT item_id FROM locations WHERE substr(shown, -1) NOT GLOB '[0-9A-Za-z]')"
    signs = f" AND ({_may_be_signs('title')} OR {ending_so})"
    found = " AND items.id IN (SELECT rowid FROM item_text WHERE item_text MATCH ?)" if wanted else signs
    rows = connection.execute(
        "SELECT items.id, title, shown FROM items LEFT JOIN locations ON item_id = items.id WHERE removed_at = ''"
        f"{found} ORDER BY items.id DESC",
        (wanted or 2 * len(folded),),
    )
    called = (
        item_id
        for item_id, title, shown in rows
        if folded in (fold(title), fold((shown or "").replace("\\", "/").rpartition("/")[2]))
    )
    return list(dict.fromkeys(called))[:limit]


def titles_begun(connection: sqlite3.Connection, begun: str, limit: int) -> list[tuple[str, str]]:
    """(title, kind) of items whose own words begin so, each title once, the newest first; of nothing the newest of all."""
    wanted = text_index.expression(begun, is_phrase=True, is_prefix=True)
    chosen = ""
    values: list[str | int] = []
    if wanted:
        chosen = " AND id IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(text_index.match_items(connection, wanted, limit=limit)))
    elif begun.strip():
        # Signs alone: no index of words knows them.
        chosen = " AND instr(title, ?) = 1"
        values.append(as_text(begun.strip()))
    rows = connection.execute(
        f"SELECT title, kind FROM items WHERE removed_at = ''{chosen} ORDER BY id DESC LIMIT ?", (*values, limit)
    )
    return list(dict(reversed(rows.fetchall())).items())[::-1]


def names_in_tags(connection: sqlite3.Connection, tag: str, limit: int) -> Sequence[tuple[str, int]]:
    """The values of the file tag `artist` or `album` with how many items have each, the commonest first."""
    return connection.execute(
        f"SELECT json_extract(facts, '$.tags.{tag}') AS name, count(*) AS items FROM items"
        " WHERE removed_at = '' AND name <> '' GROUP BY name ORDER BY items DESC, name LIMIT ?",
        (limit,),
    ).fetchall()


def folder_names(connection: sqlite3.Connection, limit: int) -> Sequence[tuple[str, int]]:
    """The names of the folders in which items lie, with how many lie right there, the fullest first."""
    counts: dict[str, int] = {}
    for (shown,) in connection.execute(
        "SELECT shown FROM locations JOIN items ON items.id = item_id AND removed_at = ''"
    ):
        parent = shown.replace("\\", "/").rpartition("/")[0]
        counts[parent] = counts.get(parent, 0) + 1
    named: dict[str, int] = {}
    for parent, count in counts.items():
        name = parent.rpartition("/")[2]
        if name:
            named[name] = named.get(name, 0) + count
    return sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
