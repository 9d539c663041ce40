"""The names of all tags for finding: the vocabulary's, the library's, and the person's before both."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_assistant.items.concept import Concept
from media_assistant.items.naming import ConceptNames
from media_assistant.library import tag_store

_WORD = "concepts.id >= 'word:' AND concepts.id < 'word;'"
"""Of a concept: a word of some text, whose name is all that it is. While texts are read there are new ones all the time."""


@dataclass(frozen=True, slots=True)
class Version:
    """Of all names: how many `words` of texts there are, and the state of the `others`."""

    words: int
    others: tuple[int, ...]


def version_of_names(connection: sqlite3.Connection, vocabulary: Sequence[Concept]) -> Version:
    """Another one after any change of names, aliases or parents; quick, for it is asked with every letter typed."""
    (words,) = connection.execute(f"SELECT count(*) FROM concepts WHERE {_WORD}").fetchone()
    state = connection.execute(
        "SELECT count(*), total(length(en)), total(length(zh)), total(length(aliases)), total(length(parents)),"
        " (SELECT CAST(value AS INTEGER) FROM switches WHERE name = 'own_tags') FROM concepts WHERE id < 'word:'"
        " OR id >= 'word;'"
    ).fetchone()
    return Version(words, (*(int(part or 0) for part in state), len(vocabulary)))


def with_new_words(connection: sqlite3.Connection, names: ConceptNames) -> ConceptNames:
    """The names with those words of texts that are not among them yet: all of them anew would take seconds where there
    are many, for every search while texts are read.
    """
    ids = connection.execute(f"SELECT id FROM concepts WHERE {_WORD}")
    new = [concept_id for (concept_id,) in ids if concept_id not in names.concepts]
    asked = f"SELECT {tag_store.CONCEPT} FROM concepts {tag_store.OWN} WHERE merged_into IS NULL AND concepts.id = ?"
    rows = [row for concept_id in new for row in connection.execute(asked, (concept_id,))]
    return names.with_more(tag_store.concept_of(*row) for row in rows)


def load_names(connection: sqlite3.Connection, vocabulary: Sequence[Concept]) -> ConceptNames:
    """All names, with parents that no item carries itself. A tag that was merged into another has none left."""
    merged = {
        row[0]: row[1]
        for row in connection.execute("SELECT concept_id, merged_into FROM own_concepts WHERE merged_into IS NOT NULL")
    }
    said = {
        row[0]: (bool(row[1]), bool(row[2]))
        for row in connection.execute(
            "SELECT concept_id, coalesce(en, zh, aliases) IS NOT NULL, parents IS NOT NULL FROM own_concepts"
        )
    }
    concepts = {concept.id: concept for concept in vocabulary if concept.id not in merged}
    for stored in tag_store.concepts(connection):
        known = concepts.get(stored.id)
        if known is None:
            concepts[stored.id] = stored
            continue
        joined = _joined(known, stored)
        has_names, has_parents = said.get(stored.id, (False, False))
        concepts[stored.id] = replace(
            stored if has_names else replace(joined, colour=stored.colour),
            parents=stored.parents if has_parents else joined.parents,
        )
    if merged:
        for concept in list(concepts.values()):
            if not merged.keys().isdisjoint(concept.parents):
                parents = dict.fromkeys(merged.get(parent, parent) for parent in concept.parents)
                concepts[concept.id] = replace(concept, parents=tuple(p for p in parents if p != concept.id))
    return ConceptNames(concepts.values())


def _joined(known: Concept, stored: Concept) -> Concept:
    """All names and parents of both: what an older program stored may lack some, or have some that are gone since."""
    names = dict.fromkeys((*known.aliases, stored.en, stored.zh, *stored.aliases))
    return replace(
        known,
        aliases=tuple(name for name in names if name and name not in {known.en, known.zh}),
        parents=tuple(dict.fromkeys((*known.parents, *stored.parents))),
    )
