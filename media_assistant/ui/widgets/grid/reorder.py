"""Items of a gathered collection are put into another order: dragged between others, or moved by keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QDragMoveEvent, QDropEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.drag_out import carried_items
from media_assistant.ui.widgets.grid.view import GridView

EDGE = 48
"""Pixels from the upper or lower edge at which a drag scrolls."""
_THICK = 3


class GridReorder(QObject):
    """Listens to a grid; `may_reorder` says whether what it shows has an order of the person's own.

    Signals: `moved(object, object)` with the ids and the id that they go in front of, None for the end.
    """

    moved = Signal(object, object)

    def __init__(self, grid: GridView, look: Look, may_reorder: Callable[[], bool]) -> None:
        super().__init__(grid)
        self._grid = grid
        self._may_reorder = may_reorder
        self._mark = _Mark(grid.viewport(), look)
        grid.viewport().setAcceptDrops(True)
        grid.viewport().installEventFilter(self)
        grid.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Drags of this window's own items, and Alt with an arrow."""
        if isinstance(event, QDropEvent):
            return self._dragged(event)
        if event.type() is QEvent.Type.DragLeave:
            self._mark.hide()
        elif isinstance(event, QKeyEvent) and watched is self._grid and event.type() is QEvent.Type.KeyPress:
            return self._pressed(event)
        return super().eventFilter(watched, event)

    def move_by(self, steps: int) -> None:
        """The chosen items, by so many places: earlier if negative."""
        ids = list(self._grid.model.listing.ids)
        rows = sorted(row for item in self._grid.selection.chosen if (row := self._grid.model.row_of(item)) >= 0)
        if not rows or not self._may_reorder():
            return
        chosen = [ids[row] for row in rows]
        rest = [item_id for item_id in ids if item_id not in self._grid.selection]
        # Counted among those that stay: together they go so many places on from where the first of them stood.
        before = sum(1 for row in range(rows[0]) if ids[row] not in self._grid.selection)
        at = max(0, min(len(rest), before + steps))
        if [*rest[:at], *chosen, *rest[at:]] != ids:
            self.moved.emit(chosen, rest[at] if at < len(rest) else None)

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.AltModifier:
            return False
        columns = self._grid.grid_layout.columns
        steps = {
            int(Qt.Key.Key_Left): -1,
            int(Qt.Key.Key_Right): 1,
            int(Qt.Key.Key_Up): -columns,
            int(Qt.Key.Key_Down): columns,
            int(Qt.Key.Key_Home): -self._grid.model.rowCount(),
            int(Qt.Key.Key_End): self._grid.model.rowCount(),
        }.get(int(event.key()))
        if steps is None or not self._may_reorder():
            return False
        self.move_by(steps)
        return True

    def _dragged(self, event: QDropEvent) -> bool:
        item_ids = carried_items(event.mimeData())
        if not item_ids:
            return False
        if not self._may_reorder():
            # What began here is not let go here: without this the window would show it as files to bring in.
            event.setAccepted(event.type() is QEvent.Type.DragEnter)
            return True
        point = event.position().toPoint()
        row, line = self._gap_at(point)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if isinstance(event, QDragMoveEvent):
            self._mark.lie(line)
            self._scroll(point)
            return True
        self._mark.hide()
        model = self._grid.model
        while row < model.rowCount() and model.id_at(row) in item_ids:
            row += 1
        self.moved.emit(item_ids, model.id_at(row) if row < model.rowCount() else None)
        return True

    def _gap_at(self, point: QPoint) -> tuple[int, QRect]:
        """The row in front of which they would go, and where the mark lies."""
        grid, last = self._grid, self._grid.model.rowCount() - 1
        row = grid.row_at(point)
        if row < 0:
            # Beside the cells: behind the nearest one before, which in an empty corner is the last.
            rows = [each for each in grid.visible_rows() if _is_before(grid.cell_rect(each), point)]
            row = rows[-1] if rows else last
            is_after = True
        else:
            rect = grid.cell_rect(row)
            is_after = point.x() > rect.center().x() if _is_cell(rect) else point.y() > rect.center().y()
        if row < 0:
            return 0, QRect()
        rect = grid.cell_rect(row)
        if _is_cell(rect):
            x = rect.right() + 2 if is_after else rect.left() - 2 - _THICK
            line = QRect(max(0, x), rect.top(), _THICK, rect.height())
        else:
            line = QRect(rect.left(), rect.bottom() if is_after else rect.top() - 1, rect.width(), _THICK)
        return row + is_after, line

    def _scroll(self, point: QPoint) -> None:
        bar, height = self._grid.verticalScrollBar(), self._grid.viewport().height()
        if point.y() < EDGE:
            bar.setValue(bar.value() - bar.singleStep())
        elif point.y() > height - EDGE:
            bar.setValue(bar.value() + bar.singleStep())


def _is_cell(rect: QRect) -> bool:
    """Whether it stands beside others, as in a grid, and not under them, as in a list."""
    return rect.width() < 3 * rect.height()


def _is_before(rect: QRect, point: QPoint) -> bool:
    return rect.bottom() < point.y() or (rect.top() <= point.y() and rect.left() < point.x())


class _Mark(QWidget):
    def __init__(self, over: QWidget, look: Look) -> None:
        super().__init__(over)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def lie(self, rect: QRect) -> None:
        """Show where they would go."""
        self.setGeometry(rect)
        self.setVisible(rect.isValid())
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.colours.focus))
        painter.end()
