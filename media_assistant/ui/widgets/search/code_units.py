"""Places in a text as Python counts them, in code points, and as Qt does, in UTF-16 units: an emoji or a rare character (𠮷) is one
of those and two of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_LAST_OF_ONE = "\uffff"


def to_units(text: str, point: int) -> int:
    """Where Qt has what stands before the code point number `point`."""
    return point + sum(1 for letter in text[:point] if letter > _LAST_OF_ONE)


def to_points(text: str, unit: int) -> int:
    """How many code points begin before Qt's place `unit`."""
    point = 0
    for letter in text:
        if unit <= 0:
            break
        unit -= 2 if letter > _LAST_OF_ONE else 1
        point += 1
    return point


def stretches_in_units(text: str, stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where Qt has the (start, length) of code points that come one after the other, as (start, end)."""
    point = unit = 0
    for start, length in stretches:
        begin = unit + _units(text[point:start])
        point, unit = start + length, begin + _units(text[start : start + length])
        yield begin, unit


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
