"""The groups of duplicates, one row each: the two pictures that are compared, how many there are, how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from media_assistant.items.duplicates import Group
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.thumbnails import cover_top
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.widgets.row_ground import is_current, make_current, paint_ground
from media_assistant.ui.words import Words

ROW, SIDE, TWO_PICTURES = 64, 48, 260
"""Below that width a row has one picture, for two would leave no room for its words."""
GROUP = int(Qt.ItemDataRole.UserRole) + 1
_Index = QModelIndex | QPersistentModelIndex


def count_of(words: Words, group: Group) -> str:
    """`3 photos`; of a single file in how many places it is."""
    if group.is_exact:
        return words.say("ui.duplicates.places", count=1 + len(group.kept.item.copies))
    return words.say(f"ui.duplicates.count.{group.kept.item.kind.value}", count=len(group.members))


def title_of(group: Group) -> str:
    """Of the one that is kept, on one line."""
    return " ".join(group.kept.item.title.split())


def sure_of(words: Words, group: Group) -> str:
    """`97% sure`."""
    return words.say("ui.duplicates.sure", percent=words.number(round(100 * group.sureness)))


class GroupRows(QStringListModel):
    """All groups, thousands in a large library. How many there are is known to Qt itself: a list view asks for it twice a
    row when it lays itself out, which would take a tenth of a second in Python.
    """

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.groups: Sequence[Group] = ()

    def show_groups(self, groups: Sequence[Group]) -> None:
        """These and no others; the sequence is kept, not copied."""
        self.groups = groups
        self.setStringList([""] * len(groups))

    def flags(self, _index: _Index) -> Qt.ItemFlag:
        """Nothing is written into them."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """A group, or its words for a screen reader."""
        if not 0 <= index.row() < len(self.groups):
            return None
        group = self.groups[index.row()]
        if role == GROUP:
            return group
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            words = self._words
            return words.say(
                "ui.duplicates.row", many=count_of(words, group), title=title_of(group), sure=sure_of(words, group)
            )
        return None


class DuplicateList(QListView):
    """Signals: `picked()` another group is the current one; `wanted(str)` a verb of the room `duplicates`."""

    picked = Signal()
    wanted = Signal(str)

    def __init__(self, desk: Desk, rows: GroupRows) -> None:
        super().__init__()
        self._desk = desk
        self.setModel(rows)
        self.setItemDelegate(_GroupDelegate(desk, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        desk.words.bind(self, QListView.setAccessibleName, "ui.duplicates.list")
        desk.look.changed.connect(self.viewport().update)
        desk.words.changed.connect(self.viewport().update)
        desk.thumbnails.arrived.connect(lambda _item_id: self.viewport().update())

    @property
    def current(self) -> Group | None:
        """The group that is chosen."""
        index = self.currentIndex()
        return index.data(GROUP) if index.isValid() else None

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """As Qt tells it."""
        super().currentChanged(current, previous)
        self.picked.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a row from the first moment."""
        super().focusInEvent(event)
        make_current(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `duplicates`."""
        verb = self._desk.keys.meant(event, "duplicates")
        if verb:
            self.wanted.emit(verb)
        else:
            super().keyPressEvent(event)


class _GroupDelegate(QStyledItemDelegate):
    """Two small pictures, one where there is little room, and beside them two lines."""

    def __init__(self, desk: Desk, parent: QListView) -> None:
        super().__init__(parent)
        self._desk = desk
        self._list = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are alike."""
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        desk, colours, group = self._desk, self._desk.look.colours, index.data(GROUP)
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        paint_ground(painter, rect, option, colours, is_current=is_current(self._list, index))
        shown = [member.item for member in group.members[: 2 if rect.width() >= TWO_PICTURES else 1]]
        for number, item in enumerate(shown):
            place = QRect(rect.left() + 8 + number * (SIDE + 4), rect.center().y() - SIDE // 2, SIDE, SIDE)
            ratio, top = self._list.devicePixelRatioF(), cover_top(item.kind)
            picture = desk.thumbnails.picture(item.id, place.size(), ratio, radius=4, top=top)
            if picture is not None:
                painter.drawPixmap(place, picture)
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.hovered))
                painter.drawRoundedRect(place, 4, 4)
                icon = draw_icon(item.kind.value, colours.text_soft, 20)
                painter.drawPixmap(place.center().x() - 10, place.center().y() - 10, icon)
        room = rect.adjusted(8 + len(shown) * (SIDE + 4) + 6, 8, -10, -8)
        above, below = QRect(room), QRect(room)
        above.setHeight(room.height() // 2)
        below.setTop(above.bottom() + 1)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._list.font())
        painter.setPen(QColor(colours.text))
        elided = painter.fontMetrics().elidedText(title_of(group), Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(above, middle, elided)
        small = QFont(self._list.font())
        small.setPixelSize(12)
        painter.setFont(small)
        painter.setPen(QColor(colours.text_soft))
        separator = desk.words.say("ui.list_separator")
        text = count_of(desk.words, group)
        if not group.is_exact:
            text = separator.join((text, sure_of(desk.words, group)))
        painter.drawText(
            below, middle, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        )
        painter.restore()
