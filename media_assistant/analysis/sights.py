"""What is seen: labels and vectors per shot of a film (per ten seconds of a long one), and of a photo.

Pictures are gathered while the film plays and judged in batches once their shot is known to be over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.sight_labels import choose, join, roll_of, zero_shot_of
from media_assistant.errors import UserFixable
from media_assistant.items.findings import Checkpoint, Finding, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.media.source import Frame
from media_assistant.paths import KEPT

if TYPE_CHECKING:
    from media_assistant.inference.image_classes import ImageClasses
    from media_assistant.inference.image_text import ImageText

EVERY_MS = 320
"""A picture is taken so often, so that also a short shot has one."""
LONGEST_MS = 10_000
"""A longer shot is judged in pieces, so that what is said of it points at a place."""
_PER_PIECE = 3
_BATCH = 12
_MARGIN_MS = 120
"""Pictures so near to a cut may still show the other shot."""
_UNLIKE = 0.8
"""Pictures of a shot less alike than this keep vectors of their own."""
_SETTLED_FRAMES = 110
"""After so many frames every shot that ended before has been told (twice the detector's own delay)."""

Picture = NDArray[np.uint8]


@dataclass(slots=True)
class _Piece:
    span: Span
    pictures: list[Picture]
    times_ms: list[int] = field(default_factory=list)


class SightsAnalyser:
    """Works with an image-text network, a classifier, or both."""

    spec = spec_of("sights")

    def open(self, job: Job) -> Pass:
        """Raises UserFixable("model.missing") where there is neither network."""
        asked: ImageText | None = None
        named: ImageClasses | None = None
        faults: list[UserFixable] = []
        try:
            asked = job.models.image_text()
        except UserFixable as fault:
            faults.append(fault)
        try:
            named = job.models.image_classes()
        except UserFixable as fault:
            faults.append(fault)
        if asked is None and named is None:
            # A broken model says more than a missing one.
            raise next((fault for fault in faults if fault.code != "model.missing"), faults[0])
        return _SightsPass(job, asked, named)


class _SightsPass(Pass):
    def __init__(self, job: Job, asked: ImageText | None, named: ImageClasses | None) -> None:
        self._asked, self._named = asked, named
        self._kept_in = job.models.store.user_folder / KEPT
        self._is_photo = job.kind is Kind.PHOTO
        told = job.shared.get("shots")
        self._shots: list[TimeSpan] = told if isinstance(told, list) else _known_shots(job)
        self._is_live = isinstance(told, list)
        self._next_shot = 0
        self._from_ms: int | None = None
        self._next_ms = 0
        self._end_ms = 0
        self._taken: deque[tuple[int, Picture]] = deque()
        self._recent: deque[int] = deque(maxlen=_SETTLED_FRAMES)
        self._pieces: list[_Piece] = []

    def frame(self, frame: Frame) -> Iterable[Finding]:
        if self._is_photo:
            self._pieces.append(_Piece(WHOLE, [self._take(frame)]))
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
        if not self._is_photo and self._from_ms is not None:
            self._cut_pieces(self._end_ms)
            self._add_pieces(self._from_ms, self._end_ms)
        return self._judge()

    def _take(self, frame: Frame) -> Picture:
        network = self._asked or self._named
        assert network is not None
        return frame.rgb(*network.fit(frame.width, frame.height))

    def _cut_pieces(self, settled_ms: int) -> None:
        """Close what is certain: told shots, and ten seconds at a time of a shot that goes on."""
        while self._next_shot < len(self._shots):
            shot = self._shots[self._next_shot]
            if not self._is_live and shot.end_ms > settled_ms:
                break
            self._next_shot += 1
            self._add_pieces(self._from_ms or 0, shot.end_ms)
        if self._is_live or not self._shots:
            while settled_ms - (self._from_ms or 0) > 2 * LONGEST_MS:
                start_ms = self._from_ms or 0
                self._add_pieces(start_ms, start_ms + LONGEST_MS)

    def _add_pieces(self, start_ms: int, end_ms: int) -> None:
        """A stretch without a cut, in equal pieces none of which is much longer than LONGEST_MS."""
        count = max(1, round((end_ms - start_ms) / LONGEST_MS))
        edges = [start_ms + (end_ms - start_ms) * i // count for i in range(count + 1)]
        for left, right in pairwise(edges):
            if right > left:
                self._add_piece(left, right)
        self._from_ms = max(self._from_ms or 0, end_ms)

    def _add_piece(self, start_ms: int, end_ms: int) -> None:
        while self._taken and self._taken[0][0] < start_ms:
            self._taken.popleft()
        inside: list[tuple[int, Picture]] = []
        while self._taken and self._taken[0][0] < end_ms:
            inside.append(self._taken.popleft())
        clear = [one for one in inside if start_ms + _MARGIN_MS <= one[0] < end_ms - _MARGIN_MS] or inside
        if not clear:
            return
        if len(clear) > _PER_PIECE:
            places = np.linspace(0, len(clear) - 1, 2 * _PER_PIECE + 1).round().astype(int)[1::2]
            clear = [clear[int(place)] for place in places]
        self._pieces.append(
            _Piece(TimeSpan(start_ms, end_ms), [picture for _, picture in clear], [at_ms for at_ms, _ in clear])
        )

    def _judge(self) -> Iterator[Finding]:
        pieces, self._pieces = self._pieces, []
        if not pieces:
            return
        pictures = [picture for piece in pieces for picture in piece.pictures]
        embeddings = self._asked.embed_images(pictures) if self._asked is not None else None
        classes, features = self._named.classify(pictures) if self._named is not None else (None, None)
        start = 0
        for piece in pieces:
            rows = slice(start, start + len(piece.pictures))
            start += len(piece.pictures)
            yield from self._label(
                piece.span,
                classes[rows].mean(0) if classes is not None else None,
                _mean(embeddings[rows]) if embeddings is not None else None,
            )
            if embeddings is not None and self._asked is not None:
                yield from _vectors(self._asked.space, piece, embeddings[rows])
            elif features is not None and self._named is not None and self._named.space:
                yield from _vectors(self._named.space, piece, features[rows])
        last = pieces[-1].span
        if isinstance(last, TimeSpan):
            yield Checkpoint(last.end_ms)

    def _label(
        self, span: Span, classes: NDArray[np.float32] | None, embedding: NDArray[np.float32] | None
    ) -> Iterator[Moment]:
        scores: dict[str, float] = {}
        concepts = {}
        card = None
        if self._asked is not None and embedding is not None:
            zero_shot = zero_shot_of(self._asked, self._kept_in)
            scores, concepts, card = zero_shot(embedding), zero_shot.concepts, self._asked.card
        if self._named is not None and classes is not None:
            roll = roll_of(tuple(self._named.labels), self._named.card.id)
            named = roll(classes)
            scores = join(named, scores, roll.names) if scores else named
            concepts, card = {**concepts, **roll.concepts}, self._named.card
        assert card is not None
        source = Source(self._spec_name, card.id, card.revision)
        for seen in choose(scores, concepts):
            yield Moment(span, Sense.SEEN, Layer.LABEL, seen.concept, score=seen.score, source=source)

    _spec_name = SightsAnalyser.spec.name


def _known_shots(job: Job) -> list[TimeSpan]:
    spans = [m.span for m in job.known if m.layer is Layer.SHOT and isinstance(m.span, TimeSpan)]
    return sorted(spans)


def _mean(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = rows.mean(0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)


def _vectors(space: str, piece: _Piece, rows: NDArray[np.float32]) -> Iterator[Vector]:
    """One for the piece, and one for each of its pictures where they are too different for one to speak for all."""
    yield Vector(space, piece.span, _mean(rows).astype("<f4").tobytes())
    if len(rows) < 2 or not isinstance(piece.span, TimeSpan) or float((rows @ rows.T).min()) >= _UNLIKE:
        return
    times = piece.times_ms
    edges = [piece.span.start_ms, *[(a + b) // 2 for a, b in pairwise(times)], piece.span.end_ms]
    for left, right, row in zip(edges, edges[1:], rows, strict=False):
        yield Vector(space, TimeSpan(left, right), row.astype("<f4").tobytes())


def analyser() -> Analyser:
    """For the registry."""
    return SightsAnalyser()
