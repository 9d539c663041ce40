"""The words of a query that stand out in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from media_assistant.errors import UserFixable
from media_assistant.items import query
from media_assistant.items.query_tree import terms as query_terms
from media_assistant.items.replacing import Matcher

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


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


class Marker:
    """Finds terms in texts, at the start of words, endings allowed (`wave` marks `waves`); or what a `matcher` finds, until
    that takes too long.
    """

    def __init__(self, terms: Sequence[str], matcher: Matcher | None = None) -> None:
        patterns = []
        for term in sorted(terms, key=len, reverse=True):
            plain = re.escape(term)
            patterns.append(plain if _CJK.search(term) else rf"(?<!\w){plain}\w*")
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None
        self._matcher = matcher

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """(start, length) of each place."""
        if self._pattern is not None:
            for found in self._pattern.finditer(text):
                yield found.start(), found.end() - found.start()
        elif self._matcher is not None:
            try:
                places = self._matcher.places(text)
            except UserFixable:
                self._matcher, places = None, []
            for start, end in places:
                yield start, end - start
