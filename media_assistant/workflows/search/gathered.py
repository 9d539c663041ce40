"""What the collections of a query hold: the gathered ones as they are, saved searches as they find now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from media_assistant.items.folding import fold
from media_assistant.items.query_tree import InCollection, Query, terms
from media_assistant.items.sentence import Sentence

if TYPE_CHECKING:
    from media_assistant.library.library import Library

Find = Callable[[str, frozenset[int]], Sequence[int]]
"""The items that a saved search finds, best first, inside of the saved searches with these ids."""


@dataclass(slots=True)
class Gathered:
    """By the name that the query says: its members in order."""

    members: dict[str, list[int]] = field(default_factory=dict)
    hints: list[Sentence] = field(default_factory=list)

    def holds(self, term: InCollection) -> set[int]:
        """The items of a collection; none if there is none of that name."""
        return set(self.members.get(term.name, ()))

    def order(self, query: Query) -> list[int]:
        """A query for one collection shows it in its own order; empty if the order is somebody else's."""
        asked = [node.name for node in query.nodes if isinstance(node, InCollection)]
        return self.members.get(asked[0], []) if len(asked) == 1 else []


def gather(library: Library, query: Query, find: Find, inside: frozenset[int] = frozenset()) -> Gathered:
    """Look up every collection that the query names, in either case of letters.

    A saved search that names itself, by way of others or not, finds nothing there.
    """
    gathered = Gathered()
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
        gathered.members[name] = list(found)
    return gathered
