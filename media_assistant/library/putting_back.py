"""A backup in the place of the library, such that there is a whole library at every moment: the old one, or the new one.

The order keeps that promise. The old library is made one file without a `-wal` beside it, which a new file of the same
name would otherwise be read with. It is copied as a restore point. The backup is copied beside it, checked, and written
through to the disk. Then one rename puts it into place.

Who calls this holds the library's claim (`jobs.claim`), and has closed the library.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.library import backup as backups
from media_assistant.library import lean_copy, making_whole, secrecy
from media_assistant.library.backup import Backup
from media_assistant.library.database import APPLICATION_ID, foreign, mapped_errors, now
from media_assistant.library.file_uri import file_uri
from media_assistant.library.lean_copy import Progress
from media_assistant.library.schema import migrations

_BUSY_S = 2.0


@dataclass(frozen=True, slots=True)
class PutBack:
    """What was done. Items of `changed` have another content than those with the same ids had before."""

    backup: Backup
    restore_point: Backup | None
    """The state before, to come back to; None if there was no library."""
    is_damaged: bool = False
    """Whether the state before is damaged: then the restore point is a plain copy of its files, for whoever can mend it."""
    changed: tuple[int, ...] = ()


def look_at_backup(file: Path, *, should_stop: Callable[[], bool] = bool) -> Backup:
    """A backup that can be restored. Reads all of it.

    Raises UserFixable: `library.no_backup`, `library.backup_not_ours`, `library.backup_newer`, `library.backup_damaged`;
    and Cancelled.
    """
    if not file.is_file():
        raise UserFixable("library.no_backup", file=str(file))
    try:
        with closing(_open_to_read(file)) as connection:
            application_id = connection.execute("PRAGMA application_id").fetchone()[0]
            version = migrations.version_of(connection)
            if application_id not in (APPLICATION_ID, lean_copy.APPLICATION_ID) or version < 1:
                raise UserFixable("library.backup_not_ours", file=str(file))
            if version > migrations.SCHEMA_VERSION:
                raise UserFixable("library.backup_newer", file=str(file))
            if backups.integrity(connection, should_stop=should_stop):
                raise UserFixable("library.backup_damaged", file=str(file))
    except sqlite3.DatabaseError as error:
        is_ours = getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB
        raise UserFixable("library.backup_damaged" if is_ours else "library.backup_not_ours", file=str(file)) from error
    return backups.describe(file)


def put_back(
    backup: Path,
    library: Path,
    *,
    has_preview: Callable[[int], bool] = lambda _item: True,
    progress: Progress | None = None,
) -> PutBack:
    """Let a backup take the library's place. A killed or failed one leaves the library as it was.

    `has_preview` tells of an item whether its small pictures are there; those of others are made again by the queue.

    Raises UserFixable as `look_at_backup` and `make_backup` do; `library.locked` when another program reads the library
    just now; `library.not_a_library` when something else lies there, of which there never was a backup.
    """
    chosen = look_at_backup(backup)
    if library.exists() and backup.samefile(library):
        raise UserFixable("library.backup_is_library", file=str(backup))
    keeping, copying, completing = (_share(progress, number, 3) for number in range(3))
    restore_point, is_damaged = _keep_present(library, keeping)
    before = library if restore_point is not None and not is_damaged else None
    new = library.with_name(library.name + ".restoring")
    try:
        _forget(new)
        library.parent.mkdir(parents=True, exist_ok=True)
        with closing(_open_to_read(backup)) as source:
            source.execute("BEGIN")
            backups.copy(source, new, progress=copying)
        _complete(new, before, completing)
        changed = _fit_in(new, before, has_preview)
        _take_past(new, library)
        if backups.check(new):
            raise UserFixable("library.backup_damaged", file=str(backup))
        backups.sync(new)
        with mapped_errors(library):
            _require_alone(library, may_drop=is_damaged)
        os.replace(new, library)
        backups.sync_folder(library.parent)
    except (sqlite3.Error, OSError) as error:
        if isinstance(error, PermissionError) and library.exists() and new.exists():
            raise UserFixable("library.locked", library=str(library)) from error
        raise backups.fault(error, library.parent) from error
    finally:
        with suppress(OSError):
            _forget(new)
    backups.thin_out(library, backup)
    return PutBack(chosen, restore_point, is_damaged, changed)


def _share(progress: Progress | None, number: int, count: int) -> Progress:
    """What tells of one of `count` equal parts of the work."""

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress(number * total + done, count * total)

    return tell


def _complete(new: Path, old: Path | None, progress: Progress) -> None:
    """What the backup left out is made again; vectors are taken from `old`."""
    with closing(sqlite3.connect(file_uri(new), uri=True, isolation_level=None)) as connection:
        if not lean_copy.is_lean(connection):
            return
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            connection.execute(f"PRAGMA {setting}")
        has_old = old is not None and making_whole.is_library(old, APPLICATION_ID)
        if old is not None and has_old:
            connection.execute("ATTACH ? AS old", (file_uri(old, "mode=ro"),))
        making_whole.make_whole(connection, APPLICATION_ID, now(), old=has_old, progress=progress)


def _keep_present(library: Path, progress: Progress) -> tuple[Backup | None, bool]:
    """A checked restore point of the library, which is one file from then on; of a damaged one a plain copy, and True."""
    if not library.exists() or not library.stat().st_size:
        return None, False
    try:
        with (
            mapped_errors(library),
            closing(sqlite3.connect(library, timeout=_BUSY_S, isolation_level=None)) as present,
        ):
            if present.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise foreign(library)
            if present.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
                raise UserFixable("library.locked", library=str(library))
            return backups.describe(backups.make_backup(present, library, "restore", progress=progress)), False
    except UserFixable as fault:
        if fault.code not in ("library.damaged", "library.overwritten"):
            raise
    folder = backups.backup_folder(library)
    kept = folder / f"damaged-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S-%f')}.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for ending in ("", "-wal", "-journal"):
            if (file := library.with_name(library.name + ending)).exists():
                shutil.copyfile(file, kept.with_name(kept.name + ending))
                backups.sync(kept.with_name(kept.name + ending))
    except OSError as error:
        with suppress(OSError):
            _forget(kept)
        raise backups.fault(error, folder) from error
    return backups.describe(kept), True


def _require_alone(library: Path, *, may_drop: bool) -> None:
    """Nothing lies beside the library that would be read together with the new file."""
    for ending in ("-wal", "-shm", "-journal"):
        beside = library.with_name(library.name + ending)
        if may_drop:
            beside.unlink(missing_ok=True)
        elif beside.exists() and ending != "-shm" and beside.stat().st_size:
            raise UserFixable("library.locked", library=str(library))


def _fit_in(new: Path, old: Path | None, has_preview: Callable[[int], bool]) -> tuple[int, ...]:
    """Small pictures are kept by an item's id. So no id that was ever given is given again, and the pictures of items
    that are another content now, or have none, are made again.
    """
    changed: list[int] = []
    with closing(sqlite3.connect(file_uri(new), uri=True, isolation_level=None)) as connection:
        # Whoever is cut off here throws the file away.
        connection.execute("PRAGMA synchronous = OFF")
        if old is not None:
            connection.execute("ATTACH ? AS old", (file_uri(old, "mode=ro"),))
        connection.execute("BEGIN")
        if old is not None:
            connection.execute(
                "INSERT INTO sqlite_sequence SELECT name, seq FROM old.sqlite_sequence"
                " WHERE name = 'items' AND NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = 'items')"
            )
            connection.execute(
                "UPDATE sqlite_sequence SET seq = max(seq, (SELECT seq FROM old.sqlite_sequence WHERE name = 'items'))"
                " WHERE name = 'items' AND EXISTS (SELECT 1 FROM old.sqlite_sequence WHERE name = 'items')"
            )
            rows = connection.execute(
                "SELECT items.id FROM items JOIN old.items AS before ON before.id = items.id"
                " WHERE before.quick_hash <> items.quick_hash OR before.size_bytes <> items.size_bytes"
            )
            changed = [row[0] for row in rows]
        pictured = connection.execute("SELECT id FROM items WHERE removed_at = ''").fetchall()
        bare = {item_id for (item_id,) in pictured if not has_preview(item_id)}
        connection.executemany(
            "UPDATE runs SET is_stale = 1 WHERE item_id = ? AND analyser = 'preview'",
            [(item_id,) for item_id in sorted(bare | set(changed))],
        )
        connection.execute("COMMIT")
    return tuple(changed)


def _take_past(new: Path, old: Path) -> None:
    """What was done and proposed is no part of a backup: it stays as the library has it, where both know the content, and so
    does whether it is noted. What cannot be read of it is passed over.
    """
    with suppress(sqlite3.Error):
        secrecy.empty(new)  # a plain copy of a library may hold what was forgotten since
    if not old.exists() or not old.stat().st_size:
        return
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(file_uri(new), uri=True, isolation_level=None)) as connection,
    ):
        connection.execute("ATTACH ? AS old", (file_uri(old, "mode=ro"),))
        connection.execute(
            # Of different recordings that agree at head, middle and tail each its own.
            "CREATE TEMP VIEW same AS SELECT"
            " CASE WHEN max(here.id = was.id) THEN was.id ELSE min(here.id) END AS id, was.id AS old_id FROM main.items AS here"
            " JOIN old.items AS was ON was.quick_hash = here.quick_hash AND was.size_bytes = here.size_bytes"
            " GROUP BY was.id"
        )
        connection.execute("BEGIN")
        last_word = (secrecy.PAUSED, secrecy.FORGETTING)
        connection.execute("DELETE FROM main.switches WHERE name IN (?, ?)", last_word)
        connection.execute(
            "INSERT INTO main.switches SELECT * FROM old.switches WHERE name IN (?, ?)",
            last_word,
        )
        connection.execute("COMMIT")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO main.slates SELECT * FROM old.slates")
        connection.execute(
            'INSERT INTO main.shown SELECT slate_id, "row", place, same.id, propensity, expected, context, outcome,'
            " outcome_at FROM old.shown JOIN same ON same.old_id = item_id"
        )
        connection.execute(
            "INSERT INTO main.happenings SELECT happenings.id, at, session, verb, same.id, span_kind, span_a, span_b, span_c,"
            " lasted_ms, ending, is_again, slate_id, detail FROM old.happenings LEFT JOIN same ON same.old_id = item_id"
            " WHERE item_id IS NULL OR same.id IS NOT NULL"
        )
        connection.execute(secrecy.FORGET_NOTHING_COUNTED)
        connection.execute("COMMIT")


def _open_to_read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file_uri(file, "mode=ro"), uri=True, isolation_level=None, timeout=_BUSY_S)


def _forget(file: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
