"""Likeness by words: both say or write what few others do, in one language or in two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.ranking import rarity
from media_assistant.workflows.likeness.links import Link, Links, SharedWord, add_link

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.likeness.portraits import Portrait

_WORTH = 0.35
"""Of a word's rarity: less than a label's, for here the other one may only mention it."""
_MOST_READ = 200_000
"""Characters of a transcript that are read for its telling words."""
_MOST_LINES = 2_000
"""A word that more lines hold is no sign of anything."""
_NAMES = 4


@dataclass(frozen=True, slots=True)
class _Told:
    concept: Concept
    score: float
    ours: Moment


def link_words(store: FindingStore, portrait: Portrait, links: Links) -> None:
    """The telling words of what the example says or writes, found in the lines of others. After the labels."""
    total = store.count()
    shared: dict[int, list[tuple[float, SharedWord]]] = {}
    labelled = {item_id: {name for link in found for name in link.concepts} for item_id, found in links.items()}
    for told in _telling(portrait):
        concept = told.concept
        found = store.likeness.telling({concept.en, concept.zh, *concept.aliases} - {""}, _MOST_LINES)
        # The best line of each item stands first.
        theirs: dict[int, int] = {}
        for moment_id, item_id in found:
            theirs.setdefault(item_id, moment_id)
        having = len(theirs.keys() | {portrait.item_id})
        if having > max(2, total // 2):
            continue
        nats = _WORTH * told.score * rarity(having, total)
        for item_id, moment_id in theirs.items():
            if concept.id in labelled.get(item_id, ()):
                continue  # counted as a label already
            word = SharedWord(concept.en, concept.name("zh"), told.ours, moment_id)
            shared.setdefault(item_id, []).append((nats, word))
    for item_id, words in shared.items():
        words.sort(key=lambda word: (-word[0], word[1].en))
        nats = sum(nats * 0.5**place for place, (nats, _) in enumerate(words))
        kept = tuple(word for _, word in words[:_NAMES])
        add_link(links, item_id, Link(nats, "spoken", "reason.shared_words", words=kept))


def _telling(portrait: Portrait) -> Iterator[_Told]:
    """The words that it is about, each with the first line that holds it. A text's own were found when it was read."""
    from media_assistant.analysis.keywords import Keywords
    from media_assistant.analysis.words import concept_of

    known = {moment.concept.id for moment in portrait.moments if moment.concept and moment.layer is Layer.LABEL}
    lines = list(portrait.lines)
    by_language: dict[str, list[Moment]] = {}
    for line in lines:
        by_language.setdefault(_language(line), []).append(line)
    for language, told in by_language.items():
        keywords, read = Keywords(language), 0
        for at, line in enumerate(told):
            if read > _MOST_READ:
                break
            read += len(line.text)
            keywords.read(line.text, at + 1, 0)
        for keyword in keywords.best():
            concept = concept_of(keyword.text, language)
            if concept.id not in known:
                known.add(concept.id)
                yield _Told(concept, keyword.score, told[keyword.places[0][0] - 1])


def _language(line: Moment) -> str:
    if line.language:
        return line.language.partition("-")[0]
    return "zh" if any("\u3400" <= letter <= "\u9fff" for letter in line.text) else "en"
