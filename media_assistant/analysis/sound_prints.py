"""Bits by which a recording is known again, whatever it was encoded with.

After Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System" (ISMIR 2002): the energies of 33 bands, spaced by
the logarithm of their frequency; a bit is whether the difference of two neighbouring bands grew from one frame to the
next. Frames are three quarters of a second long and overlap by five sixths, so that a cut anywhere still gives nearly the same bits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.spectra import RATE_HZ, Spectra

FORM = "sound-hk32-2"
HOP = 2048
HOP_MS = 1000 * HOP / RATE_HZ
"""128 ms from one word to the next."""
_SIZE = 12_288
_BANDS = 33
_LOW_HZ, _HIGH_HZ = 220.0, 3400.0
_APART = 3
"""Frames that the energies are compared across."""
_SILENT, _QUIET = 1e-12, 1e-6
"""Power below which nothing is heard: that of digital silence, and a share of the loudest frame's. A quieter copy has the
same bits.
"""
_HEARD = 8
"""Times as much is told from what is not heard."""
_LONGEST = 4 * 3600 * RATE_HZ // HOP
"""Frames that are looked at: four hours."""

Words = NDArray[np.uint32]


class SoundPrint:
    """Push mono sound at 16 kHz, then ask. 4 bytes for 128 ms."""

    def __init__(self) -> None:
        self._spectra = Spectra(_SIZE, HOP)
        self._energies: list[NDArray[np.float32]] = []
        self._count = 0

    def push(self, mono: NDArray[np.float32]) -> None:
        """The next block."""
        power = self._spectra.push(mono)
        if len(power) and self._count < _LONGEST:
            self._energies.append(power @ filters(_SIZE))
            self._count += len(power)

    def finish(self) -> Words:
        """A word per hop; 0 where nothing is heard."""
        return _bits(np.concatenate(self._energies)[:_LONGEST]) if self._count > _APART else np.zeros(0, np.uint32)


def _bits(energies: NDArray[np.float32]) -> Words:
    slopes, is_heard = slopes_of(energies, _SIZE)
    grows = slopes[_APART:] > slopes[:-_APART]
    words = (grows.astype(np.uint32) << np.arange(_BANDS - 1, dtype=np.uint32)).sum(1, dtype=np.uint32)
    return np.where(is_heard[_APART:], words, 0).astype(np.uint32)


def slopes_of(energies: NDArray[np.float32], size: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """By how much each band is louder than the next one, `[frames, 32]`, and whether a frame of so many samples is heard."""
    loudness = energies.mean(1)
    floor = max(_SILENT * size, _QUIET * float(loudness.max()))
    level = np.log(energies + floor)
    return level[:, :-1] - level[:, 1:], loudness > _HEARD * floor


@lru_cache(maxsize=2)
def filters(size: int) -> NDArray[np.float32]:
    """Mean power of each band, `[size // 2 + 1, 33]`."""
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1) * size / RATE_HZ
    bins = np.arange(size // 2 + 1)[:, None]
    # Parts of a bin at both edges, for low bands are only a few bins wide.
    inside = np.clip(np.minimum(bins + 0.5, edges[1:]) - np.maximum(bins - 0.5, edges[:-1]), 0, 1)
    return np.asarray(inside / inside.sum(0), np.float32)
