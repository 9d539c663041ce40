"""The moments of places that stand to each other as a query says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from media_assistant.items.answers import MOST_MOMENTS
from media_assistant.items.moment import Moment
from media_assistant.items.span import Span

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore

Mark = int | tuple[Span, str]
"""A stored moment by its id, or what a vector of a space stands for at a span."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where moments stand to each other as a query says: where the first begins, how surely, and which they are, in their
    order.
    """

    begin: int
    probability: float
    marks: tuple[Mark, ...]


def moments_of_places(store: FindingStore, places: Mapping[int, Sequence[Place]]) -> dict[int, tuple[Moment, ...]]:
    """For each item the moments of its surest places, those of one place side by side in their order."""
    chosen: dict[int, dict[Mark, float]] = {}
    for item_id, here in places.items():
        marks: dict[Mark, float] = {}
        for place in sorted(here, key=lambda place: (-round(place.probability, 2), place.begin)):
            if len(marks) + len(place.marks) > MOST_MOMENTS and marks:
                break
            for mark in place.marks:
                marks.setdefault(mark, place.probability)
        chosen[item_id] = marks
    ids = [mark for marks in chosen.values() for mark in marks if isinstance(mark, int)]
    stored = {moment.id: moment for moment in store.moments(ids)}
    meant = [(item_id, *mark) for item_id, marks in chosen.items() for mark in marks if not isinstance(mark, int)]
    standing = store.moments_at(meant)
    found: dict[int, tuple[Moment, ...]] = {}
    for item_id, marks in chosen.items():
        moments: list[Moment] = []
        for mark, probability in marks.items():
            moment = stored.get(mark) if isinstance(mark, int) else standing.get((item_id, *mark))
            if moment is not None and all(moment.span != other.span or moment.id != other.id for other in moments):
                moments.append(replace(moment, score=probability))
        found[item_id] = tuple(moments)
    return found
