"""Whether everything in a library fits together, and what can be made again if it does not.

To add a look: a function that gives the problems it finds, a line in `_LOOKS`; with a repair also a function and a line
in `_REPAIRS`, and the words `library.problem.<code>` and `library.repair.<code>` in both languages.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from media_assistant.errors import Cancelled
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.sorting import sort_key
from media_assistant.library import history_store, item_store, text_index
from media_assistant.library.backup import OF_INDEX
from media_assistant.library.moment_store import MARK_WORDS

_DERIVED = frozenset(
    ("locations", "runs", "moments", "traits", "vectors", "vectors_aside", "suggested_tags", "jobs", "positions")
)
"""Tables of which a row without its parent says nothing any more. All others hold what a person said."""
_STEP = 2000

_Orphan = tuple[str, "int | None", str]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not fit, so many times. `code` names its words; `detail` is for the log and a report."""

    code: str
    count: int
    detail: str = ""

    @property
    def can_be_repaired(self) -> bool:
        """Whether `repair` makes it again from the rest."""
        return self.code in _REPAIRS


def find_problems(connection: sqlite3.Connection, *, should_stop: Callable[[], bool] = bool) -> list[Problem]:
    """All looks, one after the other; nothing is changed. Raises Cancelled."""
    connection.set_progress_handler(lambda: int(should_stop()), 100_000)
    found: list[Problem] = []
    try:
        for look in _LOOKS:
            try:
                found.extend(look(connection, should_stop))
            except sqlite3.DatabaseError as error:
                if should_stop():
                    raise Cancelled from error
                found.append(Problem("damaged", 1, str(error)))
    finally:
        connection.set_progress_handler(None, 0)
    damages = [each for each in found if each.code == "damaged"]
    others = [each for each in found if each.code != "damaged"]
    return [*damages[:1], *others]


def repair(connection: sqlite3.Connection, problems: Sequence[Problem]) -> LibraryChanges:
    """Mend what can be; part of the caller's transaction. The others stay as they are."""
    changes = LibraryChanges()
    for code in dict.fromkeys(each.code for each in problems if each.can_be_repaired):
        changes |= _REPAIRS[code](connection)
    return changes


Stop = Callable[[], bool]


def _whole(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    said = [row[0] for row in connection.execute("PRAGMA integrity_check(1000)") if row[0] != "ok"]
    of_indexes = [each for each in said if OF_INDEX.search(each)]
    if of_indexes:
        yield Problem("indexes", len(of_indexes), of_indexes[0])
    if len(said) > len(of_indexes):
        rest = [each for each in said if each not in of_indexes]
        yield Problem("damaged", len(rest), rest[0])


def _orphans(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    derived, own = _split_orphans(connection)
    for code, tables in (("orphans", derived), ("orphan_words", own)):
        if tables:
            yield Problem(code, len(tables), ", ".join(sorted({table for table, _, _ in tables})))


def _split_orphans(connection: sqlite3.Connection) -> tuple[list[_Orphan], list[_Orphan]]:
    """Rows without their parent, as (table, row id or None, parent's table): those that say nothing any more, and those
    that a person said.
    """
    derived: list[_Orphan] = []
    own: list[_Orphan] = []
    for table, row_id, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        is_own = table not in _DERIVED or (
            table == "moments"
            and connection.execute("SELECT run_id IS NULL FROM moments WHERE id = ?", (row_id,)).fetchone()[0]
        )
        (own if is_own else derived).append((table, row_id, parent))
    return derived, own


def _texts(connection: sqlite3.Connection, should_stop: Stop) -> Iterator[Problem]:
    """Each line and each item stands in the index of words, and nothing else does."""
    wrong = 0
    for expected, table in (
        (_lines(connection), "moment_text"),
        (connection.execute("SELECT id, title FROM items WHERE removed_at = ''"), "item_text"),
    ):
        is_there = {row[0] for row in connection.execute(f"SELECT rowid FROM {table}")}
        for number, (row_id, *_) in enumerate(expected):
            if not number % _STEP and should_stop():
                raise Cancelled
            wrong += row_id not in is_there
            is_there.discard(row_id)
        wrong += len(is_there)
    if wrong:
        yield Problem("text_index", wrong)


def _lines(connection: sqlite3.Connection) -> Iterator[tuple[int, int, str, str]]:
    """(moment, item, sense, words) of all that is found by its words."""
    rows = connection.execute(
        "SELECT moments.id, item_id, sense, CASE layer WHEN 'mark' THEN text || ? ELSE text END FROM moments"
        " JOIN items ON items.id = item_id AND removed_at = '' WHERE is_covered = 0 AND (text <> '' OR layer = 'mark')",
        (MARK_WORDS,),
    )
    return (row for row in rows if row[3].strip())


def _vectors(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    misplaced = sum(
        connection.execute(
            f"SELECT count(*) FROM {table} JOIN items ON items.id = item_id WHERE removed_at {sign} ''"
        ).fetchone()[0]
        for table, sign in (("vectors", "<>"), ("vectors_aside", "="))
    )
    if misplaced:
        yield Problem("vectors", misplaced)


def _jobs(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    count = connection.execute(f"SELECT count(*) FROM jobs WHERE {_OF_REMOVED}").fetchone()[0]
    if count:
        yield Problem("jobs", count)


_OF_REMOVED = "item_id IN (SELECT id FROM items WHERE removed_at <> '')"


def _suggestions(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    """None of items that are gone, of tags that became others, or without a label that it could come from."""
    count = connection.execute(f"SELECT count(*) FROM suggested_tags WHERE {_BASELESS}").fetchone()[0]
    if count:
        yield Problem("suggestions", count)


_BASELESS = (
    f"({_OF_REMOVED} OR concept_id IN (SELECT concept_id FROM own_concepts WHERE merged_into IS NOT NULL)"
    " OR NOT EXISTS (SELECT 1 FROM moments WHERE moments.run_id = suggested_tags.run_id AND layer = 'label'))"
)


def _names(connection: sqlite3.Connection, should_stop: Stop) -> Iterator[Problem]:
    wrong = 0
    for number, (title, kept) in enumerate(connection.execute("SELECT title, sort_name FROM items")):
        if not number % _STEP and should_stop():
            raise Cancelled
        wrong += sort_key(title) != kept
    if wrong:
        yield Problem("names", wrong)


def _journal(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    """Every step can be read, and is one that this program can take back."""
    known = json.dumps(history_store.KNOWN_EDITS)
    count = connection.execute(
        "SELECT count(*) FROM journal WHERE state <> 'dropped' AND ("
        " NOT json_valid(edit) OR NOT json_valid(inverse)"
        " OR ifnull(json_extract(edit, '$.do'), '') NOT IN (SELECT value FROM json_each(?1))"
        " OR ifnull(json_extract(inverse, '$.do'), '') NOT IN (SELECT value FROM json_each(?1)))",
        (known,),
    ).fetchone()[0]
    if count:
        yield Problem("journal", count)


_LOOKS: tuple[Callable[[sqlite3.Connection, Stop], Iterable[Problem]], ...] = (
    _whole,
    _orphans,
    _texts,
    _vectors,
    _jobs,
    _suggestions,
    _names,
    _journal,
)


# Repairs


def _write_indexes_anew(connection: sqlite3.Connection) -> LibraryChanges:
    connection.execute("REINDEX")
    return LibraryChanges()


def _drop_orphans(connection: sqlite3.Connection) -> LibraryChanges:
    """What loses its parent with them goes too; so it is asked again until nothing is left."""
    while orphans := _split_orphans(connection)[0]:
        for table, row_id, parent in set(orphans):
            if row_id is None:
                # A table without row ids: by what it lacks.
                column = {"items": "item_id", "runs": "run_id", "concepts": "concept_id"}[parent]
                connection.execute(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT id FROM {parent})")
                continue
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (row_id,))
            if table == "moments":
                text_index.unindex_moments(connection, [row_id])
    return LibraryChanges()


def _index_texts_anew(connection: sqlite3.Connection) -> LibraryChanges:
    connection.execute("DROP TABLE moment_text")
    connection.execute("DROP TABLE item_text")
    text_index.create(connection)
    lines = _lines(connection)
    while part := list(islice(lines, _STEP)):
        text_index.index_moments(connection, part)
    ids = [row[0] for row in connection.execute("SELECT id FROM items WHERE removed_at = ''")]
    for item_id in ids:
        item_store.index_words(connection, item_id)
    return LibraryChanges()


def _place_vectors(connection: sqlite3.Connection) -> LibraryChanges:
    columns = 'item_id, run_id, space, span_kind, span_a, span_b, span_c, "values"'
    for source, target, sign in (("vectors", "vectors_aside", "<>"), ("vectors_aside", "vectors", "=")):
        which = f"item_id IN (SELECT id FROM items WHERE removed_at {sign} '')"
        connection.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {source} WHERE {which} ORDER BY id")
        connection.execute(f"DELETE FROM {source} WHERE {which}")
    return LibraryChanges()


def _drop_jobs(connection: sqlite3.Connection) -> LibraryChanges:
    connection.execute(f"DELETE FROM jobs WHERE {_OF_REMOVED}")
    return LibraryChanges(jobs=True)


def _drop_suggestions(connection: sqlite3.Connection) -> LibraryChanges:
    connection.execute(f"DELETE FROM suggested_tags WHERE {_BASELESS}")
    return LibraryChanges(tags=True)


def _sort_anew(connection: sqlite3.Connection) -> LibraryChanges:
    wrong = [
        (sort_key(title), item_id)
        for item_id, title, kept in connection.execute("SELECT id, title, sort_name FROM items").fetchall()
        if sort_key(title) != kept
    ]
    connection.executemany("UPDATE items SET sort_name = ? WHERE id = ?", wrong)
    return LibraryChanges(changed=tuple(item_id for _, item_id in wrong))


_REPAIRS: dict[str, Callable[[sqlite3.Connection], LibraryChanges]] = {
    # First what the others read by.
    "indexes": _write_indexes_anew,
    "orphans": _drop_orphans,
    "text_index": _index_texts_anew,
    "vectors": _place_vectors,
    "jobs": _drop_jobs,
    "suggestions": _drop_suggestions,
    "names": _sort_anew,
}
