"""By what duplicates are found: small pictures of a photo or of a film's shots, and bits of its sound.

Findings: `Fingerprint`s of the forms `sight_prints.FORM` (a film's in pieces), `sound_prints.FORM` and, of a few seconds of
music, `short_sounds.FORM`. A film's pictures are looked at twice a second and kept where they have changed, more sparsely
the longer it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from media_assistant.analysis import short_sounds, sight_prints, sound_prints
from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.analysis.sight_prints import LOOK, SightPrint, make_print
from media_assistant.items.findings import Finding, Fingerprint
from media_assistant.items.kind import Kind
from media_assistant.media.source import Frame, Sound

_LOOK_EVERY_MS = 500
_CHANGED = 6.0
"""Mean difference of luma from which a picture is another one."""
_SPACING_MS = ((60_000, 1_000), (600_000, 2_000), (1 << 62, 4_000))
"""Until when prints may follow each other so closely."""
_STILL_MS = 10_000
"""What does not change is kept again after so long."""
_PIECE = 32


class FingerprintsAnalyser:
    """Built in."""

    spec = spec_of("fingerprints")

    def open(self, job: Job) -> Pass:
        """Needs nothing."""
        return _Printing(job)


def analyser() -> Analyser:
    """For the registry."""
    return FingerprintsAnalyser()


class _Printing(Pass):
    def __init__(self, job: Job) -> None:
        self._is_photo = job.kind is Kind.PHOTO
        self._next_ms = 0
        self._last: SightPrint | None = None
        self._piece: list[SightPrint] = []
        self._sound = sound_prints.SoundPrint()
        self._short = short_sounds.ShortSound() if job.kind is Kind.MUSIC else None

    def frame(self, frame: Frame) -> Iterable[Finding]:
        if frame.at_ms < self._next_ms:
            return ()
        self._next_ms = frame.at_ms + _LOOK_EVERY_MS
        seen = make_print(frame.grey(LOOK, LOOK), frame.at_ms)
        if not self._is_new(seen):
            return ()
        self._last = seen
        self._piece.append(seen)
        return self._close_piece() if self._is_photo or len(self._piece) >= _PIECE else ()

    def sound(self, sound: Sound) -> Iterable[Finding]:
        self._sound.push(sound.mono)
        if self._short is not None:
            self._short.push(sound.mono)
        return ()

    def finish(self) -> Iterator[Finding]:
        yield from self._close_piece()
        words = self._sound.finish()
        if len(words):
            yield Fingerprint(sound_prints.FORM, 0, words.astype("<u4").tobytes())
        changes = self._short.finish() if self._short is not None else b""
        if changes:
            yield Fingerprint(short_sounds.FORM, 0, changes)

    def _is_new(self, seen: SightPrint) -> bool:
        if self._last is None:
            return True
        since_ms = seen.at_ms - self._last.at_ms
        spacing_ms = next(spacing for until, spacing in _SPACING_MS if seen.at_ms < until)
        if since_ms < spacing_ms:
            return False
        difference = np.abs(seen.picture.astype(np.int16) - self._last.picture).mean()
        return bool(difference > _CHANGED) or since_ms >= _STILL_MS

    def _close_piece(self) -> list[Finding]:
        piece, self._piece = self._piece, []
        if not piece:
            return []
        start_ms = piece[0].at_ms
        return [Fingerprint(sight_prints.FORM, start_ms, sight_prints.pack(piece, start_ms))]
