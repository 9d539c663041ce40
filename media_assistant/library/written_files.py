"""What this program wrote of people's media, so that it never writes over a file that it did not write, and never reads
its own as if somebody had laid it there.

Subtitles that were read, corrected and written again are still the person's: a mark before their hash tells them from
what was heard.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_READ = "read:"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """`was_read`: what was written came of subtitles that somebody else had made."""

    path: Path
    hash: str
    was_read: bool = False


def written_for(connection: sqlite3.Connection, item_id: int) -> list[WrittenFile]:
    """What was written for an item. It may lie elsewhere by now: films are moved and renamed, and their subtitles with them."""
    rows = connection.execute("SELECT path, hash FROM written_files WHERE item_id = ?", (item_id,))
    return [WrittenFile(Path(os.fsdecode(path)), *_understood(known)) for path, known in rows]


def written_at(connection: sqlite3.Connection, paths: Sequence[str]) -> dict[str, str]:
    """Path → hash of what was written there last, for those of the paths where anything was."""
    found: dict[str, str] = {}
    for start in range(0, len(paths), _AT_ONCE):
        part = [os.fsencode(path) for path in paths[start : start + _AT_ONCE]]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"SELECT path, hash FROM written_files WHERE path IN ({marks})", part)
        found |= {os.fsdecode(path): _understood(known)[0] for path, known in rows}
    return found


def remember(connection: sqlite3.Connection, file: WrittenFile, item_id: int, at: str) -> None:
    """It was written."""
    connection.execute(
        "INSERT OR REPLACE INTO written_files (path, item_id, hash, at) VALUES (?, ?, ?, ?)",
        (os.fsencode(file.path), item_id, (_READ if file.was_read else "") + file.hash, at),
    )


def _understood(stored: str) -> tuple[str, bool]:
    return stored.removeprefix(_READ), stored.startswith(_READ)
