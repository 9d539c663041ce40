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


def terms_of(text: str) -> tuple[str, ...]:
    """Single words of a query, without its fields and refusals."""
    terms: list[str] = []
    for term in query_terms(query.parse(text).nodes, with_refused=False):
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


class _Letters(dict[int, str]):
    """For `str.translate`: each character as the index compares it, but always one for one, so that places stay."""

    def __missing__(self, code: int) -> str:
        found = bare(fold(chr(code)))
        self[code] = found if len(found) == 1 else chr(code)
        return self[code]


_LETTERS = _Letters()


@lru_cache(maxsize=1)
def _word() -> str:
    """Letters, digits, and what Python takes for no part of a word: accents, points, vowel signs. For a class of a pattern."""
    marks = (code for code in range(0x300, 0xAC00) if unicodedata.category(chr(code))[0] == "M")
    # A number less its place is the same all through a stretch.
    stretches = [list(each) for _, each in groupby(enumerate(marks), lambda known: known[1] - known[0])]
    return r"\w" + "".join(f"{chr(each[0][1])}-{chr(each[-1][1])}" for each in stretches)


class Marker:
    """Finds terms in texts as the index compares them, at the start of words, endings allowed (`wave` marks `waves`); or what
    a `matcher` finds, until that takes too long.
    """

    def __init__(self, terms: Sequence[str], matcher: Matcher | None = None) -> None:
        patterns = []
        for term in sorted(terms, key=len, reverse=True):
            # Points between the letters of the text are passed over.
            plain = f"(?:{POINTS.pattern})*".join(re.escape(letter) for letter in bare(fold(term)))
            if plain:
                patterns.append(plain if _CJK.search(term) else f"(?<![{_word()}]){plain}[{_word()}]*")
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
