"""What a person marked in an item, and its chapters: a list to jump from. A mark's note is written where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from media_assistant.items.answers import Details
from media_assistant.items.chapters import Chapter
from media_assistant.items.clock import clock
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.look.icons import paint_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.plain import column, label
from media_assistant.ui.words import Words

TIME_WIDTH = 56
MARK_ROLE = Qt.ItemDataRole.UserRole
START_ROLE = Qt.ItemDataRole.UserRole + 1


class ChaptersView(QWidget):
    """Signals: `sought(int)` a time in ms; `moment_wanted(Moment)` a mark in a text; `noted(Moment, str)` a mark has this
    note now; `unmarked(Moment)` a mark is not wanted any more.
    """

    sought = Signal(int)
    moment_wanted = Signal(object)
    noted = Signal(object, str)
    unmarked = Signal(object)

    def __init__(self, look: Look, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._details: Details | None = None
        self._chapters: tuple[Chapter, ...] = ()
        self._is_filling = self._is_behind = False
        down = column(self, margins=(0, 8, 0, 0), gap=6)
        self._none = label("faint", wraps=True)
        down.addWidget(self._none)
        self.list = _List(look)
        words.bind(self.list, QListWidget.setAccessibleName, "ui.chapters.name")
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.list.itemChanged.connect(self._changed)
        self.list.removal_wanted.connect(self._remove)
        self.list.edit_ended.connect(self._catch_up)
        down.addWidget(self.list, 1)
        down.addStretch(0)
        words.changed.connect(self._fill)

    def show_details(self, details: Details | None, chapters: Sequence[Chapter]) -> None:
        """Show an item's marks and chapters, or nothing. A note that is being typed is not disturbed, and kept where another
        item comes.
        """
        marks = details.marks if details else ()
        known = self._details.marks if self._details else ()
        is_first = details is None or self._details is None
        if (details.item.id if details else 0) != (self._details.item.id if self._details else 0):
            self.list.close_editor()
        if is_first or marks != known or tuple(chapters) != self._chapters:
            self._details, self._chapters = details, tuple(chapters)
            self._fill()
        self._details = details

    def edit_note(self, mark: Moment) -> None:
        """Write its note."""
        for at in range(self.list.count()):
            entry = self.list.item(at)
            there = entry.data(MARK_ROLE)
            if isinstance(there, Moment) and there.span == mark.span:
                self.list.setCurrentItem(entry)
                self.list.editItem(entry)
                return

    def show_position(self, ms: int) -> None:
        """Mark the chapter of now."""
        self.list.show_now(
            max(
                (at for at in range(self.list.count()) if self._is_chapter(at) and self._start(at) <= ms),
                default=-1,
                key=self._start,
            )
        )

    def _is_chapter(self, at: int) -> bool:
        return self.list.item(at).data(MARK_ROLE) is None and self._start(at) >= 0

    def _start(self, at: int) -> int:
        start = self.list.item(at).data(START_ROLE)
        return -1 if start is None else int(start)

    def _catch_up(self) -> None:
        if self._is_behind:
            self._fill()

    def _fill(self) -> None:
        self._is_behind = self.list.is_editing
        if self._is_behind:
            return
        self._is_filling = True
        row = self.list.currentRow()
        self.list.clear()
        words, details = self._words, self._details
        marks = details.marks if details else ()
        self._none.setText(words.say("ui.chapters.none"))
        self._none.setVisible(details is not None and not marks and not self._chapters)
        if marks:
            self._add_heading(words.say("ui.chapters.marks"))
        for mark in marks:
            self._add_mark(mark)
        if self._chapters:
            is_told = self._chapters[0].is_from_file
            self._add_heading(words.say("ui.chapters.told" if is_told else "ui.chapters.found"))
        for number, chapter in enumerate(self._chapters, 1):
            names = words.say("ui.list_separator").join(words.concept(concept) for concept in chapter.concepts)
            title = chapter.title if chapter.is_from_file else names or chapter.title
            self._add(chapter.start_ms, title or words.say("ui.chapters.numbered", number=words.number(number)), None)
        self.list.setVisible(self.list.count() > 0)  # nothing takes the keyboard where there is nothing
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self._is_filling = False

    def _add_heading(self, text: str) -> None:
        entry = QListWidgetItem(text, self.list)
        entry.setFlags(Qt.ItemFlag.NoItemFlags)

    def _add_mark(self, mark: Moment) -> None:
        start = mark.span.start_ms if isinstance(mark.span, TimeSpan) else -1
        entry = self._add(start, mark.text, mark)
        entry.setFlags(entry.flags() | Qt.ItemFlag.ItemIsEditable)
        entry.setToolTip(self._words.say("ui.mark.tip"))
        said = mark.text or self._words.say("ui.mark.bare")
        entry.setData(Qt.ItemDataRole.AccessibleTextRole, f"{_place(self._words, mark, start)} {said}")

    def _add(self, start_ms: int, text: str, mark: Moment | None) -> QListWidgetItem:
        entry = QListWidgetItem(text, self.list)
        entry.setData(START_ROLE, start_ms)
        entry.setData(MARK_ROLE, mark)
        entry.setData(_TIME_ROLE, _place(self._words, mark, start_ms))
        entry.setData(_EMPTY_ROLE, self._words.say("ui.mark.no_note") if mark is not None else "")
        entry.setData(Qt.ItemDataRole.AccessibleTextRole, f"{_place(self._words, mark, start_ms)} {text}")
        return entry

    def _choose(self, entry: QListWidgetItem) -> None:
        mark, start = entry.data(MARK_ROLE), entry.data(START_ROLE)
        if isinstance(mark, Moment) and not isinstance(mark.span, TimeSpan):
            self.moment_wanted.emit(mark)
        elif start is not None:
            self.sought.emit(int(start))

    def _changed(self, entry: QListWidgetItem) -> None:
        mark = entry.data(MARK_ROLE)
        if not self._is_filling and isinstance(mark, Moment) and entry.text() != mark.text:
            self.noted.emit(mark, entry.text())

    def _remove(self) -> None:
        entry = self.list.currentItem()
        mark = entry.data(MARK_ROLE) if self.list.currentRow() >= 0 else None
        if isinstance(mark, Moment):
            self.unmarked.emit(mark)


_TIME_ROLE = Qt.ItemDataRole.UserRole + 2
_EMPTY_ROLE = Qt.ItemDataRole.UserRole + 3


def _place(words: Words, mark: Moment | None, start_ms: int) -> str:
    if mark is not None and isinstance(mark.span, TextSpan):
        return words.say("ui.page", page=words.number(mark.span.page))
    return clock(start_ms) if start_ms >= 0 else ""


class _List(QListWidget):
    """Signals: `removal_wanted()` Del on an entry; `edit_ended()`."""

    removal_wanted = Signal()
    edit_ended = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.now = -1
        self._entries = _Delegate(look, self)
        self.setItemDelegate(self._entries)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setMouseTracking(True)
        look.changed.connect(self.viewport().update)

    def show_now(self, row: int) -> None:
        """The entry of now."""
        if row != self.now:
            self.now = row
            self.viewport().update()

    @property
    def is_editing(self) -> bool:
        """Whether a note is open to be typed into."""
        return self.state() is QAbstractItemView.State.EditingState

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """The list may change again."""
        super().closeEditor(editor, hint)
        if not self.is_editing:
            self.edit_ended.emit()

    def close_editor(self) -> None:
        """Leave what is open; what was typed is kept."""
        editor = self._entries.editor
        if editor is not None and self.is_editing:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on the first entry under a heading if it was nowhere."""
        super().focusInEvent(event)
        if self.currentRow() < 0 and self.count() > 1:
            self.setCurrentRow(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes a mark away; arrows and Enter are the list's, everything else belongs to the player."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wanted.emit()
        elif event.text() and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # no search by letters here: M marks, J K L play
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Time at the left, words at the right; a flag before a mark."""

    def __init__(self, look: Look, view: _List) -> None:
        super().__init__(view)
        self._look = look
        self._view = view
        self.editor: QWidget | None = None
        """The one that was opened last."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line; a heading has more room above."""
        return QSize(100, 30 if index.data(START_ROLE) is not None else 34)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """A field of one line."""
        self.editor = super().createEditor(parent, option, index)
        return self.editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Over the words, not over the time."""
        editor.setGeometry(QRect(option.rect).adjusted(TIME_WIDTH, 0, -4, 0))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One entry."""
        colours, rect = self._look.colours, QRect(option.rect).adjusted(0, 1, -4, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        font = QFont(self._view.font())
        if index.data(START_ROLE) is None:
            font.setPixelSize(12)
            font.setWeight(QFont.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(QColor(colours.text_soft))
            painter.drawText(rect.adjusted(8, 8, 0, 0), flags, str(index.data()))
            painter.restore()
            return
        is_now = index.row() == self._view.now
        if is_now or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected if is_now else colours.hovered))
            painter.drawRoundedRect(rect, 6, 6)
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.setPen(QColor(colours.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 6, 6)
        small = QFont(font)
        small.setPixelSize(12)
        painter.setFont(small)
        painter.setPen(QColor(colours.text_soft if is_now else colours.text_faint))
        painter.drawText(rect.adjusted(8, 0, 0, 0), flags, str(index.data(_TIME_ROLE)))
        room = rect.adjusted(TIME_WIDTH, 0, -6, 0)
        if index.data(MARK_ROLE) is not None:
            paint_icon(painter, QRect(room.left(), room.center().y() - 7, 15, 15).toRectF(), "mark", colours.link)
            room = room.adjusted(20, 0, 0, 0)
        text = " ".join(str(index.data() or "").split())
        painter.setFont(font)
        painter.setPen(QColor((colours.text if is_now else colours.text_soft) if text else colours.text_faint))
        shown = painter.fontMetrics().elidedText(
            text or str(index.data(_EMPTY_ROLE)), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, flags, shown)
        painter.restore()
