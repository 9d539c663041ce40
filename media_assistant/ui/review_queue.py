"""Proposals one after another: fetched by the page ahead of the person, and true to what is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.tag import Proposal, TagState
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.rereading import Rereading

PAGE = 60
AHEAD = 25
"""So many are known before the person comes to them."""
LOOKED_BACK = 200
"""Decisions that are looked after, in case they are undone."""
RENEWS_MS = 250
"""So long changes are gathered while models propose."""


@dataclass(slots=True)
class Entry:
    """A proposal, and what the person said of it here."""

    proposal: Proposal
    state: TagState | None = None
    is_kept: bool = False
    """Whether that is in the library already."""


class Decision(NamedTuple):
    """What was said here of an entry, which may be said of more than once."""

    entry: Entry
    written: Future[LibraryChanges]
    """Where it is being written; its answer knows which step of the journal it is."""
    before: TagState | None
    """What had been said of it here till then."""


class _Waiting(NamedTuple):
    """Which of the entries that were looked at wait still, and how many wait in all, if it was counted."""

    looked_at: list[Entry]
    kept: set[int]
    """By `id()`, those whose decision was in the library when it was asked."""
    waiting: set[tuple[int, str]]
    left: int | None


class ReviewQueue(QObject):
    """Signals: `moved()` another proposal is the current one, or there is none; `counted()` the numbers changed."""

    moved = Signal()
    counted = Signal()

    def __init__(self, desk: Desk, page: QWidget) -> None:
        """While nobody sees the `page` nothing is looked after; it calls `follow` when it is seen again."""
        super().__init__(page)
        self._desk = desk
        self._is_seen = page.isVisible
        self._concept_id = ""
        self._entries: list[Entry] = []
        self._known: set[tuple[int, str]] = set()
        self._last: Proposal | None = None
        self._decided: list[Decision] = []
        self._at = 0
        self._total = 0
        self._awaited = Awaited()
        self._is_fetching = False
        self._is_whole = False
        self._correcting = Rereading(desk, self, self._ask_what_waits, self._correct, gathers_ms=RENEWS_MS)
        desk.events.changed.connect(self._library_changed)

    def start(self, concept_id: str) -> None:
        """From the beginning: of one tag the surest first, with "" all of them item by item."""
        self._awaited.drop()
        self._correcting.drop()
        self._concept_id = concept_id
        self._entries, self._known, self._last = [], set(), None
        self._decided = []
        self._at = self._total = 0
        self._is_fetching = self._is_whole = False
        library = self._desk.assistant.library
        self._fetch()
        self._desk.bridge.read(lambda: library.count_proposals(concept_id), self._awaited.only(self._count), owner=self)

    @property
    def current(self) -> Proposal | None:
        """The proposal to be decided; None while the first page comes, and at the end."""
        return self._entries[self._at].proposal if self._at < len(self._entries) else None

    @property
    def ahead(self) -> list[Proposal]:
        """The next few after the current one."""
        return [entry.proposal for entry in self._entries[self._at + 1 : self._at + 4]]

    @property
    def place(self) -> tuple[int, int]:
        """N and m of “n of m”, counted from 1."""
        return min(self._at + 1, max(self._total, len(self._entries))), max(self._total, len(self._entries))

    @property
    def is_at_end(self) -> bool:
        """Whether everything was looked at."""
        return self._is_whole and self._at >= len(self._entries)

    @property
    def decided(self) -> tuple[int, int]:
        """How many were accepted and refused here."""
        states = [entry.state for entry in self._entries]
        return states.count(TagState.ACCEPTED), states.count(TagState.REJECTED)

    @property
    def can_undo(self) -> bool:
        """Whether something was decided or skipped here that `undo` would take back."""
        was_skipped = bool(self._at) and self._entries[self._at - 1].state is None
        return was_skipped or any(last.entry.state is not None for last in self._decided)

    def decide(self, state: TagState) -> None:
        """Say yes or no to the current one and go on; it is written while the next is looked at."""
        proposal = self.current
        if proposal is None:
            return
        entry = self._entries[self._at]
        before, entry.state, entry.is_kept = entry.state, state, False

        def keep(_changes: LibraryChanges) -> None:
            entry.is_kept = True

        future = self._desk.assistant.decide_tag((proposal.item_id,), proposal.concept, state)
        self._decided.append(Decision(entry, future, before))
        self._desk.bridge.when_done(future, keep, owner=self)
        self.go_on()

    def go_on(self) -> None:
        """Past the current one, which waits on if it was not decided."""
        if self._at < len(self._entries):
            self._at += 1
            self._show()

    def go_back(self) -> bool:
        """To the one before, decided or not; whether there is one."""
        if self._at == 0:
            return False
        self._at -= 1
        self._show()
        return True

    def undo(self) -> None:
        """Take the last decision that was made here back, whatever else was done since, and return to it; what was only
        skipped is returned to.
        """
        if self._at and self._entries[self._at - 1].state is None:
            self.go_back()
        else:
            self._undo_last()

    def _undo_last(self) -> None:
        while self._decided:
            last = self._decided.pop()
            if last.entry.state is not None:
                self._desk.bridge.when_done(
                    last.written,
                    partial(self._take_back, last),
                    owner=self,
                    failed=lambda _fault: self._undo_last(),  # it was told when it was said
                )
                return

    def _take_back(self, decision: Decision, written: LibraryChanges) -> None:
        if not written.step:
            self._undo_last()  # it was the same as before
            return

        def failed(fault: BaseException) -> None:
            if isinstance(fault, UserFixable) and fault.code in actions.STEP_IS_GONE:
                self._undo_last()
            else:
                actions.show_fault(self._desk, fault=fault)

        future = self._desk.assistant.take_back(written.step)
        self._desk.bridge.when_done(future, lambda _changes: self._return_to(decision), owner=self, failed=failed)

    def _return_to(self, decision: Decision) -> None:
        """After a change of mind: what was said before holds again, and is no proposal that waits."""
        place = next((at for at, each in enumerate(self._entries) if each is decision.entry), -1)
        if decision.before is not None and place >= 0:
            decision.entry.state = decision.before
            self._at = min(self._at, place)
            self._show()

    def _show(self) -> None:
        self._fetch()
        self.moved.emit()
        self.counted.emit()

    def _fetch(self) -> None:
        if self._is_fetching or self._is_whole or len(self._entries) - self._at >= AHEAD:
            return
        self._is_fetching = True
        is_dropped = self._awaited.whether_dropped()
        concept_id, after, library = self._concept_id, self._last, self._desk.assistant.library
        self._desk.bridge.read(
            lambda: library.proposals(concept_id, after, PAGE),
            self._awaited.only(self._take),
            owner=self,
            failed=lambda fault: self._failed(is_dropped, fault),
        )

    def _failed(self, is_dropped: Callable[[], bool], fault: BaseException) -> None:
        """Asked again when the person goes on, or something has changed."""
        if not is_dropped():
            self._is_fetching = False
        actions.show_fault(self._desk, fault=fault)

    def _take(self, page: list[Proposal]) -> None:
        self._is_fetching = False
        was_waiting = self.current is None
        self._is_whole = len(page) < PAGE
        if page:
            self._last = page[-1]
        for proposal in page:
            pair = (proposal.item_id, proposal.concept.id)
            if pair not in self._known:
                self._known.add(pair)
                self._entries.append(Entry(proposal))
        if was_waiting:
            self.moved.emit()
        self.counted.emit()

    def _count(self, count: int) -> None:
        self._total = count
        self.counted.emit()

    # ── staying true ──────────────────────────────────────────────────────────────────────────────────────────────

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.journal or changes.tags:
            self._correcting.now()
        elif changes.moments or changes.removed:
            self._correcting.want()

    def follow(self) -> None:
        """It is looked at again: what was decided meanwhile is passed over."""
        self._correcting.want()

    def _ask_what_waits(self) -> Callable[[], _Waiting] | None:
        if not self._entries or not self._is_seen():
            return None
        first = max(0, self._at - LOOKED_BACK)
        looked_at = self._entries[first : self._at + LOOKED_BACK]
        pairs = [(entry.proposal.item_id, entry.proposal.concept.id) for entry in looked_at]
        # What is still being written looks as if it waited; it is no undoing.
        kept = {id(entry) for entry in looked_at if entry.is_kept}
        open_pairs = {pair for pair, entry in zip(pairs, looked_at, strict=True) if entry.state is None}
        library, concept_id = self._desk.assistant.library, self._concept_id

        def ask() -> _Waiting:
            waiting = library.still_waiting(pairs)
            # All of them are counted only where some are gone: it takes long while very many wait.
            left = None if open_pairs <= waiting else library.count_proposals(concept_id)
            return _Waiting(looked_at, kept, waiting, left)

        return ask

    def _correct(self, found: _Waiting) -> None:
        """Return to what was undone; pass over what was decided elsewhere or is gone."""
        looked_at, kept, waiting, left = found
        before = self.current
        gone: set[int] = set()
        undone: list[Entry] = []
        for entry in looked_at:
            is_waiting = (entry.proposal.item_id, entry.proposal.concept.id) in waiting
            if entry.state is not None and id(entry) in kept and is_waiting:
                entry.state, entry.is_kept = None, False
                undone.append(entry)
            elif entry.state is None and not is_waiting:
                gone.add(id(entry))
        if gone:
            self._at -= sum(1 for entry in self._entries[: self._at] if id(entry) in gone)
            self._entries = [entry for entry in self._entries if id(entry) not in gone]
            skipped = sum(1 for entry in self._entries[: self._at] if entry.state is None)
            self._total = self._at + max(0, left - skipped) if left is not None else self._total - len(gone)
        if undone:
            self._at = min(self._at, self._entries.index(undone[0]))
        if self.current is not before:
            self._show()
        else:
            self._fetch()
        self.counted.emit()
