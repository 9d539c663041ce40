"""Decoded sound in blocks of a second, without gaps: native, and mono at 16 kHz for those who listen."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from media_assistant.media.placing import Placer
from media_assistant.media.source import Sound

MONO_RATE_HZ = 16_000
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 1000, 1_000_000
# From eight channels on, PyAV reads planes beyond the last one (as of 18.1) and crashes; packed sound has but one.
_CROWD = 8
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63}


class _Queue:
    """Arrays `[channels, n]` in, arrays of a wanted length out."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.float32]] = []
        self.length = 0

    def put(self, part: NDArray[np.float32]) -> None:
        if part.shape[1]:
            self._parts.append(part)
            self.length += part.shape[1]

    def take(self, length: int) -> NDArray[np.float32]:
        joined = self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts, axis=1)
        rest = joined[:, length:]
        self._parts = [rest] if rest.shape[1] else []
        self.length = rest.shape[1]
        return np.ascontiguousarray(joined[:, :length])


class Blocks:
    """Sound frames in, `Sound` blocks out. The first begins exactly at `start_ms`, each at the end of the one before.

    What is missing (sound that sets in late, a hole in a recording) is silence, so that a sample's number is its time.
    A change of rate or channels within the file is converted to what came first.
    """

    def __init__(self, origin_s: Fraction, start_ms: int = 0) -> None:
        self._origin_s = origin_s
        self._start_ms = start_ms
        self._begins_at = 0.0
        self._rate_hz = 0
        self._channels = 0
        self._layout = AudioLayout("mono")
        self._weights = np.ones((1, 1), np.float32)
        self._placer = Placer(0)
        self._native = _Queue()
        self._sent = _Queue()
        self._mono = _Queue()
        self._given = 0
        self._to_mono: AudioResampler | None = None
        self._to_first: AudioResampler | None = None

    @property
    def end_ms(self) -> int:
        """Where the sound that came in so far ends; 0 before any."""
        return self._start_ms + round(self._placer.placed * 1000 / self._rate_hz) if self._rate_hz else 0

    def push(self, frame: AudioFrame) -> Iterator[Sound]:
        """Whole blocks that are ready now. Raises ValueError for what cannot be sound, by its rate or its channels."""
        if not _LOWEST_RATE_HZ <= frame.sample_rate <= _HIGHEST_RATE_HZ or not frame.layout.channels:
            raise ValueError(f"{frame.sample_rate} Hz")
        if not self._rate_hz:
            self._begin(frame)
        stamp = frame.pts
        at: int | None = None
        if stamp is not None and frame.time_base is not None:
            base = frame.time_base
            at = round(stamp * self._rate_hz * base.numerator / base.denominator - self._begins_at)
        for samples in self._as_first(frame):
            yield from self._place(samples, at)
            at = None

    def finish(self) -> Iterator[Sound]:
        """What is left: at most a second and the resampler's tail."""
        if not self._rate_hz:
            return
        if self._native.length:
            rest = self._native.take(self._native.length)
            self._sent.put(rest)
            self._resample(rest)
        if self._to_mono is not None:
            for out in self._to_mono.resample(None):
                self._mono.put(to_float(out))
        while self._sent.length:
            native = self._sent.take(min(self._rate_hz, self._sent.length))
            wanted = max(1, round(native.shape[1] * MONO_RATE_HZ / self._rate_hz))
            mono = self._mono.take(wanted) if self._mono.length else np.zeros((1, 0), np.float32)
            if mono.shape[1] < wanted:
                mono = np.pad(mono, ((0, 0), (0, wanted - mono.shape[1])))
            yield self._block(native, mono)

    def _begin(self, frame: AudioFrame) -> None:
        self._rate_hz = frame.sample_rate
        self._placer = Placer(self._rate_hz)
        self._begins_at = float((self._origin_s + Fraction(self._start_ms, 1000)) * self._rate_hz)
        self._channels = len(frame.layout.channels)
        self._layout = frame.layout
        self._weights = _mono_weights([channel.name for channel in frame.layout.channels])
        if self._rate_hz != MONO_RATE_HZ:
            self._to_mono = AudioResampler(format="fltp", layout="mono", rate=MONO_RATE_HZ)

    def _as_first(self, frame: AudioFrame) -> Iterator[NDArray[np.float32]]:
        if frame.sample_rate == self._rate_hz and len(frame.layout.channels) == self._channels:
            yield to_float(frame)
            return
        frame.pts = None
        try:
            if self._to_first is None:
                self._to_first = AudioResampler(format="flt", layout=self._layout, rate=self._rate_hz)
            converted = self._to_first.resample(frame)
        except (ValueError, av.error.FFmpegError):  # it has changed once more
            self._to_first = AudioResampler(format="flt", layout=self._layout, rate=self._rate_hz)
            converted = self._to_first.resample(frame)
        for out in converted:
            yield to_float(out)

    def _place(self, samples: NDArray[np.float32], at: int | None) -> Iterator[Sound]:
        silent, left_out = self._placer.place(at, samples.shape[1])
        # A second at a time: ten minutes of eight channels at once would take gigabytes.
        while silent:
            part = min(silent, self._rate_hz)
            yield from self._append(np.zeros((self._channels, part), np.float32))
            silent -= part
        yield from self._append(samples[:, left_out:])

    def _append(self, samples: NDArray[np.float32]) -> Iterator[Sound]:
        self._native.put(samples)
        while self._native.length >= self._rate_hz:
            native = self._native.take(self._rate_hz)
            self._sent.put(native)
            self._resample(native)
            while self._mono.length >= MONO_RATE_HZ and self._sent.length >= self._rate_hz:
                yield self._block(self._sent.take(self._rate_hz), self._mono.take(MONO_RATE_HZ))

    def _resample(self, native: NDArray[np.float32]) -> None:
        mono = native if len(native) == 1 else self._weights @ native
        if self._to_mono is None:
            self._mono.put(mono)
            return
        frame = AudioFrame.from_ndarray(mono, format="fltp", layout="mono")
        frame.sample_rate = self._rate_hz
        for out in self._to_mono.resample(frame):
            self._mono.put(to_float(out))

    def _block(self, native: NDArray[np.float32], mono: NDArray[np.float32]) -> Sound:
        at_ms = self._start_ms + round(self._given * 1000 / self._rate_hz)
        self._given += native.shape[1]
        return Sound(at_ms, mono[0], native, self._rate_hz, self._layout.name)


def _mono_weights(channels: list[str]) -> NDArray[np.float32]:
    """`[1, channels]` of sum 1: the centre, where speech is, counts full, sides and surround less, the bass channel not.

    After ITU-R BS.775, annex 4; normalised, so that nothing clips (libav's own float downmix is 3 dB too loud).
    """
    gains = {"FC": 1.0, "FL": 0.7071, "FR": 0.7071, "LFE": 0.0, "LFE2": 0.0}
    weights = np.array([[gains.get(channel, 0.5) for channel in channels]], np.float32)
    return weights / weights.sum() if weights.sum() else np.full_like(weights, 1 / len(channels))


def to_float(frame: AudioFrame) -> NDArray[np.float32]:
    """`[channels, n]` float32 in -1..1 of a frame in any sample format."""
    if frame.format.is_planar and len(frame.layout.channels) >= _CROWD:
        frame.pts = None
        (frame,) = AudioResampler(format="flt", layout=frame.layout, rate=frame.sample_rate).resample(frame)
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, len(frame.layout.channels)).T
    name = frame.format.name.rstrip("p")
    if name in _FULL_SCALE:
        middle = 128.0 if name == "u8" else 0.0
        return ((samples.astype(np.float32) - middle) / _FULL_SCALE[name]).astype(np.float32)
    return np.ascontiguousarray(samples, np.float32)
