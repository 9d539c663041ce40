"""A card that says what a group of models gives, its size, and whether it is ready."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy

from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.plain import button, column, row, said
from media_assistant.ui.words import Words


@dataclass(frozen=True, slots=True)
class CardGroup:
    """`name` is the end of the keys `ui.first.card.<name>.title` and `.text`. `size_bytes` is what is still to fetch."""

    name: str
    is_ready: bool
    size_bytes: int = 0


class ModelGroupCard(QFrame):
    """Signals: `wanted()` when the person wants to see and fetch these models."""

    wanted = Signal()

    def __init__(self, group: CardGroup, words: Words, _look: Look) -> None:
        super().__init__()
        self._group = group
        self._words = words
        self.setProperty("card", "plain" if group.is_ready else "chosen")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inside = column(self, margins=(14, 14, 14, 14), gap=6)
        inside.addWidget(said(words, f"ui.first.card.{group.name}.title", "strong"))
        inside.addWidget(said(words, f"ui.first.card.{group.name}.text", "small", wraps=True))
        inside.addStretch(1)
        foot = row(gap=6)
        if group.is_ready:
            foot.addWidget(said(words, "ui.models.ready", "badge"))
        else:
            self._button = button(words, "ui.models.see", self.wanted.emit, role="primary")
            foot.addWidget(self._button)
            self._name()
            words.changed.connect(self._name)
        foot.addStretch(1)
        inside.addSpacing(6)
        inside.addLayout(foot)

    def _name(self) -> None:
        if self._group.size_bytes:
            size = self._words.size(self._group.size_bytes)
            QPushButton.setText(self._button, self._words.say("ui.models.see_size", size=size))
