"""What is said, line by line: a click plays from there, the line of now is marked, the words of the search stand out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.lines import MOMENT_ROLE, LineItemModel
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.plain import button, column, label, row
from media_assistant.ui.words import clock

FORMATS = ("srt", "vtt", "txt", "lrc", "json")
TIME_WIDTH = 52


class TranscriptView(QWidget):
    """Signals: `moment_wanted(Moment)` when a line is chosen to be played."""

    moment_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._details: Details | None = None
        self._row = -1
        down = column(self, margins=(0, 8, 0, 0), gap=6)
        head = row(gap=6)
        self._source = label("badge")
        self._language = label("badge")
        head.addWidget(self._language)
        head.addWidget(self._source)
        head.addStretch(1)
        self.export = button(desk.words, "ui.export.button")
        menu = QMenu(self.export)
        for to in FORMATS:
            action = menu.addAction("")
            desk.words.bind(action, type(action).setText, f"ui.export.{to}")
            action.triggered.connect(lambda _checked=False, to=to: self._export(to))
        self.export.setMenu(menu)
        head.addWidget(self.export)
        down.addLayout(head)
        self._none = label("faint", wraps=True)
        down.addWidget(self._none)
        self.lines = LineItemModel()
        self.list = _LineList(self.lines, desk.look)
        desk.words.bind(self.list, _LineList.setAccessibleName, "ui.transcript.name")
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        down.addWidget(self.list, 1)
        down.addStretch(0)

    def show_details(self, details: Details | None, terms: Sequence[str]) -> None:
        """Show an item's spoken (or sung, or subtitle) lines."""
        self._details = details
        said = [line for line in details.lines if line.sense is Sense.SAID] if details else []
        self.list.marker = Marker(terms)
        if said != self.lines.lines:
            self.lines.show(said)
            self._row = -1
        self.list.viewport().update()
        has_lines = bool(self.lines.lines)
        for widget in (self.export, self.list, self._language, self._source):
            widget.setVisible(has_lines)
        self._none.setVisible(not has_lines and details is not None)
        self._speak()

    def _speak(self) -> None:
        words, details = self._desk.words, self._details
        if details is None:
            return
        if self.lines.lines:
            first = self.lines.lines[0]
            name = self._desk.words.language_name(first.language)
            self._language.setText(name)
            self._language.setVisible(bool(name))
            source = words.say(
                "ui.transcript.subtitle" if first.source.analyser == "subtitles" else "ui.transcript.recognised"
            )
            self._source.setText(source)
            self._source.setToolTip(first.source.model)
            return
        speech = next((entry for entry in details.analyses if entry.analyser == "speech"), None)
        if speech is not None and speech.state in ("waiting", "running", "paused"):
            self._none.setText(words.say("ui.transcript.waiting"))
        elif speech is not None and speech.error:
            self._none.setText(words.sentence(speech.error))
        elif speech is None and details.item.kind in (Kind.VIDEO, Kind.MUSIC) and not self._is_switched_off():
            # Never queued: what can be done here is queued as soon as the item is in.
            self._none.setText(words.say("ui.transcript.no_model"))
        else:
            self._none.setText(words.say("ui.transcript.none"))

    def _is_switched_off(self) -> bool:
        return "speech" in self._desk.assistant.settings.switched_off

    def show_position(self, ms: int) -> None:
        """Mark the line of now and keep it in sight, unless the person is reading elsewhere."""
        at = self.lines.row_at(ms)
        if at == self._row:
            return
        self._row = at
        self.list.current_line = at
        self.list.viewport().update()
        if at >= 0 and not self.list.viewport().underMouse() and not self.list.hasFocus():
            self.list.scrollTo(self.lines.index(at), QListView.ScrollHint.PositionAtCenter)

    def line_at(self, ms: int) -> str:
        """The words of a time."""
        at = self.lines.row_at(ms)
        return self.lines.lines[at].text if at >= 0 else ""

    def _choose(self, index: QModelIndex) -> None:
        moment = index.data(MOMENT_ROLE)
        if isinstance(moment, Moment):
            self.moment_wanted.emit(moment)

    def _export(self, to: str) -> None:
        if self._details is None:
            return
        item = self._details.item
        dialog = QFileDialog(
            self, self._desk.words.say("ui.export.title"), str(Path(item.path).with_suffix(f".{to}").name)
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(to)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(
            lambda file: actions.export_transcript(self._desk, item=item, to=to, target=Path(file), owner=self)
        )
        dialog.open()


class _LineList(QListView):
    """The list itself; rows are as high as their words need."""

    def __init__(self, lines: LineItemModel, look: Look) -> None:
        super().__init__()
        self.marker = Marker(())
        self.current_line = -1
        self._look = look
        self.setModel(lines)
        self.setItemDelegate(_LineDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(200)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        look.changed.connect(self.viewport().update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other widths wrap the words otherwise."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy takes the line's words; Enter plays."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.currentIndex().isValid():
            from PySide6.QtGui import QGuiApplication

            QGuiApplication.clipboard().setText(str(self.currentIndex().data()))
        else:
            super().keyPressEvent(event)


class _LineDelegate(QStyledItemDelegate):
    """Time at the left, words at the right, matches marked."""

    def __init__(self, look: Look, view: _LineList) -> None:
        super().__init__(view)
        self._look = look
        self._view = view

    def _layout(self, text: str, width: int, font: QFont) -> QTextLayout:
        made = QTextLayout(text.replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        made.beginLayout()
        y = 0.0
        while (line := made.createLine()).isValid():
            line.setLineWidth(max(40, width))
            line.setPosition(QPointF(0, y))
            y += line.height()
        made.endLayout()
        return made

    def _room(self) -> int:
        return self._view.viewport().width() - TIME_WIDTH - 16

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """High enough for the words."""
        layout = self._layout(str(index.data()), self._room(), self._view.font())
        return QSize(100, round(layout.boundingRect().height()) + 12)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One line."""
        colours = self._look.colours
        rect = QRect(option.rect).adjusted(0, 1, -4, -1)
        state = option.state
        is_now = index.row() == self._view.current_line
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_now or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected if is_now else colours.hovered))
            painter.drawRoundedRect(rect, 6, 6)
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.setPen(QColor(colours.focus))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 6, 6)
        moment = index.data(MOMENT_ROLE)
        small = QFont(self._view.font())
        small.setPixelSize(12)
        painter.setFont(small)
        painter.setPen(QColor(colours.text_faint if not is_now else colours.text_soft))
        if isinstance(moment, Moment) and isinstance(moment.span, TimeSpan):
            painter.drawText(
                rect.left() + 8, rect.top() + 5 + painter.fontMetrics().ascent(), clock(moment.span.start_ms)
            )
        text = str(index.data())
        layout = self._layout(text, self._room(), self._view.font())
        marks = []
        for start, length in self._view.marker.find(text):
            mark = QTextLayout.FormatRange()
            mark.start, mark.length = start, length
            look = QTextCharFormat()
            look.setBackground(QColor(colours.match_ground))
            look.setForeground(QColor(colours.match_text))
            mark.format = look
            marks.append(mark)
        painter.setPen(QColor(colours.text if is_now else colours.text_soft))
        layout.draw(painter, QPointF(rect.left() + TIME_WIDTH, rect.top() + 5), marks)
        painter.restore()
