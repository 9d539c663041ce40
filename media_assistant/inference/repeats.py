"""Words that a recogniser repeats because it is stuck, told by their structure in any language.

A stuck decoder writes the same few tokens over and over; people and songs repeat themselves too, but not a dozen
times in one breath, and not line after line of the very same length without being understood well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

_MOST_TOKENS = 12
_LEAST_COVER = 0.8
_STUCK_LINES = 4
_SAME_LENGTH_S = 0.05
_UNSURE = -0.5


class Line(Protocol):
    """What is needed of a segment."""

    @property
    def start_s(self) -> float:
        """As `Segment.start_s`."""
        ...

    @property
    def end_s(self) -> float:
        """As `Segment.end_s`."""
        ...

    @property
    def text(self) -> str:
        """As `Segment.text`."""
        ...

    @property
    def avg_logprob(self) -> float:
        """As `Segment.avg_logprob`."""
        ...

    @property
    def no_speech(self) -> float:
        """As `Segment.no_speech`."""
        ...


L = TypeVar("L", bound=Line)


def is_loop(text: str) -> bool:
    """Whether most of `text` is one group of up to twelve words (characters, in Chinese) again and again.

    A single word must come at least ten times in a row, a group at least five times.
    """
    tokens = _tokens(text)
    for size in range(1, min(_MOST_TOKENS, len(tokens) // 5) + 1):
        least = 10 if size == 1 else 5
        run = longest = 0
        for place in range(size, len(tokens)):
            run = run + 1 if tokens[place] == tokens[place - size] else 0
            longest = max(longest, run)
        repeated = longest + size
        if repeated >= least * size and repeated >= _LEAST_COVER * len(tokens):
            return True
    return False


def without_loops(lines: Iterable[L]) -> Iterator[L]:
    """The lines as they come; of four and more equal ones in a row that look stuck, only the first.

    Stuck: all of one length to a twentieth of a second, or the recogniser doubts each of them. Up to three equal
    lines are held back until it is known, so nothing is said and taken back.
    """
    held: list[L] = []
    for line in lines:
        if held and _tokens(line.text) != _tokens(held[0].text):
            yield from _settled(held)
            held = []
        held.append(line)
        if len(held) == 1:
            # The first of a row is always said, at once.
            yield line
    yield from _settled(held)


def _settled(held: list[L]) -> Iterator[L]:
    """What remains of a row of equal lines behind its first."""
    if len(held) >= _STUCK_LINES:
        lengths = [line.end_s - line.start_s for line in held]
        is_even = max(lengths) - min(lengths) <= _SAME_LENGTH_S
        is_doubtful = all(line.avg_logprob < _UNSURE or line.no_speech > 0.5 for line in held)
        if is_even or is_doubtful:
            return
    yield from held[1:]


def _tokens(text: str) -> list[str]:
    """Words in lower case; each character of a script without spaces is one."""
    return re.findall(
        r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+", text.lower()
    )
