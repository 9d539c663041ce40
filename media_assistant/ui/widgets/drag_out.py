"""Items are dragged: out to the file manager, an editor, a mail, and onto collections and tags of the window itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QPixmap
from PySide6.QtWidgets import QWidget

ITEMS = "application/x-media-assistant-items"
"""Ids of this very program's library; another program sees the files alone."""

WIDEST = 120
_AT_ONCE = 200
_URLS = "text/uri-list"

PathsOf = Callable[[Sequence[int]], list[str]]


class CarriedItems(QMimeData):
    """Ids for the window's own places, and addresses of the files for everybody else.

    The addresses of more than a few are looked up when somebody asks for them: a drag of a whole library starts at once.
    """

    def __init__(self, item_ids: Sequence[int], paths_of: PathsOf) -> None:
        super().__init__()
        self._item_ids = tuple(item_ids)
        self._paths_of = paths_of
        self.setData(ITEMS, f"{os.getpid()} {' '.join(map(str, item_ids))}".encode())
        self._has_urls = len(item_ids) > _AT_ONCE
        if not self._has_urls:
            self._look_up()

    def formats(self) -> list[str]:
        """As Qt asks."""
        return [*super().formats(), _URLS] if self._has_urls else super().formats()

    def hasFormat(self, kind: str, /) -> bool:
        """As Qt asks."""
        return kind in self.formats()

    def retrieveData(self, kind: str, wanted: object, /) -> object:
        """As Qt asks, when it is let go somewhere."""
        if self._has_urls and kind == _URLS:
            self._look_up()
        return super().retrieveData(kind, wanted)  # type: ignore[arg-type]

    def _look_up(self) -> None:
        self._has_urls = False
        urls = [_address(path) for path in self._paths_of(self._item_ids)]
        if urls:
            self.setUrls(urls)


def _address(path: str) -> QUrl:
    """Also of a path whose bytes are no text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return QUrl.fromEncoded(b"file://" + quote_from_bytes(os.fsencode(path)).encode())
    return QUrl.fromLocalFile(path)


def carried_items(carried: QMimeData) -> tuple[int, ...]:
    """The items of a drag that began in this window; empty for any other."""
    if not carried.hasFormat(ITEMS):
        return ()
    process, *item_ids = bytes(carried.data(ITEMS).data()).decode("ascii", "replace").split()
    if process != str(os.getpid()) or not all(each.isdecimal() for each in item_ids):
        return ()
    return tuple(map(int, item_ids))


def drag_out(source: QWidget, item_ids: Sequence[int], paths_of: PathsOf, picture: QPixmap | None) -> None:
    """Let the system carry them; returns when they were let go. Only ever a copy: no original can be moved away."""
    if not item_ids:
        return
    drag = QDrag(source)
    drag.setMimeData(CarriedItems(item_ids, paths_of))
    if picture is not None:
        drag.setPixmap(picture.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation))
    drag.exec(Qt.DropAction.CopyAction)
