"""The words of a query that stand out in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from media_assistant.errors import UserFixable
from media_assistant.items import query
from media_assistant.items.folding import POINTS, bare, fold
from media_assistant.items.query_tree import terms as query_terms
from media_assistant.items.replacing import Matcher

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HEADING = re.compile(r"^\s*#{1,6}\s+", re.MULTILINE)
BEFORE = 3
"""How many characters of an excerpt may come before what is searched for: a card has room for about twenty."""


def terms_of(*queries: str) -> tuple[str, ...]:
    """Single words of queries, without their fields and refusals."""
    terms: list[str] = []
    nodes = tuple(node for text in queries for node in query.parse(text).nodes)
    for term in query_terms(nodes, with_refused=False):
        match term:
            case query.Words(words):
                terms += words.split()
            case query.Phrase(phrase):
                terms.append(phrase)
            case query.InSense(_, said, is_phrase):
                terms += [said] if is_phrase else said.split()
            case _:
                pass
    return tuple(dict.fromkeys(term for term in terms if term))


_AS_ONE = {bare(fold(letter)): letter for letter in "æœßþﬀﬁﬂﬃﬄ"}
"""Letters that the index has as several."""
_UNITS = re.compile("|".join((*sorted(_AS_ONE, key=len, reverse=True), ".")), re.DOTALL)


class _Letters(dict[int, str]):
    """For `str.translate`: each character as the index compares it, but always one for one, so that places stay."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        several = (character.lower(), character)
        self[code] = next(each for each in (bare(fold(character)), *several) if len(each) == 1)
        return self[code]


_LETTERS = _Letters()


@lru_cache(maxsize=1)
def _word() -> str:
    """Letters, digits, and what Python takes for no part of a word: accents, points, vowel signs. For a class of a pattern."""
    marks = (code for code in range(0x300, 0xAC00) if unicodedata.category(chr(code))[0] == "M")
    # A number less its place is the same all through a stretch.
    stretches = [list(each) for _, each in groupby(enumerate(marks), lambda known: known[1] - known[0])]
    return r"\w" + "".join(f"{chr(each[0][1])}-{chr(each[-1][1])}" for each in stretches)


def _spelt(folded: str) -> str:
    """The pattern of what the index compares, as it may stand in a text: with points between its letters, and with one letter
    for several.
    """
    passed = f"(?:{POINTS.pattern})*"
    units = []
    for unit in _UNITS.findall(folded):
        apart = passed.join(map(re.escape, unit))
        units.append(f"(?:{apart}|{_AS_ONE[unit]})" if unit in _AS_ONE else apart)
    return passed.join(units)


class Marker:
    """Finds terms in texts as the index compares them, at the start of words, endings allowed (`wave` marks `waves`); or what
    a `matcher` finds, until that takes too long.
    """

    def __init__(self, terms: Sequence[str], matcher: Matcher | None = None) -> None:
        patterns = [
            plain if _CJK.search(term) else f"(?<![{_word()}]){plain}[{_word()}]*"
            for term in sorted(terms, key=len, reverse=True)
            if (plain := _spelt(bare(fold(term))))
        ]
        self._pattern = re.compile("|".join(patterns)) if patterns else None
        self._matcher = matcher

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """(start, length) of each place."""
        if self._pattern is not None:
            for found in self._pattern.finditer(text.translate(_LETTERS)):
                yield found.start(), found.end() - found.start()
        elif self._matcher is not None:
            try:
                places = self._matcher.places(text)
            except UserFixable:
                self._matcher, places = None, []
            for start, end in places:
                yield start, end - start


def excerpt(text: str, marker: Marker | None) -> str:
    """A passage in one line from a little before what `marker` finds first, or else from its beginning; without the signs
    that make a heading in Markdown.
    """
    plain = " ".join(_HEADING.sub("", text).split())
    start = next(marker.find(plain), (0, 0))[0] if marker is not None else 0
    if start <= BEFORE:
        return plain
    word = plain.find(" ", start - BEFORE, start) + 1
    return f"…{plain[word or start - BEFORE :]}"
