"""Files that were lost from sight, and finding them again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Found, Loss, Lost
from media_assistant.library import file_edits, item_store, root_store
from media_assistant.library.database import Database
from media_assistant.library.item_reading import below, living
from media_assistant.library.item_store import Location, NewItem
from media_assistant.library.steps import perform

_LOST = (
    "SELECT items.id, path, items.size_bytes, quick_hash, min(locations.id) FROM items"
    " JOIN locations ON locations.item_id = items.id WHERE removed_at = ''"
    " AND NOT EXISTS (SELECT 1 FROM locations AS there WHERE there.item_id = items.id AND there.missing_since = '')"
)

_TWIN = "SELECT 1 FROM locations WHERE modified_ns = ? AND size_bytes = ? AND item_id <> ? LIMIT 1"


class Whereabouts:
    """A part of `Library`."""

    _database: Database

    def lost_items(self) -> list[Lost]:
        """Those of which no file is known to be there, offline ones too."""
        with self._database.read() as connection:
            rows = connection.execute(f"{_LOST} GROUP BY items.id ORDER BY items.id").fetchall()
        return [Lost(item_id, os.fsdecode(path), size, digest) for item_id, path, size, digest, _ in rows]

    def places(self, item_ids: Sequence[int]) -> list[Location]:
        """Every place of these items."""
        found: list[Location] = []
        with self._database.read() as connection:
            for item_id in item_ids:
                found += item_store.locations(connection, item_id=item_id)
        return found

    def known_as(self, files: Sequence[tuple[str, int, int]]) -> list[tuple[Location | None, bool]]:
        """Of each (path, size in bytes, time in ns) what is known there, and whether it is for certain as it was: by size and
        time, where these tell it from all others. Files of a camera may have both in common, and change names.
        """
        found: list[tuple[Location | None, bool]] = []
        with self._database.read() as connection:
            for path, *seen in files:
                here = next(iter(item_store.locations(connection, path=path)), None)
                is_same = here is not None and [here.size_bytes, here.modified_ns] == seen
                if here is not None and is_same:
                    is_same = connection.execute(_TWIN, (seen[1], seen[0], here.item_id)).fetchone() is None
                found.append((here, is_same))
        return found

    def has_twin(self, item_id: int, size_bytes: int, modified_ns: int) -> bool:
        """Whether a file of another item has, or had, this size and time."""
        with self._database.read() as connection:
            return connection.execute(_TWIN, (modified_ns, size_bytes, item_id)).fetchone() is not None

    def seen_as(self, size_bytes: int, modified_ns: int) -> list[str]:
        """The paths of the files that have, or had, this size and time."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT path FROM locations JOIN items ON items.id = item_id"
                " WHERE modified_ns = ? AND locations.size_bytes = ? AND removed_at = ''",
                (modified_ns, size_bytes),
            ).fetchall()
        return [os.fsdecode(path) for (path,) in rows]

    def gone_since(self, folder: str, since: str) -> list[str]:
        """Paths under a folder that were marked missing, and not as offline, at this time or later (UTC), and at which no
        other item's file lies now.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT path FROM locations WHERE path >= ? AND path < ? AND missing_since >= ? AND is_offline = 0"
                " AND NOT EXISTS (SELECT 1 FROM locations AS other WHERE other.path = locations.path"
                " AND other.missing_since = '')",
                (*below(folder), since),
            ).fetchall()
        return [os.fsdecode(path) for (path,) in rows]

    def away_paths(self, folder: str) -> list[str]:
        """Paths under a folder that are marked as offline."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT path FROM locations WHERE path >= ? AND path < ? AND is_offline", below(folder)
            ).fetchall()
        return [os.fsdecode(path) for (path,) in rows]

    def count_places(self, folder: str) -> int:
        """Known places under a folder, apart from those that are missing for longer than anybody asks about."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT count(*) FROM locations JOIN items ON items.id = item_id AND removed_at = ''"
                " WHERE path >= ? AND path < ? AND (missing_since = '' OR is_offline)",
                below(folder),
            ).fetchone()
        return int(row[0])

    def losses(self) -> list[Loss]:
        """Folders of the library with files that are away, whether the folder itself can be reached or not."""
        found: list[Loss] = []
        with self._database.read() as connection:
            for path, _ in root_store.paths(connection):
                lost = len(self._away(connection, path))
                if lost:
                    found.append(Loss(path, lost, root_store.count(connection, path)))
        return found

    def away_items(self, folder: str) -> list[int]:
        """Items of which no file is there and one under this folder is away."""
        with self._database.read() as connection:
            return self._away(connection, folder)

    @staticmethod
    def _away(connection: sqlite3.Connection, folder: str) -> list[int]:
        rows = connection.execute(
            "SELECT DISTINCT item_id FROM locations JOIN items ON items.id = item_id AND removed_at = ''"
            " WHERE path >= ? AND path < ? AND missing_since <> '' AND is_offline AND NOT EXISTS"
            " (SELECT 1 FROM locations AS there WHERE there.item_id = items.id AND there.missing_since = '')"
            " ORDER BY item_id",
            below(folder),
        )
        return [row[0] for row in rows]

    def accept_loss(self, folder: str) -> LibraryChanges:
        """What is away in a folder is gone: the person says so. They stay in the library, as missing. One step of undo."""
        with self._database.transaction() as connection:
            steps = []
            for item_id in self._away(connection, folder):
                places = file_edits.places_of(connection, item_id)
                steps.append(file_edits.move(item_id, [(*place[:4], 0) for place in places]))
            return perform(connection, "accept_loss", steps)

    def relink(self, found: Sequence[Found], moved: Sequence[tuple[str, str]] = ()) -> LibraryChanges:
        """These files are the items' from now on; their lost places are forgotten. `moved` are folders that the library
        looks after at another place from now on: (before, now). One step of undo.
        """
        with self._database.transaction() as connection:
            steps = []
            alive = set(living(connection, [each.item_id for each in found]))
            for each in {each.item_id: each for each in found if each.item_id in alive}.values():
                new = file_edits.here(each.path, each.size_bytes, each.modified_ns)
                kept = [place for place in file_edits.places_of(connection, each.item_id) if not place[3]]
                steps.append(file_edits.move(each.item_id, [*(place for place in kept if place[0] != new[0]), new]))
            for before, now_at in moved:
                row = root_store.known(connection, before)
                if row is not None:
                    steps.append(root_store.set_root(before, None))
                    if root_store.known(connection, now_at) is None:
                        steps.append(root_store.set_root(now_at, row))
            return perform(connection, "relink", steps)

    def use_instead(self, new: Mapping[int, NewItem]) -> LibraryChanges:
        """These items stand for other files from now on; the person's words stay. One step of undo."""
        with self._database.transaction() as connection:
            edits = [file_edits.replace(each, new[each]) for each in living(connection, new)]
            return perform(connection, "use_instead", edits)
