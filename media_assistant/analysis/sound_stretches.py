"""From a network's scores, window by window, to stretches of time in which a sound is heard.

A sound begins where its score is high and goes on as long as it is not low (hysteresis, as in Canny's edges), over short
gaps too. A network that knows a tree of classes says "animal" whenever it says "dog": a class steps back where one of
its kinds is heard nearly as surely, so that the more telling name comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BEGINS, _GOES_ON = 0.2, 0.08
_GAP_S = 1.5
_KIND_OF = 0.35
"""A class whose own kind has at least this share of its score says nothing that the kind does not say better."""
_STEPS_BACK = 0.3
"""What is left of its score then: enough to be remembered, too little to begin a stretch of its own."""
_MOST = 8
_ALWAYS, _ALWAYS_LEAST = 3, 0.03
"""A file in which nothing was heard clearly still gets its likeliest sounds, as weakly as they were heard."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`label` is the class's number; seconds count from the first window's start."""

    label: int
    start_s: float
    end_s: float
    score: float


class Stretches:
    """Push scores `[windows, classes]` as they come; stretches come out when they are over."""

    def __init__(self, ancestors: Sequence[Sequence[int]], hop_s: float, window_s: float) -> None:
        """`ancestors[c]` are the numbers of the classes that class `c` is a kind of."""
        count = len(ancestors)
        self._hop_s, self._window_s = hop_s, window_s
        self._ancestors = [np.array(one, np.intp) for one in ancestors]
        self._gap = max(1, round(_GAP_S / hop_s))
        self._at = 0
        self._start = np.full(count, -1, np.int64)
        self._last = np.zeros(count, np.int64)
        self._best = np.zeros(count)
        self._sum = np.zeros(count)
        self._total = np.zeros(count)
        self._peak = np.zeros(count)
        self._has_any = False

    def push(self, scores: NDArray[np.float32]) -> Iterator[Stretch]:
        """The next windows."""
        for row in self._telling(np.asarray(scores, np.float64)):
            self._total += row
            self._peak = np.maximum(self._peak, row)
            is_open = self._start >= 0
            begins = ~is_open & (row >= _BEGINS)
            self._start[begins] = self._at
            self._best[begins] = 0
            self._sum[begins] = 0
            heard = (self._start >= 0) & (row >= _GOES_ON)
            self._last[heard] = self._at
            self._best[heard] = np.maximum(self._best[heard], row[heard])
            self._sum[heard] += row[heard]
            over = is_open & (self._at - self._last > self._gap)
            yield from self._close(np.flatnonzero(over))
            self._at += 1

    def finish(self) -> Iterator[Stretch]:
        """What still goes on, and, if nothing was clear in all the file, what was likeliest."""
        yield from self._close(np.flatnonzero(self._start >= 0))
        if self._has_any or not self._at:
            return
        guess = 0.5 * self._peak + 0.5 * self._total / self._at
        end_s = (self._at - 1) * self._hop_s + self._window_s
        for label in np.argsort(-guess)[:_ALWAYS]:
            if guess[label] >= _ALWAYS_LEAST:
                yield Stretch(int(label), 0.0, end_s, float(guess[label]))

    def _close(self, labels: NDArray[np.intp]) -> Iterator[Stretch]:
        for label in labels:
            first, last = int(self._start[label]), int(self._last[label])
            self._start[label] = -1
            mean = self._sum[label] / (last - first + 1)
            self._has_any = True
            yield Stretch(
                int(label),
                first * self._hop_s,
                last * self._hop_s + self._window_s,
                float(min(1.0, 0.5 * self._best[label] + 0.5 * mean)),
            )

    def _telling(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores in which a class steps back behind its own kinds."""
        of_kinds = np.zeros_like(scores)
        for label, above in enumerate(self._ancestors):
            for ancestor in above:
                np.maximum(of_kinds[:, ancestor], scores[:, label], out=of_kinds[:, ancestor])
        return np.where(of_kinds >= _KIND_OF * scores, scores * _STEPS_BACK, scores)
