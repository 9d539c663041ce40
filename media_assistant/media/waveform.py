"""How loud a sound is over time, coarse enough to draw."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import Cancelled
from media_assistant.items.kind import Kind
from media_assistant.media.blocks import MONO_RATE_HZ, to_float
from media_assistant.media.container import find_sound, open_container, start_of
from media_assistant.media.source import MediaSource, Sound

_WHOLE_MS = 10 * 60 * 1000
_SLICE_S = 0.4
_HOP = 160
_PATIENCE_S = 60.0
"""In a hole of gigabytes each slice is looked for to the file's end: what was not heard by then is drawn as silence."""


def measure_peaks(source: MediaSource, count: int, should_stop: Callable[[], bool] = bool) -> NDArray[np.float32]:
    """`[count]` root mean squares in 0..1, relative to the loudest stretch; empty where there is no sound.

    Sound of up to ten minutes is decoded whole; of a longer one, `count` short slices are listened to. `should_stop` is
    asked all the while, and Cancelled raised where it says so.
    """
    if not source.facts.channels:
        return np.zeros(0, np.float32)
    length_ms = source.facts.duration_ms
    measure = _sampled if length_ms > _WHOLE_MS else _whole
    energies = measure(source, count, should_stop)
    if not energies.size:
        return np.zeros(0, np.float32)
    loudest = float(energies.max())
    return np.sqrt(energies / loudest).astype(np.float32) if loudest > 0 else np.zeros(count, np.float32)


def _whole(source: MediaSource, count: int, should_stop: Callable[[], bool]) -> NDArray[np.float64]:
    hops = []
    for block in source.play(frames=False, sound=True):
        if should_stop():
            raise Cancelled
        if isinstance(block, Sound) and len(block.mono) >= _HOP:
            hops.append((block.mono[: len(block.mono) // _HOP * _HOP].reshape(-1, _HOP) ** 2).mean(axis=1))
    if not hops:
        return np.zeros(0)
    heard = np.concatenate(hops)
    # Sound may end before the pictures do: what is drawn stands under them.
    silent = max(0, source.facts.duration_ms * MONO_RATE_HZ // 1000 // _HOP - len(heard))
    return spread(np.pad(heard, (0, silent)), count)


def spread(energies: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """Means of `count` equal stretches of `energies`; a stretch shorter than one value repeats it."""
    edges = np.linspace(0, len(energies), count + 1)
    sums = np.concatenate([[0.0], np.cumsum(energies, dtype=np.float64)])
    at = np.interp(edges, np.arange(len(sums)), sums)
    means: NDArray[np.float64] = np.maximum(np.diff(at) / (len(energies) / count), 0.0)
    return means


def _sampled(source: MediaSource, count: int, should_stop: Callable[[], bool]) -> NDArray[np.float64]:
    energies = np.zeros(count)
    with open_container(source.path) as container:
        stream = find_sound(container)
        if stream is None:
            return np.zeros(0)
        origin_us = int(start_of(container) * av.time_base)
        ends = time.monotonic() + _PATIENCE_S
        for number in range(count):
            if should_stop():
                raise Cancelled
            if time.monotonic() > ends:
                break
            at_us = origin_us + round((number + 0.5) / count * source.facts.duration_ms * 1000)
            total, samples = 0.0, 0
            try:
                container.seek(at_us, backward=True)
                for frame in container.decode(stream):
                    heard = to_float(frame)
                    total += float((heard.mean(axis=0) ** 2).sum())
                    samples += heard.shape[1]
                    if samples > _SLICE_S * frame.sample_rate:
                        break
            except (av.error.FFmpegError, OSError):
                pass
            energies[number] = total / samples if samples else 0.0
    return energies


def peaks_of_file(path: Path, kind: Kind, count: int, should_stop: Callable[[], bool] = bool) -> bytes:
    """How loud a film or a sound is over time: a byte for each of `count` stretches. Raises Cancelled after `should_stop`."""
    from media_assistant.media.registry import open_source

    source = open_source(path, kind)
    try:
        peaks = measure_peaks(source, count, should_stop)
    finally:
        source.close()
    return (np.clip(peaks, 0, 1) * 255).astype(np.uint8).tobytes()
