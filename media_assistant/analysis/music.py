"""Tempo, key, loudness, timbre, and what a piece of music is like."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.hearing import Heard, hearing_of
from media_assistant.analysis.key import Key, KeyFinder
from media_assistant.analysis.loudness import LoudnessMeter
from media_assistant.analysis.music_tags import MusicTagger
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.spectra import Spectra, mel_filters
from media_assistant.analysis.tempo import HOP, Tempo, find_tempo, onset_strength
from media_assistant.analysis.timbre import BANDS, SIZE, SPACE, Timbre
from media_assistant.items.findings import Finding, Trait, Vector
from media_assistant.items.span import WHOLE
from media_assistant.media.source import Sound

log = logging.getLogger(__name__)

_MUSICAL = 0.3
"""Share of the sound that must be music before it has a tempo and a key."""
_CLEAR, _VERY_CLEAR = 0.12, 0.3
_SPOKEN = 0.1
_TIMBRE_EVERY = 4
_LONGEST_S = 4 * 3600
"""Onset strength is kept for so long; a tempo of more than four hours is none."""


class MusicAnalyser:
    """Built in; a model for music tags adds what the music is like."""

    def __init__(self) -> None:
        self.spec = spec_of("music")

    def open(self, job: Job) -> Pass:
        """A pass over one file's sound."""
        return _Measuring(job)


def analyser() -> MusicAnalyser:
    """What the registry asks for."""
    return MusicAnalyser()


class _Measuring(Pass):
    def __init__(self, job: Job) -> None:
        self._hearing = hearing_of(job)
        self._meter = LoudnessMeter()
        self._key = KeyFinder()
        self._timbre = Timbre()
        self._tagger = MusicTagger(job.models)
        self._spectra = Spectra(SIZE, HOP)
        self._before: NDArray[np.float32] | None = None
        self._strength: list[NDArray[np.float32]] = []
        self._kept = 0

    def sound(self, sound: Sound) -> Iterable[Finding]:
        self._hearing.push(sound)
        self._meter.push(sound)
        self._key.push(sound.mono)
        self._tagger.push(sound, self._hearing.may_be_music)
        power = self._spectra.push(sound.mono)
        if len(power):
            mel = power @ mel_filters(SIZE, BANDS)
            self._timbre.push(mel[::_TIMBRE_EVERY])
            # One part in a thousand of a full-scale band and less is background: it sets nothing in.
            level = np.log10(1 + mel * 0.6)
            before = np.repeat(level[:1], 2, 0) if self._before is None else self._before
            if self._kept * HOP < _LONGEST_S * 16_000:
                self._strength.append(onset_strength(level, before))
                self._kept += len(level)
            self._before = np.concatenate([before, level])[-2:]
        return ()

    def finish(self) -> Iterator[Finding]:
        if (loudness := self._meter.finish()) is not None:
            yield Trait("loudness_lufs", round(loudness.integrated_lufs, 1))
            if loudness.range_lu is not None:
                yield Trait("loudness_range_lu", round(loudness.range_lu, 1))
            yield Trait("true_peak_dbtp", round(loudness.true_peak_dbtp, 1))
        if (timbre := self._timbre.finish()) is not None:
            yield Vector(SPACE, WHOLE, timbre.astype("<f4").tobytes())
        heard = self._hearing.finish()
        key = self._key.finish()
        tempo = find_tempo(np.concatenate(self._strength)) if self._strength else None
        if not _is_music(heard, tempo, key):
            return
        if tempo is not None and tempo.clarity >= _CLEAR:
            yield Trait("tempo_bpm", round(tempo.bpm, 1))
        if key is not None and key.is_clear:
            yield Trait("key", key.name)
        yield from self._tagger.finish(heard)


def _is_music(heard: Heard, tempo: Tempo | None, key: Key | None) -> bool:
    """Music by its lasting tones; or drums: a beat as of a clock, but with a tonal centre, and nobody speaking."""
    if heard.music_share >= _MUSICAL:
        return True
    spoken = sum(end - start for start, end in heard.speech) / max(1e-6, heard.end_s - heard.start_s)
    has_beat = tempo is not None and tempo.clarity >= _VERY_CLEAR
    return has_beat and key is not None and key.is_clear and spoken <= _SPOKEN
