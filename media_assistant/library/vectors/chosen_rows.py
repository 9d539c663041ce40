"""Which rows of a space are of the items that a filter leaves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.library.item_set import ItemSet

Ints = NDArray[np.int64]

_NARROW = 4
"""The rows of a filter that leaves less than one of so many are copied together; else all are looked through."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Where the rows of each item lie, of the first `count` rows: stretches, in the order of their items."""

    items: Ints
    starts: Ints
    ends: Ints
    count: int


@dataclass(slots=True)
class Chosen:
    """The rows of a filter: their numbers, rising, if they are few, else of every row whether it is one of them."""

    numbers: Ints | None
    marks: NDArray[np.bool_] | None
    held: NDArray[np.int8] | None = None
    """The rows themselves, one behind the other, once somebody asked for all of them; of the few alone."""


def runs_of(items: Ints) -> Runs:
    """The stretches of rows `[n]` of one item each."""
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(items)), np.bool_), items[1:] != items[:-1]]))
    order = np.argsort(items[starts], kind="stable")
    ends = np.append(starts[1:], len(items))
    return Runs(items[starts][order], starts[order], ends[order], len(items))


def chosen_rows(owners: Ints, runs: Runs | None, wanted: Collection[int]) -> Chosen:
    """The rows of the wanted items. `owners` `[n]` tell of each row whose it is, `runs` where the rows of each item lie: for a
    narrow filter, without it all rows are asked.
    """
    items = wanted.ids() if isinstance(wanted, ItemSet) else np.unique(np.fromiter(wanted, np.int64, len(wanted)))
    if runs is None or len(items) * _NARROW > len(runs.items):
        marks = _marks(owners, items)
        is_narrow = np.count_nonzero(marks) * _NARROW < len(owners)
        return Chosen(np.flatnonzero(marks), None) if is_narrow else Chosen(None, marks)
    found = _counted(np.searchsorted(runs.items, items, "left"), np.searchsorted(runs.items, items, "right"))
    # The few stretches are sorted, not their many rows.
    found = found[np.argsort(runs.starts[found])]
    numbers = _counted(runs.starts[found], runs.ends[found])
    if len(numbers) * _NARROW > len(owners):
        # Few items, and nearly all rows are theirs.
        return Chosen(None, _marks(owners, items))
    if runs.count < len(owners):
        numbers = np.append(numbers, runs.count + np.flatnonzero(_marks(owners[runs.count :], items)))
    return Chosen(numbers, None)


def _counted(starts: Ints, ends: Ints) -> Ints:
    """All numbers from each start up to its end, one stretch behind the other."""
    lengths = ends - starts
    behind = np.cumsum(lengths)
    return np.repeat(starts - behind + lengths, lengths) + np.arange(behind[-1] if len(behind) else 0)


def _marks(items: Ints, chosen: Ints) -> NDArray[np.bool_]:
    """Of each of the rows `[n]` whether it belongs to one of the items."""
    highest = int(items.max()) if len(items) else 0
    if not len(items) or highest > 8 * len(items) + 65_536 or int(items.min()) < 0:
        return np.isin(items, chosen)
    # A table of all item numbers is read ten times as fast as sorted numbers are searched.
    table = np.zeros(highest + 1, np.bool_)
    table[chosen[(chosen >= 0) & (chosen <= highest)]] = True
    return np.take(table, items)
