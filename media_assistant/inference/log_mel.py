"""Log-mel filter banks as Kaldi makes them, for networks that want them instead of a waveform (AST and its kin).

Source: Kaldi, feat/feature-fbank.cc and mel-computations.cc, with the defaults that the Audio Spectrogram Transformer
(Gong, Chung, Glass 2021) was trained with: 25 ms Hann windows every 10 ms, DC removed, pre-emphasis 0.97, power
spectrum of 512 points, triangles even on the mel scale between 20 Hz and 8 kHz, natural logarithm, no dither.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
HOP = 160
_FRAME, _FFT = 400, 512
_LOW_HZ, _HIGH_HZ = 20.0, 8000.0
_FLOOR = np.float32(1.192092955078125e-07)


def kaldi_fbank(wave: NDArray[np.float32], bins: int) -> NDArray[np.float32]:
    """`[frames, bins]` of float32 `[n]` at 16 kHz; frame `i` sees the samples from `160 i` to `160 i + 400`."""
    if len(wave) < _FRAME:
        wave = np.pad(wave, (0, _FRAME - len(wave)))
    frames = np.lib.stride_tricks.sliding_window_view(wave, _FRAME)[::HOP].astype(np.float32)
    frames -= frames.mean(1, keepdims=True)
    frames[:, 1:] -= 0.97 * frames[:, :-1].copy()
    frames[:, 0] *= 1 - 0.97
    spectrum = np.fft.rfft(frames * np.hanning(_FRAME).astype(np.float32), _FFT)
    power = np.square(np.abs(spectrum)).astype(np.float32)
    return np.asarray(np.log(np.maximum(power @ _filters(bins), _FLOOR)), np.float32)


@lru_cache(maxsize=4)
def _filters(bins: int) -> NDArray[np.float32]:
    """`[257, bins]`: triangles whose sides are straight on the mel scale; the Nyquist point counts nowhere."""
    edges = np.linspace(_mel(np.array(_LOW_HZ)), _mel(np.array(_HIGH_HZ)), bins + 2)
    places = _mel(np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT)[:, None]
    rising = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    found = np.maximum(0.0, np.minimum(rising, falling))
    found[-1] = 0
    return np.asarray(found, np.float32)


def _mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log1p(hz / 700.0), np.float64)
