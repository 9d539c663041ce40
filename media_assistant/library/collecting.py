"""The person's collections: each edit is one transaction with its journal row, and can be undone."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.collection import Collection
from media_assistant.library import collection_store
from media_assistant.library.database import Database, now
from media_assistant.library.item_reading import living
from media_assistant.library.steps import perform


class Collections:
    """A part of `Library`. What is not (or no longer) there is passed over."""

    _database: Database

    def collections(self) -> list[Collection]:
        """All of them, in the order in which they were made."""
        with self._database.read() as connection:
            return collection_store.fetch(connection)

    def collection(self, collection_id: int) -> Collection | None:
        """One by its id."""
        with self._database.read() as connection:
            return next(iter(collection_store.fetch(connection, collection_id)), None)

    def collection_items(self, collection_id: int) -> array[int]:
        """The items of a gathered collection in the person's order; none of a saved search."""
        with self._database.read() as connection:
            return collection_store.members(connection, collection_id)

    def create_collection(self, name: str, query: str = "", item_ids: Sequence[int] = ()) -> tuple[int, LibraryChanges]:
        """A new one with these items, or a saved search; gives its id."""
        with self._database.transaction() as connection:
            collection_id = collection_store.next_id(connection)
            places = [(item_id, place) for place, item_id in enumerate(living(connection, item_ids))]
            edit = collection_store.set_row(collection_id, name, query, now(), places)
            return collection_id, perform(connection, "create_collection", [edit])

    def rename_collection(self, collection_id: int, name: str) -> LibraryChanges:
        """Call it something else."""
        return self._change_row("rename_collection", collection_id, name=name)

    def change_search(self, collection_id: int, query: str) -> LibraryChanges:
        """A saved search looks for something else."""
        return self._change_row("change_search", collection_id, query=query)

    def delete_collection(self, collection_id: int) -> LibraryChanges:
        """Its items stay in the library."""
        with self._database.transaction() as connection:
            if not collection_store.fetch(connection, collection_id):
                return LibraryChanges()
            return perform(connection, "delete_collection", [collection_store.delete(collection_id)])

    def add_to_collection(self, collection_id: int, item_ids: Sequence[int]) -> LibraryChanges:
        """To the end, in this order; those that are in it already stay where they are."""
        with self._database.transaction() as connection:
            known = dict(collection_store.places(connection, collection_id))
            new = [item_id for item_id in living(connection, item_ids) if item_id not in known]
            first = max(known.values(), default=-1) + 1
            places: collection_store.Places = [(item_id, first + at) for at, item_id in enumerate(new)]
            return self._place(connection, "add_to_collection", collection_id, places)

    def remove_from_collection(self, collection_id: int, item_ids: Sequence[int]) -> LibraryChanges:
        """Out of the collection; they stay in the library."""
        with self._database.transaction() as connection:
            known = dict(collection_store.places(connection, collection_id))
            places: collection_store.Places = [
                (item_id, None) for item_id in dict.fromkeys(item_ids) if item_id in known
            ]
            return self._place(connection, "remove_from_collection", collection_id, places)

    def move_in_collection(self, collection_id: int, item_ids: Sequence[int], before: int | None) -> LibraryChanges:
        """In front of the member `before`, or with None to the end; they keep the order that they have."""
        with self._database.transaction() as connection:
            order = collection_store.places(connection, collection_id)
            places = collection_store.moved(order, item_ids, before)
            return self._place(connection, "move_in_collection", collection_id, places)

    def _place(
        self, connection: sqlite3.Connection, verb: str, collection_id: int, places: collection_store.Places
    ) -> LibraryChanges:
        found = collection_store.fetch(connection, collection_id)
        if not places or not found or found[0].is_search:
            return LibraryChanges()
        return perform(connection, verb, [collection_store.set_places(collection_id, places)])

    def _change_row(
        self, verb: str, collection_id: int, *, name: str | None = None, query: str | None = None
    ) -> LibraryChanges:
        with self._database.transaction() as connection:
            found = collection_store.fetch(connection, collection_id)
            if not found:
                return LibraryChanges()
            known = found[0]
            edit = collection_store.set_row(
                collection_id,
                known.name if name is None else name,
                known.query if query is None else query,
                known.created_at,
            )
            return perform(connection, verb, [edit])
