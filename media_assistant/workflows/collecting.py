"""A person's verbs on collections, saved searches and playlists. Each write is a future and one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folding import fold
from media_assistant.library.library import Library

LONGEST_NAME = 200
"""Characters of a collection's name."""


class Collecting:
    """`write` carries out an edit on the engine's thread and tells what it changed; `submit` runs what touches files on one
    that may hang.
    """

    def __init__(
        self,
        library: Library,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        submit: Callable[..., Future[Any]],
    ) -> None:
        self._library = library
        self._write = write
        self._submit = submit

    def create(self, name: str, item_ids: Sequence[int] = (), *, is_new_name: bool = False) -> Future[LibraryChanges]:
        """A collection of these items. With `is_new_name` a name that is taken gets a number; else it is refused.

        Raises UserFixable: `workflows.collection_empty`, `workflows.collection_too_long`, `workflows.collection_known`.
        """

        def edit() -> LibraryChanges:
            free = self._free_name(name) if is_new_name else self._check_name(name)
            return self._library.create_collection(free, item_ids=list(item_ids))[1]

        return self._write(edit)

    def save_search(self, name: str, query: str) -> Future[LibraryChanges]:
        """Keep a search under a name, with a number where that is taken. UserFixable("workflows.search_empty")."""

        def edit() -> LibraryChanges:
            if not query.strip():
                raise UserFixable("workflows.search_empty")
            return self._library.create_collection(self._free_name(name), query.strip())[1]

        return self._write(edit)

    def rename(self, collection_id: int, name: str) -> Future[LibraryChanges]:
        """As `create` on names."""
        return self._write(
            lambda: self._library.rename_collection(collection_id, self._check_name(name, but=collection_id))
        )

    def change_search(self, collection_id: int, query: str) -> Future[LibraryChanges]:
        """A saved search looks for something else from now on. UserFixable("workflows.search_empty")."""

        def edit() -> LibraryChanges:
            if not query.strip():
                raise UserFixable("workflows.search_empty")
            return self._library.change_search(collection_id, query.strip())

        return self._write(edit)

    def delete(self, collection_id: int) -> Future[LibraryChanges]:
        """Its items stay in the library."""
        return self._write(lambda: self._library.delete_collection(collection_id))

    def add(self, collection_id: int, item_ids: Sequence[int]) -> Future[LibraryChanges]:
        """To its end."""
        return self._write(lambda: self._library.add_to_collection(collection_id, item_ids))

    def remove(self, collection_id: int, item_ids: Sequence[int]) -> Future[LibraryChanges]:
        """Out of it; they stay in the library."""
        return self._write(lambda: self._library.remove_from_collection(collection_id, item_ids))

    def move(self, collection_id: int, item_ids: Sequence[int], before: int | None) -> Future[LibraryChanges]:
        """In front of another member, or with None to the end."""
        return self._write(lambda: self._library.move_in_collection(collection_id, item_ids, before))

    def save_playlist(
        self, title: str, item_ids: Sequence[int], target: Path, *, may_replace: bool = False
    ) -> Future[Path]:
        """Write an m3u8 list; see `playlists.save_playlist`."""
        from media_assistant.workflows.intake.playlists import save_playlist

        return self._submit(lambda: save_playlist(self._library, title, item_ids, target, may_replace=may_replace))

    def _check_name(self, name: str, but: int = 0) -> str:
        wanted = " ".join(name.split())
        if not wanted:
            raise UserFixable("workflows.collection_empty")
        if len(wanted) > LONGEST_NAME:
            raise UserFixable("workflows.collection_too_long", count=LONGEST_NAME)
        others = (known for known in self._library.collections(is_counted=False) if known.id != but)
        if any(fold(known.name) == fold(wanted) for known in others):
            raise UserFixable("workflows.collection_known", name=wanted)
        return wanted

    def _free_name(self, name: str) -> str:
        wanted = " ".join(name.split())[:LONGEST_NAME].rstrip()
        taken = {fold(known.name) for known in self._library.collections(is_counted=False)}
        ends = (f" {number}" for number in range(2, len(taken) + 3))
        numbered = (wanted[: LONGEST_NAME - len(end)].rstrip() + end for end in ends)
        return self._check_name(
            wanted if fold(wanted) not in taken else next(n for n in numbered if fold(n) not in taken)
        )
