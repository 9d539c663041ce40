"""Lies over a window whose library is on its way, and says what is being done with it and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QProgressBar, QWidget

from media_assistant.ui.widgets.cover import Cover
from media_assistant.ui.widgets.plain import label, said

if TYPE_CHECKING:
    from media_assistant.ui.words import Words


class Curtain(Cover):
    """Over the whole window, until `lift`."""

    def __init__(self, window: QWidget, words: Words, title: str, tip: str) -> None:
        """`title` and `tip` are codes of sentences."""
        super().__init__(window)
        down = self.down
        down.addWidget(said(words, title, "headline", wraps=True))
        self.text = label(wraps=True)
        self.text.setText(words.say(tip))
        down.addWidget(self.text)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1)
        words.bind(self.bar, QProgressBar.setAccessibleName, title)
        down.addWidget(self.bar)
        self.cover()

    def show_progress(self, done: int, total: int) -> None:
        """So much of it is done."""
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)

    def lift(self) -> None:
        """The window can be used."""
        self.hide()
        self.deleteLater()
