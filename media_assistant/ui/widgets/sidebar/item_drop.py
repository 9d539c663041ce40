"""Items that are dragged inside the window are let go on a place: a collection, a tag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QWidget

from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.drag_out import carried_items
from media_assistant.ui.widgets.sidebar.nav_list import PLACE

PlaceAt = Callable[[QPoint], "tuple[object, QRect] | None"]


class ItemDrop(QObject):
    """Signals: `dropped(object, object)` with the place and the ids. The place that would take them wears a ring."""

    dropped = Signal(object, object)

    def __init__(self, target: QWidget, look: Look, place_at: PlaceAt) -> None:
        super().__init__(target)
        self._place_at = place_at
        self._ring = _Ring(target, look)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what comes from this window and fits; let everything else through to the window."""
        if isinstance(event, QDropEvent):  # entering and moving are drops that did not happen yet
            item_ids = carried_items(event.mimeData())
            found = self._place_at(event.position().toPoint()) if item_ids else None
            self._ring.surround(found[1] if found else None)
            is_move = isinstance(event, QDragMoveEvent)
            if found is None:
                event.setAccepted(bool(item_ids) and event.type() is QEvent.Type.DragEnter)
                return bool(item_ids)
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            if not is_move:
                self._ring.surround(None)
                self.dropped.emit(found[0], item_ids)
            return True
        if event.type() is QEvent.Type.DragLeave:
            self._ring.surround(None)
        return super().eventFilter(watched, event)


def place_in(view: QAbstractItemView, takes: Callable[[object], bool]) -> PlaceAt:
    """The places of a list's rows, those that take items."""

    def find(point: QPoint) -> tuple[object, QRect] | None:
        index = view.indexAt(point)
        place = index.data(PLACE)
        return (place, view.visualRect(index)) if index.isValid() and takes(place) else None

    return find


class _Ring(QWidget):
    def __init__(self, over: QWidget, look: Look) -> None:
        super().__init__(over)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def surround(self, rect: QRect | None) -> None:
        """Lie around a row; None: nowhere."""
        self.setVisible(rect is not None)
        if rect is not None:
            self.setGeometry(rect)
            self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A ring and a breath of its colour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._look.colours.focus)
        painter.setPen(QPen(colour, 2))
        colour.setAlpha(40)
        painter.setBrush(colour)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        painter.end()
