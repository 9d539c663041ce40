"""SubRip and WebVTT: blocks of a line with two times and the text below it. Hours may have more than two digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TIME = r"(?:(\d{1,9}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}")
_NUMBER = re.compile(r"^\s*\d+\s*$")


def looks_like_cues(text: str) -> bool:
    """Whether it holds a line with two times and an arrow between them."""
    return any(_TIMES.match(row) for row in text.split("\n") if "-->" in row)


def parse(text: str) -> Iterator[tuple[int, int, str]]:
    """(start_ms, end_ms, text with its marks) of each block, in the order of the file.

    In WebVTT a block ends at an empty line. Many SubRip files have empty lines within a block: there it ends at the
    number of the next one.
    """
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    is_vtt = text.lstrip().startswith("WEBVTT")
    heads = [(at, found) for at, row in enumerate(rows) if "-->" in row and (found := _TIMES.match(row))]
    for number, (at, found) in enumerate(heads):
        is_last = number + 1 == len(heads)
        below = rows[at + 1 : len(rows) if is_last else heads[number + 1][0]]
        if is_vtt:
            below = below[: next((n for n, row in enumerate(below) if not row.strip()), len(below))]
        elif not is_last:
            below = _without_number(below)
        times = found.groups()
        yield _ms(times[:4]), _ms(times[4:]), "\n".join(below).strip()


def _without_number(rows: list[str]) -> list[str]:
    """Without the number of the next block at the end: it stands after an empty line, or all alone."""
    end = len(rows)
    while end and not rows[end - 1].strip():
        end -= 1
    is_numbered = end and _NUMBER.match(rows[end - 1]) and (end == 1 or not rows[end - 2].strip())
    return rows[: end - 1] if is_numbered else rows[:end]


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    ms = int((fraction or "0").ljust(3, "0"))
    return int(hours or 0) * 3_600_000 + int(minutes or 0) * 60_000 + int(seconds or 0) * 1000 + ms
