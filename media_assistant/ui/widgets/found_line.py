"""The line over the grid: how many items are shown, what held a search back, and the ways to more of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from media_assistant.ui.widgets.grid.view_bar import ViewBar
from media_assistant.ui.widgets.plain import ShortenedLabel, button, label, row
from media_assistant.ui.words import Words

_HEIGHT = 42


class FoundLine(QFrame):
    """`view_bar` stands at its end.

    Signals: `more_wanted()` also what fits less well; `exact_wanted()` only what was typed, no other spelling.
    """

    more_wanted = Signal()
    exact_wanted = Signal()

    def __init__(self, words: Words, view_bar: ViewBar) -> None:
        super().__init__()
        self._words = words
        self.setProperty("ground", "ground")
        self.setFixedHeight(_HEIGHT)
        across = row(self, margins=(16, 4, 12, 0), gap=8)
        self.heading = label("soft")
        across.addWidget(self.heading)
        self.hint = ShortenedLabel("faint")
        across.addWidget(self.hint, 1)
        self.more = button(words, "ui.search.show_more", self.more_wanted.emit, role="link")
        self.only_typed = button(words, "ui.search.only_typed", self.exact_wanted.emit, role="link")
        self.only_typed.hide()
        across.addWidget(self.only_typed)
        across.addWidget(self.more)
        across.addWidget(view_bar)

    def tell_shown(self, count: int, why: str) -> None:
        """So many items, looked for by nobody; `why` they are together."""
        self._show_links()
        self.heading.setText(self._words.say("ui.search.items", count=count))
        self.hint.setText(why)

    def tell_found(self, count: int, moments: int, end: str, *, is_corrected: bool, has_more: bool) -> None:
        """So many items and moments in them were found; `end`: whether that is all. Nothing found is said in the grid's
        place, not here.
        """
        words = self._words
        self._show_links(is_corrected=is_corrected, has_more=has_more, is_empty=not count)
        items = words.say("ui.search.items", count=count)
        found = words.say("ui.search.found", count=moments, items=items) if moments else items
        self.heading.setText(found if count else "")
        self.hint.setText(end if count else "")

    def _show_links(self, *, is_corrected: bool = False, has_more: bool = False, is_empty: bool = False) -> None:
        # A narrow line has room for what was searched for and for one link, not for the count beside them.
        self.heading.setVisible(not is_corrected)
        self.only_typed.setVisible(is_corrected and not is_empty)
        self.more.setVisible(has_more and not is_corrected and not is_empty)
