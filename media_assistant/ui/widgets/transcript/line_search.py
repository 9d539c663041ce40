"""What the bar over a transcript looks for, in the lines that are shown: marked, gone to from one to the next, and replaced."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from media_assistant.errors import UserFixable
from media_assistant.items.replacing import Matcher, Wanted, replacer
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.lines import LineItemModel
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.widgets.transcript.bars import FindBar
from media_assistant.ui.widgets.transcript.line_list import LineList
from media_assistant.ui.widgets.transcript.line_verbs import LineVerbs

_HASTE_S, _HASTE_ALL_S = 0.004, 0.1
"""What a pattern may take here, in one line and in all: the window waits meanwhile."""


class LineSearch:
    """Follows `bar`. While nothing is looked for there, the words of the library's search are marked."""

    def __init__(self, desk: Desk, bar: FindBar, lines: LineItemModel, shown: LineList, verbs: LineVerbs) -> None:
        self._desk = desk
        self._bar = bar
        self._lines = lines
        self._list = shown
        self._verbs = verbs
        self._terms: tuple[str, ...] = ()
        bar.wanted_changed.connect(self.mark)
        bar.step_wanted.connect(self.go_on)
        bar.replace_one.connect(self.replace_one)

    def show_terms(self, terms: Sequence[str]) -> None:
        """The words of the library's search."""
        self._terms = tuple(terms)
        if not self._bar.isVisible():
            self._list.marker = Marker(self._terms)

    def mark(self, wanted: Wanted) -> None:
        """What is looked for stands out."""
        matcher = _matcher(wanted)
        self._list.marker = Marker(self._terms) if matcher is None else Marker((), matcher)
        self._list.viewport().update()

    def go_on(self, direction: int) -> int:
        """Choose the next line with what is looked for; its row, or -1."""
        matcher, count = _matcher(self._bar.wanted(), all_s=_HASTE_ALL_S), len(self._lines.lines)
        if matcher is None:
            return -1
        start = self._list.currentIndex().row()
        with suppress(UserFixable):  # a pattern that takes too long; the bar says so
            for step in range(1, count + 1):
                at = (start + direction * step) % count
                if matcher.places(self._lines.lines[at].text):
                    self._list.go_to(at)
                    return at
        return -1

    def replace_one(self, wanted: Wanted, replacement: str) -> None:
        """In the current line, and on to the next."""
        line = self._verbs.current()
        if line is not None:
            try:
                changed = replacer(wanted, replacement, line_s=_HASTE_S, all_s=_HASTE_ALL_S)(line)
            except UserFixable as fault:  # a group that the pattern does not have, or one that takes too long
                actions.show_fault(self._desk, fault=fault)
                return
            if changed is not line:
                self._verbs.retype(line, changed.text)
        self.go_on(1)


def _matcher(wanted: Wanted, *, all_s: float = float("inf")) -> Matcher | None:
    """None for half a pattern, which is typed on; the bar says what is wrong with it."""
    try:
        return wanted.compiled(line_s=_HASTE_S, all_s=all_s) if wanted.text else None
    except UserFixable:
        return None
