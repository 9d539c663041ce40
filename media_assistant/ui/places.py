"""Where the window can be."""

from __future__ import annotations

from dataclasses import dataclass

from media_assistant.items.kind import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """Where the window is: a page, and for the library which of its items."""

    page: str = "library"
    kind: Kind | None = None
    tag: str = ""
    """A concept's id."""
    tag_name: str = ""
    is_recent: bool = False
