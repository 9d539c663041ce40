"""What the review shows of a proposal, read before the person is there: an answer by key leads to the next without a wait."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, Signal

from media_assistant.errors import UserFixable
from media_assistant.items.tag import Proposal
from media_assistant.ui.desk import Desk
from media_assistant.ui.review_entries import Pair, pair_of
from media_assistant.ui.widgets.review_stage import Shown, load_original, load_shown

KEPT = 8


class ReviewAhead(QObject):
    """Signals: `arrived(Shown)`; `sharpened(Shown)` the photo itself is here, for which a small picture stood;
    `gone(Proposal)` of an item that is there no more; `failed(Proposal, BaseException)` it could not be read just now.
    """

    arrived = Signal(object)
    sharpened = Signal(object)
    gone = Signal(object)
    failed = Signal(object, object)

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
        return self._kept.get(pair_of(proposal))

    def want(self, proposal: Proposal) -> None:
        """Read it, if it is not here or on its way."""
        pair, assistant = pair_of(proposal), self._desk.assistant
        if pair in self._kept or pair in self._asked:
            return
        self._asked.add(pair)
        self._desk.bridge.read(
            lambda: load_shown(assistant, proposal),
            self._take,
            owner=self,
            failed=lambda fault: self._give_up(proposal, fault),
        )

    def _take(self, shown: Shown) -> None:
        self._asked.discard(pair_of(shown.proposal))
        self._kept[pair_of(shown.proposal)] = shown
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit(shown)
        if shown.is_small:
            pair = pair_of(shown.proposal)
            read = partial(load_original, self._desk.assistant, shown, lambda: self._kept.get(pair) is shown)
            self._desk.bridge.read_disk(read, self._sharpen, owner=self)

    def _sharpen(self, whole: Shown) -> None:
        if pair_of(whole.proposal) in self._kept:
            self._kept[pair_of(whole.proposal)] = whole
            self.sharpened.emit(whole)

    def _give_up(self, proposal: Proposal, fault: BaseException) -> None:
        self._asked.discard(pair_of(proposal))
        if isinstance(fault, UserFixable) and fault.code == "library.no_such_item":
            self.gone.emit(proposal)
        else:
            self.failed.emit(proposal, fault)


def is_same(one: Proposal | None, other: Proposal) -> bool:
    """Whether both are of one item and concept, however sure."""
    return one is not None and pair_of(one) == pair_of(other)
