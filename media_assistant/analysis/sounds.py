"""What is heard, stretch by stretch: barking, rain, applause, by whatever sound network there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.names import load_sounds, sound_concept
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.sound_stretches import Stretch, Stretches
from media_assistant.analysis.vocabulary import unified
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Sound

if TYPE_CHECKING:
    from media_assistant.inference.audio_tags import AudioTags

_RATE_HZ = 16_000
_PIECE_PATCHES = 32
_VECTOR_S = 10.0


class SoundsAnalyser:
    """Needs a model for `audio-tagging`."""

    def __init__(self) -> None:
        self.spec = spec_of("sounds")

    def open(self, job: Job) -> Pass:
        """A pass over one file's sound. Raises UserFixable("model.missing")."""
        return _Listening(job.models.sounds())


def analyser() -> SoundsAnalyser:
    """What the registry asks for."""
    return SoundsAnalyser()


class _Listening(Pass):
    """Cuts the sound into the network's own patches, as if the file were given to it in one."""

    def __init__(self, network: AudioTags) -> None:
        self._network = network
        self._window = round(network.window_s * _RATE_HZ)
        self._hop = round(network.hop_s * _RATE_HZ)
        self._concepts = [sound_concept(label, network.card.id) for label in network.labels]
        tree = load_sounds()
        place = {concept.id: index for index, concept in enumerate(self._concepts)}
        parents = [[place[one.id] for one in tree.ancestors(concept) if one.id in place] for concept in self._concepts]
        self._stretches = Stretches(parents, network.hop_s, network.window_s)
        self._parts: list[NDArray[np.float32]] = []
        self._held = 0
        self._origin_s = -1.0
        self._done = 0
        self._points: list[NDArray[np.float32]] = []
        self._points_from = 0

    def sound(self, sound: Sound) -> Iterable[Finding]:
        if self._origin_s < 0:
            self._origin_s = sound.at_ms / 1000
        self._parts.append(sound.mono)
        self._held += len(sound.mono)
        length = (_PIECE_PATCHES - 1) * self._hop + self._window
        if self._held < length:
            return ()
        held = np.concatenate(self._parts)
        rest = held[_PIECE_PATCHES * self._hop :]
        self._parts, self._held = [rest], len(rest)
        return list(self._tag(held[:length]))

    def finish(self) -> Iterator[Finding]:
        # What is left was heard in the last patch already, unless more than the patches' overlap is new.
        is_new = self._held > max(0, self._window - self._hop) + self._hop // 4
        if self._held and (is_new or not self._done):
            yield from self._tag(np.concatenate(self._parts))
        for stretch in self._stretches.finish():
            yield self._moment(stretch)
        yield from self._vector()

    def _tag(self, mono: NDArray[np.float32]) -> Iterator[Finding]:
        scores, embeddings = self._network.tag(mono)
        for stretch in self._stretches.push(scores):
            yield self._moment(stretch)
        self._done += len(scores)
        if embeddings is not None and self._network.space:
            self._points += list(embeddings)
            per_vector = max(1, round(_VECTOR_S / self._network.hop_s))
            while len(self._points) >= per_vector:
                yield from self._vector(per_vector)

    def _moment(self, stretch: Stretch) -> Moment:
        start_ms = round((self._origin_s + stretch.start_s) * 1000)
        end_ms = round((self._origin_s + min(stretch.end_s, self._end_s)) * 1000)
        return Moment(
            TimeSpan(start_ms, max(start_ms, end_ms)),
            Sense.HEARD,
            Layer.LABEL,
            concept=unified(self._concepts[stretch.label]),
            score=round(stretch.score, 4),
        )

    def _vector(self, count: int = 0) -> Iterator[Finding]:
        points, self._points = self._points[: count or None], self._points[count or len(self._points) :]
        if not points:
            return
        mean = np.mean(points, axis=0)
        unit = mean / max(float(np.linalg.norm(mean)), 1e-9)
        start_s = self._points_from * self._network.hop_s
        self._points_from += len(points)
        end_s = min(self._points_from * self._network.hop_s + self._overlap_s, self._end_s)
        start_ms = round((self._origin_s + start_s) * 1000)
        span = TimeSpan(start_ms, max(start_ms, round((self._origin_s + end_s) * 1000)))
        yield Vector(self._network.space, span, unit.astype("<f4").tobytes())

    @property
    def _overlap_s(self) -> float:
        return max(0.0, self._network.window_s - self._network.hop_s)

    @property
    def _end_s(self) -> float:
        """Up to where there was sound; a last patch may have been filled up with silence."""
        return (self._done * self._hop + self._held) / _RATE_HZ if self._done else self._held / _RATE_HZ
