"""Proposals one after another: fetched by the page ahead of the person, and true to what is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.tag import Proposal, TagState
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.rereading import Rereading
from media_assistant.ui.review_entries import Decision, Entry, Gone, Pair, Waiting, other_proposals, pair_of

PAGE = 60
AHEAD = 25
"""So many are known before the person comes to them."""
LOOKED_BACK = 200
"""Decisions that are looked after, in case they are undone."""
RENEWS_MS = 250
"""So long changes are gathered while models propose."""


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
        self._known: set[Pair] = set()
        self._gone: list[Gone] = []
        self._last: Proposal | None = None
        self._decided: list[Decision] = []
        self._at = 0
        self._total = 0
        self._awaited = Awaited()
        self._is_fetching = False
        self._is_whole = False
        self._is_stale = False
        """Whether others may wait by now that stand before what was fetched last."""
        self._is_taking_back = False
        """Whether what was said of very many is being taken back: then they come back, the current one of then first."""
        self._correcting = Rereading(desk, self, self._ask_what_waits, self._correct, gathers_ms=RENEWS_MS)
        desk.events.changed.connect(self._library_changed)

    def start(self, concept_id: str) -> None:
        """From the beginning: of one tag the surest first, with "" all of them item by item."""
        self._awaited.drop()
        self._correcting.drop()
        self._concept_id = concept_id
        self._entries, self._known, self._gone, self._last = [], set(), [], None
        self._decided = []
        self._at = self._total = 0
        self._is_fetching = self._is_whole = self._is_stale = self._is_taking_back = False
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
        return was_skipped or any(last.stands for last in self._decided)

    def decide(self, state: TagState) -> None:
        """Say yes or no to the current one and go on; it is written while the next is looked at."""
        proposal = self.current
        if proposal is None:
            return
        entry = self._entries[self._at]
        before, entry.state = entry.state, state

        def keep(_changes: LibraryChanges) -> None:
            entry.kept = state

        def failed(fault: BaseException) -> None:
            actions.show_fault(self._desk, fault=fault)
            self._forget(decision)
            if entry.state is state:
                entry.state = entry.kept
                self._go_back_to(entry)

        future = self._desk.assistant.decide_tag((proposal.item_id,), proposal.concept, state)
        decision = Decision(entry, future, before)
        self._decided.append(decision)
        self._desk.bridge.when_done(future, keep, owner=self, failed=failed)
        self.go_on()

    def add(self, written: Future[LibraryChanges]) -> None:
        """Something was said here of very many at once, which `undo` takes back as well."""

        def failed(_fault: BaseException) -> None:
            self._forget(decision)
            self.counted.emit()

        decision = Decision(None, written)
        self._decided.append(decision)
        self._desk.bridge.when_done(written, lambda _changes: None, owner=self, failed=failed)
        self.counted.emit()

    def _forget(self, decision: Decision) -> None:
        """It was not written: there is nothing to take back."""
        self._decided = [each for each in self._decided if each.written is not decision.written]

    def go_on(self) -> None:
        """Past the current one, which waits on if it was not decided."""
        if self._at < len(self._entries):
            self._entries[self._at].passed_after = len(self._decided)
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
        while self._decided and not self._decided[-1].stands:
            self._decided.pop()
        before = self._entries[self._at - 1] if self._at else None
        if before is not None and before.state is None and before.passed_after >= len(self._decided):
            self.go_back()
        elif self._decided:
            last = self._decided.pop()
            self._is_taking_back = last.entry is None
            self._desk.bridge.when_done(
                last.written,
                partial(self._take_back, last),
                owner=self,
                failed=lambda _fault: None,  # it was told when it was said, and nothing came of it
            )

    def _take_back(self, decision: Decision, written: LibraryChanges) -> None:
        if not written.step:
            self._is_taking_back = False
            self.undo()  # it was the same as before
            return

        def failed(fault: BaseException) -> None:
            self._is_taking_back = False
            if isinstance(fault, UserFixable) and fault.code in actions.STEP_IS_GONE:
                self.undo()
            else:
                actions.show_fault(self._desk, fault=fault)

        future = self._desk.assistant.take_back(written.step)
        self._desk.bridge.when_done(future, lambda _changes: self._return_to(decision), owner=self, failed=failed)

    def _return_to(self, decision: Decision) -> None:
        """After a change of mind: what was said before holds again, and is no proposal that waits."""
        if decision.entry is not None and decision.before is not None:
            decision.entry.state = decision.entry.kept = decision.before
            self._go_back_to(decision.entry)

    def _go_back_to(self, entry: Entry) -> None:
        place = next((at for at, each in enumerate(self._entries) if each is entry), -1)
        if place >= 0:
            self._at = min(self._at, place)
            self._show()

    def _show(self) -> None:
        self._fetch()
        self.moved.emit()
        self.counted.emit()

    def _fetch(self) -> None:
        if self._is_fetching or not self._is_near_end:
            return
        if self._is_whole:
            if self._is_stale:
                self._correcting.want()
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

    @property
    def _is_near_end(self) -> bool:
        return len(self._entries) - self._at < AHEAD

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
        self._append(page)
        if was_waiting:
            self.moved.emit()
        self.counted.emit()
        self._fetch()

    def _append(self, page: list[Proposal]) -> None:
        for proposal in page:
            if pair_of(proposal) not in self._known:
                self._known.add(pair_of(proposal))
                self._entries.append(Entry(proposal))

    def _count(self, count: int) -> None:
        self._total = count
        self.counted.emit()

    # ── staying true ──────────────────────────────────────────────────────────────────────────────────────────────

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.journal or changes.tags:
            self._is_stale = True
            self._correcting.now()
        elif changes.moments or changes.removed:
            self._is_stale = True
            self._correcting.want()

    def follow(self) -> None:
        """It is looked at again: what was decided meanwhile is passed over."""
        self._correcting.want()

    def _ask_what_waits(self) -> Callable[[], Waiting] | None:
        if not self._is_seen():
            return None
        first = max(0, self._at - LOOKED_BACK)
        looked_at = self._entries[first : self._at + LOOKED_BACK]
        pairs = [pair_of(entry.proposal) for entry in looked_at]
        # What is still being written looks as if it waited; it is no undoing.
        kept = {id(entry) for entry in looked_at if entry.state is not None and entry.kept is entry.state}
        open_pairs = {pair for pair, entry in zip(pairs, looked_at, strict=True) if entry.state is None}
        gone_pairs = [pair_of(gone.entry.proposal) for gone in self._gone]
        library, concept_id = self._desk.assistant.library, self._concept_id
        known: set[Pair] | None = None
        if self._is_whole and self._is_near_end:
            known, self._is_stale = self._known.copy(), False

        def ask() -> Waiting:
            waiting = library.still_waiting([*pairs, *gone_pairs])
            others = [] if known is None else other_proposals(library, concept_id, known, PAGE)
            # All of them are counted only where these are others: it takes long while very many wait.
            is_same = open_pairs <= waiting and waiting.isdisjoint(gone_pairs) and not others
            return Waiting(looked_at, kept, waiting, others, None if is_same else library.count_proposals(concept_id))

        return ask

    def _correct(self, found: Waiting) -> None:
        """Return to what was undone; pass over what was decided elsewhere or is gone; go on with what came."""
        before = self.current
        gone: set[int] = set()
        undone: list[Entry] = []
        unwritten = 0
        for entry in found.looked_at:
            is_waiting = pair_of(entry.proposal) in found.waiting
            if entry.state is not None and is_waiting:
                if id(entry) in found.kept:
                    entry.state = entry.kept = None
                    undone.append(entry)
                else:
                    unwritten += 1
            elif entry.state is None and not is_waiting:
                gone.add(id(entry))
        self._bring_back(found.waiting)
        self._let_go(gone)
        self._append(found.others)
        self._is_stale |= len(found.others) >= PAGE
        if found.left is not None:
            self._total = sum(self.decided) + max(0, found.left - unwritten)
        if undone:
            self._at = min(self._at, self._entries.index(undone[0]))
        if self.current is not before:
            self._show()
        else:
            self._fetch()
        self.counted.emit()

    def _let_go(self, gone: set[int]) -> None:
        """Of these, by `id()`, the last ones are remembered: what was done to them may be undone."""
        if gone:
            self._gone += [Gone(each, at < self._at) for at, each in enumerate(self._entries) if id(each) in gone]
            self._known -= {pair_of(each.proposal) for each in self._entries if id(each) in gone}
            del self._gone[:-LOOKED_BACK]
            self._at -= sum(1 for entry in self._entries[: self._at] if id(entry) in gone)
            self._entries = [entry for entry in self._entries if id(entry) not in gone]

    def _bring_back(self, waiting: set[Pair]) -> None:
        """What was gone and waits again comes next, unless it had been passed over. What is asked just now stays, for an
        answer may be on its way to it; only whoever takes such an answer back wants to be where it was given.
        """
        back = [each for each in self._gone if pair_of(each.entry.proposal) in waiting]
        if back:
            self._gone = [each for each in self._gone if pair_of(each.entry.proposal) not in waiting]
            back = [each for each in back if pair_of(each.entry.proposal) not in self._known]
            self._known |= {pair_of(each.entry.proposal) for each in back}
            place = self._at if self._is_taking_back else self._at + 1
            self._entries[place:place] = [each.entry for each in back if not each.was_passed]
            passed = [each.entry for each in back if each.was_passed]
            self._entries[self._at : self._at] = passed
            self._at += len(passed)
            self._is_taking_back = False
