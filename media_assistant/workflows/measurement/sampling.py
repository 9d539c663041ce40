"""Which items are measured, and what a few of them say of all: systematic sampling (Hansen and Hurwitz 1943), and a
straight line through what they took (the regression estimator, Cochran 1977).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from media_assistant.items.advice import Rate, Work
from media_assistant.workflows.models.weighing import Weight

_FAR_OUT = 4.0
_DOUBT = 0.003
"""Items whose fixed share varies by no more than its root, a twentieth, do not tell fixed and growing costs apart."""


@dataclass(slots=True)
class Sample:
    """What has been seen of one task and part. Each item stands for the same size, by which it was drawn."""

    readings: list[float] = field(default_factory=list)
    """Seconds per unit of handling, without thinking."""
    weights: list[float] = field(default_factory=list)
    """Units of handling."""
    parts: list[float] = field(default_factory=list)
    """Units of handling per unit of size."""
    fixed: list[float] = field(default_factory=list)
    """The share of the handling that does not grow with the item."""
    shares: list[float] = field(default_factory=list)
    """Units of thinking per unit of size."""
    thoughts: dict[str, float] = field(default_factory=dict)
    """By model, the sum of its seconds per unit of size."""
    first_s: float = 0.0
    """What the very first item took longer than when it came again."""

    def note(self, weight: Weight, handling_s: float, thought_s: Mapping[str, float]) -> None:
        """One item: what it weighs, and what it took without the networks and in each of them."""
        whole = weight.size
        self.readings.append(max(0.0, handling_s) / weight.handling)
        self.weights.append(weight.handling)
        self.parts.append(weight.handling / whole)
        self.fixed.append(weight.fixed / weight.handling)
        self.shares.append(weight.thinking / whole)
        for model_id, seconds in thought_s.items():
            self.thoughts[model_id] = self.thoughts.get(model_id, 0.0) + seconds / whole

    def rate(self, model_id: str) -> Rate:
        """Thinking as a ratio of sums: an item that hardly needs any says little of what a unit of it costs."""
        return self.rate_of(self.thoughts.get(model_id, 0.0) / sum(self.shares))

    def rate_of(self, thinking_s: float) -> Rate:
        """With what a unit of thinking costs elsewhere.

        Least squares of seconds per unit over the fixed share. Where the items are too alike to tell, both parts cost
        the mean; what stands far out (a dictionary that was loaded at its first use, a drive that woke up) is capped.
        """
        took = [min(each, self._most) for each in self.readings]
        mean, share = statistics.fmean(took, self.parts), statistics.fmean(self.fixed, self.parts)
        apart = [each - share for each in self.fixed]
        slope = sum(part * x * (y - mean) for part, x, y in zip(self.parts, apart, took, strict=True))
        slope /= sum(part * (x * x + _DOUBT) for part, x in zip(self.parts, apart, strict=True))
        # Nothing takes less than no time.
        slope = min(mean / share if share else slope, max(-mean / (1 - share) if share < 1 else slope, slope))
        return Rate(mean - slope * share, thinking_s, len(took), mean + slope * (1 - share))

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
