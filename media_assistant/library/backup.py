"""Backups: made with SQLite's own online copy, opened and checked before they count, a set number kept."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.library.database import Database, connect, told_plainly

KEPT = 10
"""Backups of each reason that are kept; the oldest goes first."""

_PAGES = 2_000


def back_up(
    database: Database, folder: Path, reason: str, progress: Callable[[int, int], None] | None = None
) -> Path:
    """Copy the library to `<folder>/<time>-<reason>.sqlite` while it stays in use; returns the file.

    `reason` is a word such as `daily` or `before-2`. `progress(done_pages, all_pages)` is called now and then.
    Raises UserFixable("library.backup_failed") when the copy does not open or is not whole; nothing is left then.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    target = folder / f"{stamp}-{re.sub(r'[^a-z0-9-]', '-', reason)}.sqlite"
    partial = target.with_suffix(".partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with told_plainly(database.file), closing(connect(database.file, read_only=True)) as source:
            with closing(sqlite3.connect(partial)) as copy:
                source.backup(
                    copy, pages=_PAGES, progress=lambda _, left, total: progress and progress(total - left, total)
                )
                copy.execute("PRAGMA journal_mode = DELETE")
        _check(partial)
        os.replace(partial, target)
    except OSError as fault:
        raise UserFixable("library.backup_failed", name=str(folder), why=fault.strerror or str(fault)) from fault
    except sqlite3.Error as fault:
        raise UserFixable("library.backup_failed", name=str(folder), why=str(fault)) from fault
    finally:
        partial.unlink(missing_ok=True)
    for old in list_backups(folder, reason)[KEPT:]:
        old.unlink(missing_ok=True)
    return target


def list_backups(folder: Path, reason: str = "") -> list[Path]:
    """Whole backups, newest first."""
    end = f"-{reason}.sqlite" if reason else ".sqlite"
    return sorted((file for file in folder.glob("*.sqlite") if file.name.endswith(end)), reverse=True)


def _check(file: Path) -> None:
    """Open the copy and let SQLite read all of it."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise sqlite3.DatabaseError(str(answer))
        connection.execute("SELECT count(*) FROM items").fetchone()
