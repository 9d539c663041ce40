"""Inner products of one row with many: int8 with int8, and unsigned four-bit numbers, two of a byte, with the same."""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
Nibbles = NDArray[np.uint8]

_CONVERTED_BYTES = 256 << 10
"""Of int8 at a time where numpy multiplies: with its floats that stays in a core's own cache."""
_TRIED = (65_536, 512)
"""Rows and numbers that are timed: more than a core's own cache holds."""
_GAIN = 0.9


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


def nibble_products(query: Nibbles, rows: Nibbles, scores: Floats) -> None:
    """Inner products of rows `[n, d / 2]` with one `[1, d / 2]`, into `scores` `[n]`. Other threads run meanwhile.

    Only where `has_nibble_kernel`.
    """
    import numkong

    numkong.cdist(query, rows, "dot", out=scores[None], dtype="uint4")


@lru_cache(maxsize=1)
def has_nibble_kernel() -> bool:
    """Whether four-bit numbers are multiplied here, and sooner than as many of eight bits; tried once."""
    if not has_kernel():
        return False
    count, width = _TRIED
    rows = np.full((count, width // 2), np.arange(width // 2), np.uint8)
    wide, scores = np.ones((count, width), np.int8), np.empty(count, np.float32)
    try:
        nibble_products(rows[:1], rows, scores)
    except (LookupError, TypeError, ValueError):
        return False
    low, high = (rows[0] & 15).astype(np.int64), (rows[0] >> 4).astype(np.int64)
    if float(scores[0]) != float((low**2 + high**2).sum()):
        return False
    took = {False: np.inf, True: np.inf}
    for is_wide in (False, True) * 3:
        start = time.perf_counter()
        if is_wide:
            products(wide[:1], wide, scores)
        else:
            nibble_products(rows[:1], rows, scores)
        took[is_wide] = min(took[is_wide], time.perf_counter() - start)
    return took[False] < _GAIN * took[True]
