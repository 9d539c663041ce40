"""Rows of four bits a number, for a first look at very many: half the bytes of int8.

As in RaBitQ (Gao and Long, SIGMOD 2024; with more bits: Gao et al., SIGMOD 2025): rows are turned at random before they
are rounded, which keeps every inner product and spreads what a few numbers hold over all; and what a rounded row makes of
its own unit vector is known, so that the cosines it gives are right on average. The turn is random signs and a Hadamard
transform of every 64 numbers (Ailon and Chazelle, "Approximate nearest neighbors and the fast Johnson-Lindenstrauss
transform", STOC 2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.library.vectors.products import Bytes, Floats, Nibbles, has_nibble_kernel, nibble_products

Ints = NDArray[np.int64]

_TURNED = 64
"""Numbers that are mixed."""
_MIDDLE = 7.5
"""Of the sixteen numbers from 0 to 15, which stand for as many steps around nothing."""
_STEP = 0.335
"""Of standard deviations: what loses least of a normal distribution in sixteen steps (Max, "Quantizing for minimum
distortion", 1960)."""
_TOO_ROUGH = 0.25
"""Length of what the rounding adds to a unit vector; usual is .11."""
_TOGETHER = 4096


@dataclass(frozen=True, slots=True)
class NibbleRows:
    """Rows `[n, d / 2]`, two numbers in a byte. Of each `[n]`: the factor that makes a unit vector of it (0: of nothing),
    the sum of its numbers times `_MIDDLE`, and its error, the length of what rounding added across the unit vector.
    """

    rows: Nibbles
    factors: Floats
    sums: Floats
    errors: Floats
    largest_error: float


def can_have_nibbles(width: int) -> bool:
    """Whether rows of this width gain by it on this machine."""
    return width % _TURNED == 0 and has_nibble_kernel()


def nibble_rows(rows: Bytes) -> NibbleRows | None:
    """Of int8 rows `[n, d]`, whatever their scales; None if four bits say too little of them."""
    made = [_rounded(rows[start : start + _TOGETHER].astype(np.float32)) for start in range(0, len(rows), _TOGETHER)]
    largest = max((each.largest_error for each in made), default=0.0)
    if largest > _TOO_ROUGH:
        return None
    numbers, factors, sums, errors = (
        np.concatenate(parts) for parts in zip(*((e.rows, e.factors, e.sums, e.errors) for e in made), strict=True)
    )
    return NibbleRows(numbers, factors, sums, errors, largest)


class NibbleQuery:
    """A unit vector `[d]` that is looked for. Safe to use from several threads."""

    def __init__(self, query: Floats) -> None:
        self._rounded = _rounded(query[None])
        # The sum over (a - middle)(b - middle), of which the rows' part is known of each.
        self._rest = np.float32(_MIDDLE * _MIDDLE * len(query) - float(self._rounded.sums[0]))

    def reached(self, rows: NibbleRows, part: slice, edge: float, deviations: float, room: Floats) -> Ints:
        """Which of this part of the rows may have a cosine above `edge`, allowing for so many standard deviations of the
        rounding; counted from the part's first. `room` takes a number of each row.
        """
        sums = rows.sums[part]
        likely = room[: len(sums)]
        nibble_products(self._rounded.rows, rows.rows[part], likely)
        likely -= sums
        likely += self._rest
        likely *= rows.factors[part]
        # One comparison with what the row of the largest error would need, and its own for the few that reach it.
        scale = deviations / (2 * rows.rows.shape[1]) ** 0.5
        factor, own = self._rounded.factors[0], self._rounded.largest_error
        far = np.float32((edge - scale * float(np.hypot(rows.largest_error, own))) / factor)
        found: Ints = np.flatnonzero(likely > far)
        hidden = np.float32(scale) * np.hypot(rows.errors[part][found], np.float32(own))
        kept: Ints = found[likely[found] * factor + hidden > np.float32(edge)]
        return kept


def _rounded(vectors: Floats) -> NibbleRows:
    """Of vectors `[n, d]` of any length, as many as are held as floats at a time."""
    count, width = vectors.shape
    signs, hadamard = _turn(width)
    turned = ((vectors * signs).reshape(-1, _TURNED) @ hadamard).reshape(count, width)
    lengths = np.sqrt(np.einsum("ij,ij->i", turned, turned))
    # Steps of a row whose numbers are as large as those of a unit vector are on average.
    steps = np.divide(width**0.5 / _STEP, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    turned *= steps[:, None]
    whole = np.clip(np.floor(turned) + 8, 0, 15)
    centred = whole - np.float32(_MIDDLE)
    along = np.einsum("ij,ij->i", centred, turned) / np.maximum(lengths * steps, 1e-12)
    factors = np.divide(1, along, out=np.zeros_like(along), where=(along > 0) & (lengths > 0))
    across = factors * factors * np.einsum("ij,ij->i", centred, centred) - 1
    numbers = whole.astype(np.uint8)
    sums = np.float32(_MIDDLE) * whole.sum(axis=1)
    errors = np.sqrt(np.maximum(across, 0))
    return NibbleRows(numbers[:, 0::2] | (numbers[:, 1::2] << 4), factors, sums, errors, float(errors.max(initial=0)))


@lru_cache(maxsize=8)
def _turn(width: int) -> tuple[Floats, Floats]:
    """Signs `[d]`, the same ones every time, and the transform of `_TURNED` numbers."""
    hadamard = np.ones((1, 1), np.float32)
    while len(hadamard) < _TURNED:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    signs = np.random.default_rng(width).choice(np.array([-1, 1], np.float32), width)
    return signs, (hadamard / _TURNED**0.5).astype(np.float32)
