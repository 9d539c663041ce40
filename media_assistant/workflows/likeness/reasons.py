"""Links in words: one true sentence for each, with the moments on both sides that make it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from media_assistant.items.answers import Reason
from media_assistant.items.concept import Concept
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import WHOLE, Span

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.likeness.links import Link
    from media_assistant.workflows.likeness.portraits import Portrait

_NAMES = 4
_SURE = 0.5
"""How surely a label must be in both, to be said without a perhaps."""
_SENSES = {Kind.VIDEO: Sense.SEEN, Kind.PHOTO: Sense.SEEN, Kind.MUSIC: Sense.HEARD, Kind.TEXT: Sense.WRITTEN}
_WORDS = {Sense.SAID, Sense.WRITTEN}
_ALIKE = {
    frozenset({Sense.SEEN}): "seen",
    frozenset({Sense.HEARD}): "heard",
    frozenset({Sense.WRITTEN}): "written",
    frozenset({Sense.SAID}): "said",
    frozenset(_WORDS): "said",
}


def reason_of(
    store: FindingStore, portrait: Portrait, item: Item, link: Link, *, weight: float, example: int
) -> Reason:
    """What a link between the example and an item says. `weight` and `example` are as in Reason."""
    if link.concepts:
        code, parameters, pairs = _label_reason(store, portrait, item, link)
    elif link.words:
        code, parameters, pairs = _word_reason(store, link)
    elif link.space:
        code, parameters, pairs = _place_reason(store, portrait, item, link)
    else:
        code, parameters, pairs = link.code, dict(link.parameters), ()
    return Reason(
        Sentence(code, parameters),
        tuple(ours for ours, _ in pairs),
        tuple(theirs for _, theirs in pairs),
        weight,
        example,
        link.space,
    )


_Parts = tuple[str, dict[str, str | int | float], Sequence[tuple[Moment, Moment]]]


def _place_reason(store: FindingStore, portrait: Portrait, item: Item, link: Link) -> _Parts:
    ours = _moments_at(store, portrait, [place for place, _ in link.pairs], link.space)
    theirs = _items_moments_at(store, item.id, item.kind, [place for _, place in link.pairs], link.space)
    pairs = list(zip(ours, theirs, strict=True))
    if link.code:
        return link.code, {}, pairs
    how = "alike" if link.is_clear else "little"
    senses = frozenset(moment.sense for moment in (*ours, *theirs))
    what = "timbre" if link.family == "timbre" else _ALIKE.get(senses, "across")
    return f"reason.{how}_{what}", {}, pairs


def _moments_at(store: FindingStore, of: Portrait, places: Sequence[Span], space: str) -> list[Moment]:
    """What stands at each place of the example."""
    if of.item_id:
        return _items_moments_at(store, of.item_id, of.kind, places, space)
    order = {Layer.LABEL: 0, Layer.SHOT: 1, Layer.LINE: 2, Layer.MARK: 3}
    known = {moment.span: moment for moment in sorted(of.moments, key=lambda moment: order[moment.layer])}
    return [known.get(place) or _bare(0, of.kind, place, space) for place in places]


def _items_moments_at(
    store: FindingStore, item_id: int, kind: Kind, places: Sequence[Span], space: str
) -> list[Moment]:
    known = store.moments_at([(item_id, place, space) for place in places])
    return [known.get((item_id, place, space)) or _bare(item_id, kind, place, space) for place in places]


def _bare(item_id: int, kind: Kind, place: Span, space: str) -> Moment:
    """Where nothing but the vector stands."""
    return Moment(place, _SENSES[kind], Layer.SHOT, source=Source("meaning", space), item_id=item_id)


def _label_reason(store: FindingStore, portrait: Portrait, item: Item, link: Link) -> _Parts:
    wanted = link.concepts[:_NAMES]
    in_any_way = [(concept_id, None) for concept_id in wanted]
    names = store.names()
    concepts = [names.concepts.get(concept_id) or Concept(concept_id, concept_id) for concept_id in wanted]
    if portrait.item_id and portrait.span == WHOLE:
        ours = _best_each(store.label_moments({portrait.item_id: in_any_way}, limit=3 * _NAMES))
    else:
        ours = _best_each(moment for moment in portrait.moments if moment.concept and moment.concept.id in wanted)
    theirs = _best_each(store.label_moments({item.id: in_any_way}, limit=3 * _NAMES))
    pairs = [
        (
            ours.get(concept.id) or _by_person(portrait.item_id, portrait.kind, concept),
            theirs.get(concept.id) or _by_person(item.id, item.kind, concept),
        )
        for concept in concepts
    ]
    told = list(zip(concepts, pairs, strict=True))
    if not _is_by_person(told) and _senses(told) <= _WORDS:
        # The score of a word is how much a text is about it, not how surely it is there.
        code = "reason.shared_words"
    else:
        sure = [(concept, pair) for concept, pair in told if pair[0].score * pair[1].score >= _SURE]
        told, how = (sure, "both") if sure else (told, "perhaps")
        senses = _senses(told)
        if len(senses) == 1 and not senses <= _WORDS and not _is_by_person(told):
            code = f"reason.{how}_{senses.pop().value}"
        else:  # what a person says of it need not be seen or heard anywhere in it
            code = link.code if how == "both" else "reason.perhaps_shared"
    return code, _named((concept.en, concept.name("zh")) for concept, _ in told), [pair for _, pair in told]


_Told = Sequence[tuple[Concept, tuple[Moment, Moment]]]


def _senses(told: _Told) -> set[Sense]:
    return {moment.sense for _, pair in told for moment in pair}


def _is_by_person(told: _Told) -> bool:
    return any(moment.source.analyser == "person" for _, pair in told for moment in pair)


def _by_person(item_id: int, kind: Kind, concept: Concept) -> Moment:
    """A tag that nothing stands for but a person's word."""
    return Moment(WHOLE, _SENSES[kind], Layer.LABEL, concept=concept, source=Source("person"), item_id=item_id)


def _best_each(moments: Iterable[Moment]) -> dict[str, Moment]:
    """The strongest moment of each concept."""
    best: dict[str, Moment] = {}
    for moment in sorted(moments, key=lambda moment: -moment.score):
        if moment.concept is not None:
            best.setdefault(moment.concept.id, moment)
    return best


def _word_reason(store: FindingStore, link: Link) -> _Parts:
    theirs = {moment.id: moment for moment in store.moments([word.theirs for word in link.words])}
    there = [word for word in link.words if word.theirs in theirs]
    names = _named((word.en, word.zh) for word in there)
    return link.code, names, [(word.ours, theirs[word.theirs]) for word in there]


def _named(names: Iterable[tuple[str, str]]) -> dict[str, str | int | float]:
    english, chinese = _columns(names)
    return {"names": ", ".join(english), "names_zh": "、".join(chinese)}


def _columns(names: Iterable[tuple[str, str]]) -> Iterator[list[str]]:
    pairs = list(names)
    yield [en for en, _ in pairs]
    yield [zh for _, zh in pairs]
