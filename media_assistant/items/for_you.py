"""The page "For you": rows of suggestions, each with why, how they are wished for, and how well they did."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from media_assistant.items.item import Item
from media_assistant.items.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person set, each from 0 to 1; 0.5 leaves it to the assistant."""

    newness: float = 0.5
    """0: what is familiar; 1: what is new to them."""
    breadth: float = 0.5
    """0: the kind they use most; 1: all kinds evenly."""
    length: float = 0.5
    """0: short; 1: long."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Wishes:
        """Of what was kept; what is no number from 0 to 1 is left as it is by itself."""
        known = {
            name: min(1.0, max(0.0, float(value)))
            for name, value in kept.items()
            if name in cls.__slots__ and isinstance(value, int | float) and not math.isnan(value)
        }
        return cls(**known)

    def plain(self) -> dict[str, float]:
        """To be kept."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Offer:
    """An item in a row, with the one true sentence on why. `because_id` is the item that it speaks of; 0 for none."""

    item: Item
    says: Sentence
    because_id: int = 0
    at_ms: int = -1
    """Where to go on; -1 where it begins."""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A row of the page. `name` is the same from day to day, `says` its head."""

    name: str
    says: Sentence
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class ForYou:
    """The page as it is shown. `slate_id` is 0 while nothing is recorded; `is_cold`: nothing is known of the person yet;
    `rests`: "something different" is left out for now, for it was passed over.
    """

    rows: tuple[OfferRow, ...]
    slate_id: int
    is_cold: bool
    is_recording: bool
    wishes: Wishes
    took_ms: float = 0.0
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Of a group of items (`group`: kind, age or folder) how many there are, and how often they were suggested."""

    group: str
    name: str
    held: int
    shown: int


@dataclass(frozen=True, slots=True)
class Range:
    """A share (0..1) and the interval in which it lies with a chance of 95 %; NaN where nothing is known."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """How suggestions did. `liked` of the `opened` last ones that were opened were liked or watched to the end.

    `by_us` is what a place that was chosen brought (the share that was opened and not skipped); `by_lot` what drawing
    evenly from the same choice would have brought, and `by_best` always taking the best, each by three estimates.
    """

    opened: int
    liked: int
    shown: int
    by_us: Range
    by_lot: tuple[Range, Range, Range]
    by_best: tuple[Range, Range, Range]
    effective: float
    """How many places the estimate for `by_lot` is worth."""
