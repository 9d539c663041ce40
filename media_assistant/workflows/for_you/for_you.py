"""For you: the door for window and command line. Makes the page, notes what was shown, and hears what became of it."""

from __future__ import annotations

import contextlib
import copy
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from media_assistant.items.answers import Suggestion
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.for_you import ForYou, Offer, OfferRow, Share, Verdict, Wishes
from media_assistant.items.sentence import Sentence
from media_assistant.items.slate import Liking, Outcome, Slate

if TYPE_CHECKING:
    from media_assistant.learning.bandit import Ridge
    from media_assistant.library.library import Library
    from media_assistant.workflows.feed import Feed
    from media_assistant.workflows.for_you.own_past import OwnPast
    from media_assistant.workflows.for_you.recommending import Known, PlannedRow
    from media_assistant.workflows.for_you.shelves import LibraryShelf
    from media_assistant.workflows.for_you.stepping_back import Turn

Answer = TypeVar("Answer")

NOT_NOW = timedelta(days=14)
LEARNT_FROM = 200
"""The last pages that are learnt from."""
SHOWN_LATELY = 30
NEWER = 0.65
"""From this wish on for what is new nothing that is different steps back."""
_ALIKE = 60
_KEPT_ALIKE = 24
_OUTCOMES = {
    Liking.LIKE: Outcome.LIKED,
    Liking.NOT_NOW: Outcome.NOT_NOW,
    Liking.NOT_BECAUSE: Outcome.NOT_BECAUSE,
    Liking.NEVER: Outcome.NEVER,
}


@dataclass(slots=True)
class _Learnt:
    """What slates taught whose session is over, up to `until`, with the words that stood then."""

    ridge: Ridge
    until: int
    said: frozenset[tuple[int, str]]
    shown: list[tuple[int, ...]]
    turns: list[Turn]


class Suggestions:
    """Held by the assistant. Futures are settled on threads of the engine; nothing of it is kept but in the library."""

    def __init__(
        self,
        library: Library,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        ask: Callable[..., Future[Any]],
        feed: Feed,
    ) -> None:
        self._library = library
        self._write = write
        self._ask = ask
        self._lock = threading.Lock()
        self._held: LibraryShelf | None = None
        self._is_stale = True
        """Whether items, vectors or tags may have come or gone since the library was read."""
        self._past: OwnPast | None = None
        self._known: tuple[object, Known] | None = None
        self._learnt: _Learnt | None = None
        self._alike: dict[tuple[int, tuple[int, ...]], tuple[Suggestion, ...]] = {}
        self.draw: Callable[[], int] = lambda: secrets.randbits(63)
        """Gives the seed of each page."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        feed.subscribe(self._changed)

    # What is shown

    def page(self) -> Future[ForYou]:
        """The page of now, and note that it was shown. The first one reads the whole library, the next ones do not."""
        return self._ask(self.make_page)

    def make_page(self) -> ForYou:
        """As `page`, on the caller's thread."""
        from media_assistant.workflows.for_you.recommending import Planner
        from media_assistant.workflows.for_you.stepping_back import STEPS_BACK
        from media_assistant.workflows.for_you.taste import POLICY

        with self._lock:
            started = time.perf_counter()
            held = self._shelf()
            past = self._read_past()
            ridge, shown, rests = self._taste(past)
            wishes = self.wishes()
            rests &= wishes.newness < NEWER
            positions = self._library.left_off_lately(50)
            planner = Planner(
                held,
                past,
                ridge,
                wishes,
                known=self._know(held, past),
                positions=positions,
                shown=shown,
                alike=lambda item_id: {each.item.id: each.score for each in self._like(item_id, held)},
                today=self.now().timestamp() / 86400,
                seed=self.draw(),
                without={STEPS_BACK} if rests else set(),
            )
            planned = planner.plan()
            rows = self._say(planned, held, past, planner.past_rows, positions)
            slate_id = 0
            if rows and not self._library.is_read_only:
                shown_ids = {offer.item.id for row in rows for offer in row.offers}
                proposals = tuple(
                    each.proposal for row in planned for each in row.chosen if each.proposal.item_id in shown_ids
                )
                slate_id = self._library.note_slate(Slate(POLICY, proposals, wishes.plain()))
            took_ms = (time.perf_counter() - started) * 1000
            rests &= not planner.is_cold
            return ForYou(rows, slate_id, planner.is_cold, self._library.is_recording, wishes, round(took_ms, 1), rests)

    def wishes(self) -> Wishes:
        """How the person set it."""
        return Wishes.of(self._library.wishes())

    def judge(self) -> Future[tuple[Verdict, tuple[Share, ...]]]:
        """How suggestions did, and how often items of each kind, age and folder were shown."""

        def work() -> tuple[Verdict, tuple[Share, ...]]:
            from media_assistant.workflows.for_you.taste import Facts
            from media_assistant.workflows.for_you.verdicts import exposure, verdict

            with self._lock:
                past = self._read_past()
                slates = self._slates(0)
                shown = Counter(each.item_id for slate in slates for each in slate.proposals)
                found = verdict(slates, Facts(past.endings, past.chosen_from, past.said))
                shares = exposure(self._shelf(), shown, self.now().timestamp() / 86400)
            return found, tuple(shares)

        return self._ask(work)

    # What the person does

    def set_wishes(self, wishes: Wishes) -> Future[LibraryChanges]:
        """Wish it so from the next page on."""
        return self._write(lambda: self._library.set_wishes(wishes.plain()))

    def opened(self, slate_id: int, item_id: int) -> Future[LibraryChanges]:
        """A proposal was opened. How it ended is known from what is played."""
        return self._write(lambda: self._library.note_outcome(slate_id, item_id, Outcome.OPENED))

    def say(self, item_ids: Sequence[int], word: Liking, slate_id: int = 0) -> Future[LibraryChanges]:
        """Like, not now (two weeks), never, or nothing because of it: one step of undo."""

        def work() -> LibraryChanges:
            until = (self.now() + NOT_NOW).isoformat() if word is Liking.NOT_NOW else ""
            changes = self._library.say_of_liking(list(item_ids), word, until)
            for item_id in item_ids:
                if slate_id:
                    self._library.note_outcome(slate_id, item_id, _OUTCOMES[word])
            return changes

        return self._write(work)

    # What it is made of

    def _changed(self, changes: LibraryChanges) -> None:
        if changes.added or changes.removed or changes.moments or changes.changed or changes.tags:
            self._is_stale = True
        if changes.forgotten:
            with self._lock:
                self._learnt = self._known = self._past = None
        elif changes.past and self._held is not None:
            with contextlib.suppress(RuntimeError):  # the assistant is closing
                self._ask(self._prepare)

    def _shelf(self) -> LibraryShelf:
        from media_assistant.workflows.for_you.shelves import read_shelf

        is_stale, self._is_stale = self._is_stale, False
        if self._held is None or (is_stale and self._held.state != self._library.changed_at()):
            self._held = read_shelf(self._library)
        return self._held

    def _read_past(self) -> OwnPast:
        from media_assistant.workflows.for_you.own_past import read_past

        self._past = read_past(self._library, self.now(), self._past)
        return self._past

    def _know(self, held: LibraryShelf, past: OwnPast) -> Known:
        from media_assistant.workflows.for_you.recommending import know

        key = (id(held), past.chosen)
        if self._known is None or self._known[0] != key:
            self._known = key, know(held, past)
        return self._known[1]

    def _prepare(self) -> None:
        """Something happened: reckon now what the next page needs, before it is asked for."""
        with self._lock:
            if self._held is not None:
                self._know(self._shelf(), self._read_past())

    def _like(self, item_id: int, held: LibraryShelf) -> tuple[Suggestion, ...]:
        """What Similar finds for an item, kept while the library is as it is."""
        from media_assistant.workflows.likeness.suggesting import similar

        key = (item_id, held.state)
        if key not in self._alike:
            while len(self._alike) >= _KEPT_ALIKE:
                self._alike.pop(next(iter(self._alike)))
            self._alike[key] = similar(self._library, item_id, _ALIKE)
        return self._alike[key]

    def _taste(self, past: OwnPast) -> tuple[Ridge, Counter[int], bool]:
        """The bandit as it is now, how often each item was shown lately, and whether a row that was passed over rests."""
        from media_assistant.workflows.for_you import stepping_back, taste

        facts = taste.Facts(past.endings, past.chosen_from, past.said)
        learnt = self._learnt
        last = self._library.last_slate()
        if learnt is None or learnt.said != past.said or learnt.until > last:
            learnt = self._learnt = _Learnt(taste.fresh(), max(0, last - LEARNT_FROM), past.said, [], [])
        slates = self._library.slates_since(learnt.until)
        now = max((slate.session for slate in slates), default=0)
        over = [slate for slate in slates if slate.session < now]
        taste.teach(learnt.ridge, over, facts)
        learnt.shown = [*learnt.shown, *(_shown(slate) for slate in over)][-SHOWN_LATELY:]
        learnt.turns = [*learnt.turns, *stepping_back.turns_of(over)][-stepping_back.KEPT :]
        learnt.until = max((slate.id for slate in over), default=learnt.until)
        ridge = copy.deepcopy(learnt.ridge)
        open_slates = [slate for slate in slates if slate.session == now]
        taste.teach(ridge, open_slates, facts)
        lately = [*learnt.shown, *(_shown(slate) for slate in open_slates)][-SHOWN_LATELY:]
        rests = stepping_back.rests([*learnt.turns, *stepping_back.turns_of(open_slates)])
        return ridge, Counter(item_id for ids in lately for item_id in ids), rests

    def _slates(self, since: int) -> list[Slate]:
        return self._library.slates_since(max(since, self._library.last_slate() - LEARNT_FROM))

    def _say(
        self,
        planned: Sequence[PlannedRow],
        held: LibraryShelf,
        past: OwnPast,
        past_rows: Any,
        positions: dict[int, int],
    ) -> tuple[OfferRow, ...]:
        """Items, heads and reasons."""
        from media_assistant.workflows.for_you.offer_reasons import Reasons

        ids = {each.proposal.item_id for row in planned for each in row.chosen}
        ids |= {int(held.ids[at]) for row in planned for each in row.chosen if (at := each.because) >= 0}
        reasons = Reasons(held, past, past_rows, self._library.finding.names().concepts)
        ids |= reasons.named(each.at for row in planned for each in row.chosen)
        items = {item.id: item for item in self._library.items(sorted(ids))}
        titles = {item_id: " ".join(item.title.split()) for item_id, item in items.items()}
        rows = []
        for row in planned:
            seed = int(held.ids[row.seed]) if row.seed >= 0 else 0
            alike = {each.item.id: each for each in self._like(seed, held)} if seed else {}
            offers = []
            for each in row.chosen:
                item = items.get(each.proposal.item_id)
                if item is None:
                    continue
                says, because = reasons.say(row.name, each, item, positions=positions, titles=titles, alike=alike)
                at_ms = positions.get(item.id, -1) if row.name == "continue" else -1
                offers.append(Offer(item, says, because, at_ms))
            if offers:
                head = Sentence(
                    f"for_you.row.{row.name.split('.')[0]}", {"title": titles.get(seed, "")} if seed else {}
                )
                if row.name.startswith("sample."):
                    head = Sentence(f"for_you.row.{row.name}")
                rows.append(OfferRow(row.name, head, tuple(offers)))
        return tuple(rows)


def _shown(slate: Slate) -> tuple[int, ...]:
    return tuple(each.item_id for each in slate.proposals)
