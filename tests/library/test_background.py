"""What a library says over and over counts once in the background that likeness is measured from."""

from __future__ import annotations

import numpy as np

from media_assistant.library.vectors.background import distinct_rows, measure_pairs


def units(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_hundred_lines_that_say_the_same_count_once() -> None:
    draw = np.random.default_rng(7)
    said_often = units(draw.normal(size=(1, 64)) + 0.05 * draw.normal(size=(300, 64)))
    others = units(draw.normal(size=(60, 64)))
    matrix = np.concatenate([said_often, others])
    rows = distinct_rows(matrix, np.arange(len(matrix)))
    assert sum(row < 300 for row in rows) == 1
    assert sum(row >= 300 for row in rows) == 60
    background = measure_pairs(matrix, np.arange(len(matrix)), rows)
    assert abs(background.mean) < 0.05
    # Directions drawn at random spread by one over the root of their dimension.
    assert abs(background.deviation - 64**-0.5) < 0.03


def test_a_space_in_which_everything_is_near_keeps_what_differs() -> None:
    draw = np.random.default_rng(8)
    squeezed = units(draw.normal(size=(200, 64)) + 4 * np.ones(64))
    assert len(distinct_rows(squeezed, np.arange(200))) == 200


def test_nothing_is_drawn_from_nothing() -> None:
    empty = np.empty(0, np.int64)
    assert len(distinct_rows(np.empty((0, 8), np.float32), empty)) == 0
    assert measure_pairs(np.empty((0, 8), np.float32), empty, empty).count == 0
