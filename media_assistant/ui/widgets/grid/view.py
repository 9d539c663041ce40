"""The items, as a grid of pictures or as a list: 100,000 as smooth as ten, with mouse, keyboard, drag and a screen reader.

Only visible cells are painted and only their items and pictures are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from media_assistant.ui.item_models.listing import ListingItemModel
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import Thumbnails
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.widgets.grid.anchor import GridAnchor
from media_assistant.ui.widgets.grid.canvas import GridCanvas, Scene
from media_assistant.ui.widgets.grid.keys import grid_step, group_step
from media_assistant.ui.widgets.grid.layout import LEAST_WIDTH, GridLayout
from media_assistant.ui.widgets.grid.rubber_band import RubberBand
from media_assistant.ui.widgets.grid.selection import GridSelection
from media_assistant.ui.widgets.painted_area import PaintedArea
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.ui.widgets.grid.list_header import ListHeader

AHEAD = 1
"""Screens above and below whose items are fetched before they are seen."""
REST_MS = 500
"""How long the grid stands still before `looked_at` tells what is in sight."""


class GridView(PaintedArea):
    """`header` are the heads of the list's columns, made when it is first shown as one.

    Signals: `opened(int)` on Enter or double click; `played(int)` on a plain click; `space_pressed()`; `menu_wanted(QPoint)` in global coordinates;
    `removal_wanted()` on Delete; `typed(str)` for a letter, which belongs to the search box; `looked_at(tuple)` with
    the ids in sight; `size_wanted(int)` larger (positive) or smaller pictures, in steps of the wheel;
    `all_wanted()` and `end_wanted(modifiers)` after all that is shown was chosen, or all from one on.
    """

    opened = Signal(int)
    played = Signal(int)
    space_pressed = Signal()
    menu_wanted = Signal(QPoint)
    removal_wanted = Signal()
    typed = Signal(str)
    looked_at = Signal(object)
    size_wanted = Signal(int)
    all_wanted = Signal()
    end_wanted = Signal(Qt.KeyboardModifier)

    def __init__(
        self,
        model: ListingItemModel,
        thumbnails: Thumbnails,
        storyboards: Storyboards,
        look: Look,
        words: Words,
        keys: Keys,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self.selection = GridSelection()
        self.paths_of: Callable[[Sequence[int]], list[str]] = lambda _item_ids: []
        """Where the files of items lie, for a drag out of the window."""
        self._thumbnails = thumbnails
        self._look = look
        self._keys = keys
        self._words = words
        self.canvas = GridCanvas(model, thumbnails, storyboards, look, words)
        self.cell_width = LEAST_WIDTH
        self._layout = GridLayout(0, 1)
        self._anchor = GridAnchor(self)
        self._pressed: QPoint | None = None
        self._pressed_row = -1
        self._band = RubberBand(self, look)
        self._hovered, self._along = -1, 0.0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(lambda: self.looked_at.emit(tuple(map(int, self.ids_of(self.visible_rows())))))
        model.modelReset.connect(self._model_reset)
        model.dataChanged.connect(self._items_arrived)
        thumbnails.arrived.connect(self._picture_arrived)
        storyboards.arrived.connect(self._picture_arrived)
        self.selection.changed.connect(self.viewport().update)
        look.changed.connect(self._look_changed)
        words.changed.connect(self._look_changed)

    # ── geometry ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def grid_layout(self) -> GridLayout:
        """Where the cells are now."""
        return self._layout

    def cell_rect(self, row: int) -> QRect:
        """A cell in viewport coordinates."""
        return self._layout.rect(row).translated(0, -self.verticalScrollBar().value())

    def row_at(self, point: QPoint) -> int:
        """The row that is seen under a point of the viewport, or -1, also where a group's head lies over it."""
        top, y = self.verticalScrollBar().value(), point.y()
        return -1 if self._layout.head_under(top, y) >= 0 else self._layout.row_at(point.x(), top + y)

    @property
    def is_list(self) -> bool:
        """Whether it is shown as a list with columns."""
        return self._layout.is_list

    @property
    def header(self) -> ListHeader | None:
        """The heads of the list's columns, once it was shown as a list."""
        return self.canvas.rows.header if self.canvas.rows is not None else None

    def show_as(self, *, is_list: bool, cell_width: int) -> None:
        """As a list, or as a grid whose cells are at least this wide. What is in sight stays in sight."""
        if is_list and self.canvas.rows is None:
            from media_assistant.ui.widgets.grid.list_rows import ListRows

            self.canvas.rows = ListRows(self, self._look, self._words)
        if self.canvas.rows is not None:
            self.canvas.rows.show(is_shown=is_list)
        self.cell_width = cell_width
        self._relayout(is_list=is_list)

    def scroll_to(self, row: int) -> None:
        """Bring a cell wholly into sight, moving as little as possible; nothing lies under a group's head."""
        rect, bar, height = self._layout.rect(row), self.verticalScrollBar(), self.viewport().height()
        room = 0 if self.is_list else 8
        if rect.top() - room - self._layout.head < bar.value():
            bar.setValue(rect.top() - room - self._layout.head)
        elif rect.bottom() + room > bar.value() + height:
            bar.setValue(rect.bottom() + room - height)

    def ids_of(self, rows: Iterable[int]) -> list[int]:
        """The items in these rows."""
        return [self.model.listing.ids[row] for row in rows]

    def visible_rows(self) -> range:
        """The rows in sight, at least partly."""
        top = self.verticalScrollBar().value()
        return self._layout.rows_between(top, top + self.viewport().height())

    def _model_reset(self) -> None:
        self._hovered = -1
        self._relayout(is_list=self.is_list)

    def _relayout(self, *, is_list: bool) -> None:
        """Place the cells anew. What was in sight stays where it was."""
        before, bar = self._layout, self.verticalScrollBar()
        kept, above = self._anchor.at_resize()
        width, height = self.viewport().width(), self.viewport().height()
        count, starts = self.model.rowCount(), self.model.listing.starts
        self._layout = after = GridLayout(count, width, least_width=self.cell_width, starts=starts, is_list=is_list)
        if self.header is not None and is_list:
            self.header.place(width)
        bar.setRange(0, max(0, after.height - height))
        bar.setPageStep(height)
        is_same = (before.count, before.columns, before.cell_height) == (count, after.columns, after.cell_height)
        if (held := self._anchor.let_go()) is not None:
            bar.setValue(held)
        elif not is_same and before.count == count and kept < count:
            bar.setValue(after.rect(kept).top() - max(above, after.head))
            self.scroll_to(kept)
        self._want_visible()
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        """What is painted moves along."""
        if abs(dy) >= self.viewport().height():
            self._thumbnails.fly()
        hovered, self._hovered = self._hovered, -1
        stale = self.cell_rect(hovered).translated(0, -dy) if hovered >= 0 else None
        self.scroll_painted(dy, edge=self._layout.head, stale=stale, is_all_stale=self._band.is_drawn)
        self._want_visible()

    def _want_visible(self) -> None:
        rows = self.visible_rows()
        if rows:
            self.model.want_rows(rows.start - AHEAD * len(rows), rows.stop - 1 + AHEAD * len(rows))
        self._rest.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns."""
        super().resizeEvent(event)
        self._relayout(is_list=self.is_list)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl the pictures grow and shrink."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        if event.angleDelta().y():
            self.size_wanted.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        """Visible cells, heads of groups, then the rubber band."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.canvas.paint(painter, event.region(), self._scene(), self.selection)
        self._band.paint(painter)
        painter.end()

    def _scene(self) -> Scene:
        return Scene(self, self._layout, self.verticalScrollBar().value(), self._hovered, self._along)

    def paint_ahead(self, top: int, bottom: int) -> bool:
        """A cell that comes into sight next."""
        return self.canvas.paint_ahead(self._layout.rows_between(top, bottom), self._scene())

    def _picture_arrived(self, item_id: int) -> None:
        if (row := self.model.row_of(item_id)) >= 0:
            self.viewport().update(self.cell_rect(row))
            self.look_ahead()

    def _items_arrived(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in self.visible_rows():
            if first.row() <= row <= last.row():
                self.viewport().update(self.cell_rect(row))

    def _look_changed(self) -> None:
        self.canvas.forget()
        self.viewport().update()

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def go_to(self, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Move the keyboard focus to a row, choosing as the modifiers say."""
        if not 0 <= row < self.model.rowCount():
            return
        self.model.near = row
        item_id, listing = self.model.id_at(row), self.model.listing
        is_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.selection.extend(listing.ids, listing.row_of, item_id, keeps=is_control)
        elif is_control:
            self.selection.move(item_id)
        else:
            self.selection.choose(item_id)
        self.scroll_to(row)

    def choose_group(self, section: int, *, keeps: bool = False) -> None:
        """All items of a group; with `keeps` beside what is chosen."""
        inside = frozenset(self.ids_of(self._layout.rows_of(section)))
        first = self.model.id_at(self._layout.first_of(section))
        self.selection.set_all(self.selection.chosen | inside if keeps else inside, current=first)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or start a rubber band or a drag."""
        point, modifiers = event.position().toPoint(), event.modifiers()
        row = self.row_at(point)
        self._pressed, self._pressed_row = point, row
        head = self._layout.head_under(self.verticalScrollBar().value(), point.y())
        if head >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.choose_group(head, keeps=modifiers != Qt.KeyboardModifier.NoModifier)
            return
        if row < 0:
            if event.button() is Qt.MouseButton.LeftButton:
                self._band.begin(point, modifiers)
            return
        self.model.near = row
        item_id = self.model.id_at(row)
        if event.button() is Qt.MouseButton.RightButton:
            if item_id not in self.selection:
                self.selection.choose(item_id)
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.go_to(row, modifiers)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.selection.toggle(item_id)
        elif item_id not in self.selection or len(self.selection) == 1:
            self.selection.choose(item_id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover, rubber band, or drag out."""
        point = event.position().toPoint()
        if not event.buttons() & Qt.MouseButton.LeftButton or self._pressed is None:
            self._hover(point)
            return
        if self._band.is_begun:
            self._band.draw(point)
        elif (point - self._pressed).manhattanLength() >= QApplication.startDragDistance() and self._pressed_row >= 0:
            self._drag_out()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click on one of several chosen ones leaves it alone."""
        was_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        row = self.row_at(event.position().toPoint())
        is_click = not self._band.is_drawn and was_plain and event.button() is Qt.MouseButton.LeftButton
        if is_click and row >= 0 and row == self._pressed_row:
            self.selection.choose(self.model.id_at(row))
            self.played.emit(self.model.id_at(row))
        self._band.end()
        self._pressed, self._pressed_row = None, -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        if (row := self.row_at(event.position().toPoint())) >= 0:
            self.opened.emit(self.model.id_at(row))

    def _hover(self, point: QPoint) -> None:
        row = self.row_at(point)
        rect = self.cell_rect(row) if row >= 0 else QRect()
        along = (point.x() - rect.left()) / rect.width() if row >= 0 else 0.0
        if row != self._hovered:
            self.viewport().update(self.cell_rect(self._hovered) if self._hovered >= 0 else QRect())
            self._hovered = row
            self.viewport().update(rect)
        elif abs(along - self._along) > 0.01:
            self.viewport().update(rect)
        self._along = along

    def leaveEvent(self, _event: QEvent) -> None:
        """No cell is under the mouse any more."""
        self._hover(QPoint(-1, -1))

    def _drag_out(self) -> None:
        from media_assistant.ui.widgets.drag_out import drag_out

        self._pressed, self._pressed_row = None, -1
        chosen = sorted(self.selection.chosen, key=self.model.row_of)
        shown = self.model.item(chosen[0]) if chosen else None
        drag_out(self, chosen, self.paths_of, self.canvas.picture(shown, QSize(120, 68), self.devicePixelRatioF()))

    # ── keyboard ──────────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End, pages, Space, Enter, Delete, Ctrl+A; letters go to the search box."""
        key, modifiers = event.key(), event.modifiers()
        is_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        verb = self._keys.meant(event, "library")
        step = grid_step(key, self.model.row_of(self.selection.current), self._layout, self.viewport().height())
        if verb == "open" and self.model.row_of(self.selection.current) >= 0:
            self.opened.emit(self.selection.current)
        elif verb == "toggle" and self.selection.current:
            self.selection.toggle(self.selection.current)
        elif verb == "play" and self.model.row_of(self.selection.current) >= 0:
            self.space_pressed.emit()
        elif verb == "all":
            self.selection.set_all(self.model.listing.ids)
            self.all_wanted.emit()
        elif verb in ("larger", "smaller"):
            self.size_wanted.emit(1 if verb == "larger" else -1)
        elif verb in ("group_back", "group_on") and self._layout.sections:
            self.go_to(group_step(verb, self.model.row_of(self.selection.current), self._layout))
        elif verb == "group" and self._layout.sections:
            self.choose_group(self._layout.section_of(max(0, self.model.row_of(self.selection.current))))
        elif verb == "remove" and len(self.selection):
            self.removal_wanted.emit()
        elif step is not None:
            self.go_to(step, modifiers)
            if key == Qt.Key.Key_End and modifiers & Qt.KeyboardModifier.ShiftModifier:
                self.end_wanted.emit(modifiers)
        elif key == Qt.Key.Key_Escape and len(self.selection):
            self.selection.clear()
        elif event.text().isprintable() and event.text().strip() and not is_control:
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse where it is, by keyboard on the current cell."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            row = self.model.row_of(self.selection.current)
            if row >= 0:
                self.menu_wanted.emit(self.viewport().mapToGlobal(self.cell_rect(row).center()))
        elif self.row_at(self.viewport().mapFromGlobal(event.globalPos())) >= 0:
            self.menu_wanted.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Something must be current for the arrows to start from."""
        if self.model.row_of(self.selection.current) < 0 and self.model.rowCount():
            rows = self.visible_rows()
            self.selection.move(self.model.id_at(rows.start if rows else 0))
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        self.viewport().update()
        super().focusOutEvent(event)
