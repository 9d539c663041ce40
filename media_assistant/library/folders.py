"""The library's folders: which it looks after, what lies in them, and what of it can be reached."""

from __future__ import annotations

import os
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folder import Folder, Root
from media_assistant.library import belonging, item_store, root_store
from media_assistant.library.database import Database, now
from media_assistant.library.item_reading import below
from media_assistant.library.item_store import Location
from media_assistant.library.steps import OpenStep, perform


class Folders:
    """A part of `Library`. Paths are absolute, and may hold bytes that are no text (surrogate escapes)."""

    _database: Database

    def roots(self) -> list[Root]:
        """Folders that were brought in as a whole, with the number of their items."""
        with self._database.read() as connection:
            return root_store.fetch(connection)

    def root_paths(self) -> list[tuple[str, bool]]:
        """Each root's path and whether it is watched: quick, for it counts nothing."""
        with self._database.read() as connection:
            return root_store.paths(connection)

    def folders(self, parent: str) -> list[Folder]:
        """The folders right inside `parent` that hold items, with how many; about 60 ms for 100,000 items."""
        with self._database.read() as connection:
            return root_store.folders(connection, parent)

    def paths(self, item_ids: Sequence[int]) -> list[str]:
        """Where these items lie, in the order asked; those that are missing are left out."""
        with self._database.read() as connection:
            return root_store.present_paths(connection, item_ids)

    def locations_below(self, folder: str) -> list[Location]:
        """Every known place under a folder."""
        with self._database.read() as connection:
            return item_store.locations(connection, between=below(folder))

    def has_missing_below(self, folder: str) -> bool:
        """Whether anything under a folder is marked missing."""
        with self._database.read() as connection:
            return root_store.has_missing(connection, folder)

    def mark_missing_below(self, folder: str) -> LibraryChanges:
        """The folder cannot be reached: everything under it is only marked, nothing is forgotten."""
        with self._database.transaction() as connection:
            return LibraryChanges(changed=tuple(root_store.mark_all_missing(connection, folder, now())))

    def add_root(self, path: str, *, is_watched: bool = False, into: OpenStep | None = None) -> LibraryChanges:
        """Look after this folder from now on; nothing new if it is one already, or lies in one. `into`: as a part of a
        step of the person.
        """
        with self._database.transaction() as connection:
            for known, _ in root_store.paths(connection):
                if path == known or path.startswith(known.rstrip(os.sep) + os.sep):
                    return LibraryChanges()
            added_at = now()
            if into is not None:
                return perform(connection, "", [root_store.set_root(path, (is_watched, added_at))], into)
            root_store.put(connection, path, added_at, is_watched=is_watched)
        return LibraryChanges(folders=True)

    def watch_root(self, path: str, *, is_watched: bool) -> LibraryChanges:
        """Look it through again by itself, or no longer. Can be undone."""
        with self._database.transaction() as connection:
            known = root_store.known(connection, path)
            if known is None:
                return LibraryChanges()
            verb = "watch_folder" if is_watched else "unwatch_folder"
            return perform(connection, verb, [root_store.set_root(path, (is_watched, known[1]))])

    def remove_root(self, path: str, *, with_items: bool) -> LibraryChanges:
        """Off the list; `with_items` also those that lie nowhere else. One step of undo; no file is touched."""
        with self._database.transaction() as connection:
            at = now()
            edits = [root_store.set_root(path, None)]
            gone = root_store.only_below(connection, path) if with_items else []
            edits += [belonging.remove(item_id, at) for item_id in gone]
            return perform(connection, "remove_folder", edits)

    def was_removed(self, files: Sequence[tuple[str, int, int]]) -> set[str]:
        """Of these (path, size in bytes, time in ns), the paths of items that a person took out of the library."""
        with self._database.read() as connection:
            return item_store.removed_paths(connection, files)

    def removed_places(self, quick_hash: str, size_bytes: int) -> list[Location]:
        """Where items lie or lay that a person took out of the library and that have this quick hash."""
        with self._database.read() as connection:
            return item_store.removed_places(connection, quick_hash, size_bytes)
