"""What a person points at to find more like it, or less."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media_assistant.items.span import WHOLE, Span


@dataclass(frozen=True, slots=True)
class Example:
    """An item of the library, or (`item_id` 0) the file at `path`; all of it, or what is at `span`.

    A `TimeSpan` that ends where it begins is a moment: whatever is there then.
    """

    item_id: int = 0
    path: Path | None = None
    span: Span = WHOLE


@dataclass(frozen=True, slots=True)
class Examples:
    """Like all of `plus`, but not like any of `minus`."""

    plus: tuple[Example, ...] = ()
    minus: tuple[Example, ...] = ()

    @property
    def all(self) -> tuple[Example, ...]:
        """In the order in which reasons count them: first those of `plus`."""
        return (*self.plus, *self.minus)


def like_item(item_id: int, span: Span = WHOLE) -> Examples:
    """More like this one."""
    return Examples((Example(item_id, span=span),))
