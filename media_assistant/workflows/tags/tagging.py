"""A person's word on tags. A name in either language is resolved to a concept; a name that nobody knows is the person's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.folding import fold
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library

LONGEST_NAME = 200
"""Characters of a tag's name."""


def decide(library: Library, item_ids: Sequence[int], tag: Concept | str, state: TagState | None) -> LibraryChanges:
    """Accept or refuse a tag, or with None take the decision back."""
    concept = tag if isinstance(tag, Concept) else resolve(library, tag, item_ids)
    return library.decide_tag(list(item_ids), concept, state)


def decide_proposed(library: Library, item_ids: Sequence[int], tag: Concept, state: TagState) -> LibraryChanges:
    """Accept or refuse a tag on those of the items on which it is proposed, and nowhere else."""
    return library.decide_tag(library.with_tag(item_ids, tag.id, TagState.SUGGESTED), tag, state)


def take_off(library: Library, item_ids: Sequence[int], tag: Concept) -> LibraryChanges:
    """Take a tag off those of the items that carry it; one that a model proposes there is refused."""
    return library.remove_tag(library.with_tag(item_ids, tag.id, TagState.ACCEPTED), tag)


def add(library: Library, item_ids: Sequence[int], name: str) -> LibraryChanges:
    """Put a tag on items."""
    return library.add_tag(list(item_ids), resolve(library, name, item_ids))


def remove(library: Library, item_ids: Sequence[int], tag: Concept | str) -> LibraryChanges:
    """Take a tag off items; one that a model proposes there is refused, or it would come back."""
    concept = tag if isinstance(tag, Concept) else resolve(library, tag, item_ids)
    return library.remove_tag(list(item_ids), concept)


def resolve(library: Library, name: str, item_ids: Iterable[int] = ()) -> Concept:
    """The concept of that name: of a tag that these items have, of the library, of the vocabulary, or a new one.

    Raises UserFixable: `workflows.tag_empty`, `workflows.tag_too_long`.
    """
    wanted = checked_name(name)
    return find(library, wanted, item_ids) or own_concept(library, wanted)


def find(library: Library, name: str, item_ids: Iterable[int] = ()) -> Concept | None:
    """As `resolve`, but nothing is made: None where nobody knows the name."""
    if known := find_known(library, name, item_ids):
        return known
    best = _called(name, vocabulary())
    # The vocabulary's word may have become another tag by the person's.
    return best and (library.concept(best.id) or best)


def find_known(library: Library, name: str, item_ids: Iterable[int] = ()) -> Concept | None:
    """As `find`, of the tags alone that the library has."""
    on_items = (tag.concept for item_id in list(item_ids)[:50] for tag in library.details(item_id).tags)
    return _called(name, on_items) or _called(name, library.concepts())


def _called(name: str, concepts: Iterable[Concept]) -> Concept | None:
    """The concept of this name or id in either language. A concept's own name is meant before another one's alias."""
    folded = fold(" ".join(name.split()))
    named = [concept for concept in concepts if folded in _names(concept)]
    own = (concept for concept in named if folded in (fold(concept.en), fold(concept.zh), fold(concept.id)))
    return next(own, named[0] if named else None)


def own_concept(library: Library, name: str) -> Concept:
    """The person's own tag of this name, or a new one. The id that a name would have may be spent: on a tag that is
    called otherwise by now, or that became another one.
    """
    for number in count(1):
        concept_id = f"own:{name}" if number == 1 else f"own:{name} {number}"
        known = library.concept(concept_id)
        if known is None:
            return Concept(concept_id, name)
        if known.id == concept_id and fold(name) in (fold(known.en), fold(known.zh)):
            return known
    raise AssertionError("numbers do not end")


def checked_name(name: str) -> str:
    """The name with single spaces. Raises UserFixable: `workflows.tag_empty`, `workflows.tag_too_long`."""
    wanted = " ".join(name.split())
    if not wanted:
        raise UserFixable("workflows.tag_empty")
    if len(wanted) > LONGEST_NAME:
        raise UserFixable("workflows.tag_too_long", count=LONGEST_NAME)
    return wanted


def vocabulary() -> Iterable[Concept]:
    """What the program knows by name without any model."""
    from media_assistant.analysis.vocabulary import all_concepts

    return all_concepts()


def _names(concept: Concept) -> set[str]:
    return {fold(name) for name in (concept.id, concept.en, concept.zh, *concept.aliases) if name}
