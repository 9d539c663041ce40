"""A film's shots, in pieces of which each is judged as one: which pictures stand for it, gathered while it plays.

Pictures are judged in batches once their shot is known to be over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.media.source import Frame

EVERY_MS = 320
"""A picture is taken so often, so that also a short shot has one."""
LONGEST_MS = 10_000
"""A longer shot is judged in pieces, so that what is said of it points at a place."""
_PER_PIECE = 3
_BATCH = 12
_MARGIN_MS = 120
"""Pictures so near to a cut may still show the other shot."""
_SETTLED_FRAMES = 110
"""After so many frames every shot that ended before has been told (twice the detector's own delay)."""

Picture = NDArray[np.uint8]


@dataclass(slots=True)
class Piece:
    """A stretch without a cut, and the pictures that stand for it."""

    span: Span
    pictures: list[Picture]
    times_ms: list[int] = field(default_factory=list)


class PiecesPass(Pass):
    """A pass over a film or a photo that is judged piece by piece. `_take` and `_judge_pieces` are what it is made for."""

    def __init__(self, job: Job) -> None:
        self._is_photo = job.kind is Kind.PHOTO
        told = job.shared.get("shots")
        self._shots: list[TimeSpan] = told if isinstance(told, list) else _known_shots(job)
        self._is_live = isinstance(told, list)
        self._next_shot = 0
        self._edges: deque[int] = deque()
        """Where the pieces of the known shot that goes on end, as far as it was not cut yet."""
        self._from_ms: int | None = None
        self._next_ms = 0
        self._end_ms = 0
        self._taken: deque[tuple[int, Picture]] = deque()
        self._recent: deque[int] = deque(maxlen=_SETTLED_FRAMES)
        self._pieces: list[Piece] = []
        self._standing: Picture | None = None
        """The last picture of the shot that goes on: it stands until another one comes, be it for minutes."""

    def _take(self, frame: Frame) -> Picture:
        """The picture of a frame in the size that the network wants."""
        raise NotImplementedError

    def _judge_pieces(self, pieces: list[Piece]) -> Iterator[Finding]:
        """What is said of pieces; there is at least one, and each has a picture."""
        raise NotImplementedError

    def frame(self, frame: Frame) -> Iterable[Finding]:
        """Keep what stands for its piece; say what is sure by now."""
        if self._is_photo:
            self._pieces.append(Piece(WHOLE, [self._take(frame)]))
            return ()
        if self._from_ms is None:
            self._from_ms = self._next_ms = frame.at_ms
            while self._next_shot < len(self._shots) and self._shots[self._next_shot].end_ms <= frame.at_ms:
                self._next_shot += 1
        self._end_ms = max(self._end_ms, frame.end_ms)
        self._recent.append(frame.at_ms)
        if frame.at_ms < self._next_ms:
            return ()
        self._next_ms = frame.at_ms + EVERY_MS
        self._taken.append((frame.at_ms, self._take(frame)))
        self._cut_pieces(self._recent[0] if len(self._recent) == _SETTLED_FRAMES else 0)
        return self._judge() if sum(len(piece.pictures) for piece in self._pieces) >= _BATCH else ()

    def finish(self) -> Iterable[Finding]:
        """Say the rest."""
        if not self._is_photo and self._from_ms is not None:
            self._cut_pieces(self._end_ms)
            self._add_pieces(self._from_ms, self._end_ms)
        return self._judge()

    def _cut_pieces(self, settled_ms: int) -> None:
        """Close what is certain: told shots, and ten seconds at a time of a shot that goes on."""
        while self._next_shot < len(self._shots):
            end_ms = self._shots[self._next_shot].end_ms
            if self._is_live:
                self._add_pieces(self._from_ms or 0, end_ms)
            else:
                # Where it ends is known: its pieces need not wait for that, which may be hours away.
                self._edges = self._edges or deque(_edges(self._from_ms or 0, end_ms)[1:])
                while self._edges and self._edges[0] <= settled_ms:
                    self._add_to(self._edges.popleft())
                if self._edges:
                    return
            self._next_shot += 1
            self._standing = None
        if self._is_live or self._next_shot == len(self._shots):
            while settled_ms - (self._from_ms or 0) > 2 * LONGEST_MS:
                start_ms = self._from_ms or 0
                self._add_pieces(start_ms, start_ms + LONGEST_MS)

    def _add_pieces(self, start_ms: int, end_ms: int) -> None:
        """A stretch without a cut."""
        self._from_ms = max(self._from_ms or 0, start_ms)
        for right in _edges(start_ms, end_ms)[1:]:
            self._add_to(right)

    def _add_to(self, end_ms: int) -> None:
        """The piece from the end of the one before."""
        start_ms = self._from_ms or 0
        if end_ms > start_ms:
            self._add_piece(start_ms, end_ms)
            self._from_ms = end_ms

    def _add_piece(self, start_ms: int, end_ms: int) -> None:
        while self._taken and self._taken[0][0] < start_ms:
            self._taken.popleft()
        inside: list[tuple[int, Picture]] = []
        while self._taken and self._taken[0][0] < end_ms:
            inside.append(self._taken.popleft())
        clear = [one for one in inside if start_ms + _MARGIN_MS <= one[0] < end_ms - _MARGIN_MS] or inside
        if not clear:
            self._add_standing(start_ms, end_ms)
            return
        self._standing = inside[-1][1]
        if len(clear) > _PER_PIECE:
            places = np.linspace(0, len(clear) - 1, 2 * _PER_PIECE + 1).round().astype(int)[1::2]
            clear = [clear[int(place)] for place in places]
        self._pieces.append(
            Piece(TimeSpan(start_ms, end_ms), [picture for _, picture in clear], [at_ms for at_ms, _ in clear])
        )

    def _add_standing(self, start_ms: int, end_ms: int) -> None:
        """A piece in which no frame begins: the one before it is longer, if that was not judged already."""
        last = self._pieces[-1] if self._pieces else None
        if self._standing is None:  # a shot so short that no picture of it was taken
            return
        if last is not None and isinstance(last.span, TimeSpan) and last.span.end_ms == start_ms:
            last.span = TimeSpan(last.span.start_ms, end_ms)
        else:
            self._pieces.append(Piece(TimeSpan(start_ms, end_ms), [self._standing], [start_ms]))

    def _judge(self) -> Iterator[Finding]:
        pieces, self._pieces = self._pieces, []
        if not pieces:
            return
        yield from self._judge_pieces(pieces)
        last = pieces[-1].span
        if isinstance(last, TimeSpan):
            yield Checkpoint(last.end_ms)


def _edges(start_ms: int, end_ms: int) -> list[int]:
    """Of equal pieces none of which is much longer than LONGEST_MS."""
    count = max(1, round((end_ms - start_ms) / LONGEST_MS))
    return [start_ms + (end_ms - start_ms) * i // count for i in range(count + 1)]


def _known_shots(job: Job) -> list[TimeSpan]:
    spans = [m.span for m in job.known if m.layer is Layer.SHOT and isinstance(m.span, TimeSpan)]
    return sorted(spans)
