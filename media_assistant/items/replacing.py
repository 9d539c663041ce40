"""Find and replace in lines: by plain words or by a pattern, with or without regard to case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Moment
from media_assistant.items.transcript import retype


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Plain words unless `is_pattern`: then a regular expression as Python writes them."""

    text: str
    is_exact_case: bool = False
    is_pattern: bool = False

    def compiled(self) -> re.Pattern[str]:
        """Raises UserFixable("workflows.wrong_pattern")."""
        try:
            return re.compile(
                self.text if self.is_pattern else re.escape(self.text), 0 if self.is_exact_case else re.IGNORECASE
            )
        except (re.error, OverflowError, RecursionError) as error:
            raise UserFixable("workflows.wrong_pattern", why=str(error)) from error


@dataclass(frozen=True, slots=True)
class Count:
    """How often something stands in how many lines and items."""

    times: int = 0
    lines: int = 0
    items: int = 0


def places_in(text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """[from, to) of every match that is not empty."""
    return [found.span() for found in pattern.finditer(text) if found.end() > found.start()]


def replacer(wanted: Wanted, replacement: str) -> Callable[[Moment], Moment]:
    r"""Gives a line with every match replaced; the same line where there is none. In patterns `\1` is the first group.

    Raises UserFixable("workflows.wrong_pattern") when either of the two cannot be read.
    """
    pattern = wanted.compiled()
    if wanted.is_pattern:
        try:
            pattern.sub(replacement, "")
        except (re.error, IndexError) as error:
            raise UserFixable("workflows.wrong_pattern", why=str(error)) from error

    def put(found: re.Match[str]) -> str:
        if found.end() == found.start():
            return ""
        return found.expand(replacement) if wanted.is_pattern else replacement

    return lambda line: retype(line, pattern.sub(put, line.text)) if places_in(line.text, pattern) else line


def count(texts: Iterable[tuple[int, str]], pattern: re.Pattern[str]) -> Count:
    """Of (item_id, text)."""
    times = lines = 0
    items: set[int] = set()
    for item_id, text in texts:
        if found := places_in(text, pattern):
            times += len(found)
            lines += 1
            items.add(item_id)
    return Count(times, lines, len(items))
