"""What can be measured of pictures without a network: a fingerprint against near-duplicates, colours, and motion.

Findings: a `perceptual-hash` vector (64 numbers, -1 or 1, scaled to unit length) for a photo or every ten seconds of a
film, where it is not blank, and the traits `perceptual_hash` (photos; 16 hex digits), `colours` (up to five of red, green, blue, share, flat
in one list), `brightness` and `motion` (0..1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.items.findings import Finding, Trait, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.media.source import Frame

SPACE = "perceptual-hash"
_SIDE = 32
_HASH_EVERY_MS = 10_000
_COLOUR_EVERY_MS = 1_000
_MOTION_WIDTH, _MOTION_HEIGHT = 32, 18
_COLOURS = 5
_FLAT = 3.0
"""Spread of luma below which a picture is blank: as where duplicates are looked for."""

Grey = NDArray[np.uint8]


@lru_cache(maxsize=1)
def _cosines() -> NDArray[np.float64]:
    """The first 8 rows of the 32-point DCT-II without the constant one."""
    k = np.arange(1, 9)[:, None]
    n = np.arange(_SIDE)[None]
    return np.cos(np.pi * (2 * n + 1) * k / (2 * _SIDE))


def perceptual_hash(grey: Grey) -> NDArray[np.bool_]:
    """64 bits of `[32, 32]` luma: signs of low frequencies around their median (pHash; Zauner 2010)."""
    frequencies = _cosines() @ grey.astype(np.float64) @ _cosines().T
    return np.asarray(frequencies > np.median(frequencies), np.bool_).ravel()


def main_colours(rgb: Grey) -> list[tuple[int, int, int, float]]:
    """Up to five (red, green, blue, share), largest share first: means of the fullest cells of a 4 x 4 x 4 cube."""
    pixels = rgb.reshape(-1, 3)
    cells = (pixels >> 6).astype(np.int32) @ np.array([16, 4, 1], np.int32)
    counts = np.bincount(cells, minlength=64)
    found = []
    for cell in np.argsort(-counts, kind="stable")[:_COLOURS]:
        share = counts[cell] / len(pixels)
        if share < 0.04:
            break
        red, green, blue = pixels[cells == cell].mean(0).round().astype(int).tolist()
        found.append((red, green, blue, round(float(share), 3)))
    return found


class PicturesAnalyser:
    """Built in."""

    spec = spec_of("pictures")

    def open(self, job: Job) -> Pass:
        """Needs nothing."""
        return _PicturesPass(job)


class _PicturesPass(Pass):
    def __init__(self, job: Job) -> None:
        self._is_photo = job.kind is Kind.PHOTO
        self._next_hash_ms = 0
        self._next_colour_ms = 0
        self._next_motion_ms = 0
        self._waiting_hash: tuple[int, bytes] | None = None
        self._end_ms = 0
        self._samples: list[Grey] = []
        self._every_ms = _COLOUR_EVERY_MS
        self._before: NDArray[np.int16] | None = None
        self._moved = 0.0
        self._moved_ms = 0

    def frame(self, frame: Frame) -> Iterable[Finding]:
        found: list[Finding] = []
        self._end_ms = frame.end_ms
        if self._is_photo or frame.at_ms >= self._next_hash_ms:
            grey = frame.grey(_SIDE, _SIDE)
            bits = perceptual_hash(grey)
            values = np.where(bits, 0.125, -0.125).astype("<f4").tobytes()
            # The signs of a blank picture are noise, and those of many others.
            is_told = float(grey.std()) > _FLAT
            if self._is_photo:
                found += [Vector(SPACE, WHOLE, values)] if is_told else []
                found.append(Trait("perceptual_hash", np.packbits(bits).tobytes().hex()))
            else:
                found += self._close_hash(frame.at_ms)
                self._waiting_hash = (frame.at_ms, values) if is_told else None
                self._next_hash_ms = frame.at_ms + _HASH_EVERY_MS
        if self._is_photo or frame.at_ms >= self._next_colour_ms:
            self._samples.append(frame.rgb(24, 24))
            self._next_colour_ms = frame.at_ms + self._every_ms
            if len(self._samples) > 600:
                self._samples = self._samples[::2]
                self._every_ms *= 2
        if not self._is_photo and frame.at_ms >= self._next_motion_ms:
            self._measure_motion(frame)
        return found

    def finish(self) -> Iterable[Finding]:
        yield from self._close_hash(self._end_ms)
        if not self._samples:
            return
        pixels = np.concatenate([sample.reshape(-1, 3) for sample in self._samples])
        yield Trait("colours", [float(part) for colour in main_colours(pixels) for part in colour])
        yield Trait("brightness", round(float(pixels.mean()) / 255, 3))
        if self._moved_ms:
            # Half a step of grey per second everywhere is little, thirty are a chase.
            per_second = self._moved / self._moved_ms * 1000
            yield Trait("motion", round(1 - math.exp(-per_second / 60), 3))

    def _close_hash(self, end_ms: int) -> list[Finding]:
        waiting, self._waiting_hash = self._waiting_hash, None
        if waiting is None or end_ms <= waiting[0]:
            return []
        return [Vector(SPACE, TimeSpan(waiting[0], end_ms), waiting[1])]

    def _measure_motion(self, frame: Frame) -> None:
        """Mean change of luma between frames about a tenth of a second apart."""
        now = frame.grey(_MOTION_WIDTH, _MOTION_HEIGHT).astype(np.int16)
        if self._before is not None:
            change = float(np.abs(now - self._before).mean())
            if change < 40:  # a cut is no motion
                self._moved += change
                self._moved_ms += max(frame.at_ms - self._next_motion_ms + 100, 1)
        self._before = now
        self._next_motion_ms = frame.at_ms + 100


def analyser() -> Analyser:
    """For the registry."""
    return PicturesAnalyser()
