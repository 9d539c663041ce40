"""Find moments by words and by meaning.

A query is cut into units (names of concepts, words). Each unit looks for witnesses: lines that hold its words, labels
of its concepts in either language with all their children, names of files and titles. The query as a whole is put into
every embedding space that takes words. All witnesses are probabilities on one scale (`items.ranking`); an item answers
as well as its units are covered or its meaning fits, and the list ends where relevance ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from media_assistant.errors import UserFixable
from media_assistant.items import ranking
from media_assistant.items.answers import Hit, SearchAnswer
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.naming import ConceptNames, Unit
from media_assistant.items.probes import PROBES
from media_assistant.items.query import HasTag, InSense, Not, Phrase, Query, Words, parse
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library

    Embed = Callable[[Sequence[str]], Mapping[str, NDArray[np.float32]]]

EXACT = 0.9
"""A line that holds the words; what is said of something is not always about it."""
NAMED = 0.85
"""A file's name or title that holds the words."""
BEGUN = 0.6
"""A line or a name where the last word is only begun."""
BEGUN_BESIDE = 0.3
"""The same, where something holds the word as it stands: it is probably whole."""
PARTLY = 0.3
"""A line that holds the words' halves: for runs without spaces that stand nowhere as a whole."""

_LINES = 2000
_NEIGHBOURS = 600
_MOMENTS_OF_ITEM = 8


@dataclass(slots=True)
class _Found:
    """What speaks for one item while a query is answered."""

    units: dict[int, float] = field(default_factory=dict)
    """By unit: the probability that the item answers it."""
    named: float = 0.0
    meaning: list[float] = field(default_factory=list)
    lines: dict[int, float] = field(default_factory=dict)
    """By moment id of a line: its probability."""
    concepts: dict[str, float] = field(default_factory=dict)
    """By concept id: how well its name fits."""
    spans: list[tuple[Span, float, str]] = field(default_factory=list)
    """Where a vector fits: span, probability, space."""


def search(
    library: Library,
    embed: Embed | None,
    query_text: str,
    limit: int = 200,
    *,
    patience_s: float | None = None,
    is_half_typed: bool = True,
) -> SearchAnswer:
    """Answer a query in the language of `items.query`.

    `embed` puts texts into every space that takes words; None searches by words alone. With `patience_s` the meaning
    networks get that long, then the answer is by words with a hint to ask again; without it the answer waits for them.
    `is_half_typed` lets the last word be the beginning of one.
    """
    began = time.perf_counter()
    query = parse(query_text)
    hints = [fault.says for fault in query.faults]
    store = library.finding
    allowed = _allowed(store, query)
    found: dict[int, _Found] = {}
    words = " ".join(node.text for node in query.nodes if isinstance(node, Words))
    required = [node for node in query.nodes if isinstance(node, Phrase | InSense | HasTag)]
    for node in required:
        allowed = _require(store, node, found, allowed)
    scores: dict[int, float] = {}
    if words:
        meant = _start_meaning(embed, store, words)
        units = _names(store).units(words, is_half_typed=is_half_typed)
        weights = _find_units(store, units, found, allowed, is_half_typed=is_half_typed)
        _find_whole(store, words, units, found, allowed)
        hints += _join_meaning(store, meant, patience_s, found, allowed)
        for item_id, each in found.items():
            scores[item_id] = _score(each, units, weights)
    elif required:
        assert allowed is not None
        scores = {
            item_id: ranking.mostly_best(found[item_id].units.values()) for item_id in allowed if item_id in found
        }
    elif query:
        shown = store.newest(allowed, limit)
        total = len(allowed) if allowed is not None else store.count()
        return SearchAnswer(
            tuple(Hit(item, 1.0) for item in library.items(shown)), total - len(shown), _since_ms(began), tuple(hints)
        )
    if allowed is not None:
        scores = {item_id: score for item_id, score in scores.items() if item_id in allowed}
    ordered = sorted((item_id for item_id in scores if scores[item_id] > 0.02), key=lambda i: (-scores[i], i))
    shown_count = ranking.cut([scores[item_id] for item_id in ordered]) if words else len(ordered)
    shown = ordered[: min(limit, shown_count)]
    items = library.items(shown)
    moments = _gather_moments(store, items, found)
    hits = tuple(Hit(item, round(scores[item.id], 4), moments.get(item.id, ())) for item in items)
    return SearchAnswer(hits, len(ordered) - len(shown), _since_ms(began), tuple(hints))


def _since_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)


def _names(store: FindingStore) -> ConceptNames:
    from media_assistant.analysis.vocabulary import all_concepts

    return store.names(tuple(all_concepts()))


# What an item must or must not have


def _allowed(store: FindingStore, query: Query) -> set[int] | None:
    """The items that the filters leave; None if there is no filter."""
    allowed: set[int] | None = None
    for node in query.nodes:
        is_not = isinstance(node, Not)
        term = node.term if isinstance(node, Not) else node
        if isinstance(term, Words | Phrase | InSense | HasTag):
            if not is_not:
                continue
            matching: set[int] = set()
            scratch: dict[int, _Found] = {}
            if isinstance(term, Words):
                term = Phrase(term.text)
            _require(store, term, scratch, None)
            matching = set(scratch)
        else:
            matching = store.fitting(term)
        if is_not:
            allowed = (store.all_ids() if allowed is None else allowed) - matching
        else:
            allowed = matching if allowed is None else allowed & matching
    return allowed


def _require(
    store: FindingStore, term: Phrase | InSense | HasTag, found: dict[int, _Found], allowed: set[int] | None
) -> set[int]:
    """The items that have what `term` asks for; their witnesses go to `found`."""
    matching: dict[int, float] = {}
    number = -1 - len(found)
    if isinstance(term, HasTag):
        for item_id, concept_id, score in store.labelled(_names(store).named(term.name)):
            _witness(found, item_id).concepts[concept_id] = 1.0
            matching[item_id] = max(matching.get(item_id, 0.0), score)
    else:
        senses = (term.sense,) if isinstance(term, InSense) else ()
        is_phrase = isinstance(term, Phrase) or term.is_phrase
        for moment_id, item_id in store.lines(term.text, senses=senses, is_phrase=is_phrase, limit=_LINES):
            _witness(found, item_id).lines[moment_id] = EXACT
            matching[item_id] = EXACT
        if isinstance(term, Phrase):
            for item_id in store.by_name(term.text, is_phrase=True):
                matching[item_id] = max(matching.get(item_id, 0.0), NAMED)
        concepts = _names(store).named(term.text)
        for item_id, concept_id, score in store.labelled(concepts, senses):
            _witness(found, item_id).concepts[concept_id] = 1.0
            matching[item_id] = max(matching.get(item_id, 0.0), score)
    for item_id, score in matching.items():
        _witness(found, item_id).units[number] = score
    return set(matching) if allowed is None else allowed & set(matching)


def _witness(found: dict[int, _Found], item_id: int) -> _Found:
    return found.setdefault(item_id, _Found())


# Words and names


def _find_units(
    store: FindingStore,
    units: Sequence[Unit],
    found: dict[int, _Found],
    allowed: set[int] | None,
    *,
    is_half_typed: bool,
) -> list[float]:
    """Look for each unit on its own; gives its weight by rarity."""
    weights: list[float] = []
    total = store.count()
    for index, unit in enumerate(units):
        answers: dict[int, float] = {}
        for item_id, concept_id, score in store.labelled(unit.concepts):
            fit = unit.concepts[concept_id]
            _keep(answers, item_id, score * fit)
            if allowed is None or item_id in allowed:
                concepts = _witness(found, item_id).concepts
                concepts[concept_id] = max(concepts.get(concept_id, 0.0), fit)
        _find_text(store, unit, answers, found, is_half_typed=is_half_typed and unit.is_last)
        for item_id, probability in answers.items():
            if allowed is None or item_id in allowed:
                _witness(found, item_id).units[index] = probability
        weights.append(0.3 + ranking.rarity(len(answers), total))
    return weights


def _find_text(
    store: FindingStore, unit: Unit, answers: dict[int, float], found: dict[int, _Found], *, is_half_typed: bool
) -> None:
    def hear(lines: Iterable[tuple[int, int]], probability: float) -> None:
        for moment_id, item_id in lines:
            _keep(answers, item_id, probability)
            kept = _witness(found, item_id).lines
            kept[moment_id] = max(kept.get(moment_id, 0.0), probability)

    hear(store.lines(unit.text, is_phrase=True, limit=_LINES), EXACT)
    for item_id in store.by_name(unit.text, is_phrase=True):
        _keep(answers, item_id, NAMED)
    if is_half_typed:
        begun = BEGUN_BESIDE if answers else BEGUN
        hear(store.lines(unit.text, is_phrase=True, is_prefix=True, limit=_LINES), begun)
        for item_id in store.by_name(unit.text, is_phrase=True, is_prefix=True):
            _keep(answers, item_id, begun)
    if not answers:
        hear(store.lines_with_part(unit.text, limit=_LINES), PARTLY)


def _find_whole(
    store: FindingStore, words: str, units: Sequence[Unit], found: dict[int, _Found], allowed: set[int] | None
) -> None:
    """Lines that hold all the words together say more than lines that hold one each."""
    if len(units) < 2:
        return
    for moment_id, item_id in store.lines(words, limit=_LINES):
        if allowed is None or item_id in allowed:
            each = _witness(found, item_id)
            each.lines[moment_id] = 0.97
            each.units = dict.fromkeys(range(len(units)), 0.97) | {k: v for k, v in each.units.items() if k < 0}
    for item_id in store.by_name(words):
        if allowed is None or item_id in allowed:
            _witness(found, item_id).named = NAMED


def _keep(answers: dict[int, float], item_id: int, probability: float) -> None:
    if probability > answers.get(item_id, 0.0):
        answers[item_id] = probability


def _score(found: _Found, units: Sequence[Unit], weights: Sequence[float]) -> float:
    literal = ranking.covered([(weights[i], found.units.get(i, 0.0)) for i in range(len(units))])
    return ranking.either([max(literal, found.named), ranking.mostly_best(found.meaning)])


# Meaning


class _Meaning:
    """The query's vectors, on their way."""

    def __init__(self) -> None:
        self.is_here = threading.Event()
        self.vectors: Mapping[str, NDArray[np.float32]] = {}
        self.fault: UserFixable | None = None
        self.bug: BaseException | None = None


def _start_meaning(embed: Embed | None, store: FindingStore, words: str) -> _Meaning | None:
    if embed is None or not store.vectors.spaces():
        return None
    meaning = _Meaning()

    def ask() -> None:
        try:
            vectors = embed([words])
            if any(space in vectors and not store.vectors.has_probes(space) for space in store.vectors.spaces()):
                for space, probes in embed(PROBES).items():
                    store.vectors.set_probes(space, probes)
            meaning.vectors = vectors
        except UserFixable as fault:
            meaning.fault = fault
        except BaseException as bug:  # noqa: BLE001 - a thread's border: it is raised where the answer is awaited
            meaning.bug = bug
        finally:
            meaning.is_here.set()

    threading.Thread(target=ask, name="query-meaning", daemon=True).start()
    return meaning


def _join_meaning(
    store: FindingStore,
    meaning: _Meaning | None,
    patience_s: float | None,
    found: dict[int, _Found],
    allowed: set[int] | None,
) -> list[Sentence]:
    if meaning is None:
        return []
    if not meaning.is_here.wait(patience_s):
        return [Sentence("search.meaning_starting")]
    if meaning.bug is not None:
        raise meaning.bug
    if meaning.fault is not None:
        return [Sentence(f"error.{meaning.fault.code}", dict(meaning.fault.parameters))]
    for space, rows in meaning.vectors.items():
        best: dict[int, list[float]] = {}
        for near in store.vectors.nearest(space, rows[0], _NEIGHBOURS, items=allowed):
            probability = ranking.meaning_probability(near.strength)
            if probability < 0.02:
                continue
            best.setdefault(near.item_id, []).append(probability)
            _witness(found, near.item_id).spans.append((near.span, probability, space))
        for item_id, probabilities in best.items():
            found[item_id].meaning.append(ranking.mostly_best(probabilities))
    return []


# Moments


_SENSES = {Kind.VIDEO: Sense.SEEN, Kind.PHOTO: Sense.SEEN, Kind.MUSIC: Sense.HEARD, Kind.TEXT: Sense.WRITTEN}


def _gather_moments(
    store: FindingStore, items: Iterable[Item], found: Mapping[int, _Found]
) -> dict[int, tuple[Moment, ...]]:
    """The best moments of each item that is shown."""
    senses = {item.id: _SENSES[item.kind] for item in items}
    found = {item_id: found[item_id] for item_id in senses}
    gathered: dict[int, list[Moment]] = {item_id: [] for item_id in found}
    best_lines = {
        moment_id: probability
        for each in found.values()
        for moment_id, probability in sorted(each.lines.items(), key=lambda pair: -pair[1])[: 3 * _MOMENTS_OF_ITEM]
    }
    for moment in store.moments(best_lines):
        gathered[moment.item_id].append(replace(moment, score=best_lines[moment.id]))
    wanted = {item_id: each.concepts for item_id, each in found.items() if each.concepts}
    for moment in store.label_moments(wanted, limit=3 * _MOMENTS_OF_ITEM):
        assert moment.concept is not None
        fit = wanted[moment.item_id].get(moment.concept.id, 0.0)
        gathered[moment.item_id].append(replace(moment, score=moment.score * fit))
    places = [
        (item_id, span, probability, space)
        for item_id, each in found.items()
        for span, probability, space in sorted(each.spans, key=lambda place: -place[1])[: 2 * _MOMENTS_OF_ITEM]
    ]
    standing = store.moments_at([(item_id, span) for item_id, span, _, _ in places])
    for item_id, span, probability, space in places:
        there = standing.get((item_id, span))
        if there is None:
            there = Moment(span, senses[item_id], Layer.SHOT, source=Source("meaning", space), item_id=item_id)
        gathered[item_id].append(replace(there, score=probability))
    return {item_id: ranking.join_moments(moments, _MOMENTS_OF_ITEM) for item_id, moments in gathered.items()}
