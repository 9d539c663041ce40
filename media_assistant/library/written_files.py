"""What this program wrote of people's media, so that it never writes over a file that it did not write, and never reads
its own as if somebody had laid it there.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path


def written_for(connection: sqlite3.Connection, item_id: int) -> frozenset[str]:
    """The hashes of what was written for an item. Not where: films are moved and renamed, and their subtitles with them."""
    rows = connection.execute("SELECT hash FROM written_files WHERE item_id = ?", (item_id,))
    return frozenset(str(known) for (known,) in rows)


def remember(connection: sqlite3.Connection, path: Path, item_id: int, content_hash: str, at: str) -> None:
    """It was written."""
    connection.execute(
        "INSERT OR REPLACE INTO written_files (path, item_id, hash, at) VALUES (?, ?, ?, ?)",
        (os.fsencode(path), item_id, content_hash, at),
    )
