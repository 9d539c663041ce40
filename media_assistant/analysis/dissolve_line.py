"""How well the pictures of a dissolve lie on the straight line from the first to the last one.

The linear mixing model of Hampapur, Jain & Weymouth (1995), with shares that have to grow steadily. Where something
moves over the dissolve, only the cells that keep to it best have to agree (least trimmed squares, Rousseeuw 1984).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FOLLOWERS = 87
"""So many of 144 cells have to go along with a dissolve; things that move over it may spoil the others."""
_CHANGED = 3 * 64
"""Square of the way that a cell goes, from which on it changed at all."""


def fit_most(ways: Floats) -> tuple[float, Floats]:
    """(misfit, shares `[n - 1]`) of the line for the cells that keep to it best, from their `ways` `[n, 144, 3]`: how far
    each is from the first picture, in the last one at the end. Where too few change there is no line: 1, and no shares.
    """
    whole, cells = ways[-1], ways.shape[1]
    lengths = (whole * whole).sum(1)
    if np.count_nonzero(lengths > _CHANGED) < 0.75 * cells:
        return 1.0, lengths[:0]
    products = np.einsum("ncd,cd->nc", ways[:-1], whole)
    squares = np.einsum("ncd,ncd->c", ways[:-1], ways[:-1])
    kept = np.ones(cells, np.float32)
    for _ in range(3):
        shares = products @ kept / max(float(lengths @ kept), 1.0)
        rest = (squares - 2 * (shares @ products) + float(shares @ shares) * lengths) / len(products)
        worst = np.partition(rest, _FOLLOWERS - 1)[_FOLLOWERS - 1]
        kept = (rest <= worst).astype(np.float32)
    return float(worst) / (float(np.median(lengths)) + 1), shares


def roughness(shares: NDArray[np.floating]) -> float:
    """1 or less: the shares of the new picture in the frames between the first and the last grow in small steps."""
    path = np.empty(len(shares) + 2)
    path[0], path[1:-1], path[-1] = 0.0, shares, 1.0
    steps = path[1:] - path[:-1]
    return max(float(steps.max()) / (0.05 + 1.4 / len(steps)), float(steps.min()) / -0.1)
