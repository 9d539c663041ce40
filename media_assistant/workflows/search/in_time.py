"""Where moments of a query stand in their items, and which of them stand to each other as it says (`THEN`, `WHILE`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.query_tree import (
    And,
    HasTag,
    InSense,
    Node,
    Or,
    Phrase,
    Then,
    While,
    Words,
    has_moments,
)
from media_assistant.workflows.search.placed_moments import Mark, Place
from media_assistant.workflows.search.timing import Places, either, followed, meant_places, nowhere, places_of, together
from media_assistant.workflows.search.witnesses import EXACT

if TYPE_CHECKING:
    from media_assistant.items.moment import Sense
    from media_assistant.items.naming import ConceptNames
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.workflows.search.at_once import AtOnce
    from media_assistant.workflows.search.witnesses import Witnesses


class InTime:
    """Of one query. `hear_meaning` finds where vectors say that words are meant, among some items or all; `holding` gives the
    items for which a node without times surely holds, `saying` those that surely have every word.
    """

    def __init__(
        self,
        store: FindingStore,
        names: ConceptNames,
        hear_meaning: Callable[[Words, ItemSet | None], Witnesses],
        holding: Callable[[Node], ItemSet],
        saying: Callable[[str], ItemSet],
        at_once: AtOnce,
    ) -> None:
        self._store = store
        self._names = names
        self._hear_meaning = hear_meaning
        self._holding = holding
        self._saying = saying
        self._at_once = at_once
        self._timed: dict[Node, tuple[ItemSet | None, Places]] = {}
        self._found: list[Places] = []
        self._meant_by: dict[Words, tuple[ItemSet | None, Places]] = {}
        self._meanings: list[Mark] = []
        """What the marks of places below 0 stand for, the first for -1."""

    def sure_of(self, node: Then | While, among: ItemSet | None) -> dict[int, float]:
        """How surely moments stand so, by item; they are `placed` afterwards."""
        places = self._places(node, among)
        self._found.append(places)
        return places.surest()

    def placed(self, item_ids: Iterable[int]) -> dict[int, list[Place]]:
        """Moments that stand to each other as the query says, of these of the items that were found."""
        found: dict[int, list[Place]] = {}
        chosen = self._store.set_of(item_ids)
        for places in self._found:
            here = places.of(chosen)
            for item_id, begin, probability, marks in zip(
                here.items.tolist(), here.begins.tolist(), here.probabilities.tolist(), here.marks.tolist(), strict=True
            ):
                named = tuple(mark if mark > 0 else self._meanings[-mark - 1] for mark in dict.fromkeys(marks) if mark)
                found.setdefault(item_id, []).append(Place(begin, probability, named))
        return found

    def _places(self, node: Then | While, among: ItemSet | None) -> Places:
        """Looked for once, unless it was among fewer items."""
        known = self._timed.get(node)
        if known is None or _is_among_fewer(known[0], among):
            known = self._timed[node] = among, self._pairs(node, among)
        found = known[1]
        return found if among is None else found.of(among)

    def holding(self, node: Then | While, among: ItemSet | None) -> ItemSet:
        """The items among those (None: all) in which moments stand so."""
        return self._store.set_of(self._places(node, among).items)

    def _pairs(self, node: Then | While, among: ItemSet | None) -> Places:
        one, other = (node.first, node.second) if isinstance(node, Then) else (node.one, node.other)
        # Only so many of what is meant are heard: filters that stand beside it come first.
        for side in (one, other):
            for each in side.nodes if isinstance(side, And) else ():
                if not has_moments(each):
                    among = self._holding(each) if among is None else among & self._holding(each)
        both = self._may_have(one, among) & self._may_have(other, among)
        chosen = both if among is None else both & among
        # What is meant is known by now: two threads do not ask for that.
        ours, theirs = self._at_once.both(lambda: self._standing(one, chosen), lambda: self._standing(other, chosen))
        return (followed if isinstance(node, Then) else together)(ours, theirs, node.within_ms)

    def _may_have(self, node: Node, among: ItemSet | None) -> ItemSet:
        """Items in which a node may stand somewhere: besides those that surely have it, those among these that mean it."""
        match node:
            case And(nodes):
                return reduce(and_, (self._may_have(each, among) for each in nodes))
            case Or(nodes):
                return reduce(or_, (self._may_have(each, among) for each in nodes))
            case Then(one, other) | While(one, other):
                return self._may_have(one, among) & self._may_have(other, among)
            case Words(text):
                return self._saying(text) | self._store.set_of(self._meant(node, among).items)
            case _:
                return self._holding(node)

    def _meant(self, words: Words, among: ItemSet | None) -> Places:
        """Where in these items (None: all) vectors say that the words are meant, surely enough to be shown."""
        known = self._meant_by.get(words)
        if known is None or _is_among_fewer(known[0], among):
            found = [each for each in self._hear_meaning(words, among).places if each[2] >= ranking.LEAST]
            known = among, meant_places([each[:3] for each in found], below=-len(self._meanings))
            self._meant_by[words] = known
            self._meanings += [(span, space) for _, span, _, space in found]
        return known[1] if among is None else known[1].of(among)

    def _standing(self, node: Node, among: ItemSet) -> Places:
        """Where in these items a node stands; of several that stand together, what they share."""
        match node:
            case Or(nodes):
                return either([self._standing(each, among) for each in nodes])
            case And(nodes):
                return reduce(together, (self._standing(each, among) for each in nodes if has_moments(each)))
            case Then() | While():
                return self._places(node, among)
            case Words(text):
                return either([self._units_standing(text, among, ()), self._meant(node, among)])
            case InSense(sense, text, is_phrase) if not is_phrase:
                return self._units_standing(text, among, (sense,))
            case HasTag(name):
                return self._labels_standing(self._names.named(name), among, ())
            case Phrase() | InSense():
                labels = self._labels_standing(self._names.named(node.text), among, senses_of(node))
                return either([labels, self._lines_standing(node.text, among, senses_of(node))])
            case _:
                return nowhere()

    def _units_standing(self, text: str, among: ItemSet, senses: Sequence[Sense]) -> Places:
        units = self._names.units(text, is_half_typed=False)
        standing = (
            either(
                [
                    self._labels_standing(self._names.named(unit.text), among, senses),
                    self._lines_standing(unit.text, among, senses),
                ]
            )
            for unit in units
        )
        return reduce(together, standing) if units else nowhere()

    def _labels_standing(self, concepts: Collection[str], among: ItemSet, senses: Sequence[Sense]) -> Places:
        return places_of(self._store.places(among, concepts, senses), 1.0) if concepts else nowhere()

    def _lines_standing(self, text: str, among: ItemSet, senses: Sequence[Sense]) -> Places:
        return places_of(self._store.places_of_lines(among, text, senses, is_phrase=True), EXACT)


def _is_among_fewer(looked: ItemSet | None, among: ItemSet | None) -> bool:
    """Whether what was looked for among some items (None: all) says too little of these."""
    return looked is not None and (among is None or not among <= looked)


def senses_of(term: Phrase | InSense | HasTag) -> tuple[Sense, ...]:
    """The senses that a term asks for; none: all."""
    return (term.sense,) if isinstance(term, InSense) else ()
