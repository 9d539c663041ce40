"""Trainings that were stopped: go on with one, or throw it away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from media_assistant.ui.widgets.plain import button, column, empty_layout, label, row, said
from media_assistant.ui.widgets.sure_button import SureButton
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.workflows.training.begun import Begun


class BegunList(QWidget):
    """Signals: `go_on_wanted(Begun)`; `removal_wanted(str)` with the name, after a second click: hours of work may be in it."""

    go_on_wanted = Signal(object)
    removal_wanted = Signal(str)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._lines = column(self, gap=6)

    def show_begun(self, begun: Sequence[Begun]) -> None:
        """These, a line each."""
        empty_layout(self._lines)
        for one in begun:
            self._add(one)

    def _add(self, begun: Begun) -> None:
        words = self._words
        line = row(gap=8)
        line.addWidget(said(words, "ui.training.begun", "soft"))
        name = label("strong")
        name.setText(begun.name)
        line.addWidget(name, 1)
        go_on = button(words, "ui.training.go_on", lambda: self.go_on_wanted.emit(begun))
        words.bind(go_on, QPushButton.setToolTip, "ui.training.go_on_tip")
        line.addWidget(go_on)
        codes = "ui.training.throw_away", "ui.training.throw_away_surely"
        line.addWidget(SureButton(words, *codes, lambda: self.removal_wanted.emit(begun.name)))
        self._lines.addLayout(line)
