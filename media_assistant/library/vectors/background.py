"""What cosines in a space look like where nothing fits: the ground that likeness is measured from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

_DRAWN = 1024
"""Vectors that are looked at; their likeness to each other is a few milliseconds, once."""
_PAIRS = 2048
_NEARLY = 0.65


@dataclass(frozen=True, slots=True)
class Background:
    """What cosines of pairs taken at random look like in a space; NaN where fewer than two items have vectors."""

    mean: float
    deviation: float
    count: int


def draw_rows(alive: Ints) -> Ints:
    """Some of the rows `alive` at random, the same ones each time."""
    import numpy as np

    return np.random.default_rng(len(alive)).permutation(alive)[:_DRAWN]


def distinct_rows(matrix: Floats, alive: Ints) -> Ints:
    """Of the rows `alive` of unit vectors `[n, d]`, some drawn at random of which no two say nearly the same.

    A library of which half says one thing over and over (one lecture, one song's lines) would otherwise have a
    background with a second hump, so wide that nothing stands out of it: what is said a hundred times counts once.
    """
    import numpy as np

    drawn = draw_rows(alive)
    if not len(drawn):
        return drawn
    likeness = matrix[drawn] @ matrix[drawn].T
    # Spaces differ in how near everything is, so nearly the same is most of the way from what is far to identity. What
    # is far, a fifth of all pairs still are when most of the library is one thing.
    far = float(np.percentile(likeness, 20))
    edge = far + _NEARLY * (1 - far)
    kept: list[int] = []
    for place in range(len(drawn)):
        if not kept or float(likeness[place, kept].max()) < edge:
            kept.append(place)
    return np.sort(drawn[kept])


def measure_pairs(matrix: Floats, items: Ints, rows: Ints) -> Background:
    """The background of a space from pairs of `rows` that belong to different `items`."""
    import numpy as np

    if len(np.unique(items[rows])) < 2:
        return Background(float("nan"), float("nan"), 0)
    draw = np.random.default_rng(len(rows))
    left, right = draw.choice(rows, _PAIRS), draw.choice(rows, _PAIRS)
    apart = items[left] != items[right]
    cosines = np.einsum("ij,ij->i", matrix[left[apart]], matrix[right[apart]])
    return Background(float(cosines.mean()), float(cosines.std()), len(cosines))
