"""Where a person has the word: no found line is shown there, whatever a better model finds later.

Half of a found line's length decides. One that knows its words' times is parted at the border instead.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from media_assistant.items.findings import span_from_plain, span_to_plain
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import Span, TextSpan, TimeSpan
from media_assistant.items.transcript import part_by_time
from media_assistant.library.span_columns import span_from_columns, span_to_columns

_TIME_AXIS = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """`language` is empty where the person speaks for every language."""

    sense: Sense
    language: str
    span: Span


class Ground:
    """Some stretches of one item, for many quick questions."""

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        self._exact: dict[tuple[Sense, Span], set[str]] = {}
        self._pieces: dict[tuple[Sense, int], list[tuple[int, int, str]]] = {}
        for stretch in stretches:
            self._exact.setdefault((stretch.sense, stretch.span), set()).add(stretch.language)
            axis, start, end = _place(stretch.span)
            if end > start:
                self._pieces.setdefault((stretch.sense, axis), []).append((start, end, stretch.language))
        self._joined: dict[tuple[Sense, int, str], tuple[list[int], list[int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._exact)

    def covers(self, line: Moment) -> bool:
        """Whether the person's word stands for this line: for half of its words, or of its length where it has none."""
        languages = self._exact.get((line.sense, line.span))
        if languages and (not line.language or languages & {"", line.language}):
            return True
        if inside := self._inside(line):
            return 2 * sum(inside) >= len(inside)
        axis, start, end = _place(line.span)
        return end > start and 2 * self._common(line, axis, start, end) >= end - start

    def parts(self, line: Moment) -> list[tuple[Moment, bool]]:
        """The line as (part, whether it is covered): cut between words where it reaches into a stretch."""
        inside = self._inside(line)
        if len(set(inside)) > 1:
            return part_by_time(line, inside)
        return [(line, self.covers(line))]

    def _inside(self, line: Moment) -> list[bool]:
        """Of each word whether its middle lies within, where a line in time reaches into a stretch; else nothing."""
        if not line.words or line.layer is not Layer.LINE or not isinstance(line.span, TimeSpan):
            return []
        axis, start, end = _place(line.span)
        if not 0 < self._common(line, axis, start, end) < end - start:
            return []
        middles = [(word.start_ms + word.end_ms) // 2 for word in line.words]
        return [self._common(line, axis, at, at + 1) > 0 for at in middles]

    def _common(self, line: Moment, axis: int, start: int, end: int) -> int:
        """How much of [start, end) lies within the stretches that count for the line."""
        starts, ends = self._of(line.sense, axis, line.language)
        total = 0
        for at in range(bisect_right(ends, start), bisect_left(starts, end)):
            total += max(0, min(ends[at], end) - max(starts[at], start))
        return total

    def _of(self, sense: Sense, axis: int, language: str) -> tuple[list[int], list[int]]:
        key = (sense, axis, language)
        if key not in self._joined:
            pieces = sorted(
                (start, end)
                for start, end, of in self._pieces.get((sense, axis), ())
                if not of or not language or of == language
            )
            starts: list[int] = []
            ends: list[int] = []
            for start, end in pieces:
                if ends and start <= ends[-1]:
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
            self._joined[key] = starts, ends
        return self._joined[key]


def _place(span: Span) -> tuple[int, int, int]:
    """(axis, start, end): time is one axis, each page of a text another."""
    if isinstance(span, TimeSpan):
        return _TIME_AXIS, span.start_ms, span.end_ms
    return (span.page, span.start, span.end) if isinstance(span, TextSpan) else (-1, 0, 0)


def to_plain(stretch: Stretch) -> list[object]:
    """As a JSON value of the journal."""
    return [stretch.sense.value, stretch.language, span_to_plain(stretch.span)]


def from_plain(plain: list[object]) -> Stretch:
    """The inverse of `to_plain`."""
    sense, language, span = plain
    return Stretch(Sense(sense), str(language), span_from_plain(span))  # type: ignore[arg-type]


# Their rows


def of_item(connection: sqlite3.Connection, item_id: int) -> set[Stretch]:
    """The item's stretches."""
    rows = connection.execute(
        "SELECT sense, language, span_kind, span_a, span_b, span_c FROM own_stretches WHERE item_id = ?", (item_id,)
    )
    return {Stretch(Sense(sense), language, span_from_columns(*columns)) for sense, language, *columns in rows}


def ground_of(connection: sqlite3.Connection, item_id: int) -> Ground | None:
    """None where the person has said nothing, which is quickest to ask."""
    found = of_item(connection, item_id)
    return Ground(found) if found else None


def add(connection: sqlite3.Connection, item_id: int, stretch: Stretch) -> bool:
    """False if it was there already."""
    row = (item_id, stretch.sense.value, stretch.language, *span_to_columns(stretch.span))
    return connection.execute("INSERT OR IGNORE INTO own_stretches VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount > 0


def remove(connection: sqlite3.Connection, item_id: int, stretch: Stretch) -> bool:
    """False if it was not there."""
    row = (item_id, stretch.sense.value, stretch.language, *span_to_columns(stretch.span))
    cursor = connection.execute(
        "DELETE FROM own_stretches WHERE item_id = ? AND sense = ? AND language = ? AND span_kind = ? AND span_a = ?"
        " AND span_b = ? AND span_c = ?",
        row,
    )
    return cursor.rowcount > 0
