"""A group of items that formed by itself, and what tells it from all others."""

from __future__ import annotations

from dataclasses import dataclass

from media_assistant.items.concept import Concept


@dataclass(frozen=True, slots=True)
class Telling:
    """A tag that is much commoner inside, or (`is_word`) a word that is said, written or in titles there much oftener: on
    `inside` members, and `everywhere` in all.
    """

    concept: Concept
    inside: int
    everywhere: int
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class FormedGroup:
    """`number` is its own for as long as it lives; `members` are items, those that are most like it first."""

    number: int
    members: tuple[int, ...]
    telling: tuple[Telling, ...] = ()
    """The most telling first; empty where nothing has a name."""
