"""Where the window can be."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_assistant.items.kind import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """Where the window is: a page, and for the library which of its items. What a place is called does not make another."""

    page: str = "library"
    kind: Kind | None = None
    tag: str = ""
    """A concept's id."""
    tag_name: str = field(default="", compare=False)
    is_recent: bool = False
    collection: int = 0
    """A collection's id."""
    name: str = field(default="", compare=False)
    """What the collection is called."""
    query: str = field(default="", compare=False)
    """What a saved search looks for."""
    folder: str = ""
    """A folder's path; its subfolders belong to it."""

    @property
    def has_own_order(self) -> bool:
        """Whether its items stand in a person's order: those of a collection that was gathered by hand."""
        return bool(self.collection and not self.query)
