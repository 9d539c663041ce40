"""How strongly a vector fits a query, on one scale for all spaces.

Cosines of different networks are not comparable, so a *strength* says by how many standard deviations a cosine stands
above two backgrounds. One is what the query makes of the rest of the library. The other is what the vector makes of a
set of unrelated everyday queries, the *probes* (as in zero-shot classification, and against hubs: Radovanović et al.,
"Hubs in Space", JMLR 2010).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media_assistant.library.vectors.background import Background, distinct_rows, measure_pairs

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_SELF = 0.9995
"""A cosine from which two vectors are one."""

_FEW = 24
"""Below this many vectors the library says too little about its background, and only the probes are heard."""

_FEWEST = 12
"""Below this many it says nothing about what is near."""

_HEDGED = 0.7
"""The share that is told of all of them then: enough to be called a little alike, too little to be called alike."""

_FEW_PROBES = 8


class Ground:
    """What the strengths of one space are measured from: some of its vectors, drawn to stand for the library.

    `vectors` are unit vectors `[n, d]`, `items` `[n]` whose they are; `probes` unit vectors `[m, d]` of unrelated
    queries, if they are known.
    """

    def __init__(self, vectors: Floats, items: Ints, probes: Floats | None = None) -> None:
        rows = distinct_rows(vectors, np.arange(len(vectors)))
        self.vectors = vectors[rows]
        self._items = items[rows]
        self._pairs: Background | None = None
        self.probes = probes
        self._usual: float | None = None

    @property
    def pairs(self) -> Background:
        """Cosines of pairs of vectors of different items, drawn evenly and the same way each time."""
        if self._pairs is None:
            self._pairs = measure_pairs(self.vectors, self._items, np.arange(len(self.vectors)))
        return self._pairs

    def hear_probes(self, probes: Floats) -> None:
        """Measure against these from now on."""
        lengths = np.linalg.norm(probes, axis=1)
        # A network that knows none of a probe's words answers zeros, which say nothing.
        self.probes = np.ascontiguousarray(probes[lengths > 0.5], np.float32)
        self._usual = None

    def answers(self, query: Floats) -> Floats:
        """The cosines `[n]` of these vectors with the unit `query` `[d]`, rising: what it makes of the library at large."""
        # Small, and quicker on this thread than woken ones of a library that multiplies matrices.
        return np.sort(np.einsum("ij,j->i", self.vectors, query))

    def strengths(
        self, query: Floats, vectors: Floats, cosines: Floats, *, is_example: bool, answers: Floats | None = None
    ) -> Floats:
        """The strengths `[k]` of the unit `vectors` `[k, d]`, whose cosines with the unit `query` `[d]` are given.

        `is_example`: the query is no words but a vector of the same kind as the stored ones, and probes, which are
        words, say nothing about it. `answers` are those to the query, if they are known.
        """
        typical = 0.0
        against_probes: Floats | None = None
        if is_example:
            typical = self.pairs.deviation if self.pairs.count else 0.0
        elif self.probes is not None and len(self.probes) >= _FEW_PROBES:
            mean, deviation = _answers(vectors, self.probes)
            against_probes = (cosines - mean) / deviation
            typical = self._usual_deviation(self.probes)
        background = self.answers(query) if answers is None else answers
        if against_probes is not None and len(background) < _FEW:
            return against_probes
        against_library = self._against_library(background, cosines, typical, is_example=is_example)
        if against_probes is None:
            return against_library
        # In a library of dogs, dogs do not stand out: what stands out of the probes keeps half of that.
        against_library = np.maximum(against_library, 0.5 * against_probes)
        return np.asarray(np.sqrt(np.maximum(against_library, 0) * np.maximum(against_probes, 0)), np.float32)

    def nearer_than(self, answers: Floats, cosines: Floats) -> Floats:
        """The share `[k]` (0..1) of these vectors that is less near to the query, whose `answers` are given, than what has
        those cosines.

        One fewer is counted: which ones of nearly the same were kept is chance.
        """
        if len(self.vectors) < _FEWEST:
            return np.full(len(cosines), _HEDGED, np.float32)
        return np.asarray((np.searchsorted(answers, cosines) - 1).clip(0) / len(answers), np.float32)

    def _against_library(self, background: Floats, cosines: Floats, typical: float, *, is_example: bool) -> Floats:
        if not len(background):
            return np.zeros(len(cosines), np.float32)
        middle, low = np.percentile(background, (50, 16))
        if is_example and len(background) < _FEW:
            # Few vectors, the example's own among them: of its relatives, half of the library may be. What is far says
            # where nothing begins, and directions drawn at random spread by 1/√d.
            others = background[background < _SELF]
            middle = np.percentile(others, 25) if len(others) > 1 else 0.5
            low = middle - self.vectors.shape[1] ** -0.5
        # The lower half alone, for what fits the query must not widen its own background; and never less than half of
        # what is usual in this space, for a query that is far from everything is not near to what it is least far from.
        spread = max(float(middle - low), 0.5 * typical, 1e-3)
        return np.asarray((cosines - middle) / spread, np.float32)

    def _usual_deviation(self, probes: Floats) -> float:
        """How widely the vectors of this space usually answer the probes."""
        if self._usual is None:
            self._usual = float(_answers(self.vectors, probes)[1].mean()) if len(self.vectors) else 0.0
        return self._usual


def _answers(vectors: Floats, probes: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation `[k]` of the cosines of each vector with the probes."""
    cosines = vectors @ probes.T
    return cosines.mean(axis=1), np.maximum(cosines.std(axis=1), 1e-3)
