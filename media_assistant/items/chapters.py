"""The chapters of a film or a sound: those that its file names, else stretches that differ in what is seen, said and heard."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from media_assistant.items.answers import Details
from media_assistant.items.concept import Concept
from media_assistant.items.folding import fold
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan

SHORTEST_MS, LONGEST_MS = 20_000, 600_000
_AIMED_AT = 12
_MOST_PLACES = 240
_LEAST_LETTERS = 4
_UNLIKE = 0.35
"""How unlike (0..1) what comes before and after must be for a chapter to begin there."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """`title` is the file's own, or a line that is spoken in it; `concepts` are what it is about and the others are not."""

    start_ms: int
    end_ms: int
    title: str = ""
    concepts: tuple[Concept, ...] = ()
    is_from_file: bool = False


def chapters_of(details: Details) -> tuple[Chapter, ...]:
    """In order, without gaps from the first to the end. Empty where nothing divides the item."""
    length_ms = details.item.facts.duration_ms
    told = details.item.facts.chapters
    if len(told) > 1:
        ends = [*(mark.start_ms for mark in told[1:]), max(length_ms, told[-1].start_ms)]
        return tuple(
            Chapter(mark.start_ms, end_ms, mark.title, is_from_file=True)
            for mark, end_ms in zip(told, ends, strict=True)
        )
    return _from_moments(details, length_ms)


def _from_moments(details: Details, length_ms: int) -> tuple[Chapter, ...]:
    """TextTiling (Hearst 1997) over whatever was noticed: a window slides along the places where a chapter may begin (cuts,
    and pauses between lines), and where the two sides have least in common, one does.
    """
    timed = [
        (each.span.start_ms, each) for each in (*details.labels, *details.lines) if isinstance(each.span, TimeSpan)
    ]
    window_ms = min(LONGEST_MS, max(SHORTEST_MS, length_ms // _AIMED_AT))
    if length_ms < 3 * SHORTEST_MS or not timed:
        return ()
    places = sorted(
        {
            each.span.start_ms
            for each in (*details.shots, *details.lines)
            if isinstance(each.span, TimeSpan) and SHORTEST_MS <= each.span.start_ms <= length_ms - SHORTEST_MS
        }
    )
    found = sorted(((at, _features(each)) for at, each in timed), key=lambda pair: pair[0])
    sides = _Sides([at for at, _ in found], [features for _, features in found])
    unlike = [
        (1.0 - sides.likeness(at - window_ms, at, at + window_ms), at)
        for at in _thin(places, length_ms // _MOST_PLACES)
    ]
    starts = [0]
    for value, at in sorted(unlike, key=lambda pair: (-pair[0], pair[1])):
        if value < _UNLIKE or len(starts) > 2 * _AIMED_AT:
            break
        if all(abs(at - other) >= window_ms // 2 for other in starts):
            starts.append(at)
    starts.sort()
    if len(starts) < 2:
        return ()
    spans = [TimeSpan(start, end) for start, end in zip(starts, [*starts[1:], length_ms], strict=True)]
    return _named(spans, details)


def _named(spans: Sequence[TimeSpan], details: Details) -> tuple[Chapter, ...]:
    within = [[label for label in details.labels if _starts_in(label, span)] for span in spans]
    spread = Counter(concept_id for labels in within for concept_id in {_concept_id(label) for label in labels})
    chapters = []
    for span, labels in zip(spans, within, strict=True):
        weight: Counter[str] = Counter()
        concepts: dict[str, Concept] = {}
        for label in labels:
            if label.concept is not None:
                # What is everywhere says nothing of one chapter.
                rarity = math.log((1 + len(spans)) / spread[label.concept.id])
                weight[label.concept.id] += label.score * rarity  # type: ignore[assignment]
                concepts[label.concept.id] = label.concept
        best = [concepts[concept_id] for concept_id, value in weight.most_common(2) if value > 0]
        line = next((each.text for each in details.lines if each.sense is Sense.SAID and _starts_in(each, span)), "")
        chapters.append(Chapter(span.start_ms, span.end_ms, " ".join(line.split()), tuple(best)))
    return tuple(chapters)


def _concept_id(label: Moment) -> str:
    return label.concept.id if label.concept is not None else ""


def _starts_in(moment: Moment, span: TimeSpan) -> bool:
    return isinstance(moment.span, TimeSpan) and span.start_ms <= moment.span.start_ms < span.end_ms


def _features(moment: Moment) -> Counter[str]:
    if moment.layer is Layer.LABEL:
        return Counter({f"#{_concept_id(moment)}": 3})
    text = fold(moment.text)
    words = [word for word in text.split() if len(word) >= _LEAST_LETTERS]
    # Where no spaces stand between words, neighbouring characters do as well.
    pairs = [text[at : at + 2] for at in range(len(text) - 1) if text[at] > "\u2e80" and text[at + 1] > "\u2e80"]
    return Counter([*words, *pairs])


def _thin(places: Sequence[int], apart_ms: int) -> list[int]:
    kept: list[int] = []
    for at in places:
        if not kept or at - kept[-1] >= apart_ms:
            kept.append(at)
    return kept


class _Sides:
    """What is noticed before a place and after it, as two bags that slide along: each moment enters and leaves a side once."""

    def __init__(self, times: Sequence[int], features: Sequence[Counter[str]]) -> None:
        """Sorted by time."""
        self._times = times
        self._features = features
        self._bags: tuple[dict[str, int], dict[str, int]] = ({}, {})
        self._squares = [0, 0]
        self._shared = 0
        self._edges = [0, 0, 0]
        """The first moment of the side before, the first of the side after, the first beyond that."""

    def likeness(self, start_ms: int, at_ms: int, end_ms: int) -> float:
        """The cosine (0..1) of [start, at) and [at, end), no earlier than those asked for last; 1 where there is nothing
        on a side, for then nothing divides them.
        """
        first, middle, last = (bisect_left(self._times, ms) for ms in (start_ms, at_ms, end_ms))
        self._move(1, self._edges[2], last, +1)
        self._move(1, self._edges[1], middle, -1)
        self._move(0, self._edges[1], middle, +1)
        self._move(0, self._edges[0], first, -1)
        self._edges = [first, middle, last]
        if middle in (first, last) or not all(self._squares):
            return 1.0
        return self._shared / math.sqrt(self._squares[0] * self._squares[1])

    def _move(self, side: int, first: int, end: int, sign: int) -> None:
        bag, other = self._bags[side], self._bags[1 - side]
        squares, shared = self._squares[side], self._shared
        for features in self._features[first:end]:
            for word, count in features.items():
                had, more = bag.get(word, 0), sign * count
                bag[word] = had + more
                squares += more * (2 * had + more)
                shared += more * other.get(word, 0)
        self._squares[side], self._shared = squares, shared
