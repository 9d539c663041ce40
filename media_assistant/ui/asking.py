"""What is asked of the library for the search box, step by step: by words at once, then with all that the networks say, then
more of what fits, and all of it for who goes to the end of the list or sorts it.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QScrollBar

from media_assistant.items.answers import SearchAnswer
from media_assistant.items.moment import Sense
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk

MOST_AT_ONCE = 120
"""Items of the first answer: typing must not wait for what nobody has scrolled to yet. More follow when the person rests."""
MOST_AT_REST = 5_000
"""Items without being asked: the moments of fifty thousand take seconds and a hundred megabytes."""
MOST_ITEMS = 100_000
RESTS_MS = 400
"""So long after an answer that the limit cut, more is asked for: who types on asks something else by then."""
PATIENCE_S = 0.25
"""How long the first answer waits for the meaning networks; the second waits until they are there."""


class Question(NamedTuple):
    """`is_half_typed` lets the last word be the beginning of one; of the moments those of the `senses` are shown."""

    query: str
    is_half_typed: bool
    senses: frozenset[Sense]


class Asking(QObject):
    """Asks one question at a time; what was asked before it is given up.

    Signals: `answered(SearchAnswer)`, for one question several times, each time more of it; `failed(BaseException)`; `begun()`
    when something new is going to be asked.
    """

    begun = Signal()
    answered = Signal(object)
    failed = Signal(object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._awaited = Awaited()
        self._question: Question | None = None
        self._most = MOST_AT_ONCE
        self._is_cut = False
        self.is_under_way = False
        """Whether an answer is waited for."""
        self.is_early = False
        """Whether the last answer came before networks were there."""
        self.shows_all = False
        """Whether what fits less well is asked for too."""
        self.is_exact = False
        """Whether no other spelling is searched for."""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTS_MS)
        self._rest.timeout.connect(self._rested)

    @property
    def has_more(self) -> bool:
        """Whether more than the last answer has may still come."""
        return self._is_cut and (self.is_under_way or self._most < MOST_ITEMS)

    def begin(self) -> None:
        """What is asked next is something new: not all of it is wanted at once."""
        self.shows_all = self.is_exact = self.is_early = self._is_cut = False
        self._most = MOST_AT_ONCE
        self._rest.stop()
        self.begun.emit()

    def ask(self, question: Question) -> None:
        """A question, or the last one again: the library has changed, or it was asked for more."""
        # Who rests goes on resting while the library changes: with each change begun anew, no rest would be long enough.
        rests = self._rest.isActive() and question == self._question
        self._give_up()
        if not rests:
            self._rest.stop()
        self._question = question
        if self.shows_all:
            self._most = MOST_ITEMS
        self._send(patience_s=PATIENCE_S)

    def stop(self) -> None:
        """Nobody waits for what was asked."""
        self._give_up()
        self._rest.stop()

    def _give_up(self) -> None:
        self._awaited.drop()
        self.is_under_way = False

    def follow(self, bar: QScrollBar) -> None:
        """Who comes to the end of the list wants what the limit cut off."""

        def scrolled(value: int) -> None:
            if value > 0 and value >= bar.maximum() - 2 * bar.pageStep():
                self.go_on()

        bar.valueChanged.connect(scrolled)

    def go_on(self) -> bool:
        """All that fits is wanted now. Gives whether more is on its way."""
        if self._is_cut and self._most < MOST_ITEMS:
            self._ask_more(MOST_ITEMS)
        return self._is_cut and self.is_under_way

    def _send(self, *, patience_s: float | None) -> None:
        question, bridge, is_dropped = self._question, self._desk.bridge, self._awaited.whether_dropped()
        if question is None or bridge.is_closed:
            return

        def is_over() -> bool:
            return is_dropped() or bridge.is_closed

        def take(answer: SearchAnswer) -> None:
            if is_over():
                return
            self.is_under_way, self.is_early, self._is_cut = False, answer.is_early, answer.is_cut
            self.answered.emit(answer)
            if answer.is_early and patience_s is not None and not is_over():
                self._send(patience_s=None)
            elif answer.is_cut and self._most < MOST_AT_REST and not is_over() and not self._rest.isActive():
                self._rest.start()

        def fail(fault: BaseException) -> None:
            if not is_over():
                self.is_under_way = self.is_early = self._is_cut = False
                self.failed.emit(fault)

        self.is_under_way = True
        future = self._desk.assistant.search(
            question.query,
            self._most,
            patience_s=patience_s,
            is_half_typed=question.is_half_typed,
            senses=question.senses,
            shows_all=self.shows_all,
            is_exact=self.is_exact,
            should_stop=is_over,
        )
        bridge.when_done(future, take, owner=self, failed=fail)

    def _rested(self) -> None:
        if self._is_cut and self._most < MOST_AT_REST:
            self._ask_more(MOST_AT_REST)

    def _ask_more(self, most: int) -> None:
        self.stop()
        self._most = most
        self._send(patience_s=None)
