"""Rows of four bits a number, for a first look at very many: half the bytes of int8.

As in RaBitQ (Gao and Long, SIGMOD 2024; with more bits: Gao et al., SIGMOD 2025): rows are turned at random before they
are rounded, which keeps every inner product and spreads what a few numbers hold over all; and what a rounded row makes of
its own unit vector is known, so that the cosines it gives are right on average. The turn is random signs and a Hadamard
transform of every 64 numbers (Ailon and Chazelle, "Approximate nearest neighbors and the fast Johnson-Lindenstrauss
transform", STOC 2006).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.four_bits import NOUGHT, FourBitFault, FourBitRows, Nibbles, rounding_of
from media_assistant.library.vectors.products import Bytes, Floats, products

Ints = NDArray[np.int64]

log = logging.getLogger(__name__)

_TURNED = 64
"""Numbers that are mixed."""
_STEP = 0.335
"""Of standard deviations: what loses least of a normal distribution in sixteen steps (Max, "Quantizing for minimum
distortion", 1960)."""
_TOO_ROUGH = 0.25
"""Length of what the rounding adds to a unit vector; usual is .11."""
_TOGETHER = 4096
_TRIED = (32_768, 512)
"""Rows and numbers that are timed: more than a core's own cache holds."""
_GAIN = 0.9


@dataclass(frozen=True, slots=True)
class NibbleRows:
    """Rows `[n, d]`, whose products with a vector are their cosines with it, right on average; and of each `[n]` its error,
    the length of what rounding added across the unit vector.
    """

    rows: FourBitRows
    errors: Floats
    largest_error: float


def can_have_nibbles(width: int) -> bool:
    """Whether rows of this width gain by it on this machine."""
    return width % _TURNED == 0 and _is_quick()


def nibble_rows(rows: Bytes) -> NibbleRows | None:
    """Of int8 rows `[n, d]`, whatever their scales; None if four bits say too little of them, or cannot be had now."""
    made = [_rounded(rows[start : start + _TOGETHER].astype(np.float32)) for start in range(0, len(rows), _TOGETHER)]
    numbers, factors, errors = (np.concatenate(parts) for parts in zip(*made, strict=True))
    largest = float(errors.max(initial=0))
    if largest > _TOO_ROUGH:
        return None
    try:
        return NibbleRows(FourBitRows(numbers, factors), errors, largest)
    except FourBitFault as fault:
        log.warning("no first look at %d vectors: %s", len(rows), fault)
        return None


class NibbleQuery:
    """A unit vector `[d]` that is looked for. Safe to use from several threads."""

    def __init__(self, query: Floats) -> None:
        self._turned = _turned(query[None])[0]
        self._error = np.float32(rounding_of(self._turned))

    def reached(self, rows: NibbleRows, edge: float, deviations: float) -> Ints:
        """Which of the rows may have a cosine above `edge`, allowing for so many standard deviations of the rounding. Raises
        FourBitFault.
        """
        likely = rows.rows.products(self._turned)
        # One comparison with what the row of the largest error would need, and its own for the few that reach it.
        scale = np.float32(deviations / len(self._turned) ** 0.5)
        found: Ints = np.flatnonzero(
            likely > np.float32(edge) - scale * np.hypot(np.float32(rows.largest_error), self._error)
        )
        hidden = scale * np.hypot(rows.errors[found], self._error)
        kept: Ints = found[likely[found] + hidden > np.float32(edge)]
        return kept


def _rounded(vectors: Floats) -> tuple[Nibbles, Floats, Floats]:
    """Of vectors `[n, d]` of any length, as many as are held as floats at a time: numbers `[n, d / 2]`, the factors `[n]` that
    make unit vectors of them (0: of nothing), and errors `[n]`.
    """
    width = vectors.shape[1]
    turned = _turned(vectors)
    lengths = np.sqrt(np.einsum("ij,ij->i", turned, turned))
    # Steps of a row whose numbers are as large as those of a unit vector are on average.
    steps = np.divide(width**0.5 / _STEP, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    turned *= steps[:, None]
    centred = np.clip(np.rint(turned), -NOUGHT, 15 - NOUGHT)
    along = np.einsum("ij,ij->i", centred, turned) / np.maximum(lengths * steps, 1e-12)
    factors = np.divide(1, along, out=np.zeros_like(along), where=(along > 0) & (lengths > 0))
    across = factors * factors * np.einsum("ij,ij->i", centred, centred) - 1
    numbers = (centred + NOUGHT).astype(np.uint8)
    return np.bitwise_or(numbers[:, 0::2], numbers[:, 1::2] << 4), factors, np.sqrt(np.maximum(across, 0))


def _turned(vectors: Floats) -> Floats:
    """Vectors `[n, d]`, all in the same way."""
    signs, hadamard = _turn(vectors.shape[1])
    return np.reshape((vectors * signs).reshape(-1, _TURNED) @ hadamard, vectors.shape)


@lru_cache(maxsize=8)
def _turn(width: int) -> tuple[Floats, Floats]:
    """Signs `[d]`, the same ones every time, and the transform of `_TURNED` numbers."""
    hadamard = np.ones((1, 1), np.float32)
    while len(hadamard) < _TURNED:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    signs = np.random.default_rng(width).choice(np.array([-1, 1], np.float32), width)
    return signs, (hadamard / _TURNED**0.5).astype(np.float32)


@lru_cache(maxsize=1)
def _is_quick() -> bool:
    """Whether four-bit numbers are multiplied here, and sooner than as many of eight bits; tried once."""
    count, width = _TRIED
    wide = np.tile(np.arange(-64, 64, dtype=np.int8), (count, width // 128))
    row = np.ones(width, np.float32)
    try:
        narrow = FourBitRows(np.full((count, width // 2), 0x9A, np.uint8), np.ones(count, np.float32))
        found = narrow.products(row)
    except FourBitFault as fault:
        log.info("no first look at four bits: %s", fault)
        return False
    if not np.allclose(found, (0xA - NOUGHT + 0x9 - NOUGHT) * width / 2, rtol=0.01):
        return False
    scores = np.empty(count, np.float32)
    took = {False: np.inf, True: np.inf}
    for is_wide in (False, True) * 3:
        start = time.perf_counter()
        if is_wide:
            products(wide[:1], wide, scores)
        else:
            narrow.products(row)
        took[is_wide] = min(took[is_wide], time.perf_counter() - start)
    return took[False] < _GAIN * took[True]
