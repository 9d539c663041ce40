"""A second fingerprint, for sounds that are short or noisy, where the bits of the first tell too little: how the shape of the
spectrum changes.

Of a bark seven words of `sound_prints` are heard, and of rain in a poor coding every third bit is chance. Here is kept what
those bits are the signs of, in sixteen steps and closer together: by how much the differences of neighbouring bands grew
within a fifth of a second. Two sounds are laid over each other at every offset and correlated; where is not asked before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.same_sound import SoundLikeness
from media_assistant.analysis.sound_prints import filters, slopes_of
from media_assistant.analysis.spectra import RATE_HZ, Spectra

FORM = "short-sound-1"
_HOP, _SIZE = 1024, 4096
_APART = 3
"""Frames that the slopes are compared across."""
_LONGEST = 272
"""Frames of a sound that `same_sound.is_short`: 17 seconds. Of a longer one nothing is kept."""
_COLUMNS = 32
_MIDDLE, _STEPS = 8, 7
"""A change is a number of four bits, 8 for none; 0 where nothing is heard."""

_LEAST = 5
"""Frames in common, a third of a second."""
_OVERLAP = 0.5
"""Share of what is heard of the shorter one."""
_SAME_S, _SAME = (0.5, 1.2, 1.8, 3.0, 4.2), (0.8, 0.72, 0.6, 0.52, 0.47)
"""How well so many seconds must agree, and between. Said twice by the same voice, numbers that sound alike reach .74 in a third
of a second, two words .67 in one, sentences that begin alike .56 in the half more; the poorest codings reach .56 in three.
"""
_SAME_BITS, _SAME_THEN = 0.13, 0.62
"""Share of differing bits from which on less has to agree."""
_TOGETHER, _AGREES = 9, 0.3
"""Frames whose agreement is judged together, a good half second, and from where on they are the same."""

Changes = NDArray[np.uint8]
Floats = NDArray[np.float32]


class ShortSound:
    """Push mono sound at 16 kHz, then ask. 16 bytes for 64 ms."""

    def __init__(self) -> None:
        self._spectra = Spectra(_SIZE, _HOP)
        self._energies: list[Floats] = []
        self._count = 0

    def push(self, mono: Floats) -> None:
        """The next block."""
        if self._count > _LONGEST:
            return
        power = self._spectra.push(mono)
        self._count += len(power)
        if self._count > _LONGEST:
            self._energies.clear()
        elif len(power):
            self._energies.append(power @ filters(_SIZE))

    def finish(self) -> bytes:
        """Nothing of a sound that is too long or too short."""
        if not self._energies or self._count <= _APART:
            return b""
        slopes, is_heard = slopes_of(np.concatenate(self._energies), _SIZE)
        changes = np.round(_STEPS * np.tanh(slopes[_APART:] - slopes[:-_APART])) + _MIDDLE
        kept = np.where(is_heard[_APART:, None], changes, 0).astype(np.uint8)
        return (kept[:, ::2] | kept[:, 1::2] << 4).tobytes()


def unpack(marks: bytes) -> Changes:
    """A row of 32 for each frame."""
    size = _COLUMNS // 2
    packed = np.frombuffer(marks[: len(marks) // size * size], np.uint8).reshape(-1, size)
    return np.stack([packed & 15, packed >> 4], 2).reshape(-1, _COLUMNS)


def compare(one: Changes, other: Changes, by_words: SoundLikeness | None = None) -> SoundLikeness | None:
    """At the offset where they agree best; None if it is not well enough for as much as they have in common. `by_words` is
    what their words say.
    """
    a, b, a_heard, b_heard = _values(one), _values(other), one[:, 0] > 0, other[:, 0] > 0
    a_power, b_power = (a * a).sum(1), (b * b).sum(1)
    ours, theirs = a_heard.astype(np.float32), b_heard.astype(np.float32)
    # Of each offset, from the other wholly before to wholly behind; numpy's correlation sums in the same order.
    in_common = np.correlate(theirs, ours, "full")
    power = np.correlate(theirs, a_power, "full") * np.correlate(b_power, ours, "full")
    shorter = min(int(ours.sum()), int(theirs.sum()))
    is_told = (in_common >= max(_LEAST, _OVERLAP * shorter)) & (power > 0)
    agreement = np.where(is_told, _by_offset(a @ b.T) / np.sqrt(np.where(is_told, power, 1)), -1)
    best = int(agreement.argmax())
    least = float(np.interp(in_common[best] * _HOP / RATE_HZ, _SAME_S, _SAME))
    if by_words is not None and by_words.apart <= _SAME_BITS:
        least = min(least, _SAME_THEN)
    if agreement[best] < least:
        return None
    offset = best - (len(one) - 1)
    start, end = max(0, -offset), min(len(one), len(other) - offset)
    part, its = slice(start, end), slice(start + offset, end + offset)
    both = a_heard[part] & b_heard[its]
    alike, ours, theirs = (_near(each * both) for each in ((a[part] * b[its]).sum(1), a_power[part], b_power[its]))
    agreeing = int((both & (alike > _AGREES * np.sqrt(ours * theirs))).sum())
    # As in `same_sound`: what is silent in one of them only is no disagreement.
    share = min(1.0, agreeing / int(both.sum()), 1.15 * agreeing / shorter)
    return SoundLikeness(share, round(1000 * offset * _HOP / RATE_HZ), (1 - float(agreement[best])) / 2)


def _values(changes: Changes) -> Floats:
    return np.where(changes > 0, changes.astype(np.float32) - _MIDDLE, 0)


def _by_offset(products: Floats) -> Floats:
    """Sums along the diagonals of `[n, m]`: each row is moved on by one, for it is read with a shorter line."""
    rows, columns = products.shape
    wide = np.zeros((rows, rows + columns), np.float32)
    wide[:, :columns] = products[::-1]
    return np.asarray(wide.ravel()[: rows * (rows + columns - 1)].reshape(rows, -1).sum(0))


def _near(each: Floats) -> Floats:
    """Sums of each frame with those around it."""
    return np.convolve(each, np.ones(_TOGETHER, np.float32))[_TOGETHER // 2 :][: len(each)]
