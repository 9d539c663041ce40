"""Items like another one, and why.

Each kind of likeness is a *link* with a weight in nats (how much likelier it makes that two things belong together) and
a reason that is true by how it was computed. Links are added up; an item without a link is no suggestion, so every
suggestion has a reason, and its reasons are what it was ranked by.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.errors import UserFixable
from media_assistant.items.answers import Reason, Suggestion
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding, Trait, Vector
from media_assistant.items.item import DateSource, Facts, Item, Place
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.ranking import rarity
from media_assistant.items.sentence import Parameter, Sentence
from media_assistant.items.span import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library

    Floats = NDArray[np.float32]

TEMPO, KEY = "tempo_bpm", "key"

_SIGNS = "perceptual-hash"
"""How the names of spaces begin that tell copies of a picture, and nothing else about it."""
_TIMBRE = "timbre"
"""How the names of spaces begin that know the colour of a sound and nothing of what it is."""
_LEAST = 0.4
"""Nats below which a link is too weak to be said, and so does not count."""
_A_LITTLE = 0.8
"""Nats of likeness by networks (a strength of 3) below which it is called a little: of many things, some are by chance."""
_ENTRIES = 24
"""Vectors that stand for a long item in each space, taken evenly."""
_CANDIDATES = 150
_PAIRS = 3
_NAMES = 4
_SAME_TEMPO = 0.02
_SAME_PLACE_M = 200
_SAME_BITS = 8 / 64
"""Share of differing bits up to which two perceptual hashes are of one picture (Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010, finds distinct pictures near 32 and re-encoded ones below 10)."""


@dataclass(frozen=True, slots=True)
class Example:
    """What others are compared with: an item of the library, or (`item_id` 0) a file outside of it."""

    kind: Kind
    facts: Facts
    item_id: int = 0
    traits: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    """Score by concept id."""
    vectors: Mapping[str, Sequence[tuple[Span, Floats]]] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    """Of a file outside; those of an item are read when they are needed."""


@dataclass(frozen=True, slots=True)
class _Link:
    nats: float
    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    pairs: tuple[tuple[Span, Span], ...] = ()
    """Places in the example and in the other item that are alike."""
    concepts: tuple[str, ...] = ()
    space: str = ""


_Links = dict[int, list[_Link]]


def similar(library: Library, like: int | Example, limit: int = 20) -> tuple[Suggestion, ...]:
    """Items like an item or an outside file, best first. Raises UserFixable("finding.no_such_item") for an unknown id."""
    store = library.finding
    example = like if isinstance(like, Example) else example_of(library, like)
    links: _Links = {}
    for space, entries in example.vectors.items():
        if space.startswith(_SIGNS):
            _link_copies(store, space, entries, links)
        else:
            _link_vectors(store, space, entries, links, limit)
    _link_labels(store, example, links)
    _link_music(store, example, links)
    _link_day(store, example, links)
    links.pop(example.item_id, None)
    likeliest = sorted(links, key=lambda item_id: (-_total(links[item_id]), item_id))[: max(_CANDIDATES, 2 * limit)]
    items = library.items(likeliest)
    for item in items:
        _link_facts(example, item, links[item.id])
    items = [item for item in items if links[item.id]]
    items.sort(key=lambda item: (-_total(links[item.id]), item.id))
    return tuple(
        Suggestion(
            item, round(1 - math.exp(-_total(links[item.id]) / 2), 4), _reasons(store, example, item, links[item.id])
        )
        for item in items[:limit]
    )


def example_of(library: Library, item_id: int) -> Example:
    """An item of the library as an example."""
    item = library.item(item_id)
    if item is None:
        raise UserFixable("finding.no_such_item", item=item_id)
    store = library.finding
    vectors = {space: found for space in store.vectors.spaces() if (found := store.vectors.of_item(space, item_id))}
    return Example(
        item.kind,
        item.facts,
        item_id,
        store.traits([item_id], (TEMPO, KEY)).get(item_id, {}),
        store.item_labels([item_id]).get(item_id, {}),
        vectors,
    )


def example_from(kind: Kind, facts: Facts, findings: Iterable[Finding]) -> Example:
    """A file outside the library as an example, from what analysers just found in it."""
    import numpy as np

    traits: dict[str, object] = {}
    vectors: dict[str, list[tuple[Span, Floats]]] = {}
    moments: list[Moment] = []
    labels: dict[str, float] = {}
    for finding in findings:
        match finding:
            case Trait(name, value):
                traits[name] = value
            case Vector(space, span, values):
                vectors.setdefault(space, []).append((span, np.frombuffer(values, "<f4").astype(np.float32)))
            case Moment():
                moments.append(finding)
                if finding.concept is not None:
                    labels[finding.concept.id] = max(labels.get(finding.concept.id, 0.0), finding.score)
            case _:
                pass
    return Example(kind, facts, 0, traits, labels, vectors, tuple(moments))


def _total(links: Sequence[_Link]) -> float:
    """Nats of all links; of one kind of likeness (several networks that look at the same) the best, others a quarter."""
    best: dict[str, list[float]] = {}
    for link in links:
        best.setdefault(link.code, []).append(link.nats)
    return sum(max(nats) + 0.25 * (sum(nats) - max(nats)) for nats in best.values())


# Likeness by networks


def _link_vectors(
    store: FindingStore, space: str, entries: Sequence[tuple[Span, Floats]], links: _Links, limit: int
) -> None:
    step = max(1, len(entries) // _ENTRIES)
    chosen = entries[::step][:_ENTRIES]
    pairs: dict[int, list[tuple[float, Span, Span]]] = {}
    best: dict[int, list[float]] = {}
    for span, values in chosen:
        strongest: dict[int, float] = {}
        for near in store.vectors.nearest(space, values, _CANDIDATES + 5 * limit, is_example=True):
            pairs.setdefault(near.item_id, []).append((near.strength, span, near.span))
            strongest[near.item_id] = max(strongest.get(near.item_id, 0.0), near.strength)
        for item_id, strength in strongest.items():
            best.setdefault(item_id, []).append(strength)
    for item_id, strengths in best.items():
        # One true meeting point makes two films alike; how much of the example meets decides among them.
        strength = 0.7 * max(strengths) + 0.3 * sum(strengths) / len(chosen)
        nats = 2 * math.log1p(max(0.0, strength - 2) / 2)
        if nats >= _LEAST:
            found = sorted(pairs[item_id], key=lambda pair: -pair[0])
            places = _apart([(ours, theirs) for strength, ours, theirs in found if strength >= 2])
            links.setdefault(item_id, []).append(_Link(nats, "", {}, places, (), space))


def _apart(pairs: Sequence[tuple[Span, Span]]) -> tuple[tuple[Span, Span], ...]:
    """The best pairs, each place on either side once."""
    kept: list[tuple[Span, Span]] = []
    for ours, theirs in pairs:
        if len(kept) < _PAIRS and all(ours != one and theirs != other for one, other in kept):
            kept.append((ours, theirs))
    return tuple(kept)


def _link_labels(store: FindingStore, example: Example, links: _Links) -> None:
    """Shared labels, each worth its rarity in the library; a second one half, for labels come together."""
    counts = store.label_counts(example.labels)
    total = store.count()
    worth = {
        concept_id: rarity(counts.get(concept_id, 0), total)
        for concept_id in example.labels
        if counts.get(concept_id, 0) <= max(2, total // 2)
    }
    rarest = sorted(worth, key=lambda concept_id: -worth[concept_id] * example.labels[concept_id])[:32]
    shared: dict[int, list[tuple[float, str]]] = {}
    for item_id, concept_id, score in store.labelled(rarest):
        nats = 0.5 * worth[concept_id] * min(score, example.labels[concept_id])
        shared.setdefault(item_id, []).append((nats, concept_id))
    for item_id, found in shared.items():
        found.sort(reverse=True)
        nats = sum(nats * 0.5**place for place, (nats, _) in enumerate(found))
        if nats >= _LEAST:
            concepts = tuple(concept_id for _, concept_id in found[:_NAMES])
            links.setdefault(item_id, []).append(_Link(nats, "reason.shared_labels", {}, (), concepts))


# Likeness by measure


def _link_music(store: FindingStore, example: Example, links: _Links) -> None:
    tempo, key = _number(example.traits.get(TEMPO)), str(example.traits.get(KEY) or "")
    if example.kind is not Kind.MUSIC or not (tempo or key):
        return
    tempos = {item_id: _number(value) for item_id, value in store.items_with_trait(TEMPO)} if tempo else {}
    keys = dict(store.items_with_trait(KEY)) if key else {}
    total = max(2, len(tempos.keys() | keys.keys()))
    in_tempo = {item_id for item_id, bpm in tempos.items() if _is_same_tempo(tempo, bpm)}
    in_key = {item_id for item_id, name in keys.items() if name == key}
    for item_id in in_tempo | in_key:
        nats = 0.0
        same: list[str] = []
        parameters: dict[str, Parameter] = {}
        if item_id in in_tempo:
            nats += 0.4 * rarity(len(in_tempo), total)
            same.append("tempo")
            parameters["bpm"] = round(tempo)
        if item_id in in_key:
            nats += 0.3 * rarity(len(in_key), total)
            same.append("key")
            parameters["key"] = key
        if nats >= _LEAST:
            links.setdefault(item_id, []).append(_Link(nats, f"reason.same_{'_and_'.join(same)}", parameters))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _is_same_tempo(one: float, other: float) -> bool:
    return one > 0 and abs(one - other) <= _SAME_TEMPO * one


def _link_copies(store: FindingStore, space: str, entries: Sequence[tuple[Span, Floats]], links: _Links) -> None:
    """The same picture at another size or in another coding. Vectors of signs: a cosine tells the bits that differ."""
    pairs: dict[int, list[tuple[float, Span, Span]]] = {}
    for span, values in entries[:: max(1, len(entries) // _ENTRIES)][:_ENTRIES]:
        for near in store.vectors.nearest(space, values, _CANDIDATES, is_example=True):
            if (1 - near.cosine) / 2 <= _SAME_BITS:
                pairs.setdefault(near.item_id, []).append((near.cosine, span, near.span))
    theirs_of = store.vectors.of_items(space, pairs)
    for item_id, found in pairs.items():
        found.sort(key=lambda pair: -pair[0])
        places = _apart([(ours, theirs) for _, ours, theirs in found])
        # One black second is in many films: of two films more than one place must be the same.
        if len(places) >= min(2, len(entries), len(theirs_of.get(item_id, ()))):
            links.setdefault(item_id, []).append(_Link(6.0, "reason.same_content", {}, places, (), space))


def _day_of(facts: Facts) -> str:
    """The day something was made, if a witness better than the file's own time says so."""
    captured = facts.captured
    return captured.at[:10] if captured is not None and captured.source is not DateSource.FILE else ""


def _link_day(store: FindingStore, example: Example, links: _Links) -> None:
    day = _day_of(example.facts)
    if not day:
        return
    same = store.captured_on(day)
    nats = 0.35 * rarity(len(same), store.count())
    for item_id in same:
        # Only a place to look: whether the day is to be trusted is seen with the item's facts.
        links.setdefault(item_id, []).append(_Link(0.0, "reason.same_day", {"day": day, "weight": nats}))


def _link_facts(example: Example, item: Item, links: list[_Link]) -> None:
    """Day, place, artist and album; these need the other item's facts."""
    found = [link for link in links if link.code == "reason.same_day"]
    for link in found:
        links.remove(link)
        weight = link.parameters["weight"]
        if _day_of(item.facts) == link.parameters["day"] and isinstance(weight, float) and weight >= _LEAST:
            links.append(_Link(min(1.2, weight), link.code, {"day": link.parameters["day"]}))
    if example.facts.place is not None and item.facts.place is not None:
        metres = _distance_m(example.facts.place, item.facts.place)
        if metres <= _SAME_PLACE_M:
            rounded = max(10, math.ceil(metres / 10) * 10)
            links.append(_Link(1.2, "reason.same_place", {"metres": rounded}))
    ours, theirs = example.facts.tags, item.facts.tags
    if ours.artist and ours.artist.casefold() == theirs.artist.casefold():
        links.append(_Link(1.0, "reason.same_artist", {"artist": theirs.artist}))
        if ours.album and ours.album.casefold() == theirs.album.casefold():
            links.append(_Link(0.8, "reason.same_album", {"album": theirs.album}))


def _distance_m(one: Place, other: Place) -> float:
    """Great-circle distance by the haversine formula, on a sphere of 6,371 km."""
    a, b = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(h)))


# Saying why


def _reasons(store: FindingStore, example: Example, item: Item, links: Sequence[_Link]) -> tuple[Reason, ...]:
    """One reason for each kind of likeness, the weightiest first."""
    said: dict[str, Reason] = {}
    for link in sorted(links, key=lambda link: -link.nats):
        reason = _label_reason(store, example, item, link) if link.concepts else None
        if reason is None:
            reason = (
                _place_reason(store, example, item, link)
                if link.space
                else Reason(Sentence(link.code, link.parameters))
            )
        said.setdefault(reason.says.code, reason)
    return tuple(said.values())


_SENSES = {Kind.VIDEO: Sense.SEEN, Kind.PHOTO: Sense.SEEN, Kind.MUSIC: Sense.HEARD, Kind.TEXT: Sense.WRITTEN}
_WORDS = {Sense.SAID, Sense.WRITTEN}


def _place_reason(store: FindingStore, example: Example, item: Item, link: _Link) -> Reason:
    ours = _moments_at(store, example, [place for place, _ in link.pairs], link.space)
    theirs = _moments_at(store, Example(item.kind, item.facts, item.id), [place for _, place in link.pairs], link.space)
    senses = {moment.sense for moment in (*ours, *theirs)}
    if link.code:
        code = link.code
    elif link.nats < _A_LITTLE:
        code = "reason.a_little_alike"
    elif link.space.startswith(_TIMBRE):
        code = "reason.alike_timbre"
    elif senses == {Sense.SEEN}:
        code = "reason.alike_seen"
    elif senses == {Sense.HEARD}:
        code = "reason.alike_heard"
    elif senses == {Sense.WRITTEN}:
        code = "reason.alike_written"
    elif senses <= _WORDS:
        code = "reason.alike_said"
    else:
        code = "reason.alike_across"
    return Reason(Sentence(code), ours, theirs)


def _moments_at(store: FindingStore, of: Example, places: Sequence[Span], space: str) -> tuple[Moment, ...]:
    """What stands at each place; a bare moment where nothing but the vector does."""
    if of.item_id:
        known = {
            place: moment
            for (_, place, _), moment in store.moments_at([(of.item_id, place, space) for place in places]).items()
        }
    else:
        order = {Layer.LABEL: 0, Layer.SHOT: 1, Layer.LINE: 2, Layer.MARK: 3}
        known = {moment.span: moment for moment in sorted(of.moments, key=lambda moment: order[moment.layer])}
    return tuple(
        known.get(place)
        or Moment(place, _SENSES[of.kind], Layer.SHOT, source=Source("meaning", space), item_id=of.item_id)
        for place in dict.fromkeys(places)
    )


def _label_reason(store: FindingStore, example: Example, item: Item, link: _Link) -> Reason:
    if example.item_id:
        ours = tuple(store.label_moments({example.item_id: link.concepts}, limit=2 * _NAMES))
    else:
        ours = tuple(moment for moment in example.moments if moment.concept and moment.concept.id in link.concepts)
    theirs = tuple(store.label_moments({item.id: link.concepts}, limit=2 * _NAMES))
    names = store.names()
    concepts = [names.concepts.get(concept_id) or Concept(concept_id, concept_id) for concept_id in link.concepts]
    parameters = {
        "names": ", ".join(concept.en for concept in concepts),
        "names_zh": "、".join(concept.name("zh") for concept in concepts),
    }
    return Reason(Sentence(link.code, parameters), _best_each(ours), _best_each(theirs))


def _best_each(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """The strongest moment of each concept."""
    best: dict[str, Moment] = {}
    for moment in sorted(moments, key=lambda moment: -moment.score):
        if moment.concept is not None:
            best.setdefault(moment.concept.id, moment)
    return tuple(best.values())
