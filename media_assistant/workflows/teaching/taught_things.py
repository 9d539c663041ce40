"""What a tag is learnt from, read out of the library: examples, the ground they stand out of, and what may be like them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from media_assistant.items.moment import Sense
from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan
from media_assistant.items.teaching import TaughtExample
from media_assistant.workflows.likeness.network_links import family_of
from media_assistant.workflows.likeness.portraits import SIGNS
from media_assistant.workflows.tags.tagging import vocabulary

if TYPE_CHECKING:
    from media_assistant.learning.ground import Ground
    from media_assistant.learning.heads import Head
    from media_assistant.learning.things import Floats, Things
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library

_GROUND = 400
"""Items that stand for the library."""
_NEAREST = 2000
"""Moments of each space that are judged, those that a head likes best."""
_BY_LABEL, _LABELS, _UNITS = 1000, 12, 8
_MOST_VECTORS, _AT_ONCE = 12_000, 200
"""Of examples: so many vectors of a space in all, evenly over the moments of long ones; items that are read at once."""
_NEAR_MS = 2000
"""How far from a moment something may be that still stands for it, where nothing is at the moment itself."""
SENSES = {"seen": Sense.SEEN, "heard": Sense.HEARD}

Place = tuple[int, Span]
"""A moment of an item, or the whole of it."""
Vectors = dict[str, dict[Place, "Floats"]]
"""By space what is known to lie at some places."""


@dataclass(frozen=True, slots=True)
class Known:
    """The library as what is taught sees it: by sense its spaces, some of its items, and how many there are in all."""

    spaces: Mapping[str, tuple[str, ...]]
    grounds: Mapping[str, Things]
    totals: Mapping[str, int]
    above: Mapping[str, tuple[str, ...]]
    until: int
    """The last vector when it was read."""


def senses_of(store: FindingStore) -> dict[str, tuple[str, ...]]:
    """By sense (`seen`, `heard`, `words`) the spaces that tell what something is. What only knows colours and surfaces
    counts where nothing better does.
    """
    found: dict[str, list[str]] = {}
    for space in store.vectors.spaces():
        if not space.startswith(SIGNS):
            found.setdefault(family_of(store, space), []).append(space)
    timbre = found.pop("timbre", [])
    if timbre and "heard" not in found:
        found["heard"] = timbre
    return {sense: tuple(sorted(spaces)) for sense, spaces in sorted(found.items())}


def read_known(library: Library) -> Known:
    """Read it anew: some tens of milliseconds."""
    store = library.finding
    until = library.last_vector()
    above = {concept.id: concept.parents for concept in (*vocabulary(), *library.concepts())}
    spaces = senses_of(store)
    grounds, totals = {}, {}
    for sense, of in spaces.items():
        drawn: dict[int, None] = {}
        totals[sense] = 0
        for space in of:
            items, count = store.vectors.draw_items(space, _GROUND)
            drawn |= dict.fromkeys(items)
            totals[sense] = max(totals[sense], count)
        chosen = list(drawn)[:_GROUND]
        grounds[sense] = read_things(library, of, [(item_id, WHOLE) for item_id in chosen], above)
    return Known(spaces, grounds, totals, above, until)


def read_things(
    library: Library,
    spaces: Sequence[str],
    places: Sequence[Place],
    above: Mapping[str, tuple[str, ...]],
    without: str = "",
    exact: Vectors | None = None,
    most: int = 0,
) -> Things:
    """What is known at these places, in their order; of a whole item all of its moments, or evenly `most` of them. With
    `exact` (what is known of them already) only what lies just there. `without`: a tag of which the person's word does not
    count.
    """
    import numpy as np

    from media_assistant.learning.things import gather

    store = library.finding
    items = list(dict.fromkeys(item_id for item_id, _ in places))
    labels = {item: with_parents(each, above) for item, each in library.labels_by_models(items, without).items()}
    vectors: dict[str, dict[int, list[Floats]]] = {}
    for space in spaces:
        if exact is not None:
            vectors[space] = _exactly(library, space, places, exact.get(space, {}), is_alone=len(spaces) == 1)
            continue
        vectors[space] = _all_there(store, space, places, most)
    things = gather(
        range(len(places)), vectors, {at: labels[item] for at, (item, _) in enumerate(places) if item in labels}
    )
    return replace(things, marks=np.array([item_id for item_id, _ in places], np.int64))


def _all_there(store: FindingStore, space: str, places: Sequence[Place], most: int) -> dict[int, list[Floats]]:
    """The vectors of each place by its number. Some items at a time, for those of thousands of films are gigabytes."""
    found: dict[int, list[Floats]] = {}
    by_item: dict[int, list[int]] = {}
    for at, (item_id, _) in enumerate(places):
        by_item.setdefault(item_id, []).append(at)
    items = list(by_item)
    for start in range(0, len(items), _AT_ONCE):
        for item_id, placed in store.vectors.of_items(space, items[start : start + _AT_ONCE]).items():
            for at in by_item[item_id]:
                there = _there(placed, places[at][1])
                if most and len(there) > most:
                    there = [there[(2 * turn + 1) * len(there) // (2 * most)].copy() for turn in range(most)]
                found[at] = there
    return found


def _exactly(
    library: Library, space: str, places: Sequence[Place], known: Mapping[Place, Floats], *, is_alone: bool
) -> dict[int, list[Floats]]:
    """The vector of each place by its number. What is not known is read, unless no other space can have named it."""
    missing = [] if is_alone and known else list(dict.fromkeys(place[0] for place in places if place not in known))
    read = {
        (item_id, span): values
        for item_id, placed in library.finding.vectors.of_items(space, missing).items()
        for span, values in placed
    }
    all_known = read | dict(known)
    return {at: [all_known[place]] for at, place in enumerate(places) if place in all_known}


def _there(placed: Sequence[tuple[Span, Floats]], span: Span) -> list[Floats]:
    if span == WHOLE:
        return [values for _, values in placed]
    found = [values for each, values in placed if _meet(each, span)]
    if not found and isinstance(span, TimeSpan):
        wider = TimeSpan(max(0, span.start_ms - _NEAR_MS), span.end_ms + _NEAR_MS)
        found = [values for each, values in placed if _meet(each, wider)]
    return found


def _meet(one: Span, other: Span) -> bool:
    match one, other:
        case TimeSpan(start, end), TimeSpan(other_start, other_end):
            return start < max(other_end, other_start + 1) and other_start < max(end, start + 1)
        case TextSpan(page, start, end), TextSpan(other_page, other_start, other_end):
            return page == other_page and start < max(other_end, other_start + 1) and other_start < max(end, start + 1)
        case _:
            return one == other


def with_parents(labels: Mapping[str, float], above: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Labels with all that they are kinds of, which are as sure as the surest of them."""
    found: dict[str, float] = {}
    for concept, score in labels.items():
        waiting = [concept]
        while waiting:
            each = waiting.pop()
            if found.get(each, -1.0) < score:
                found[each] = score
                waiting += above.get(each, ())
    return found


def read_examples(
    library: Library, known: Known, sense: str, examples: Sequence[TaughtExample], concept_id: str
) -> Things:
    """The examples in one sense."""
    places = [(each.item_id, each.span) for each in examples]
    most = max(2, _MOST_VECTORS // max(1, len(places)))
    return read_things(library, known.spaces[sense], places, known.above, concept_id, most=most)


def candidates(library: Library, head: Head, ground: Ground, spaces: Sequence[str]) -> tuple[list[Place], Vectors]:
    """The moments that a head may be about, with their vectors as far as they are known already: those nearest in each
    space, and those of items with its labels.
    """
    store = library.finding
    found: dict[Place, None] = {}
    vectors: Vectors = {}
    for space in spaces:
        weights = head.weights.get(space)
        if weights is not None and ground.knows(space):
            places, units = store.vectors.most_like(space, weights, _NEAREST)
            vectors[space] = dict(zip(places, units, strict=True))
            found |= dict.fromkeys(places)
    telling = sorted((each for each in head.labels.items() if each[1] > 0), key=lambda each: -each[1])[:_LABELS]
    if telling:
        known = {item_id for item_id, _ in found}
        rows = store.labelled([concept for concept, _ in telling], limit=_BY_LABEL)
        fresh = list(dict.fromkeys(row[0] for row in rows if row[0] not in known))[:_BY_LABEL]
        for space in spaces:
            for item_id, placed in store.vectors.of_items(space, fresh).items():
                for span, values in placed[:_UNITS]:
                    found[item_id, span] = None
                    vectors.setdefault(space, {})[item_id, span] = values
    return list(found), vectors


def moments_of(library: Library, spaces: Sequence[str], item_ids: Collection[int]) -> tuple[Sequence[Place], Vectors]:
    """Every moment of these items that has a vector, and those."""
    vectors: Vectors = {
        space: {
            (item_id, span): values
            for item_id, placed in library.finding.vectors.of_items(space, item_ids).items()
            for span, values in placed
        }
        for space in spaces
    }
    return list(dict.fromkeys(place for of in vectors.values() for place in of)), vectors


def sense_at(library: Library, sense: str, spaces: Sequence[str], place: Place) -> Sense:
    """How what lies there was noticed: words are said or written."""
    if sense in SENSES:
        return SENSES[sense]
    item_id, span = place
    found = library.finding.moments_at((item_id, span, space) for space in spaces)
    return next((moment.sense for moment in found.values()), Sense.WRITTEN)
