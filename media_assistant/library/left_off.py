"""Where each item was left off. No edit of the person's: it is kept in passing and not undone."""

from __future__ import annotations

import sqlite3

from media_assistant.library.database import Database, now
from media_assistant.library.recording import is_paused
from media_assistant.library.secrecy import overwriting


class LeftOff:
    """A part of `Library`."""

    _database: Database

    def keep_position(self, item_id: int, position_ms: int) -> None:
        """Playing of this item stopped here; 0 forgets it. Passed over for an item that is not in the library, and
        while the person wants nothing noted.
        """
        with self._database.transaction() as connection, overwriting(connection):
            if position_ms > 0 and is_paused(connection):
                return
            if position_ms <= 0:
                connection.execute("DELETE FROM positions WHERE item_id = ?", (item_id,))
                return
            connection.execute(
                "INSERT INTO positions SELECT id, ?, ? FROM items WHERE id = ? AND removed_at = ''"
                " ON CONFLICT DO UPDATE SET position_ms = excluded.position_ms, at = excluded.at",
                (position_ms, now(), item_id),
            )


def position(connection: sqlite3.Connection, item_id: int) -> int:
    """Where one item was left off, in ms; 0 if it was not."""
    row = connection.execute("SELECT position_ms FROM positions WHERE item_id = ?", (item_id,)).fetchone()
    return int(row[0]) if row else 0
