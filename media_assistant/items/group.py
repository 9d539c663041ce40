"""A group of items that formed by itself, and what tells it from all others."""

from __future__ import annotations

from dataclasses import dataclass

from media_assistant.items.concept import Concept


@dataclass(frozen=True, slots=True)
class Telling:
    """A tag (`concept`) or a word of titles that is much commoner inside: on `inside` members, and `everywhere` in all."""

    inside: int
    everywhere: int
    concept: Concept | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class FormedGroup:
    """`number` is its own for as long as it lives; `members` are items, those that are most like it first."""

    number: int
    members: tuple[int, ...]
    telling: tuple[Telling, ...] = ()
    """The most telling first; empty where nothing has a name."""
