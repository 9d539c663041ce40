from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from media_assistant.learning.showing import show, varied


def test_propensities_are_the_chances_with_which_things_are_shown() -> None:
    scores = np.array([3.0, 1.0, 0.5, 0.0], np.float32)
    units = np.zeros((4, 0), np.float32)
    counts: Counter[int] = Counter()
    said: dict[int, float] = {}
    for seed in range(1500):
        (first,) = show(scores, units, 1, np.random.default_rng(seed), curiosity=0.4)
        counts[first.at] += 1
        said[first.at] = first.propensity
    assert sum(said.values()) == pytest.approx(1.0)
    for at, chance in said.items():
        assert counts[at] / 1500 == pytest.approx(chance, abs=0.04)


def test_nothing_is_shown_twice_and_no_chance_is_nought() -> None:
    places = show(np.arange(9, dtype=np.float32), np.zeros((9, 0), np.float32), 20, np.random.default_rng(1))
    assert sorted(place.at for place in places) == list(range(9))
    assert all(0 < place.propensity <= 1 for place in places)
    assert [place.left for place in places] == list(range(9, 0, -1))


def test_variety_prefers_what_is_unlike_what_is_shown_with_it_and_keeps_the_best_first() -> None:
    units = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    scores = np.array([1.0, 0.99, 0.98, -5.0], np.float32)
    rng = np.random.default_rng(1)
    plain = show(scores, units, 2, rng, variety=0, curiosity=0)
    varied_ones = show(scores, units, 2, rng, variety=0.5, curiosity=0)
    assert [place.at for place in plain] == [0, 1]
    assert [place.at for place in varied_ones] == [0, 2]


def test_what_is_chosen_together_is_worth_as_much_as_any_choice() -> None:
    rng = np.random.default_rng(2)
    of_place = 1 / np.log2(2 + np.arange(4))
    best_of_all = 0
    for _ in range(40):
        units = rng.standard_normal((9, 3)).astype(np.float32)
        units /= np.linalg.norm(units, axis=1, keepdims=True)
        worth, price = rng.exponential(size=9), 0.3 * rng.random()

        def value(chosen: tuple[int, ...]) -> float:
            order = sorted(chosen, key=lambda at: -worth[at])  # noqa: B023
            alike = units[order] @ units[order].T  # noqa: B023
            return float(worth[order] @ of_place - price * (alike.sum() - 4) / 2)  # noqa: B023

        found = varied(worth, units, 4, price)
        assert sorted(worth[found], reverse=True) == worth[found].tolist()
        best = max(map(value, combinations(range(9), 4)))
        best_of_all += value(tuple(found)) > best - 1e-5
        assert value(tuple(found)) > best - 0.05
    assert best_of_all >= 38


def test_a_pool_of_equal_scores_and_an_empty_one_are_no_trouble() -> None:
    rng = np.random.default_rng(1)
    assert len(show(np.ones(3, np.float32), np.ones((3, 2), np.float32), 2, rng)) == 2
    assert show(np.zeros(0, np.float32), np.zeros((0, 2), np.float32), 2, rng) == []
