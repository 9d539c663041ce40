"""Play, faster, slower, the time, sound and full screen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame

from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.plain import IconButton, label, row, said
from media_assistant.ui.words import Words, clock


class TransportBar(QFrame):
    """Signals: `toggled()`; `shuttled(int)` -1 or 1; `muted()`; `filled()` full screen or back."""

    toggled = Signal()
    shuttled = Signal(int)
    muted = Signal()
    filled = Signal()

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._words = words
        self.setProperty("ground", "side")
        self.setProperty("edge", "top")
        self.setFixedHeight(40)
        bar = row(self, margins=(12, 2, 16, 2), gap=4)
        bar.addWidget(IconButton(words, look, "back", "ui.player.slower", lambda: self.shuttled.emit(-1)))
        self._play = IconButton(words, look, "play", "ui.play.button", self.toggled.emit)
        bar.addWidget(self._play)
        bar.addWidget(IconButton(words, look, "forward", "ui.player.faster", lambda: self.shuttled.emit(1)))
        self._time = label("soft")
        self._rate = label("faint")
        bar.addSpacing(8)
        bar.addWidget(self._time)
        bar.addSpacing(8)
        bar.addWidget(self._rate)
        bar.addStretch(1)
        self._hint = said(words, "ui.player.hint", "faint")
        bar.addWidget(self._hint)
        self._mute = IconButton(words, look, "volume", "ui.mute", self.muted.emit)
        bar.addWidget(self._mute)
        bar.addWidget(IconButton(words, look, "full", "ui.player.full", self.filled.emit))

    def show_time(self, ms: int, of_ms: int) -> None:
        """Where the player is."""
        self._time.setText(f"{clock(ms)} / {clock(of_ms)}")

    def show_state(self, *, is_playing: bool, is_muted: bool, rate: float) -> None:
        """What the player does."""
        self._play.wear("pause" if is_playing else "play")
        self._mute.wear("muted" if is_muted else "volume")
        self._rate.setText(f"{self._words.decimal(rate, 1)}×")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow windows do without the hint."""
        super().resizeEvent(event)
        self._hint.setVisible(self.width() > 1000)
