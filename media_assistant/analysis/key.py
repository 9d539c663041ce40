"""Key of a piece of music from how often each pitch class sounds.

Peaks of long spectra are brought to the instrument's own tuning and folded into an octave (after Gómez, "Tonal
Description of Polyphonic Audio for Music Content Processing", INFORMS Journal on Computing 18, 2006). The twelve
shares are compared with the profiles of Temperley (*Music and Probability*, MIT Press 2007, Kostka–Payne corpus).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.spectra import RATE_HZ, Spectra

MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
"""As musicians write them: with the fewer accidentals."""

_MAJOR = np.array([0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400])
_MINOR = np.array([0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330])

_SIZE, _HOP = 4096, 2048
_LOW_HZ, _HIGH_HZ = 60.0, 2200.0
_STEPS = 10
"""Bins per semitone before the tuning is known."""
_LEAST_LIKENESS, _LEAST_LEAD = 0.5, 0.02


@dataclass(frozen=True, slots=True)
class Key:
    """`name` such as `A minor`. `likeness` is the correlation with the profile, `lead` that over the next key's."""

    name: str
    likeness: float
    lead: float

    @property
    def is_clear(self) -> bool:
        """Whether it can be claimed; music without a tonal centre has none."""
        return self.likeness >= _LEAST_LIKENESS and self.lead >= _LEAST_LEAD


class KeyFinder:
    """Push mono sound, then ask. Memory does not grow with the file."""

    def __init__(self) -> None:
        self._spectra = Spectra(_SIZE, _HOP)
        self._pitches = np.zeros(12 * _STEPS)
        bins = np.arange(_SIZE // 2 + 1) * RATE_HZ / _SIZE
        self._first, self._stop = np.searchsorted(bins, [_LOW_HZ, _HIGH_HZ])

    def push(self, mono: NDArray[np.float32]) -> None:
        """Mono float32 at 16 kHz."""
        power = self._spectra.push(mono)[:, self._first - 1 : self._stop + 1]
        if not len(power):
            return
        level = np.log(power + 1e-9)
        left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
        strongest = middle.max(1, keepdims=True)
        # Fifty decibels below the strongest is noise, or what a codec left.
        is_peak = (middle > left) & (middle >= right) & (middle > strongest - 11.5) & (strongest > np.log(1e-3))
        rows, columns = np.nonzero(is_peak)
        a, b, c = left[rows, columns], middle[rows, columns], right[rows, columns]
        shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
        hertz = (columns + self._first + shift) * RATE_HZ / _SIZE
        pitch = 12 * np.log2(hertz / 440.0) + 9
        # The fourth root of power: loud notes lead, yet a quiet third still says major or minor.
        weight = np.exp(b / 4)
        total = np.zeros(len(power))
        np.add.at(total, rows, weight)
        weight = weight / np.maximum(total[rows], 1e-9)
        step = np.round(pitch * _STEPS).astype(np.int64) % (12 * _STEPS)
        np.add.at(self._pitches, step, weight)

    def shares(self) -> NDArray[np.float64]:
        """How much each pitch class sounds, C first; sums to 1, or zeros where there was no tone."""
        if self._pitches.sum() <= 0:
            return np.zeros(12)
        steps = np.arange(12 * _STEPS)
        turn = np.sum(self._pitches * np.exp(2j * np.pi * steps / _STEPS))
        off_tune = np.angle(turn) / (2 * np.pi)
        classes = np.floor((steps / _STEPS - off_tune) + 0.5).astype(np.int64) % 12
        shares = np.bincount(classes, self._pitches, 12)
        return np.asarray(shares / shares.sum())

    def finish(self) -> Key | None:
        """The likeliest key; None where there was no tone."""
        return key_of(self.shares())


def key_of(shares: NDArray[np.float64]) -> Key | None:
    """The key whose profile is most like `shares` (12 pitch classes, C first)."""
    if shares.sum() <= 0 or shares.std() < 1e-9:
        return None
    found: list[tuple[float, str]] = []
    for tonic in range(12):
        for profile, names, mode in ((_MAJOR, MAJOR_NAMES, "major"), (_MINOR, MINOR_NAMES, "minor")):
            likeness = float(np.corrcoef(shares, np.roll(profile, tonic))[0, 1])
            found.append((likeness, f"{names[tonic]} {mode}"))
    found.sort(reverse=True)
    return Key(found[0][1], found[0][0], found[0][0] - found[1][0])
