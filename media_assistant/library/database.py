"""The SQLite file: connections, transactions, and its faults in plain words.

One connection writes, under one lock; each thread reads through a read-only connection of its own. Which *program* may
write is settled before (`jobs.claim`); SQLite's own locks keep the file whole in any case.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from media_assistant.errors import Bug, UserFixable
from media_assistant.library import backup, lean_copy, secrecy
from media_assistant.library.file_uri import file_uri
from media_assistant.library.readers import Readers
from media_assistant.library.schema import migrations

log = logging.getLogger(__name__)

APPLICATION_ID = 0x4D41_4C62
"""`MALb` in the file's header, by which it is told from any other SQLite file."""

_BUSY_MS = 10_000

_FAULTS = {
    sqlite3.SQLITE_FULL: "library.disk_full",
    sqlite3.SQLITE_READONLY: "library.read_only",
    sqlite3.SQLITE_PERM: "library.read_only",
    sqlite3.SQLITE_CORRUPT: "library.damaged",
    sqlite3.SQLITE_NOTADB: "library.not_a_library",
    sqlite3.SQLITE_BUSY: "library.locked",
    sqlite3.SQLITE_LOCKED: "library.locked",
    sqlite3.SQLITE_CANTOPEN: "library.cannot_open",
    sqlite3.SQLITE_IOERR: "library.disk_error",
}


@contextmanager
def mapped_errors(file: Path) -> Iterator[None]:
    """The world's faults as UserFixable with a `library.…` code; what is left of sqlite3.Error is ours, a Bug."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the primary code; the extended ones only say more of the same.
        code = getattr(error, "sqlite_errorcode", None)
        fault = _FAULTS.get(code & 0xFF) if code is not None else None
        if fault is None:
            raise Bug(f"SQL on {file.name}: {error}") from error
        raise (foreign(file) if fault == "library.not_a_library" else UserFixable(fault, library=str(file))) from error


def foreign(file: Path) -> UserFixable:
    """What is wrong with a file that is no library: with backups beside it, it was one."""
    return UserFixable(
        "library.overwritten" if backup.list_backups(file) else "library.not_a_library", library=str(file)
    )


def now() -> str:
    """The moment in ISO 8601, UTC, with microseconds: sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


class Database:
    """An open file. `transaction` and `read` may be used from any thread."""

    def __init__(self, file: Path, *, is_read_only: bool = False) -> None:
        """Open, and bring the schema up to date after a checked backup.

        Raises UserFixable: `library.absent` (read-only and not there), `library.newer`, `library.older` (read-only),
        `library.not_a_library`, `library.damaged`, `library.locked`, `library.read_only`, `library.disk_full` …
        """
        self.file = Path(os.path.abspath(file))
        self.is_read_only = is_read_only
        self._lock = threading.RLock()
        self._depth = 0
        self._readers = Readers(self._open_reader, self._give_back)
        self._is_closed = False
        self._opened: tuple[int, int] | None = None
        self._writer: sqlite3.Connection | None = None
        with mapped_errors(self.file):
            if is_read_only:
                if not os.path.exists(self.file):
                    raise UserFixable("library.absent", library=str(self.file))
                _check(self.file, self.reader(), is_read_only=True)
            else:
                backup.forget_unfinished(self.file)
                self._writer = self._open_writer()
                self._opened = _identity(self.file)

    def close(self) -> None:
        """Close every connection. The file is then one file again, without its `-wal`."""
        with self._lock:
            self._is_closed = True
            self._readers.close()
            if self._writer is not None:
                with suppress(sqlite3.Error):
                    self._writer.execute("PRAGMA optimize")
                with suppress(sqlite3.Error):
                    self._writer.close()
                self._writer = None

    def reader(self) -> sqlite3.Connection:
        """The calling thread's read-only connection. Each statement sees all that was committed before it began."""
        if self._is_closed:
            raise UserFixable("library.closed", library=str(self.file))
        return self._readers.mine()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One state of the library for several statements."""
        connection = self.reader()
        with mapped_errors(self.file):
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def hold(self) -> sqlite3.Connection:
        """A connection of one's own that sees the library as it is now, whatever is written, until it is closed. May be
        used from any thread, one at a time.
        """
        if self._is_closed:
            raise UserFixable("library.closed", library=str(self.file))
        with mapped_errors(self.file):
            connection = self._open_reader()
            try:
                connection.execute("BEGIN")
                # A transaction only takes its view of the file with the first read.
                connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
            except BaseException:
                connection.close()
                raise
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing. One inside another is part of the outer one."""
        with self._lock, mapped_errors(self.file):
            connection = self._writer
            if connection is None:
                code = "library.closed" if self._is_closed else "library.opened_read_only"
                raise UserFixable(code, library=str(self.file))
            if self._depth:
                yield connection
                return
            if _identity(self.file) != self._opened:
                # What is written now would go where nobody finds it: a drive that was pulled out, a deleted file.
                raise UserFixable("library.vanished", library=str(self.file))
            connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    @contextmanager
    def beside(self) -> Iterator[sqlite3.Connection]:
        """A transaction beside the program that has the library for itself: for a switch, which no other write depends on.
        SQLite's own lock is enough for one row.
        """
        with (
            mapped_errors(self.file),
            closing(
                sqlite3.connect(file_uri(self.file, "mode=rw"), uri=True, isolation_level=None, timeout=_BUSY_MS / 1000)
            ) as connection,
        ):
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def empty_wal(self) -> bool:
        """Put everything into the file, so that the `-wal` is empty; whether nobody stood in the way. Waits for readers."""
        with self._lock, mapped_errors(self.file):
            if self._writer is None or self._depth:
                return False
            return bool(self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

    def _give_back(self) -> None:
        """The writer's pages too, if nobody writes."""
        if self._lock.acquire(blocking=False):
            try:
                if self._writer is not None and not self._depth:
                    with suppress(sqlite3.Error):
                        self._writer.execute("PRAGMA shrink_memory")
            finally:
                self._lock.release()

    def _open_reader(self) -> sqlite3.Connection:
        uri = file_uri(self.file, "mode=ro")
        if self.is_read_only and not os.access(self.file.parent, os.W_OK) and not _has_wal(self.file):
            # Reading a WAL file needs a `-shm` beside it; where none can be made, nobody can write either.
            uri += "&immutable=1"
        with mapped_errors(self.file):
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
            )
            connection.execute("PRAGMA query_only = ON")
            # Never mapped into memory: a drive that goes away would end the program there, not a statement.
            connection.execute("PRAGMA cache_size = -16384")
            return connection

    def _open_writer(self) -> sqlite3.Connection:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserFixable("library.cannot_open", library=str(self.file)) from error
        connection = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
        try:
            is_new = _check(self.file, connection)
            if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                # Reading while somebody writes needs memory that is shared through the drive.
                raise UserFixable("library.no_shared_memory", library=str(self.file))
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -32768")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            secrecy.overwrite_cheaply(connection)
            if is_new:
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            version = migrations.version_of(connection)
            if version < migrations.SCHEMA_VERSION:
                if version:
                    with closing(sqlite3.connect(self.file, isolation_level=None)) as source:
                        made = backup.make_backup(source, self.file, "version")
                    log.info("backup before migrating from %d: %s", version, made)
                migrations.migrate(connection, lambda: _begin(connection), now())
        except BaseException:
            connection.close()
            raise
        return connection


def _begin(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file stands at this path; None where none does."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _has_wal(file: Path) -> bool:
    wal = file.with_name(file.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def _check(file: Path, connection: sqlite3.Connection, *, is_read_only: bool = False) -> bool:
    """Whether it is empty. Raises UserFixable if it is not ours, or of a version that cannot be used as asked."""
    version = migrations.version_of(connection)
    application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
    is_empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if is_empty and version == 0 and application_id in (0, APPLICATION_ID):
        if is_read_only:
            raise UserFixable("library.absent", library=str(file))
        return True
    if application_id == lean_copy.APPLICATION_ID:
        raise UserFixable("library.is_backup", library=str(file))
    if application_id != APPLICATION_ID:
        raise foreign(file)
    if version > migrations.SCHEMA_VERSION:
        raise UserFixable("library.newer", library=str(file), version=version, known=migrations.SCHEMA_VERSION)
    if is_read_only and version < migrations.SCHEMA_VERSION:
        raise UserFixable("library.older", library=str(file))
    return False
