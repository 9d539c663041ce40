"""The grid of pictures: 100,000 items as smooth as ten, with mouse, keyboard, drag and a screen reader.

Only visible cells are painted and only their items and pictures are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.ui.item_models.listing import ListingItemModel
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import PAGE_TOP, PICTURE_TOP, Thumbnails
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.grid_keys import grid_step
from media_assistant.ui.widgets.grid_layout import GridLayout
from media_assistant.ui.widgets.grid_painter import RADIUS, GridPainter, Scrub
from media_assistant.ui.widgets.grid_selection import GridSelection
from media_assistant.ui.words import Words

AHEAD = 1
"""Screens above and below whose items are fetched before they are seen."""
REST_MS = 500
"""How long the grid stands still before `looked_at` tells what is in sight."""


class GridView(QAbstractScrollArea):
    """Signals: `opened(int)` on Enter or double click; `played(int)` on a plain click; `space_pressed()`; `menu_wanted(QPoint)` in global coordinates;
    `removal_wanted()` on Delete; `typed(str)` for a letter, which belongs to the search box; `looked_at(tuple)` with
    the ids in sight.
    """

    opened = Signal(int)
    played = Signal(int)
    space_pressed = Signal()
    menu_wanted = Signal(QPoint)
    removal_wanted = Signal()
    typed = Signal(str)
    looked_at = Signal(object)

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
        self._storyboards = storyboards
        self._look = look
        self._keys = keys
        self._painter = GridPainter(look, words)
        self._layout = GridLayout(0, 1)
        self._pressed: QPoint | None = None
        self._pressed_row = -1
        self._band: QRect | None = None
        self._band_kept: frozenset[int] = frozenset()
        self._hovered = -1
        self._along = 0.0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._tell_in_sight)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(48)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        model.modelReset.connect(self._relayout)
        model.items_arrived.connect(self.viewport().update)
        thumbnails.arrived.connect(self._picture_arrived)
        storyboards.arrived.connect(self._picture_arrived)
        self.selection.changed.connect(self._selection_changed)
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
        """The row under a point of the viewport, or -1."""
        return self._layout.row_at(point.x(), point.y() + self.verticalScrollBar().value())

    def scroll_to(self, row: int) -> None:
        """Bring a cell wholly into sight, moving as little as possible."""
        rect, bar, height = self._layout.rect(row), self.verticalScrollBar(), self.viewport().height()
        if rect.top() - 8 < bar.value():
            bar.setValue(rect.top() - 8)
        elif rect.bottom() + 8 > bar.value() + height:
            bar.setValue(rect.bottom() + 8 - height)

    def visible_rows(self) -> range:
        """The rows in sight, at least partly."""
        top = self.verticalScrollBar().value()
        return self._layout.rows_between(top, top + self.viewport().height())

    def _relayout(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        self._layout = GridLayout(self.model.rowCount(), width)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        self._want_visible()
        self.viewport().update()

    def _scrolled(self) -> None:
        self._hovered = -1
        self._want_visible()
        self.viewport().update()

    def _want_visible(self) -> None:
        rows = self.visible_rows()
        if rows:
            self.model.want_rows(rows.start - AHEAD * len(rows), rows.stop - 1 + AHEAD * len(rows))
        self._rest.start()

    def _tell_in_sight(self) -> None:
        ids = self.model.listing.ids
        self.looked_at.emit(tuple(int(ids[row]) for row in self.visible_rows() if row < len(ids)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current row in sight while the columns change, or else the first that was."""
        rows = self.visible_rows() if self._layout.count else range(1)
        current = self.model.row_of(self.selection.current)
        kept = current if current in rows else rows.start
        super().resizeEvent(event)
        before = self._layout.columns
        self._relayout()
        if before != self._layout.columns and self.verticalScrollBar().value():
            self.verticalScrollBar().setValue(self._layout.rect(kept).top() - 8)

    # ── painting ──────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        """Visible cells, then the rubber band."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(self._look.colours.ground))
        ratio = self.devicePixelRatioF()
        size = QSize(self._layout.cell_width, self._layout.picture_height)
        has_focus = self.hasFocus()
        for row in self.visible_rows():
            rect = self.cell_rect(row)
            if not rect.intersects(event.rect()):
                continue
            item_id = self.model.id_at(row)
            item = self.model.item_at(row)
            self._painter.paint(
                painter,
                rect,
                self._layout.picture_height,
                item=item,
                hit=self.model.hit(item_id),
                picture=self._picture(item, size, ratio),
                has_none=self._thumbnails.has_none(item_id),
                is_chosen=item_id in self.selection,
                is_current=has_focus and item_id == self.selection.current,
                is_hovered=row == self._hovered,
                scrub=self._scrub(item) if row == self._hovered else None,
            )
        if self._band is not None:
            band = self._band.translated(0, -self.verticalScrollBar().value())
            colour = QColor(self._look.colours.accent)
            painter.setPen(colour)
            colour.setAlpha(50)
            painter.setBrush(colour)
            painter.drawRoundedRect(band, 3, 3)
        painter.end()

    def _picture(self, item: Item | None, size: QSize, ratio: float) -> QPixmap | None:
        if item is None:
            return None
        top = PAGE_TOP if item.kind is Kind.TEXT else PICTURE_TOP
        return self._thumbnails.picture(item.id, size, ratio, radius=RADIUS, top=top)

    def _scrub(self, item: Item | None) -> Scrub | None:
        """The frame under the mouse of a film that is looked through."""
        if item is None or item.kind is not Kind.VIDEO:
            return None
        found = self._storyboards.frame(item.id, self._along)
        return Scrub(*found, self._along) if found else None

    def describe(self, row: int) -> tuple[str, str]:
        """Title and the line under it, for a screen reader."""
        item = self.model.item_at(row)
        return (item.title, self._painter.describe(item, self.model.hit(item.id))) if item else ("", "")

    def _picture_arrived(self, item_id: int) -> None:
        row = self.model.row_of(item_id)
        if row >= 0:
            self.viewport().update(self.cell_rect(row))

    def _look_changed(self) -> None:
        self._painter.forget()
        self.viewport().update()

    # ── choosing ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _selection_changed(self) -> None:
        self.viewport().update()
        row = self.model.row_of(self.selection.current)
        if row >= 0 and self.hasFocus() and QAccessible.isActive():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(row)
            QAccessible.updateAccessibility(event)

    def go_to(self, row: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Move the keyboard focus to a row, choosing as the modifiers say."""
        if not 0 <= row < self.model.rowCount():
            return
        item_id, listing = self.model.id_at(row), self.model.listing
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.selection.extend(listing.ids, dict(listing.row_of), item_id)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self.selection.move(item_id)
        else:
            self.selection.choose(item_id)
        self.scroll_to(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, or start a rubber band or a drag."""
        point = event.position().toPoint()
        row = self.row_at(point)
        self._pressed, self._pressed_row = point, row
        modifiers = event.modifiers()
        if row < 0:
            if event.button() is Qt.MouseButton.LeftButton:
                keeps = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
                self._band_kept = self.selection.chosen if keeps else frozenset()
                if not keeps:
                    self.selection.clear()
            return
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
        if (point - self._pressed).manhattanLength() < QApplication.startDragDistance() and self._band is None:
            return
        if self._pressed_row >= 0:
            self._drag_out()
            return
        offset = QPoint(0, self.verticalScrollBar().value())
        self._band = QRect(self._pressed + offset, point + offset).normalized()
        rows = self._layout.rows_inside(self._band)
        inside = {self.model.id_at(row) for row in rows}
        self.selection.set_all(self._band_kept | inside, current=self.model.id_at(rows[-1]) if rows else 0)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click on one of several chosen ones leaves it alone."""
        was_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        row = self.row_at(event.position().toPoint())
        is_click = self._band is None and was_plain and event.button() is Qt.MouseButton.LeftButton
        if is_click and row >= 0 and row == self._pressed_row:
            self.selection.choose(self.model.id_at(row))
            self.played.emit(self.model.id_at(row))
        self._band, self._pressed, self._pressed_row = None, None, -1
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        row = self.row_at(event.position().toPoint())
        if row >= 0:
            self.opened.emit(self.model.id_at(row))

    def _hover(self, point: QPoint) -> None:
        row = self.row_at(point)
        rect = self.cell_rect(row) if row >= 0 else QRect()
        along = (point.x() - rect.left()) / rect.width() if row >= 0 else 0.0
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()
        elif abs(along - self._along) > 0.01:
            self.viewport().update(rect)
        self._along = along

    def leaveEvent(self, event: QEvent) -> None:
        """No cell is under the mouse any more."""
        self._hovered = -1
        self.viewport().update()
        super().leaveEvent(event)

    def _drag_out(self) -> None:
        from media_assistant.ui.widgets.drag_out import drag_out

        self._pressed, self._pressed_row = None, -1
        chosen = sorted(self.selection.chosen, key=self.model.row_of)
        picture = self._thumbnails.picture(chosen[0], QSize(120, 68), self.devicePixelRatioF()) if chosen else None
        drag_out(self, chosen, self.paths_of, picture)

    # ── keyboard ──────────────────────────────────────────────────────────────────────────────────────────────────

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End, pages, Space, Enter, Delete, Ctrl+A; letters go to the search box."""
        key, modifiers = event.key(), event.modifiers()
        is_control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        verb = self._keys.meant(event, "library")
        step = grid_step(key, self.model.row_of(self.selection.current), self._layout, self.viewport().height())
        if step is not None:
            self.go_to(step, modifiers)
        elif verb == "open" and self.model.row_of(self.selection.current) >= 0:
            self.opened.emit(self.selection.current)
        elif verb == "toggle" and self.selection.current:
            self.selection.toggle(self.selection.current)
        elif verb == "play" and self.model.row_of(self.selection.current) >= 0:
            self.space_pressed.emit()
        elif verb == "all":
            self.selection.set_all(self.model.listing.ids)
        elif verb == "remove" and len(self.selection):
            self.removal_wanted.emit()
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
