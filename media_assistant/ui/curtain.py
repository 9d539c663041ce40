"""Lies over a window whose library is on its way, and says what is being done with it and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QProgressBar, QWidget

from media_assistant.ui.widgets.plain import column, frame, label, row, said

if TYPE_CHECKING:
    from media_assistant.ui.words import Words


class Curtain(QWidget):
    """Over the whole window, until `lift`."""

    def __init__(self, window: QWidget, words: Words, title: str, tip: str) -> None:
        """`title` and `tip` are codes of sentences."""
        super().__init__(window)
        self.setProperty("ground", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        across = row(self, margins=(24, 24, 24, 24))
        across.addStretch(1)
        card = frame(card="plain")
        card.setMaximumWidth(560)
        across.addWidget(card, 100, Qt.AlignmentFlag.AlignVCenter)
        across.addStretch(1)
        down = column(card, margins=(28, 24, 28, 22), gap=12)
        down.addWidget(said(words, title, "headline", wraps=True))
        self.text = label(wraps=True)
        self.text.setText(words.say(tip))
        down.addWidget(self.text)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1)
        words.bind(self.bar, QProgressBar.setAccessibleName, title)
        down.addWidget(self.bar)
        self._window = window
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def show_progress(self, done: int, total: int) -> None:
        """So much of it is done."""
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)

    def lift(self) -> None:
        """The window can be used."""
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the window."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)
