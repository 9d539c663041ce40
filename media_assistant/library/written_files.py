"""What this program wrote beside people's media, so that it never writes over a file that it did not write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def written_hash(connection: sqlite3.Connection, path: Path, item_id: int) -> str:
    """The hash of what was written there last for this item; empty if nothing was."""
    row = connection.execute(
        "SELECT hash FROM written_files WHERE path = ? AND item_id = ?", (os.fsencode(path), item_id)
    ).fetchone()
    return str(row[0]) if row else ""


def written_beside(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """What was written in the folder of `path` under its name, as file name → hash."""
    head = os.fsencode(path.with_suffix("")) + b"."
    rows = connection.execute(
        "SELECT path, hash FROM written_files WHERE path >= ? AND path < ?", (head, head[:-1] + b"/")
    )
    return {os.path.basename(os.fsdecode(found)): str(known) for found, known in rows}


def remember(connection: sqlite3.Connection, path: Path, item_id: int, content_hash: str, at: str) -> None:
    """It was written."""
    connection.execute(
        "INSERT OR REPLACE INTO written_files (path, item_id, hash, at) VALUES (?, ?, ?, ?)",
        (os.fsencode(path), item_id, content_hash, at),
    )
