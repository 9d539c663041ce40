"""Which items of a pool are shown: good ones, unlike each other, and each with an exact chance.

Place by place, an item's worth is its score less its likeness to what stands before it (maximal marginal relevance:
Carbonell, Goldstein, "The use of MMR, diversity-based reranking", SIGIR 1998). Mostly the worthiest is taken; with the
chance `curiosity` one of the pool is drawn instead, a worthier one more easily (a softmax), and a part of that evenly,
so that no chance is nought. Since all of it is known, the propensity of what stands at a place, given what stands
before it, is exact: it is the chance by which it was drawn, not an estimate of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

CURIOSITY = 0.2
"""So many of the places are drawn: two in ten, the price of ever knowing better."""
_EVENLY = 0.5
"""The part of curiosity that draws evenly. Then every chance is at least CURIOSITY · _EVENLY / pool, and weights are bounded."""
_WARMTH = 0.25
"""Of the softmax, in standard deviations of the worths."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was taken for a place: the number `at` in the pool, its `propensity`, and whether it was the worthiest."""

    at: int
    propensity: float
    is_worthiest: bool
    worthiest: int
    """The number of the worthiest."""
    left: int
    """How many of the pool could have been taken."""


def show(
    scores: Array,
    units: Array,
    count: int,
    rng: np.random.Generator,
    *,
    variety: float = 0.3,
    curiosity: float = CURIOSITY,
) -> list[Place]:
    """Take `count` of a pool with `scores` `[n]` and unit vectors `[n, d]` (`d` may be 0: nothing is like another).

    `variety` (0..1) is how much of an item's worth is that it is unlike the ones before it. With a `curiosity` of 0 it is
    MMR and nothing else, and every propensity is 1.
    """
    n = len(scores)
    if not n:
        return []
    scale = float(scores.std()) or 1.0
    good = (scores - scores.mean()) / scale
    nearest = np.zeros(n, np.float32)
    free = np.ones(n, bool)
    taken: list[Place] = []
    for _ in range(min(count, n)):
        worth = np.where(free, (1.0 - variety) * good - variety * _SPREAD * nearest, -np.inf)
        chances = chances_of(worth, curiosity)
        best = int(worth.argmax())
        at = int(rng.choice(n, p=chances)) if curiosity > 0 else best
        taken.append(Place(at, float(chances[at]), at == best, best, int(free.sum())))
        free[at] = False
        if units.shape[1]:
            nearest = np.maximum(nearest, units @ units[at])
    return taken


_SPREAD = 3.0
"""Standard deviations of the score that being the same as one before takes away, where only variety counts."""


def chances_of(worth: npt.NDArray[np.floating], curiosity: float) -> npt.NDArray[np.float64]:
    """The chance of each item of being taken for a place; -inf is what is taken already. They sum to 1."""
    free = np.isfinite(worth)
    chances = np.zeros(len(worth))
    chances[int(np.argmax(worth))] = 1.0 - curiosity
    if curiosity > 0:
        spread = float(worth[free].std()) or 1.0
        warm = np.exp((np.where(free, worth, -np.inf) - worth[free].max()) / (_WARMTH * spread))
        chances += curiosity * ((1.0 - _EVENLY) * warm / warm.sum() + _EVENLY * free / free.sum())
    return np.asarray(chances / chances.sum())


def intra_list_diversity(units: npt.NDArray[np.floating]) -> float:
    """How unlike the items of a list `[n, d]` are: the mean over all pairs of one minus their cosine."""
    n = len(units)
    if n < 2:
        return 0.0
    cosines = units @ units.T
    return float(1.0 - (cosines.sum() - np.trace(cosines)) / (n * (n - 1)))
