"""What each item of an embedding space is about, roughly and in little room: for comparing all items with some."""

from __future__ import annotations

import numpy as np

from media_assistant.library.scanning import Bytes, Floats, Ints, View

_COMMON_FROM = 16
"""Items from which on it is known what all of a space have in common."""
_AT_A_TIME = 16_384


def sketch(view: View | None, width: int) -> tuple[Ints, Floats]:
    """For each item, rising, the direction `[width]` of its vectors' mean, less what all have in common.

    Onto random directions (always the same), so that cosines are kept roughly (Johnson, Lindenstrauss, "Extensions of
    Lipschitz mappings into a Hilbert space", 1984); of int8 rows, so without reading the vectors themselves.
    """
    if view is None or not view.count:
        return np.empty(0, np.int64), np.empty((0, width), np.float32)
    depth = view.parts[0].shape[1]
    drawn = np.random.default_rng(depth).standard_normal((depth, width)).astype(np.float32)
    rows = np.concatenate([_times(part, drawn) for part in view.parts]) * view.scales[:, None]
    alive = np.isfinite(view.scales)
    items, place = np.unique(view.items[alive], return_inverse=True)
    sums = np.zeros((len(items), width), np.float32)
    np.add.at(sums, place, rows[alive])
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    if len(sums) >= _COMMON_FROM:
        sums -= sums.mean(0)
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return items, sums


def _times(rows: Bytes, directions: Floats) -> Floats:
    """The products of int8 rows `[n, d]` with directions `[d, w]`, some rows at a time."""
    parts = [rows[at : at + _AT_A_TIME].astype(np.float32) @ directions for at in range(0, len(rows), _AT_A_TIME)]
    return np.concatenate(parts)
