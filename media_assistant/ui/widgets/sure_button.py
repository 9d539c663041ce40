"""A button for what cannot be taken back: a first click asks, a second one within a few seconds means it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton

from media_assistant.ui.words import Words

SURE_FOR_MS = 5000
"""How long a second click means it."""


class SureButton(QPushButton):
    """Says `code`, and while it asks `surely`."""

    def __init__(self, words: Words, code: str, surely: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._words = words
        self._code, self._surely = code, surely
        self._act = act
        self._is_sure = False
        self.setProperty("role", "link")
        self.setAutoDefault(False)
        self._doubt = QTimer(self)
        self._doubt.setSingleShot(True)
        self._doubt.setInterval(SURE_FOR_MS)
        self._doubt.timeout.connect(lambda: self._ask(is_sure=False))
        self.clicked.connect(lambda _checked=False: self._click())
        words.changed.connect(self._speak)
        self._speak()

    def _click(self) -> None:
        if not self._is_sure:
            self._ask(is_sure=True)
            self._doubt.start()
            return
        self._doubt.stop()
        self._ask(is_sure=False)
        self._act()

    def _ask(self, *, is_sure: bool) -> None:
        self._is_sure = is_sure
        self._speak()

    def _speak(self) -> None:
        self.setText(self._words.say(self._surely if self._is_sure else self._code))
