"""A library of a backup that holds only what cannot be made again (`lean_copy`): first its indexes and the index of
words, then what models propose, then the vectors.

Vectors of contents that have not changed since are taken from the library that the backup replaces, if that is healthy.
What is missing after that is marked in `runs` (`WITHOUT_VECTORS`): the queue makes those vectors anew, and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from media_assistant.library import derived, lean_copy, tag_store
from media_assistant.library.file_uri import file_uri
from media_assistant.library.lean_copy import Progress
from media_assistant.library.moment_store import WITHOUT_VECTORS
from media_assistant.library.schema import migrations

_RUNS = 2000
"""So many at a time have their vectors fetched."""


def make_whole(
    connection: sqlite3.Connection,
    application_id: int,
    now: str,
    *,
    old: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> None:
    """Part of nobody's transaction: whoever is cut off throws the file away. With `old` a library is attached under that
    name, from which vectors are taken. The schema is this program's afterwards.
    """
    _add_missing(connection)
    migrations.migrate(connection, lambda: _begin(connection), now)
    connection.execute("BEGIN")
    connection.execute(
        "UPDATE runs SET is_stale = ? WHERE is_stale = 0 AND id IN (SELECT run_id FROM backup_left_out)",
        (WITHOUT_VECTORS,),
    )
    for table in lean_copy.OF_BACKUP:
        connection.execute(f"DROP TABLE {table}")
    derived.index_all(connection, progress=lambda done, total: progress(done, 2 * total))
    tag_store.derive_all(connection)
    if old:
        _take_vectors(connection, lambda done, total: progress(total + done, 2 * total))
    let_wait(connection)
    connection.execute("COMMIT")
    for setting in ("analysis_limit = 400", "main.optimize"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute(f"PRAGMA application_id = {application_id}")


def let_wait(connection: sqlite3.Connection) -> None:
    """Analyses whose vectors are lost are to be done again, which is those vectors alone."""
    connection.execute(
        "UPDATE jobs SET state = 'waiting', attempts = 0, error = '' WHERE state = 'done' AND EXISTS (SELECT 1 FROM runs"
        " WHERE runs.item_id = jobs.item_id AND runs.analyser = jobs.analyser AND is_stale = ? AND is_complete)"
        " AND item_id IN (SELECT id FROM items WHERE removed_at = '')",
        (WITHOUT_VECTORS,),
    )


def _begin(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")


def missing_parts(connection: sqlite3.Connection) -> dict[str, str]:
    """What the schema of this library's version has and the file lacks: names, tables first, with their SQL."""
    version = migrations.version_of(connection)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as shape:
        for step in migrations.MIGRATIONS[:version]:
            step.apply(shape)
        shadows = {row[1] for row in shape.execute("PRAGMA table_list") if row[2] == "shadow"}
        wanted: Sequence[tuple[str, str]] = shape.execute(
            "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid"
        ).fetchall()
    there = {row[0] for row in connection.execute("SELECT name FROM main.sqlite_schema")}
    return {name: sql for name, sql in wanted if name not in there and name not in shadows}


def _add_missing(connection: sqlite3.Connection) -> None:
    """Everything of the schema that the backup left out, as its own version has it."""
    connection.execute("BEGIN")
    for sql in missing_parts(connection).values():
        connection.execute(sql)
    connection.execute("COMMIT")


_COLUMNS = 'space, span_kind, span_a, span_b, span_c, "values"'


def _take_vectors(connection: sqlite3.Connection, progress: Callable[[int, int], None]) -> None:
    """From `old`: of the same content, by the same analyser, version, model and revision, as far as this run came."""
    connection.execute("CREATE TEMP TABLE pairs (id INTEGER PRIMARY KEY, old_id INTEGER, until INTEGER)")
    connection.execute(
        "INSERT OR IGNORE INTO pairs SELECT runs.id, before.id, CASE WHEN runs.is_complete"
        " OR before.checkpoint_ms = runs.checkpoint_ms AND NOT before.is_complete THEN NULL ELSE runs.checkpoint_ms END"
        " FROM runs JOIN items ON items.id = runs.item_id"
        " JOIN old.items AS was ON was.quick_hash = items.quick_hash AND was.size_bytes = items.size_bytes"
        " JOIN old.runs AS before ON before.item_id = was.id AND before.analyser = runs.analyser"
        " WHERE runs.is_stale = ? AND before.is_stale = 0 AND before.version = runs.version"
        " AND before.model = runs.model AND before.revision = runs.revision"
        " AND (before.is_complete OR before.checkpoint_ms >= runs.checkpoint_ms AND NOT runs.is_complete)"
        " AND (EXISTS (SELECT 1 FROM old.vectors WHERE run_id = before.id)"
        " OR EXISTS (SELECT 1 FROM old.vectors_aside WHERE run_id = before.id)"
        " OR EXISTS (SELECT 1 FROM old.fingerprints WHERE run_id = before.id))"
        # Of different recordings that agree at head, middle and tail each its own.
        " ORDER BY was.id <> items.id",
        (WITHOUT_VECTORS,),
    )
    last = connection.execute("SELECT ifnull(max(id), 0) FROM pairs").fetchone()[0]
    for start in range(0, last, _RUNS):
        for target, is_gone in (("vectors", "="), ("vectors_aside", "<>")):
            for source in ("vectors", "vectors_aside"):
                connection.execute(
                    f"INSERT INTO main.{target} (item_id, run_id, {_COLUMNS})"
                    f" SELECT runs.item_id, runs.id, {_COLUMNS} FROM temp.pairs"
                    f" JOIN main.runs ON runs.id = pairs.id JOIN main.items ON items.id = runs.item_id"
                    f" JOIN old.{source} AS point ON point.run_id = pairs.old_id"
                    f" WHERE pairs.id > ? AND pairs.id <= ? AND items.removed_at {is_gone} ''"
                    " AND (until IS NULL OR span_kind = 1 AND span_b <= until) ORDER BY point.id",
                    (start, start + _RUNS),
                )
        connection.execute(
            "INSERT INTO main.fingerprints (item_id, run_id, form, start_ms, marks)"
            " SELECT runs.item_id, runs.id, form, start_ms, marks FROM temp.pairs"
            " JOIN main.runs ON runs.id = pairs.id JOIN old.fingerprints AS mark ON mark.run_id = pairs.old_id"
            " WHERE pairs.id > ? AND pairs.id <= ? AND (until IS NULL OR start_ms < until) ORDER BY mark.id",
            (start, start + _RUNS),
        )
        progress(min(start + _RUNS, last), last)
    connection.execute("UPDATE runs SET is_stale = 0 WHERE id IN (SELECT id FROM temp.pairs)")
    connection.execute("DROP TABLE temp.pairs")


def is_library(file: Path, application_id: int) -> bool:
    """Whether vectors can be taken from this file: a library of this program's schema."""
    with closing(sqlite3.connect(file_uri(file, "mode=ro"), uri=True)) as connection:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        return found == application_id and migrations.version_of(connection) == migrations.SCHEMA_VERSION
