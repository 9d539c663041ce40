"""How a line of a transcript is drawn, and the field that it is typed in."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTextBoundaryFinder,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from media_assistant.items.clock import clock
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.transcript import PERSON, doubtful, span_of
from media_assistant.ui.item_models.lines import MOMENT_ROLE
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.widgets.fields import TextField
from media_assistant.ui.widgets.search.code_units import stretches_in_units, to_points, to_units

TIME_WIDTH = 52
_KEPT = 400
"""Layouts: several screens full."""
_TOP, _PADDING = 6, 13


class LineEditor(TextField):
    """Enter keeps and leaves, Tab goes on to the next line, Shift+Enter begins a new row, Esc leaves without keeping.

    Signals: `kept(EndEditHint)`; `split_wanted(int)` before which character; `grew(int)` the height that the text needs;
    `name_wanted(str)` the chosen words are a name to expect.
    """

    kept = Signal(object)
    split_wanted = Signal(int)
    grew = Signal(int)
    name_wanted = Signal(str)

    def __init__(self, owner: QWidget, line: Moment, keys: Keys, name_verb: str) -> None:
        super().__init__(owner)
        self.line = line
        self._name_verb = name_verb
        self._keys = keys
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("role", "line")
        self.document().setDocumentMargin(3)
        self.setPlainText(line.text)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.grew.emit(self.needed_height()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """As usual, and: a name to expect from now on."""
        menu = self.createStandardContextMenu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = " ".join(self.textCursor().selectedText().split())
        if chosen:
            menu.addSeparator()
            menu.addAction(self._name_verb).triggered.connect(lambda: self.name_wanted.emit(chosen))
        menu.popup(event.globalPos())

    def needed_height(self) -> int:
        """For all of its rows."""
        rows = self.document().size().height()
        return round(rows * self.fontMetrics().lineSpacing()) + 14

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        if self._keys.meant(event, "transcript") == "split":
            self.split_wanted.emit(to_points(self.toPlainText(), self.textCursor().position()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier
        ):
            self.kept.emit(QAbstractItemDelegate.EndEditHint.NoHint)
        elif event.key() == Qt.Key.Key_Tab:
            self.kept.emit(QAbstractItemDelegate.EndEditHint.EditNextItem)
        elif event.key() == Qt.Key.Key_Backtab:
            self.kept.emit(QAbstractItemDelegate.EndEditHint.EditPreviousItem)
        else:
            super().keyPressEvent(event)


class Rows(Protocol):
    """What the delegate needs of the list that it draws for."""

    marker: Marker
    now: int
    retyped: Any
    split_wanted: Any

    def viewport(self) -> QWidget:
        """Where the rows are."""

    def font(self) -> QFont:
        """What they are written in."""

    def hasFocus(self) -> bool:
        """Whether keys go there."""

    def currentIndex(self) -> QModelIndex:
        """The row that verbs are about."""

    def grow(self, row: int, height: int) -> None:
        """Room for what is being typed."""


class LineDelegate(QStyledItemDelegate):
    """Time at the left, words at the right; matches marked, words in doubt underlined quietly.

    Signals: `name_wanted(str)` as of the editor; `opened()` a line is about to be typed into.
    """

    name_wanted = Signal(str)
    opened = Signal()

    def __init__(self, look: Look, keys: Keys, view: Rows, owner: QObject) -> None:
        super().__init__(owner)
        self._look = look
        self._keys = keys
        self._view = view
        self._layouts: OrderedDict[int, tuple[Moment, int, QTextLayout]] = OrderedDict()
        self.layouts_made = 0
        """How many texts were laid out so far: what scrolling and following may cost is counted, not timed."""
        self.choose: tuple[int, int] | None = None
        self.editor: LineEditor | None = None
        self.editor_name = ""
        self.name_verb = ""

    # ── drawing ───────────────────────────────────────────────────────────────────────────────────────────────────

    def height_of(self, line: Moment) -> int:
        """Of its row."""
        return round(self._layout(line).boundingRect().height()) + _PADDING

    def _layout(self, line: Moment) -> QTextLayout:
        width = max(40, self._view.viewport().width() - TIME_WIDTH - 16)
        known = self._layouts.get(id(line))
        if known is not None and known[0] is line and known[1] == width:
            self._layouts.move_to_end(id(line))
            return known[2]
        self.layouts_made += 1
        made = QTextLayout(line.text.replace("\n", "\u2028"), self._view.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        made.beginLayout()
        y = 0.0
        while (row := made.createLine()).isValid():
            row.setLineWidth(width)
            row.setPosition(QPointF(0, y))
            y += row.height()
        made.endLayout()
        self._layouts[id(line)] = (line, width, made)
        if len(self._layouts) > _KEPT:
            self._layouts.popitem(last=False)
        return made

    def forget_others(self, shown: set[int]) -> None:
        """Keep how the lines of these identities are laid out, and nothing of others: each takes kilobytes."""
        for gone in [each for each in self._layouts if each not in shown]:
            del self._layouts[gone]

    def word_at(self, line: Moment, point: QPointF) -> tuple[int, int] | None:
        """[from, to) of the word under a point, counted from the upper left corner of the line's row; None beside words."""
        layout, at = self._layout(line), point - QPointF(TIME_WIDTH, _TOP)
        for number in range(layout.lineCount()):
            row = layout.lineAt(number)
            if row.naturalTextRect().contains(at):
                place = row.xToCursor(at.x(), QTextLine.CursorPosition.CursorOnCharacter)
                words = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Word, line.text)
                words.setPosition(place)
                begin = place if words.isAtBoundary() else words.toPreviousBoundary()
                begin, end = (to_points(line.text, unit) for unit in (begin, words.toNextBoundary()))
                return (begin, end) if any(map(str.isalnum, line.text[begin:end])) else None
        return None

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """High enough for the words."""
        line = index.data(MOMENT_ROLE)
        return QSize(100, self.height_of(line) if isinstance(line, Moment) else 20)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line."""
        line = index.data(MOMENT_ROLE)
        if not isinstance(line, Moment):
            return
        colours, view = self._look.colours, self._view
        given: Any = option
        rect = QRect(given.rect).adjusted(0, 1, -4, -1)
        is_now = index.row() == view.now
        is_chosen = bool(given.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_now or is_chosen or given.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected if is_now else colours.hovered))
            painter.drawRoundedRect(rect, 6, 6)
        if is_chosen or (view.hasFocus() and index == view.currentIndex()):
            painter.setPen(QColor(colours.focus if view.hasFocus() else colours.line_strong))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 6, 6)
        small = QFont(view.font())
        small.setPixelSize(12)
        painter.setFont(small)
        painter.setPen(QColor(colours.text_soft if is_now or is_chosen else colours.text_faint))
        painter.drawText(
            rect.left() + 8, rect.top() + _TOP - 1 + painter.fontMetrics().ascent(), clock(span_of(line).start_ms)
        )
        painter.setPen(QColor(colours.text if is_now or is_chosen or line.source == PERSON else colours.text_soft))
        place = QPointF(rect.left() + TIME_WIDTH, rect.top() + _TOP - 1)
        self._layout(line).draw(painter, place, self._formats(line))
        painter.restore()

    def _formats(self, line: Moment) -> list[QTextLayout.FormatRange]:
        colours = self._look.colours
        made: list[QTextLayout.FormatRange] = []
        doubts = [(begin, end - begin) for begin, end in doubtful(line)]
        for begin, end in stretches_in_units(line.text, doubts):
            doubt = QTextCharFormat()
            doubt.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
            doubt.setUnderlineColor(colours.sense_text(Sense.SAID))
            made.append(_range(begin, end - begin, doubt))
        for begin, end in stretches_in_units(line.text, self._view.marker.find(line.text)):
            mark = QTextCharFormat()
            mark.setBackground(QColor(colours.match_ground))
            mark.setForeground(QColor(colours.match_text))
            made.append(_range(begin, end - begin, mark))
        return made

    # ── typing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        """The field over the words."""
        line = index.data(MOMENT_ROLE)
        assert isinstance(line, Moment)
        editor = LineEditor(parent, line, self._keys, self.name_verb)
        editor.setAccessibleName(self.editor_name)
        self.editor = editor
        at = QPersistentModelIndex(index)
        editor.kept.connect(lambda hint: self._keep(editor, hint))
        editor.name_wanted.connect(self.name_wanted)
        editor.split_wanted.connect(lambda place: self._split(editor, place))
        editor.grew.connect(lambda height: self._view.grow(at.row(), height))
        cursor = editor.textCursor()
        if self.choose is not None:
            begin, end = (to_units(line.text, point) for point in self.choose)
            cursor.setPosition(begin)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        else:
            cursor.movePosition(QTextCursor.MoveOperation.End)
        editor.setTextCursor(cursor)
        self.choose = None
        self.opened.emit()
        return editor

    def setEditorData(self, _editor: QWidget, _index: QModelIndex | QPersistentModelIndex) -> None:
        """It was filled when it was made; what a person types is not overwritten."""

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Over the words, the time stays in sight."""
        given: Any = option
        editor.setGeometry(QRect(given.rect).adjusted(TIME_WIDTH - 8, 0, -9, 0))

    def setModelData(
        self, editor: QWidget, _model: QAbstractItemModel, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """What was typed goes to the library, which tells the model."""
        if isinstance(editor, LineEditor):
            self._view.retyped.emit(editor.line, editor.toPlainText())

    def _keep(self, editor: LineEditor, hint: QAbstractItemDelegate.EndEditHint) -> None:
        self.commitData.emit(editor)
        self.closeEditor.emit(editor, hint)

    def _split(self, editor: LineEditor, place: int) -> None:
        line, text = editor.line, editor.toPlainText()
        self.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.RevertModelCache)
        self._view.split_wanted.emit(line, text, place)


def _range(start: int, length: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length = start, length
    made.format = look
    return made
