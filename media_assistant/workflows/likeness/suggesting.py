"""Items like others, and why.

Each kind of likeness is a *link* with a weight in nats (how much likelier it makes that two things belong together) and
a reason that is true by how it was computed. Links are added up; an item without a link is no suggestion, so every
suggestion has a reason, and the sum of its reasons' weights is what it is ranked by.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.errors import UserFixable
from media_assistant.items.answers import Suggestion
from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.item import Item
from media_assistant.items.span import WHOLE
from media_assistant.workflows.likeness.fact_links import FactsWorth, fact_links, facts_worth
from media_assistant.workflows.likeness.links import Link, Links, strongest, total
from media_assistant.workflows.likeness.measure_links import link_music, link_recordings
from media_assistant.workflows.likeness.network_links import link_labels, link_vectors
from media_assistant.workflows.likeness.portraits import Portrait, cut_portrait, portrait_of
from media_assistant.workflows.likeness.reasons import reason_of
from media_assistant.workflows.likeness.word_links import link_words

if TYPE_CHECKING:
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.library import Library

_CANDIDATES = 150
_AGAINST = 0.5
"""What a likeness to something unwanted takes away: as in Rocchio's relevance feedback ("The SMART Retrieval System", 1971)
less than the same likeness to something wanted gives, for it is said of the whole and meant of a part."""


def similar(
    library: Library,
    like: int | Portrait | Examples,
    limit: int = 20,
    outside: Mapping[Path, Portrait] | None = None,
    *,
    among: ItemSet | None = None,
) -> tuple[Suggestion, ...]:
    """Items like an item, a portrait, or several examples, best first, of those `among` if these are named. `outside` are the
    files among the examples.

    With several examples wanted, each gives its share; what is at least as like an unwanted one is left out.
    Raises UserFixable("finding.no_such_item") for an unknown id, UserFixable("finding.nothing_there") for a moment of which
    nothing is known.
    """
    if isinstance(like, Portrait):
        plus, minus = [like], list[Portrait]()
    else:
        examples = like_item(like) if isinstance(like, int) else like
        plus, minus = (
            [_portrait(library, one, outside or {}) for one in side] for side in (examples.plus, examples.minus)
        )
    compared = [_compare(library, portrait, limit, among) for portrait in (*plus, *minus)]
    wanted = _candidates(compared[: len(plus)], max(_CANDIDATES, 2 * limit), among)
    own = {portrait.item_id for portrait in (*plus, *minus)}
    weighed = []
    for item in library.items([item_id for item_id in wanted if item_id not in own]):
        parts = _weigh(compared, len(plus), item)
        if parts:
            weighed.append((sum(weight for _, weight, _ in parts), item, parts))
    weighed.sort(key=lambda each: (-each[0], each[1].id))
    return tuple(
        Suggestion(
            item,
            round(1 - math.exp(-nats / 2), 4),
            tuple(
                reason_of(library.finding, compared[example].portrait, item, link, weight=weight, example=example)
                for example, weight, link in parts
            ),
        )
        for nats, item, parts in weighed[:limit]
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """An example, and what links others to it but for their facts."""

    portrait: Portrait
    links: Links
    facts: FactsWorth

    def links_to(self, item: Item) -> list[Link]:
        found = [*self.links.get(item.id, ()), *fact_links(self.portrait, item, self.facts)]
        return strongest(found)


def _portrait(library: Library, example: Example, outside: Mapping[Path, Portrait]) -> Portrait:
    if example.item_id:
        return portrait_of(library, example.item_id, example.span)
    if example.path is None or example.path not in outside:
        raise UserFixable("finding.no_such_item", item=str(example.path))
    whole = outside[example.path]
    return whole if example.span == WHOLE else cut_portrait(whole, example.span)


def _compare(library: Library, portrait: Portrait, limit: int, among: ItemSet | None) -> _Compared:
    store = library.finding
    links: Links = {}
    link_vectors(store, portrait, links, limit, among)
    link_labels(store, portrait, links, among)
    link_words(store, portrait, links)
    link_music(store, portrait, links)
    link_recordings(store, portrait, links)
    return _Compared(portrait, links, facts_worth(store, portrait))


def _candidates(compared: Sequence[_Compared], most: int, among: ItemSet | None) -> list[int]:
    """The likeliest by all but facts, and after them those that may share a fact."""
    nats: dict[int, float] = {}
    for one in compared:
        for item_id, links in one.links.items():
            nats[item_id] = nats.get(item_id, 0.0) + total(links)
    there = nats if among is None else (item_id for item_id in nats if item_id in among)
    likeliest = sorted(there, key=lambda item_id: (-nats[item_id], item_id))[:most]
    by_facts = sorted(set().union(*(one.facts.sharing for one in compared)))
    return list(dict.fromkeys((*likeliest, *(each for each in by_facts if among is None or each in among))))


def _weigh(compared: Sequence[_Compared], wanted: int, item: Item) -> list[tuple[int, float, Link]]:
    """(example, weight, link) for everything that counts, the weightiest first; empty for what is no suggestion.

    The first `wanted` examples are those that others shall be like.
    """
    links = [one.links_to(item) for one in compared]
    sums = [sum(link.nats for link in found) for found in links]
    liked = sum(sums[:wanted]) / max(1, wanted)
    worst = max(range(wanted, len(sums)), key=lambda at: sums[at], default=-1)
    if liked <= 0 or (worst >= 0 and sums[worst] >= liked):
        return []
    parts = [(at, link.nats / wanted, link) for at in range(wanted) for link in links[at]]
    parts.sort(key=lambda part: -part[1])
    if worst >= 0:
        parts += [(worst, -_AGAINST * link.nats, link) for link in links[worst]]
    return parts
