"""The line over the large view: back, what it is, and from moment to moment; and the offer to go on where it was left."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from media_assistant.items.clock import clock
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import button, label, row
from media_assistant.ui.words import Words

NARROW = 1000
LONGEST_TITLE = 420
EDGE = 16


class PlayerHead(QFrame):
    """Signals: `left()` back to the library; `stepped(int)` to another moment of the search."""

    left = Signal()
    stepped = Signal(int)

    def __init__(self, words: Words, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._keys = keys
        self.setProperty("ground", "ground")
        self.setProperty("edge", "bottom")
        bar = row(self, margins=(14, 8, 14, 8), gap=10)
        self.back = button(words, "ui.player.back", self.left.emit)
        self._title = label("strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._title.setMinimumWidth(40)
        self._facts = label("soft")
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.previous = button(words, "ui.player.previous", lambda: self.stepped.emit(-1))
        self.next = button(words, "ui.player.next", lambda: self.stepped.emit(1))
        bar.addWidget(self.back)
        bar.addWidget(self._title)
        bar.addWidget(self._facts, 1)
        bar.addWidget(self.previous)
        bar.addWidget(self.next)
        keys.changed.connect(self._name_keys)
        self._name_keys()

    def show_title(self, title: str, path: str) -> None:
        """What the item is called, in one line of any title; its path on hover."""
        plain = " ".join(title[:2000].split())
        self._title.setText(self.fontMetrics().elidedText(plain, Qt.TextElideMode.ElideMiddle, LONGEST_TITLE))
        self._title.setToolTip(plain_tip(path))

    def show_facts(self, text: str, *, has_moments: bool, can_step: bool) -> None:
        """What stands beside the title; and whether there are moments to go through."""
        self._facts.setText(text)
        self._facts.setToolTip(plain_tip(text))
        for each in (self.previous, self.next):
            each.setVisible(has_moments)
            each.setEnabled(can_step)

    @property
    def facts(self) -> str:
        """What stands beside the title."""
        return self._facts.text()

    def show_room(self, width: int) -> None:
        """Shorter words in a narrow window."""
        for each, code in ((self.previous, "previous"), (self.next, "next")):
            QPushButton.setText(
                each, self._words.say(f"ui.player.{code}_short" if width < NARROW else f"ui.player.{code}")
            )

    def _name_keys(self) -> None:
        for each, name in ((self.previous, "player.previous"), (self.next, "player.next")):
            each.setToolTip(plain_tip(self._keys.shown(name)))


class GoOnChip(QPushButton):
    """Lies over the upper right corner of the picture until something else was chosen. `clicked()` is the yes to it."""

    def __init__(self, over: QWidget, words: Words) -> None:
        super().__init__(over)
        self._over = over
        self._words = words
        self.position_ms = 0
        self.setAutoDefault(False)
        self.hide()
        words.changed.connect(self._speak)

    def offer(self, position_ms: int) -> None:
        """Offer to go on there; 0 offers nothing."""
        self.position_ms = position_ms
        self._speak()
        self.setVisible(position_ms > 0)
        self.settle()

    def hide(self) -> None:
        """The offer is over."""
        self.position_ms = 0
        super().hide()

    def settle(self) -> None:
        """Into its corner."""
        self.adjustSize()
        self.move(max(0, self._over.width() - self.width() - EDGE), EDGE)
        self.raise_()

    def _speak(self) -> None:
        self.setText(self._words.say("ui.player.go_on", at=clock(self.position_ms)))
