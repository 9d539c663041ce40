"""Where in an item something is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LATEST_MS = 1000 * 24 * 3_600_000
"""A thousand days. A file that speaks of a later time lies."""


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Milliseconds of presentation time from the container's start, half-open: `[start_ms, end_ms)`."""

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms <= self.end_ms:
            raise ValueError(f"not a time span: {self.start_ms}..{self.end_ms}")


@dataclass(frozen=True, slots=True, order=True)
class TextSpan:
    """Characters `[start, end)` of one page; pages count from 1, characters from 0."""

    page: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.page < 1 or not 0 <= self.start <= self.end:
            raise ValueError(f"not a text span: page {self.page}, {self.start}..{self.end}")


@dataclass(frozen=True, slots=True, order=True)
class Whole:
    """All of the item: a photo, a whole song."""


Span = TimeSpan | TextSpan | Whole
WHOLE = Whole()


def reach(spans: Iterable[Span]) -> tuple[int, int] | None:
    """From the first to the last ms of these; None where one of them is no time."""
    found = list(spans)
    times = [span for span in found if isinstance(span, TimeSpan)]
    if not times or len(times) < len(found):
        return None
    return min(span.start_ms for span in times), max(span.end_ms for span in times)


@dataclass(frozen=True, slots=True)
class Box:
    """A region of a picture in fractions of its upright width and height, 0..1 from the top left corner."""

    left: float
    top: float
    width: float
    height: float
