"""The rows of the history: what was done, who did it and when; faint what holds no more, or was skipped."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from media_assistant.items.history import Entry, Happened, Understood
from media_assistant.ui import history_words
from media_assistant.ui.item_models.history_rows import ENTRY, HistoryItemModel
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.widgets.row_ground import is_current, make_current, menu_place, paint_ground
from media_assistant.ui.words import Words

ROW = 46
_ICONS = (("tag", "tag"), ("collection", "collection"), ("search", "search"), ("folder", "folder"), ("model", "models"))
_OTHERS = {
    "import": "import",
    "remove_items": "close",
    "relink": "arrow",
    "use_instead": "arrow",
    "accept_loss": "missing",
    "mark": "mark",
    "unmark": "mark",
    "note_mark": "mark",
    "take_back": "undo",
    "keep_duplicate": "copies",
    "part_duplicates": "copies",
    "remove_folder": "folder",
}
_Index = QModelIndex | QPersistentModelIndex


class HistoryList(QListView):
    """Signals: `picked()` another row is the current one; `wanted(str)` a verb of the room `history` for it;
    `menu_wanted(QPoint)` in the screen's coordinates.
    """

    picked = Signal()
    wanted = Signal(str)
    menu_wanted = Signal(QPoint)

    def __init__(self, look: Look, words: Words, keys: Keys, rows: HistoryItemModel) -> None:
        super().__init__()
        self._keys = keys
        self.setModel(rows)
        self.setItemDelegate(_HistoryDelegate(look, words, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        words.bind(self, QListView.setAccessibleName, "ui.history.list")
        look.changed.connect(self.viewport().update)

    @property
    def current(self) -> Entry | None:
        """The entry that is chosen."""
        index = self.currentIndex()
        return index.data(ENTRY) if index.isValid() else None

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        """As Qt tells it."""
        super().currentChanged(current, previous)
        self.picked.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a row from the first moment."""
        super().focusInEvent(event)
        make_current(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `history`."""
        verb = self._keys.meant(event, "history")
        if verb:
            self.wanted.emit(verb)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse where it is, by keyboard on the current row."""
        index, where = menu_place(self, event)
        if index.isValid():
            self.setCurrentIndex(index)
            self.menu_wanted.emit(where)


class _HistoryDelegate(QStyledItemDelegate):
    """An icon, what was done, and under it who and when."""

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
        colours, words, entry = self._look.colours, self._words, index.data(ENTRY)
        rect = QRect(option.rect).adjusted(0, 1, 0, -1)
        said, is_faint = history_words.state(words, entry), history_words.is_faint(entry)
        painter.save()
        paint_ground(painter, rect, option, colours, is_current=is_current(self._list, index))
        painter.drawPixmap(rect.left() + 12, rect.center().y() - 8, draw_icon(_icon(entry), colours.text_soft, 16))
        small = QFont(self._list.font())
        small.setPixelSize(12)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        wide = 0
        if said:
            painter.setFont(small)
            wide = painter.fontMetrics().horizontalAdvance(said) + 12
            painter.setPen(QColor(colours.text_soft))
            painter.drawText(rect.adjusted(0, 0, -12, 0), middle | int(Qt.AlignmentFlag.AlignRight), said)
        room = rect.adjusted(40, 4, -wide - 12, -4)
        painter.setFont(self._list.font())
        painter.setPen(QColor(colours.text_faint if is_faint else colours.text))
        above, below = QRect(room), QRect(room)
        above.setHeight(room.height() // 2)
        below.setTop(above.bottom() + 1)
        painter.drawText(above, middle, _fitted(painter, history_words.what(words, entry), room.width()))
        painter.setFont(small)
        painter.setPen(QColor(colours.text_faint if is_faint else colours.text_soft))
        by = words.say("ui.history.by", who=history_words.who(words, entry), at=history_words.when(words, entry.at))
        painter.drawText(below, middle, _fitted(painter, by, room.width()))
        painter.restore()


def _fitted(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


def _icon(entry: Entry) -> str:
    if isinstance(entry, Understood):
        return "models"
    if isinstance(entry, Happened):
        return {"searched": "search", "played": "play"}.get(entry.happening.verb.value, "text")
    if entry.takes_back:
        return "undo"
    return _OTHERS.get(entry.verb) or next((icon for part, icon in _ICONS if part in entry.verb), "text")
