"""Small pictures for whoever paints: decoded and cut to size off the main thread, newest wish first, the oldest forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPixmap

KEPT_BYTES = 128 * 1024 * 1024
MOST_WAITING = 400
Key = tuple[int, str, int, int]
"""Item, preview name, width and height in device pixels."""


class Thumbnails(QObject):
    """Pictures by item and size.

    Signals: `arrived(int)` with the item's id, on the main thread.
    """

    arrived = Signal(int)
    _decoded = Signal(object, object)

    def __init__(self, find: Callable[[int, str], Path | None]) -> None:
        super().__init__()
        self._find = find
        self._pictures: OrderedDict[Key, QPixmap] = OrderedDict()
        self._bytes = 0
        self._latest: dict[tuple[int, str], Key] = {}
        self._absent: set[Key] = set()
        self._waiting: OrderedDict[Key, float] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="thumbnails")
        self._decoded.connect(self._arrive, Qt.ConnectionType.QueuedConnection)

    def picture(
        self, item_id: int, size: QSize, ratio: float, name: str = "thumbnail", *, radius: float = 0
    ) -> QPixmap | None:
        """The picture filling `size` (logical pixels), or an older one of another size, or None while it is made."""
        width, height = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
        key = (item_id, name, width, height)
        found = self._pictures.get(key)
        if found is not None:
            self._pictures.move_to_end(key)
            return found
        if key not in self._absent:
            self._want(key, radius * ratio)
        return self._pictures.get(self._latest.get((item_id, name), key))

    def forget(self, item_ids: tuple[int, ...]) -> None:
        """These have new previews: look again. Old pictures stay until the new ones are there."""
        gone = set(item_ids)
        self._absent = {key for key in self._absent if key[0] not in gone}
        for key in [key for key in self._pictures if key[0] in gone]:
            if self._latest.get((key[0], key[1])) == key:
                self._want(key, 0 if key[1] != "thumbnail" else 8)
            else:
                self._drop(key)

    def close(self) -> None:
        """Wait for the picture in work; nothing arrives afterwards."""
        with self._lock:
            self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pictures.clear()

    def _want(self, key: Key, radius: float) -> None:
        with self._lock:
            is_new = key not in self._waiting
            self._waiting[key] = radius
            self._waiting.move_to_end(key)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
        if is_new:
            self._pool.submit(self._work)

    def _work(self) -> None:
        """On the pool's thread: make the newest wish true."""
        with self._lock:
            if not self._waiting:
                return
            key, radius = self._waiting.popitem(last=True)
        file = self._find(key[0], key[1])
        image = cut_to_size(file, QSize(key[2], key[3]), radius) if file is not None else QImage()
        self._decoded.emit(key, image)

    def _arrive(self, key: Key, image: QImage) -> None:
        if image.isNull():
            self._absent.add(key)
            return
        self._drop(key)
        picture = QPixmap.fromImage(image)
        self._pictures[key] = picture
        self._bytes += image.sizeInBytes()
        before = self._latest.get((key[0], key[1]))
        self._latest[key[0], key[1]] = key
        if before is not None and before != key:
            self._drop(before)
        while self._bytes > KEPT_BYTES and len(self._pictures) > 1:
            self._drop(next(iter(self._pictures)))
        self.arrived.emit(key[0])

    def _drop(self, key: Key) -> None:
        old = self._pictures.pop(key, None)
        if old is not None:
            self._bytes -= old.width() * old.height() * 4
            if self._latest.get((key[0], key[1])) == key:
                del self._latest[key[0], key[1]]


def cut_to_size(file: Path, size: QSize, radius: float = 0) -> QImage:
    """The picture in `file` filling `size` (device pixels), cut where it does not fit, its upper corners rounded.

    Tall pictures keep more of their upper part, where faces and headlines are. Null when the file is no picture.
    """
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull() or size.isEmpty():
        return QImage()
    grown = image.size().scaled(size, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    image = image.scaled(grown, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    left, top = (grown.width() - size.width()) // 2, (grown.height() - size.height()) // 4
    cut = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    cut.fill(Qt.GlobalColor.transparent)
    painter = QPainter(cut)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if radius:
        path = QPainterPath()
        path.addRoundedRect(QRectF(0, 0, size.width(), size.height() + radius), radius, radius)
        painter.setClipPath(path)
    painter.drawImage(-left, -top, image)
    painter.end()
    return cut
