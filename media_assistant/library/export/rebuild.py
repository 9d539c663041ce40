"""A library file made anew from the lines of an open export."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled
from media_assistant.library import backup, derived, history_store, tag_store
from media_assistant.library.database import Database, mapped_errors
from media_assistant.library.export.export_forms import Plain
from media_assistant.library.export.export_records import PARTS, read_line

_ENDINGS = ("", "-wal", "-shm", "-journal")
_SETTINGS = (
    "journal_mode = DELETE",  # there is no way from WAL to none but through this
    "journal_mode = OFF",
    "synchronous = OFF",
    "foreign_keys = ON",
    "cache_size = -65536",
)


class Rebuild:
    """A new file that is a library once `finish` has returned. Until then nobody else may open it.

    It is written without a journal and without waiting for the disk: whoever is cut short starts anew.
    """

    def __init__(self, file: Path) -> None:
        """Begin; what lies at `file` goes. Faults are UserFixable as those of a library."""
        self._file = file
        self._known = {(part, record.type): record for part, records in PARTS.items() for record in records}
        self._statements: dict[str, str] = {}
        self._table_ids: dict[str, int] = {}
        self.discard()
        try:
            Database(file).close()
            with mapped_errors(file):
                self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
                for setting in _SETTINGS:
                    self._connection.execute(f"PRAGMA {setting}")
                self._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self.discard()
            raise

    def set_last_ids(self, last_ids: Any) -> None:
        """Ids that were given once are never given again. Raises ValueError for what are no numbers."""
        if not isinstance(last_ids, dict) or not all(type(value) is int and value >= 0 for value in last_ids.values()):
            raise ValueError("last_ids: not whole numbers")
        self._table_ids |= {str(table): int(last) for table, last in last_ids.items()}

    def put(self, part: str, plain: Plain) -> None:
        """Take a line; one of a type that is not known is passed over. Raises ValueError with the reason for a broken one."""
        record = self._known.get((part, plain["type"]))
        if record is None:
            return
        row = read_line(record, plain)
        if record.type == "edit" and not all(map(history_store.is_known, (plain["edit"], plain["inverse"]))):
            row["state"] = "dropped"  # a later version's: it cannot be taken back here
        statement = self._statements.get(record.type)
        if statement is None:
            names = ", ".join(f'"{name}"' for name in row)
            statement = f"INSERT INTO {record.table} ({names}) VALUES ({', '.join('?' * len(row))})"
            self._statements[record.type] = statement
        with mapped_errors(self._file):
            try:
                self._connection.execute(statement, tuple(row.values()))
            except sqlite3.IntegrityError as fault:
                raise ValueError(_reason(fault)) from fault
            except OverflowError as fault:
                raise ValueError("a number is too large") from fault

    def finish(self, should_stop: Callable[[], bool] = bool) -> None:
        """Make what follows from the lines: proposals, the index of words, what is to be done. Then check and close."""
        with mapped_errors(self._file):
            connection = self._connection
            for table, last in self._table_ids.items():
                known = connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,))
                if known.fetchone() is None:
                    continue
                found = connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (last, table))
                if not found.rowcount:
                    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))
            tag_store.derive_all(connection)
            with suppress(Cancelled):
                derived.index_all(connection, should_stop=should_stop)
            connection.execute("COMMIT")
            connection.close()
        if not should_stop() and (problems := backup.check(self._file)):
            raise ValueError("; ".join(problems[:3]))

    def discard(self) -> None:
        """Away with it, whatever became of it."""
        connection = getattr(self, "_connection", None)
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        for ending in _ENDINGS:
            with suppress(OSError):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)


def _reason(fault: sqlite3.IntegrityError) -> str:
    """SQLite's own words in those of a person who looks at the line."""
    text = str(fault)
    if "FOREIGN KEY" in text:
        return "it is about something that no line before it names"
    return "it says the same as a line before it" if "UNIQUE" in text else text
