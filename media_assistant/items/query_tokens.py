"""Cut the text of a query into tokens: words, phrases, names of fields, operators, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from media_assistant.items.query_fields import FIELD_OF


class TokenKind(StrEnum):
    """What a token is. A `FIELD`'s value and what a `MINUS` refuses follow at its very end."""

    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"
    MINUS = "minus"
    OPEN = "open"
    CLOSE = "close"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    THEN = "THEN"
    WHILE = "WHILE"


@dataclass(frozen=True, slots=True)
class Token:
    """`[start, end)` in the query's text. `text` is a word, what a phrase has between its quotes, or a field's English
    name.
    """

    kind: TokenKind
    text: str
    start: int
    end: int


OPERATORS = {
    TokenKind.AND: ("AND", "且", "并且", "並且"),
    TokenKind.OR: ("OR", "或", "或者"),
    TokenKind.NOT: ("NOT", "非"),
    TokenKind.THEN: ("THEN", "然后", "然後", "接着"),
    TokenKind.WHILE: ("WHILE", "同时", "同時"),
}
"""Whole words, in capitals: `and` and `or` are plain words."""
OPERATOR_OF = {name: kind for kind, names in OPERATORS.items() for name in names}

QUOTES = {'"': '"”“＂', "“": '”"', "”": '”"', "„": '“”"', "「": "」", "『": "』", "«": "»", "＂": '＂"'}
_INNER_QUOTES = frozenset('"“「『«')
"""Those that open a phrase in the middle of a word, as in 说“涨潮”, where they are closed; else they are marks (5" disk)."""
MINUS = "-－−"
OPENING = "(（"
CLOSING = ")）"
SPACE = re.compile(r"\s+")
INVISIBLE = frozenset(
    "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Zero-width spaces, byte order and direction marks: between tokens they are as good as spaces."""
_FIELD = re.compile(r"([^\W\d_]+)[:：]")


def unknown_field(word: str) -> str:
    """The name before a word's colon that is no field's; empty for a word without one, for addresses and for times."""
    found = _FIELD.match(word)
    rest = word[found.end() :] if found else ""
    return found.group(1) if found and rest and rest[0] not in "/\\" else ""


def cut_tokens(text: str) -> list[Token]:
    """All tokens in their order. Never fails; takes time in proportion to the text."""
    return _Cutter(text).tokens


def is_quoting(text: str) -> bool:
    """Whether a phrase is still open at its end."""
    tokens = cut_tokens(text)
    last = tokens[-1] if tokens else None
    return last is not None and last.kind is TokenKind.PHRASE and last.end - last.start == len(last.text) + 1


class _Cutter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._last = {mark: text.rfind(mark) for closing in QUOTES.values() for mark in closing}
        self._partner = _partners(text)
        self.tokens: list[Token] = []
        at = 0
        while at < len(text):
            at = self._cut(at)

    def _take(self, kind: TokenKind, text: str, start: int, end: int) -> int:
        self.tokens.append(Token(kind, text, start, end))
        return end

    def _cut(self, at: int) -> int:
        text, mark = self._text, self._text[at]
        if mark.isspace() or mark in INVISIBLE:
            return at + 1
        if mark in OPENING:
            return self._take(TokenKind.OPEN, mark, at, at + 1)
        if mark in CLOSING:
            return self._take(TokenKind.CLOSE, mark, at, at + 1)
        refused_at = self._refused_at(at)
        is_refusal = refused_at > at
        if is_refusal:
            self._take(TokenKind.MINUS, mark, at, at + 1)
            at = refused_at
        found = _FIELD.match(text, at)
        if found and (field := FIELD_OF.get(found.group(1).casefold())):
            self._take(TokenKind.FIELD, field, at, found.end())
            return self._cut_value(found.end())
        if text[at] in OPENING:
            return at
        if text[at] in QUOTES:
            return self._cut_phrase(at)
        end = self._end_of_word(at, is_value=is_refusal)
        word = text[at:end]
        kind = TokenKind.WORD if is_refusal else OPERATOR_OF.get(_visible(word), TokenKind.WORD)
        return self._take(kind, word, at, end)

    def _refused_at(self, at: int) -> int:
        """Where begins what a minus here refuses, as it is seen; `at` where none is one that refuses."""
        if self._text[at] not in MINUS:
            return at
        end = at + 1
        while self._text[end : end + 1] in INVISIBLE:
            end += 1
        after = self._text[end : end + 1]
        is_refused = after != "" and not after.isspace() and after not in MINUS and after not in CLOSING
        return end if is_refused else at

    def _cut_value(self, at: int) -> int:
        """What stands right behind a field's colon; nothing but the bracket that opens there."""
        mark = self._text[at : at + 1]
        if not mark or mark.isspace() or mark in OPENING or mark in CLOSING:
            return at
        if mark in QUOTES:
            return self._cut_phrase(at)
        end = self._end_of_word(at, is_value=True)
        return self._take(TokenKind.WORD, self._text[at:end], at, end)

    def _cut_phrase(self, at: int) -> int:
        """An open quote ends with the text."""
        closing = QUOTES[self._text[at]]
        places = (self._text.find(mark, at + 1) for mark in closing if self._last[mark] > at)
        end = min(places, default=len(self._text))
        return self._take(TokenKind.PHRASE, self._text[at + 1 : end], at, min(end + 1, len(self._text)))

    def _end_of_word(self, start: int, *, is_value: bool) -> int:
        """Before the next space, a phrase that opens, or a bracket that is not the word's own, as in `f(x)`."""
        text, at = self._text, start
        while at < len(text):
            mark = text[at]
            if mark.isspace() or mark in CLOSING:
                return at
            if mark in _INNER_QUOTES and at > start and any(self._last[closing] > at for closing in QUOTES[mark]):
                return at
            if mark in OPENING and at > start:
                partner = self._partner.get(at)
                if partner is None or (not is_value and _visible(text[start:at]) in OPERATOR_OF):
                    return at
                at = partner
            at += 1
        return at


def _visible(word: str) -> str:
    return word if word.isascii() else "".join(letter for letter in word if letter not in INVISIBLE)


def _partners(text: str) -> dict[int, int]:
    """For each bracket that is closed before the next space, where."""
    if not any(mark in text for mark in OPENING):
        return {}
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, mark in enumerate(text):
        if mark.isspace():
            opened.clear()
        elif mark in OPENING:
            opened.append(at)
        elif mark in CLOSING and opened:
            found[opened.pop()] = at
    return found
