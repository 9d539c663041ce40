"""Which items of a pool are shown: good ones, unlike each other, and each with an exact chance.

What is shown together is chosen together, and stands the best first: the further back something stands the less is lost
when it gives way to what is unlike the rest, so variety is paid for where it is cheapest (`varied`; the usual greedy choice
by maximal marginal relevance, Carbonell and Goldstein, SIGIR 1998, puts what is different second already). Mostly the next of
these is taken; with the chance `curiosity` one of the pool is drawn instead, a worthier one more easily (a softmax), and a
part of that evenly, so that no chance is nought. Since all of it is known, the propensity of what stands at a place, given
what stands before it, is exact: it is the chance by which it was drawn, not an estimate of it.
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
    """What was taken for a place: the number `at` in the pool, its `propensity`, and whether it was the worthiest: what
    would stand there if no lots were drawn.
    """

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

    `variety` (0..1) is how much it counts that what is shown is unlike each other. With a `curiosity` of 0 it is `varied` and
    nothing else, and every propensity is 1.
    """
    n = len(scores)
    if not n:
        return []
    scale = float(scores.std()) or 1.0
    good = (scores - scores.mean()) / scale
    plan = varied(good, units, count, variety * _PRICE)
    nearest = np.zeros(n, np.float32)
    free = np.ones(n, bool)
    taken: list[Place] = []
    for _ in range(min(count, n)):
        best = next(at for at in plan if free[at])
        worth = np.where(free, (1.0 - variety) * good - variety * _SPREAD * nearest, -np.inf)
        chances = chances_of(worth, curiosity, best)
        at = int(rng.choice(n, p=chances)) if curiosity > 0 else best
        taken.append(Place(at, float(chances[at]), at == best, best, int(free.sum())))
        free[at] = False
        if units.shape[1]:
            nearest = np.maximum(nearest, units @ units[at])
    return taken


_SPREAD = 3.0
"""Standard deviations of the score that being the same as one before takes away from what is drawn, where only variety
counts.
"""
_PRICE = 0.2
"""Standard deviations of the score, at the first place, that two things which are the same cost where only variety counts."""


def varied(worth: npt.NDArray[np.floating], units: Array, count: int, price: float) -> list[int]:
    """The `count` of a pool that are worth most together, the best first, as numbers in it: what each is worth `[n]` times
    what its place is (1 / log2(1 + place), as DCG has it: Järvelin and Kekäläinen, TOIS 2002), less `price` for each pair as
    far as the two are alike.

    Begun at the best alone and bettered by exchanging one for another, the most bettering exchange first, until none is.
    """
    order = np.argsort(-np.asarray(worth), kind="stable")
    many = min(count, len(order))
    chosen = np.arange(many)
    if price <= 0 or not units.shape[1] or many == len(order) or many < 2:
        return [int(at) for at in order[:many]]
    value, rows = np.asarray(worth, np.float64)[order], units[order]
    alike = rows[chosen] @ rows.T
    of_place = 1.0 / np.log2(2.0 + np.arange(many))
    for _ in range(_EXCHANGES):
        better = _exchange(value, alike, of_place, chosen, price)
        if better is None:
            break
        out, new = better
        chosen, alike = np.delete(chosen, out), np.delete(alike, out, axis=0)
        place = int(np.searchsorted(chosen, new))
        chosen, alike = np.insert(chosen, place, new), np.insert(alike, place, rows @ rows[new], axis=0)
    return [int(at) for at in order[chosen]]


_EXCHANGES = 40


def _exchange(
    value: npt.NDArray[np.float64],
    alike: Array,
    of_place: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.intp],
    price: float,
) -> tuple[int, int] | None:
    """The one exchange that betters them most, (which of them goes, what comes); None where none does. Values fall, so a
    number is a rank. `alike` `[many, n]` says how much those chosen are like all.
    """
    many = len(chosen)
    places = np.arange(many)
    # Row i: all but the one at place i, and what they are worth before and behind any place that a new one may take.
    rest = chosen[np.where(places[:-1] < places[:, None], places[:-1], places[1:])]
    before = np.zeros((many, many))
    before[:, 1:] = np.cumsum(value[rest] * of_place[:-1], axis=1)
    behind = np.zeros((many, many))
    behind[:, :-1] = np.cumsum((value[rest] * of_place[1:])[:, ::-1], axis=1)[:, ::-1]
    numbers = np.arange(len(value))
    place = np.searchsorted(chosen, numbers)[None, :] - (chosen[:, None] < numbers[None, :])
    place = np.clip(place, 0, many - 1)
    row = places[:, None]
    worth = before[row, place] + behind[row, place] + value[None, :] * of_place[place]
    inside = alike[:, chosen]
    likeness = (alike.sum(axis=0)[None, :] - alike) - (inside.sum(axis=1) - np.diag(inside))[:, None]
    gain = worth - float(value[chosen] @ of_place) - price * likeness
    gain[:, chosen] = -np.inf
    out, new = np.unravel_index(int(gain.argmax()), gain.shape)
    return None if gain[out, new] <= _NOTHING else (int(out), int(new))


_NOTHING = 1e-12


def chances_of(worth: npt.NDArray[np.floating], curiosity: float, best: int = -1) -> npt.NDArray[np.float64]:
    """The chance of each item of being taken for a place; -inf is what is taken already. They sum to 1. What is taken where
    no lots are drawn is `best`, or what is worth most.
    """
    free = np.isfinite(worth)
    chances = np.zeros(len(worth))
    chances[best if best >= 0 else int(np.argmax(worth))] = 1.0 - curiosity
    if curiosity > 0:
        spread = float(worth[free].std()) or 1.0
        warm = np.exp((np.where(free, worth, -np.inf) - worth[free].max()) / (_WARMTH * spread))
        chances += curiosity * ((1.0 - _EVENLY) * warm / warm.sum() + _EVENLY * free / free.sum())
    return np.asarray(chances / chances.sum())
