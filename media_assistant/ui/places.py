"""Where the window can be."""

from __future__ import annotations

from typing import NamedTuple

from media_assistant.items.kind import Kind


class Place(NamedTuple):
    """Where the window is: a page, and for the library which of its items. What a place is called does not make another."""

    page: str = "library"
    kind: Kind | None = None
    tag: str = ""
    """A concept's id."""
    tag_name: str = ""
    is_recent: bool = False
    collection: int = 0
    """A collection's id."""
    name: str = ""
    """What the collection is called."""
    query: str = ""
    """What a saved search looks for."""
    folder: str = ""
    """A folder's path; its subfolders belong to it."""
    group: int = 0
    """The number of a group that formed by itself."""
    why: str = ""
    """What tells that group from the rest, in words."""
    sign: str = ""
    """What a search that is kept calls that group: its name, or its number where it has none."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._mark() == other._mark()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._mark())

    def _mark(self) -> tuple[object, ...]:
        return self.page, self.kind, self.tag, self.is_recent, self.collection, self.folder, self.group

    @property
    def has_own_order(self) -> bool:
        """Whether its items stand in a person's order: those of a collection that was gathered by hand."""
        return bool(self.collection and not self.query)
