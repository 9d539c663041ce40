"""The shots of a film: one moment from cut to cut.

Lends `shared["shots"]` to later passes of the run: the TimeSpans that are certain so far, in order, which fill up a
second or two behind the picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.shot_detection import HEIGHT, WIDTH, Boundary, ShotDetector
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.media.source import Frame


class ShotsAnalyser:
    """Built in."""

    spec = spec_of("shots")

    def open(self, job: Job) -> Pass:
        """Needs nothing."""
        return _ShotsPass(job)


class _ShotsPass(Pass):
    def __init__(self, job: Job) -> None:
        self._detector = ShotDetector(job.source.facts.frame_rate)
        self._starts: deque[tuple[int, int]] = deque()
        """(number, at_ms) of frames that may still begin a shot."""
        self._count = 0
        self._shot_from_ms: int | None = None
        self._end_ms = 0
        self._shots: list[TimeSpan] = []
        job.shared["shots"] = self._shots

    def frame(self, frame: Frame) -> Iterable[Finding]:
        if self._shot_from_ms is None:
            self._shot_from_ms = frame.at_ms
        self._starts.append((self._count, frame.at_ms))
        self._count += 1
        self._end_ms = max(self._end_ms, frame.end_ms)
        return self._tell(self._detector.push(frame.rgb(WIDTH, HEIGHT)))

    def finish(self) -> Iterable[Finding]:
        if self._shot_from_ms is None:
            return ()
        found = self._tell(self._detector.finish())
        if self._end_ms > self._shot_from_ms:
            found.append(self._shot(self._shot_from_ms, self._end_ms))
        return found

    def _tell(self, boundaries: list[Boundary]) -> list[Finding]:
        found: list[Finding] = []
        for boundary in boundaries:
            while self._starts and self._starts[0][0] < boundary.at:
                self._starts.popleft()
            at_ms = self._starts[0][1] if self._starts else self._end_ms
            start_ms = self._shot_from_ms or 0
            if at_ms <= start_ms:
                continue
            found += [self._shot(start_ms, at_ms), Checkpoint(at_ms)]
            self._shot_from_ms = at_ms
        return found

    def _shot(self, start_ms: int, end_ms: int) -> Moment:
        span = TimeSpan(start_ms, end_ms)
        self._shots.append(span)
        return Moment(span, Sense.SEEN, Layer.SHOT)


def analyser() -> Analyser:
    """For the registry."""
    return ShotsAnalyser()
