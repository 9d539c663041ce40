"""The past of a library as its face has it: what happened, and forgetting it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import Forgetting, Forgotten
from media_assistant.library import forgetting
from media_assistant.library.database import Database
from media_assistant.library.happening_store import Happenings
from media_assistant.library.secrecy import FORGETTING


class Past(Happenings):
    """A part of `Library`."""

    _database: Database

    def would_forget(self, what: Forgetting) -> Forgotten:
        """What `forget` would take away."""
        with self._database.read() as connection:
            return forgetting.look(connection, what)

    def forget(self, what: Forgetting) -> tuple[Forgotten, LibraryChanges]:
        """Forget it in the library itself. It cannot be undone. `finish_forgetting` sees to the copies, and is to follow."""
        with self._database.transaction() as connection:
            contents = forgetting.contents_of(connection, what)
            gone = forgetting.forget(connection, what)
            connection.execute(
                "INSERT INTO switches VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (FORGETTING, json.dumps([*self._under_way(), [asdict(what), contents]])),
            )
        return gone, LibraryChanges(past=True, forgotten=True, journal=what.is_everything)

    def finish_forgetting(self) -> tuple[str, ...]:
        """Take what was forgotten out of the copies beside the library, and out of what SQLite has not yet put into the
        file. Gives the files where something may remain. Also goes on where a program was cut off.
        """
        left: dict[str, None] = {}
        seen_to = self._under_way()
        for plain, contents in seen_to:
            what = Forgetting(plain["since"], plain["until"], tuple(plain["item_ids"]))
            left |= dict.fromkeys(forgetting.forget_in_copies(self._database.file, what, contents))
        with self._database.transaction() as connection:
            # What was forgotten meanwhile is still to be seen to.
            later = self._under_way()
            for each in seen_to:
                with suppress(ValueError):
                    later.remove(each)
            if later:
                connection.execute("UPDATE switches SET value = ? WHERE name = ?", (json.dumps(later), FORGETTING))
            else:
                connection.execute("DELETE FROM switches WHERE name = ?", (FORGETTING,))
        if not self._database.empty_wal():
            left[f"{self._database.file}-wal"] = None
        return tuple(left)

    @property
    def is_forgetting(self) -> bool:
        """Whether something was forgotten, and the copies were not seen to yet."""
        return not self._database.is_read_only and bool(self._under_way())

    def _under_way(self) -> list[tuple[dict[str, Any], str]]:
        with self._database.read() as connection:
            row = connection.execute("SELECT value FROM switches WHERE name = ?", (FORGETTING,)).fetchone()
        return [(plain, contents) for plain, contents in json.loads(row[0])] if row else []
