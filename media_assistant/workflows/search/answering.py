"""Evaluate the tree of a query: which items answer it, how surely, and which moments are the reason.

Terms are of two kinds. What is *exact* (filters, phrases, fields, collections, refusals, times) is a set: an item is in it
or not. Plain words are *graded*: an item answers them more or less surely, and their list ends where relevance ends. Exact
terms that stand together narrow; graded ones are covered like the words of one query (`items.ranking.covered`); of a
choice the surer branch counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import and_, or_
from typing import TYPE_CHECKING
from weakref import proxy

from media_assistant.items import ranking
from media_assistant.items.answers import Suggestion
from media_assistant.items.query_tree import (
    And,
    HasTag,
    InCollection,
    InGroup,
    InSense,
    Like,
    Node,
    Not,
    Or,
    Phrase,
    Then,
    While,
    Words,
)
from media_assistant.items.sentence import Sentence
from media_assistant.workflows.search.at_once import AtOnce
from media_assistant.workflows.search.in_time import InTime, senses_of
from media_assistant.workflows.search.label_meaning import label_meaning
from media_assistant.workflows.search.witnesses import ALL, EXACT, NAMED, Witnesses, first_witnesses, keep

if TYPE_CHECKING:
    from media_assistant.items.naming import ConceptNames
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.workflows.search.gathered import Gathered

LEAST_SCORE = 0.02

Heard = tuple[dict[int, float], float, Witnesses]
"""What a run of plain words finds: scores by item, the words' weight, and the witnesses."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What answering a query needs besides its tree.

    `hear_words` finds items for plain words among those allowed (None: all), `hear_meaning` only where vectors say that they
    are meant, among those too. `find_like` gives suggestions for an example, among some items. `most` items are to be shown.
    """

    store: FindingStore
    names: ConceptNames
    gathered: Gathered
    hear_words: Callable[[Words, ItemSet | None], Heard]
    hear_meaning: Callable[[Words, ItemSet | None], Witnesses]
    find_like: Callable[[str, ItemSet | None], tuple[Sequence[Suggestion], Sentence | None]]
    shows_all: bool = False
    most: int = 0


@dataclass(slots=True)
class Found:
    """`allowed` are the items that every exact term lets through, None without one. `scores` are of items that answer or nearly
    do, `fitting` those of them within relevance; both cover only graded and witnessed items, unless `is_graded`.
    """

    allowed: ItemSet | None = None
    scores: dict[int, float] = field(default_factory=dict)
    fitting: set[int] = field(default_factory=set)
    is_graded: bool = False
    weight: float = 1.0


def is_graded(node: Node) -> bool:
    """Whether plain words decide, more or less surely."""
    match node:
        case Words():
            return True
        case And(nodes) | Or(nodes):
            return any(is_graded(each) for each in nodes)
        case _:
            return False


class Answering:
    """Answers one query. `witnesses`, `times` and `likes` tell afterwards which moments are the reason."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._store = asked.store
        self.hints: list[Sentence] = []
        self.witnesses: list[Witnesses] = []
        self._at_once = AtOnce(label_meaning(asked.store).beside)
        # In no circle: else all that was found, and the names that were known then, stay until rubbish is looked for.
        own = proxy(self)
        self.times = InTime(
            asked.store,
            asked.names,
            asked.hear_meaning,
            lambda node: own.holding(node),  # noqa: PLW0108  the method itself would hold what it is of
            lambda text: own.saying(text),  # noqa: PLW0108
            self._at_once,
        )
        self.likes: dict[int, Suggestion] = {}
        self._held: dict[Node, ItemSet] = {}
        self._liked: dict[str, dict[int, Suggestion]] = {}
        """By example, all that was found like it."""

    def witness(self) -> Witnesses:
        """All witnesses as one."""
        found = Witnesses()
        for each in self.witnesses:
            found.take_over(each)
        return found

    def answer(self, nodes: Sequence[Node], within: ItemSet | None = None) -> Found:
        """The items for which all nodes hold, among those `within` (None: all)."""
        allowed = within
        graded = [node for node in nodes if is_graded(node)]
        exact = [node for node in nodes if not is_graded(node)]
        # Last what is looked for only where all else already holds: of what is like an example only so much is taken.
        for node in sorted(exact, key=lambda each: (isinstance(each, Then | While), isinstance(each, Like))):
            matching = self._holding_among(node, allowed)
            allowed = matching if allowed is None else allowed & matching
        sureness = self._sureness(exact, allowed)
        if not graded:
            return Found(allowed, sureness, set(sureness))
        parts = [self._graded(node, allowed) for node in graded]
        if len(parts) == 1:
            part = parts[0]
            return Found(allowed, part.scores, part.fitting, is_graded=True, weight=part.weight)
        scores = {
            item_id: ranking.covered([(part.weight, part.scores.get(item_id, 0.0)) for part in parts])
            for item_id in {item_id for part in parts for item_id in part.scores}
        }
        return Found(allowed, scores, self._fitting(scores), is_graded=True, weight=sum(part.weight for part in parts))

    def _graded(self, node: Node, allowed: ItemSet | None) -> Found:
        match node:
            case Words():
                scores, weight, witnesses = self._asked.hear_words(node, allowed)
                self.witnesses.append(witnesses)
                return Found(allowed, scores, self._fitting(scores), is_graded=True, weight=weight)
            case And(nodes):
                return self.answer(nodes, allowed)
            case Or(nodes):
                return self._choice(nodes, allowed)
            case _:
                raise AssertionError(node)

    def _choice(self, nodes: Sequence[Node], allowed: ItemSet | None) -> Found:
        """Of each item the surer branch; what a branch without plain words lets through answers surely."""
        scores: dict[int, float] = {}
        fitting: set[int] = set()
        for node in nodes:
            found = self.answer(node.nodes if isinstance(node, And) else (node,), allowed)
            answers = found.scores
            if not found.is_graded:
                members = found.allowed if found.allowed is not None else self._store.living()
                # Only the surest were heard: who was not is no surer than the last of them.
                unheard = min(answers.values(), default=1.0)
                answers = {item_id: answers.get(item_id, unheard) for item_id in members}
                fitting.update(members)
            fitting |= found.fitting
            for item_id, score in answers.items():
                keep(scores, item_id, score)
        weight = 0.3 + ranking.rarity(len(scores), self._store.count())
        return Found(allowed, scores, fitting, is_graded=True, weight=weight)

    def _fitting(self, scores: dict[int, float]) -> set[int]:
        """Where relevance ends."""
        edge = (
            LEAST_SCORE if self._asked.shows_all else max(LEAST_SCORE, ranking.edge(max(scores.values(), default=0.0)))
        )
        return {item_id for item_id, score in scores.items() if score >= edge and score > LEAST_SCORE}

    # Exact terms: who has them

    def holding(self, node: Node) -> ItemSet:
        """Every item for which a node surely holds. Plain words do where all of them stand as labels, lines or names."""
        if node not in self._held:
            self._held[node] = self._look(node)
        return self._held[node]

    def _holding_among(self, node: Node, allowed: ItemSet | None) -> ItemSet:
        match node:
            case Then() | While():
                return self.times.holding(node, allowed)
            case Like(example) if allowed is not None:
                return self._like(example, allowed)
            case _:
                return self.holding(node)

    def saying(self, text: str) -> ItemSet:
        """The items that surely have every word."""
        return self._all_units(text, Phrase)

    def _look(self, node: Node) -> ItemSet:
        match node:
            case Not(term):
                return self._store.living() - self.holding(term)
            case And(nodes):
                return reduce(and_, (self.holding(each) for each in nodes))
            case Or(nodes):
                return reduce(or_, (self.holding(each) for each in nodes))
            case Words(text):
                return self._cut_having(text, Phrase)
            case InSense(sense, text, is_phrase) if not is_phrase:
                return self._cut_having(text, lambda unit: InSense(sense, unit, is_phrase=False))
            case HasTag(name):
                return self._store.having(self._asked.names.named(name))
            case Phrase() | InSense():
                return self._having(node)
            case Then() | While():
                return self.times.holding(node, None)
            case InCollection():
                return self._store.set_of(self._asked.gathered.holds(node))
            case InGroup():
                # What left the library is in it until it forms anew.
                return self._store.set_of(self._asked.gathered.holds(node)) & self._store.living()
            case Like(example):
                return self._like(example, None)
            case _:
                return self._store.fitting(node)

    def _cut_having(self, text: str, make: Callable[[str], Phrase | InSense]) -> ItemSet:
        """The items that have every word, or where no space parts these, all of them in a row."""
        found = [self._all_units(text, make)] if self._is_cut(text) else []
        return reduce(or_, found if _has_spaces(text) else [*found, self._having(make(text))])

    def _is_cut(self, text: str) -> bool:
        """Whether it asks for several things; 海边的狗 does, though no space parts them."""
        return _has_spaces(text) or len(self._asked.names.units(text, is_half_typed=False)) > 1

    def _all_units(self, text: str, make: Callable[[str], Phrase | InSense]) -> ItemSet:
        units = self._asked.names.units(text, is_half_typed=False)
        having = [self._having(make(unit.text)) for unit in units]
        return reduce(and_, having) if having else self._store.set_of(())

    def _having(self, term: Phrase | InSense) -> ItemSet:
        store = self._store
        senses, is_phrase = senses_of(term), _is_phrase(term)
        saying, labelled = self._at_once.both(
            lambda: store.saying(term.text, senses=senses, is_phrase=is_phrase),
            lambda: store.having(self._asked.names.named(term.text), senses),
        )
        having = saying | labelled
        if isinstance(term, Phrase):
            having |= store.named(term.text)
        return having

    def _like(self, example: str, among: ItemSet | None) -> ItemSet:
        suggestions, hint = self._asked.find_like(example, among)
        found = {each.item.id: each for each in suggestions}
        self._liked.setdefault(example, {}).update(found)
        if hint:
            self.hints.append(hint)
        return self._store.set_of(found)

    # Exact terms: how surely, and by what

    def _sureness(self, nodes: Iterable[Node], allowed: ItemSet | None) -> dict[int, float]:
        """How surely the items that have what the query insists on have it: the surest of all terms."""
        scores: dict[int, float] = {}
        for node in nodes:
            found = self._sure_of(node, allowed)
            if allowed is not None and not self._store.set_of(found) <= allowed:
                found = {item_id: probability for item_id, probability in found.items() if item_id in allowed}
            if not scores:
                scores = dict(found)
                continue
            for item_id, probability in found.items():
                keep(scores, item_id, probability)
        return scores

    def _sure_of(self, node: Node, allowed: ItemSet | None) -> dict[int, float]:
        match node:
            case Phrase() | InSense() | HasTag():
                return self._hear(node, allowed)
            case And(nodes) | Or(nodes):
                return self._sureness(nodes, allowed)
            case Like(example):
                liked = self._liked.get(example, {})
                self.likes |= liked
                return {item_id: each.score for item_id, each in liked.items()}
            case Then() | While():
                return self.times.sure_of(node, allowed)
            case _:
                return {}

    def _hear(self, term: Phrase | InSense | HasTag, allowed: ItemSet | None) -> dict[int, float]:
        """Take down the surest witnesses of a phrase, a sense or a tag."""
        store, names, witnesses = self._store, self._asked.names, Witnesses()
        first = first_witnesses(store, allowed, self._asked.most)
        answers: dict[int, float] = {}
        senses = senses_of(term)
        sense = term.sense if isinstance(term, InSense) else None
        texts = [term.name] if isinstance(term, HasTag) else [term.text]
        if isinstance(term, InSense) and not term.is_phrase and self._is_cut(term.text):
            units = [unit.text for unit in names.units(term.text, is_half_typed=False)]
            texts = units if _has_spaces(term.text) else [*texts, *units]
        for text in texts:
            lines, labels = self._at_once.both(
                partial(self._lines_of, term, text, first),
                partial(store.labelled, names.named(text), senses, first),
            )
            for item_id, concept_id, score in labels:
                keep(answers, item_id, score)
                witnesses.labels.append((item_id, concept_id, sense, 1.0, ALL))
            witnesses.hear(lines, EXACT, answers)
            if isinstance(term, Phrase):
                for item_id in store.by_name(text, is_phrase=True, limit=first):
                    keep(answers, item_id, NAMED)
        self.witnesses.append(witnesses)
        return answers

    def _lines_of(self, term: Phrase | InSense | HasTag, text: str, limit: int) -> list[tuple[int, int]]:
        if isinstance(term, HasTag):
            return []
        return self._store.lines(text, senses=senses_of(term), is_phrase=_is_phrase(term), limit=limit)


def _has_spaces(text: str) -> bool:
    return len(text.split()) > 1


def _is_phrase(term: Phrase | InSense) -> bool:
    return isinstance(term, Phrase) or term.is_phrase
