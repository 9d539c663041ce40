"""What keeps a library well: backups of it, and a look whether everything in it fits together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.items.changes import LibraryChanges
from media_assistant.library import backup, text_index
from media_assistant.library.backup import Backup, Why
from media_assistant.library.database import Database, mapped_errors
from media_assistant.library.file_uri import file_uri
from media_assistant.library.lean_copy import Progress, Rest

if TYPE_CHECKING:
    from media_assistant.library.checking import Problem


class Held:
    """The library as it was at one moment, whatever is written meanwhile. To be released, and soon: what is written in
    the meantime piles up beside the library until then.
    """

    def __init__(self, file: Path, connection: sqlite3.Connection) -> None:
        self._file = file
        self._connection = connection

    def back_up(
        self,
        why: Why,
        *,
        should_stop: Callable[[], bool] = bool,
        progress: Progress | None = None,
        rest: Rest = bool,
    ) -> Backup:
        """A checked copy of that moment, which is let go with it. Raises what `backup.make_backup` raises."""
        with mapped_errors(self._file):
            made = backup.make_backup(
                self._connection, self._file, why, should_stop=should_stop, progress=progress, rest=rest
            )
        return backup.describe(made)

    def is_unlike(self, other: Backup) -> bool:
        """Whether anything was added, analysed, said or taken back since that backup."""
        try:
            with closing(sqlite3.connect(file_uri(other.file, "mode=ro&immutable=1"), uri=True)) as before:
                return backup.fingerprint(before) != backup.fingerprint(self._connection)
        except sqlite3.Error:
            return True

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever brought in or said; not where that cannot be read, for a copy may still be made."""
        try:
            return not self._connection.execute(
                "SELECT EXISTS (SELECT 1 FROM items) OR EXISTS (SELECT 1 FROM journal)"
            ).fetchone()[0]
        except sqlite3.Error:
            return False

    def release(self) -> None:
        """Let go of it. May be called again."""
        self._connection.close()


class Upkeep:
    """A part of `Library`."""

    _database: Database

    def hold(self) -> Held:
        """The library as it is now, for a copy that is made later."""
        return Held(self._database.file, self._database.hold())

    def backup(
        self,
        why: Why = "asked",
        *,
        should_stop: Callable[[], bool] = bool,
        progress: Progress | None = None,
        rest: Rest = bool,
    ) -> Path:
        """A checked copy beside the library. Raises what `backup.make_backup` raises."""
        held = self.hold()
        try:
            return held.back_up(why, should_stop=should_stop, progress=progress, rest=rest).file
        finally:
            held.release()

    def backups(self, *, with_counts: bool = False) -> list[Backup]:
        """Backups and restore points, the newest first; with `with_counts` each is opened and counted."""
        found: list[Backup] = []
        file = self._database.file
        for each in (*backup.list_backups(file), *backup.list_restore_points(file)):
            try:
                described = backup.describe(each)
            except OSError:
                continue  # it went meanwhile
            found.append(replace(described, counts=backup.read_counts(each)) if with_counts else described)
        return sorted(found, key=lambda each: each.made_at, reverse=True)

    def find_problems(self, *, should_stop: Callable[[], bool] = bool) -> list[Problem]:
        """What does not fit together; nothing is changed. Reads everything. Raises Cancelled."""
        from media_assistant.library import checking

        connection = self._database.hold()
        try:
            with mapped_errors(self._database.file):
                found = checking.find_problems(connection, should_stop=should_stop)
        finally:
            connection.close()
        if not self._database.is_read_only and not any(
            each.code in ("damaged", "spare_parts", "parts", "text_index") for each in found
        ):
            with self._database.transaction() as writing:
                if not text_index.is_sound(writing):
                    found.append(checking.Problem("text_index", 1))
        return found

    def repair(self, problems: Sequence[Problem]) -> LibraryChanges:
        """Make again what follows from the rest, in one transaction. A person's words are never touched."""
        from media_assistant.library import checking

        with self._database.transaction() as connection:
            return checking.repair(connection, problems)

    def known_ids(self) -> set[int]:
        """Every item that there is, removed ones too: whose small pictures are kept."""
        with self._database.read() as connection:
            return {row[0] for row in connection.execute("SELECT id FROM items")}

    def pictured_ids(self) -> list[int]:
        """Items of which small pictures were made and are not to be made again."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT item_id FROM runs JOIN items ON items.id = item_id AND removed_at = ''"
                " WHERE analyser = 'preview' AND is_complete AND is_stale = 0 ORDER BY item_id"
            )
            return [row[0] for row in rows]

    def picture_again(self, item_ids: Sequence[int]) -> LibraryChanges:
        """Their small pictures are lost: the queue makes them again."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE runs SET is_stale = 1 WHERE analyser = 'preview' AND item_id = ?",
                [(each,) for each in item_ids],
            )
            connection.executemany(
                "UPDATE jobs SET state = 'waiting', attempts = 0 WHERE analyser = 'preview' AND state = 'done'"
                " AND item_id = ?",
                [(each,) for each in item_ids],
            )
        return LibraryChanges(changed=tuple(item_ids), jobs=True)
