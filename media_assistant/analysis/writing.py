"""Words that stand in the picture: titles, signs, slides, photographed pages.

Reading is slow (about a second a picture), so a film's picture is read only when its fine structure has changed and
come to rest, and only so often in all. What stays in view is one moment from its first to its last sight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.inference.ocr import Ocr, WrittenLine
from media_assistant.items.findings import Checkpoint, Finding
from media_assistant.items.folding import fold
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, Box, TimeSpan
from media_assistant.media.source import Frame

_LOOK_EVERY_MS = 250
_LONG_SIDE = 1280
_PHOTO_LONG_SIDE = 1600
_SKETCH_SIDE = 320
_BLOCK = 16
_SHARP = 36.0
"""Mean step of grey along a row that strokes of letters make in a block."""
_LEAST_BLOCKS = 2
_CHANGED = 0.16
_REPLACED = 0.55
"""So much of the fine structure is new that it is another picture."""
_OVERLAID = 7.0
"""Mean step of grey in a block that letters have come to stand on."""
_STANDS_STILL = 0.2
"""Where more of the picture differs, it moves, and its strokes tell whether there is something new to read."""
_MOST_READINGS = 240
_SHORTEST_PAUSE_MS = 800
_LONGEST_PAUSE_MS = 8_000
_LEAST_SCORE = 0.7
_ALIKE = 0.75

Grey = NDArray[np.uint8]


@dataclass(slots=True)
class _Line:
    """A line in view."""

    text: str
    folded: str
    box: Box
    score: float
    start_ms: int
    seen_ms: int


class WritingAnalyser:
    """Built in: the networks are in the program."""

    spec = spec_of("writing")

    def open(self, job: Job) -> Pass:
        """Raises UserFixable("model.file_missing") when the program is not complete."""
        return _WritingPass(job, job.models.written())


class _WritingPass(Pass):
    def __init__(self, job: Job, ocr: Ocr) -> None:
        self._ocr = ocr
        self._is_photo = job.kind is Kind.PHOTO
        length_ms = max(job.source.facts.duration_ms, 1)
        most = int(job.options.get("writing_most_readings", _MOST_READINGS))
        self._least_pause_ms = max(_SHORTEST_PAUSE_MS, round(length_ms / max(most, 1)))
        """At least so long between two readings, so that no film has more than the most."""
        self._pause_ms = self._least_pause_ms
        self._next_look_ms = 0
        self._read: Grey | None = None
        self._grey: Grey = np.zeros((0, 0), np.uint8)
        """The picture in which `_read` are the strokes."""
        self._read_ms = 0
        self._last: Grey | None = None
        self._open: list[_Line] = []
        self._end_ms = 0

    def frame(self, frame: Frame) -> Iterable[Finding]:
        if self._is_photo:
            return self._read_photo(frame)
        self._end_ms = frame.end_ms
        if frame.at_ms < self._next_look_ms:
            return ()
        self._next_look_ms = frame.at_ms + _LOOK_EVERY_MS
        grey = frame.grey(*_within(frame.width, frame.height, _SKETCH_SIDE))
        sketch = strokes(grey)
        last, self._last = self._last, sketch
        if last is not None and last.shape != sketch.shape:
            # From here on the picture has another shape: what stands in it is read anew.
            last = self._read = None
        change = 1.0 if self._read is None else difference(self._read, sketch)
        is_intact = self._keep_in_view(sketch, frame.end_ms)
        is_written_on = self._read is not None and is_overlaid(self._grey, grey, self._read | sketch)
        if change < _CHANGED and is_intact and not is_written_on:
            return ()
        if sketch.sum() < _LEAST_BLOCKS:
            # Nothing here looks like letters: whatever stood here is gone.
            self._read, self._read_ms, self._grey = sketch, frame.at_ms, grey
            return self._close(frame.at_ms)
        is_other = change > _REPLACED or not is_intact
        pause_ms = self._least_pause_ms if is_other else self._pause_ms
        if self._read is not None and frame.at_ms - self._read_ms < pause_ms:
            return ()
        if last is not None and difference(last, sketch) > _REPLACED and frame.at_ms - self._read_ms < 3 * pause_ms:
            return ()  # still moving: wait until it has come to rest
        self._grey = grey
        return self._read_frame(frame, sketch)

    def _keep_in_view(self, sketch: Grey, end_ms: int) -> bool:
        """Whether every line that was read still stands where it stood, by the structure in its box."""
        if self._read is None:
            return True
        is_intact = True
        rows, columns = sketch.shape
        for line in self._open:
            top, left = int(line.box.top * rows), int(line.box.left * columns)
            bottom = max(top + 1, round((line.box.top + line.box.height) * rows))
            right = max(left + 1, round((line.box.left + line.box.width) * columns))
            if difference(self._read[top:bottom, left:right], sketch[top:bottom, left:right]) < 0.35:
                line.seen_ms = end_ms
            else:
                is_intact = False
        return is_intact

    def finish(self) -> Iterable[Finding]:
        return self._close(None)

    def _read_photo(self, frame: Frame) -> Iterable[Finding]:
        for line in self._ocr.read(frame.rgb(*_within(frame.width, frame.height, _PHOTO_LONG_SIDE))):
            if is_text(line):
                yield Moment(WHOLE, Sense.WRITTEN, Layer.LINE, text=line.text, score=line.score, box=line.box)

    def _read_frame(self, frame: Frame, sketch: Grey) -> list[Finding]:
        size = _within(frame.width, frame.height, _LONG_SIDE)
        lines = [line for line in self._ocr.read(frame.rgb(*size)) if is_text(line)]
        # It may have stood there since the last look, and in the first picture since the beginning.
        is_first = self._read is None and frame.at_ms <= 2 * _LOOK_EVERY_MS
        start_ms = 0 if is_first else max(self._read_ms, frame.at_ms - _LOOK_EVERY_MS + 1)
        self._read, self._read_ms = sketch, frame.at_ms
        kept: list[_Line] = []
        for line in lines:
            folded = fold(line.text)
            same = next((old for old in self._open if is_same(old.folded, folded)), None)
            if same is None:
                kept.append(_Line(line.text, folded, line.box, line.score, start_ms, frame.end_ms))
                continue
            self._open.remove(same)
            if line.score > same.score:
                same.text, same.folded, same.score, same.box = line.text, folded, line.score, line.box
            same.seen_ms = frame.end_ms
            kept.append(same)
        has_news = bool(self._open) or any(line.start_ms == start_ms for line in kept)
        self._pause_ms = self._least_pause_ms if has_news else min(2 * self._pause_ms, _LONGEST_PAUSE_MS)
        found = self._close(start_ms)
        self._open = kept
        if not self._open and start_ms:
            found.append(Checkpoint(start_ms))
        return found

    def _close(self, gone_ms: int | None) -> list[Finding]:
        """What was in view is not any more since `gone_ms`, or the film is over."""
        found: list[Finding] = []
        for line in self._open:
            end_ms = self._end_ms if gone_ms is None else min(line.seen_ms, gone_ms)
            span = TimeSpan(line.start_ms, max(end_ms, line.start_ms + 1))
            found.append(Moment(span, Sense.WRITTEN, Layer.LINE, text=line.text, score=line.score, box=line.box))
        self._open = []
        return found


def strokes(grey: Grey) -> Grey:
    """Blocks of 16 x 16 that look as if letters stood there, 1 or 0: many sharp steps along the rows, both ways."""
    steps = np.abs(cv2.Sobel(grey, cv2.CV_16S, 1, 0, ksize=3))
    height, width = (side // _BLOCK * _BLOCK for side in grey.shape)
    blocks = steps[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return np.asarray((blocks.mean((1, 3)) > _SHARP) | _pattern(grey[:height, :width]), np.uint8)


def _pattern(grey: Grey) -> NDArray[np.bool_]:
    """Blocks with light against dark as strong as writing has it, whatever its size."""
    blocks = grey.reshape(grey.shape[0] // _BLOCK, _BLOCK, grey.shape[1] // _BLOCK, _BLOCK)
    spread = blocks.max((1, 3)).astype(np.int16) - blocks.min((1, 3))
    return np.asarray(spread > 110, np.bool_)


def is_overlaid(before: Grey, now: Grey, sketch: Grey) -> bool:
    """Whether something was written on a picture that otherwise stands still, or taken off it: a line of blocks that
    differ, in little of the picture. On a ground full of detail letters add no strokes to those that are there.
    """
    if before.shape != now.shape:
        return False
    height, width = sketch.shape[0] * _BLOCK, sketch.shape[1] * _BLOCK
    steps = cv2.absdiff(before, now)[:height, :width]
    blocks = steps.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).mean((1, 3)) > _OVERLAID
    if blocks.mean() > _STANDS_STILL:
        return False
    line = blocks & (sketch > 0)
    return bool((line[:, :-2] & line[:, 1:-1] & line[:, 2:]).any())


def difference(a: Grey, b: Grey) -> float:
    """Share of the marked blocks that only one of two pictures has."""
    either = int((a | b).sum())
    return int((a ^ b).sum()) / either if either else 0.0


def is_text(line: WrittenLine) -> bool:
    """Not a texture that was taken for a letter."""
    letters = [letter for letter in line.text if letter.isalnum()]
    if any("\u2e80" <= letter <= "\U0003ffff" for letter in letters):
        return line.score >= (_LEAST_SCORE if len(letters) > 1 else 0.9)
    if len(letters) < 2 or len(set(letters)) < 2:
        return False
    return line.score >= (_LEAST_SCORE if len(letters) > 3 else 0.85)


def is_same(a: str, b: str) -> bool:
    """Whether two readings are of one line: equal, or few letters apart."""
    if a == b:
        return True
    if not a or not b or min(len(a), len(b)) / max(len(a), len(b)) < _ALIKE:
        return False
    return 1 - _distance(a, b) / max(len(a), len(b)) >= _ALIKE


def _distance(a: str, b: str) -> int:
    """Edits from one to the other (Levenshtein 1966)."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def _within(width: int, height: int, long_side: int) -> tuple[int, int]:
    scale = min(1.0, long_side / max(width, height))
    return max(_BLOCK, round(width * scale)), max(_BLOCK, round(height * scale))


def analyser() -> Analyser:
    """For the registry."""
    return WritingAnalyser()
