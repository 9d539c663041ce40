"""Spoken words as lines with their times, saved as they come.

The sound is gathered into stretches of some minutes, cut where it is quietest, and each is given to the recogniser.
After each line a `Checkpoint` says how far it came, so that a transcription that was stopped goes on behind its last
line. The recipe against invented words lies with the network (`inference/speech.py`); here a stretch in which nobody
speaks never reaches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.hearing import quietest
from media_assistant.analysis.meaning import Meaning
from media_assistant.analysis.registry import spec_of
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.moment import Layer, Moment, Sense, Word
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Sound

if TYPE_CHECKING:
    from media_assistant.inference.speech import Segment

_RATE_HZ = 16_000
_STRETCH_S, _SEARCH_S = 900, 60
"""Long, so that the recogniser's windows are full and its lines uncut: 58 MB. Lines come out one by one all the same."""
_DOUBTFUL = -1.0
_SHORT_WINDOW_S, _SHORT_S, _PAUSE_S = 15.0, 120.0, 0.8
"""A recogniser with a short window was taught single utterances: in short recordings it gets each by itself."""


class SpeechAnalyser:
    """Needs a model for `speech-recognition`."""

    def __init__(self) -> None:
        self.spec = spec_of("speech")

    def open(self, job: Job) -> Pass:
        """A pass over one file's sound. Raises UserFixable("model.missing")."""
        return _Transcribing(job)


def analyser() -> SpeechAnalyser:
    """What the registry asks for."""
    return SpeechAnalyser()


class _Transcribing(Pass):
    def __init__(self, job: Job) -> None:
        self._job = job
        # The network that began goes on, whatever language it has found since.
        asked = job.languages[0] if len(job.languages) == 1 else ""
        self._network = job.models.speech(asked)
        self._language = self._said_language() or asked
        self._meaning = Meaning(job.models)
        self._parts: list[NDArray[np.float32]] = []
        self._held = 0
        self._origin_ms = -1
        self._done = 0

    def _said_language(self) -> str:
        """What this file's earlier lines were in; without them it is the one language that the person speaks, or found."""
        said = [moment for moment in self._job.known if moment.sense is Sense.SAID and moment.language]
        return said[-1].language if said and self._job.start_ms else ""

    def sound(self, sound: Sound) -> Iterable[Finding]:
        if self._origin_ms < 0:
            self._origin_ms = sound.at_ms
        self._parts.append(sound.mono)
        self._held += len(sound.mono)
        if self._held < _STRETCH_S * _RATE_HZ:
            return ()
        return self._transcribe(is_last=False)

    def finish(self) -> Iterator[Finding]:
        if self._held:
            yield from self._transcribe(is_last=True)

    def _transcribe(self, *, is_last: bool) -> Iterator[Finding]:
        held = np.concatenate(self._parts)
        stop = len(held) if is_last else quietest(held, _SEARCH_S)
        self._parts, self._held = [held[stop:].copy()], len(held) - stop
        start_ms = self._origin_ms + round(self._done * 1000 / _RATE_HZ)
        self._done += stop
        for first, end in self._pieces(held[:stop]):
            yield from self._recognise(held[first:end], start_ms + round(first * 1000 / _RATE_HZ))
        yield Checkpoint(self._origin_ms + round(self._done * 1000 / _RATE_HZ))

    def _pieces(self, mono: NDArray[np.float32]) -> list[tuple[int, int]]:
        """What the recogniser gets at once, in samples: everything, or utterance by utterance."""
        if self._network.window_s > _SHORT_WINDOW_S or len(mono) > _SHORT_S * _RATE_HZ:
            return [(0, len(mono))]
        spans = self._job.models.voice().speech_spans(mono, min_silence_ms=round(_PAUSE_S * 1000))
        middles = [round((end + start) / 2 * _RATE_HZ) for (_, end), (start, _) in pairwise(spans)]
        return list(pairwise([0, *middles, len(mono)]))

    def _recognise(self, mono: NDArray[np.float32], start_ms: int) -> Iterator[Finding]:
        language, segments = self._network.transcribe(mono, language=self._language, hotwords=self._job.hotwords)
        self._language = self._language or language
        for segment in segments:
            line = _line(segment, start_ms, language)
            yield line
            yield from self._meaning.of([line])
            assert isinstance(line.span, TimeSpan)
            yield Checkpoint(line.span.end_ms)


def _line(segment: Segment, start_ms: int, language: str) -> Moment:
    words = tuple(
        Word(
            start_ms + round(word.start_s * 1000),
            start_ms + max(round(word.start_s * 1000), round(word.end_s * 1000)),
            word.text,
            word.probability,
        )
        for word in segment.words
    )
    begins = start_ms + round(segment.start_s * 1000)
    ends = max(begins, start_ms + round(segment.end_s * 1000))
    # The recogniser's own geometric mean of its tokens' probabilities.
    score = float(np.exp(max(segment.avg_logprob, 4 * _DOUBTFUL)))
    return Moment(
        TimeSpan(begins, ends),
        Sense.SAID,
        Layer.LINE,
        text=segment.text,
        score=round(min(1.0, score), 4),
        language=language,
        words=words,
    )
