"""Likeness by networks: what lies near each other in an embedding space, or bears the same rare label."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import TYPE_CHECKING

from media_assistant.items.moment import Sense
from media_assistant.items.ranking import rarity
from media_assistant.items.span import Span
from media_assistant.workflows.likeness.links import Link, Links, add_link
from media_assistant.workflows.likeness.portraits import SIGNS

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.vectors.vector_store import Neighbour
    from media_assistant.workflows.likeness.portraits import Floats, Portrait

TIMBRE = "timbre"
"""How the names of spaces begin that know the colour of a sound and nothing of what it is."""

_BEYOND = 2.0
"""Strength (standard deviations above the background) that things reach which have nothing to do with each other."""
_CLEAR = 3.0
"""Strength below which things are called a little alike: of many things, some are so near by chance."""
_NEARER_THAN_MOST, _NEARER_THAN_NEARLY_ALL = 0.64, 0.79
"""Share of the library that is less near than what is called a little alike, and alike: deviations alone say it only where
what is near is no more spread out than what is far, which in a library of a few things it is.
"""
_NEAREST, _NEAREST_OF_KIND = 5, 10
_LEAST_OF_NEAREST = 0.22
"""Nats from which the nearest few are told even so: that nothing else is nearer says something, too. Six tenths of a deviation
above the background: nearer than two thirds of the library, also where what is near is more spread out than what is far.
"""
_LEAST_OF_OTHERS = 0.9
_AS_NEAR = 1.0
"""Deviations by which something may be less near and still count as being as near."""
_OF_COLOUR, _OF_COLOUR_ALONE = 0.15, 0.6
"""What the colour of a sound is worth beside a network that knows what it is, and without one: a kettle and a wave may
hiss alike.
"""
_ENTRIES = 24
"""Vectors that stand for a long item in each space, taken evenly."""
_SCANNED = 6_000_000
"""Vectors that one space may be compared with in all, so that a large library answers as soon as a small one."""
_CANDIDATES = 150
_COMPARED = 512
"""Items of one space that are weighed, the strongest: their number squared is computed."""
_PAIRS = 3
_RAREST = 32
_SUREST = 400
"""Items that bear one of the rarest labels, the surest: of a common one, nobody shows more."""
_FEW_AMONG = 4000
"""Up to so many items all their labels are read: the surest of a common one may all be others."""
_SAME_BITS = 8 / 64
"""Share of differing bits up to which two perceptual hashes are of one picture (Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010, finds distinct pictures near 32 and re-encoded ones below 10)."""


def link_vectors(
    store: FindingStore, portrait: Portrait, links: Links, limit: int, among: ItemSet | None = None
) -> None:
    """What is near in the spaces of each family, of all items or those `among`."""
    families: dict[str, list[str]] = {}
    for space, placed in portrait.vectors.items():
        if space.startswith(SIGNS):
            _link_copies(store, space, placed, links, among)
        else:
            families.setdefault(family_of(store, space), []).append(space)
    for family, spaces in families.items():
        _link_family(store, portrait, family, spaces, links, limit, among)


def family_of(store: FindingStore, space: str) -> str:
    """What a space looks at: `seen`, `heard`, `words` or `timbre`."""
    if space.startswith(TIMBRE):
        return "timbre"
    sense = store.likeness.sense_of(space)
    return "words" if sense in {Sense.SAID, Sense.WRITTEN} else sense.value


@dataclass(slots=True)
class _Seen:
    """What lies near the `entries` of an example in one space."""

    space: str
    entries: Sequence[tuple[Span, Floats]]
    pairs: dict[int, list[tuple[Neighbour, Span]]] = field(default_factory=dict)
    """By item: what is near, and to which place in the example."""
    strengths: dict[int, float] = field(default_factory=dict)

    def look(self, store: FindingStore, most: int, among: Collection[int] | None = None) -> None:
        """Take down the `most` nearest vectors, of these items if any are named."""
        best: dict[int, list[float]] = {}
        for span, values in self.entries:
            strongest: dict[int, float] = {}
            for near in store.vectors.nearest(self.space, values, most, among, is_example=True):
                self.pairs.setdefault(near.item_id, []).append((near, span))
                strongest[near.item_id] = max(strongest.get(near.item_id, 0.0), near.strength)
            for item_id, strength in strongest.items():
                best.setdefault(item_id, []).append(strength)
        for item_id, each in best.items():
            self.strengths[item_id] = _strength_of_all(each, len(self.entries))


def _link_family(
    store: FindingStore,
    portrait: Portrait,
    family: str,
    spaces: Sequence[str],
    links: Links,
    limit: int,
    among: ItemSet | None,
) -> None:
    seen = [_Seen(space, _entries(store, space, portrait.vectors[space])) for space in spaces]
    for each in seen:
        each.look(store, _CANDIDATES + 5 * limit, among)
    known = set().union(*(each.strengths for each in seen))
    for each in seen if len(seen) > 1 else ():
        if lacking := known - each.strengths.keys():
            each.look(store, _CANDIDATES + 5 * limit, lacking)
    # Nothing is as near to the example as itself: left in, it would take one of the few places of the nearest.
    known.discard(portrait.item_id)
    fused = {
        item_id: _fused([each.strengths[item_id] for each in seen if item_id in each.strengths]) for item_id in known
    }
    # Many entries of a film have many neighbours; what is weaker than so many others is no suggestion.
    strengths = dict(nlargest(_COMPARED, fused.items(), key=lambda each: each[1]))
    worth = _worth(store, portrait, family, strengths)
    told = [(nats * worth(item_id), item_id) for item_id, nats in _weigh(strengths, store.count()).items()]
    told.sort(key=lambda each: (-each[0], each[1]))
    nearest = _nearest(store, portrait, told)
    for nats, item_id in told:
        # Said is what the network says that finds them most alike.
        clearest = max(seen, key=lambda each: each.strengths.get(item_id, -math.inf))
        met = [(near, ours) for near, ours in clearest.pairs[item_id] if near.nearer_than >= _NEARER_THAN_MOST]
        if not met:
            continue
        met.sort(key=lambda pair: -pair[0].strength)
        is_clear = met[0][0].strength >= _CLEAR and met[0][0].nearer_than >= _NEARER_THAN_NEARLY_ALL
        least = _CLEAR if is_clear else min(_BEYOND, met[0][0].strength)
        share = _NEARER_THAN_NEARLY_ALL if is_clear else _NEARER_THAN_MOST
        places = _apart(
            [(ours, near.span) for near, ours in met if near.strength >= least and near.nearer_than >= share]
        )
        link = Link(nats, family, pairs=places, space=clearest.space, is_clear=is_clear)
        add_link(links, item_id, link, _LEAST_OF_NEAREST if item_id in nearest else _LEAST_OF_OTHERS)


def _fused(strengths: Sequence[float]) -> float:
    """Of several networks that look at the same: nobody knows which one knows these things, and where they err they err
    each in a way of its own, so that their mean is better than most of them.
    """
    return sum(strengths) / len(strengths)


def _nearest(store: FindingStore, portrait: Portrait, told: Sequence[tuple[float, int]]) -> set[int]:
    """The nearest few of all, and of the example's own kind: among recordings that speak, a text asks for texts, too."""
    ranked = [item_id for nats, item_id in told if nats >= _LEAST_OF_NEAREST]
    same = store.likeness.of_kind(portrait.kind, ranked)
    return {*ranked[:_NEAREST], *[item_id for item_id in ranked if item_id in same][:_NEAREST_OF_KIND]}


def _strength_of_all(strengths: Sequence[float], entries: int) -> float:
    """One true meeting point makes two films alike; how much of the example meets decides among them."""
    return 0.7 * max(strengths) + 0.3 * sum(strengths) / entries


def _weigh(strengths: Mapping[int, float], total: int) -> dict[int, float]:
    """Nats by item, from strengths in standard deviations above the background.

    log(1 + likelihood ratio): what belongs together lies _BEYOND deviations and more above what does not, so that the
    ratio grows by e with each deviation. And never more than what it tells: that something is one of `m` that are as
    near, of `total`, says no more than any other property that `m` items have.
    """
    import numpy as np

    values = np.fromiter(strengths.values(), np.float64, len(strengths))
    # Softly counted, so that what is nearer never weighs the same as what is less near.
    as_near = (1 / (1 + np.exp(2 * (values[:, None] - values[None, :] - _AS_NEAR).clip(-50, 50)))).sum(1)
    others = (max(total, len(values)) - as_near).clip(0)
    nats = np.minimum(np.logaddexp(0, values - _BEYOND), np.log1p((others + 0.5) / (as_near + 0.5)))
    return dict(zip(strengths, nats.tolist(), strict=True))


def _worth(store: FindingStore, portrait: Portrait, family: str, item_ids: Collection[int]) -> Callable[[int], float]:
    """What the networks' word on each item is worth: words as much as they are sure on both sides."""
    if family == "words":
        ours, theirs = portrait.sureness, store.likeness.sureness(item_ids)
        return lambda item_id: ours * theirs.get(item_id, 1.0)
    if family == "timbre":
        is_known = any(family_of(store, space) == "heard" for space in portrait.vectors)
        return lambda _item_id: _OF_COLOUR if is_known else _OF_COLOUR_ALONE
    return lambda _item_id: 1.0


def _entries(store: FindingStore, space: str, placed: Sequence[tuple[Span, Floats]]) -> Sequence[tuple[Span, Floats]]:
    """Those that stand for all: fewer where there is much to compare them with."""
    if len(placed) == 1:
        return placed
    most = max(4, min(_ENTRIES, _SCANNED // max(1, store.vectors.count(space))))
    return placed[:: max(1, len(placed) // most)][:most]


def _apart(pairs: Sequence[tuple[Span, Span]]) -> tuple[tuple[Span, Span], ...]:
    """The best pairs, each place on either side once."""
    kept: list[tuple[Span, Span]] = []
    for ours, theirs in pairs:
        if len(kept) < _PAIRS and all(ours != one and theirs != other for one, other in kept):
            kept.append((ours, theirs))
    return tuple(kept)


def _link_copies(
    store: FindingStore, space: str, placed: Sequence[tuple[Span, Floats]], links: Links, among: ItemSet | None
) -> None:
    """The same picture at another size or in another coding. Vectors of signs: a cosine tells the bits that differ."""
    pairs: dict[int, list[tuple[float, Span, Span]]] = {}
    for span, values in _entries(store, space, placed):
        for near in store.vectors.nearest(space, values, _CANDIDATES, among, is_example=True):
            if (1 - near.cosine) / 2 <= _SAME_BITS:
                pairs.setdefault(near.item_id, []).append((near.cosine, span, near.span))
    theirs_of = store.vectors.of_items(space, pairs)
    for item_id, found in pairs.items():
        found.sort(key=lambda pair: -pair[0])
        places = _apart([(ours, theirs) for _, ours, theirs in found])
        # One black second is in many films: of two films more than one place must be the same.
        if len(places) >= min(2, len(placed), len(theirs_of.get(item_id, ()))):
            add_link(links, item_id, Link(6.0, "content", "reason.same_content", pairs=places, space=space))


def link_labels(store: FindingStore, portrait: Portrait, links: Links, among: ItemSet | None = None) -> None:
    """Shared labels, each worth its rarity in the library; a second one half, for labels come together."""
    counts = store.label_counts(portrait.labels)
    total = store.count()
    worth = {
        concept_id: rarity(counts.get(concept_id, 0), total)
        for concept_id in portrait.labels
        if counts.get(concept_id, 0) <= max(2, total // 2)
    }
    rarest = sorted(worth, key=lambda concept_id: -worth[concept_id] * portrait.labels[concept_id])[:_RAREST]
    shared: dict[int, list[tuple[float, str]]] = {}
    if among is not None and len(among) <= _FEW_AMONG:
        bearing = store.labelled_among(among, rarest)
    else:
        # Each on its own: the surest of all together would be of the commonest.
        bearing = [row for concept_id in rarest for row in store.labelled([concept_id], limit=_SUREST)]
    for item_id, concept_id, score in bearing:
        nats = 0.5 * worth[concept_id] * min(score, portrait.labels[concept_id])
        shared.setdefault(item_id, []).append((nats, concept_id))
    for item_id, found in shared.items():
        found.sort(reverse=True)
        nats = sum(nats * 0.5**place for place, (nats, _) in enumerate(found))
        concepts = tuple(concept_id for _, concept_id in found)
        add_link(links, item_id, Link(nats, "labels", "reason.shared_labels", concepts=concepts))
