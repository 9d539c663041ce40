"""Find moments by words and by meaning.

A query is cut into units (names of concepts, words). Each unit looks for witnesses: lines that hold its words, labels
of its concepts in either language with all their children, names of files and titles. The query as a whole is put into
every embedding space that takes words. All witnesses are probabilities on one scale (`items.ranking`); an item answers
as well as its units are covered or its meaning fits, and the list ends where relevance ends.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.answers import Hit, SearchAnswer
from media_assistant.items.naming import ConceptNames
from media_assistant.items.query import Words, parse
from media_assistant.items.sentence import Sentence
from media_assistant.workflows.best_moments import gather_moments
from media_assistant.workflows.gathered import gather
from media_assistant.workflows.meaning import start_meaning
from media_assistant.workflows.witnesses import Witnesses, allowed_items, hear_required, hear_units, hear_whole

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library
    from media_assistant.workflows.meaning import Embed


def search(
    library: Library,
    embed: Embed | None,
    query_text: str,
    limit: int = 200,
    *,
    patience_s: float | None = None,
    is_half_typed: bool = True,
    shows_all: bool = False,
) -> SearchAnswer:
    """Answer a query in the language of `items.query`.

    `embed` puts texts into every space that takes words; None searches by words alone. With `patience_s` the meaning
    networks get that long, then the answer is by words with a hint to ask again; without it the answer waits for them.
    `is_half_typed` lets the last word be the beginning of one. `shows_all` does not end where relevance ends.
    """
    began = time.perf_counter()
    found = _find(
        library, embed, query_text, limit, patience_s=patience_s, is_half_typed=is_half_typed, shows_all=shows_all
    )
    items = library.items(found.ordered[: min(limit, found.fitting)])
    moments = gather_moments(library.finding, items, found.witnesses)
    hits = tuple(Hit(item, round(found.scores.get(item.id, 1.0), 4), moments.get(item.id, ())) for item in items)
    took_ms = round((time.perf_counter() - began) * 1000, 2)
    return SearchAnswer(hits, max(0, found.total - len(hits)), took_ms, tuple(found.hints))


@dataclass(slots=True)
class _Found:
    """Items, best first, of which the first `fitting` answer the query; of `total` that could be shown."""

    ordered: list[int]
    fitting: int
    total: int
    scores: dict[int, float]
    witnesses: Witnesses
    hints: list[Sentence]


def _find(
    library: Library,
    embed: Embed | None,
    query_text: str,
    limit: int,
    *,
    patience_s: float | None,
    is_half_typed: bool,
    shows_all: bool,
    inside: frozenset[int] = frozenset(),
) -> _Found:
    query = parse(query_text)
    store = library.finding
    words = " ".join(node.text for node in query.nodes if isinstance(node, Words))
    meaning = start_meaning(embed, store, words) if words else None

    def find_saved(text: str, within: frozenset[int]) -> list[int]:
        saved = _find(
            library,
            embed,
            text,
            sys.maxsize,
            patience_s=patience_s,
            is_half_typed=False,
            shows_all=False,
            inside=within,
        )
        return saved.ordered[: saved.fitting]

    gathered = gather(library, query, find_saved, inside)
    hints = [fault.says for fault in query.faults] + gathered.hints
    names = _names(store)
    allowed = allowed_items(store, names, query, gathered)
    witnesses = Witnesses()
    hear_required(store, names, query, witnesses, allowed)
    if not words:
        scores = witnesses.required
        ordered = sorted(scores, key=lambda i: (-scores[i], i))
        if allowed is not None and len(ordered) < limit:
            rest = allowed - scores.keys()
            own = [item_id for item_id in gathered.order(query) if item_id in rest]
            ordered += own or store.newest(rest, limit - len(ordered))
        total = len(allowed) if allowed is not None else 0
        return _Found(ordered, len(ordered), total, scores, witnesses, hints)
    units = names.units(words, is_half_typed=is_half_typed)
    hear_units(store, units, witnesses, allowed, is_half_typed=is_half_typed)
    hear_whole(store, words, units, witnesses, allowed)
    if meaning is not None:
        hints += meaning.hear(witnesses, allowed, patience_s)
    scores = witnesses.scores(allowed)
    ordered = sorted((i for i in scores if scores[i] > 0.02), key=lambda i: (-scores[i], i))
    fitting = len(ordered) if shows_all else ranking.cut([scores[item_id] for item_id in ordered])
    return _Found(ordered, fitting, len(ordered), scores, witnesses, hints)


def _names(store: FindingStore) -> ConceptNames:
    from media_assistant.analysis.vocabulary import all_concepts

    return store.names(tuple(all_concepts()))
