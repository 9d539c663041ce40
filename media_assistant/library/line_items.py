"""Lines that hold words, and whose they are: an array in memory.

The index keeps a line's item beside its words, a page of the file away: of a common word reading it takes ten times as
long as finding it. Moments of one item mostly have ids in a row, so all that is kept is where another item's begin. A
moment never changes its item and no id is given twice (AUTOINCREMENT), so what is known stays true, and what came since
has higher ids.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence

import numpy as np

from media_assistant.errors import MediaAssistantError
from media_assistant.items.moment import Sense
from media_assistant.library import text_index
from media_assistant.library.item_set import Ints, ItemSet, numbers

log = logging.getLogger(__name__)

_AT_ONCE = 2048
"""Items that are read in one statement."""
_SMALL = 20_000
"""Up to so many moments they are read by whoever asks first: a few hundredths of a second. More are read beside."""

_LAST = "SELECT ifnull(max(id), 0) FROM moments"
_LAST_ITEM = "SELECT ifnull(max(id), 0) FROM items"
_OF_ITEMS = (
    "SELECT group_concat(id), group_concat(item_id) FROM moments INDEXED BY moments_by_item"
    " WHERE item_id > ? AND item_id <= ? AND id <= ?"
)
_NEWER = (
    "SELECT group_concat(id), group_concat(item_id) FROM (SELECT id, item_id FROM moments WHERE id > ? ORDER BY id)"
)


class LineItems:
    """Of one library. Safe to ask from several threads. `connection` gives a read connection of the calling thread's."""

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._known: tuple[Ints, Ints, int] | None = None
        """The first ids of stretches, whose those are, and the last id that is known."""
        self._reading: threading.Thread | None = None
        self._is_closing = threading.Event()

    def close(self) -> None:
        """Stop reading."""
        self._is_closing.set()
        with self._lock:
            reading = self._reading
        if reading is not None:
            reading.join()

    def best(
        self, wanted: str, senses: Sequence[Sense], limit: int, *, is_ordered: bool = True
    ) -> list[tuple[int, int]]:
        """(moment_id, item_id) of the lines that `text_index.match` gives; unless `is_ordered`, in no order."""
        if not wanted:
            return []
        connection = self._connection()
        # The lines first: whatever is committed meanwhile, whose they are is known afterwards.
        ids = text_index.match_ids(connection, wanted, senses=senses, limit=limit, is_ordered=is_ordered)
        known = self._up_to(int(ids.max(initial=0)))
        if known is None:
            found = text_index.match(connection, wanted, senses=senses, limit=limit)
            return [(each.moment_id, each.item_id) for each in found]
        starts, items, _ = known
        return list(zip(ids.tolist(), items[np.searchsorted(starts, ids, side="right") - 1].tolist(), strict=True))

    def all(self, wanted: str, senses: Sequence[Sense]) -> tuple[Ints, Ints]:
        """Every line that matches an expression of the text index, and whose it is."""
        if not wanted:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        connection = self._connection()
        ids = text_index.all_ids(connection, wanted, senses=senses)
        known = self._up_to(int(ids.max(initial=0)))
        if known is None:
            return text_index.all_with_items(connection, wanted, senses=senses)
        starts, items, _ = known
        return ids, items[np.searchsorted(starts, ids, side="right") - 1]

    def among(self, wanted: str, items: ItemSet, limit: int) -> list[tuple[int, int]]:
        """(moment_id, item_id) of the lines of these items that match; of more than `limit`, one of each item."""
        ids, owners = self.all(wanted, ())
        inside = items.among(owners)
        ids, owners = ids[inside], owners[inside]
        if len(ids) > limit:
            owners, firsts = np.unique(owners, return_index=True)
            ids = ids[firsts]
        return list(zip(ids.tolist(), owners.tolist(), strict=True))

    def having(self, wanted: str, senses: Sequence[Sense]) -> ItemSet:
        """Every item with a line that matches an expression of the text index."""
        if not wanted:
            return ItemSet.of(())
        connection = self._connection()
        ids = text_index.all_ids(connection, wanted, senses=senses)
        known = self._up_to(int(ids.max(initial=0)))
        if known is None:
            return text_index.match_all(connection, wanted, senses=senses)
        starts, items, _ = known
        if len(ids) < len(starts):
            return ItemSet.of(items[np.searchsorted(starts, ids, side="right") - 1])
        before = np.searchsorted(ids, starts)
        return ItemSet.of(items[np.diff(before, append=len(ids)) > 0])

    def _up_to(self, moment_id: int) -> tuple[Ints, Ints, int] | None:
        with self._lock:
            if self._known is None and self._reading is None:
                last = int(self._connection().execute(_LAST).fetchone()[0])
                if last <= _SMALL:
                    self._known = self._read_all()
                else:
                    self._reading = threading.Thread(target=self._read_beside, name="line-items", daemon=True)
                    self._reading.start()
            if self._known is not None and self._known[2] < moment_id:
                self._known = self._grown(self._known)
            return self._known

    def _read_beside(self) -> None:
        try:
            known = self._read_all()
        except (sqlite3.Error, MediaAssistantError):
            # The library was closed or went away: whoever asks next is told.
            log.debug("whose the lines are stays unknown", exc_info=True)
            known = None
        with self._lock:
            self._known, self._reading = known, None

    def _read_all(self) -> tuple[Ints, Ints, int] | None:
        connection = self._connection()
        last = int(connection.execute(_LAST).fetchone()[0])
        last_item = int(connection.execute(_LAST_ITEM).fetchone()[0])
        owner = np.zeros(last + 1, np.int32 if last_item < 2**31 else np.int64)
        for start in range(0, last_item, _AT_ONCE):
            if self._is_closing.is_set():
                return None
            ids, items = connection.execute(_OF_ITEMS, (start, start + _AT_ONCE, last)).fetchone()
            owner[numbers(ids)] = numbers(items)
        used = np.flatnonzero(owner)
        starts, items = _stretches(used, owner[used].astype(np.int64))
        # What no line has stands before all of them, so that every place is one.
        return np.concatenate([[0], starts]), np.concatenate([[0], items]), last

    def _grown(self, known: tuple[Ints, Ints, int]) -> tuple[Ints, Ints, int]:
        starts, items, last = known
        ids, owners = (numbers(text) for text in self._connection().execute(_NEWER, (last,)).fetchone())
        if not len(ids):
            return known
        new_starts, new_items = _stretches(ids, owners)
        return np.concatenate([starts, new_starts]), np.concatenate([items, new_items]), int(ids[-1])


def _stretches(ids: Ints, items: Ints) -> tuple[Ints, Ints]:
    """Where, in rising ids, another item's begin."""
    is_first = np.ones(len(ids), np.bool_)
    is_first[1:] = items[1:] != items[:-1]
    return ids[is_first], items[is_first]
