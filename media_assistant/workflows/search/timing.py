"""Moments of one item against each other: one after another, or at the same time.

A *place* is where something stands in an item, on a line of its own: milliseconds of a film or a song, pages and characters
of a text, or all of it (a label of a whole photo). Places of different lines are never compared, but what holds for the
whole goes along with everything in it. Places come by hundreds of thousands where common words are asked for, so they are
columns, and all items are gone through in one sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.items.span import Span, TextSpan, TimeSpan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.item_set import Ints, ItemSet
    from media_assistant.library.place_store import Placed

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

MOST_PLACES = 2000
"""Places of one item that are kept; a film has fewer lines."""

_PAGE = 1 << 40
"""More characters than a page has."""
_WHOLE, _TIME, _TEXT = 0, 1, 2
"""Lines, which have the numbers that the library gives to the kinds of spans."""
_LINES = 3
_PAIRS = 1 << 20
"""Pairs that are looked at together, unless one place alone has more."""


@dataclass(frozen=True, slots=True)
class Places:
    """Columns `[n]`. What comes after a place must begin after its `latests`, its last part's begin, and is as far away as
    from its end. `marks` `[n, k]` are the moments that make it, in their order: a moment's id, 0 for none, and below that
    what the caller knows it to be.
    """

    items: Ints
    lines: Ints
    begins: Ints
    latests: Ints
    ends: Ints
    probabilities: Floats
    marks: Ints

    def take(self, rows: Ints | Mask) -> Places:
        """These of them."""
        if rows.dtype == bool:
            rows = rows.nonzero()[0]
        return Places(
            self.items[rows],
            self.lines[rows],
            self.begins[rows],
            self.latests[rows],
            self.ends[rows],
            self.probabilities[rows],
            self.marks[rows],
        )

    def of(self, items: ItemSet) -> Places:
        """Those of these items."""
        return self.take(items.among(self.items))

    def surest(self) -> dict[int, float]:
        """By item, how sure its surest place is."""
        import numpy as np

        items, row = np.unique(self.items, return_inverse=True)
        best = np.zeros(len(items))
        np.maximum.at(best, row, self.probabilities)
        return dict(zip(items.tolist(), best.tolist(), strict=True))


def places_of(placed: Placed, factor: float) -> Places:
    """The places of stored moments, each as sure as its score times `factor`."""
    import numpy as np

    lines = placed.kinds
    begins = np.select([lines == _TIME, lines == _TEXT], [placed.a, placed.a * _PAGE + placed.b], 0)
    ends = np.select([lines == _TIME, lines == _TEXT], [placed.b, placed.a * _PAGE + placed.c], 0)
    ends = np.where(lines == _WHOLE, 0, np.maximum(ends, begins + 1))
    return Places(placed.items, lines, begins, begins, ends, placed.scores * factor, placed.ids[:, None])


def meant_places(places: Sequence[tuple[int, Span, float]], below: int) -> Places:
    """Where an item's span is as sure as that, with falling marks, the first one less than `below`."""
    import numpy as np

    rows = np.array([(item_id, *_columns(span)) for item_id, span, _ in places], np.int64).reshape(-1, 4)
    marks = below - 1 - np.arange(len(places))
    probabilities = np.array([probability for _, _, probability in places])
    return Places(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 2], rows[:, 3], probabilities, marks[:, None])


def nowhere() -> Places:
    """None."""
    return meant_places((), 0)


def _columns(span: Span) -> tuple[int, int, int]:
    match span:
        case TimeSpan(start, end):
            return _TIME, start, max(end, start + 1)
        case TextSpan(page, start, end):
            return _TEXT, page * _PAGE + start, page * _PAGE + max(end, start + 1)
        case _:
            return _WHOLE, 0, 0


def either(places: Iterable[Places]) -> Places:
    """The places of all of them; there is at least one."""
    import numpy as np

    parts = list(places)
    if len(parts) == 1:
        return parts[0]
    width = max(part.marks.shape[1] for part in parts)
    return Places(
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.lines for part in parts]),
        np.concatenate([part.begins for part in parts]),
        np.concatenate([part.latests for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([np.pad(part.marks, ((0, 0), (0, width - part.marks.shape[1]))) for part in parts]),
    )


def followed(first: Places, second: Places, within_ms: int | None) -> Places:
    """Each place of `second` with the one of `first` that ends last of those that begin before it; with `within_ms` only
    where it is at most that long after that end. A text has no time to be within.
    """
    import numpy as np

    lines = [_TIME] if within_ms is not None else [_TIME, _TEXT]
    before, after = (each.take(np.isin(each.lines, lines)) for each in (first, second))
    # Items, lines and times as one rising number each: one search finds what comes before each of them.
    times = np.unique(np.concatenate([before.latests, after.begins]))
    room = len(times) + 1
    keys = _group(before) * room + np.searchsorted(times, before.latests)
    order = np.argsort(keys, kind="stable")
    before, keys = before.take(order), keys[order]
    groups, wanted = _group(before), _group(after)
    ends, rank = np.unique(before.ends, return_inverse=True)
    reach = groups * (len(ends) + 1) + rank
    is_further = np.ones(len(reach), np.bool_)
    is_further[1:] = reach[1:] > np.maximum.accumulate(reach)[:-1]
    last = np.maximum.accumulate(np.where(is_further, np.arange(len(reach)), 0))
    place = np.searchsorted(keys, wanted * room + np.searchsorted(times, after.begins)) - 1
    there = np.flatnonzero(place >= 0)
    there = there[groups[place[there]] == wanted[there]]
    one, two = before.take(last[place[there]]), after.take(there)
    if within_ms is not None:
        is_near = two.begins - one.ends <= within_ms
        one, two = one.take(is_near), two.take(is_near)
    return _best(_joined(one, two, one.lines, one.begins, two.latests, two.ends))


def together(one: Places, other: Places, within_ms: int | None = None) -> Places:
    """Pairs of places that share something, as what they share; with `within_ms` also those that are at most that far apart,
    in time, as the stretch from one to the other.
    """
    import numpy as np

    theirs = other.take(np.lexsort((other.begins, other.lines, other.items)))
    slack = np.where(one.lines == _TIME, within_ms or 0, 0)
    times = np.unique(theirs.begins)
    room = len(times) + 1
    keys = _group(theirs) * room + np.searchsorted(times, theirs.begins)
    groups, longest = _group(one), _longest(theirs, one.items)
    since = np.searchsorted(keys, groups * room + np.searchsorted(times, one.begins - longest - slack))
    until = np.searchsorted(keys, groups * room + np.searchsorted(times, one.ends + slack + 1))
    # What holds for the whole goes along with all of it, on either side.
    first, wholes, last = (np.searchsorted(keys, (one.items * _LINES + line) * room) for line in (0, 1, _LINES))
    is_whole = one.lines == _WHOLE
    since, until = np.where(is_whole, first, since), np.where(is_whole, last, until)
    first = np.where(is_whole, wholes, first)
    found = [
        _shared(one.take(rows), theirs.take(partners), slack[rows])
        for starts, ends in ((since, until), (first, wholes))
        for rows, partners in _pairs(starts, np.maximum(starts, ends))
    ]
    return _best(either(found)) if found else one.take(np.empty(0, np.int64))


def _pairs(starts: Ints, ends: Ints) -> Iterable[tuple[Ints, Ints]]:
    """Of each row with each number from its start up to its end, some at a time."""
    import numpy as np

    counts = ends - starts
    behind = np.cumsum(counts)
    row = 0
    while row < len(counts):
        done = int(behind[row - 1]) if row else 0
        until = max(row + 1, int(np.searchsorted(behind, done + _PAIRS, side="right")))
        part = slice(row, until)
        rows = np.repeat(np.arange(row, until), counts[part])
        if len(rows):
            yield rows, starts[rows] + np.arange(len(rows)) - (behind[rows] - counts[rows] - done)
        row = until


def _shared(ours: Places, theirs: Places, slack: Ints) -> Places:
    import numpy as np

    begins, ends = np.maximum(ours.begins, theirs.begins), np.minimum(ours.ends, theirs.ends)
    is_apart = begins >= ends
    is_whole = ours.lines == _WHOLE
    goes_along = is_whole | (theirs.lines == _WHOLE)
    kept_begins, kept_latests, kept_ends = (
        np.where(is_whole, their, our)
        for our, their in (
            (ours.begins, theirs.begins),
            (ours.latests, theirs.latests),
            (ours.ends, theirs.ends),
        )
    )
    pairs = _joined(
        ours,
        theirs,
        np.where(is_whole, theirs.lines, ours.lines),
        np.where(goes_along, kept_begins, np.where(is_apart, np.minimum(ours.begins, theirs.begins), begins)),
        np.where(goes_along, kept_latests, begins),
        np.where(goes_along, kept_ends, np.where(is_apart, np.maximum(ours.ends, theirs.ends), ends)),
    )
    return _best(pairs.take(goes_along | ~is_apart | ((slack > 0) & (begins - ends <= slack))))


def _joined(one: Places, other: Places, lines: Ints, begins: Ints, latests: Ints, ends: Ints) -> Places:
    import numpy as np

    marks = np.concatenate([one.marks, other.marks], axis=1)
    return Places(one.items, lines, begins, latests, ends, one.probabilities * other.probabilities, marks)


def _best(places: Places) -> Places:
    """The surest first, where there are too many of an item no others; each stretch once."""
    import numpy as np

    ordered = places.take(np.lexsort((places.begins, -places.probabilities, places.items)))
    columns: Sequence[Ints] = (ordered.ends, ordered.latests, ordered.begins, ordered.lines, ordered.items)
    order = np.lexsort(columns)
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = np.any([np.diff(column[order]) != 0 for column in columns], axis=0)
    kept = ordered.take(np.sort(order[is_new]))
    numbers = np.arange(len(kept.items))
    return kept.take(numbers - np.searchsorted(kept.items, kept.items) < MOST_PLACES)


def _group(places: Places) -> Ints:
    """One number for each line of each item."""
    return places.items * _LINES + places.lines


def _longest(places: Places, items: Ints) -> Ints:
    """How long the longest of the places of each of the items is; 0 without one."""
    import numpy as np

    known, row = np.unique(places.items, return_inverse=True)
    lengths = np.zeros(len(known) + 1, np.int64)
    np.maximum.at(lengths, row, places.ends - places.begins)
    found = np.searchsorted(known, items)
    is_known = np.append(known, -1)[found] == items
    return np.where(is_known, lengths[found], 0)
