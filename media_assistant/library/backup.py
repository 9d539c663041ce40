"""Copies of the library that were opened and checked before they count as backups.

Each is one file with all that cannot be made again (`lean_copy`); earlier ones are whole libraries. Kept are the newest
seven, the last one of each of the last seven days, and the last one of each of the last eight weeks. Restore points,
made before another library took this one's place, are kept apart: the newest three. They are whole, so that the way back
leaves nothing to do; lean where the disk has no room for that. Of a library that was damaged before something took its
place, the newest three are kept as well.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.items.kind import Kind
from media_assistant.library import lean_copy, secrecy
from media_assistant.library.file_uri import file_uri
from media_assistant.library.lean_copy import Progress, Rest

KEPT = 7
KEPT_DAYS, KEPT_WEEKS = 7, 8
KEPT_RESTORE_POINTS = 3
KEPT_DAMAGED = 3

Why = Literal["daily", "asked", "change", "version", "restore", ""]
"""What a backup was made for: the day, a person's wish, a large change, a new version of the schema, a restore."""

_STAMP = "%Y%m%d-%H%M%S-%f"
_NAME = re.compile(r"(library|restore-point)-(\d{8}-\d{6}-\d{6})(?:-(daily|asked|change|version))?\.sqlite")
_PAGES = 1024
"""Copied at a time: 4 MB, so that whoever waits for the end of it waits a few milliseconds."""
_SPARE_BYTES = 50_000_000
"""Stays free on the disk when a backup is made: the library itself has to go on."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that can be restored. `made_at` is UTC."""

    file: Path
    made_at: datetime
    size_bytes: int
    why: Why = ""
    counts: dict[Kind, int] = field(default_factory=dict)
    """Items of each kind in it, if somebody looked (`read_counts`)."""

    @property
    def is_restore_point(self) -> bool:
        """Whether it is the state before a restore."""
        return self.why == "restore"


def backup_folder(library: Path) -> Path:
    """Backups lie beside the library that they are of."""
    return library.with_name(library.name + ".backups")


def list_backups(library: Path) -> list[Path]:
    """Oldest first, without restore points."""
    return sorted(file for file in backup_folder(library).glob("library-*.sqlite") if _read_name(file.name))


def list_restore_points(library: Path) -> list[Path]:
    """Oldest first."""
    return sorted(file for file in backup_folder(library).glob("restore-point-*.sqlite") if _read_name(file.name))


def _read_name(name: str) -> tuple[datetime, Why] | None:
    """When a backup was made and what for, as its name says; None of a file that none of ours is called."""
    named = _NAME.fullmatch(name)
    if named is None:
        return None
    try:
        made_at = datetime.strptime(named[2], _STAMP).replace(tzinfo=UTC)
    except ValueError:  # digits that are no date
        return None
    why: Why = "restore" if named[1] == "restore-point" else named[3] or ""  # type: ignore[assignment]
    return made_at, why


def describe(file: Path) -> Backup:
    """What a backup's name says; of a file with another name, when it was written last. Raises OSError."""
    state = file.stat()
    made_at, why = _read_name(file.name) or (datetime.fromtimestamp(state.st_mtime, UTC), "")
    return Backup(file, made_at, state.st_size, why)


def make_backup(
    source: sqlite3.Connection,
    library: Path,
    why: Why = "",
    *,
    should_stop: Callable[[], bool] = bool,
    progress: Progress | None = None,
    rest: Rest = bool,
) -> Path:
    """Copy the library as it is now, check the copy, then let go of those that are too many.

    Others may read and write meanwhile; a `source` in a transaction is copied as it was when that began, and the
    transaction is over then. `progress(done, all)` and `rest` are called on this thread, again and again.

    Raises UserFixable `library.backup_disk_full` or `library.backup_failed` if it could not be written,
    `library.damaged` if what was copied is not whole, and Cancelled; nothing half written stays.
    """
    folder = backup_folder(library)
    stamp = now().strftime(_STAMP)
    name = f"restore-point-{stamp}" if why == "restore" else f"library-{stamp}-{why}" if why else f"library-{stamp}"
    final = folder / f"{name}.sqlite"
    partial = final.with_suffix(".partial")
    heard = progress or (lambda _done, _all: None)

    def go_on(done: int, total: int) -> None:
        require_room(folder)
        heard(done, total)

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_room(folder)
        if why == "restore" and shutil.disk_usage(folder).free > _size(source) + _SPARE_BYTES:
            copy(source, partial, should_stop=should_stop, progress=go_on, rest=rest)
            secrecy.empty(partial)
        else:
            lean_copy.write(source, partial, should_stop=should_stop, progress=go_on, rest=rest)
        if check(partial, should_stop=should_stop):
            raise UserFixable("library.damaged", library=str(library))
        sync(partial)
        os.replace(partial, final)
        sync_folder(folder)
    except (sqlite3.Error, OSError) as error:
        if _is_damage(error):
            raise UserFixable("library.damaged", library=str(library)) from error
        raise fault(error, folder) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    if why != "restore":
        thin_out(library, final)
    return final


def _is_damage(error: sqlite3.Error | OSError) -> bool:
    """Whether the library that was read is damaged."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return isinstance(error, lean_copy.Unlike) or code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def copy(
    source: sqlite3.Connection,
    target: Path,
    *,
    should_stop: Callable[[], bool] = bool,
    progress: Progress | None = None,
    rest: Rest = bool,
) -> None:
    """A library into a new file. Raises sqlite3.Error and Cancelled; then what is there of it is worth nothing."""

    def step(_status: int, left: int, pages: int) -> None:
        if should_stop():
            raise Cancelled
        if progress is not None:
            progress(pages - left, pages)
        rest()

    with closing(sqlite3.connect(target)) as made:
        # What is not whole at the end is thrown away, so the copy needs no journal of its own.
        made.execute("PRAGMA journal_mode = OFF")
        made.execute("PRAGMA synchronous = OFF")
        source.backup(made, pages=_PAGES, progress=step, sleep=0.001)
        # A copy of a WAL file would want a `-wal` of its own wherever it is opened.
        made.execute("PRAGMA journal_mode = DELETE")


def check(file: Path, *, should_stop: Callable[[], bool] = bool) -> list[str]:
    """What is damaged in a library file that nobody writes to; empty if all of its rows are whole. Raises Cancelled."""
    with closing(sqlite3.connect(file_uri(file, "mode=ro"), uri=True)) as connection:
        return integrity(connection, should_stop=should_stop)


def integrity(connection: sqlite3.Connection, *, should_stop: Callable[[], bool] = bool) -> list[str]:
    """The same of an open one. What `checking` finds and mends (indexes, rows without a parent) is no damage: a copy of
    it is as good as the library.
    """
    connection.set_progress_handler(lambda: int(should_stop()), 100_000)
    try:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check(1000)") if row[0] != "ok"]
        problems = [each for each in said if not lean_copy.OF_INDEX.search(each)]
    except sqlite3.DatabaseError as error:
        if should_stop():
            raise Cancelled from error
        problems = [str(error)]
    finally:
        connection.set_progress_handler(None, 0)
    return problems


def read_counts(file: Path) -> dict[Kind, int]:
    """How many items of each kind a backup holds; none of one that cannot be read."""
    with (
        suppress(sqlite3.Error, ValueError, LookupError, TypeError, AttributeError),
        closing(sqlite3.connect(file_uri(file, "mode=ro&immutable=1"), uri=True)) as connection,
    ):
        return {Kind(kind): count for kind, count in lean_copy.read_kinds(connection).items()}
    return {}


def fingerprint(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Differs whenever something was added, analysed, said or taken back in between. Raises sqlite3.Error."""
    asked = (
        "SELECT name, seq FROM sqlite_sequence WHERE name NOT IN ('jobs', 'happenings', 'slates') ORDER BY name",
        "SELECT state, count(*) FROM journal GROUP BY state ORDER BY state",
        "SELECT count(*), sum(is_watched) FROM roots",
        "SELECT max(at) FROM positions",
    )
    return [row for question in asked for row in connection.execute(question)]


def now() -> datetime:
    """What the clock says, which may be wrong."""
    return datetime.now(UTC)


def is_due(backups: Sequence[Backup], at: datetime, after_s: float) -> bool:
    """Whether none was made in the last `after_s` seconds. One from the future was made by a clock that was wrong."""
    return not any(abs((at - each.made_at).total_seconds()) < after_s for each in backups)


def choose_kept(made: Sequence[datetime], at: datetime) -> set[datetime]:
    """Of backups made at these times, those that stay: the rule at the head of this module. Those from the future are a
    row of their own, for then the clock is wrong, or was: neither row pushes the other out.
    """
    kept: set[datetime] = set()
    for row in ([each for each in made if each <= at], [each for each in made if each > at]):
        kept.update(sorted(row)[-KEPT:])
        days = {each.date(): each for each in sorted(row)}
        weeks = {each.isocalendar()[:2]: each for each in sorted(row)}
        kept.update(sorted(days.values())[-KEPT_DAYS:], sorted(weeks.values())[-KEPT_WEEKS:])
    return kept


def fault(error: sqlite3.Error | OSError, folder: Path) -> UserFixable:
    """Why no copy could be written into `folder`, for a person."""
    is_full = (
        error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        if isinstance(error, OSError)
        else getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    )
    if is_full:
        return UserFixable("library.backup_disk_full", folder=str(folder))
    why = why_of(error) if isinstance(error, OSError) else str(error)
    return UserFixable("library.backup_failed", folder=str(folder), why=why or "")


def sync(file: Path) -> None:
    """What was written is on the disk when this returns. Raises OSError."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def sync_folder(folder: Path) -> None:
    """A new name is on the disk when this returns, where the system can be asked for that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def thin_out(library: Path, spared: Path) -> None:
    """Let go of what the rule at the head of this module does not keep, but for the one `spared`. Never raises: others
    may do the same just now, and what was to be kept is kept.
    """
    with suppress(OSError):
        for file in _too_many(library):
            if file != spared:
                with suppress(OSError):
                    file.unlink()


def _too_many(library: Path) -> list[Path]:
    """Raises OSError where the folder cannot be read."""
    # By their names alone: a file may be gone by now.
    files = {named[0]: file for file in list_backups(library) if (named := _read_name(file.name))}
    kept = choose_kept(list(files), now())
    gone = [file for made_at, file in files.items() if made_at not in kept]
    gone += list_restore_points(library)[:-KEPT_RESTORE_POINTS]
    folder = backup_folder(library)
    for damaged in sorted(folder.glob("damaged-*.sqlite"))[:-KEPT_DAMAGED]:
        gone += [damaged, *(damaged.with_name(damaged.name + ending) for ending in ("-wal", "-journal"))]
    # What a program that was killed in the middle has left.
    return [*gone, *(file for file in folder.glob("*.partial*") if _is_old(file))]


def forget_unfinished(library: Path) -> None:
    """Remove what a restore or a rebuild that was killed has left beside a library: all of a library lies in it. For
    whoever holds the claim, for then nobody writes there. Never raises.
    """
    for mark in (".restoring", ".rebuilding"):
        for ending in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                library.with_name(library.name + mark + ending).unlink(missing_ok=True)


def _is_old(file: Path) -> bool:
    with suppress(OSError):
        return time.time() - file.stat().st_mtime > 3600
    return False


def require_room(folder: Path) -> None:
    """Raises OSError when the disk has no more room than the library needs to go on."""
    if shutil.disk_usage(folder).free < _SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _size(source: sqlite3.Connection) -> int:
    pages, page = (source.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
    return int(pages * page)
