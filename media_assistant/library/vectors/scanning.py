"""Which of many vectors may be the nearest to a query, by their int8 rows.

A row is a unit vector times 127 over its largest part, rounded; its *scale* turns it back. What rounding does to a
cosine is known (evenly spread errors of a twelfth of a step squared), so a scan gives all rows whose true cosine may be
among the best, a few more than were asked for. Whoever asks compares those exactly.

A row with the scale NaN is out of every scan: no comparison with NaN holds.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.four_bits import FourBitFault
from media_assistant.library.vectors.chosen_rows import Chosen
from media_assistant.library.vectors.nibble_rows import NibbleQuery, NibbleRows
from media_assistant.library.vectors.products import products

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bytes = NDArray[np.int8]
One = TypeVar("One")
Other = TypeVar("Other")

_LARGEST = 127
_SURELY = 4.5
"""Standard deviations of the rounding that are allowed for: three of a million rows are further off."""
_DEVIATION = 12**-0.5
"""Of rounding to whole numbers."""
PEAK_OF = 32_768
"""Rows of a block, and of a stretch whose highest scale is known."""
_FIRST_ROWS = 2048
_GATHERED = 2048
_HELD_BYTES = 8 << 20
"""Rows of a filter that are held together for the next question behind it: 16,000 of 512 numbers."""
_FEW_REACH = 16
"""A first look pays where fewer than one of so many rows are to be looked at again."""


@dataclass(frozen=True, slots=True)
class View:
    """The rows of a space at one moment: `parts` of int8 `[n, d]` one behind the other, and of each row its id (rising),
    its item and its scale.
    """

    parts: tuple[Bytes, ...]
    ids: Ints
    items: Ints
    scales: Floats
    peaks: Floats
    """Of every `PEAK_OF` rows a scale that none of theirs exceeds."""
    nibbles: tuple[NibbleRows | None, ...] = ()
    """Of the first stretches of `PEAK_OF` rows the same in four bits, for a first look; None where that would rule out
    too little.
    """

    @property
    def count(self) -> int:
        """How many rows there are, those out of every scan included."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows, in their order, and a cosine that none of the others reaches."""

    rows: Ints
    edge: float


def unit_rows(values: Floats) -> Floats:
    """Rows of length 1; what is not finite is as good as nothing, and nothing stays nothing."""
    with np.errstate(all="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
        # What is not finite makes a length that is not.
        is_good = (lengths > 1e-12) & (lengths < np.inf)
        divisors: Floats = np.where(is_good, lengths, 1).astype(np.float32)
        units: Floats = values / divisors[:, None]
    if not is_good.all():
        units[~is_good] = 0
    return units


def to_bytes(units: Floats) -> tuple[Bytes, Floats]:
    """Int8 rows `[n, d]` of unit vectors, and their scales `[n]`."""
    scales = np.maximum(units.max(axis=1), -units.min(axis=1)) / np.float32(_LARGEST)
    steps = np.divide(np.float32(1), scales, out=np.zeros_like(scales), where=scales > 0)
    return np.rint(units * steps[:, None]).astype(np.int8), scales


def peaks_of(scales: Floats) -> Floats:
    """The highest scale of every `PEAK_OF` rows."""
    highest = np.fmax.reduceat(scales, np.arange(0, len(scales), PEAK_OF)) if len(scales) else scales
    return np.nan_to_num(highest, copy=False)


class Scanner:
    """Looks through views with as many threads as help. Safe to use from several threads."""

    def __init__(self) -> None:
        # Two threads read nearly all that the memory gives; more would only take cores from whoever plays a film. One of
        # them is whoever asks.
        is_alone = (os.cpu_count() or 1) < 2
        self._pool = None if is_alone else ThreadPoolExecutor(2, thread_name_prefix="vectors-scan")

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def candidates(
        self,
        view: View,
        query: Floats,
        k: int,
        wanted: Chosen | None = None,
        least: float | None = None,
    ) -> Candidates:
        """All rows that may be among the `k` nearest to the unit vector `query` `[d]`, or whose cosine may reach `least`
        if that is given; of the `wanted` ones only, if they are given.
        """
        row, scale = to_bytes(query[None])
        marks = None if wanted is None else wanted.marks
        numbers = None if wanted is None else wanted.numbers
        first_look = NibbleQuery(query) if view.nibbles and numbers is None else None
        search = _Search(view, row, float(scale[0]), k, marks, least, first_look)
        steps: list[Callable[[Floats], None]]
        if wanted is None or numbers is None:
            steps = [partial(search.look, *block) for block in _blocks(view.count, len(view.nibbles))]
            is_long = view.count > PEAK_OF
        else:
            steps = search.behind(wanted, numbers)
            # What is held is read in a stretch: a second thread would take longer to wake.
            is_long = wanted.held is None and len(steps) > 1
        rest = _Shared(steps)
        if is_long:
            self.both(rest.work, rest.work)
        else:
            rest.work()
        return search.end()

    def beside(self, work: Callable[[], One]) -> Callable[[], One]:
        """Begin it, where this machine has another core for that; what is returned gives what it gave."""
        return work if self._pool is None else self._pool.submit(work).result

    def both(self, here: Callable[[], One], there: Callable[[], Other]) -> tuple[One, Other]:
        """What both give: done at the same time, where this machine can."""
        if self._pool is None:
            return here(), there()
        other = self._pool.submit(there)
        try:
            one = here()
        finally:
            # Whatever happened here: nothing goes on behind the back of whoever asked.
            wait([other])
        return one, other.result()


class _Shared:
    """Steps that several threads take one by one until there are none. Each thread has one room `[PEAK_OF]` for numbers,
    for new memory at every step takes a tenth of its time.
    """

    def __init__(self, steps: Iterable[Callable[[Floats], None]]) -> None:
        self._steps = iter(steps)
        self._lock = threading.Lock()

    def work(self) -> None:
        room = np.empty(PEAK_OF, np.float32)
        while True:
            with self._lock:
                step = next(self._steps, None)
            if step is None:
                return
            step(room)


class _Search:
    """One query on its way through a view."""

    def __init__(
        self,
        view: View,
        query: Bytes,
        scale: float,
        k: int,
        wanted: NDArray[np.bool_] | None,
        least: float | None,
        first_look: NibbleQuery | None,
    ) -> None:
        self._view = view
        self._query = query
        self._scale = np.float32(scale)
        self._k = k
        self._wanted = wanted
        self._lock = threading.Lock()
        self._least = least
        self._edge = -np.inf if least is None else least / max(scale, 1e-12)
        self._rows: list[Ints] = []
        self._highest: list[Floats] = []
        self._likely = np.empty(0, np.float32)
        self._first_look = first_look

    def look(self, start: int, end: int, room: Floats) -> None:
        """The rows `start` to `end`, of one stretch of `PEAK_OF`."""
        hidden = float(self._hidden(self._view.peaks[start // PEAK_OF]))
        if self._looked_first(start, end, hidden, room):
            return
        for first, rows in _pieces(self._view.parts, start, end):
            likely = room[: len(rows)]
            products(self._query, rows, likely)
            likely *= self._view.scales[first : first + len(rows)]
            # One comparison with what the row of the largest scale would need, and all else for the few that reach it.
            reached = np.flatnonzero(likely > np.float32(self._edge - hidden))
            numbers = reached + first
            if self._wanted is not None:
                kept = self._wanted[numbers]
                reached, numbers = reached[kept], numbers[kept]
            self._keep(likely[reached], numbers)

    def _looked_first(self, start: int, end: int, hidden: float, room: Floats) -> bool:
        """Whether four bits ruled out nearly all of these rows; the others were then looked at."""
        stretch = start // PEAK_OF
        rows = self._view.nibbles[stretch] if stretch < len(self._view.nibbles) else None
        first_look = self._first_look
        # Without an edge nothing can be ruled out.
        if first_look is None or rows is None or self._edge == -np.inf:
            return False
        edge = (self._edge - hidden) * float(self._scale)
        try:
            numbers = start + first_look.reached(rows, edge, _SURELY)
        except FourBitFault as fault:
            log.warning("no first look: %s", fault)
            self._first_look = None
            return False
        if self._wanted is not None:
            numbers = numbers[self._wanted[numbers]]
        if len(numbers) * _FEW_REACH > end - start:
            # What the library holds is too alike, or much is asked for: it will not be otherwise further on.
            self._first_look = None
            return False
        if len(numbers):
            self.gather(numbers, room)
        return True

    def behind(self, wanted: Chosen, numbers: Ints) -> list[Callable[[Floats], None]]:
        """The steps for the rows of a narrow filter, which are held together for the next question behind it if they are few."""
        parts = [slice(start, start + _GATHERED) for start in range(0, len(numbers), _GATHERED)]
        held = wanted.held
        if held is not None:
            return [partial(self._look_at, numbers[part], held[part]) for part in parts]
        width = self._query.shape[1]
        if len(numbers) * width > _HELD_BYTES:
            return [partial(self.gather, numbers[part]) for part in parts]
        together = np.empty((len(numbers), width), np.int8)
        missing = list(parts)

        def hold(part: slice, room: Floats) -> None:
            together[part] = gathered(self._view.parts, numbers[part])
            self._look_at(numbers[part], together[part], room)
            missing.remove(part)
            if not missing:
                wanted.held = together

        return [partial(hold, part) for part in parts]

    def gather(self, rows: Ints, room: Floats) -> None:
        """These rows, at most `PEAK_OF`."""
        self._look_at(rows, gathered(self._view.parts, rows), room)

    def _look_at(self, rows: Ints, together: Bytes, room: Floats) -> None:
        likely = room[: len(rows)]
        products(self._query, together, likely)
        self._keep(likely * self._view.scales[rows], rows)

    def _keep(self, likely: Floats, rows: Ints) -> None:
        """Note those that may be among the best; `likely` are their cosines in units of the query's scale."""
        scales = self._view.scales[rows]
        highest = likely + self._hidden(scales)
        reached = np.flatnonzero(highest > np.float32(self._edge))
        if not len(reached):
            return
        rows, highest, likely = rows[reached], highest[reached], likely[reached]
        largest = scales[reached].max()
        with self._lock:
            self._rows.append(rows)
            self._highest.append(highest)
            if self._least is not None:
                return
            likely = np.concatenate([self._likely, likely])
            if len(likely) >= self._k:
                likely = np.partition(likely, len(likely) - self._k)[len(likely) - self._k :]
                # The k-th is only likely: one deviation less is what it hardly ever falls short of.
                edge = float(likely[0]) - float(self._hidden(largest)) / _SURELY
                self._edge = max(self._edge, edge)
            self._likely = likely

    def _hidden(self, scales: Floats | np.float32) -> Floats:
        """What the rounding of a row and of the query, which know nothing of each other, may hide of their cosine; in
        units of the query's scale.
        """
        both = np.sqrt(scales * scales + self._scale * self._scale)
        return np.asarray(both * np.float32(_SURELY * _DEVIATION / max(float(self._scale), 1e-12)), np.float32)

    def end(self) -> Candidates:
        """What was found."""
        edge = self._edge * float(self._scale) if self._least is None else self._least
        if not self._rows:
            return Candidates(np.empty(0, np.int64), edge)
        rows, highest = np.concatenate(self._rows), np.concatenate(self._highest)
        chosen = np.sort(rows[highest > np.float32(self._edge)])
        return Candidates(chosen, edge)


def _blocks(count: int, whole: int) -> list[tuple[int, int]]:
    """Stretches of all rows: small ones first, for an edge below which nothing need be kept; and small ones last, so
    that no thread waits long for the other. The first `whole` of `PEAK_OF` are only cut where the first one is.
    """
    ends = [_FIRST_ROWS]
    while ends[-1] < PEAK_OF:
        ends.append(min(2 * ends[-1], PEAK_OF))
    last = max(PEAK_OF, whole * PEAK_OF, (count // PEAK_OF - 1) * PEAK_OF)
    ends += [*range(2 * PEAK_OF, last, PEAK_OF), *range(last, count, max(1, PEAK_OF // 8))]
    ends = sorted({min(end, count) for end in (*ends, last, count)})
    return list(zip([0, *ends], ends, strict=False))


def _pieces(parts: Sequence[Bytes], start: int, end: int) -> list[tuple[int, Bytes]]:
    """The rows `start` to `end` as they lie in the parts, each with the number of its first."""
    found: list[tuple[int, Bytes]] = []
    begin = 0
    for part in parts:
        low, high = max(start, begin), min(end, begin + len(part))
        if low < high:
            found.append((low, part[low - begin : high - begin]))
        begin += len(part)
    return found


def gathered(parts: Sequence[Bytes], rows: Ints) -> Bytes:
    """The rows of these rising numbers."""
    found: list[Bytes] = []
    begin = 0
    for part in parts:
        low, high = np.searchsorted(rows, (begin, begin + len(part)))
        if low < high:
            found.append(np.take(part, rows[low:high] - begin, axis=0))
        begin += len(part)
    return found[0] if len(found) == 1 else np.concatenate(found)
