"""Which things to ask a person about: those of which the answer teaches most.

The most uncertain ones (Lewis and Gale, "A sequential algorithm for training text classifiers", SIGIR 1994), and of those
ones that differ from each other (Brinker, "Incorporating diversity in active learning with support vector machines", ICML
2003). While hardly anything is known, likelier ones: a yes then teaches more than a no.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import Floats

_DIVERSE = 0.7
_AT_FIRST, _FEW = 0.7, 4
_LEAST = 0.03


def choose(chances: Floats, features: Floats, count: int, likes: int) -> NDArray[np.int64]:
    """The places of up to `count` of the things with these chances `[n]` and features `[n, D]`, the first the best to ask
    about now. `likes`: how many wanted examples there are.
    """
    middle = _AT_FIRST if likes < _FEW else 0.5
    worth = np.where(chances <= middle, chances / middle, (1 - chances) / (1 - middle)).astype(np.float32)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    units = features / np.maximum(lengths, 1e-6)
    nearest = np.zeros(len(chances), np.float32)
    chosen: list[int] = []
    left = worth.copy()
    while len(chosen) < min(count, len(chances)):
        values = left * (1 - _DIVERSE * np.clip(nearest, 0, 1))
        best = int(values.argmax())
        if left[best] < _LEAST:
            break
        chosen.append(best)
        left[best] = -1.0
        nearest = np.maximum(nearest, units @ units[best])
    return np.array(chosen, np.int64)
