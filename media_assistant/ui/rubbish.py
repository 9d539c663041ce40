"""Python's search for unreachable objects, kept in the window's thread."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500
FULL_SHARE = 200
"""A look through everything waits this many times as long as the last one took, so that it stays a rare pause."""


class Rubbish(QTimer):
    """Looks for rubbish while `parent` lives, as often as Python would.

    By itself Python looks in whichever thread happens to make the next object. One of the engine's could so come to
    destroy a widget that nobody holds any more, which Qt allows in the window's thread alone.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._full_at = 0.0
        self.timeout.connect(self._look)
        self.start(EVERY_MS)

    def _look(self) -> None:
        fresh, middle, old = (
            count > threshold for count, threshold in zip(gc.get_count(), gc.get_threshold(), strict=True)
        )
        if not fresh:
            return
        begun = time.monotonic()
        if old and begun >= self._full_at:
            gc.collect()
            ended = time.monotonic()
            self._full_at = ended + FULL_SHARE * (ended - begun)
        else:
            gc.collect(1 if middle else 0)
