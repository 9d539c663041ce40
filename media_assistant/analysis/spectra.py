"""Short-time spectra of sound that arrives in blocks, and what is commonly taken from them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
"""Everything here listens to mono at this rate."""

Floats = NDArray[np.float32]


class Spectra:
    """Power spectra with a Hann window. Frames do not depend on how the sound was cut into blocks."""

    def __init__(self, size: int, hop: int) -> None:
        self.size = size
        self.hop = hop
        self._window = np.hanning(size + 1)[:size].astype(np.float32)
        self._rest = np.zeros(0, np.float32)

    def push(self, mono: Floats) -> Floats:
        """Power `[frames, size // 2 + 1]` of all windows that are complete now."""
        sound = np.concatenate([self._rest, mono]) if len(self._rest) else mono
        if len(sound) < self.size:
            self._rest = sound
            return np.zeros((0, self.size // 2 + 1), np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(sound, self.size)[:: self.hop]
        self._rest = sound[len(frames) * self.hop :].copy()
        found = np.fft.rfft(frames * self._window, axis=1)
        return np.asarray(found.real**2 + found.imag**2, np.float32)


@lru_cache(maxsize=4)
def mel_filters(size: int, bands: int, low_hz: float = 40.0, high_hz: float = 7600.0) -> Floats:
    """Triangles `[size // 2 + 1, bands]` of equal area on the mel scale (O'Shaughnessy's formula)."""

    def mel(hertz: float) -> float:
        return float(2595 * np.log10(1 + hertz / 700))

    edges = 700 * (10 ** (np.linspace(mel(low_hz), mel(high_hz), bands + 2) / 2595) - 1)
    bins = np.arange(size // 2 + 1) * RATE_HZ / size
    rise = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rise, fall))
    return np.asarray(triangles / np.maximum(triangles.sum(0), 1e-9), np.float32)


@lru_cache(maxsize=4)
def cosines(bands: int, count: int) -> Floats:
    """The orthonormal DCT-II `[bands, count]` without its constant term."""
    at = (np.arange(bands) + 0.5) * np.pi / bands
    return np.asarray(np.cos(at[:, None] * np.arange(1, count + 1)) * np.sqrt(2 / bands), np.float32)
