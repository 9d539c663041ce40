"""Find and replace in lines: by plain words or by a pattern, with or without regard to case.

A pattern may take longer than anybody lives: `(a+)+$` does with thirty letters. So patterns are matched by `regex`, which
understands what Python's `re` does and can be told when to stop.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Moment
from media_assistant.items.transcript import retype

LINE_S = 0.25
"""Of computing time that a pattern may take in one line."""
ALL_S = 10.0
"""That it may take in all lines together."""


class Matcher:
    """Finds what is wanted in texts. Whatever it is asked raises UserFixable("workflows.slow_pattern") as soon as a
    pattern has taken more than `line_s` in one text, or `all_s` since it was made. Plain words have no such limit.
    """

    def __init__(self, pattern: Any, *, is_pattern: bool, line_s: float, all_s: float) -> None:
        """Use `Wanted.compiled`."""
        self._pattern = pattern
        self._is_pattern = is_pattern
        self._line_s = line_s
        self._left_s = all_s

    def places(self, text: str) -> list[tuple[int, int]]:
        """[from, to) of every match that is not empty."""
        found = self._in_time(lambda **limit: [each.span() for each in self._pattern.finditer(text, **limit)])
        return [(start, end) for start, end in found if end > start]

    def put(self, replacement: str, text: str) -> str:
        r"""The text with every match replaced. In patterns `\1` is the first group."""

        def new(found: re.Match[str]) -> str:
            if found.end() == found.start():
                return ""
            return found.expand(replacement) if self._is_pattern else replacement

        changed: str = self._in_time(lambda **limit: self._pattern.sub(new, text, **limit))
        return changed

    def _in_time(self, match: Callable[..., Any]) -> Any:
        if not self._is_pattern:
            return match()
        began = time.monotonic()
        try:
            if self._left_s <= 0:
                raise TimeoutError
            return match(timeout=min(self._line_s, self._left_s))
        except TimeoutError as error:
            raise UserFixable("workflows.slow_pattern") from error
        finally:
            self._left_s -= time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Plain words unless `is_pattern`: then a regular expression as Python writes them."""

    text: str
    is_exact_case: bool = False
    is_pattern: bool = False

    def compiled(self, *, line_s: float = LINE_S, all_s: float = ALL_S) -> Matcher:
        """Raises UserFixable("workflows.wrong_pattern")."""
        flags = 0 if self.is_exact_case else re.IGNORECASE
        if not self.is_pattern:
            return Matcher(re.compile(re.escape(self.text), flags), is_pattern=False, line_s=line_s, all_s=all_s)
        import regex

        try:
            pattern = regex.compile(self.text, int(flags))
        except (regex.error, OverflowError, RecursionError, ValueError) as error:
            raise UserFixable("workflows.wrong_pattern", why=str(error)) from error
        return Matcher(pattern, is_pattern=True, line_s=line_s, all_s=all_s)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something stands in how many lines and items."""

    times: int = 0
    lines: int = 0
    items: int = 0


def replacer(
    wanted: Wanted, replacement: str, *, line_s: float = LINE_S, all_s: float = ALL_S
) -> Callable[[Moment], Moment]:
    r"""Gives a line with every match replaced; the same line where there is none. In patterns `\1` is the first group.

    Raises UserFixable("workflows.wrong_pattern") when either of the two cannot be read; what it gives raises as `Matcher`.
    """
    matcher = wanted.compiled(line_s=line_s, all_s=all_s)
    if wanted.is_pattern:
        import regex

        try:
            # A replacement is only read where something matches: here nothing does, which is enough.
            regex.compile(f"(?:{wanted.text}\n)|").match("").expand(replacement)
        except (regex.error, IndexError) as error:
            raise UserFixable("workflows.wrong_pattern", why=str(error)) from error
    return lambda line: retype(line, matcher.put(replacement, line.text)) if matcher.places(line.text) else line


def count(texts: Iterable[tuple[int, str]], matcher: Matcher) -> Count:
    """Of (item_id, text)."""
    times = lines = 0
    items: set[int] = set()
    for item_id, text in texts:
        if found := matcher.places(text):
            times += len(found)
            lines += 1
            items.add(item_id)
    return Count(times, lines, len(items))
