"""Inner products of one row of int8 with many."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]

_CONVERTED_BYTES = 256 << 10
"""Of int8 at a time where numpy multiplies: with its floats that stays in a core's own cache."""


def products(query: Bytes, rows: Bytes, scores: Floats) -> None:
    """Inner products of int8 rows `[n, d]` with one `[1, d]`, into `scores` `[n]`. Other threads run meanwhile."""
    if not has_kernel():
        products_by_numpy(query, rows, scores)
        return
    import numkong

    numkong.cdist(query, rows, "dot", out=scores[None])


def products_by_numpy(query: Bytes, rows: Bytes, scores: Floats) -> None:
    """As `products`, which takes this where there is nothing faster."""
    floats = query[0].astype(np.float32)
    step = max(1, _CONVERTED_BYTES // rows.shape[1])
    converted = np.empty((min(step, len(rows)), rows.shape[1]), np.float32)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        np.copyto(converted[: len(part)], part)
        np.dot(converted[: len(part)], floats, out=scores[start : start + len(part)])


@lru_cache(maxsize=1)
def has_kernel() -> bool:
    """Whether the fast product can be had here; numpy's takes several times as long."""
    try:
        import numkong
    except (ImportError, OSError):
        return False
    row = np.arange(-64, 64, dtype=np.int8)[None]
    scores = np.zeros((1, 1), np.float32)
    try:
        numkong.cdist(row, row, "dot", out=scores)
    except (LookupError, TypeError, ValueError):
        return False
    return float(scores[0, 0]) == float((row.astype(np.int64) ** 2).sum())
