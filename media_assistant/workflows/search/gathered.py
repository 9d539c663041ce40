"""What the collections of a query hold: the gathered ones as they are, saved searches as they find now; and the groups
that formed by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.items.folding import fold
from media_assistant.items.query_tree import HasTag, InCollection, InGroup, Query, terms
from media_assistant.items.sentence import Sentence

if TYPE_CHECKING:
    from media_assistant.items.naming import ConceptNames
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.library import Library

Find = Callable[[str, frozenset[int]], Sequence[int]]
"""The items that a saved search finds, best first, inside of the saved searches with these ids."""
FindGroup = Callable[[str], Sequence[int] | None]
"""The items of a group by its number or name, those most like it first; None if there is none."""


@dataclass(slots=True)
class Gathered:
    """For each collection and group that the query names: its members in order."""

    members: dict[InCollection | InGroup, list[int]] = field(default_factory=dict)
    hints: list[Sentence] = field(default_factory=list)

    def holds(self, term: InCollection | InGroup) -> set[int]:
        """The items of a collection or a group; none if there is none of that name."""
        return set(self.members.get(term, ()))

    def order(self, query: Query) -> list[int]:
        """A query for one collection or group shows it in its own order; empty if the order is somebody else's."""
        asked = [node for node in query.nodes if isinstance(node, InCollection | InGroup)]
        return self.members.get(asked[0], []) if len(asked) == 1 else []


def unknown_tags(store: FindingStore, names: ConceptNames, query: Query) -> list[Sentence]:
    """What is to be said of tags that have no such name, with the one that was probably meant."""
    found = []
    for name in dict.fromkeys(term.name for term in terms(query.nodes) if isinstance(term, HasTag)):
        if not names.named(name):
            meant = _meant(store, names, fold(name).split())
            said = {"value": name[:60], "name": meant} if meant else {"value": name[:60]}
            found.append(Sentence("query.perhaps_tag" if meant else "query.no_tag", said))
    return found


def _meant(store: FindingStore, names: ConceptNames, words: Sequence[str]) -> str:
    """A tag's name with one of the words as it was probably meant; empty for none."""
    for at, word in enumerate(words):
        for near in store.near_words(word, names):
            meant = " ".join([*words[:at], near, *words[at + 1 :]])
            if names.named(meant):
                return meant
    return ""


def gather(
    library: Library,
    query: Query,
    find: Find,
    inside: frozenset[int] = frozenset(),
    find_group: FindGroup = lambda _name: None,
) -> Gathered:
    """Look up every collection and every group that the query names, in either case of letters.

    A saved search that names itself, by way of others or not, finds nothing there.
    """
    gathered = Gathered()
    for term in {term for term in terms(query.nodes) if isinstance(term, InGroup)}:
        items = find_group(term.name)
        if items is None:
            gathered.hints.append(Sentence("query.no_group", {"value": term.name[:60]}))
        gathered.members[term] = list(items or ())
    wanted = {term.name for term in terms(query.nodes) if isinstance(term, InCollection)}
    if not wanted:
        return gathered
    known = library.collections()
    for name in sorted(wanted):
        named = [collection for collection in known if fold(collection.name) == fold(name)]
        if not named:
            gathered.hints.append(Sentence("query.no_collection", {"value": name[:60]}))
        found: dict[int, None] = {}
        for collection in named:
            if not collection.is_search:
                found |= dict.fromkeys(library.collection_items(collection.id))
            elif collection.id not in inside:
                found |= dict.fromkeys(find(collection.query, inside | {collection.id}))
        gathered.members[InCollection(name)] = list(found)
    return gathered
