"""A short help for the language of the search box: what can be written, what it finds, and a click to try it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QWidget

from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import native_key
from media_assistant.ui.widgets.plain import column, label, said
from media_assistant.ui.widgets.search.completer import opening_key
from media_assistant.ui.words import Words

EXAMPLES = (
    "words", "phrase", "choice", "refusal", "senses", "kinds", "tags", "places", "music", "days", "lengths", "stars", "has",
    "states", "like", "then", "while",
)  # fmt: skip
"""Each has a text to write and what that finds, `ui.query.help.<name>.text` and `.means`, in both languages."""

SIZE = (560, 520)
_MARGIN = 8


class QueryHelp(QFrame):
    """A popover under the search box. A text that is clicked is put there; Esc and a click elsewhere close it."""

    def __init__(self, words: Words, look: Look, choose: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._look = look
        self._choose = choose
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        words.bind(self, QFrame.setAccessibleName, "ui.query.help.title")
        outer = column(self, margins=(1, 1, 1, 1), gap=0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(area)
        page = QWidget()
        inside = column(page, margins=(16, 12, 16, 14), gap=8)
        inside.addWidget(said(words, "ui.query.help.title", "strong"))
        inside.addWidget(said(words, "ui.query.help.rules", "soft", wraps=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.rows: list[QPushButton] = []
        for at, name in enumerate(EXAMPLES):
            text, means = words.say(f"ui.query.help.{name}.text"), words.say(f"ui.query.help.{name}.means")
            example = QPushButton(text.replace("&", "&&"))
            example.setProperty("role", "quiet")
            example.setAutoDefault(False)
            example.setAccessibleName(f"{text}: {means}")
            example.clicked.connect(lambda _checked=False, text=text: self._take(text))
            explained = label("soft", wraps=True)
            explained.setText(means)
            grid.addWidget(example, at, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(explained, at, 1)
            self.rows.append(example)
        inside.addLayout(grid)
        completes = label("small", wraps=True)
        words.bind(completes, QLabel.setText, "ui.query.help.completes", key=native_key(opening_key()))
        inside.addWidget(completes)
        area.setWidget(page)
        look.changed.connect(self._dress)
        self._dress()

    def show_under(self, box: QWidget) -> None:
        """Below the box, within the window."""
        window = box.window()
        below = box.mapToGlobal(QPoint(0, box.height() + 4))
        foot = window.mapToGlobal(QPoint(0, window.height())).y() - _MARGIN
        right = window.mapToGlobal(QPoint(window.width(), 0)).x() - _MARGIN
        width = min(SIZE[0], window.width() - 2 * _MARGIN)
        self.resize(width, max(160, min(SIZE[1], foot - below.y())))
        self.move(max(window.mapToGlobal(QPoint(0, 0)).x() + _MARGIN, min(below.x(), right - width)), below.y())
        self.show()
        self.rows[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from example to example."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key()), 0)
        focused = next((at for at, each in enumerate(self.rows) if each.hasFocus()), None)
        if step and focused is not None:
            self.rows[(focused + step) % len(self.rows)].setFocus()
            return
        super().keyPressEvent(event)

    def _take(self, text: str) -> None:
        self.close()
        self._choose(text)

    def _dress(self) -> None:
        colours = self._look.colours
        self.setStyleSheet(
            f"QueryHelp {{ background: {colours.card}; border: 1px solid {colours.line_strong}; border-radius: 8px; }}"
            "QueryHelp QScrollArea, QueryHelp QScrollArea > QWidget > QWidget { background: transparent; }"
        )
