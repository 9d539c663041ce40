"""What the review shows of a proposal, read before the person is there: an answer by key leads to the next without a wait."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, Signal

from media_assistant.items.tag import Proposal
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.review_stage import Shown, load_original, load_shown

KEPT = 8

Pair = tuple[int, str]
"""An item and a concept: what tells one proposal from another."""


class ReviewAhead(QObject):
    """Signals: `arrived(Shown)`; `sharpened(Shown)` the photo itself is here, for which a small picture stood;
    `gone(Proposal)` of an item that is there no more.
    """

    arrived = Signal(object)
    sharpened = Signal(object)
    gone = Signal(object)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._kept: OrderedDict[Pair, Shown] = OrderedDict()
        self._asked: set[Pair] = set()

    def clear(self) -> None:
        """Read all of it anew."""
        self._kept.clear()
        self._asked.clear()

    def shown(self, proposal: Proposal) -> Shown | None:
        """What is here of it."""
        return self._kept.get(_pair(proposal))

    def want(self, proposal: Proposal) -> None:
        """Read it, if it is not here or on its way."""
        pair, assistant = _pair(proposal), self._desk.assistant
        if pair in self._kept or pair in self._asked:
            return
        self._asked.add(pair)
        self._desk.bridge.read(
            lambda: load_shown(assistant, proposal),
            self._take,
            owner=self,
            failed=lambda _fault: self._give_up(proposal),
        )

    def _take(self, shown: Shown) -> None:
        self._asked.discard(_pair(shown.proposal))
        self._kept[_pair(shown.proposal)] = shown
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(shown)
        if shown.is_small:
            pair = _pair(shown.proposal)
            read = partial(load_original, self._desk.assistant, shown, lambda: self._kept.get(pair) is shown)
            self._desk.bridge.read_disk(read, self._sharpen, owner=self)

    def _sharpen(self, whole: Shown) -> None:
        if _pair(whole.proposal) in self._kept:
            self._kept[_pair(whole.proposal)] = whole
            self.sharpened.emit(whole)

    def _give_up(self, proposal: Proposal) -> None:
        self._asked.discard(_pair(proposal))
        self.gone.emit(proposal)


def _pair(proposal: Proposal) -> Pair:
    return proposal.item_id, proposal.concept.id


def is_same(one: Proposal | None, other: Proposal) -> bool:
    """Whether both are of one item and concept, however sure."""
    return one is not None and _pair(one) == _pair(other)
