"""What is seen: labels and vectors per shot of a film (per ten seconds of a long one), and of a photo."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.pieces import Picture, Piece, PiecesPass
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.sight_labels import choose, join, roll_of, zero_shot_of
from media_assistant.errors import UserFixable
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import Span, TimeSpan
from media_assistant.media.source import Frame
from media_assistant.paths import KEPT

if TYPE_CHECKING:
    from media_assistant.inference.image_classes import ImageClasses
    from media_assistant.inference.image_text import ImageText

_UNLIKE = 0.8
"""Pictures of a shot less alike than this keep vectors of their own."""


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


class _SightsPass(PiecesPass):
    def __init__(self, job: Job, asked: ImageText | None, named: ImageClasses | None) -> None:
        super().__init__(job)
        self._asked, self._named = asked, named
        self._kept_in = job.models.store.user_folder / KEPT

    def _take(self, frame: Frame) -> Picture:
        network = self._asked or self._named
        assert network is not None
        return frame.rgb(*network.fit(frame.width, frame.height))

    def _judge_pieces(self, pieces: list[Piece]) -> Iterator[Finding]:
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


def _mean(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = rows.mean(0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)


def _vectors(space: str, piece: Piece, rows: NDArray[np.float32]) -> Iterator[Vector]:
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
