"""Loudness after EBU R128 and ITU-R BS.1770, measured by FFmpeg's `ebur128` filter (libavfilter, through PyAV)."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import av
import av.error
import numpy as np

from media_assistant.media.source import Sound

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Where the file does not tell, or libav has no name for it."""
_FLOOR_LUFS = -69.9
"""The standard's gate is at -70: what never passes it has no loudness."""

_RANGE_FROM_S = 30


@dataclass(frozen=True, slots=True)
class Loudness:
    """Programme loudness in LUFS, its range in LU, the highest true peak (four times oversampled) in dBTP."""

    integrated_lufs: float
    range_lu: float | None
    """None for less than 30 s: the meter's first three seconds are not full windows, and in a short file they would reach
    the tenth percentile that the range begins at."""
    true_peak_dbtp: float


class LoudnessMeter:
    """Push a file's blocks, then ask. Memory does not grow with the file."""

    def __init__(self) -> None:
        self._graph: av.filter.Graph | None = None
        self._format = (0, 0)
        self._layout = ""
        self._samples = 0
        self._said: dict[str, str] = {}

    def push(self, sound: Sound) -> None:
        """The next block. Channels in a layout that nobody knows are taken as their mean."""
        native = sound.native
        if not native.shape[1]:
            return
        wanted = (native.shape[0], sound.native_rate_hz)
        if self._graph is None:
            self._layout = _layout_of(sound)
            self._graph = _open(self._layout, sound.native_rate_hz)
            self._format = wanted
        elif wanted != self._format:
            return
        if self._layout == "mono":
            native = native.mean(axis=0, keepdims=True)
        # Packed: with eight planes PyAV (as of 18.1) writes beyond the last one.
        packed = np.ascontiguousarray(native.T, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=self._layout)
        frame.sample_rate = sound.native_rate_hz
        frame.pts = self._samples
        self._samples += native.shape[1]
        self._graph.push(frame)
        self._pull()

    def finish(self) -> Loudness | None:
        """None where there was nothing loud enough to measure, or less than the 400 ms that the standard needs."""
        if self._graph is None:
            return None
        self._graph.push(None)
        self._pull()
        integrated = float(self._said.get("lavfi.r128.I", "nan"))
        peak = float(self._said.get("lavfi.r128.true_peak", "0"))
        if not math.isfinite(integrated) or integrated <= _FLOOR_LUFS or peak <= 0:
            return None
        spread = float(self._said.get("lavfi.r128.LRA", "0"))
        is_long = self._samples >= _RANGE_FROM_S * self._format[1] and math.isfinite(spread)
        return Loudness(integrated, spread if is_long else None, 20 * math.log10(peak))

    def _pull(self) -> None:
        assert self._graph is not None
        while True:
            try:
                measured = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(measured, av.AudioFrame) and measured.metadata:
                self._said = dict(measured.metadata)


def _layout_of(sound: Sound) -> str:
    """By it the meter knows the bass channel, which does not count, and the surround, which counts more."""
    count = sound.native.shape[0]
    with contextlib.suppress(ValueError):
        # In words, as in "5 channels" or "ambisonic 1", it names no loudspeakers.
        if " " not in sound.layout and av.AudioLayout(sound.layout).nb_channels == count:
            return sound.layout
    return _LAYOUTS.get(count, "mono")


def _open(layout: str, rate_hz: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add("abuffer", f"sample_rate={rate_hz}:sample_fmt=flt:channel_layout={layout}:time_base=1/{rate_hz}")
    meter = graph.add("ebur128", "peak=true:metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return graph
