"""What stands in place of the grid where nothing is to be shown: what was looked for, why nothing came, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from media_assistant.ui.widgets.plain import button, column, frame, label, row
from media_assistant.ui.words import Words


class NothingPage(QWidget):
    """Signals: `clear_wanted()`; `more_wanted()` for what fits less well."""

    clear_wanted = Signal()
    more_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        page = frame(ground="ground")
        column(self, gap=0).addWidget(page)
        inside = column(page, margins=(40, 40, 40, 80), gap=10)
        inside.addStretch(1)
        self._title = label("headline", wraps=True)
        self._why = label("soft", wraps=True)
        for said in (self._title, self._why):
            said.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(said)
        buttons = row(gap=8)
        buttons.addStretch(1)
        self._clear = button(words, "ui.search.clear", self.clear_wanted.emit)
        self._more = button(words, "ui.search.show_more", self.more_wanted.emit)
        buttons.addWidget(self._clear)
        buttons.addWidget(self._more)
        buttons.addStretch(1)
        inside.addLayout(buttons)
        inside.addStretch(2)

    def tell(self, title: str, why: str, *, can_clear: bool = False, has_more: bool = False) -> None:
        """Say it; a search can be cleared, and may have found what fits less well."""
        self._title.setText(title)
        self._why.setText(why)
        self._clear.setVisible(can_clear)
        self._more.setVisible(has_more)

    def tell_why(self, why: str) -> None:
        """What kept it from finding."""
        self._why.setText(why)
