"""A short list of places to go, each with an icon and a count at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QFont, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.tag_colours import tag_colour
from media_assistant.ui.look.theme import Look
from media_assistant.ui.tips import short_tip
from media_assistant.ui.widgets.row_ground import is_current, make_current, menu_place, paint_ground

ROW, LOW_ROW = 32, 26
"""How high a row is, and where there is little room."""
PLACE = int(Qt.ItemDataRole.UserRole) + 1
ICON = int(Qt.ItemDataRole.UserRole) + 2
COUNT = int(Qt.ItemDataRole.UserRole) + 3
COLOUR = int(Qt.ItemDataRole.UserRole) + 4


@dataclass(frozen=True, slots=True)
class NavEntry:
    """`place` is compared and handed back as it is."""

    place: object
    text: str
    icon: str
    count: str
    colour: str = ""
    """A name of the palette of tags, for the dot that stands for the icon."""
    tip: str = ""
    """More than the text on hover, such as what a saved search looks for."""


class NavList(QListView):
    """Signals: `chosen(object)` with the entry's place, on click, Enter and when the arrows stop on it;
    `menu_wanted(object, QPoint)` with it, in global coordinates.
    """

    chosen = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, look: Look, *, is_scrolling: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[NavEntry] = []
        self._row_of: dict[object, int] = {}
        self._rows = QStandardItemModel(self)
        self._is_scrolling = is_scrolling
        self.row_height = ROW
        self._place: object = None
        self.setModel(self._rows)
        self.setItemDelegate(NavDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        if not is_scrolling:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)
        look.changed.connect(self.viewport().update)

    def show_entries(self, entries: Sequence[NavEntry], place: object) -> None:
        """Show these and mark the one whose place is `place`. What a person is just renaming stays as it is, and while
        they go through the rows by keyboard they stay where they are.
        """
        if self.state() is QListView.State.EditingState:
            return
        kept = self._kept(place)
        if list(entries) != self._entries:
            self._entries = list(entries)
            self._rows.removeRows(0, self._rows.rowCount())
            for entry in entries:
                row = QStandardItem(entry.text)
                row.setData(entry.place, PLACE)
                row.setData(entry.icon, ICON)
                row.setData(entry.count, COUNT)
                row.setData(entry.colour, COLOUR)
                row.setData(
                    f"{entry.text}, {entry.count}" if entry.count else entry.text, Qt.ItemDataRole.AccessibleTextRole
                )
                row.setToolTip(short_tip(f"{entry.text}\n{entry.tip}" if entry.tip else entry.text))
                self._rows.appendRow(row)
            self._row_of = {entry.place: at for at, entry in reversed(list(enumerate(entries)))}
            self._fit()
        self._mark(place, kept)

    def mark(self, place: object) -> None:
        """Mark another one of those that are shown."""
        if self.state() is not QListView.State.EditingState:
            self._mark(place, self._kept(place))

    def _kept(self, place: object) -> object:
        """The row on which the keyboard is, as long as the same place is shown."""
        is_same, self._place = place == self._place, place
        return self.currentIndex().data(PLACE) if self.hasFocus() and is_same else None

    def _mark(self, place: object, kept: object) -> None:
        chosen = self._row_of.get(kept if kept in self._row_of else place, -1)
        if chosen >= 0:
            self.setCurrentIndex(self._rows.index(chosen, 0))
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())

    def be_low(self, is_low: bool) -> None:
        """Take less room."""
        height = LOW_ROW if is_low else ROW
        if height != self.row_height:
            self.row_height = height
            self.scheduleDelayedItemsLayout()
            self._fit()

    def _fit(self) -> None:
        if not self._is_scrolling:
            self.setFixedHeight(len(self._entries) * self.row_height)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a row from the first moment, so that it is seen where it is."""
        super().focusInEvent(event)
        make_current(self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the row under the mouse, or by keyboard on the current one."""
        index, where = menu_place(self, event)
        if index.isValid():
            self.menu_wanted.emit(index.data(PLACE), where)

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(PLACE))


class NavDelegate(QStyledItemDelegate):
    """Icon, text, count; a ring when the keyboard is here."""

    def __init__(self, look: Look, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._look = look
        self._list = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows of a list are alike."""
        return QSize(100, self._list.row_height if isinstance(self._list, NavList) else ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One row; nothing where it is not known yet."""
        if not index.data(ICON):
            return
        colours = self._look.colours
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        paint_ground(painter, rect, option, colours, is_current=is_current(self._list, index))
        tint = colours.text if is_chosen else colours.text_faint
        dot = tag_colour(colours, str(index.data(COLOUR) or ""))
        if dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(dot))
            painter.drawEllipse(rect.left() + 11, rect.center().y() - 4, 10, 10)
        else:
            painter.drawPixmap(rect.left() + 8, rect.center().y() - 7, draw_icon(str(index.data(ICON)), tint, 16))
        count = str(index.data(COUNT) or "")
        small = QFont(self._list.font())
        small.setPixelSize(12)
        painter.setFont(small)
        wide = painter.fontMetrics().horizontalAdvance(count)
        painter.setPen(QColor(colours.text_soft if is_chosen else colours.text_faint))
        painter.drawText(
            rect.adjusted(0, 0, -8, 0), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), count
        )
        painter.setFont(self._list.font())
        painter.setPen(QColor(colours.text if is_chosen else colours.text_soft))
        where = rect.adjusted(32, 0, -wide - 14 if count else -2, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        painter.restore()
