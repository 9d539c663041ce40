"""Python's search for unreachable objects, kept in the window's thread and out of its way; then memory goes back."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

EVERY_MS = 500
LOOKS, LONGER_LOOKS = 3, 10
"""After so many looks at what is new, what outlived them is looked at together: more of it would take too long. And after so
many of those, everything since the last time.
"""
FULL_SHARE = 200
"""A look through everything new waits this many times as long as the last one took, so that it stays a rare pause."""
AWAY_S, AT_MOST_S = 600, 3600
"""How long ago everything, old and new, must have been looked through for it to be done again: while the person is at
another window or everything stands still, and in any case. It takes a tenth of a second."""
STILL_S = 30
"""So long hardly anything was made: nobody clicks, types or plays, and nothing is at work."""


GIVES_BACK_S = 60
"""So often what is free goes back to the system: it takes a few milliseconds, and more the longer it was waited for."""


class Rubbish(QTimer):
    """Looks for rubbish while `parent` lives. What stands when it begins, and what outlives a look, is taken to stay.

    By itself Python looks in whichever thread happens to make the next object. One of the engine's could so come to
    destroy a widget that nobody holds any more, which Qt allows in the window's thread alone.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.set_threshold(gc.get_threshold()[0], LOOKS, LONGER_LOOKS)
        gc.freeze()
        self._full_at, self._gave_back_at = 0.0, time.monotonic()
        self._whole_at = self._stirred_at = time.monotonic()
        self.timeout.connect(self._look)
        self.start(EVERY_MS)

    def _look(self) -> None:
        begun = time.monotonic()
        fresh, middle, old = (
            count > threshold for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if fresh:
            self._stirred_at = begun
        is_away = QGuiApplication.applicationState() != Qt.ApplicationState.ApplicationActive
        is_unseen = is_away or begun - self._stirred_at > STILL_S
        if begun - self._whole_at > (AWAY_S if is_unseen else AT_MOST_S):
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._whole_at = time.monotonic()
        elif fresh:
            if old and begun >= self._full_at:
                gc.collect()
                gc.freeze()
                ended = time.monotonic()
                self._full_at = ended + FULL_SHARE * (ended - begun)
            else:
                gc.collect(1 if middle else 0)
        elif begun - self._gave_back_at > GIVES_BACK_S:
            # Not in the same turn as a look, for both take milliseconds.
            from media_assistant.jobs.limits import give_back_memory  # not before the first picture

            give_back_memory()
            self._gave_back_at = begun
