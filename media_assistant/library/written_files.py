"""What this program wrote beside people's media, so that it never writes over a file that it did not write."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def written_hash(connection: sqlite3.Connection, path: Path) -> str:
    """The hash of what was written there last; empty if nothing was."""
    row = connection.execute("SELECT hash FROM written_files WHERE path = ?", (os.fsencode(path),)).fetchone()
    return str(row[0]) if row else ""


def written_beside(connection: sqlite3.Connection, path: Path) -> dict[str, str]:
    """What was written in the folder of `path` under its name, as file name → hash."""
    head = os.fsencode(path.with_suffix("")) + b"."
    rows = connection.execute(
        "SELECT path, hash FROM written_files WHERE path >= ? AND path < ?", (head, head[:-1] + b"/")
    )
    return {os.path.basename(os.fsdecode(found)): str(known) for found, known in rows}


def remember(connection: sqlite3.Connection, path: Path, content_hash: str, at: str) -> None:
    """It was written."""
    connection.execute(
        "INSERT INTO written_files VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash, at = excluded.at",
        (os.fsencode(path), content_hash, at),
    )
