"""Write a query's tree as the search box's language, as `parse` reads it back."""

from __future__ import annotations

import re

from media_assistant.items.kind import Kind
from media_assistant.items.query_tokens import CLOSING, MINUS, OPENING, QUOTES, SPACE
from media_assistant.items.query_tree import (
    And,
    ByArtist,
    Captured,
    Has,
    HasTag,
    InCollection,
    InFolder,
    InGroup,
    InSense,
    Is,
    KindIs,
    Lasts,
    Like,
    Node,
    Not,
    OnAlbum,
    Or,
    Phrase,
    Rated,
    Then,
    While,
    Words,
)
from media_assistant.items.query_within import LIKE_WITHIN

_STYLES = (('"', '"”“＂'), ("「", "」"), ("『", "』"), ("«", "»"))
_ANY_QUOTE = re.compile('["“”„＂「」『』«»]')
_PRIME = "″"
"""Stands for a quote in plain words, which would open a phrase; neither counts in a comparison."""

_RANK = {Or: 0, Then: 1, While: 1, And: 2, Not: 3}


def write_field(field: str, value: str) -> str:
    """`field:value` as `parse` reads it back, in quotes where the value needs them. A quote inside becomes another kind."""
    plain = " ".join(value.split())
    if not SPACE.search(plain) and not any(mark in plain for mark in (*QUOTES, *OPENING, *CLOSING)):
        return f"{field}:{plain}"
    return f"{field}:{_quoted(plain)}"


def _quoted(value: str) -> str:
    plain = " ".join(value.split())
    for opening, closing in _STYLES:
        if not any(mark in plain for mark in closing):
            return f"{opening}{plain}{QUOTES[opening][0]}"
    return '"' + re.sub('["”“＂]', "'", plain) + '"'


def write(nodes: tuple[Node, ...]) -> str:
    """The text of all `nodes` together, in the English field names."""
    if len(nodes) == 1:
        return _write(nodes[0], 0)
    return _write(And(nodes), 0) if nodes else ""


def _write(node: Node, rank: int) -> str:
    """In brackets where the node binds looser than `rank`."""
    own = _RANK.get(type(node), 4)
    text = _write_bare(node)
    return f"({text})" if own < rank else text


def _write_bare(node: Node) -> str:
    match node:
        case And(nodes):
            return " ".join(_write(each, 3) for each in nodes)
        case Or(nodes):
            return " OR ".join(_write(each, 1) for each in nodes)
        case Then(one, other, within_ms):
            return _write_timed("THEN", one, other, within_ms)
        case While(one, other, within_ms):
            return _write_timed("WHILE", one, other, within_ms)
        case Not(term):
            return _write_refused(term)
        case _:
            return _write_term(node)


def _write_timed(operator: str, one: Node, other: Node, within_ms: int | None) -> str:
    within = "" if within_ms is None else f" within {_write_ms(within_ms)}"
    second = _write(other, 2)
    # A chain hangs together from the left; words that look like a time need brackets not to be one.
    if LIKE_WITHIN.search(second) and not isinstance(other, Then | While):
        second = f"({second})"
    return f"{_write(one, 1)} {operator} {second}{within}"


def _write_refused(term: Node) -> str:
    # Two refusals would be none, and several words are only one in brackets.
    is_several = isinstance(term, Words) and len(term.text.split()) > 1
    inside = _write_bare(term)
    needs_brackets = is_several or inside.startswith(tuple(MINUS)) or isinstance(term, Not | And | Or | Then | While)
    return f"-({inside})" if needs_brackets else f"-{inside}"


def _write_term(node: Node) -> str:
    match node:
        case Words(text):
            return _ANY_QUOTE.sub(_PRIME, text)
        case Phrase(text):
            return _quoted(text)
        case InSense(sense, text, is_phrase):
            plain = _ANY_QUOTE.sub(_PRIME, text)
            several = f"({plain})" if SPACE.search(plain) else plain
            return f"{sense.value}:{_quoted(text) if is_phrase else several}"
        case (
            HasTag(name)
            | InFolder(name)
            | InCollection(name)
            | InGroup(name)
            | ByArtist(name)
            | OnAlbum(name)
            | Like(name)
        ):
            return write_field(_NAMED[type(node)], name)
        case _:
            return _write_measure(node)


_NAMED: dict[type[Node], str] = {
    HasTag: "tag",
    InFolder: "in",
    InCollection: "collection",
    InGroup: "group",
    ByArtist: "artist",
    OnAlbum: "album",
    Like: "like",
}


def _write_measure(node: Node) -> str:
    match node:
        case KindIs(kinds):
            return f"kind:{','.join(kind.value for kind in Kind if kind in kinds)}"
        case Captured(since, before):
            return f"since:{since}" if since else f"before:{before}"
        case Lasts(longer_ms, shorter_ms):
            return (
                f"longer:{_write_ms(longer_ms)}" if longer_ms is not None else f"shorter:{_write_ms(shorter_ms or 0)}"
            )
        case Rated(least, most):
            return f"rated:{least}" if least == most else f"rated:{least}..{most}"
        case Has(what):
            return f"has:{what}"
        case Is(what):
            return f"is:{what}"
        case _:
            raise AssertionError(node)


def _write_ms(ms: int) -> str:
    """`1h30m5s250ms` of what is not zero."""
    parts = [(ms // 3_600_000, "h"), (ms // 60_000 % 60, "m"), (ms // 1000 % 60, "s"), (ms % 1000, "ms")]
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"
