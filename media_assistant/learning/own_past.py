"""How well the items of a library go with what one person did before, by the contents alone.

Nobody else is known here: an item is described by vectors (what it looks, sounds and reads like), traits (tags, kind)
and numbers (when it was made, how long it is), and held against the past of this person. Each kind of evidence is a log
ratio: how much likelier it is among what the person chose than in the whole library. Evidence is added up with weights
(a conditional logit: McFadden 1974), which start as measured over many people and then are the person's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from media_assistant.learning.naming import Names, begins_alike, beside_any, words_alike

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

EVIDENCE: Final = (
    "traits",
    "lately_traits",
    "numbers",
    "lately_numbers",
    "near",
    "lately_near",
    "nearest",
    "like_last",
    "time_of_last",
    "name_of_last",
    "next_by_name",
    "words",
    "begins_alike",
    "beside_any",
)
"""What is known of an item, in this order. `lately`: by the last few things more than by all; `last`: by the last eight,
each counting half of the one behind it."""
DEFAULT_WEIGHTS: Final = (0.20, 0.15, 0.15, 0.30, 0.65, 0.38, 0.05, 0.12, 0.15, 0.10, 1.3, 0.15, 0.4, 0.4)
"""By which they are added up for somebody of whom nothing is known."""

_BINS = 64
_LATELY = 4.0
"""Things after which something counts half, where what was lately counts."""
_LOOKED_AT, _LATEST = 32, 16
"""So many things that items are compared with one by one: the latest, and as many of all before, evenly spread, so that what is
liked is not forgotten when something else was chosen for some days."""
_LAST = 8
_NEXT, _NAMES = 10.0, (100.0, 1000.0)
"""Places in the order of names within which two are beside each other: the next part; the same series, the same letter."""
SHARP = 3.0
"""How much likelier what is the same is than what has nothing in common: e to this power."""
_AT_A_TIME = 4096
_BELIEF = 5.0
"""So many things chosen blindly stand against what the person chose: a few things prove little."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What all items are, one row each.

    `units` `[n, d]` are their vectors, so scaled that the product of an item with itself is at most 1 (0 where nothing is
    known); `traits` `[n, t]` are 0 or 1, `numbers` `[n, k]` any numbers, NaN where there is none. `near_bins` `[k]` is by how
    many of 64 bins numbers may differ and still be close.
    """

    units: Array
    traits: Array
    bins: npt.NDArray[np.int16]
    shares: Array
    """Of all items, how many have a trait (0..1, never quite)."""
    spread: tuple[Array, ...]
    """For each number, how the items lie over its bins, smoothed."""
    near_bins: float = 4.0
    names: npt.NDArray[np.int64] | None = None
    """The place of each item in the order of names (within folders, where there are some)."""
    told: Names | None = None
    """The words of their names."""

    @property
    def count(self) -> int:
        """How many items."""
        return len(self.units)


@dataclass(frozen=True, slots=True)
class Past:
    """What a person chose, the oldest first: the rows of the shelf, and how much they liked each (0 not at all, 1, 2 much)."""

    rows: Rows
    liked: Array


def describe(
    units: Array,
    traits: Array,
    numbers: npt.NDArray[np.floating],
    names: npt.NDArray[np.int64] | None = None,
    near_bins: float = 4.0,
    told: Names | None = None,
) -> Shelf:
    """A shelf of arrays as they are described there. What is no number in `units` counts as unknown."""
    units = np.where(np.isfinite(units).all(axis=1, keepdims=True), units, 0.0).astype(np.float32)
    traits = np.ascontiguousarray(traits, np.float32)
    n = len(units)
    bins = (
        np.stack([_bin(numbers[:, at]) for at in range(numbers.shape[1])], 1)
        if numbers.shape[1]
        else np.zeros((n, 0), np.int16)
    )
    spread = tuple(_smooth(np.bincount(bins[:, at], minlength=_BINS + 1)) for at in range(bins.shape[1]))
    shares = (traits.sum(0) + 0.5) / (n + 1.0)
    return Shelf(units, traits, bins.astype(np.int16), shares.astype(np.float32), spread, near_bins, names, told)


def weigh(shelf: Shelf, past: Past) -> Array:
    """The evidence `[n, len(EVIDENCE)]` for every item of the shelf; all noughts where there is no past."""
    found = np.zeros((shelf.count, len(EVIDENCE)), np.float32)
    if not len(past.rows) or not shelf.count:
        return found
    age = np.arange(len(past.rows))[::-1]
    lately = (0.5 ** (age / _LATELY)).astype(np.float32)
    found[:, 0] = _traits(shelf, past.rows, past.liked)
    found[:, 1] = _traits(shelf, past.rows, lately)
    found[:, 2] = _numbers(shelf, past.rows, np.ones(len(age), np.float32))
    found[:, 3] = _numbers(shelf, past.rows, lately)
    looked_at = _looked_at(len(age))
    found[:, 4:7] = _near(shelf, past.rows[looked_at], lately[looked_at])
    last = past.rows[::-1][:_LAST]
    fading = (0.5 ** np.arange(len(last))).astype(np.float32)
    fading /= fading.sum()
    found[:, 7] = SHARP * (shelf.units @ (fading @ shelf.units[last]))
    if shelf.bins.shape[1]:
        near = np.ones((shelf.count, len(last)), np.float32)
        for at in range(shelf.bins.shape[1]):
            close = np.exp(-_APART[:, shelf.bins[last, at]] / np.float32(shelf.bins.shape[1]))
            near *= close.take(shelf.bins[:, at], 0)
        found[:, 8] = np.log(0.02 + near @ fading)
    if shelf.names is not None:
        beside = sum((_beside(shelf.names, last, fading, width) for width in _NAMES), np.zeros(shelf.count, np.float32))
        found[:, 9] = np.log(0.02 + beside / len(_NAMES))
        found[:, 10] = SHARP * _beside(shelf.names, last, fading, _NEXT)
        found[:, 13] = beside_any(shelf.names, past.rows)
    if shelf.told is not None:
        found[:, 11] = words_alike(shelf.told, past.rows, past.liked)
        found[:, 12] = begins_alike(shelf.told, past.rows)
    return found


def rank(evidence: Array, weights: npt.ArrayLike = DEFAULT_WEIGHTS) -> Array:
    """The score of every item, in nats; only differences mean something."""
    return np.asarray(evidence @ np.asarray(weights, np.float32))


def _looked_at(many: int) -> Rows:
    """Which of so many things, the oldest first."""
    before = many - _LATEST
    spread = np.linspace(0, before, max(0, min(before, _LOOKED_AT - _LATEST)), endpoint=False).astype(np.intp)
    return np.append(spread, np.arange(max(0, before), many))


def _near(shelf: Shelf, rows: Rows, lately: Array) -> Array:
    """How near each item is to those rows: on the whole, lately, and to the nearest one by contents `[n, 3]`.

    A mixture of bumps around each of them, whose mass over the library is the same. Some items at a time, so that what
    lies between stays in a core's own cache.
    """
    found = np.empty((shelf.count, 3), np.float32)
    bumps = np.empty((shelf.count, len(rows)), np.float32)
    mass = np.zeros(len(rows), np.float64)
    # All of it times SHARP from the start, so that there is one pass less over what is large.
    share = np.float32(SHARP / max(1, shelf.bins.shape[1]))
    apart = [
        share * np.exp(-_APART[:, shelf.bins[rows, at]] / np.float32(shelf.near_bins))
        for at in range(shelf.bins.shape[1])
    ]
    wanted = np.ascontiguousarray(np.float32(SHARP) * shelf.units[rows].T)
    for start in range(0, shelf.count, _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        likeness = shelf.units[part] @ wanted
        # Over what lies one behind the other: three times as fast as across short rows.
        np.ascontiguousarray(likeness.T).max(0, out=found[part, 2])
        for at, close in enumerate(apart):
            likeness += close.take(shelf.bins[part, at], 0)
        np.exp(likeness, out=bumps[part])
        mass += bumps[part].sum(0)
    scale = shelf.count / mass
    both = np.stack([scale / len(rows), scale * lately**4 / (lately**4).sum()], 1).astype(np.float32)
    found[:, :2] = np.log(bumps @ both)
    return found


def _beside(places: npt.NDArray[np.int64], rows: Rows, weights: Array, width: float) -> Array:
    """How near each item's place in the order of names is to those of some rows, falling off by `width` places."""
    line = np.zeros(int(places.max()) + 1, np.float32)
    falling = np.exp(-np.arange(len(line)) / width).astype(np.float32)
    for at, weight in zip(places[rows].tolist(), weights, strict=True):
        line[at:] += weight * falling[: len(line) - at]
        line[:at] += weight * falling[at:0:-1]
    return np.asarray(line[places])


def _traits(shelf: Shelf, rows: Rows, weights: Array) -> Array:
    """Naive Bayes: each trait alone, there or not."""
    if not shelf.traits.shape[1]:
        return np.zeros(shelf.count, np.float32)
    had = (weights @ shelf.traits[rows] + _BELIEF * shelf.shares) / (weights.sum() + _BELIEF)
    had = np.clip(had, 1e-6, 1 - 1e-6)
    there, absent = np.log(had / shelf.shares), np.log((1 - had) / (1 - shelf.shares))
    return np.asarray(shelf.traits @ (there - absent) + absent.sum(), np.float32)


def _numbers(shelf: Shelf, rows: Rows, weights: Array) -> Array:
    """By each number alone: how many of the person's lie near it, against how many of all do."""
    found = np.zeros(shelf.count, np.float32)
    for at, spread in enumerate(shelf.spread):
        own = np.bincount(shelf.bins[rows, at], weights, minlength=_BINS + 1) @ _KERNEL
        own = (own + _BELIEF * spread) / (weights.sum() + _BELIEF)
        found += np.log(own / spread).astype(np.float32)[shelf.bins[:, at]]
    return found


def _bin(numbers: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """Into 64 bins of the same width between the outermost but for a few; one more is for what is not known."""
    known = np.isfinite(numbers)
    if not known.any():
        return np.full(len(numbers), _BINS)
    low, high = np.quantile(numbers[known], [0.005, 0.995])
    place = (np.where(known, numbers, low) - low) / max(float(high - low), 1e-9) * (_BINS - 1)
    return np.where(known, np.clip(np.rint(place), 0, _BINS - 1), _BINS).astype(np.int64)


def _kernel() -> Array:
    """A bump of about two bins around each bin `[65, 65]`, of one mass; the bin of the unknown is alone."""
    apart = np.arange(_BINS)[:, None] - np.arange(_BINS)
    bump = np.exp(-0.5 * (apart / 2.0) ** 2)
    whole = np.zeros((_BINS + 1, _BINS + 1))
    whole[:_BINS, :_BINS] = bump / bump.sum(1, keepdims=True)
    whole[_BINS, _BINS] = 1.0
    return whole.astype(np.float32)


_KERNEL = _kernel()
_APART = np.abs(np.arange(_BINS + 1)[:, None] - np.arange(_BINS + 1)).astype(np.float32)


def _smooth(counts: npt.NDArray[np.int64]) -> Array:
    smooth = counts @ _KERNEL / max(1, counts.sum()) + 1e-4
    return np.asarray(smooth / smooth.sum(), np.float32)
