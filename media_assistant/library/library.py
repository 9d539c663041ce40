"""The library's face. Every write is one transaction and gives what it changed; reads may be asked from any thread."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from media_assistant.errors import UserFixable
from media_assistant.items.answers import Details
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Facts, Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.order import Order, Ordered
from media_assistant.items.summary import Summary
from media_assistant.items.tag import TagState
from media_assistant.library import (
    belonging,
    history_store,
    item_reading,
    item_store,
    job_store,
    left_off,
    moment_store,
    pair_store,
    tag_census,
    tag_store,
)
from media_assistant.library.collecting import Collections
from media_assistant.library.database import Database, now
from media_assistant.library.duplicate_store import Duplicates
from media_assistant.library.export.open_export import OpenExport
from media_assistant.library.folders import Folders
from media_assistant.library.history_store import Edit, JournalEntry
from media_assistant.library.item_store import Location, NewItem
from media_assistant.library.job_store import JobCounts, JobRow, Lease
from media_assistant.library.moment_store import Run
from media_assistant.library.outline_store import Suggesting
from media_assistant.library.past import Past
from media_assistant.library.queueing import JobQueue
from media_assistant.library.saving import Findings
from media_assistant.library.steps import OpenStep
from media_assistant.library.teaching import Teaching
from media_assistant.library.transcribing import Transcripts
from media_assistant.library.upkeep import Upkeep
from media_assistant.library.whereabouts import Whereabouts

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore

__all__ = ["JobCounts", "JobRow", "JournalEntry", "Lease", "Library", "Location", "NewItem", "OpenStep", "Run"]


class Library(
    Findings,
    Teaching,
    Duplicates,
    Transcripts,
    Collections,
    Folders,
    JobQueue,
    Past,
    Suggesting,
    Whereabouts,
    OpenExport,
    Upkeep,
):
    """One library file, for one program that `jobs.claim` lets write. Writes are synchronous and safe from any thread.
    Faults of the file are UserFixable with a `library.…` code.
    """

    def __init__(self, database: Database) -> None:
        """Use `Library.open`."""
        self._database = database

    @classmethod
    def open(cls, file: Path, *, read_only: bool = False) -> Self:
        """Open or make it. Raises UserFixable `library.newer`, `library.not_a_library`, `library.damaged`, …; with
        `read_only` also `library.absent` and `library.older`.
        """
        return cls(Database(file, is_read_only=read_only))

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return self._database.file

    @property
    def is_read_only(self) -> bool:
        """Whether writes are refused."""
        return self._database.is_read_only

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    @cached_property
    def finding(self) -> FindingStore:
        """What a search asks."""
        from media_assistant.library.finding_store import FindingStore

        return FindingStore(self._database.reader)

    # Items

    def add_items(self, new_items: Sequence[NewItem], into: OpenStep | None = None) -> tuple[list[int], LibraryChanges]:
        """New items, in one transaction; ids in the same order. `into`: a person brings them in, as this step of theirs;
        none come in once it was undone.

        A content that was removed from the library before comes back with all that was known of it: by its quick hash, but
        for what the new item is `unlike`.
        """
        ids: list[int] = []
        back: list[tuple[Edit, Edit]] = []
        added_at = now()
        with self._database.transaction() as connection:
            if into is not None and not into.takes_more(connection):
                return [], LibraryChanges()
            for new in new_items:
                removed = connection.execute(
                    "SELECT id FROM items WHERE quick_hash = ? AND size_bytes = ? AND removed_at <> ''",
                    (new.quick_hash, new.size_bytes),
                ).fetchall()
                gone = next((row[0] for row in removed if row[0] not in new.unlike), None)
                if gone is not None:
                    item_id = int(gone)
                    item_store.put_location(connection, item_id, new.path, new.size_bytes, new.modified_ns)
                    edit = belonging.revive(connection, item_id, is_noted=into is not None)
                    back.append((edit, belonging.remove(item_id, edit["at"])))
                else:
                    item_id = item_store.insert(connection, new, added_at)
                    item_store.index_words(connection, item_id)
                ids.append(item_id)
            known = {edit["item"] for edit, _ in back}
            added = [item_id for item_id in ids if item_id not in known]
            if added:
                back.append((belonging.bring_in(added, added_at), belonging.take_out(added, added_at)))
            if into is not None and back:
                done = history_store.note(connection, into.verb, added_at, back, into=into.step)
                into.step = done.step
        return ids, LibraryChanges(
            added=tuple(ids), jobs=bool(ids), journal=into is not None and bool(back), step=into.step if into else 0
        )

    def find_by_hash(self, quick_hash: str) -> list[Location]:
        """Where this content lies or lay, present places first."""
        with self._database.read() as connection:
            return item_store.locations(connection, quick_hash=quick_hash)

    def find_by_path(self, path: str | Path) -> Location | None:
        """What is known of a path."""
        with self._database.read() as connection:
            return next(iter(item_store.locations(connection, path=str(path))), None)

    def locations(self, item_id: int | None = None) -> list[Location]:
        """Every place of an item, or of all of them: what a look for moved files goes through."""
        with self._database.read() as connection:
            return item_store.locations(connection, item_id=item_id)

    def add_location(self, item_id: int, path: str | Path, size_bytes: int, modified_ns: int) -> LibraryChanges:
        """A copy was found, or a known place was read again; a missing mark on it goes."""
        with self._database.transaction() as connection:
            item_store.put_location(connection, item_id, str(path), size_bytes, modified_ns)
            item_store.index_words(connection, item_id)
        return LibraryChanges(changed=(item_id,))

    def move_location(
        self, item_id: int, old: str | Path, new: str | Path, size_bytes: int, modified_ns: int
    ) -> LibraryChanges:
        """The file was moved or renamed: the item keeps everything."""
        with self._database.transaction() as connection:
            item_store.delete_location(connection, item_id, str(old))
            item_store.put_location(connection, item_id, str(new), size_bytes, modified_ns)
            item_store.index_words(connection, item_id)
        return LibraryChanges(changed=(item_id,))

    def mark_missing(self, paths: Iterable[str | Path], *, is_offline: bool = False) -> LibraryChanges:
        """Nothing lies there any more, or with `is_offline` the whole drive is away. Only a mark: nothing is forgotten."""
        return self._mark(paths, now(), is_offline=is_offline)

    def mark_present(self, paths: Iterable[str | Path]) -> LibraryChanges:
        """The files are there again."""
        return self._mark(paths, "")

    def _mark(self, paths: Iterable[str | Path], missing_since: str, *, is_offline: bool = False) -> LibraryChanges:
        with self._database.transaction() as connection:
            ids = [
                item
                for path in paths
                for item in item_store.mark_location(connection, str(path), missing_since, is_offline=is_offline)
            ]
        return LibraryChanges(changed=tuple(dict.fromkeys(ids)))

    def replace_content(self, item_id: int, new: NewItem) -> tuple[int, LibraryChanges]:
        """The file at `new.path` holds something else now; gives the item that has the new content.

        Findings are stale and work in hand starts over, the person's words stay. Other places with the old content keep the
        item; the file is a new one.
        """
        with self._database.transaction() as connection:
            places = item_store.locations(connection, item_id=item_id)
            if any(place.path != new.path and not place.is_missing for place in places):
                ids, changes = self.add_items([new])
                return ids[0], changes | LibraryChanges(changed=(item_id,))
            for place in places:
                if place.path != new.path:
                    item_store.delete_location(connection, item_id, place.path)
            item_store.update_content(connection, item_id, new)
            item_store.index_words(connection, item_id)
            connection.execute("UPDATE runs SET is_stale = 1 WHERE item_id = ?", (item_id,))
            pair_store.forget_likely(connection, item_id)
            job_store.start_over(connection, item_id)
        return item_id, LibraryChanges(changed=(item_id,), moments=(item_id,), jobs=True)

    def set_facts(self, item_id: int, facts: Facts, *, kind: Kind | None = None) -> LibraryChanges:
        """What a probe learned; also that it is of another kind than its first bytes looked like."""
        with self._database.transaction() as connection:
            if connection.execute("SELECT 1 FROM items WHERE id = ?", (item_id,)).fetchone() is None:
                return LibraryChanges()
            item_store.update_facts(connection, item_id, facts)
            if kind is not None:
                connection.execute("UPDATE items SET kind = ? WHERE id = ?", (kind.value, item_id))
            if not belonging.is_removed(connection, item_id):
                item_store.index_words(connection, item_id)
        return LibraryChanges(changed=(item_id,))

    def item(self, item_id: int) -> Item | None:
        """None if it is not (or no longer) in the library."""
        return next(iter(self.items([item_id])), None)

    def items(self, item_ids: Iterable[int]) -> list[Item]:
        """In the order asked; those that are not in the library are passed over."""
        with self._database.read() as connection:
            return item_reading.fetch(connection, [int(item_id) for item_id in item_ids])

    def item_ids(
        self,
        kind: Kind | None = None,
        sort: str = "added",
        *,
        descending: bool = False,
        tag: str | None = None,
        collection: int | None = None,
        folder: str | None = None,
    ) -> array[int]:
        """All ids in order. `sort`: added, name, captured, duration, size. `tag`: a concept's id, what is below it
        included and refused ones aside. `folder`: a path, subfolders included.
        """
        with self._database.read() as connection:
            tags = None if tag is None else tag_census.below_tag(connection, tag)
            return item_reading.list_ids(
                connection, kind=kind, sort=sort, descending=descending, tags=tags, collection=collection, folder=folder
            )

    def ordered(
        self,
        order: Order,
        *,
        kind: Kind | None = None,
        tag: str | None = None,
        collection: int | None = None,
        folder: str | None = None,
    ) -> Ordered:
        """All ids in order and in groups, narrowed as `item_ids`; `order.sort` may be any of `items.order.SORTS`."""
        from media_assistant.library.listing_store import list_ordered

        with self._database.read() as connection:
            tags = None if tag is None else tag_census.below_tag(connection, tag)
            return list_ordered(connection, order, kind=kind, tags=tags, collection=collection, folder=folder)

    def sum_up(self, item_ids: Sequence[int]) -> Summary:
        """Several items taken together."""
        from media_assistant.library import listing_store

        with self._database.read() as connection:
            return listing_store.sum_up(connection, item_ids)

    def with_tag(self, item_ids: Sequence[int], concept_id: str, state: TagState) -> list[int]:
        """Those of the items on which a tag stands like this."""
        from media_assistant.library import listing_store

        with self._database.read() as connection:
            return listing_store.with_tag(connection, item_ids, concept_id, state)

    def counts(self) -> dict[Kind, int]:
        """Items of each kind."""
        with self._database.read() as connection:
            return item_reading.count_kinds(connection)

    def details(self, item_id: int) -> Details:
        """Everything known of one item. Raises UserFixable("library.no_such_item")."""
        with self._database.read() as connection:
            items = item_reading.fetch(connection, [item_id])
            if not items:
                raise UserFixable("library.no_such_item", item=item_id)
            moments = moment_store.of_item(connection, item_id)
            labels = tuple(moment for moment in moments if moment.layer is Layer.LABEL)
            return Details(
                items[0],
                tuple(tag_store.tags_of(connection, item_id, labels)),
                tuple(moment for moment in moments if moment.layer is Layer.SHOT),
                labels,
                tuple(moment for moment in moments if moment.layer is Layer.LINE),
                moment_store.traits_of(connection, item_id),
                tuple(job_store.analyses(connection, item_id=item_id)),
                tuple(moment for moment in moments if moment.layer is Layer.MARK),
                left_off.position(connection, item_id),
            )
