"""The person's collections: each edit is one transaction with its journal row, and can be undone."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.collection import Collection
from media_assistant.library import collection_store
from media_assistant.library.database import Database, now
from media_assistant.library.item_reading import living
from media_assistant.library.steps import OpenStep, perform


class Collections:
    """A part of `Library`. What is not (or no longer) there is passed over."""

    _database: Database

    def collections(self, *, is_counted: bool = True) -> list[Collection]:
        """All of them, in the order in which they were made. Who wants their names alone has nothing counted: then no
        `count` is known.
        """
        with self._database.read() as connection:
            return collection_store.fetch(connection, is_counted=is_counted)

    def collection(self, collection_id: int) -> Collection | None:
        """One by its id."""
        with self._database.read() as connection:
            return next(iter(collection_store.fetch(connection, collection_id)), None)

    def collection_items(self, collection_id: int) -> array[int]:
        """The items of a gathered collection in the person's order; none of a saved search."""
        with self._database.read() as connection:
            return collection_store.members(connection, collection_id)

    def gathered_items(self) -> list[tuple[int, int]]:
        """(collection, item) of all gathered collections, each pair once."""
        with self._database.read() as connection:
            return collection_store.gathered(connection)

    def create_collection(
        self, name: str, query: str = "", item_ids: Sequence[int] = (), into: OpenStep | None = None
    ) -> tuple[int, LibraryChanges]:
        """A new one with these items, or a saved search; gives its id. What is named twice is in it twice."""
        with self._database.transaction() as connection:
            collection_id = collection_store.next_id(connection)
            alive = set(living(connection, item_ids))
            places = [(item_id, place) for place, item_id in enumerate(each for each in item_ids if each in alive)]
            edit = collection_store.set_row(collection_id, name, query, now(), places)
            return collection_id, perform(connection, "create_collection", [edit], into)

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

    def add_to_collection(
        self, collection_id: int, item_ids: Sequence[int], into: OpenStep | None = None
    ) -> LibraryChanges:
        """To the end, in this order. What is in it already stays where it is; what is named more often than it is in it
        comes as often as it lacks.
        """
        with self._database.transaction() as connection:
            order = collection_store.entries(connection, collection_id)
            there = Counter(item_id for item_id, _ in order)
            alive = set(living(connection, item_ids))
            new: list[int] = []
            for item_id in item_ids:
                if there[item_id]:
                    there[item_id] -= 1
                elif item_id in alive:
                    new.append(item_id)
            first = max((place for _, place in order), default=-1) + 1
            put = [(item_id, first + at) for at, item_id in enumerate(new)]
            return self._change_entries(connection, "add_to_collection", collection_id, [], put, into)

    def remove_from_collection(self, collection_id: int, item_ids: Sequence[int]) -> LibraryChanges:
        """Out of the collection, each wherever it is in it; they stay in the library."""
        with self._database.transaction() as connection:
            gone = set(item_ids)
            out = [entry for entry in collection_store.entries(connection, collection_id) if entry[0] in gone]
            return self._change_entries(connection, "remove_from_collection", collection_id, out, [])

    def move_in_collection(self, collection_id: int, item_ids: Sequence[int], before: int | None) -> LibraryChanges:
        """In front of the member `before`, or with None to the end; they keep the order that they have."""
        with self._database.transaction() as connection:
            order = collection_store.entries(connection, collection_id)
            wanted = set(item_ids) - {before}
            moving = {index for index, (item_id, _) in enumerate(order) if item_id in wanted}
            end = next((index for index, (item_id, _) in enumerate(order) if item_id == before), None)
            out, put = collection_store.moved(order, moving, end)
            return self._change_entries(connection, "move_in_collection", collection_id, out, put)

    def _change_entries(
        self,
        connection: sqlite3.Connection,
        verb: str,
        collection_id: int,
        out: collection_store.Entries,
        put: collection_store.Entries,
        into: OpenStep | None = None,
    ) -> LibraryChanges:
        found = collection_store.fetch(connection, collection_id)
        if not (out or put) or not found or found[0].is_search:
            return LibraryChanges()
        return perform(connection, verb, [collection_store.change_entries(collection_id, out, put)], into)

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
