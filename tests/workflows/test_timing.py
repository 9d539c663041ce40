"""Sweeps over all items at once, against going through each item's places one by one."""

from __future__ import annotations

import numpy as np
import pytest

from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan
from media_assistant.workflows.search import timing
from media_assistant.workflows.search.timing import Places, either, followed, meant_places, together

Row = tuple[int, int, int, int, int, float, tuple[int, ...]]
"""Item, line, begin, latest, end, probability, marks."""


def rows_of(places: Places) -> list[Row]:
    columns = [places.items, places.lines, places.begins, places.latests, places.ends, places.probabilities]
    marks = [tuple(mark for mark in each if mark) for each in places.marks.tolist()]
    return list(zip(*(column.tolist() for column in columns), marks, strict=True))


def drawn(draw: np.random.Generator, below: int) -> Places:
    found: list[tuple[int, Span, float]] = []
    for _ in range(int(draw.integers(0, 60))):
        start = int(draw.integers(0, 200))
        length = int(draw.integers(0, 60)) * int(draw.integers(0, 2)) + int(draw.integers(0, 4))
        spans: list[Span] = [
            TimeSpan(start, start + length),
            TextSpan(int(draw.integers(1, 3)), start, start + length),
            WHOLE,
        ]
        found.append((int(draw.integers(1, 6)), spans[draw.choice(3, p=(0.6, 0.3, 0.1))], float(draw.random())))
    return meant_places(found, below)


def in_order(first: list[Row], second: list[Row], within_ms: int | None) -> list[Row]:
    found = []
    for after in second:
        lines = (1, 2) if within_ms is None else (1,)
        before = [row for row in first if row[:2] == after[:2] and row[3] < after[2] and row[1] in lines]
        if before:
            # Of several that end at the same time the one that began first.
            one = max(sorted(before, key=lambda row: row[3]), key=lambda row: row[4])
            if within_ms is None or after[2] - one[4] <= within_ms:
                found.append((*one[:3], after[3], after[4], one[5] * after[5], one[6] + after[6]))
    return found


def at_once(first: list[Row], second: list[Row], within_ms: int | None) -> list[Row]:
    found = []
    for one in first:
        for two in second:
            if one[0] != two[0]:
                continue
            probability, marks = one[5] * two[5], one[6] + two[6]
            begin, end = max(one[2], two[2]), min(one[4], two[4])
            if not one[1] or not two[1]:
                kept = one if one[1] else two
                found.append((*kept[:5], probability, marks))
            elif one[1] != two[1]:
                continue
            elif begin < end:
                found.append((one[0], one[1], begin, begin, end, probability, marks))
            elif within_ms and one[1] == 1 and begin - end <= within_ms:
                far = min(one[2], two[2]), begin, max(one[4], two[4])
                found.append((one[0], 1, *far, probability, marks))
    return found


def best_of(rows: list[Row]) -> dict[tuple[int, ...], float]:
    best: dict[tuple[int, ...], float] = {}
    for row in rows:
        best[row[:5]] = max(best.get(row[:5], 0.0), row[5])
    return best


@pytest.mark.parametrize("within_ms", [None, 0, 25])
def test_all_items_at_once_are_each_on_its_own(within_ms: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(within_ms or 7)
    for turn in range(12):
        # Pairs come in many small parts too.
        monkeypatch.setattr(timing, "_PAIRS", 1 << 20 if turn % 2 else 5)
        one, two = drawn(draw, 0), drawn(draw, -100)
        for sweep, plain in ((followed, in_order), (together, at_once)):
            swept, expected = rows_of(sweep(one, two, within_ms)), plain(rows_of(one), rows_of(two), within_ms)
            assert best_of(swept) == pytest.approx(best_of(expected)), (turn, sweep)
            assert len(swept) == len(best_of(expected)), "each stretch once"
            known = {(*row[:5], row[6]): row[5] for row in expected}
            assert all(known[*row[:5], row[6]] == pytest.approx(row[5]) for row in swept)
            # What was found is asked once more, as in `a THEN b WHILE c`.
            again = sweep(either([sweep(one, two, within_ms), one]), two, within_ms)
            nested = plain(swept + rows_of(one), rows_of(two), within_ms)
            assert best_of(rows_of(again)) == pytest.approx(best_of(nested))


def test_of_too_many_places_the_surest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "MOST_PLACES", 3)
    one = meant_places([(item, TimeSpan(at, at + 1), at / 100) for item in (1, 2) for at in range(20)], 0)
    whole = meant_places([(1, WHOLE, 1.0), (2, WHOLE, 0.5)], -40)
    assert [(row[0], row[2]) for row in rows_of(together(one, whole))] == [
        (item, at) for item in (1, 2) for at in (19, 18, 17)
    ]
