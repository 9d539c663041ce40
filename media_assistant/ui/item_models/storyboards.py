"""The strip of small frames of a film, for looking through it under the mouse; read off the main thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import QtGui
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QPixmap

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

TILES = 40
"""Frames in a strip, side by side, evenly over the film, as `media.preview` makes it."""
KEPT = 12


class Storyboards(QObject):
    """Strips by item.

    Signals: `arrived(int)` with the item's id, on the main thread.
    """

    arrived = Signal(int)
    _read = Signal(int, object)

    def __init__(self, find: Callable[[int, str], Path | None]) -> None:
        super().__init__()
        self._find = find
        self._strips: OrderedDict[int, QPixmap] = OrderedDict()
        self._read.connect(self._arrive)  # queued, as it is always emitted on the pool's thread

    def frame(self, item_id: int, along: float) -> tuple[QPixmap, QRect] | None:
        """The strip and the frame at 0..1 along the film; None while it is read, or where there is none."""
        strip = self._strips.get(item_id)
        if strip is None:
            self._strips[item_id] = QPixmap()
            self._pool.submit(self._work, item_id)
            return None
        self._strips.move_to_end(item_id)
        if strip.isNull():
            return None
        wide = strip.width() // TILES
        place = min(TILES - 1, max(0, int(along * TILES)))
        return strip, QRect(place * wide, 0, wide, strip.height())

    def forget(self, item_ids: Iterable[int]) -> None:
        """These have new previews: look again."""
        for item_id in item_ids:
            self._strips.pop(item_id, None)

    def close(self) -> None:
        """Wait for the strip in work."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._strips.clear()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        from media_assistant.jobs.threads import make_pool

        return make_pool(1, "storyboards")

    def _work(self, item_id: int) -> None:
        file = self._find(item_id, "storyboard")
        self._read.emit(item_id, QtGui.QImageReader(str(file)).read() if file is not None else QtGui.QImage())

    def _arrive(self, item_id: int, image: QtGui.QImage) -> None:
        if not image.isNull():  # else what stands for it stays, if it was not forgotten meanwhile
            self._strips[item_id] = QPixmap.fromImage(image)
        while len(self._strips) > KEPT:
            self._strips.popitem(last=False)
        if not image.isNull():
            self.arrived.emit(item_id)
