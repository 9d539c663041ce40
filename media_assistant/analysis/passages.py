"""Cut a text into passages as a reader would: at paragraphs, else at sentences, else at words."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 500
"""Characters."""
_SHORT = 120
"""A heading or a single line goes with what follows."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*|\f|\u2029")
_SENTENCE = re.compile(r"[。！？；…]+[”’」』）]*|[.!?;]+[\"'”’)\]]*(?=\s)|\n")


def cut_passages(text: str) -> Iterator[tuple[int, int]]:
    """[start, end) of each passage, in order, without the space around it; at most LONGEST characters each.

    Time and memory grow with the text's length alone, whatever it looks like: a line of 50 MB is cut like any other.
    """
    held_start = held_end = -1
    for start, end in _paragraphs(text):
        if held_start >= 0 and end - held_start <= LONGEST and held_end - held_start < _SHORT:
            held_end = end
            continue
        if held_start >= 0:
            yield from _trimmed(text, held_start, held_end)
        if end - start <= LONGEST:
            held_start, held_end = start, end
            continue
        held_start = held_end = -1
        yield from _cut_long(text, start, end)
    if held_start >= 0:
        yield from _trimmed(text, held_start, held_end)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    if start < len(text):
        yield start, len(text)


def _cut_long(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A paragraph that is too long: as many whole sentences as fit, or words, or characters."""
    while stop - start > LONGEST:
        limit = start + LONGEST
        end = 0
        for found in _SENTENCE.finditer(text, start, limit):
            end = found.end()
        if end - start < LONGEST // 4:
            end = max(text.rfind(" ", start + LONGEST // 4, limit), text.rfind("，", start + LONGEST // 4, limit) + 1)
        if end - start < LONGEST // 4:
            end = limit
        yield from _trimmed(text, start, end)
        start = end
    yield from _trimmed(text, start, stop)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(letter.isalnum() for letter in text[start:end]):
        yield start, end
