"""Sets of items as one byte an item: what a query refuses or filters is most of a library as often as a part of it.

Ids come from SQLite as one text each: a row for every id would be a Python object, and another turn of the lock that all
threads share, for every item of the library.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class ItemSet(AbstractSet[int]):
    """A set of item ids that does not change. Works with other sets of ints, quickest with its like."""

    __slots__ = ("_count", "mask")

    def __init__(self, mask: Mask) -> None:
        """`mask[item_id]` says whether the item is in it; nobody changes it afterwards."""
        self.mask = mask
        self._count = -1

    @classmethod
    def of(cls, item_ids: Ints | Iterable[int]) -> Self:
        """The set of these."""
        if not isinstance(item_ids, np.ndarray):
            item_ids = list(item_ids)
        ids = np.asarray(item_ids, np.int64)
        mask = np.zeros(int(ids.max()) + 1 if len(ids) else 0, np.bool_)
        mask[ids] = True
        return cls(mask)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return cls.of(it)

    def __contains__(self, item_id: object) -> bool:
        return isinstance(item_id, int) and 0 <= item_id < len(self.mask) and bool(self.mask[item_id])

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids().tolist())

    def __len__(self) -> int:
        if self._count < 0:
            self._count = int(np.count_nonzero(self.mask))
        return self._count

    def __le__(self, other: AbstractSet[object]) -> bool:
        theirs = other.mask if isinstance(other, ItemSet) else _mask(each for each in other if isinstance(each, int))
        both = min(len(self.mask), len(theirs))
        return not (self.mask[:both] & ~theirs[:both]).any() and not self.mask[both:].any()

    def __and__(self, other: Iterable[int]) -> ItemSet:
        ours, theirs = self.mask, _mask(other)
        both = min(len(ours), len(theirs))
        return ItemSet(ours[:both] & theirs[:both])

    def __or__(self, other: Iterable[int]) -> ItemSet:  # type: ignore[override]
        ours, theirs = self.mask, _mask(other)
        if len(ours) < len(theirs):
            ours, theirs = theirs, ours
        either = ours.copy()
        either[: len(theirs)] |= theirs
        return ItemSet(either)

    def __sub__(self, other: Iterable[int]) -> ItemSet:
        ours, theirs = self.mask.copy(), _mask(other)
        both = min(len(ours), len(theirs))
        ours[:both] &= ~theirs[:both]
        return ItemSet(ours)

    __rand__ = __and__
    __ror__ = __or__

    def ids(self) -> Ints:
        """Rising."""
        return np.flatnonzero(self.mask)

    def among(self, item_ids: Ints) -> Mask:
        """Which of these `[n]` are in it."""
        inside = (item_ids >= 0) & (item_ids < len(self.mask))
        return inside if not len(self.mask) else inside & self.mask[np.where(inside, item_ids, 0)]


def _mask(items: Iterable[int]) -> Mask:
    return items.mask if isinstance(items, ItemSet) else ItemSet.of(items).mask


def read_ids(connection: sqlite3.Connection, select: str, values: Sequence[str | int] = ()) -> Ints:
    """The numbers that a SELECT of one column gives, in its order."""
    (text,) = connection.execute(
        f"WITH wanted (number) AS ({select}) SELECT group_concat(number) FROM wanted", values
    ).fetchone()
    return numbers(text)


def numbers(text: str | None) -> Ints:
    """What `group_concat` made of whole numbers."""
    return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)


def read_set(connection: sqlite3.Connection, select: str, values: Collection[str | int] = ()) -> ItemSet:
    """The items whose ids a SELECT of one column gives."""
    return ItemSet.of(read_ids(connection, select, tuple(values)))
