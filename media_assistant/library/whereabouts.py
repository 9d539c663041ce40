"""Files that were lost from sight, and finding them again."""

from __future__ import annotations

import os
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Found, Lost
from media_assistant.library import file_edits
from media_assistant.library.database import Database
from media_assistant.library.item_reading import chunked, living
from media_assistant.library.item_store import NewItem
from media_assistant.library.steps import perform

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
            alive = set(living(connection, [each.item_id for each in found]))
            for each in {each.item_id: each for each in found if each.item_id in alive}.values():
                new = file_edits.here(each.path, each.size_bytes, each.modified_ns)
                kept = [place for place in file_edits.places_of(connection, each.item_id) if not place[3]]
                steps.append(file_edits.move(each.item_id, [*(place for place in kept if place[0] != new[0]), new]))
            return perform(connection, "relink", steps)

    def use_instead(self, item_id: int, new: NewItem) -> LibraryChanges:
        """The item stands for another file from now on; the person's words stay. One step of undo."""
        with self._database.transaction() as connection:
            edits = [file_edits.replace(each, new) for each in living(connection, [item_id])]
            return perform(connection, "use_instead", edits)
