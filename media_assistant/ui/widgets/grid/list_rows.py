"""What the grid needs to be shown as a list: the heads of the columns above it, and who paints the rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractScrollArea

from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.list_header import HIGH, ListHeader
from media_assistant.ui.widgets.grid.list_painter import ListPainter
from media_assistant.ui.words import Words


class ListRows(QObject):
    """Lives as long as its view, once the view was shown as a list."""

    def __init__(self, view: QAbstractScrollArea, look: Look, words: Words) -> None:
        super().__init__(view)
        self._view = view
        self.header = ListHeader(words, view)
        self.painter = ListPainter(look, words)
        self.header.changed.connect(view.viewport().update)
        view.viewport().installEventFilter(self)

    def show(self, *, is_shown: bool) -> None:
        """Put the heads above the rows, or away."""
        self._view.setViewportMargins(0, HIGH if is_shown else 0, 0, 0)
        self.header.setVisible(is_shown)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The heads follow the viewport."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        rect = self._view.viewport().geometry()
        self.header.setGeometry(rect.left(), rect.top() - HIGH, rect.width(), HIGH)
