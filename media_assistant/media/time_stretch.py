"""Decoded sound to what a sound card takes: stereo, 16 bit, 48 kHz, faster or slower with its pitch kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.filter import Graph
from numpy.typing import NDArray

from media_assistant.media.placing import Placer

RATE_HZ = 48_000
PIECE = RATE_HZ // 20
"""Samples of a piece: 50 ms as it is heard."""


class TimeStretch:
    """Frames in, pieces out that are heard at `rate` times the speed. The first piece begins exactly at `start_ms`; gaps in
    the file become silence, so that what is heard says what time of the film it is. Silence is made when it is taken,
    however long it is.
    """

    def __init__(self, origin_s: Fraction, start_ms: int, rate: float) -> None:
        self._origin_s = float(origin_s)
        self._start_ms = start_ms
        self._rate = rate
        self._resampler = AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
        self._graph = _stretching_graph(rate) if rate != 1.0 else None
        self._placer = Placer(RATE_HZ)
        self._coming: deque[tuple[int, NDArray[np.int16]]] = deque()
        """Samples, and how much silence is still to come before them."""
        self._filtered = 0
        self._ready: list[NDArray[np.int16]] = []
        self._waiting = 0
        self._given = 0
        self._is_finished = False

    @property
    def end_ms(self) -> int:
        """Where the sound that was given out ends, in the film's time."""
        return self._start_ms + round(self._given * self._rate * 1000 / RATE_HZ)

    def push(self, frame: AudioFrame) -> None:
        """Take a frame with its time; what lies before the start is left out."""
        at = None
        if frame.pts is not None and frame.time_base is not None:
            seconds = float(frame.pts * frame.time_base) - self._origin_s - self._start_ms / 1000
            at = round(seconds * RATE_HZ)
        frame.pts = None
        for out in self._resample(frame):
            samples = _samples(out)
            silent, left_out = self._placer.place(at, len(samples))
            self._coming.append((silent, samples[left_out:]))
            at = None

    def pass_over(self) -> None:
        """A piece of silence, because there is no sound to be had."""
        self._placer.pass_over(PIECE)
        self._coming.append((PIECE, np.zeros((0, 2), np.int16)))

    def finish(self) -> None:
        """No more will come."""
        self._is_finished = True

    @property
    def is_over(self) -> bool:
        """Whether it is finished and all was taken."""
        return self._is_finished and not self._has_piece()

    def take(self) -> Iterator[tuple[int, bytes]]:
        """(time in the film in ms, interleaved samples) of whole pieces, and of the rest once it is finished. Whoever stops
        early finds the others the next time.
        """
        while self._has_piece():
            joined = self._ready[0] if len(self._ready) == 1 else np.concatenate(self._ready)
            piece, rest = joined[:PIECE], joined[PIECE:]
            self._ready, self._waiting = ([rest], len(rest)) if len(rest) else ([], 0)
            at_ms = self.end_ms
            self._given += len(piece)
            yield at_ms, piece.tobytes()

    def _has_piece(self) -> bool:
        while self._waiting < PIECE and self._coming:
            silent, samples = self._coming.popleft()
            if silent > PIECE:
                self._coming.appendleft((silent - PIECE, samples))
                self._put(np.zeros((PIECE, 2), np.int16))
            else:
                self._put(np.zeros((silent, 2), np.int16))
                self._put(samples)
        if self._is_finished and not self._coming and self._graph is not None:
            self._graph.push(None)
            self._pull()
            self._graph = None
        return self._waiting >= PIECE or (self._is_finished and self._waiting > 0)

    def _resample(self, frame: AudioFrame) -> list[AudioFrame]:
        try:
            return self._resampler.resample(frame)
        except (ValueError, av.error.FFmpegError):  # the file changed its rate or channels
            self._resampler = AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
            return self._resampler.resample(frame)

    def _put(self, samples: NDArray[np.int16]) -> None:
        if not len(samples):
            return
        if self._graph is None:
            self._keep(samples)
        else:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._filtered, Fraction(1, RATE_HZ)
            self._filtered += len(samples)
            self._graph.push(frame)
            self._pull()

    def _pull(self) -> None:
        assert self._graph is not None
        while True:
            try:
                out = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if isinstance(out, AudioFrame):
                self._keep(_samples(out))

    def _keep(self, samples: NDArray[np.int16]) -> None:
        self._ready.append(samples)
        self._waiting += len(samples)


def _samples(frame: AudioFrame) -> NDArray[np.int16]:
    """`[n, 2]` of a packed frame."""
    return np.asarray(frame.to_ndarray(), np.int16).reshape(-1, 2)


def _stretching_graph(rate: float) -> Graph:
    """The filter `atempo` of libavfilter, in steps of at most twice or half: beyond that it would leave samples out."""
    graph = Graph()
    links = [graph.add_abuffer(sample_rate=RATE_HZ, format="s16", layout="stereo", time_base=Fraction(1, RATE_HZ))]
    left = rate
    while abs(left - 1.0) > 1e-6:
        step = min(2.0, max(0.5, left))
        links.append(graph.add("atempo", f"{step:.6f}"))
        left /= step
    links.append(graph.add("aformat", f"sample_fmts=s16:sample_rates={RATE_HZ}:channel_layouts=stereo"))
    links.append(graph.add("abuffersink"))
    graph.link_nodes(*links).configure()
    return graph
