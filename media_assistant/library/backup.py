"""Copies of the library that were opened and checked before they count as backups."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from media_assistant.errors import UserFixable

KEPT = 7


def backup_folder(library: Path) -> Path:
    """Backups lie beside the library that they are of."""
    return library.with_name(library.name + ".backups")


def list_backups(library: Path) -> list[Path]:
    """Oldest first."""
    return sorted(backup_folder(library).glob("library-*.sqlite"))


def make_backup(source: sqlite3.Connection, library: Path, *, kept: int = KEPT) -> Path:
    """Copy the library as it is now, check the copy, keep the newest `kept` of them.

    Others may read and write meanwhile. Raises UserFixable `library.backup_failed` if it could not be written,
    `library.damaged` if what was copied is not whole; a bad copy is deleted.
    """
    folder = backup_folder(library)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    final = folder / f"library-{stamp}.sqlite"
    partial = final.with_suffix(".partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(partial)) as copy:
            source.backup(copy, pages=4096, sleep=0.001)
            # A copy of a WAL file would want a `-wal` of its own wherever it is opened.
            copy.execute("PRAGMA journal_mode = DELETE")
        problems = check(partial)
        if problems:
            raise UserFixable("library.damaged", library=str(library))
        _sync(partial)
        os.replace(partial, final)
    except (sqlite3.Error, OSError) as error:
        raise UserFixable("library.backup_failed", folder=str(folder), why=str(error)) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    for old in list_backups(library)[: -max(1, kept)]:
        with suppress(OSError):
            old.unlink()
    return final


def check(file: Path) -> list[str]:
    """What SQLite finds wrong in a library file that nobody writes to; empty if it is whole."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            problems += [f"{row[0]}: row {row[1]}" for row in connection.execute("PRAGMA foreign_key_check")]
        except sqlite3.DatabaseError as error:
            problems = [str(error)]
    return problems


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
