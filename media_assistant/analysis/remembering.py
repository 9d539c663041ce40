"""The meaning of lines that are in the library already: what was heard or read once is not heard or read again for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from media_assistant.analysis.analyser import Job, Pass, Spec
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer

BY_LINES = frozenset({"speech", "subtitles"})
"""Analysers whose vectors are those of their lines."""

_GROUPED = frozenset({"subtitles"})
_BATCH = 64


def remembering(spec: Spec) -> Spec:
    """The same analyser, which wants nothing of the file."""
    return replace(spec, wants_frames=False, wants_sound=False, wants_document=False)


class Remembering(Pass):
    """Points for the lines of one analyser, as it makes them itself."""

    def __init__(self, job: Job, analyser: str) -> None:
        """Lines are those of `job.known` that the analyser found."""
        from media_assistant.analysis.meaning import Meaning, grouped

        lines = [moment for moment in job.known if moment.layer is Layer.LINE and moment.source.analyser == analyser]
        self._meaning = Meaning(job.models)
        self._pairs = list(grouped(lines)) if analyser in _GROUPED else [(line.span, line.text) for line in lines]

    def finish(self) -> Iterator[Finding]:
        """In batches of 64 lines."""
        for start in range(0, len(self._pairs), _BATCH):
            yield from self._meaning.of_texts(self._pairs[start : start + _BATCH])
