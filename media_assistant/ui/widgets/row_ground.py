"""What all rows of the window's lists and trees have in common: their ground, where the keyboard is, where a menu opens."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem

from media_assistant.ui.look.colours import Colours


def paint_ground(
    painter: QPainter, rect: QRect, option: QStyleOptionViewItem, colours: Colours, *, is_current: bool
) -> None:
    """The ground of a row that is chosen or under the mouse, and a ring where the keyboard is."""
    is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
        painter.setBrush(QColor(colours.selected if is_chosen else colours.hovered))
        painter.drawRoundedRect(rect, 6, 6)
    if is_current:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.focus), 1))
        painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 6, 6)


def is_current(view: QAbstractItemView, index: QModelIndex | QPersistentModelIndex) -> bool:
    """Whether the keyboard is on this row."""
    return view.hasFocus() and index == view.currentIndex()


def make_current(view: QAbstractItemView) -> None:
    """Put the keyboard on the first row if it is on none; nothing is chosen by that."""
    if not view.currentIndex().isValid() and view.model().rowCount():
        view.selectionModel().setCurrentIndex(view.model().index(0, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        view.viewport().update()


def menu_place(view: QAbstractItemView, event: QContextMenuEvent) -> tuple[QModelIndex, QPoint]:
    """The row that a menu is for, and where on the screen it opens: under the mouse, by keyboard on the current row."""
    if event.reason() is QContextMenuEvent.Reason.Keyboard:
        index = view.currentIndex()
        return index, view.viewport().mapToGlobal(view.visualRect(index).center())
    return view.indexAt(event.pos()), event.globalPos()
