"""Change the rate of a waveform, for networks that were taught at another than 16 kHz."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

_ZERO_CROSSINGS = 16
_BLOCK = 1 << 15


def resample(wave: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """Float32 `[n]` to `[ceil(n * to_hz / from_hz)]` by a windowed sinc, polyphase.

    Source: J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample; Kaiser window, beta 9.
    """
    if from_hz == to_hz:
        return wave
    shared = gcd(from_hz, to_hz)
    up, down = to_hz // shared, from_hz // shared
    taps = _taps(up, down)
    half = taps.shape[1] // 2
    count = -(-len(wave) * up // down)
    padded = np.pad(wave, (half, half + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, taps.shape[1])
    out = np.empty(count, np.float32)
    for start in range(0, count, _BLOCK):
        places = np.arange(start, min(start + _BLOCK, count)) * down
        out[start : start + len(places)] = np.einsum("nk,nk->n", windows[places // up], taps[places % up])
    return out


@lru_cache(maxsize=4)
def _taps(up: int, down: int) -> NDArray[np.float32]:
    """`[up, width]`: the filter that belongs to each of the `up` positions between two samples."""
    cutoff = min(1.0, up / down)
    half = int(np.ceil(_ZERO_CROSSINGS / cutoff))
    offsets = np.arange(-half, half + 1)[None] - np.arange(up)[:, None] / up
    shape = np.i0(9.0 * np.sqrt(np.maximum(0.0, 1 - (offsets / (half + 1)) ** 2))) / np.i0(9.0)
    return np.asarray(cutoff * np.sinc(cutoff * offsets) * shape, np.float32)
