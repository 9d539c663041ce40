"""What each item of an embedding space is about, roughly and in little room: for comparing all items with some."""

from __future__ import annotations

import numpy as np

from media_assistant.library.vectors.scanning import Bytes, Floats, Ints, View, gathered, unit_rows

_COMMON_FROM = 16
"""Items from which on it is known what all of a space have in common."""
_AT_A_TIME = 16_384
_DRAWN = 8192
"""Items that tell along which directions a space spreads."""


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


def leading(view: View | None, width: int) -> tuple[Ints, Floats]:
    """As `sketch`, but along the directions in which the items differ most (principal components: Pearson, "On lines and
    planes of closest fit", 1901), so that what is near stays near. `[n, w]`, `w` at most `width`.

    What differs along other directions is lost, and the rows are made to be of length 1 without it.
    """
    if view is None or not view.count:
        return np.empty(0, np.int64), np.empty((0, width), np.float32)
    rows = np.flatnonzero(np.isfinite(view.scales))
    rows = rows[np.argsort(view.items[rows], kind="stable")]
    items, starts = np.unique(view.items[rows], return_index=True)
    ends = np.append(starts[1:], len(rows))
    drawn = np.sort(np.random.default_rng(len(items)).permutation(len(items))[:_DRAWN])
    known = _means(view, [rows[starts[at] : ends[at]] for at in drawn])
    common = known.mean(0) if len(items) >= _COMMON_FROM else np.zeros(known.shape[1], np.float32)
    known = unit_rows(known - common)
    values, vectors = np.linalg.eigh(known.T @ known)
    along = vectors[:, ::-1][:, : min(width, int((values > 1e-6 * max(float(values[-1]), 1e-12)).sum()))]
    # Which way an eigenvector points is chance: the largest part points up, always.
    along = np.ascontiguousarray(along * np.sign(along[np.abs(along).argmax(0), np.arange(along.shape[1])]))
    made = [np.empty((0, along.shape[1]), np.float32)]
    for part in _by_rows(starts, ends):
        means = _means(view, [rows[starts[at] : ends[at]] for at in range(*part)])
        made.append(unit_rows(unit_rows(means - common) @ along))
    return items, np.concatenate(made).astype(np.float32)


def _by_rows(starts: Ints, ends: Ints) -> list[tuple[int, int]]:
    """Stretches of items that have about `_AT_A_TIME` rows together."""
    edges = np.searchsorted(starts, np.arange(0, int(ends[-1]), _AT_A_TIME))
    edges = np.unique(np.append(edges, len(starts)))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _means(view: View, rows: list[Ints]) -> Floats:
    """The direction of the mean of these rows of each item `[n, d]`."""
    numbers = np.concatenate(rows)
    order = np.argsort(numbers, kind="stable")
    found = np.empty((len(numbers), view.parts[0].shape[1]), np.float32)
    found[order] = gathered(view.parts, numbers[order])
    found *= view.scales[numbers, None]
    lengths = np.array([len(each) for each in rows])
    return unit_rows(np.add.reduceat(found, np.cumsum(lengths) - lengths, axis=0))
