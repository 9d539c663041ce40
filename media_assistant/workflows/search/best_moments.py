"""Which moments of an item are shown as its answer to a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.item import Item
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import Span
from media_assistant.workflows.search.witnesses import Witnesses

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore

_MOMENTS_OF_ITEM = 8


def gather_moments(store: FindingStore, items: Sequence[Item], witnesses: Witnesses) -> dict[int, tuple[Moment, ...]]:
    """The best moments of each item that is shown, overlapping ones joined."""
    gathered: dict[int, list[Moment]] = {item.id: [] for item in items}
    lines: dict[int, list[tuple[float, int]]] = {}
    for moment_id, (item_id, probability) in witnesses.lines.items():
        if item_id in gathered:
            lines.setdefault(item_id, []).append((-probability, moment_id))
    best = {moment_id: -p for found in lines.values() for p, moment_id in sorted(found)[: 3 * _MOMENTS_OF_ITEM]}
    for moment in store.moments(best):
        gathered[moment.item_id].append(replace(moment, score=best[moment.id]))
    fits: dict[int, dict[tuple[str, Sense | None], float]] = {}
    for item_id, concept_id, sense, fit in witnesses.labels:
        if item_id in gathered:
            known = fits.setdefault(item_id, {})
            known[concept_id, sense] = max(known.get((concept_id, sense), 0.0), fit)
    for moment in store.label_moments(fits, limit=3 * _MOMENTS_OF_ITEM):
        named = moment.concept.id if moment.concept else ""
        fit = max(fits[moment.item_id].get((named, sense), 0.0) for sense in (None, moment.sense))
        gathered[moment.item_id].append(replace(moment, score=moment.score * fit))
    places: list[tuple[int, Span, float, str]] = []
    counted: dict[int, int] = {}
    for place in sorted((place for place in witnesses.places if place[0] in gathered), key=lambda place: -place[2]):
        counted[place[0]] = counted.get(place[0], 0) + 1
        if counted[place[0]] <= _MOMENTS_OF_ITEM:
            places.append(place)
    standing = store.moments_at([(item_id, span, space) for item_id, span, _, space in places])
    for item_id, span, probability, space in places:
        if there := standing.get((item_id, span, space)):
            gathered[item_id].append(replace(there, score=probability))
    return {item_id: ranking.join_moments(moments, _MOMENTS_OF_ITEM) for item_id, moments in gathered.items()}
