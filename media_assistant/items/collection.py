"""What a person gathers: by hand, in an order of their own, or by a search that is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Collection:
    """With a `query` it is a saved search: its members are whatever that finds, and `count` is not known (None)."""

    id: int
    name: str
    query: str = ""
    count: int | None = None
    created_at: str = ""

    @property
    def is_search(self) -> bool:
        """Whether it is a search that is kept, not gathered by hand."""
        return bool(self.query)
