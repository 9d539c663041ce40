"""Tags under tags: who is a kind of whom. A tag may have several parents; a circle is refused before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from media_assistant.items.concept import Concept

Children = Mapping[str, Iterable[str]]


def children_of(concepts: Iterable[Concept]) -> dict[str, list[str]]:
    """For each tag those that name it as a parent."""
    found: dict[str, list[str]] = {}
    for concept in concepts:
        for parent in dict.fromkeys(concept.parents):
            if parent != concept.id:
                found.setdefault(parent, []).append(concept.id)
    return found


def below(children: Children, concept_id: str) -> set[str]:
    """A tag and everything under it; a circle among vocabularies does no harm."""
    found = {concept_id}
    waiting = [concept_id]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def with_ancestors(concepts: Mapping[str, Concept], concept_ids: Iterable[str]) -> set[str]:
    """These and everything above them, as far as it is known."""
    found: set[str] = set()
    waiting = list(concept_ids)
    while waiting:
        concept = concepts.get(waiting.pop())
        if concept is not None and concept.id not in found:
            found.add(concept.id)
            waiting += concept.parents
    return found
