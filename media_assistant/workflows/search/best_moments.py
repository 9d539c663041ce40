"""Which moments of an item are shown as its answer to a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.item import Item
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import Span
from media_assistant.workflows.search.placed_moments import MOST_MOMENTS, moments_of_places
from media_assistant.workflows.search.witnesses import Witnesses

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.search.answering import Answering

_MOMENTS_OF_ITEM = 8


def choose_moments(
    store: FindingStore, items: Sequence[Item], answering: Answering, senses: frozenset[Sense]
) -> Mapping[int, tuple[Moment, ...]]:
    """What speaks for each item, in these senses. An item that answers by its moments, and by none in these senses, is left
    out; one that answers by its name or by a filter stays.
    """
    of_all = _moments_of(store, items, answering, None)
    if senses >= frozenset(Sense):
        return of_all
    chosen = _moments_of(store, items, answering, senses)
    return {item.id: chosen[item.id] for item in items if chosen[item.id] or not of_all[item.id]}


def _moments_of(
    store: FindingStore, items: Sequence[Item], answering: Answering, senses: frozenset[Sense] | None
) -> dict[int, tuple[Moment, ...]]:
    """Moments that stand to each other as the query says stand alone, and so do those that an item shares with an example."""
    shown = gather_moments(store, items, answering.witness(), senses)
    for item in items:
        if (suggestion := answering.likes.get(item.id)) is not None:
            theirs = [moment for reason in suggestion.reasons for moment in _in(senses, reason.theirs)]
            shown[item.id] = (*theirs, *shown[item.id])[:MOST_MOMENTS]
    placed = moments_of_places(store, answering.times.placed(item.id for item in items))
    return shown | {item_id: _in(senses, moments) for item_id, moments in placed.items()}


def _in(senses: Collection[Sense] | None, moments: Sequence[Moment]) -> tuple[Moment, ...]:
    return tuple(moment for moment in moments if senses is None or moment.sense in senses)


def _noticed(sense: Sense | None, senses: frozenset[Sense] | None) -> Collection[Sense | None]:
    """How a label is noticed that counts in this sense, or in any, where these are chosen."""
    if senses is None:
        return (sense,)
    return senses if sense is None else senses & {sense}


def gather_moments(
    store: FindingStore, items: Sequence[Item], witnesses: Witnesses, senses: frozenset[Sense] | None = None
) -> dict[int, tuple[Moment, ...]]:
    """The best moments of each item that is shown, overlapping ones joined; with `senses` the best of those.

    In which sense a line or a place is tells only the moment itself, so with `senses` all of them are looked up.
    """
    gathered: dict[int, list[Moment]] = {item.id: [] for item in items}
    lines: dict[int, list[tuple[float, int]]] = {}
    for moment_id, (item_id, probability) in witnesses.lines.items():
        if item_id in gathered:
            lines.setdefault(item_id, []).append((-probability, moment_id))
    first = None if senses else 3 * _MOMENTS_OF_ITEM
    best = {moment_id: -p for found in lines.values() for p, moment_id in sorted(found)[:first]}
    for moment in _in(senses, store.moments(best)):
        gathered[moment.item_id].append(replace(moment, score=best[moment.id]))
    fits: dict[int, dict[tuple[str, Sense | None], float]] = {}
    for item_id, concept_id, sense, fit in witnesses.labels:
        if item_id in gathered:
            known = fits.setdefault(item_id, {})
            for noticed in _noticed(sense, senses):
                known[concept_id, noticed] = max(known.get((concept_id, noticed), 0.0), fit)
    for moment in store.label_moments(fits, limit=3 * _MOMENTS_OF_ITEM):
        named = moment.concept.id if moment.concept else ""
        fit = max(fits[moment.item_id].get((named, sense), 0.0) for sense in (None, moment.sense))
        gathered[moment.item_id].append(replace(moment, score=moment.score * fit))
    places: list[tuple[int, Span, float, str]] = []
    counted: dict[int, int] = {}
    for place in sorted((place for place in witnesses.places if place[0] in gathered), key=lambda place: -place[2]):
        counted[place[0]] = counted.get(place[0], 0) + 1
        if senses or counted[place[0]] <= _MOMENTS_OF_ITEM:
            places.append(place)
    standing = store.moments_at([(item_id, span, space) for item_id, span, _, space in places])
    for item_id, span, probability, space in places:
        there = standing.get((item_id, span, space))
        if there is not None and (senses is None or there.sense in senses):
            gathered[item_id].append(replace(there, score=probability))
    return {item_id: ranking.join_moments(moments, _MOMENTS_OF_ITEM) for item_id, moments in gathered.items()}
