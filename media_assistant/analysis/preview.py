"""Small pictures for the window, within seconds of a drop: `thumbnail`, for a film also `storyboard`, for audio `waveform`."""

from __future__ import annotations

from collections.abc import Iterable

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.items.findings import Finding, Preview
from media_assistant.items.kind import Kind
from media_assistant.media import preview


class PreviewAnalyser:
    """Built in. Seeks where it wants to look, so it takes part in no decoding."""

    spec = spec_of("preview")

    def open(self, job: Job) -> Pass:
        """Needs nothing."""
        return _PreviewPass(job)


class _PreviewPass(Pass):
    def __init__(self, job: Job) -> None:
        self._source = job.source

    def finish(self) -> Iterable[Finding]:
        """The thumbnail first, for the grid waits for it. Raises UserFixable when the file cannot be read at all."""
        yield Preview("thumbnail", preview.thumbnail(self._source))
        match self._source.kind:
            case Kind.VIDEO:
                if strip := preview.storyboard(self._source):
                    yield Preview("storyboard", strip)
            case Kind.MUSIC:
                if drawn := preview.waveform(self._source):
                    yield Preview("waveform", drawn)


def analyser() -> Analyser:
    """For the registry."""
    return PreviewAnalyser()
