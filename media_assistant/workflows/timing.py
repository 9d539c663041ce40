"""Moments of one item against each other: one after another, or at the same time.

A *place* is where something stands in an item, on a line of its own: milliseconds of a film or a song, pages and characters
of a text, or all of it (a label of a whole photo). Places of different lines are never compared, but what holds for the
whole goes along with everything in it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from media_assistant.items.span import Span, TextSpan, TimeSpan

MOST_PLACES = 2000
"""Places of one item that are kept; a film has fewer lines."""

_PAGE = 1 << 40
"""More characters than a page has."""

Mark = int | tuple[Span, str]
"""A stored moment by its id, or what a vector of a space stands for at a span."""


@dataclass(frozen=True, slots=True)
class Place:
    """`line` 0 for the whole item, 1 for its time, 2 for its text. What comes after it must begin after `latest`, its
    last part's begin, and is as far away as from its `end`. `marks` are the moments that make it, in their order.
    """

    line: int
    begin: int
    latest: int
    end: int
    probability: float
    marks: tuple[Mark, ...]


Places = Mapping[int, Sequence[Place]]
"""By item."""


def place_of(span: Span, probability: float, mark: Mark) -> Place:
    """The place of one moment."""
    match span:
        case TimeSpan(start, end):
            return Place(1, start, start, max(end, start + 1), probability, (mark,))
        case TextSpan(page, start, end):
            begin = page * _PAGE + start
            return Place(2, begin, begin, max(page * _PAGE + end, begin + 1), probability, (mark,))
        case _:
            return Place(0, 0, 0, 0, probability, (mark,))


def followed(first: Places, second: Places, within_ms: int | None) -> dict[int, list[Place]]:
    """Each place of `second` with the one of `first` that ends last of those that begin before it; with `within_ms` only
    where it is at most that long after that end. A text has no time to be within.
    """
    found: dict[int, list[Place]] = {}
    for item_id in first.keys() & second.keys():
        for line in (1, 2) if within_ms is None else (1,):
            before = sorted((place for place in first[item_id] if place.line == line), key=lambda place: place.latest)
            begins = [place.latest for place in before]
            last: list[Place] = []
            for place in before:
                last.append(place if not last or place.end > last[-1].end else last[-1])
            for after in second[item_id]:
                count = bisect_left(begins, after.begin) if after.line == line else 0
                if not count:
                    continue
                one = last[count - 1]
                if within_ms is None or after.begin - one.end <= within_ms:
                    found.setdefault(item_id, []).append(_joined(one, after, after.latest, after.end))
    return {item_id: _best(places) for item_id, places in found.items()}


def together(one: Places, other: Places, within_ms: int | None = None) -> dict[int, list[Place]]:
    """Pairs of places that share something, as what they share; with `within_ms` also those that are at most that far apart,
    in time, as the stretch from one to the other.
    """
    found: dict[int, list[Place]] = {}
    for item_id in one.keys() & other.keys():
        pairs: list[Place] = []
        theirs = sorted(other[item_id], key=lambda place: (place.line, place.begin))
        longest = max((place.end - place.begin for place in theirs), default=0)
        keys = [(place.line, place.begin) for place in theirs]
        for ours in one[item_id]:
            slack = (within_ms or 0) if ours.line == 1 else 0
            if ours.line == 0:
                candidates: Iterable[Place] = theirs
            else:
                since = bisect_left(keys, (ours.line, ours.begin - longest - slack))
                until = bisect_left(keys, (ours.line, ours.end + slack + 1))
                whole = bisect_left(keys, (1, -1))
                candidates = (*theirs[:whole], *theirs[since:until])
            shared = (_shared(ours, their, slack) for their in candidates)
            pairs += [pair for pair in shared if pair is not None]
            if len(pairs) > 4 * MOST_PLACES:
                pairs = _best(pairs)
        if pairs:
            found[item_id] = _best(pairs)
    return found


def either(places: Iterable[Places]) -> dict[int, list[Place]]:
    """The places of all of them."""
    found: dict[int, list[Place]] = {}
    for each in places:
        for item_id, here in each.items():
            found.setdefault(item_id, []).extend(here)
    return {item_id: _best(here) for item_id, here in found.items()}


def _shared(ours: Place, their: Place, slack: int) -> Place | None:
    if ours.line == 0 or their.line == 0:
        kept = their if ours.line == 0 else ours
        return _joined(ours, their, kept.latest, kept.end, begin=kept.begin, line=kept.line)
    if ours.line != their.line:
        return None
    begin, end = max(ours.begin, their.begin), min(ours.end, their.end)
    if begin < end:
        return _joined(ours, their, begin, end, begin=begin)
    if slack and begin - end <= slack:
        return _joined(ours, their, begin, max(ours.end, their.end), begin=min(ours.begin, their.begin))
    return None


def _joined(
    one: Place, other: Place, latest: int, end: int, begin: int | None = None, line: int | None = None
) -> Place:
    marks = tuple(dict.fromkeys((*one.marks, *other.marks)))
    return Place(
        one.line if line is None else line,
        one.begin if begin is None else begin,
        latest,
        end,
        one.probability * other.probability,
        marks,
    )


def _best(places: list[Place]) -> list[Place]:
    """The surest, where there are too many; each stretch once."""
    surest = sorted(places, key=lambda place: (-place.probability, place.begin))
    kept: dict[tuple[int, int, int, int], Place] = {}
    for place in surest:
        kept.setdefault((place.line, place.begin, place.latest, place.end), place)
        if len(kept) == MOST_PLACES:
            break
    return list(kept.values())
