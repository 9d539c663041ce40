"""How a recording sounds apart from its notes and its loudness: the mean and the spread of its cepstral coefficients.

Mel-frequency cepstra after Davis and Mermelstein (IEEE TASSP 28, 1980), summed up per file as Pampalk does
("Computational Models of Music Similarity", TU Wien 2006). Centred on pink noise, whose spectrum falls as that of most
recordings does, so that the angle between two files tells more than that both are sound.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.spectra import RATE_HZ, cosines, mel_filters

SPACE = "timbre-mfcc-40"
"""20 means and 20 spreads."""
BANDS = 40
SIZE = 1024

_COUNT = 20
_FLOOR = 1e-7
_USUAL_SPREAD = 0.35
"""Of a coefficient, in units of log10 power."""
_SLOPE_WEIGHT = 0.5
"""The first coefficient, how bright it is, would else outweigh all others."""
_LEAST_FRAMES = 30


class Timbre:
    """Push mel power, then ask. Memory does not grow with the file."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = np.zeros(_COUNT)
        self._squares = np.zeros(_COUNT)

    def push(self, mel: NDArray[np.float32]) -> None:
        """Mel power `[frames, BANDS]`; frames without sound count for nothing."""
        loud = mel[mel.mean(1) > _FLOOR * SIZE]
        if not len(loud):
            return
        cepstra = _cepstra(loud)
        self._count += len(cepstra)
        self._sum += cepstra.sum(0)
        self._squares += np.square(cepstra).sum(0)

    def finish(self) -> NDArray[np.float32] | None:
        """A unit vector of 40 numbers in `SPACE`; None for less than a moment of sound."""
        if self._count < _LEAST_FRAMES:
            return None
        mean = self._sum / self._count
        spread = np.sqrt(np.maximum(0, self._squares / self._count - mean**2))
        off_pink = mean - _pink()
        off_pink[0] *= _SLOPE_WEIGHT
        vector = np.concatenate([off_pink, spread - _USUAL_SPREAD])
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)


def _cepstra(mel: NDArray[np.float32]) -> NDArray[np.float64]:
    level = np.log10(np.maximum(mel, 1e-12) / mel.max(1, keepdims=True) + 1e-5)
    return np.asarray(level @ cosines(BANDS, _COUNT), np.float64)


@lru_cache(maxsize=1)
def _pink() -> NDArray[np.float64]:
    """The cepstrum of a power that falls as 1/f."""
    bins = np.maximum(1, np.arange(SIZE // 2 + 1)) * RATE_HZ / SIZE
    mel = (1 / bins).astype(np.float32)[None] @ mel_filters(SIZE, BANDS)
    return np.asarray(_cepstra(mel)[0])
