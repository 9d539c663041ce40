"""Which items are measured, and what a few of them say of all: systematic sampling (Hansen and Hurwitz 1943)."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from media_assistant.items.advice import Rate, Work

_FAR_OUT = 4.0


@dataclass(slots=True)
class Sample:
    """What has been seen of one task and part. Each item stands for the same weight of reading, by which it was drawn."""

    readings: list[float] = field(default_factory=list)
    """Seconds per unit of reading."""
    weights: list[float] = field(default_factory=list)
    """Units of reading."""
    shares: list[float] = field(default_factory=list)
    """Units of thinking per unit of reading."""
    thoughts: dict[str, float] = field(default_factory=dict)
    """By model, the sum of its seconds per unit of reading."""
    first_s: float = 0.0
    """What the very first item took longer than when it came again."""

    def rate(self, model_id: str) -> Rate:
        """Thinking as a ratio of sums: an item that hardly needs any says little of what a unit of it costs."""
        return Rate(self.reading_s, self.thoughts.get(model_id, 0.0) / sum(self.shares), len(self.readings))

    @property
    def reading_s(self) -> float:
        """The mean, but for what stands far out: a dictionary that was loaded at its first use, a drive that woke up."""
        return statistics.fmean(min(each, self._most) for each in self.readings)

    @property
    def opening_s(self) -> float:
        """What is paid once: by the first item, and by whatever stood far out."""
        over = (max(0.0, each - self._most) for each in self.readings)
        return self.first_s + sum(each * weight for each, weight in zip(over, self.weights, strict=True))

    @property
    def _most(self) -> float:
        return _FAR_OUT * statistics.median(self.readings)


def draw(works: Sequence[Work], weight: Callable[[Work], float], most: int) -> list[Work]:
    """Up to `most` items, each as likely as it is heavy and spread over all sizes; the middle ones first.

    The same items every time. A very heavy item comes more than once, for it is much of the whole.
    """
    heavy = sorted(((weight(work), work.item_id, work) for work in works), key=lambda each: each[:2])
    total = sum(each[0] for each in heavy)
    if total <= 0:
        return []
    drawn: list[Work] = []
    reached = 0.0
    at = 0
    for number in range(most):
        point = (number + 0.5) / most * total
        while at < len(heavy) - 1 and reached + heavy[at][0] < point:
            reached += heavy[at][0]
            at += 1
        drawn.append(heavy[at][2])
    return [drawn[place] for place in _spread(len(drawn))]


def _spread(count: int) -> list[int]:
    """0..count-1 so that every beginning of the list is spread over the whole: by the golden section."""
    order = sorted(range(count), key=lambda number: (number * 0.6180339887 + 0.5) % 1)
    places = [0] * count
    for rank, number in enumerate(order):
        places[number] = rank
    return places
