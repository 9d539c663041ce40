"""The detector on small pictures drawn here: what is a shot's end and what is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from media_assistant.analysis.shot_detection import HEIGHT, WIDTH, Boundary, ShotDetector

Film = NDArray[np.uint8]


def place(seed: int, frames: int, speed: float = 0.15) -> Film:
    """A textured place under a slowly drifting camera, with sensor noise."""
    draw = np.random.default_rng(seed)
    coarse = draw.uniform(20, 235, (14, 30, 3))
    ground = np.kron(coarse, np.ones((6, 6, 1)))
    film = np.empty((frames, HEIGHT, WIDTH, 3), np.uint8)
    for i in range(frames):
        x, y = 10 + int(speed * i), 8
        picture = ground[y : y + HEIGHT, x : x + WIDTH] + draw.normal(0, 2, (HEIGHT, WIDTH, 1))
        film[i] = np.clip(picture, 0, 255)
    return film


def find(*parts: Film, rate: float = 25.0) -> list[Boundary]:
    detector = ShotDetector(rate)
    found = [boundary for picture in np.concatenate(parts) for boundary in detector.push(picture)]
    return [*found, *detector.finish()]


def blend(a: Film, b: Film) -> Film:
    share = np.linspace(0, 1, len(a) + 2)[1:-1, None, None, None]
    return ((1 - share) * a + share * b).astype(np.uint8)


def test_cuts_are_exact_to_the_frame() -> None:
    found = find(place(1, 40), place(2, 17), place(3, 60))
    assert [(one.at, one.kind) for one in found] == [(40, "cut"), (57, "cut")]


def test_a_still_and_a_drifting_place_have_no_cut() -> None:
    assert find(place(1, 120)) == []
    assert find(np.repeat(place(1, 1), 80, axis=0)) == []


def test_a_flash_is_no_cut() -> None:
    film = place(1, 80)
    film[40] = 255
    film[41] = np.clip(film[41].astype(int) + 120, 0, 255)
    assert find(film) == []


def test_something_large_that_vanishes_from_a_place_that_stays_is_no_cut() -> None:
    film = place(4, 80, 0.0)
    for i in range(30, 44):
        film[i, 2:30, max(0, 4 * (i - 30) - 8) : 4 * (i - 30) + 34] = (10, 20, 250)
    assert find(film) == []


def test_a_place_that_grows_dark_while_something_passes_is_no_dissolve() -> None:
    film = place(5, 90, 0.1)
    for i in range(20, 36):
        film[i, 4:28, max(0, 5 * (i - 20) - 20) : 5 * (i - 20) + 4] = (240, 230, 20)
    light = np.interp(np.arange(90), [10, 60], [1.0, 0.35])[:, None, None, None]
    assert find((film * light).astype(np.uint8)) == []


def test_a_dissolve_is_found_behind_something_that_moves_over_it() -> None:
    film = np.concatenate([place(1, 40, 0.0), blend(place(1, 20, 0.0), place(2, 20, 0.0)), place(2, 40, 0.0)])
    for i in range(35, 60):
        film[i, 8:24, max(0, 3 * (i - 35) - 12) : 3 * (i - 35)] = (250, 20, 240)
    assert [one.kind for one in find(film)] == ["dissolve"]


def test_a_quick_fade_between_two_places_is_seen_and_a_black_gap_in_one_is_not() -> None:
    shade = np.concatenate([np.linspace(1, 0, 7), np.zeros(2), np.linspace(0, 1, 7)])[:, None, None, None]
    between = np.concatenate([place(1, 8), place(2, 8)]) * shade
    assert [one.kind for one in find(place(1, 40), between.astype(np.uint8), place(2, 40))] == ["fade"]
    film = place(1, 80)
    film[40:43] = 0
    assert find(film) == []


def test_a_fade_through_black_is_one_boundary() -> None:
    out = (place(1, 12) * np.linspace(1, 0, 12)[:, None, None, None]).astype(np.uint8)
    back = (place(2, 12) * np.linspace(0, 1, 12)[:, None, None, None]).astype(np.uint8)
    (found,) = find(place(1, 40), out, np.zeros((6, HEIGHT, WIDTH, 3), np.uint8), back, place(2, 40))
    assert found.kind == "fade"
    assert 50 <= found.at <= 60


def test_a_dissolve_is_one_boundary() -> None:
    (found,) = find(place(1, 40, 0.0), blend(place(1, 20, 0.0), place(2, 20, 0.0)), place(2, 40, 0.0))
    assert found.kind == "dissolve"
    assert 42 <= found.at <= 58


def test_plain_colour_plates_are_told_apart() -> None:
    red = np.full((30, HEIGHT, WIDTH, 3), (180, 20, 20), np.uint8)
    blue = np.full((30, HEIGHT, WIDTH, 3), (20, 20, 180), np.uint8)
    assert [one.at for one in find(red, blue)] == [30]


@pytest.mark.parametrize("rate", [50.0, 60.0, 120.0])
def test_fast_films_are_exact_too(rate: float) -> None:
    assert [one.at for one in find(place(1, 151), place(2, 150), rate=rate)] == [151]


def test_a_film_of_one_frame_and_of_none() -> None:
    assert find(place(1, 1)) == []
    assert ShotDetector().finish() == []
