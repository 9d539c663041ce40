"""Background statistics of the library for one sense, and the features of things scaled by them.

All spaces of a sense and its labels make one feature vector, scaled so that the dot product of two things is how alike
they are in standard deviations of what pairs of the library drawn at random are: no space drowns another. Vectors are
centred on the library's mean; labels are weighed by how rare they are (inverse document frequency, Spärck Jones 1972)
and count with all that they are kinds of.

Some things are near to everything (hubs: Radovanović et al., JMLR 2010). What a thing has in common with its ten nearest
neighbours in the library is therefore taken off by half, as in cross-domain similarity local scaling (Conneau et al.,
"Word Translation Without Parallel Data", ICLR 2018): the library is the example of what is *not* meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import Floats, Things

LABELS = 0.8
"""What labels weigh beside one space. Chosen, as _HUB and _NEIGHBOURS, on every second class of `bench teach`."""
_HUB, _NEIGHBOURS = 0.5, 10
_LEAST_SPREAD = 1e-3
_FEW = 8
"""Things of the library below which it says nothing of what is usual."""


class Ground:
    """Of `things`, some of the library's drawn at random, and of `total` how many it has in this sense. `words` are labels
    that count although none of those bears them.
    """

    def __init__(self, things: Things, total: int, words: Iterable[str] = ()) -> None:
        self.total = max(total, len(things))
        self.marks = things.marks
        self.means = {space: units.mean(axis=0) for space, units in things.units.items()}
        counts: dict[str, int] = {}
        for each in things.labels:
            for concept in each:
                counts[concept] = counts.get(concept, 0) + 1
        self._rarity = {concept: math.log((len(things) + 1) / count) for concept, count in counts.items()}
        self._unseen = math.log(len(things) + 1)
        self.words = {concept: at for at, concept in enumerate(sorted({*counts, *words}))}
        self._scale: dict[str, float] = {}
        means = {space: _means(self._centred(space, things), things.rows[space], len(things)) for space in things.units}
        for space, values in means.items():
            self._scale[space] = _scale_of(values)
        self.label_scale = LABELS * _scale_of(self._label_rows(things.labels))
        self.spaces = tuple(sorted(self._scale))
        self.features = self.of(things)

    def knows(self, space: str) -> bool:
        """Whether the library has enough of a space to say what is usual in it."""
        return space in self._scale

    def of(self, things: Things, chosen: dict[str, NDArray[np.int64]] | None = None) -> Floats:
        """Features `[n, D]`: a block for each of `spaces`, then the labels. Of several vectors their mean stands, or the
        row that is `chosen` in each space (-1: none).
        """
        blocks = []
        for space in self.spaces:
            width = len(self.means[space])
            block = np.zeros((len(things), width), np.float32)
            if space in things.units and things.units[space].shape[1:] == (width,):
                centred = self._centred(space, things)
                if chosen is None:
                    block = _means(centred, things.rows[space], len(things))
                else:
                    has = chosen[space] >= 0
                    block[has] = centred[chosen[space][has]]
            blocks.append(block * np.float32(math.sqrt(self._scale[space])))
        blocks.append(self._label_rows(things.labels) * np.float32(math.sqrt(self.label_scale)))
        return np.asarray(np.concatenate(blocks, axis=1), np.float32)

    def best_rows(self, things: Things, weights: Floats) -> dict[str, NDArray[np.int64]]:
        """Of each thing and in each space the vector `[n]` that `weights` `[D]` like best; -1 where it has none."""
        chosen = {}
        for space, part in self.parts().items():
            best = np.full(len(things), -1, np.int64)
            width = len(self.means[space])
            if space in things.units and things.units[space].shape[1:] == (width,):
                scores = self._centred(space, things) @ weights[part]
                order = np.lexsort((scores, things.rows[space]))
                best[things.rows[space][order]] = order  # the last of each thing is its best
            chosen[space] = best
        return chosen

    def parts(self) -> dict[str, slice]:
        """Where the block of each space is in the features."""
        found, start = {}, 0
        for space in self.spaces:
            found[space] = slice(start, start + len(self.means[space]))
            start += len(self.means[space])
        return found

    def hubness(self, features: Floats, marks: Sequence[int] | NDArray[np.int64]) -> Floats:
        """`[n]`: what is taken off for being near to anything. Nothing where the library is too small to tell."""
        if len(self.marks) < _FEW:
            return np.zeros(len(features), np.float32)
        alike = features @ self.features.T
        alike[np.asarray(marks)[:, None] == self.marks[None, :]] = -np.inf
        count = min(_NEIGHBOURS, len(self.marks) - 1)
        nearest = np.partition(alike, alike.shape[1] - count, axis=1)[:, -count:]
        nearest = np.where(np.isfinite(nearest), nearest, 0.0)
        return np.asarray(_HUB * nearest.mean(axis=1), np.float32)

    def _centred(self, space: str, things: Things) -> Floats:
        return _unit(things.units[space] - self.means[space])

    def _label_rows(self, labels: Sequence[Mapping[str, float]]) -> Floats:
        rows = np.zeros((len(labels), len(self.words)), np.float32)
        lengths = np.zeros(len(labels), np.float32)
        done: dict[int, int] = {}
        for at, each in enumerate(labels):
            if (before := done.setdefault(id(each), at)) != at:
                # Moments of one item share its labels.
                rows[at], lengths[at] = rows[before], lengths[before]
                continue
            for concept, score in each.items():
                value = score * self._rarity.get(concept, self._unseen)
                lengths[at] += value * value
                if (place := self.words.get(concept)) is not None:
                    rows[at, place] = value
        return np.asarray(rows / np.maximum(np.sqrt(lengths), 1e-6)[:, None], np.float32)


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-6), np.float32)


def _means(values: Floats, rows: NDArray[np.int64], count: int) -> Floats:
    """Unit means of the rows of each thing `[count, d]`; noughts for one without."""
    sums = np.zeros((count, values.shape[1]), np.float32)
    if len(rows):
        present, starts = np.unique(rows, return_index=True)
        sums[present] = np.add.reduceat(values, starts, axis=0)
    return np.asarray(_unit(sums) * (np.abs(sums).max(axis=1, keepdims=True, initial=0.0) > 1e-6), np.float32)


def _scale_of(values: Floats) -> float:
    """One over how widely the dot products of pairs spread."""
    values = values[np.abs(values).max(axis=1, initial=0.0) > 0]
    if len(values) < _FEW:
        return 1.0 / 0.2
    alike = values @ values.T
    pairs = alike[np.triu_indices(len(values), 1)]
    return 1.0 / max(float(pairs.std()), _LEAST_SPREAD)
