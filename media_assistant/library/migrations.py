"""The schema, step by step. A step and its record commit together, after a checked backup.

To change the schema: write a function below, add it to the end of `MIGRATIONS`, and put a *filled* library of the version
before it into `tests/library/versions/` (tests/library/make_version.py writes one). A test fails without it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.library import text_index
from media_assistant.library.database import Database


def _first(connection: sqlite3.Connection) -> None:
    statements = (
        """
        CREATE TABLE items (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('video', 'music', 'text', 'photo')),
            title TEXT NOT NULL,
            sort_title TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            quick_hash TEXT NOT NULL,
            full_hash TEXT NOT NULL DEFAULT '',
            duration_ms INTEGER NOT NULL DEFAULT 0,
            captured_at TEXT NOT NULL DEFAULT '',
            facts TEXT NOT NULL DEFAULT '{}',
            added_at TEXT NOT NULL,
            removed_at TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX items_hash ON items (quick_hash)",
        "CREATE INDEX items_kind ON items (removed_at, kind, id)",
        "CREATE INDEX items_title ON items (sort_title, id)",
        "CREATE INDEX items_captured ON items (captured_at, id)",
        # A path is bytes: not every name on a disk is text. `shown` is what can be read of it.
        """
        CREATE TABLE locations (
            id INTEGER PRIMARY KEY,
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            path BLOB NOT NULL UNIQUE,
            shown TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            modified_ns INTEGER NOT NULL,
            is_missing INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE INDEX locations_item ON locations (item_id)",
        """
        CREATE TABLE concepts (
            id TEXT PRIMARY KEY,
            en TEXT NOT NULL,
            zh TEXT NOT NULL,
            aliases TEXT NOT NULL,
            parents TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            analyser TEXT NOT NULL,
            model TEXT NOT NULL,
            revision TEXT NOT NULL,
            UNIQUE (analyser, model, revision)
        ) STRICT
        """,
        # span_kind: 0 the whole item; 1 time, a = start_ms, b = end_ms; 2 text, a = page, b = start, c = end.
        """
        CREATE TABLE moments (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            analyser TEXT NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources,
            layer TEXT NOT NULL CHECK (layer IN ('shot', 'label', 'line')),
            sense TEXT NOT NULL CHECK (sense IN ('seen', 'said', 'heard', 'written')),
            span_kind INTEGER NOT NULL,
            span_a INTEGER NOT NULL,
            span_b INTEGER NOT NULL,
            span_c INTEGER NOT NULL,
            concept_id TEXT REFERENCES concepts,
            text TEXT NOT NULL DEFAULT '',
            score REAL NOT NULL,
            language TEXT NOT NULL DEFAULT '',
            box TEXT NOT NULL DEFAULT '',
            words TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX moments_item ON moments (item_id, analyser, span_a)",
        "CREATE INDEX moments_concept ON moments (concept_id, item_id, score) WHERE concept_id IS NOT NULL",
        """
        CREATE TABLE vectors (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            analyser TEXT NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources,
            space TEXT NOT NULL,
            span_kind INTEGER NOT NULL,
            span_a INTEGER NOT NULL,
            span_b INTEGER NOT NULL,
            span_c INTEGER NOT NULL,
            "values" BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX vectors_space ON vectors (space, id)",
        "CREATE INDEX vectors_item ON vectors (item_id, analyser)",
        """
        CREATE TABLE traits (
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            name TEXT NOT NULL,
            analyser TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (item_id, name)
        ) STRICT, WITHOUT ROWID
        """,
        # The queue: one row per item and analyser, and the record of what was done once it is done.
        """
        CREATE TABLE jobs (
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            analyser TEXT NOT NULL,
            stage INTEGER NOT NULL,
            priority INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
            attempts INTEGER NOT NULL DEFAULT 0,
            checkpoint_ms INTEGER NOT NULL DEFAULT 0,
            version INTEGER NOT NULL DEFAULT 0,
            model TEXT NOT NULL DEFAULT '',
            revision TEXT NOT NULL DEFAULT '',
            error TEXT NOT NULL DEFAULT '',
            took_s REAL NOT NULL DEFAULT 0,
            PRIMARY KEY (item_id, analyser)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX jobs_waiting ON jobs (stage, priority DESC, item_id) WHERE state = 'waiting'",
        "CREATE INDEX jobs_state ON jobs (state, item_id)",
        # A person's word: keyed by what it is about, never by a finding's row.
        """
        CREATE TABLE decisions (
            item_id INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
            concept_id TEXT NOT NULL REFERENCES concepts,
            state TEXT NOT NULL CHECK (state IN ('accepted', 'rejected')),
            decided_at TEXT NOT NULL,
            PRIMARY KEY (item_id, concept_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX decisions_concept ON decisions (concept_id, item_id)",
        # Every edit with its inverse, written in the edit's own transaction.
        """
        CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            made_at TEXT NOT NULL,
            verb TEXT NOT NULL,
            about TEXT NOT NULL,
            forward TEXT NOT NULL,
            inverse TEXT NOT NULL,
            is_undone INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE TABLE facts_of_library (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    )
    for statement in statements:
        connection.execute(statement)
    text_index.create(connection)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first,)
"""The schema's version is the number of these that a library has seen."""


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations the library has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection, file: Path) -> int:
    """The version. Raises UserFixable("library.newer") for one that only a newer program can read."""
    version = version_of(connection)
    if version > len(MIGRATIONS):
        raise UserFixable("library.newer", name=file.name, theirs=version, ours=len(MIGRATIONS))
    return version


def migrate(database: Database, back_up: Callable[[int], object]) -> list[int]:
    """Bring the library up to date; returns the steps taken.

    `back_up(version)` is called once before the first step of a library that holds something, and must raise if it could
    not make a backup that opens.
    """
    with database.transaction() as connection:
        version = check_version(connection, database.file)
    if version == len(MIGRATIONS):
        return []
    if version > 0:
        back_up(version)
    taken = []
    for number, step in enumerate(MIGRATIONS[version:], version + 1):
        with database.transaction() as connection:
            step(connection)
            connection.execute(f"PRAGMA user_version = {number}")
        taken.append(number)
    return taken
