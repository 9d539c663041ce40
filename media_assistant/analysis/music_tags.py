"""What a piece of music is like (`jazz`, `piano`, `calm`), by a tagging network where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.hearing import Heard
from media_assistant.analysis.names import music_concept
from media_assistant.analysis.spectra import RATE_HZ
from media_assistant.errors import UserFixable
from media_assistant.items.findings import Finding, Vector
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import WHOLE, TimeSpan

if TYPE_CHECKING:
    from media_assistant.inference.audio_tags import AudioTags
    from media_assistant.inference.models import Models
    from media_assistant.media.source import Sound

_PIECE_S, _EVERY_S = 15, 45
"""Fifteen seconds of every forty-five are heard: a song is like itself throughout, and the network costs."""
_LEAST_S = 3
_MOST = 6
_LEAST, _OF_BEST = 0.08, 0.3


class MusicTagger:
    """Push a file's blocks, then ask. Without a model for `music-tagging` it says nothing."""

    def __init__(self, models: Models) -> None:
        self._network: AudioTags | None
        try:
            self._network = models.music()
        except UserFixable as fault:
            if fault.code != "model.missing":
                raise
            self._network = None
        self._parts: list[NDArray[np.float32]] = []
        self._held = 0
        self._skip = 0
        self._scores: NDArray[np.float64] | None = None
        self._embedding: NDArray[np.float64] | None = None
        self._patches = 0

    def push(self, sound: Sound, may_be_music: Callable[[], bool]) -> None:
        """The next block. What is surely no music is not worth the network's time."""
        if self._network is None:
            return
        if self._skip > 0:
            self._skip -= len(sound.mono)
            return
        self._parts.append(sound.mono)
        self._held += len(sound.mono)
        if self._held >= _PIECE_S * RATE_HZ:
            if may_be_music():
                self._tag()
            self._parts, self._held = [], 0
            self._skip = (_EVERY_S - _PIECE_S) * RATE_HZ

    def finish(self, heard: Heard) -> Iterator[Finding]:
        """Tags over the stretch that is music, strongest first."""
        if self._network is None:
            return
        if self._held >= _LEAST_S * RATE_HZ:
            self._tag()
        if self._scores is None:
            return
        card = self._network.card
        source = Source("music", card.id, card.revision)
        start_s, end_s = (heard.music[0][0], heard.music[-1][1]) if heard.music else (heard.start_s, heard.end_s)
        span = TimeSpan(round(max(0.0, start_s) * 1000), round(max(start_s, end_s) * 1000))
        mean = self._scores / self._patches
        least = max(card.thresholds.get("tag", _LEAST), _OF_BEST * float(mean.max()))
        for index in np.argsort(-mean)[:_MOST]:
            if mean[index] < least:
                break
            concept = music_concept(self._network.labels[int(index)], card.id)
            yield Moment(
                span, Sense.HEARD, Layer.LABEL, concept=concept, score=min(1.0, float(mean[index])), source=source
            )
        if self._embedding is not None and self._network.space:
            unit = self._embedding / max(float(np.linalg.norm(self._embedding)), 1e-9)
            yield Vector(self._network.space, WHOLE, unit.astype("<f4").tobytes())

    def _tag(self) -> None:
        assert self._network is not None
        scores, embeddings = self._network.tag(np.concatenate(self._parts))
        self._parts, self._held = [], 0
        total = scores.sum(0, dtype=np.float64)
        self._scores = total if self._scores is None else self._scores + total
        self._patches += len(scores)
        if embeddings is not None:
            points = embeddings.sum(0, dtype=np.float64)
            self._embedding = points if self._embedding is None else self._embedding + points
