"""Whether everything in a library fits together, and what can be made again if it does not.

To add a look: a function that gives the problems it finds, a line in `_LOOKS`; with a repair also a function and a line
in `_REPAIRS`, and the words `library.problem.<code>` and `library.repair.<code>` in both languages.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from media_assistant.errors import Cancelled
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.sorting import sort_key
from media_assistant.library import derived, history_store, lean_copy, making_whole, tag_store, text_index
from media_assistant.library.item_reading import facts_from_json
from media_assistant.library.item_store import facts_to_json
from media_assistant.library.lean_copy import OF_INDEX
from media_assistant.library.moment_store import WITHOUT_VECTORS

_DERIVED = frozenset(
    (
        "locations",
        "runs",
        "moments",
        "traits",
        "vectors",
        "vectors_aside",
        "suggested_tags",
        "jobs",
        "positions",
        "fingerprints",
        "likely_pairs",
        "compared_items",
        "happenings",
        "slates",
        "shown",
        "learnt",
    )
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
        return self.code in _REPAIRS or self.needs_rewriting

    @property
    def needs_rewriting(self) -> bool:
        """Whether a backup made now has to take the library's place: it holds all that cannot be made again, whole."""
        return self.code == "spare_parts"


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
                if not any(each.needs_rewriting or each.code == "parts" for each in found):
                    found.append(Problem("damaged", 1, str(error)))
    finally:
        connection.set_progress_handler(None, 0)
    worst = [each for each in found if each.code in ("damaged", "spare_parts")][:1]
    return [*worst, *(each for each in found if each.code not in ("damaged", "spare_parts"))]


def repair(connection: sqlite3.Connection, problems: Sequence[Problem]) -> LibraryChanges:
    """Mend what can be; part of the caller's transaction. The others stay as they are."""
    changes = LibraryChanges()
    for code in [code for code in _REPAIRS if code in {each.code for each in problems}]:
        changes |= _REPAIRS[code](connection)
    return changes


Stop = Callable[[], bool]


def _whole(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    try:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check(1000)") if row[0] != "ok"]
    except sqlite3.OperationalError:
        raise  # stopped
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    of_indexes = [each for each in said if OF_INDEX.search(each)]
    if of_indexes:
        yield Problem("indexes", len(of_indexes), of_indexes[0])
    rest = [each for each in said if each not in of_indexes]
    if rest and _own_tables_are_whole(connection):
        yield Problem("spare_parts", len(rest), rest[0])
    elif rest:
        yield Problem("damaged", len(rest), rest[0])


def _own_tables_are_whole(connection: sqlite3.Connection) -> bool:
    """Whether everything that a backup would hold can be read."""
    try:
        said = [
            row[0]
            for name in lean_copy.kept_tables(connection)
            for row in connection.execute(f"PRAGMA integrity_check('{name}')")
        ]
    except sqlite3.DatabaseError:
        return False
    return all(each == "ok" or OF_INDEX.search(each) for each in said)


def _parts(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    """Every table, index and view is there."""
    missing = making_whole.missing_parts(connection)
    if any(sql.startswith("CREATE TABLE") and name not in lean_copy.MADE_AGAIN for name, sql in missing.items()):
        yield Problem("damaged", 1, ", ".join(missing))
    elif missing:
        yield Problem("parts", len(missing), ", ".join(missing))


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
        (derived.lines(connection), "moment_text"),
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


def _facts(connection: sqlite3.Connection, _should_stop: Stop) -> Iterator[Problem]:
    """What files say of themselves can be searched: at one that is no JSON every search for a place or an album ends."""
    count = connection.execute(f"SELECT count(*) FROM items WHERE {_NO_JSON}").fetchone()[0]
    if count:
        yield Problem("facts", count)


_NO_JSON = "NOT json_valid(facts)"


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
    _parts,
    _orphans,
    _texts,
    _vectors,
    _jobs,
    _suggestions,
    _names,
    _facts,
    _journal,
)


# Repairs


def _add_parts(connection: sqlite3.Connection) -> LibraryChanges:
    """What was in an index of words or among the proposals is made again too."""
    missing = making_whole.missing_parts(connection)
    for sql in missing.values():
        connection.execute(sql)
    if {"moment_text", "item_text"} & set(missing):
        _index_texts_anew(connection)
    if "suggested_tags" in missing:
        tag_store.derive_all(connection)
    if "likely_pairs" in missing:
        connection.execute("DELETE FROM compared_items")
    if {"vectors", "vectors_aside", "fingerprints"} & set(missing):
        connection.execute(f"UPDATE runs SET is_stale = {WITHOUT_VECTORS} WHERE is_stale = 0")
        making_whole.let_wait(connection)
    return LibraryChanges(tags=True, jobs=True)


def _write_indexes_anew(connection: sqlite3.Connection) -> LibraryChanges:
    connection.execute("REINDEX")
    return LibraryChanges()


def _drop_orphans(connection: sqlite3.Connection) -> LibraryChanges:
    """What loses its parent with them goes too; so it is asked again until nothing is left."""
    while orphans := _split_orphans(connection)[0]:
        for table, row_id, parent in set(orphans):
            if row_id is None:
                # A table without row ids: by what it lacks.
                columns = connection.execute(
                    'SELECT "from" FROM pragma_foreign_key_list(?) WHERE "table" = ?', (table, parent)
                ).fetchall()
                for (column,) in columns:
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
    derived.index_all(connection)
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


def _note_facts_anew(connection: sqlite3.Connection) -> LibraryChanges:
    """Without what cannot be read: a file says it again when it is analysed again."""
    wrong = []
    for item_id, text in connection.execute(f"SELECT id, facts FROM items WHERE {_NO_JSON}").fetchall():
        try:
            wrong.append((facts_to_json(facts_from_json(text)), item_id))
        except (ValueError, TypeError, LookupError, AttributeError):
            wrong.append(("{}", item_id))
    connection.executemany("UPDATE items SET facts = ? WHERE id = ?", wrong)
    return LibraryChanges(changed=tuple(item_id for _, item_id in wrong))


_REPAIRS: dict[str, Callable[[sqlite3.Connection], LibraryChanges]] = {
    # First what the others read by.
    "parts": _add_parts,
    "indexes": _write_indexes_anew,
    "orphans": _drop_orphans,
    "text_index": _index_texts_anew,
    "vectors": _place_vectors,
    "jobs": _drop_jobs,
    "suggestions": _drop_suggestions,
    "names": _sort_anew,
    "facts": _note_facts_anew,
}
