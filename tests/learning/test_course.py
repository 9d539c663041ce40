"""How the vectors of an item become its course."""

from __future__ import annotations

import numpy as np

from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.learning.course import MOST_STEPS, course_of, from_bytes, padded, stretches, to_bytes


def axis(place: int, width: int = 4) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.eye(width, dtype=np.float32)[place]


def test_steps_are_in_order_of_time_and_the_finer_ones_tell_the_course() -> None:
    whole = TimeSpan(1000, 4000)
    placed = [
        (TimeSpan(5000, 6000), axis(3)),
        (whole, axis(0)),
        (TimeSpan(1000, 2000), axis(1)),
        (TimeSpan(2000, 4000), axis(2)),
        (WHOLE, axis(0)),
        (TimeSpan(6000, 7000), np.full(4, np.nan, np.float32)),
    ]
    course = course_of("s", placed)
    assert course is not None
    assert course.spans == (TimeSpan(1000, 2000), TimeSpan(2000, 4000), TimeSpan(5000, 6000))
    assert np.array_equal(course.steps, np.stack([axis(1), axis(2), axis(3)]))
    assert course_of("s", placed[:1]) is None and course_of("s", [(WHOLE, axis(0))] * 3) is None


def test_what_overlaps_without_lying_within_stays() -> None:
    course = course_of("s", [(TimeSpan(at, at + 1500), axis(0)) for at in (0, 1000, 2000)])
    assert course is not None and len(course.spans) == 3


def test_a_long_course_is_brought_to_few_steps_that_cover_all_of_it_and_travels() -> None:
    placed = [(TimeSpan(1000 * at, 1000 * at + 1000), axis(at // 500)) for at in range(1000)]
    course = course_of("s", placed)
    assert course is not None and len(course.spans) == MOST_STEPS == len(course.steps)
    assert course.spans[0].start_ms == 0 and course.spans[-1].end_ms == 1_000_000
    assert np.allclose(np.linalg.norm(course.steps, axis=1), 1)
    again = from_bytes(to_bytes(course))
    assert (again.space, again.spans) == (course.space, course.spans) and np.array_equal(again.steps, course.steps)
    steps, mask = padded([course.steps[:3], course.steps], 4)
    assert steps.shape == (2, MOST_STEPS, 4) and mask.sum(1).tolist() == [3, MOST_STEPS] and not steps[0, 3:].any()


def test_stretches_are_shorter_than_the_whole_and_reach_its_end() -> None:
    assert list(stretches(2)) == []
    parts = list(stretches(16))
    assert parts == sorted(parts, key=lambda part: part[1] - part[0])
    assert {end for _, end in parts} >= {16} and all(2 <= end - first < 16 for first, end in parts)
    assert len(list(stretches(MOST_STEPS))) < 80
