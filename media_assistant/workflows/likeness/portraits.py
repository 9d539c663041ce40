"""What is known of an example: an item of the library, a moment or a stretch of it, or a file outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from media_assistant.errors import UserFixable
from media_assistant.items.findings import Finding, Trait, Vector
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.library import Library

    Floats = NDArray[np.float32]

TEMPO, KEY = "tempo_bpm", "key"
SIGNS = "perceptual-hash"
"""How the names of spaces begin that tell copies of a picture, and nothing else about it."""

_NEAR_MS = 2_000
"""How far from a moment something may be that still stands for it, where nothing is at the moment itself."""

Placed = TypeVar("Placed")


@dataclass(frozen=True, slots=True)
class Portrait:
    """What others are compared with. `item_id` is 0 for a file outside the library."""

    kind: Kind
    facts: Facts
    item_id: int = 0
    traits: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    """Score by concept id."""
    vectors: Mapping[str, Sequence[tuple[Span, Floats]]] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    """Labels and lines; of an item as a whole its labels are read when they are needed."""
    span: Span = WHOLE

    @property
    def lines(self) -> Iterator[Moment]:
        """What is said or written there, in order."""
        return (
            moment
            for moment in self.moments
            if moment.layer is Layer.LINE and moment.sense in {Sense.SAID, Sense.WRITTEN}
        )

    @property
    def sureness(self) -> float:
        """How sure it is on the average (0..1) that its words are what is said or written there; 1 without words."""
        scores = [line.score for line in self.lines]
        return sum(scores) / len(scores) if scores else 1.0


def portrait_of(library: Library, item_id: int, span: Span = WHOLE) -> Portrait:
    """An item of the library, or what is at `span` of it.

    Raises UserFixable("finding.no_such_item"), or UserFixable("finding.nothing_there") where nothing is known of the span.
    """
    item = library.item(item_id)
    if item is None:
        raise UserFixable("finding.no_such_item", item=item_id)
    store = library.finding
    vectors = {space: found for space in store.vectors.spaces() if (found := store.vectors.of_item(space, item_id))}
    details = library.details(item_id)
    whole = Portrait(
        item.kind,
        item.facts,
        item_id,
        store.likeness.traits([item_id], (TEMPO, KEY)).get(item_id, {}),
        store.item_labels([item_id]).get(item_id, {}),
        vectors,
        details.lines,
    )
    return whole if span == WHOLE else cut_portrait(replace(whole, moments=(*details.labels, *details.lines)), span)


def portrait_from(kind: Kind, facts: Facts, findings: Iterable[Finding]) -> Portrait:
    """A file outside the library, from what analysers just found in it."""
    import numpy as np

    traits: dict[str, object] = {}
    vectors: dict[str, list[tuple[Span, Floats]]] = {}
    moments: list[Moment] = []
    for finding in findings:
        match finding:
            case Trait(name, value):
                traits[name] = value
            case Vector(space, span, values):
                vectors.setdefault(space, []).append((span, np.frombuffer(values, "<f4").astype(np.float32)))
            case Moment():
                moments.append(finding)
            case _:
                pass
    return Portrait(kind, facts, 0, traits, _labels_of(moments), vectors, tuple(moments))


def cut_portrait(whole: Portrait, span: Span) -> Portrait:
    """What is at `span` alone. Traits and facts are of the whole, and no likeness of a part.

    Raises UserFixable("finding.nothing_there") where nothing is known of it.
    """
    vectors = {
        space: there
        for space, placed in whole.vectors.items()
        if (there := [placed[at] for at in _places_at([_looked_at(space, where) for where, _ in placed], span)])
    }
    moments = [whole.moments[at] for at in _places_at([moment.span for moment in whole.moments], span)]
    labels = _labels_of(moments)
    if whole.item_id:
        # What a person refused is in no one's labels any more.
        labels = {concept_id: score for concept_id, score in labels.items() if concept_id in whole.labels}
    if not vectors and not labels and not any(moment.layer is Layer.LINE for moment in moments):
        raise UserFixable("finding.nothing_there")
    return replace(whole, facts=Facts(), traits={}, labels=labels, vectors=vectors, moments=tuple(moments), span=span)


def _looked_at(space: str, span: Span) -> Span:
    """Where a vector was taken: the signs of a picture are of the first one of their span alone."""
    if space.startswith(SIGNS) and isinstance(span, TimeSpan):
        return TimeSpan(span.start_ms, span.start_ms)
    return span


def _labels_of(moments: Iterable[Moment]) -> dict[str, float]:
    labels: dict[str, float] = {}
    for moment in moments:
        if moment.concept is not None:
            labels[moment.concept.id] = max(labels.get(moment.concept.id, 0.0), moment.score)
    return labels


def _places_at(spans: Sequence[Span], wanted: Span) -> list[int]:
    """Which of the spans are at the wanted place; for a moment where there is none, the nearest of those nearby."""
    there = [at for at, span in enumerate(spans) if _meets(span, wanted)]
    if there or not isinstance(wanted, TimeSpan) or wanted.end_ms > wanted.start_ms:
        return there
    apart = [
        (max(span.start_ms - wanted.start_ms, wanted.start_ms - span.end_ms), at)
        for at, span in enumerate(spans)
        if isinstance(span, TimeSpan)
    ]
    distance, nearest = min(apart, default=(_NEAR_MS + 1, 0))
    return [nearest] if distance <= _NEAR_MS else []


def _meets(span: Span, wanted: Span) -> bool:
    match span, wanted:
        case TimeSpan(start, end), TimeSpan(from_ms, to_ms):
            return start < max(to_ms, from_ms + 1) and from_ms < max(end, start + 1)
        case TextSpan(page, start, end), TextSpan(wanted_page, first, last):
            return page == wanted_page and start < last and first < end
        case _:
            return wanted == WHOLE
