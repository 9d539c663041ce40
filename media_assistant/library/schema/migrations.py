"""The schema, step by step.

To change it: write a function `_<what>(connection)`, add a line to `MIGRATIONS`, and put a filled library of the old
version into `tests/library/data` (`python -m tests.library.make_filled` writes it). A migration and its record commit
together, after a backup that was opened and checked.

Columns that stand for a span: `span_kind` 0 whole, 1 time (`span_a`..`span_b` ms), 2 text (page, start, end).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from media_assistant.items.sorting import sort_key
from media_assistant.library import text_index
from media_assistant.library.schema.fifth_schema import FIFTH
from media_assistant.library.schema.first_schema import FIRST
from media_assistant.library.schema.fourth_schema import FOURTH
from media_assistant.library.schema.second_schema import SECOND
from media_assistant.library.schema.third_schema import THIRD


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements one by one: `executescript` would commit the transaction that they belong to."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
    if statement.strip():
        raise ValueError(f"an unfinished statement: {statement!r}")


def _first(connection: sqlite3.Connection) -> None:
    run_script(connection, FIRST)
    text_index.create(connection)


def _second(connection: sqlite3.Connection) -> None:
    run_script(connection, SECOND)
    # Names are sorted by pinyin and without accents from now on.
    for item_id, title in connection.execute("SELECT id, title FROM items").fetchall():
        if not title.isascii():
            connection.execute("UPDATE items SET sort_name = ? WHERE id = ?", (sort_key(title), item_id))


def _third(connection: sqlite3.Connection) -> None:
    run_script(connection, THIRD)


def _fourth(connection: sqlite3.Connection) -> None:
    run_script(connection, FOURTH)


def _fifth(connection: sqlite3.Connection) -> None:
    run_script(connection, FIFTH)


def _sixth(connection: sqlite3.Connection) -> None:
    # Greek is found without its accents from now on, Hebrew and Arabic without points and by any form of a letter.
    text_index.make_bare(connection)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; its version is its place in the list, counted from 1."""

    name: str
    apply: Callable[[sqlite3.Connection], None]


MIGRATIONS: tuple[Migration, ...] = (
    Migration("first", _first),
    Migration("collections, tags of one's own, watched folders, names, positions", _second),
    Migration("a song twice in a list, when models finished, steps that take others back", _third),
    Migration("stars, and duplicates", _fourth),
    Migration("what was played and proposed, and taught tags", _fifth),
    Migration("words of more scripts as they are typed", _sixth),
)

SCHEMA_VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 for a file with nothing in it."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, begin: Callable[[], None], now: str) -> None:
    """Bring a library to `SCHEMA_VERSION`, each step in one transaction with its record. `begin` starts one."""
    for version in range(version_of(connection) + 1, SCHEMA_VERSION + 1):
        step = MIGRATIONS[version - 1]
        begin()
        try:
            step.apply(connection)
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (version, step.name, now))
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
