"""The one search box: four senses to switch, words, and an answer as you type."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QLineEdit, QWidget

from media_assistant.items.moment import Sense
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.plain import IconButton, label, row
from media_assistant.ui.widgets.search.completer import QueryCompleter
from media_assistant.ui.widgets.search.field import QueryField
from media_assistant.ui.widgets.search.help import QueryHelp
from media_assistant.ui.widgets.search.scope_chip import ScopeChip
from media_assistant.ui.words import Words

DEBOUNCE_MS = 120


class SenseChip(QAbstractButton):
    """Whether moments of one sense are shown; in the sense's own colour."""

    def __init__(self, sense: Sense, look: Look, words: Words) -> None:
        super().__init__()
        self.sense = sense
        self._look = look
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        words.bind(self, SenseChip._name, f"ui.sense.{sense.value}")
        words.bind(self, SenseChip.setToolTip, f"ui.sense.tip.{sense.value}")
        look.changed.connect(self.update)

    def _name(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its word."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 14, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Filled when on, an outline when off."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().adjusted(1, 2, -1, -2)
        painter.setPen(QColor(colours.focus) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colours.sense_ground(self.sense) if self.isChecked() else QColor(colours.field))
        if not self.isChecked() and not self.hasFocus():
            painter.setPen(QColor(colours.line_strong))
        painter.drawRoundedRect(rect, 5, 5)
        painter.setPen(colours.sense_text(self.sense) if self.isChecked() else QColor(colours.text_faint))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())


class SearchBox(QFrame):
    """Signals: `asked(str)` 120 ms after the last key, at once on Enter; `senses_changed()`; `left_down()` on the down key;
    `keep_wanted()` when the search is to be saved; `scope_left()` to search in all of the library.
    """

    asked = Signal(str)
    senses_changed = Signal()
    left_down = Signal()
    keep_wanted = Signal()
    scope_left = Signal()

    def __init__(self, look: Look, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._words = words
        self.setProperty("box", "search")
        self.setFixedHeight(36)
        layout = row(self, margins=(10, 0, 4, 0), gap=5)
        self._icon = QLabel()
        layout.addWidget(self._icon)
        self.chips = [SenseChip(sense, look, words) for sense in Sense]
        for chip in self.chips:
            layout.addWidget(chip)
            chip.toggled.connect(self.senses_changed)
        self.scope = ScopeChip(look, words)
        self.scope.clicked.connect(self.scope_left)
        layout.addWidget(self.scope)
        self.field = QueryField(look)
        self.field.setFrame(False)
        self.field.setMinimumWidth(60)
        words.bind(self.field, QLineEdit.setPlaceholderText, "ui.search.prompt")
        words.bind(self.field, QLineEdit.setAccessibleName, "ui.search.name")
        words.bind(self.field, QLineEdit.setToolTip, "ui.search.tip")
        layout.addWidget(self.field, 1)
        self.keep_button = IconButton(words, look, "saved", "ui.collection.save", self.keep_wanted.emit)
        self.keep_button.hide()
        layout.addWidget(self.keep_button)
        self.help_button = IconButton(words, look, "help", "ui.query.help.open", self.show_help)
        layout.addWidget(self.help_button)
        self.completer = QueryCompleter(self.field, look)
        words.bind(self.completer, QueryCompleter.name, "ui.complete.name")
        self.fault_line = label("bad", wraps=True)
        """What in the words is not understood; whoever shows the box shows it below."""
        self.fault_line.setContentsMargins(16, 2, 16, 6)
        self.fault_line.hide()
        self.field.explain = lambda fault: words.sentence(fault.says)
        self.field.settled.connect(self._tell_faults)
        words.changed.connect(self._tell_faults)
        self.clear_button = IconButton(words, look, "close", "ui.search.clear", self.clear)
        self.clear_button.hide()
        layout.addWidget(self.clear_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._ask)
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self._ask_at_once)
        self.field.installEventFilter(self)
        look.changed.connect(self._dress)
        self._dress()

    @property
    def text(self) -> str:
        """What is asked for."""
        return " ".join(self.field.text().split())

    @property
    def senses(self) -> frozenset[Sense]:
        """The senses that are switched on; all when none is."""
        chosen = frozenset(chip.sense for chip in self.chips if chip.isChecked())
        return chosen or frozenset(Sense)

    def show_help(self) -> None:
        """What can be written here; a chosen example is asked at once."""
        QueryHelp(self._words, self._look, self._try, self).show_under(self)

    def clear(self) -> None:
        """Nothing is asked any more."""
        self.field.clear()
        self._ask()

    def ask(self, text: str) -> None:
        """As if the person had typed it and pressed Enter."""
        self.field.setText(text)
        self._ask_at_once()

    def take_letter(self, letter: str) -> None:
        """A letter typed elsewhere begins a new search here."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.setText(letter)

    def resizeEvent(self, event: QEvent) -> None:
        """Narrow windows keep the words and let the chips go."""
        wide = self.width() >= 430
        for chip in self.chips:
            chip.setVisible(wide)
        super().resizeEvent(event)  # type: ignore[arg-type]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads to the answers, Escape empties."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down and not self.completer.is_open:
                self.left_down.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.clear()
                return True
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._light(is_lit=event.type() is QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def _typed(self) -> None:
        self.clear_button.setVisible(bool(self.field.text()))
        self.keep_button.setVisible(bool(self.text))
        self._timer.start()

    def _try(self, text: str) -> None:
        self.ask(text)
        self.field.setFocus()

    def _tell_faults(self) -> None:
        faults = self.field.faults
        said = [self._words.sentence(fault.says) for fault in faults[:2]]
        self.fault_line.setText("\n".join(said))
        self.fault_line.setVisible(bool(said))
        self.field.setAccessibleDescription(self._words.say("ui.sentence_separator").join(said))
        self.fault_line.setProperty("role", "bad" if self.field.query.faults else "soft")
        self.fault_line.style().polish(self.fault_line)

    def _ask_at_once(self) -> None:
        """Whoever says that the words are whole wants to know what is wrong with them."""
        self.field.settle()
        self._ask()

    def _ask(self) -> None:
        self._timer.stop()
        self.asked.emit(self.text)

    def _dress(self) -> None:
        self._icon.setPixmap(draw_icon("search", self._look.colours.text_faint, 16))

    def _light(self, *, is_lit: bool) -> None:
        # Only this frame is polished anew: a style sheet of its own would be read for every part of it, with each letter
        # that opens the completion.
        self.setProperty("lit", is_lit)
        self.style().polish(self)
        self.update()
