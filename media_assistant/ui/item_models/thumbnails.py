"""Small pictures for whoever paints: decoded and cut to size off the main thread, newest wish first, the oldest forgotten."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6 import QtGui
from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPixmap

from media_assistant.items.kind import Kind

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)

KEPT_BYTES, KEPT_PICTURES = 32 * 1024 * 1024, 1500
"""So much, or what fills two of the largest screen; and of the small ones of a list so many at most: each is four things that
the look for rubbish goes through.
"""
MOST_CUTS = 3
"""Of one item: the grid's, and what lists and cards beside it need. Those of a size that is no longer shown go."""
RESTS_MS = 20_000
"""After so long without a new picture each item keeps one, as it was last shown: the others are cut again in milliseconds."""
MOST_WAITING = 400
FLYING_MS = 40
"""For how long after a leap no picture is begun: of screens that come faster than this nobody sees the pictures."""
PICTURE_TOP = 0.25
"""What is cut from tall pictures is cut mostly below: faces are above."""
_TOPS = {Kind.TEXT: 0.0, Kind.MUSIC: 0.5}
"""Of a page nothing is cut above, for it is read from there; a wave lies in the middle."""


_TURNED = QtGui.QImageIOHandler.Transformation.TransformationRotate90


def cover_top(kind: Kind | None) -> float:
    """Which share of what is cut from the picture of such an item is cut above."""
    return _TOPS.get(kind, PICTURE_TOP) if kind is not None else PICTURE_TOP


class Cut(NamedTuple):
    """How a picture is wanted, in device pixels; `top` is the share of what is cut that is cut above."""

    width: int
    height: int
    radius: float
    top: float


Key = tuple[int, Cut]


class Thumbnails(QObject):
    """Pictures by item and size.

    Signals: `arrived(int)` with the item's id, on the main thread; also when it turned out that there is none.
    """

    arrived = Signal(int)
    _decoded = Signal(object, object)

    def __init__(self, find: Callable[[int, str], Path | None]) -> None:
        super().__init__()
        self._find = find
        self._pictures: OrderedDict[Key, QPixmap] = OrderedDict()
        self._bytes = 0
        self._cuts: dict[int, dict[Cut, None]] = {}
        """By item how its picture is kept, the one used last at the end."""
        self._absent: dict[int, set[Cut]] = {}
        """By item what was looked for and is not there."""
        self._left: set[int] = set()
        """Items that have left the library since the last rest."""
        self._is_sending = False
        self._is_making = False
        """Whether somebody works on the wishes; with `_waiting` under `_lock`."""
        self._flying = QTimer(self)
        self._flying.setSingleShot(True)
        self._flying.setInterval(FLYING_MS)
        self._flying.timeout.connect(self._land)
        self._is_flying = False
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(RESTS_MS)
        self._resting.timeout.connect(self._rest)
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._lock = threading.Lock()
        self._is_closed = False
        self._decoded.connect(self._arrive)  # queued, as it is always emitted on the pool's thread

    def picture(self, item_id: int, size: QSize, ratio: float, *, top: float, radius: float = 0) -> QPixmap | None:
        """The thumbnail filling `size` (logical pixels), or one of another size, or None while it is made."""
        width, height = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
        key = (item_id, Cut(width, height, radius * ratio, top))
        found = self._pictures.get(key)
        if found is not None:
            self._pictures.move_to_end(key)
            cuts = self._cuts[item_id]
            cuts[key[1]] = cuts.pop(key[1])
            return found
        if key[1] not in self._absent.get(item_id, ()):
            self._want(key)
        others = self._cuts.get(item_id)
        return self._pictures[item_id, next(reversed(others))] if others else None

    @property
    def is_busy(self) -> bool:
        """Whether pictures that were asked for are still to be made."""
        return bool(self._waiting)

    def has_none(self, item_id: int) -> bool:
        """Whether it was looked for and there is no picture of this item."""
        return item_id in self._absent

    def forget(self, item_ids: tuple[int, ...]) -> None:
        """These have new previews: look again. Old pictures stay until the new ones are there."""
        for item_id in item_ids:
            self._absent.pop(item_id, None)
            for cut in self._cuts.get(item_id, ()):
                self._want((item_id, cut))

    def drop(self, item_ids: tuple[int, ...]) -> None:
        """These have left the library."""
        gone = set(item_ids)
        with self._lock:
            for key in [key for key in self._waiting if key[0] in gone]:
                del self._waiting[key]
        self._forget_all(item_ids)
        # One that is being made, or is asked for by a paint before the list is read anew, comes afterwards.
        self._left |= gone
        self._resting.start()

    def _forget_all(self, item_ids: Iterable[int]) -> None:
        for item_id in item_ids:
            self._absent.pop(item_id, None)
            for cut in tuple(self._cuts.get(item_id, ())):
                self._drop((item_id, cut))

    def close(self) -> None:
        """Wait for the picture in work; nothing arrives afterwards."""
        with self._lock:
            self._waiting.clear()
        self._is_closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pictures.clear()
        self._cuts.clear()

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        from media_assistant.jobs.threads import make_pool

        return make_pool(1, "thumbnails")

    def _want(self, key: Key) -> None:
        if self._is_closed:
            return  # a last paint of a window that is going
        with self._lock:
            self._waiting[key] = None
            self._waiting.move_to_end(key)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
            is_new = not (self._is_making or self._is_sending)
        if is_new:
            # The wishes of one paint are sent after it.
            self._is_sending = True
            QTimer.singleShot(0, self, self._send)

    def fly(self) -> None:
        """What was in sight is gone at one stroke, and what is now may be gone as fast: wait a moment with its pictures."""
        self._is_flying = True
        self._flying.start()

    def _land(self) -> None:
        self._is_flying = False
        if self._waiting:
            self._send()

    def _send(self) -> None:
        self._is_sending = False
        if not self._is_closed and not self._is_flying:
            with self._lock:
                is_idle, self._is_making = not self._is_making, True
            if is_idle:
                self._pool.submit(self._work)

    def _work(self) -> None:
        """On the pool's thread: make the newest wish true, until there is none."""
        while True:
            with self._lock:
                if not self._waiting or self._is_flying:
                    self._is_making = False
                    return
                key, _ = self._waiting.popitem(last=True)
            image = QtGui.QImage()
            try:
                file = self._find(key[0], "thumbnail")
                if file is not None:
                    image = cut_to_size(file, key[1])
            except OSError:
                log.warning("no picture of item %d", key[0], exc_info=True)
            self._decoded.emit(key, image)

    def _arrive(self, key: Key, image: QtGui.QImage) -> None:
        if image.isNull():
            self._absent.setdefault(key[0], set()).add(key[1])
            self.arrived.emit(key[0])
            return
        self._drop(key)
        self._pictures[key] = QPixmap.fromImage(image)
        self._bytes += image.sizeInBytes()
        cuts = self._cuts.setdefault(key[0], {})
        cuts[key[1]] = None
        if len(cuts) > MOST_CUTS:
            self._drop((key[0], next(iter(cuts))))
        while len(self._pictures) > (KEPT_PICTURES if self._bytes <= room() else 1):
            self._drop(next(iter(self._pictures)))
        self._resting.start()
        self.arrived.emit(key[0])

    def _rest(self) -> None:
        self._forget_all(self._left)
        self._left.clear()
        for item_id, cuts in list(self._cuts.items()):
            for cut in list(cuts)[:-1]:
                self._drop((item_id, cut))

    def _drop(self, key: Key) -> None:
        old = self._pictures.pop(key, None)
        if old is not None:
            self._bytes -= old.width() * old.height() * 4
            cuts = self._cuts[key[0]]
            del cuts[key[1]]
            if not cuts:
                del self._cuts[key[0]]


def room() -> int:
    """Bytes of pictures that are kept. Fewer than a screen holds would be made again and again while they are in sight."""
    screens = QtGui.QGuiApplication.screens()
    pixels = max((s.size().width() * s.size().height() * s.devicePixelRatio() ** 2 for s in screens), default=0.0)
    return max(KEPT_BYTES, round(2 * 4 * pixels))


def cut_to_size(file: Path, cut: Cut) -> QtGui.QImage:
    """The picture in `file` filling the size, cut where it does not fit, its upper corners rounded.

    Null when the file is no picture.
    """
    size = QSize(cut.width, cut.height)
    reader = QtGui.QImageReader(str(file))
    reader.setAutoTransform(True)
    is_turned = bool(reader.transformation() & _TURNED)
    kept = reader.size().transposed() if is_turned else reader.size()
    if kept.isValid():
        # Decoders make it small while they read, in a fraction of the time and without holding Python.
        grown = kept.scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        reader.setScaledSize(grown.transposed() if is_turned else grown)
    image = reader.read()
    if image.isNull() or size.isEmpty():
        return QtGui.QImage()
    if not kept.isValid():
        grown = image.size().scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        image = image.scaled(grown, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    left, top = (image.width() - size.width()) // 2, round((image.height() - size.height()) * cut.top)
    made = QtGui.QImage(size, QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(made)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QtGui.QBrush(image))
    painter.setBrushOrigin(-left, -top)
    painter.drawRoundedRect(QRectF(0, 0, cut.width, cut.height + cut.radius), cut.radius, cut.radius)
    painter.end()
    return made
