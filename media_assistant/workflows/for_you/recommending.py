"""The rows of "For you", from one person's own past and the contents of their own library.

What each row may take is its pool; from a pool the best are taken, unlike each other, some of them by lot
(learning/showing.py), so that what was shown can be judged later. An item stands in one row only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from media_assistant.items.for_you import Wishes
from media_assistant.items.slate import Proposal
from media_assistant.learning.own_past import EVIDENCE, SHARP, Past, weigh
from media_assistant.learning.showing import show
from media_assistant.workflows.for_you import taste
from media_assistant.workflows.for_you.own_past import OwnPast
from media_assistant.workflows.for_you.shelves import KINDS, LibraryShelf, days

if TYPE_CHECKING:
    import numpy.typing as npt

    from media_assistant.learning.bandit import Ridge

IN_ROW = 12
POOL = 120
SEEDS = 2
_TRIED, _FEWEST = 6, 3
"""So many things are looked at for rows about one; a row of fewer is none."""
_SAME = 0.6
_FORGOTTEN_DAYS = 30.0
_LATELY = 32
_FAIR = 0.06
"""How much a group that was shown too seldom is helped, per nat of its share: little, but for ever, until it is shown."""
_WISHED = 0.35
"""What a slider that is pushed to its end adds for a standard deviation."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An item of a row: its row of the shelf, how it was taken, and by which item of the past (-1: none)."""

    at: int
    because: int
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """`name` of the row and the item that it is about, a row of the shelf (-1: none)."""

    name: str
    seed: int
    chosen: tuple[Chosen, ...]


Known = tuple["npt.NDArray[np.intp]", "npt.NDArray[np.float32]"]
"""The rows of the person's past on the shelf, the oldest first, and the evidence for every item."""


def know(held: LibraryShelf, past: OwnPast) -> Known:
    """Hold all items against the past: what of a page takes longest, and stays as it is until something happens."""
    rows = held.rows([item_id for item_id, _ in past.chosen])
    there = rows >= 0
    liked = np.array([worth for _, worth in past.chosen], np.float32)
    return rows[there], weigh(held.shelf, Past(rows[there], liked[there]))


class Planner:
    """Plans one page. Everything is computed once for all items, and then rows are taken out of it.

    `positions` are where items were left off (ms), the latest first, `shown` how often each was suggested lately, and
    `alike` gives the items that are like one, each with how much (0..1). `without` are names of rows that are left out.
    """

    def __init__(
        self,
        held: LibraryShelf,
        past: OwnPast,
        ridge: Ridge,
        wishes: Wishes,
        *,
        positions: Mapping[int, int],
        shown: Mapping[int, int],
        known: Known,
        alike: Callable[[int], Mapping[int, float]],
        today: float,
        seed: int,
        without: Collection[str] = (),
    ) -> None:
        self._without = without
        self._held, self._past, self._wishes, self._today = held, past, wishes, today
        self._positions, self._alike = positions, alike
        self._rng = np.random.default_rng(seed)
        self.past_rows, self.evidence = known
        used = held.rows(list(past.uses))
        self._is_used = np.zeros(len(held.ids), bool)
        self._is_used[used[used >= 0]] = True
        extra = taste.Extra(self._together(), (~self._is_used).astype(np.float32), held.kinds)
        self.contexts = taste.contexts(self.evidence, extra)
        self.expected = ridge.expect(self.contexts)
        self._ridge = ridge
        self._free = np.ones(len(held.ids), bool)
        withheld = held.rows(list(past.withheld))
        self._free[withheld[withheld >= 0]] = False
        self._score = (self.expected + self._wish() + self._fair(shown)).astype(np.float32)

    @property
    def is_cold(self) -> bool:
        """Whether nothing is known of the person."""
        return not len(self.past_rows)

    def plan(self) -> list[PlannedRow]:
        """The rows that have something to show, in their order on the page."""
        if self.is_cold:
            return [row for row in (self._newest(), *self._samples()) if row.chosen]
        rows = [self._go_on(), *self._because(), self._likely(), self._across(), self._forgotten()]
        if "different" not in self._without:
            rows.append(self._different())
        if self._wishes.newness < 0.35:
            rows.insert(1, rows.pop(next(at for at, row in enumerate(rows) if row.name == "forgotten")))
        return [row for row in rows if row.chosen]

    # Pools

    def _go_on(self) -> PlannedRow:
        rows = self._held.rows(list(self._positions))
        return PlannedRow("continue", -1, self._fixed("continue", rows[rows >= 0][:IN_ROW]))

    def _because(self) -> list[PlannedRow]:
        """About the last things that were liked or played to their end, unlike each other; from what Similar finds for each."""
        found: list[PlannedRow] = []
        units = self._held.shelf.units
        liked = {item_id for item_id, worth in self._past.chosen if worth > 1.0}
        seeds: list[int] = []
        for row in [int(row) for row in self.past_rows[::-1] if int(self._held.ids[row]) in liked][:_TRIED]:
            if len(found) == SEEDS:
                break
            if any(float(units[row] @ units[other]) > _SAME for other in seeds):
                continue
            alike = self._alike(int(self._held.ids[row]))
            pool = self._held.rows(list(alike))
            scores = np.fromiter(alike.values(), np.float32, len(alike))
            keep = pool >= 0
            keep[keep] &= self._free[pool[keep]] & ~self._is_used[pool[keep]]
            pool, scores = pool[keep], scores[keep]
            if len(pool) >= _FEWEST:
                seeds.append(row)
                name = f"because.{len(found) + 1}"
                chosen = self._take(name, pool, scores + self._score[pool], because=row)
                found.append(PlannedRow(name, row, chosen))
        return found

    def _likely(self) -> PlannedRow:
        hope = self._score + np.float32(taste.BOLDNESS) * self._ridge.doubt(self.contexts).astype(np.float32)
        pool = self._best(hope, ~self._is_used)
        return PlannedRow("likely", -1, self._take("likely", pool, hope[pool]))

    def _across(self) -> PlannedRow:
        """Of the kinds that were not chosen lately."""
        lately = np.bincount(self._held.kinds[self.past_rows[-_LATELY:]], minlength=len(KINDS))
        pool = self._best(self._score, ~self._is_used & (self._held.kinds != int(lately.argmax())))
        return PlannedRow("across", -1, self._take("across", pool, self._score[pool]))

    def _forgotten(self) -> PlannedRow:
        rows = [
            item_id
            for item_id, use in self._past.uses.items()
            if (item_id in self._past.liked or use.finished >= 2) and self._today - days(use.at) > _FORGOTTEN_DAYS
        ]
        found = self._held.rows(rows)
        pool = found[found >= 0]
        pool = pool[self._free[pool]]
        pool = pool[np.argsort(-self._score[pool], kind="stable")][:POOL]
        return PlannedRow("forgotten", -1, self._take("forgotten", pool, self._score[pool]))

    def _different(self) -> PlannedRow:
        """Least like what was chosen lately; of these, what was shown least and is expected to be liked most."""
        nearest = self.evidence[:, EVIDENCE.index("nearest")] / SHARP
        pool = self._best(self._score - 2.0 * nearest, ~self._is_used & (nearest < _UNLIKE))
        return PlannedRow(
            "different", -1, self._take("different", pool, self._score[pool] - nearest[pool], variety=0.6)
        )

    def _newest(self) -> PlannedRow:
        order = np.argsort(-self._held.ids, kind="stable")
        return PlannedRow("newest", -1, self._fixed("newest", order[:IN_ROW]))

    def _samples(self) -> list[PlannedRow]:
        """Some of each kind, drawn evenly: nothing is known that could choose."""
        rows = []
        for at, kind in enumerate(KINDS):
            pool = np.flatnonzero((self._held.kinds == at) & self._free)
            name = f"sample.{kind.value}"
            if len(pool):
                drawn = self._rng.permutation(pool)[:IN_ROW]
                chance = 1 / len(pool)
                rows.append(PlannedRow(name, -1, self._fixed(name, drawn, chance)))
        return rows

    # Taking

    def _best(self, scores: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        """The rows of the highest scores, at most POOL, that are free and allowed."""
        scores = np.where(allowed & self._free, scores, -np.inf)
        count = min(POOL, int(np.isfinite(scores).sum()))
        if not count:
            return np.zeros(0, np.intp)
        top = np.argpartition(-scores, count - 1)[:count]
        return top[np.argsort(-scores[top], kind="stable")]

    def _take(
        self,
        name: str,
        pool: npt.NDArray[np.intp],
        scores: npt.NDArray[np.floating],
        *,
        because: int = -1,
        variety: float = 0.0,
    ) -> tuple[Chosen, ...]:
        if not len(pool):
            return ()
        variety = variety or 0.25 + 0.2 * self._wishes.breadth
        units = self._held.shelf.units[pool]
        taken = show(np.asarray(scores, np.float32), units, IN_ROW, self._rng, variety=variety)
        left = np.ones(len(pool), bool)
        expected = self.expected[pool]
        chosen = []
        for place, each in enumerate(taken):
            row = int(pool[each.at])
            choice = (each.left, float(expected[left].mean()), float(expected[each.worthiest]), each.is_worthiest)
            context = np.concatenate([self.contexts[row], choice]).astype(np.float32).tobytes()
            proposal = Proposal(
                name, place, int(self._held.ids[row]), each.propensity, float(expected[each.at]), context
            )
            chosen.append(Chosen(row, because if because >= 0 else self._nearest(row), proposal))
            left[each.at] = False
            self._free[row] = False
        return tuple(chosen)

    def _fixed(self, name: str, rows: npt.NDArray[np.intp], chance: float = 1.0) -> tuple[Chosen, ...]:
        """As they stand: nobody chose among them."""
        rows = rows[self._free[rows]]
        self._free[rows] = False
        return tuple(
            Chosen(int(row), -1, Proposal(name, place, int(self._held.ids[row]), chance, float(self.expected[row])))
            for place, row in enumerate(rows)
        )

    # What moves scores

    def _nearest(self, row: int) -> int:
        """The row of the one of the past that it is most like; -1 if it is like none."""
        units = self._held.shelf.units
        looked_at = self.past_rows[-_LATELY:]
        if not len(looked_at) or not units.shape[1]:
            return -1
        likeness = units[looked_at] @ units[row]
        best = int(likeness.argmax())
        return int(looked_at[best]) if likeness[best] > _LIKE else -1

    def _together(self) -> npt.NDArray[np.float32]:
        """How often each item was used in one session with one of the last five, as log(1 + count)."""
        lately = {int(self._held.ids[row]) for row in self.past_rows[-5:]}
        counts: dict[int, int] = {}
        for items in self._past.sessions.values():
            if lately.intersection(items):
                for item_id in items:
                    if item_id not in lately:
                        counts[item_id] = counts.get(item_id, 0) + 1
        found = np.zeros(len(self._held.ids), np.float32)
        rows = self._held.rows(list(counts))
        found[rows[rows >= 0]] = np.log1p(np.array(list(counts.values()), np.float32))[rows >= 0]
        return found

    def _wish(self) -> npt.NDArray[np.float32]:
        """What the sliders add."""
        wishes, held = self._wishes, self._held
        added = np.zeros(len(held.ids), np.float32)
        familiar = self.evidence[:, 4] + self.evidence[:, 6]
        added -= np.float32(2 * (wishes.newness - 0.5) * _WISHED) * _standard(familiar)
        if wishes.length != 0.5:
            length = np.zeros(len(held.ids), np.float32)
            for at in range(len(KINDS)):
                timed = (held.kinds == at) & (held.durations_s > 0)
                length[timed] = _standard(np.log(held.durations_s[timed]))
            added += np.float32(2 * (wishes.length - 0.5) * _WISHED) * length
        if wishes.breadth != 0.5 and len(self.past_rows):
            used = np.bincount(held.kinds[self.past_rows], minlength=len(KINDS)) + 0.5
            share = np.log(used / used.max()).astype(np.float32)
            added += np.float32(2 * (0.5 - wishes.breadth) * _WISHED) * share[held.kinds]
        return added

    def _fair(self, shown: Mapping[int, int]) -> npt.NDArray[np.float32]:
        """A little for what stands behind: kinds and folders that were shown less than their share, and items never shown."""
        held = self._held
        times = np.zeros(len(held.ids))
        rows = held.rows(list(shown))
        times[rows[rows >= 0]] = np.array(list(shown.values()), float)[rows >= 0]
        groups = [held.kinds.astype(np.int64), held.folder_numbers]
        added = -np.log1p(times)
        for group in groups:
            size = np.bincount(group) if len(group) else np.zeros(1)
            got = np.bincount(group, times) if len(group) else np.zeros(1)
            lack = np.log((size / max(1, size.sum()) + 0.01) / ((got + 1) / (got.sum() + len(got)) + 0.01))
            added = added + np.clip(lack, -2, 2)[group]
        return (_FAIR * added).astype(np.float32)


_LIKE = 0.35
"""From this cosine on (of sketches, less what all have in common) an item is said to be like another."""
_UNLIKE = 0.25


def _standard(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    if not len(values):
        return values
    return np.asarray((values - values.mean()) / (values.std() or 1.0), np.float32)
