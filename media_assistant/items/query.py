"""The language of the search box, parsed to a small tree.

    beach dog               words, in any language; all of them count
    "high tide" 「涨潮」     words in a row
    dog AND beach           the same as `dog beach`; also 且
    dog OR cat              one of them; also 或
    NOT cat   -cat   非 猫   not this
    (dog OR cat) beach      brackets, half or full width
    said:"high tide" seen:(dog OR cat)
    kind:video tag:dog in:Holidays collection:"By the sea" group:jazz album:Blue artist:"Joni Mitchell"
    since:2024-05 before:yesterday until:2024 after:2023 longer:10m shorter:1h30m
    rated:4 rated:>=3 rated:none has:transcript missing:place is:duplicate
    like:12   like:"Coast trip.mp4"   like:/outside/the/library.jpg
    dog THEN "come here" within 10s   one moment after another; also 狗 然后 “过来” 10秒内
    dog WHILE waves                   moments that share some time; also 狗 同时 海浪

Brackets bind closest, then a refusal, then AND (which a space means too), then THEN and WHILE, then OR. Operators are whole
words in capitals, so that `and`, `or` and `then` stay plain words. Field names work in English and Chinese, with `:` or
`：`. An unknown field is plain words. Parsing never fails: what cannot be understood is left out and reported as a `Fault`
that points at its characters, for a person is still typing.
"""

from __future__ import annotations

from datetime import date, datetime

from media_assistant.items.query_fields import FIELD_NAMES
from media_assistant.items.query_parser import DEEPEST, MOST_TERMS, Parser
from media_assistant.items.query_tokens import OPERATORS, cut_tokens
from media_assistant.items.query_tree import (
    And,
    ByArtist,
    Captured,
    Fault,
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
    Piece,
    Query,
    Rated,
    Term,
    Then,
    While,
    Words,
)
from media_assistant.items.query_writing import write, write_field
from media_assistant.items.sentence import Sentence

__all__ = [
    "DEEPEST", "FIELD_NAMES", "LONGEST_QUERY", "MOST_TERMS", "OPERATORS", "And", "ByArtist", "Captured", "Fault", "Has", "HasTag",
    "InCollection", "InFolder", "InGroup", "InSense", "Is", "KindIs", "Lasts", "Like", "Node", "Not", "OnAlbum", "Or", "Phrase",
    "Piece", "Query", "Rated", "Term", "Then", "While", "Words", "parse", "write", "write_field",
]  # fmt: skip

LONGEST_QUERY = 2_000
"""Characters; the rest of a longer text is left out with a fault. Nobody means more, and a scan must stay quick."""


def parse(text: str, *, today: date | None = None) -> Query:
    """Read a query. `today` is what `since:yesterday` counts from; the computer's own day if None."""
    faults: list[Fault] = []
    if len(text) > LONGEST_QUERY:
        faults.append(Fault(LONGEST_QUERY, len(text), Sentence("query.too_long", {"limit": LONGEST_QUERY})))
        text = text[:LONGEST_QUERY]
    parser = Parser(cut_tokens(text), len(text), today or datetime.now().astimezone().date())
    found = parser.read_all()
    nodes = found.nodes if isinstance(found, And) else () if found is None else (found,)
    pieces = tuple(sorted(parser.pieces, key=lambda piece: piece.start))
    return Query(nodes, (*faults, *sorted(parser.faults, key=lambda fault: fault.start)), pieces, tuple(parser.remarks))
