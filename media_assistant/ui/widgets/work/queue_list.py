"""What comes next, in order; a person drags it, or moves it by keys, into another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from media_assistant.items.answers import QueueEntry
from media_assistant.items.clock import clock
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys, native_key
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.words import Words

ROW = 40
MIME = "application/x-media-assistant-queue"
VERBS = ("first", "up", "down", "last", "hold", "cancel")
_ENTRY = int(Qt.ItemDataRole.UserRole) + 1
_Index = QModelIndex | QPersistentModelIndex


class QueueItemModel(QAbstractListModel):
    """Signals: `moved(QueueEntry, object)` an entry was dropped before another one, or behind all (None)."""

    moved = Signal(object, object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.entries: list[QueueEntry] = []

    def show_entries(self, entries: Sequence[QueueEntry]) -> bool:
        """Show these; False if they are what is shown already."""
        if list(entries) == self.entries:
            return False
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        """All of them."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Title, and for a screen reader what is done with it and whether it is held back."""
        entry = self.entries[index.row()]
        if role == _ENTRY:
            return entry
        if role == int(Qt.ItemDataRole.DisplayRole):
            return entry.title
        if role in (int(Qt.ItemDataRole.AccessibleTextRole), int(Qt.ItemDataRole.ToolTipRole)):
            told = f"{entry.title} — {describe(entry, self._words)}"
            return plain_tip(told) if role == int(Qt.ItemDataRole.ToolTipRole) else told
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Waiting entries can be dragged; what is held back keeps its place."""
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        is_waiting = self.entries[index.row()].state == "waiting"
        return plain | Qt.ItemFlag.ItemIsDragEnabled if is_waiting else plain

    def supportedDropActions(self) -> Qt.DropAction:
        """Moving alone."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Our own."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The row that is dragged."""
        carried = QMimeData()
        carried.setData(MIME, str(indexes[0].row()).encode())
        return carried

    def dropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: _Index) -> bool:
        """Tell where it was let go. False always: the rows follow the library, not the view."""
        if data.hasFormat(MIME):
            source = int(bytes(data.data(MIME).data()))
            target = row if row >= 0 else parent.row() if parent.isValid() else len(self.entries)
            self.move(source, target)
        return False

    def move(self, source: int, target: int) -> None:
        """Put the entry of row `source` before row `target`; behind the last waiting one it goes behind everything."""
        waiting = sum(entry.state == "waiting" for entry in self.entries)
        if not 0 <= source < waiting or target in (source, source + 1):
            return
        self.moved.emit(self.entries[source], self.entries[target] if target < waiting else None)


def describe(entry: QueueEntry, words: Words) -> str:
    """`Understanding · 3:20`."""
    parts = [words.say(f"ui.stage.{entry.stage}")]
    if entry.duration_ms:
        parts.append(clock(entry.duration_ms))
    if entry.state == "paused":
        parts.append(words.say("ui.queue.held"))
    return " · ".join(parts)


class QueueList(QListView):
    """Signals: `wanted(str, QueueEntry)` a verb of VERBS for an entry; `opened(int)` its item."""

    wanted = Signal(str, object)
    opened = Signal(int)

    def __init__(self, look: Look, words: Words, keys: Keys) -> None:
        super().__init__()
        self._words = words
        self._keys = keys
        self.items = QueueItemModel(words)
        self.setModel(self.items)
        self.setItemDelegate(_QueueDelegate(look, words, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        words.bind(self, QListView.setAccessibleName, "ui.queue.next")
        self.activated.connect(lambda index: self.opened.emit(index.data(_ENTRY).item_id))
        look.changed.connect(self.viewport().update)

    @property
    def current(self) -> QueueEntry | None:
        """The entry that the keys mean."""
        index = self.currentIndex()
        return index.data(_ENTRY) if index.isValid() else None

    def show_entries(self, entries: Sequence[QueueEntry]) -> None:
        """Show these; the chosen one stays chosen wherever it is now. Not while one is dragged."""
        if self.state() is QAbstractItemView.State.DraggingState:
            return
        before = self.current
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        if not self.items.show_entries(entries):
            return
        self.verticalScrollBar().setValue(scrolled)
        if before is not None and entries:
            place = (before.item_id, before.stage)
            row = next((row for row, each in enumerate(entries) if (each.item_id, each.stage) == place), at)
            self.setCurrentIndex(self.items.index(min(row, len(entries) - 1)))

    def do(self, verb: str) -> None:
        """A verb for the current entry."""
        entry, row = self.current, self.currentIndex().row()
        if entry is None:
            return
        if verb in ("first", "up", "down", "last"):
            rows = self.items.rowCount()
            self.items.move(row, {"first": 0, "up": max(0, row - 1), "down": row + 2, "last": rows}[verb])
        else:
            self.wanted.emit(verb, entry)

    def menu(self) -> QMenu:
        """What can be done with the current entry."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entry = self.current
        is_held = entry is not None and entry.state == "paused"
        for verb in VERBS:
            code = "go_on" if verb == "hold" and is_held else verb
            action = menu.addAction(self._words.say(f"ui.queue.{code}"))
            keys = self._keys.of(f"queue.{verb}")
            action.setShortcut(native_key(keys[0]) if keys else "")
            action.setEnabled(entry is not None and (not is_held or verb in ("hold", "cancel")))
            action.triggered.connect(lambda _checked=False, verb=verb: self.do(verb))
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `queue`."""
        verb = self._keys.meant(event, "queue")
        if verb in VERBS:
            self.do(verb)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse where it is, by keyboard on the current row."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            where = self.visualRect(self.currentIndex()).center()
        else:
            where = self.viewport().mapFromGlobal(event.globalPos())
            if self.indexAt(where).isValid():
                self.setCurrentIndex(self.indexAt(where))
        if self.current is not None:
            self.menu().popup(self.viewport().mapToGlobal(QPoint(where)))


class _QueueDelegate(QStyledItemDelegate):
    """Kind, title, what is done; faint what is held back."""

    def __init__(self, look: Look, words: Words, parent: QListView) -> None:
        super().__init__(parent)
        self._look = look
        self._words = words
        self._list = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """All rows are alike."""
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One row."""
        colours, entry = self._look.colours, index.data(_ENTRY)
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_held = entry.state == "paused"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected if is_chosen else colours.hovered))
            painter.drawRoundedRect(rect, 6, 6)
        if self._list.hasFocus() and index == self._list.currentIndex():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.focus), 1))
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 6, 6)
        icon = "pause" if is_held else entry.kind.value
        painter.drawPixmap(rect.left() + 10, rect.center().y() - 8, draw_icon(icon, colours.text_soft, 16))
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        small = QFont(self._list.font())
        small.setPixelSize(12)
        painter.setFont(small)
        about = describe(entry, self._words)
        wide = min(rect.width() // 2, painter.fontMetrics().horizontalAdvance(about) + 4)
        painter.setPen(QColor(colours.text_soft))
        painter.drawText(
            rect.adjusted(rect.width() - wide - 12, 0, -12, 0), middle | int(Qt.AlignmentFlag.AlignRight), about
        )
        painter.setFont(self._list.font())
        painter.setPen(QColor(colours.text_soft if is_held else colours.text))
        room = rect.adjusted(36, 0, -wide - 24, 0)
        title = " ".join(entry.title.split())
        painter.drawText(
            room, middle, painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, room.width())
        )
        painter.restore()
