"""A library for suggestions, and a simulated person: four kinds, some topics, and a taste for a few of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from media_assistant.items.for_you import ForYou, Offer
from media_assistant.items.happening import Ending, Happening, Verb
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.slate import Liking
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.for_you.for_you import Suggestions
from tests.workflows.finding import find, vector

TOPICS, WIDTH = 6, 32
SPACES = {Kind.VIDEO: "looks", Kind.PHOTO: "looks", Kind.MUSIC: "sounds", Kind.TEXT: "reads"}


def fill(library: Library, count: int, seed: int = 1) -> dict[int, int]:
    """Items of all kinds, each about one topic; gives the topic of each."""
    rng = np.random.default_rng(seed)
    centres = {space: rng.standard_normal((TOPICS, WIDTH)) for space in sorted(set(SPACES.values()))}
    topics: dict[int, int] = {}
    kinds = tuple(Kind)
    new = []
    for number in range(count):
        kind = kinds[number % 4]
        timed = kind in (Kind.VIDEO, Kind.MUSIC)
        facts = Facts(duration_ms=int(rng.integers(60_000, 3_600_000)) if timed else 0)
        place = f"/m/{kind.value}/{number % 7}/{number:05}.x"
        new.append(NewItem(kind, place, f"Thing {number}", 1000 + number, 1, f"hash-{number}", facts))
    ids, _ = library.add_items(new)
    for number, item_id in enumerate(ids):
        space, topic = SPACES[kinds[number % 4]], int(rng.integers(TOPICS))
        topics[item_id] = topic
        find(library, item_id, vector(space, centres[space][topic] + 0.6 * rng.standard_normal(WIDTH)))
    return topics


def suggestions_of(library: Library, seed: int = 5) -> Suggestions:
    """As the assistant holds them, but that everything happens at once and lots are drawn the same way."""
    from concurrent.futures import Future

    def at_once(work, *arguments):  # type: ignore[no-untyped-def]
        future: Future[object] = Future()
        future.set_result(work(*arguments))
        return future

    made = Suggestions(library, at_once, at_once, Feed())
    rng = np.random.default_rng(seed)
    made.draw = lambda: int(rng.integers(2**62))
    return made


@dataclass
class Person:
    """Likes things of some topics with a high chance, others hardly; looks at the first cards of each row, as people do."""

    library: Library
    suggestions: Suggestions
    topics: dict[int, int]
    seed: int
    tastes: np.ndarray = field(init=False)
    whole_regret: float = 0.0
    now: datetime = field(default=datetime(2026, 1, 5, 19, tzinfo=UTC))

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.tastes = np.full(TOPICS, 0.08)
        self.tastes[self.rng.permutation(TOPICS)[:2]] = 0.85
        self.suggestions.now = lambda: self.now

    def chance(self, item_id: int) -> float:
        return float(self.tastes[self.topics[item_id]])

    def _regret(self, offers: list[Offer]) -> float:
        return float(np.mean([max(self.tastes) - self.chance(offer.item.id) for offer in offers]))

    def use(self, offer: Offer, slate_id: int) -> None:
        """Open it, and either watch it to the end or leave it at once."""
        item, likes = offer.item, self.rng.random() < self.chance(offer.item.id)
        length = item.facts.duration_ms or 60_000
        ending = Ending.FINISHED if likes else Ending.SKIPPED
        span = TimeSpan(0, length if likes else 4000)
        happening = Happening(Verb.PLAYED, item.id, span, span.end_ms, ending, slate_id=slate_id)
        self.library.note_happening(happening, began=self.now.isoformat())
        self.suggestions.opened(slate_id, item.id)
        if likes and self.rng.random() < 0.2:
            self.suggestions.say([item.id], Liking.LIKE, slate_id)
        if not likes and self.rng.random() < 0.1:
            self.suggestions.say([item.id], Liking.NEVER, slate_id)

    def day(self, looks_at: int = 4, opens: int = 5) -> tuple[ForYou, float]:
        """One evening; gives the page and the regret of the rows that promise to please: how much likelier the best
        would have been liked than what stands there, a card. "Something different" promises something else.
        """
        page = self.suggestions.make_page()
        seen = [offer for row in page.rows for offer in row.offers[:looks_at] if row.name != "continue"]
        promised = [
            offer for row in page.rows for offer in row.offers[:looks_at] if row.name not in ("continue", "different")
        ]
        self.whole_regret = self._regret(seen)
        regret = self._regret(promised)
        order = sorted(seen, key=lambda offer: -(self.chance(offer.item.id) + 0.5 * self.rng.random()))
        for offer in order[:opens]:
            self.use(offer, page.slate_id)
            self.now += timedelta(minutes=5)
        self.now += timedelta(days=1)
        return page, regret
