"""What makes deleted rows leave the file: SQLite writes zeros over them where it is asked to.

Ordinarily a connection overwrites what it deletes within a page that it writes anyway (`FAST`); a page that becomes free
keeps its bytes. While `overwriting` such pages are emptied too. So whoever writes into one of the tables `OVERWRITTEN` does
it like this: no page with traces of them is ever free. What remains are traces within the tables' own pages, from where
rows were moved; `rewrite` ends those.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

PRIVATE = frozenset({"happenings", "slates", "shown", "learnt"})
"""Tables of what a person did and was shown: no backup and no export holds them."""

OVERWRITTEN = ("happenings", "shown", "slates", "learnt", "positions", "likings", "journal")
"""Tables out of which something can be forgotten, those that point at others first."""


PAUSED, FORGETTING = "history.paused", "history.forgetting"
"""Switches of a library: whether nothing is noted, and what its copies still hold of what was forgotten. They are the
person's last word, which no older state takes back.
"""

FORGET_NOTHING_COUNTED = "DELETE FROM sqlite_sequence WHERE name IN ('happenings', 'slates') AND seq = 0"
"""A table into which nothing was put is as one that is new."""


class Gone(NamedTuple):
    """Which rows of a table go; and of those that stay, which `loses` what is said there."""

    rows: str
    loses: str = ""
    condition: str = ""


def overwrite_cheaply(connection: sqlite3.Connection) -> None:
    """How a connection that writes is set up."""
    connection.execute("PRAGMA secure_delete = FAST").fetchone()


@contextmanager
def overwriting(connection: sqlite3.Connection) -> Iterator[None]:
    """Part of the caller's transaction: pages that become free hold zeros."""
    before = connection.execute("PRAGMA secure_delete").fetchone()[0]
    connection.execute("PRAGMA secure_delete = ON").fetchone()
    try:
        yield
    finally:
        connection.execute(f"PRAGMA secure_delete = {('OFF', 'ON', 'FAST')[before]}").fetchone()


def rewrite(connection: sqlite3.Connection, plan: Mapping[str, Gone], values: Mapping[str, str]) -> None:
    """Put aside what stays of some tables, in the order of `OVERWRITTEN`, take them away, and make them anew. Part of the
    caller's transaction.
    """
    made: dict[str, list[str]] = {}
    last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
    with overwriting(connection):
        for table, gone in plan.items():
            asked = (
                "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'index', rowid"
            )
            made[table] = [row[0] for row in connection.execute(asked, (table,))]
            connection.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table} WHERE 0")
            connection.execute(
                f"INSERT INTO kept_{table} SELECT * FROM {table} WHERE NOT ifnull({gone.rows}, 0)", values
            )
            if gone.loses:
                connection.execute(f"UPDATE kept_{table} SET {gone.loses} WHERE {gone.condition}", values)
        for table in plan:
            connection.execute(f"DELETE FROM {table}")
        for table in plan:
            connection.execute(f"DROP TABLE {table}")
        for table, statements in reversed(made.items()):
            for statement in statements:
                connection.execute(statement)
            if table == "happenings" and "slates" in plan:
                connection.execute(
                    "UPDATE kept_happenings SET slate_id = NULL WHERE slate_id NOT IN (SELECT id FROM slates)"
                )
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
            connection.execute(f"DROP TABLE kept_{table}")
        if "journal" in plan and last is not None:
            # Steps are not numbered twice.
            connection.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")
            connection.execute("INSERT INTO sqlite_sequence VALUES ('journal', ?)", last)
        connection.execute(FORGET_NOTHING_COUNTED)
        with suppress(sqlite3.OperationalError):  # only there where SQLite was made to keep samples
            connection.execute(f"DELETE FROM sqlite_stat4 WHERE tbl IN ({', '.join(map(repr, plan))})")


def empty(file: Path) -> None:
    """Take everything private out of a copy of a library that nobody else has open. Raises sqlite3.Error."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        there = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if not any(connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in PRIVATE & there):
            return
        connection.execute("BEGIN IMMEDIATE")
        rewrite(connection, {table: Gone("1") for table in OVERWRITTEN if table in PRIVATE & there}, {})
        connection.execute("COMMIT")
