"""The course of a film or a sound: its vectors one after the other, as a network that learns their order is given them."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.items.span import Span, TimeSpan

MOST_STEPS = 64
"""A longer course is brought to so many steps, each the mean of its neighbours: a network is fed courses of one length."""
LEAST_STEPS = 2
"""Of fewer there is no order to be told."""
_SHARES = (0.125, 0.25, 0.5, 0.75)
"""Lengths of stretches that are tried for whether they say as much as the whole."""
_PLACES = 4
"""Of a stretch's length lies between one that is tried and the next."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Course:
    """`steps` `[n, d]` are unit vectors of one space in order of time, `spans[i]` where step i lies; 2 to MOST_STEPS."""

    space: str
    spans: tuple[TimeSpan, ...]
    steps: Floats


def course_of(space: str, placed: Iterable[tuple[Span, Floats]]) -> Course | None:
    """From vectors `[d]` with their spans, in any order; None for fewer than two with a time.

    Where some lie within another, the finer ones tell the course.
    """
    timed = [(span, values) for span, values in placed if isinstance(span, TimeSpan) and np.isfinite(values).all()]
    timed.sort(key=lambda one: (one[0].start_ms, -one[0].end_ms))
    fine = [
        one for place, one in enumerate(timed) if place + 1 == len(timed) or not _is_wider(one[0], timed[place + 1][0])
    ]
    if len(fine) < LEAST_STEPS:
        return None
    spans = tuple(span for span, _ in fine)
    steps = np.stack([values for _, values in fine]).astype(np.float32)
    if len(spans) > MOST_STEPS:
        parts = np.array_split(np.arange(len(spans)), MOST_STEPS)
        spans = tuple(TimeSpan(spans[part[0]].start_ms, max(spans[at].end_ms for at in part)) for part in parts)
        steps = np.stack([steps[part].mean(0) for part in parts])
    lengths = np.linalg.norm(steps, axis=1, keepdims=True)
    return Course(space, spans, np.asarray(steps / np.maximum(lengths, 1e-9), np.float32))


def _is_wider(span: TimeSpan, next_one: TimeSpan) -> bool:
    """Whether a span holds the one after it and more."""
    return span != next_one and next_one.end_ms <= span.end_ms


def padded(courses: Sequence[Floats], width: int) -> tuple[Floats, Floats]:
    """(steps `[n, MOST_STEPS, width]`, mask `[n, MOST_STEPS]` with 1 for a step and 0 for none) of courses `[n_i, width]`."""
    steps = np.zeros((len(courses), MOST_STEPS, width), np.float32)
    mask = np.zeros((len(courses), MOST_STEPS), np.float32)
    for row, course in enumerate(courses):
        steps[row, : len(course)], mask[row, : len(course)] = course, 1
    return steps, mask


def stretches(count: int) -> Iterator[tuple[int, int]]:
    """Parts `[first, end)` of a course of `count` steps that are asked whether they say as much as the whole; shortest first."""
    for length in sorted({max(LEAST_STEPS, round(share * count)) for share in _SHARES}):
        if length < count:
            hop = max(1, length // _PLACES)
            starts = sorted({*range(0, count - length, hop), count - length})
            yield from ((start, start + length) for start in starts)


def to_bytes(course: Course) -> bytes:
    """As it travels to a worker."""
    told = {"space": course.space, "spans": [[span.start_ms, span.end_ms] for span in course.spans]}
    header = json.dumps(told).encode()
    return struct.pack("<I", len(header)) + header + np.ascontiguousarray(course.steps, "<f4").tobytes()


def from_bytes(data: bytes) -> Course:
    """The inverse of `to_bytes`. Raises ValueError, KeyError or struct.error for anything else."""
    (length,) = struct.unpack_from("<I", data)
    told = json.loads(data[4 : 4 + length])
    spans = tuple(TimeSpan(start_ms, end_ms) for start_ms, end_ms in told["spans"])
    steps = np.frombuffer(data, "<f4", offset=4 + length).reshape(len(spans), -1)
    return Course(str(told["space"]), spans, steps)
