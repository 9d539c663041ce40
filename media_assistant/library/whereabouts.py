"""Files that were lost from sight, and finding them again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Found, Lost
from media_assistant.library import file_edits, history_store
from media_assistant.library.database import Database, now
from media_assistant.library.history_store import Edit
from media_assistant.library.item_reading import chunked
from media_assistant.library.item_store import NewItem

_LOST = (
    "SELECT items.id, path, items.size_bytes, quick_hash, min(locations.id) FROM items"
    " JOIN locations ON locations.item_id = items.id WHERE removed_at = ''"
    " AND NOT EXISTS (SELECT 1 FROM locations AS there WHERE there.item_id = items.id AND there.missing_since = '')"
)


class Whereabouts:
    """A part of `Library`."""

    _database: Database

    def lost_items(self) -> list[Lost]:
        """Those of which no file is known to be there, offline ones too."""
        with self._database.read() as connection:
            rows = connection.execute(f"{_LOST} GROUP BY items.id ORDER BY items.id").fetchall()
        return [Lost(item_id, os.fsdecode(path), size, digest) for item_id, path, size, digest, _ in rows]

    def places(self, item_ids: Sequence[int]) -> list[tuple[str, int, bool, bool]]:
        """(path, size in bytes, is missing, is offline) of every place of these items."""
        found: list[tuple[str, int, bool, bool]] = []
        with self._database.read() as connection:
            for part in chunked(item_ids):
                rows = connection.execute(
                    "SELECT path, size_bytes, missing_since <> '', is_offline FROM locations"
                    f" WHERE item_id IN ({','.join('?' * len(part))})",
                    part,
                )
                found += [(os.fsdecode(path), size, bool(gone), bool(away)) for path, size, gone, away in rows]
        return found

    def relink(self, found: Sequence[Found]) -> LibraryChanges:
        """These files are the items' from now on; their lost places are forgotten. One step of undo."""
        with self._database.transaction() as connection:
            steps = []
            for each in {each.item_id: each for each in found}.values():
                new = file_edits.here(each.path, each.size_bytes, each.modified_ns)
                kept = [place for place in file_edits.places_of(connection, each.item_id) if not place[3]]
                steps.append(file_edits.move(each.item_id, [*(place for place in kept if place[0] != new[0]), new]))
            return _perform(connection, "relink", steps)

    def use_instead(self, item_id: int, new: NewItem) -> LibraryChanges:
        """The item stands for another file from now on; the person's words stay. One step of undo."""
        with self._database.transaction() as connection:
            return _perform(connection, "use_instead", [file_edits.replace(item_id, new)])


def _perform(connection: sqlite3.Connection, verb: str, steps: Sequence[Edit]) -> LibraryChanges:
    alive = "SELECT 1 FROM items WHERE id = ? AND removed_at = ''"
    steps = [step for step in steps if connection.execute(alive, (step["item"],)).fetchone()]
    done = history_store.perform(connection, verb, now(), steps)
    return LibraryChanges(changed=tuple(edit["item"] for edit in done), journal=bool(done))
