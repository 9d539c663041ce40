"""What a query means: an immutable tree of terms, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Sense
from media_assistant.items.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words, next to each other in the query."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this very order."""

    text: str


@dataclass(frozen=True, slots=True)
class InSense:
    """Words or a phrase that must be seen, said, heard or written. Several words, from a bracket, must each be so."""

    sense: Sense
    text: str
    is_phrase: bool


@dataclass(frozen=True, slots=True)
class KindIs:
    """One of these kinds of file."""

    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class HasTag:
    """A tag by one of its names, its children included; refused ones do not count."""

    name: str


@dataclass(frozen=True, slots=True)
class InFolder:
    """A folder's name anywhere in the path, a stretch of the path, or a whole path from its start."""

    folder: str


@dataclass(frozen=True, slots=True)
class InCollection:
    """A collection or a saved search by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class InGroup:
    """A group that formed by itself, by its number or its name."""

    name: str


@dataclass(frozen=True, slots=True)
class ByArtist:
    """Whose file tags name an artist with these words in a row."""

    name: str


@dataclass(frozen=True, slots=True)
class OnAlbum:
    """Whose file tags name an album with these words in a row."""

    name: str


@dataclass(frozen=True, slots=True)
class Captured:
    """Made on or after `since`, and before `before`, days as ISO 8601; empty for no bound."""

    since: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Lasts:
    """Longer than `longer_ms` and shorter than `shorter_ms`; None for no bound."""

    longer_ms: int | None = None
    shorter_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """Given `least` to `most` stars by a person, 0..5; 0 is an item without a rating."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Has:
    """Something that the library can know of an item, by its first name in `query_fields.HAS`."""

    what: str


@dataclass(frozen=True, slots=True)
class Is:
    """A state that an item can be in, by its first name in `query_fields.IS`."""

    what: str


@dataclass(frozen=True, slots=True)
class Like:
    """Like an item by its id, its title or its path, or like a file outside the library by its path."""

    example: str


Term = (
    Words | Phrase | InSense | KindIs | HasTag | InFolder | InCollection | InGroup | ByArtist | OnAlbum | Captured | Lasts
    | Rated | Has | Is | Like
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Not:
    """What an item must not have."""

    term: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them; two at least, none of them an `And`, plain words joined in front."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of them at least; two at least, none of them an `Or`."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Then:
    """A moment of `first`, then one of `second` that begins later; with `within_ms` at most that long after the first one's
    end.
    """

    first: Node
    second: Node
    within_ms: int | None = None


@dataclass(frozen=True, slots=True)
class While:
    """Moments of both that share some time, or with `within_ms` are at most that far apart."""

    one: Node
    other: Node
    within_ms: int | None = None


Node = Term | Not | And | Or | Then | While


@dataclass(frozen=True, slots=True)
class Fault:
    """A stretch `[start, end)` of the query's text that could not be understood, and why."""

    start: int
    end: int
    says: Sentence


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch `[start, end)` of the query's text that was recognised, for showing it.

    `role` is `field`, `operator`, `bracket` or `quote`; `name` is the field or operator, in English, without its colon.
    """

    start: int
    end: int
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """All of `nodes` hold together. `remarks` point at what was understood, but perhaps not as it was meant."""

    nodes: tuple[Node, ...] = ()
    faults: tuple[Fault, ...] = ()
    pieces: tuple[Piece, ...] = ()
    remarks: tuple[Fault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.nodes)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    match node:
        case Not(term):
            return (term,)
        case And(nodes) | Or(nodes):
            return nodes
        case Then(one, other) | While(one, other):
            return (one, other)
        case _:
            return ()


def terms(nodes: tuple[Node, ...], *, with_refused: bool = True) -> Iterator[Term]:
    """All terms of a tree from left to right; without `with_refused` only those outside of every `Not`."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Not | And | Or | Then | While):
            if with_refused or not isinstance(node, Not):
                waiting += reversed(children(node))
        else:
            yield node


def joined(nodes: list[Node]) -> tuple[Node, ...]:
    """Nodes that hold together in their plain form: no `And` inside, and plain words as one term in front, in their order
    (`dog kind:video beach` asks for `dog beach`).
    """
    flat: list[Node] = []
    for node in nodes:
        flat += node.nodes if isinstance(node, And) else (node,)
    words = [node.text for node in flat if isinstance(node, Words)]
    rest: list[Node] = [node for node in flat if not isinstance(node, Words)]
    return (Words(" ".join(words)), *rest) if words else tuple(rest)


def all_of(nodes: list[Node]) -> Node | None:
    """One node for all that hold together; None for none."""
    flat = joined(nodes)
    return None if not flat else flat[0] if len(flat) == 1 else And(flat)


def one_of(nodes: list[Node]) -> Node | None:
    """One node for a choice; None for none."""
    flat: dict[Node, None] = {}
    for node in nodes:
        flat |= dict.fromkeys(node.nodes if isinstance(node, Or) else (node,))
    return None if not flat else next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def has_moments(node: Node) -> bool:
    """Whether it can be said where in an item it is: words and tags stand somewhere, a filter or a refusal does not."""
    match node:
        case Words() | Phrase() | InSense() | HasTag() | Then() | While():
            return True
        case And(nodes):
            return any(has_moments(each) for each in nodes)
        case Or(nodes):
            return all(has_moments(each) for each in nodes)
        case _:
            return False
