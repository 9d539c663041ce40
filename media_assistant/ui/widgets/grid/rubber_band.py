"""The rubber band: chooses what it is drawn over, and scrolls when it is drawn past an edge."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QApplication

from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.layout import GridLayout
from media_assistant.ui.widgets.grid.selection import GridSelection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QScrollBar, QWidget

EVERY_MS = 16
FASTEST = 60
"""Pixels a step, far outside."""


class Banded(Protocol):
    """What a band is drawn over."""

    selection: GridSelection

    @property
    def grid_layout(self) -> GridLayout:
        """Where the cells are."""
        ...

    def ids_of(self, rows: Iterable[int]) -> list[int]:
        """The items in these rows."""
        ...

    def viewport(self) -> QWidget:
        """What is drawn on."""
        ...

    def verticalScrollBar(self) -> QScrollBar:  # Qt's name
        """What scrolls it."""
        ...


class RubberBand(QObject):
    """Points are the viewport's; the band itself lies on the content, so that scrolling stretches it."""

    def __init__(self, view: Banded, look: Look) -> None:
        super().__init__()
        self._view = view
        self._look = look
        self._from: QPoint | None = None
        self._to = QPoint()
        self._kept: frozenset[int] = frozenset()
        self._is_drawn = False
        self._scrolling = QTimer(self)
        self._scrolling.setInterval(EVERY_MS)
        self._scrolling.timeout.connect(self._scroll)

    @property
    def is_drawn(self) -> bool:
        """Whether it is more than a click."""
        return self._is_drawn

    @property
    def is_begun(self) -> bool:
        """Whether the button went down beside every cell."""
        return self._from is not None

    def begin(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """From here. With Ctrl or Shift what was chosen stays."""
        keeps = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        self._kept = self._view.selection.chosen if keeps else frozenset()
        if not keeps:
            self._view.selection.clear()
        self._from = self._on_content(point)

    def draw(self, point: QPoint) -> None:
        """To there."""
        if self._from is None:
            return
        self._to = point
        distance = (self._on_content(point) - self._from).manhattanLength()
        if not self._is_drawn and distance < QApplication.startDragDistance():
            return
        self._is_drawn = True
        if self._overhang() and not self._scrolling.isActive():
            self._scrolling.start()
        self._choose()

    def end(self) -> None:
        """Let go."""
        self._scrolling.stop()
        self._from, self._is_drawn = None, False
        self._view.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """Over the cells."""
        if not self._is_drawn:
            return
        colour = QColor(self._look.colours.accent)
        painter.setPen(colour)
        colour.setAlpha(50)
        painter.setBrush(colour)
        painter.drawRoundedRect(self._rect().translated(0, -self._view.verticalScrollBar().value()), 3, 3)

    def _on_content(self, point: QPoint) -> QPoint:
        return point + QPoint(0, self._view.verticalScrollBar().value())

    def _rect(self) -> QRect:
        return QRect(self._from or QPoint(), self._on_content(self._to)).normalized()

    def _choose(self) -> None:
        rows = self._view.grid_layout.rows_inside(self._rect())
        inside = self._view.ids_of(rows)
        current = inside[-1] if inside else 0
        self._view.selection.set_all(self._kept.union(inside) if self._kept else inside, current=current)
        self._view.viewport().update()

    def _overhang(self) -> int:
        """Pixels past the upper (negative) or lower edge."""
        y, height = self._to.y(), self._view.viewport().height()
        return y if y < 0 else max(0, y - height + 1)

    def _scroll(self) -> None:
        past = self._overhang()
        if not past or self._from is None:
            self._scrolling.stop()
            return
        bar = self._view.verticalScrollBar()
        step = max(-FASTEST, min(FASTEST, past // 2 or (1 if past > 0 else -1)))
        bar.setValue(bar.value() + step)
        self._choose()
