"""The SQLite file: how it is opened, read and written, and what its faults mean.

One connection writes, under one lock; every thread that reads has a connection of its own. The database runs in WAL
mode, so readers never wait for the writer. Explicit `BEGIN IMMEDIATE` in one place (`Database.transaction`).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media_assistant.errors import Bug, UserFixable

APPLICATION_ID = 0x4D41_4C42
"""`MALB` in the file's header: a library of Media Assistant."""

_FULL, _READ_ONLY, _DAMAGED, _FOREIGN, _LOCKED = 13, 8, 11, 26, (5, 6)
_CANNOT_OPEN, _IO = 14, 10


@contextmanager
def told_plainly(file: Path) -> Iterator[None]:
    """Turn SQLite's faults into ours: what the world did is UserFixable, everything else is a Bug."""
    try:
        yield
    except sqlite3.Error as fault:
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        name = file.name
        if code == _FULL:
            raise UserFixable("library.disk_full", name=name) from fault
        if code == _READ_ONLY:
            raise UserFixable("library.read_only", name=name) from fault
        if code == _DAMAGED:
            raise UserFixable("library.damaged", name=name) from fault
        if code == _FOREIGN:
            raise UserFixable("library.foreign", name=name) from fault
        if code in _LOCKED:
            raise UserFixable("library.locked", name=name) from fault
        if code in (_CANNOT_OPEN, _IO):
            raise UserFixable("library.unreachable", name=name) from fault
        raise Bug(f"SQLite: {fault}") from fault


class Database:
    """One open SQLite file. Made by `open_database`."""

    def __init__(self, file: Path, writer: sqlite3.Connection | None) -> None:
        self.file = file
        self._writer = writer
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._is_closed = False

    @property
    def is_read_only(self) -> bool:
        """Whether it was opened for looking only."""
        return self._writer is None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. A transaction inside another one of the same thread joins it."""
        if self._writer is None:
            raise UserFixable("library.read_only", name=self.file.name)
        with self._lock, told_plainly(self.file):
            if self._writer.in_transaction:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # A full disk or an interrupt may have rolled back already.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def reader(self) -> sqlite3.Connection:
        """The calling thread's own read-only connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            if self._is_closed:
                raise Bug("the library is closed")
            with told_plainly(self.file):
                connection = connect(self.file, read_only=True)
            self._local.connection = connection
            with self._lock:
                self._readers.append(connection)
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """`reader`, with its faults told plainly."""
        with told_plainly(self.file):
            yield self.reader()

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log back into the file."""
        with self._lock:
            self._is_closed = True
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            if self._writer is not None:
                self._writer.execute("PRAGMA optimize")
                self._writer.close()
                self._writer = None


def connect(file: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection with this program's pragmas. Autocommit: transactions are begun by hand."""
    mode = "ro" if read_only else "rwc"
    address = f"{file.absolute().as_uri()}?mode={mode}"
    # Read connections are closed by whoever closes the library, from another thread.
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA mmap_size = 268435456")
    connection.execute("PRAGMA temp_store = MEMORY")
    if not read_only:
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def open_database(file: Path, *, read_only: bool) -> Database:
    """Open or, unless `read_only`, make the file. The schema is migrations' business.

    Raises UserFixable: library.missing, library.foreign, library.damaged, library.read_only, library.unreachable.
    """
    if read_only:
        if not file.is_file():
            raise UserFixable("library.missing", name=str(file))
        database = Database(file, None)
        try:
            with database.reading() as connection:
                _check_ours(connection, file)
        except BaseException:
            database.close()
            raise
        return database
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UserFixable("library.unreachable", name=str(file)) from fault
    with told_plainly(file):
        writer = connect(file, read_only=False)
        try:
            _check_ours(writer, file)
            writer.execute("PRAGMA journal_mode = WAL")
            writer.execute("BEGIN IMMEDIATE")
            writer.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            writer.execute("COMMIT")
        except BaseException:
            writer.close()
            raise
    return Database(file, writer)


def _check_ours(connection: sqlite3.Connection, file: Path) -> None:
    """An empty new file, or one with our mark; anything else is somebody else's database."""
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    if mark == APPLICATION_ID:
        return
    if mark == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        return
    raise UserFixable("library.foreign", name=file.name)
