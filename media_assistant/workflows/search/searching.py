"""Find moments by words and by meaning.

A query is cut into units (names of concepts, words). Each unit looks for witnesses: lines that hold its words, labels
of its concepts in either language with all their children, names of files and titles. The query as a whole is put into
every embedding space that takes words. All witnesses are probabilities on one scale (`items.ranking`); an item answers
as well as its units are covered or its meaning fits, and the list ends where relevance ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from media_assistant.errors import Cancelled
from media_assistant.items import ranking
from media_assistant.items.answers import EARLY, Hit, SearchAnswer
from media_assistant.items.moment import Sense
from media_assistant.items.naming import ConceptNames
from media_assistant.items.query import Words, parse
from media_assistant.items.query_tree import terms
from media_assistant.items.sentence import Sentence
from media_assistant.workflows.search.answering import LEAST_SCORE, Answering, Asked, Heard
from media_assistant.workflows.search.best_moments import choose_moments, lessen
from media_assistant.workflows.search.diversity import FIRST, spread
from media_assistant.workflows.search.gathered import FindGroup, gather, unknown_tags
from media_assistant.workflows.search.liking import find_like
from media_assistant.workflows.search.meaning import Meaning, start_meaning
from media_assistant.workflows.search.plain_words import answer_words
from media_assistant.workflows.search.witnesses import Witnesses

if TYPE_CHECKING:
    from media_assistant.items.item import Item
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.library.library import Library
    from media_assistant.workflows.search.liking import OutsideExamples
    from media_assistant.workflows.search.meaning import Embed

_MOST_MEANT = 8
"""Runs of plain words in one query that are put into the embedding spaces."""


def search(
    library: Library,
    embed: Embed | None,
    query_text: str,
    limit: int = 200,
    *,
    patience_s: float | None = None,
    is_half_typed: bool = True,
    shows_all: bool = False,
    outside: OutsideExamples | None = None,
    is_exact: bool = False,
    groups: FindGroup = lambda _name: None,
    senses: frozenset[Sense] = frozenset(Sense),
    should_stop: Callable[[], bool] = bool,
) -> SearchAnswer:
    """Answer a query in the language of `items.query`.

    `embed` puts texts into every space that takes words; None searches by words alone. With `patience_s` the meaning
    networks get that long, then the answer is by words with a hint to ask again; without it the answer waits for them.
    `is_half_typed` lets the last word be the beginning of one. `shows_all` does not end where relevance ends.
    `outside` looks at files that `like:` names, `groups` finds those that formed by themselves. `is_exact` searches for no
    other spelling. Moments of the chosen `senses` alone are shown, and items that have one or need none. Raises Cancelled
    soon after `should_stop`.
    """
    began = time.perf_counter()
    means = _Means(library, embed, outside, patience_s, groups, shows_all, is_exact, limit, should_stop)
    found = _find(means, query_text, limit, is_half_typed=is_half_typed)
    means.go_on()
    # What is best by its words need not be what is left when it is known how surely they were heard.
    looked_at = library.items(found.ordered[: min(max(limit, FIRST), found.fitting)])
    means.go_on()
    moments, trusts = choose_moments(library.finding, looked_at, found.answering, senses)
    lessen(found.scores, moments, trusts, found.answering, is_whole=senses >= frozenset(Sense))
    items = _in_order(library.finding, found, looked_at, waits=patience_s is None)[:limit]
    hits = tuple(
        Hit(item, round(found.scores.get(item.id, 1.0), 4), moments[item.id]) for item in items if item.id in moments
    )
    more_fitting = max(0, found.fitting - limit)
    return SearchAnswer(
        hits,
        max(0, found.total - len(items)),
        round((time.perf_counter() - began) * 1000, 2),
        tuple(found.hints),
        found.corrected,
        more_fitting,
        is_cut=more_fitting > 0 or (found.may_miss and any(each.is_cut for each in found.answering.witnesses)),
    )


def _in_order(store: FindingStore, found: _Found, items: Sequence[Item], *, waits: bool) -> list[Item]:
    """Items in the order in which they are shown: those that have a score by that, and where plain words decide, what is
    nearly the same stands back.
    """
    scores = found.scores
    ordered = sorted(items, key=lambda item: (item.id not in scores, -scores.get(item.id, 0.0)))
    if not found.is_graded:
        return ordered
    by_id = {item.id: item for item in ordered}
    return [by_id[item_id] for item_id in spread(store, list(by_id), found.fitting, waits=waits)]


@dataclass(slots=True)
class _Found:
    """Items, best first: as many as were asked for of the `fitting` that answer the query; `total` could be shown. `may_miss`
    where plain words decide, of which only so many witnesses are heard, and not all that the filters let through is there.
    """

    ordered: list[int]
    fitting: int
    total: int
    scores: dict[int, float]
    answering: Answering
    hints: list[Sentence]
    corrected: str = ""
    may_miss: bool = False
    is_graded: bool = False


@dataclass(frozen=True, slots=True)
class _Means:
    """What a search has besides its words."""

    library: Library
    embed: Embed | None
    outside: OutsideExamples | None
    patience_s: float | None
    groups: FindGroup
    shows_all: bool = False
    is_exact: bool = False
    most: int = 0
    should_stop: Callable[[], bool] = bool

    def go_on(self) -> None:
        """Raises Cancelled where nobody waits any more."""
        if self.should_stop():
            raise Cancelled

    def start(self, words: str, *, is_narrowed: bool) -> Meaning | None:
        """Have words put into the embedding spaces, and unless something else narrows the query, look what is near."""
        waits = self.patience_s is None
        store, should_stop = self.library.finding, self.should_stop
        return start_meaning(
            self.embed, store, words, waits=waits, is_narrowed=is_narrowed, most=self.most, should_stop=should_stop
        )


def _find(
    means: _Means, query_text: str, limit: int, *, is_half_typed: bool, inside: frozenset[int] = frozenset()
) -> _Found:
    query = parse(query_text)
    store = means.library.finding
    graded = [term for term in terms(query.nodes, with_refused=False) if isinstance(term, Words)]
    is_narrowed = any(not isinstance(node, Words) for node in query.nodes)
    # All networks are asked at once, before anything waits for the first.
    meanings = {term: means.start(term.text, is_narrowed=is_narrowed) for term in dict.fromkeys(graded[:_MOST_MEANT])}
    half_typed = {*query.nodes[:1], *graded[-1:]} if is_half_typed else set()
    held_back: list[Sentence] = []

    def find_saved(text: str, within: frozenset[int]) -> list[int]:
        # What a saved search holds does not depend on how the one that names it is asked and shown: it is all that fits,
        # not what a window would hear of it, for it may be refused.
        how = replace(means, shows_all=False, is_exact=False, most=sys.maxsize)
        saved = _find(how, text, sys.maxsize, is_half_typed=False, inside=within)
        # What keeps it from finding all keeps whoever names it. Its words are not theirs.
        held_back.extend(hint for hint in saved.hints if hint.code in EARLY or hint.code.startswith("error."))
        in_order = saved.ordered[: saved.fitting]
        return spread(store, in_order, saved.fitting) if saved.is_graded else in_order

    gathered = gather(means.library, query, find_saved, inside, means.groups)
    hints = [fault.says for fault in (*query.faults, *query.remarks)] + gathered.hints + held_back
    names = _names(store)
    hints += unknown_tags(store, names, query)

    corrected: list[str] = []

    def take_meaning(words: Words, witnesses: Witnesses, allowed: ItemSet | None) -> Witnesses:
        if (meaning := meanings.get(words)) is not None:
            hints.extend(meaning.hear(witnesses, allowed, means.patience_s))
        return witnesses

    def hear_words(words: Words, allowed: ItemSet | None) -> Heard:
        means.go_on()
        answer = answer_words(
            store,
            names,
            words.text,
            lambda other: means.start(other, is_narrowed=is_narrowed),
            meanings.get(words),
            allowed,
            patience_s=means.patience_s,
            is_half_typed=words in half_typed,
            is_exact=means.is_exact,
            most=means.most,
        )
        hints.extend(answer.hints)
        corrected.append(answer.corrected)
        return answer.scores, sum(unit.weight for unit in answer.witnesses.units) or 1.0, answer.witnesses

    answering = Answering(
        Asked(
            store,
            names,
            gathered,
            hear_words,
            lambda words, among: take_meaning(words, Witnesses(), among),
            lambda example, among: find_like(
                means.library, example, means.outside, means.patience_s, means.should_stop, among
            ),
            means.shows_all,
            # Of what is exact all is known, however much of it is heard.
            0 if means.most == sys.maxsize else means.most,
        )
    )
    found = answering.answer(query.nodes)
    hints = _each_once([*hints, *answering.hints])
    scores, fitting = found.scores, found.fitting
    if found.is_graded:
        ordered = ranking.surest_first({item_id: scores[item_id] for item_id in fitting}, -1.0)
        others = sum(1 for item_id, score in scores.items() if score > LEAST_SCORE and item_id not in fitting)
        said = " ".join(each for each in corrected if each)
        may_miss = len(fitting) < (store.count() if found.allowed is None else len(found.allowed))
        return _Found(
            ordered, len(fitting), len(ordered) + others, scores, answering, hints, said, may_miss, is_graded=True
        )
    ordered = ranking.surest_first(scores, -1.0)
    if found.allowed is not None and len(ordered) < limit:
        rest = found.allowed - found.scores.keys()
        own = [item_id for item_id in gathered.order(query) if item_id in rest]
        ordered += own or store.newest(rest, limit - len(ordered))
    total = len(found.allowed) if found.allowed is not None else 0
    return _Found(ordered, max(total, len(ordered)), total, found.scores, answering, hints)


def _each_once(sentences: Sequence[Sentence]) -> list[Sentence]:
    kept: list[Sentence] = []
    for sentence in sentences:
        if sentence not in kept:
            kept.append(sentence)
    return kept


def _names(store: FindingStore) -> ConceptNames:
    from media_assistant.analysis.vocabulary import all_concepts

    return store.names(tuple(all_concepts()))
