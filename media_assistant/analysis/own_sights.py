"""What the networks see that a person trained: their own tags, per shot of a film and of a photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.pieces import Picture, Piece, PiecesPass
from media_assistant.analysis.registry import spec_of
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.training import OTHER
from media_assistant.media.source import Frame

if TYPE_CHECKING:
    from media_assistant.inference.image_classes import ImageClasses

_LEAST = 0.5
"""Where a card names no threshold: more likely than not."""


class OwnSightsAnalyser:
    """Asks every network of the task `own-tags`; each label's key is the tag that it stands for."""

    spec = spec_of("own_sights")

    def open(self, job: Job) -> Pass:
        """Raises UserFixable("model.missing") where nobody trained one."""
        return _OwnSightsPass(job, job.models.own_tags())


class _OwnSightsPass(PiecesPass):
    def __init__(self, job: Job, networks: Sequence[ImageClasses]) -> None:
        super().__init__(job)
        self._networks = networks

    def _take(self, frame: Frame) -> Picture:
        # All of them began with backbones that want the same; one that does not scales the picture for itself.
        return frame.rgb(*self._networks[0].fit(frame.width, frame.height))

    def _judge_pieces(self, pieces: list[Piece]) -> Iterator[Finding]:
        pictures = [picture for piece in pieces for picture in piece.pictures]
        for network in self._networks:
            scores, _ = network.classify(pictures)
            least = network.card.thresholds.get("least", _LEAST)
            source = Source(OwnSightsAnalyser.spec.name, network.card.id, network.card.revision)
            start = 0
            for piece in pieces:
                rows = scores[start : start + len(piece.pictures)]
                start += len(piece.pictures)
                for label, score in zip(network.labels, rows.mean(0), strict=True):
                    if label.key != OTHER and score >= least:
                        concept = Concept(label.key, label.name_en, label.name_zh)
                        said = round(float(score), 3)
                        yield Moment(piece.span, Sense.SEEN, Layer.LABEL, concept, score=said, source=source)


def analyser() -> Analyser:
    """For the registry."""
    return OwnSightsAnalyser()
