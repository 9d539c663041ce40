"""Whether what a person does is noted."""

from __future__ import annotations

import sqlite3

from media_assistant.library.secrecy import PAUSED, overwriting


def is_paused(connection: sqlite3.Connection) -> bool:
    """Whether the person wants nothing to be noted now."""
    row = connection.execute("SELECT value FROM switches WHERE name = ?", (PAUSED,)).fetchone()
    return bool(row and row[0])


def set_paused(connection: sqlite3.Connection, *, is_paused: bool) -> None:
    """Note nothing until told otherwise, or go on."""
    with overwriting(connection):
        connection.execute(
            "INSERT INTO switches VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (PAUSED, "1" if is_paused else ""),
        )
