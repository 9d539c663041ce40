"""Keeping the tags themselves: make, rename, put under another, colour, merge, delete, and how sure a proposal must be.

What is said here is the person's word on a tag. Vocabularies and models never change it, and each verb is one step that
can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from media_assistant.errors import UserFixable
from media_assistant.inference.labels import read_labels
from media_assistant.inference.store import ModelStore
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.folding import fold
from media_assistant.items.tag_tree import with_ancestors
from media_assistant.library.library import Library
from media_assistant.workflows.tags.tagging import checked_name, own_concept, resolve, vocabulary

MOST_ALIASES = 50
_OWN = ("own-tags", "own-courses")
"""The tasks of networks that a person trains: the keys of their labels are tags."""


def create(library: Library, name: str, *, parent_id: str = "") -> tuple[Concept, LibraryChanges]:
    """A new tag, or one that the vocabulary knows by that name and no item carries yet.

    Raises UserFixable: `workflows.tag_empty`, `workflows.tag_too_long`, `workflows.tag_name_taken`.
    """
    _refuse_taken(library, name, ())
    concept = resolve(library, name)
    if fold(checked_name(name)) not in (fold(concept.en), fold(concept.zh)):
        # An alias of another tag: the person wants one of this very name.
        concept = own_concept(library, checked_name(name))
    words = replace(library.own_words(concept.id), en=concept.en, zh=concept.zh or None, lowest_score=0.0)
    if parent_id:
        words = replace(words, parents=(parent_id,))
    known = _known(library)
    changes = library.change_tags(
        "create_tag", {concept.id: words}, [concept, *_rows_for(known, [*concept.parents, *(words.parents or ())])]
    )
    return concept, changes


def rename(library: Library, concept_id: str, name: str, language: str) -> LibraryChanges:
    """Another name in one language (`en` or `zh…`). What a vocabulary called it stays an alias, so that it is still
    found. A tag with one name alone keeps one name alone. Raises as `create` does.
    """
    wanted = checked_name(name)
    concept = _existing(library, concept_id)
    _refuse_taken(library, wanted, (concept.id,))
    is_chinese = language.startswith("zh") and bool(concept.zh)
    before = concept.zh if is_chinese else concept.en
    if wanted == before:
        return LibraryChanges()
    words = library.own_words(concept.id)
    words = replace(words, zh=wanted) if is_chinese else replace(words, en=wanted)
    if not concept.id.startswith("own:") and fold(before) != fold(wanted):
        aliases = (alias for alias in (*concept.aliases, before) if fold(alias) != fold(wanted))
        words = replace(words, aliases=tuple(dict.fromkeys(aliases)))
    return library.change_tags("rename_tag", {concept.id: words})


def set_name(library: Library, concept_id: str, name: str, language: str) -> LibraryChanges:
    """The name in exactly this language; an empty Chinese one is taken away. Raises as `create` does."""
    concept = _existing(library, concept_id)
    if not language.startswith("zh"):
        return rename(library, concept_id, name, "en")
    wanted = checked_name(name) if name.strip() else ""
    if wanted:
        _refuse_taken(library, wanted, (concept.id,))
    return library.change_tags("rename_tag", {concept.id: replace(library.own_words(concept.id), zh=wanted)})


def set_aliases(library: Library, concept_id: str, aliases: Sequence[str]) -> LibraryChanges:
    """Other names that find it, in any language. Raises UserFixable: `workflows.tag_too_long`, `workflows.tag_aliases`."""
    concept = _existing(library, concept_id)
    wanted = tuple(dict.fromkeys(checked_name(alias) for alias in aliases if alias.strip()))
    if len(wanted) > MOST_ALIASES:
        raise UserFixable("workflows.tag_aliases", count=MOST_ALIASES)
    own = {concept.en, concept.zh}
    words = replace(library.own_words(concept.id), aliases=tuple(name for name in wanted if name not in own))
    return library.change_tags("alias_tag", {concept.id: words})


def put_under(library: Library, concept_id: str, parent_id: str, *, instead_of: str | None = "") -> LibraryChanges:
    """Make it a kind of another tag. `instead_of` is the parent that it leaves for it, "" all of them, None none.

    An empty `parent_id` puts it at the top. Raises UserFixable("workflows.tag_circle") where it would stand under itself.
    """
    concept = _existing(library, concept_id)
    known = _known(library)
    kept = () if instead_of == "" else tuple(parent for parent in concept.parents if parent != instead_of)
    parents = tuple(dict.fromkeys((*kept, *((parent_id,) if parent_id else ()))))
    if parent_id:
        above = with_ancestors(known, [parent_id])
        if concept.id in above or concept.id == parent_id:
            raise UserFixable("workflows.tag_circle", name=concept.en, parent=known[parent_id].en)
    words = replace(library.own_words(concept.id), parents=parents)
    return library.change_tags("move_tag", {concept.id: words}, _rows_for(known, parents))


def set_colour(library: Library, concept_id: str, colour: str) -> LibraryChanges:
    """A name of the window's palette, or "" for none."""
    concept = _existing(library, concept_id)
    return library.change_tags("colour_tag", {concept.id: replace(library.own_words(concept.id), colour=colour)})


def set_lowest_score(library: Library, concept_id: str, lowest_score: float) -> LibraryChanges:
    """How sure a model must be for a proposal of this tag to be shown, everywhere; `NEVER` for no proposals."""
    concept = _existing(library, concept_id)
    words = replace(library.own_words(concept.id), lowest_score=lowest_score)
    return library.change_tags("threshold_tag", {concept.id: words})


def delete(library: Library, store: ModelStore, concept_id: str) -> LibraryChanges:
    """Off every item, and never proposed again, also by a network that was trained for it and looks at more later."""
    named: set[str] = set()
    for card in store.cards():
        if card.task in _OWN:
            with suppress(UserFixable):  # one that cannot be read proposes nothing
                named.update(label.key for label in read_labels(card))
    return library.delete_tag(concept_id, named=named)


def find_taken(library: Library, name: str, except_for: Iterable[str] = ()) -> Concept | None:
    """The tag of the library that is called so."""
    folded, spared = fold(name), set(except_for)
    for entry in library.tag_census():
        concept = entry.concept
        if concept.id not in spared and folded in {fold(each) for each in (concept.en, concept.zh) if each}:
            return concept
    return None


def _refuse_taken(library: Library, name: str, except_for: Iterable[str]) -> None:
    taken = find_taken(library, name, except_for)
    if taken is not None:
        raise UserFixable("workflows.tag_name_taken", name=name)


def _existing(library: Library, concept_id: str) -> Concept:
    concept = library.concept(concept_id)
    if concept is None:
        raise UserFixable("workflows.no_such_tag")
    return concept


def _known(library: Library) -> dict[str, Concept]:
    """What the vocabulary knows, and before it what the library does."""
    known = {concept.id: concept for concept in vocabulary()}
    known.update((concept.id, concept) for concept in library.concepts())
    return known


def _rows_for(known: dict[str, Concept], parents: Iterable[str]) -> list[Concept]:
    """These with everything above them: the library's own tree must reach to the top."""
    return [known[concept_id] for concept_id in with_ancestors(known, parents)]
