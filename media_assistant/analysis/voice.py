"""Speech, music and silence as moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from media_assistant.analysis.analyser import Job, Pass
from media_assistant.analysis.hearing import Seconds, hearing_of
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.vocabulary import load_vocabulary
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Sound

_SCORES = {"speech": 0.9, "music": 0.85, "silence": 0.95}
"""How far each is trusted, by judgement: silence is plain to measure, music is the easiest to mistake."""


class VoiceAnalyser:
    """Built in: needs no model folder."""

    def __init__(self) -> None:
        self.spec = spec_of("voice")

    def open(self, job: Job) -> Pass:
        """A pass over one file's sound."""
        return _Listening(job)


def analyser() -> VoiceAnalyser:
    """What the registry asks for."""
    return VoiceAnalyser()


class _Listening(Pass):
    def __init__(self, job: Job) -> None:
        self._hearing = hearing_of(job)

    def sound(self, sound: Sound) -> Iterable[Finding]:
        self._hearing.push(sound)
        return ()

    def finish(self) -> Iterator[Finding]:
        heard = self._hearing.finish()
        for id_, spans in (("speech", heard.speech), ("music", heard.music), ("silence", heard.silence)):
            concept = load_vocabulary().by_id[id_]
            yield from (_moment(concept, span) for span in spans)


def _moment(concept: Concept, span: Seconds) -> Moment:
    start_ms = max(0, round(span[0] * 1000))
    return Moment(
        TimeSpan(start_ms, max(start_ms, round(span[1] * 1000))),
        Sense.HEARD,
        Layer.LABEL,
        concept=concept,
        score=_SCORES[concept.id],
    )
