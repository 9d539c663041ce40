"""Layouts of clusters that were made: what is alike lies together, and stays where it lay."""

from __future__ import annotations

import numpy as np
import pytest

from media_assistant.learning import layout
from media_assistant.learning.plane import Plane


def clusters(count: int, groups: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((groups, 60))
    about = rng.integers(groups, size=count)
    found = centres[about] + 0.9 * rng.standard_normal((count, 60))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32), about


def never() -> bool:
    return False


def silent(_done: float, _now: np.ndarray | None) -> None:
    pass


@pytest.fixture(scope="module")
def laid() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    units, about = clusters(400)
    points = layout.reduced(units)
    found = layout.refined(points, layout.plane(points), silent, never)
    assert found is not None
    return points, about, found


def purity(spots: np.ndarray, about: np.ndarray) -> float:
    near = layout.neighbours(spots, spots, 6, lambda _done: None, never)
    assert near is not None
    return float((about[near[0][:, 1:]] == about[:, None]).mean())


def test_what_is_alike_lies_together_more_than_principal_components_show(
    laid: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    points, about, found = laid
    flat = layout.plane(points)
    assert purity(found, about) > 0.9 > purity(flat, about) + 0.2
    assert layout.goes_with(points, found) > layout.goes_with(points, flat) + 0.1


def test_what_comes_is_placed_beside_its_like_and_nothing_moves(
    laid: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    points, about, found = laid
    beside = layout.placed(points[300:], points[:300], found[:300], np.arange(300, 400))
    assert beside is not None
    assert purity(np.concatenate([found[:300], beside]), about) > 0.9
    again = layout.placed(points[350:], points[:300], found[:300], np.arange(350, 400))
    assert again is not None and np.allclose(again, beside[50:], atol=1e-4), "each has its place, whoever comes with it"


def test_put_right_it_keeps_its_order(laid: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    points, _about, found = laid
    warm = layout.refined(points, found, silent, never, is_warm=True)
    assert warm is not None
    moved = np.linalg.norm((warm - warm.mean(0)) - (found - found.mean(0)), axis=1)
    assert np.median(moved) < 0.25 * found.std(), "no jump"


def test_it_stops_when_asked_and_bears_what_is_all_the_same() -> None:
    units, _ = clusters(60)
    points = layout.reduced(units)
    assert layout.refined(points, layout.plane(points), silent, lambda: True) is None
    told: list[float] = []
    asked = iter([False] * 4)
    stopped = layout.refined(
        points, layout.plane(points), lambda done, _now: told.append(done), lambda: next(asked, True)
    )
    assert stopped is None and told and max(told) < 0.9
    same = layout.reduced(np.repeat(units[:1], 30, axis=0))
    found = layout.refined(same, layout.plane(same), silent, never)
    assert found is not None and bool(np.isfinite(found).all())


def test_of_many_some_are_laid_out_and_the_others_put_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "LANDMARKS", 150)
    units, about = clusters(400, groups=6)
    points = layout.reduced(units)
    told: list[float] = []
    found = layout.refined(points, layout.plane(points), lambda done, _now: told.append(done), never)
    assert found is not None and purity(found, about) > 0.85
    assert told == sorted(told) and told[-1] == pytest.approx(1.0)


def test_a_plane_is_asked_by_hand_and_eye() -> None:
    spots = np.array([[0, 0], [1, 0], [0, 1], [5, 5], [-1, 0.1]], np.float32)
    plane = Plane(np.array([10, 20, 30, 40, 50]), spots)
    assert plane.nearest(0.9, 0.1) == 20 and plane.nearest(3, 3, 0.5) == 0
    assert [plane.beside(10, *way) for way in ((1, 0), (-1, 0), (0, 1), (0, -1))] == [20, 50, 30, 10]
    assert plane.inside([(-0.5, -0.5), (2, -0.5), (2, 0.5), (0.5, 0.5), (0.5, 2), (-0.5, 2)]) == (10, 20, 30)
    assert plane.inside([(0, 0), (1, 1)]) == ()
    assert plane.spread_out((0, 0, 10), (40, 40), (15, 15), (12, 12), 10) == [(10, 20.0, 20.0, 0)]
    assert plane.spread_out((0, 0, 10), (40, 40), (30, 30), (24, 18), 10) == [(10, 20.0, 20.0, 2)]
    colours = np.array([0, 1, 0, 1, 0], np.uint8)
    picture = plane.paint((0, 0, 10), (40, 40), 1.5, 0x111111, [0xFF0000, 0x00FF00], colours)
    assert picture[20, 20] == 0xFFFF0000 and picture[20, 30] == 0xFF00FF00 and picture[0, 0] == 0xFF111111
    faint = plane.paint((0, 0, 10), (40, 40), 1.5, 0, [0xFF0000, 0xFF00], colours, [20])
    assert faint[20, 30] == 0xFF00FF00 and 0xFF000000 < faint[20, 20] < 0xFFFF0000
