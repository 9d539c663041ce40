"""The int8 rows of one space: those on disk, and behind them in memory those that came since."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import Cancelled
from media_assistant.library.item_set import ItemSet
from media_assistant.library.vectors.chosen_rows import Chosen, Runs, chosen_rows, runs_of
from media_assistant.library.vectors.matrix_file import PART, Displaced, MatrixFile, Rows
from media_assistant.library.vectors.nibble_rows import NibbleRows, can_have_nibbles, nibble_rows
from media_assistant.library.vectors.scanning import (
    PEAK_OF,
    Bytes,
    Floats,
    Ints,
    View,
    gathered,
    peaks_of,
    to_bytes,
    unit_rows,
)

log = logging.getLogger(__name__)

Number = TypeVar("Number", np.float32, np.int64, np.int8)

_WORTH_WRITING = 4096
"""Rows in memory from which they are written: fewer are read from the library again in a few hundredths of a second."""
_MOST_DEAD = 0.25
_NIBBLES_FROM = 8
"""Stretches of `PEAK_OF` rows from which a first look at half the bytes is worth its memory: fewer are read in 2 ms."""
_MOST_NIBBLES = 32
"""Stretches that are held in four bits: 280 MB of 512 numbers a row. What lies behind is looked at in int8."""


@dataclass(frozen=True, slots=True)
class _Among:
    """Rows of a filter's items, known for one state of the matrix: how often it was packed, and how many rows there are."""

    items: ItemSet
    state: tuple[int, int]
    chosen: Chosen


class Matrix:
    """Grows at its end, in the order of the ids. Without a `file` it lives in memory alone.

    Rows are added and taken out by one thread at a time, under `lock`; `view` is whole at any moment. `keep` may run
    beside all that.
    """

    def __init__(self, width: int, file: MatrixFile | None = None, loaded: Rows | None = None) -> None:
        self.width = width
        self.lock = threading.RLock()
        self._file = file
        self._writing = threading.Lock()
        self._on_disk: Bytes = np.empty((0, width), np.int8)
        self._tail: Bytes = np.empty((0, width), np.int8)
        self._ids: Ints = np.empty(0, np.int64)
        self._items: Ints = np.empty(0, np.int64)
        self._scales: Floats = np.empty(0, np.float32)
        self._peaks: Floats = np.empty(0, np.float32)
        self._nibbles: tuple[NibbleRows | None, ...] = ()
        self._may_have_nibbles = True
        self._runs: Runs | None = None
        self._among: _Among | None = None
        self._packed = 0
        self.count = 0
        self.last_id = 0
        self.dead = 0
        self.is_looked_through = loaded is None
        """Whether the file was read whole and found as it was written."""
        if loaded is not None:
            self._take_over(loaded)

    def view(self) -> View:
        """The rows as they are now. Rows that are taken out later are out of it too."""
        with self.lock:
            parts = tuple(part for part in (self._on_disk, self._tail[: self._unwritten]) if len(part))
            end = self.count
            known = self._ids[:end], self._items[:end], self._scales[:end]
            return View(parts, *known, self._peaks, self._nibbles)

    def view_among(self, items: Collection[int] | None) -> tuple[View, Chosen | None]:
        """As `view`, and which of the rows are of these items, None for all. The last ones are kept: who types asks behind one
        filter again and again.
        """
        if items is None:
            return self.view(), None
        with self.lock:
            known = self._runs.count if self._runs else 0
            # What came since is asked row by row, until that is worth looking through all of them again.
            if self._runs is None or self.count - known > _WORTH_WRITING + known // 64:
                self._runs = runs_of(self._items[: self.count])
            view, runs, state, kept = self.view(), self._runs, (self._packed, self.count), self._among
        if not isinstance(items, ItemSet):
            return view, chosen_rows(view.items, runs, items)
        if kept is None or kept.state != state or not np.array_equal(kept.items.mask, items.mask):
            self._among = kept = _Among(items, state, chosen_rows(view.items, runs, items))
        return view, kept.chosen

    def alive(self) -> Ints:
        """The ids of the vectors that are not known to be deleted, rising."""
        view = self.view()
        return view.ids[np.isfinite(view.scales)]

    def add(self, ids: Sequence[int], items: Sequence[int], values: Floats, last_id: int) -> None:
        """Vectors `[n, d]` of any length, with rising ids above all that are here and up to `last_id`."""
        with self.lock:
            self.last_id = last_id
            if not len(ids):
                return
            behind, end = self._unwritten, self.count + len(ids)
            if behind + len(ids) > len(self._tail):
                self._tail = _grown(self._tail, behind, behind + len(ids))
            if end > len(self._ids):
                self._ids, self._items = (_grown(each, self.count, end) for each in (self._ids, self._items))
                self._scales = _grown(self._scales, self.count, end)
            part = slice(self.count, end)
            self._tail[behind : behind + len(ids)], self._scales[part] = to_bytes(unit_rows(values))
            self._ids[part] = ids
            self._items[part] = items
            # Of the stretches that were whole before, what is known of them stays true.
            whole = self.count // PEAK_OF
            self._peaks = np.concatenate([self._peaks[:whole], peaks_of(self._scales[whole * PEAK_OF : end])])
            self.count = end

    def bury(self, ids: Ints, view: View | None = None) -> None:
        """These are deleted. A `view` that was made before is told too."""
        with self.lock:
            for known, scales in (
                (self._ids[: self.count], self._scales),
                *([(view.ids, view.scales)] if view else []),
            ):
                places = np.searchsorted(known, ids)
                places = places[places < len(known)]
                places = places[np.isin(known[places], ids)]
                scales[places] = np.nan
            self.dead = int(np.isnan(self._scales[: self.count]).sum())

    def bury_all_but(self, ids: Ints, until: int) -> None:
        """Only `ids` are left of those up to the id `until`."""
        with self.lock:
            known = self._ids[: self.count]
            self._scales[: self.count][~np.isin(known, ids) & (known <= until)] = np.nan
            self.dead = int(np.isnan(self._scales[: self.count]).sum())

    @property
    def wants_keeping(self) -> bool:
        """Whether `keep` has something to do."""
        if self._file is None:
            return False
        is_behind = self._unwritten >= _WORTH_WRITING or self._lacks_nibbles
        return is_behind or self._is_mostly_dead or not self.is_looked_through

    @property
    def _lacks_nibbles(self) -> bool:
        whole = self.count // PEAK_OF
        is_large = whole >= _NIBBLES_FROM and len(self._nibbles) < min(whole, _MOST_NIBBLES)
        return is_large and self._may_have_nibbles

    @property
    def _unwritten(self) -> int:
        return self.count - len(self._on_disk)

    @property
    def _is_mostly_dead(self) -> bool:
        return self.dead > _MOST_DEAD * self.count and self.dead >= 64

    def keep(self, should_stop: Callable[[], bool] = bool) -> bool:
        """Write what is not on disk yet, pack what is mostly deleted, and once look through what was found on disk.

        False if that is not as it was written: then all of it is to be read from the library again. Where nothing can be
        written, or another process writes, this matrix stays in memory from then on.
        """
        file = self._file
        if file is None or not self._writing.acquire(blocking=False):
            return True
        try:
            if not self.is_looked_through:
                if not file.is_whole(should_stop):
                    log.warning("a matrix is not as it was written: made anew")
                    file.drop()
                    return False
                self.is_looked_through = True
            if self._is_mostly_dead:
                self._pack_file(file, should_stop)
            elif self._unwritten >= _WORTH_WRITING:
                self._write(file)
        except Cancelled:
            pass
        except (OSError, Displaced) as error:
            log.info("new vectors are kept in memory alone: %r", error)
            self._file = None
        finally:
            self._writing.release()
        return True

    def add_nibbles(self, should_stop: Callable[[], bool] = bool) -> None:
        """Hold the stretches that are whole in four bits too, where that makes questions quicker."""
        with self._writing:
            # While this is held no file is packed: what is whole stays where it is. Whether this machine gains by it is tried
            # here, beside whoever asks.
            while self._lacks_nibbles and not should_stop():
                if not can_have_nibbles(self.width):
                    self._may_have_nibbles = False
                    return
                first = len(self._nibbles) * PEAK_OF
                # The first stretch says how near is near enough. Until that is known, nothing can be ruled out.
                made = nibble_rows(gathered(self.view().parts, np.arange(first, first + PEAK_OF))) if first else None
                with self.lock:
                    # Without a file rows are packed at any time, and none is known any more.
                    if len(self._nibbles) * PEAK_OF == first:
                        self._nibbles = (*self._nibbles, made)

    def write_while_reading(self) -> None:
        """During a long reading: what has come together goes to the disk before it takes much memory."""
        if self._file is not None and self._unwritten >= PART:
            self.keep()

    def pack(self) -> None:
        """Without a file: throw out what is deleted, if that is much."""
        with self.lock:
            if self._file is None and self._is_mostly_dead and not len(self._on_disk):
                kept = np.flatnonzero(np.isfinite(self._scales[: self.count]))
                self._tail = self._tail[kept]
                self._ids, self._items, self._scales = self._ids[kept], self._items[kept], self._scales[kept]
                self._peaks, self._nibbles, self._runs = peaks_of(self._scales), (), None
                self._packed, self._among = self._packed + 1, None
                self.count, self.dead = len(kept), 0

    def _write(self, file: MatrixFile) -> None:
        with self.lock:
            start, end = len(self._on_disk), self.count
            part = slice(start, end)
            added = Rows(
                self._tail[: end - start].copy(), self._ids[part], self._items[part], self._scales[part].copy()
            )
        on_disk = file.append(added)
        with self.lock:
            self._on_disk, self._tail = on_disk, self._tail[end - start :].copy()

    def _pack_file(self, file: MatrixFile, should_stop: Callable[[], bool]) -> None:
        view = self.view()
        kept = np.flatnonzero(np.isfinite(view.scales))
        on_disk = file.replace(_pieces_of(view, kept, should_stop))
        with self.lock:
            # What came or went meanwhile stays as it is.
            part = slice(view.count, self.count)
            behind = view.count - len(self._on_disk)
            self._tail = self._tail[behind : self._unwritten].copy()
            self._ids = np.concatenate([view.ids[kept], self._ids[part]])
            self._items = np.concatenate([view.items[kept], self._items[part]])
            self._scales = np.concatenate([view.scales[kept], self._scales[part]])
            self._on_disk = np.empty((0, self.width), np.int8) if on_disk is None else on_disk
            self._peaks, self._nibbles, self._runs = peaks_of(self._scales), (), None
            self._packed, self._among = self._packed + 1, None
            self.count = len(self._ids)
            self.dead = int(np.isnan(self._scales).sum())

    def _take_over(self, loaded: Rows) -> None:
        self._on_disk = loaded.bytes
        self.count = len(loaded.ids)
        # Room at the end, so that the next vector does not copy everything.
        room = self.count + self.count // 8 + _WORTH_WRITING
        self._ids, self._items = (_grown(each, self.count, room, exactly=True) for each in (loaded.ids, loaded.items))
        self._scales = _grown(loaded.scales, self.count, room, exactly=True)
        self._peaks = peaks_of(loaded.scales)
        self.last_id = int(loaded.ids[-1])
        self.dead = int(np.isnan(loaded.scales).sum())


def _pieces_of(view: View, rows: Ints, should_stop: Callable[[], bool]) -> Iterator[Rows]:
    """These rows, some at a time."""
    for start in range(0, len(rows), PART // 4):
        if should_stop():
            raise Cancelled
        part = rows[start : start + PART // 4]
        yield Rows(gathered(view.parts, part), view.ids[part], view.items[part], view.scales[part])


def _grown(array: NDArray[Number], used: int, room: int, *, exactly: bool = False) -> NDArray[Number]:
    """Room for so many, the `used` ones at its beginning."""
    room = room if exactly else max(room, len(array) * 3 // 2, 256)
    bigger = np.empty((room, *array.shape[1:]), array.dtype)
    bigger[:used] = array[:used]
    return bigger
