"""Whether what a person does is noted."""

from __future__ import annotations

import sqlite3

from media_assistant.library.secrecy import overwriting

_PAUSED = "history.paused"


def is_paused(connection: sqlite3.Connection) -> bool:
    """Whether the person wants nothing to be noted now."""
    row = connection.execute("SELECT value FROM switches WHERE name = ?", (_PAUSED,)).fetchone()
    return bool(row and row[0])


def set_paused(connection: sqlite3.Connection, *, is_paused: bool) -> None:
    """Note nothing until told otherwise, or go on."""
    with overwriting(connection):
        connection.execute(
            "INSERT INTO switches VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (_PAUSED, "1" if is_paused else ""),
        )
