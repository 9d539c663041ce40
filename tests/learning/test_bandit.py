from collections.abc import Hashable

import numpy as np
import pytest
from mabwiser.mab import MAB, LearningPolicy

from media_assistant.learning.bandit import Ridge


def test_it_chooses_as_mabwiser_does() -> None:
    rng = np.random.default_rng(4)
    arms: list[Hashable] = [0, 1, 2]
    ours = {arm: Ridge(6) for arm in arms}
    theirs = MAB(list(arms), LearningPolicy.LinUCB(alpha=0.7, l2_lambda=1.0))
    first = rng.standard_normal((3, 6))
    theirs.fit(list(arms), [0.0, 0.0, 0.0], first)
    for arm in range(3):
        ours[arm].hear(first[arm], 0.0)
    tastes = rng.standard_normal((3, 6))
    for _ in range(60):
        context = rng.standard_normal(6)
        chosen = theirs.predict(context[None])
        bounds = {arm: float(ridge.expect(context) + 0.7 * ridge.doubt(context)) for arm, ridge in ours.items()}
        assert max(arms, key=bounds.__getitem__) == chosen
        reward = float(context @ tastes[chosen] > 0)
        ours[chosen].hear(context, reward)
        theirs.partial_fit([chosen], [reward], context[None])


def test_updates_of_rank_one_are_the_ridge_solution() -> None:
    rng = np.random.default_rng(1)
    x, y, weights = rng.standard_normal((700, 5)), rng.standard_normal(700), rng.random(700)
    prior = np.arange(5.0)
    ridge = Ridge(5, 2.0, prior)
    for row, reward, weight in zip(x, y, weights, strict=True):
        ridge.hear(row, float(reward), float(weight))
    precision = (x * weights[:, None]).T @ x + 2.0 * np.eye(5)
    expected = np.linalg.solve(precision, (x * weights[:, None]).T @ y + 2.0 * prior)
    assert ridge.mean == pytest.approx(expected)
    assert ridge.covariance == pytest.approx(np.linalg.inv(precision))
    at_once = Ridge(5, 2.0, prior)
    at_once.hear_all(x[:400], y[:400], weights[:400])
    at_once.hear_all(x[400:], y[400:], weights[400:])
    assert at_once.mean == pytest.approx(expected) and at_once.count == ridge.count
    assert at_once.covariance == pytest.approx(ridge.covariance)


def test_what_is_no_number_changes_nothing() -> None:
    ridge = Ridge(2)
    ridge.hear(np.array([np.nan, 1.0]), 1.0)
    ridge.hear(np.ones(2), float("inf"))
    nothing = np.array([[np.nan, 1.0], [1.0, 1.0], [1.0, 1.0]])
    ridge.hear_all(nothing, np.array([1.0, np.inf, 1.0]), np.array([1.0, 1.0, 0.0]))
    assert not ridge.count and not ridge.mean.any()


def test_doubt_shrinks_where_something_was_heard() -> None:
    ridge = Ridge(2)
    for _ in range(20):
        ridge.hear(np.array([1.0, 0.0]), 1.0)
    known, unknown = ridge.doubt(np.eye(2))
    assert known < 0.3 < unknown
