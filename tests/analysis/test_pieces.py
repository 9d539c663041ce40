"""Which pictures stand for which stretch of a film, and how many are held meanwhile."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from media_assistant.analysis.analyser import Job
from media_assistant.analysis.pieces import Picture, Piece, PiecesPass
from media_assistant.inference.models import Models
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Frame, MediaSource


@dataclass
class _Shown:
    at_ms: int
    end_ms: int


class _Looking(PiecesPass):
    def __init__(self, shots: Sequence[tuple[int, int]]) -> None:
        known = tuple(Moment(TimeSpan(*shot), Sense.SEEN, Layer.SHOT) for shot in shots)
        nothing = cast("MediaSource", None)
        super().__init__(Job(Path("film"), Kind.VIDEO, nothing, cast("Models", None), known=known))
        self.judged: list[tuple[int, int, tuple[int, ...]]] = []
        self._held: list[weakref.ref[Picture]] = []
        self.most_held = 0

    def _take(self, frame: Frame) -> Picture:
        picture = np.zeros(1, np.uint8)
        self._held = [each for each in self._held if each() is not None] + [weakref.ref(picture)]
        self.most_held = max(self.most_held, len(self._held))
        return picture

    def _judge_pieces(self, pieces: list[Piece]) -> Iterator[Finding]:
        for piece in pieces:
            assert isinstance(piece.span, TimeSpan)
            self.judged.append((piece.span.start_ms, piece.span.end_ms, tuple(piece.times_ms)))
        yield from ()


def look(shots: Sequence[tuple[int, int]], length_ms: int, from_ms: int = 0) -> tuple[_Looking, list[int]]:
    watching = _Looking(shots)
    found: list[Finding] = []
    for at_ms in range(from_ms, length_ms, 40):
        found += watching.frame(cast("Frame", _Shown(at_ms, at_ms + 40)))
    found += watching.finish()
    return watching, [one.position_ms for one in found if isinstance(one, Checkpoint)]


def test_a_known_shot_as_long_as_the_film_is_judged_while_it_lasts() -> None:
    watching, checkpoints = look([(0, 600_000)], 600_000)
    assert [(start, end) for start, end, _ in watching.judged] == [
        (at, at + 10_000) for at in range(0, 600_000, 10_000)
    ]
    assert all(len(times) == 3 and start < times[0] < times[2] < end for start, end, times in watching.judged)
    assert watching.most_held < 80
    assert len(checkpoints) > 10
    again, _ = look([(0, 600_000)], 600_000, checkpoints[3])
    assert again.judged == [piece for piece in watching.judged if piece[0] >= checkpoints[3]]


@pytest.mark.parametrize(
    ("shots", "pieces"),
    [
        ([(0, 4000), (4000, 9000), (9000, 12_000)], [(0, 4000), (4000, 9000), (9000, 12_000)]),
        ([(0, 24_000), (24_000, 30_000)], [(0, 12_000), (12_000, 24_000), (24_000, 30_000)]),
        ([(0, 15_080), (15_080, 15_120), (15_120, 30_000)], [(0, 7540), (7540, 15_080), (15_120, 30_000)]),
        ([], [(0, 10_000), (10_000, 20_000), (20_000, 30_000)]),
        ([(0, 5000)], [(0, 5000), (5000, 15_000), (15_000, 22_500), (22_500, 30_000)]),
    ],
)
def test_pieces_end_where_their_shot_ends(shots: list[tuple[int, int]], pieces: list[tuple[int, int]]) -> None:
    watching, _ = look(shots, pieces[-1][1])
    assert [(start, end) for start, end, _ in watching.judged] == pieces
