"""`within 10s`, `within 1m 30s`, `within 10 seconds`, `10秒内`, `十秒之内` behind THEN and WHILE: where it stands in a query."""

from __future__ import annotations

import re
from collections.abc import Sequence

from media_assistant.items.query_fields import DURATION_ZH, UNITS_MS
from media_assistant.items.query_tokens import Token, TokenKind

LIKE_WITHIN = re.compile(rf"\bwithin\b|(?:\d|{DURATION_ZH})\S*[内內]", re.IGNORECASE)
"""Plain words that may be read as one."""
_WITHIN_ZH = re.compile(rf"在?(\d.*?|{DURATION_ZH})(?:以|之)?[内內]")
_PART = re.compile(r"\d+(?:\.\d+)?([^\W\d_]*)")


def find_within(tokens: Sequence[Token], at: int) -> tuple[int, str] | None:
    """(number of tokens, duration) where one stands at `at`; what follows it may be no length of time."""
    first = _word(tokens, at)
    if found := _WITHIN_ZH.fullmatch(first):
        return 1, found.group(1)
    text = _word(tokens, at + 1)
    if first.casefold() != "within" or not text[:1].isdigit():
        return None
    parts: list[str] = []
    count, least = 1, max(UNITS_MS.values()) + 1
    while part := _part(tokens, at + count):
        # `1m 30s`: each part in a smaller unit than the one before.
        taken, text, unit_ms = part
        if parts and not 0 < unit_ms < least:
            break
        parts.append(text)
        count, least = count + taken, unit_ms
    return count, "".join(parts)


def _part(tokens: Sequence[Token], at: int) -> tuple[int, str, int] | None:
    """(number of tokens, text, milliseconds of its unit) of a part of a length, with its unit or before it; 0 for a unit that
    is none.
    """
    text = _word(tokens, at)
    if not text[:1].isdigit():
        return None
    found = _PART.fullmatch(text)
    unit = found.group(1).casefold() if found else ""
    if found and not unit and (after := _word(tokens, at + 1).casefold()) in UNITS_MS:
        return 2, text + after, UNITS_MS[after]
    return 1, text, UNITS_MS.get(unit, 0)


def _word(tokens: Sequence[Token], at: int) -> str:
    is_word = at < len(tokens) and tokens[at].kind is TokenKind.WORD
    return tokens[at].text if is_word else ""
