import math

import numpy as np
import pytest

from media_assistant.learning.off_policy import judge, mean_of


def test_all_three_find_what_the_other_way_would_have_brought() -> None:
    """Two things: one is liked three times in ten, the other nine; the log shows the worse one mostly."""
    rng = np.random.default_rng(3)
    liked, logged, other = np.array([0.3, 0.9]), np.array([0.8, 0.2]), np.array([0.1, 0.9])
    at = rng.choice(2, 1500, p=logged)
    rewards = (rng.random(1500) < liked[at]).astype(float)
    truth, guess = float(other @ liked), np.array([0.5, 0.5])
    found = judge(rewards, logged[at], other[at], guess[at], np.full(1500, other @ guess))
    for estimate in (found.ips, found.snips, found.doubly_robust):
        assert estimate.value == pytest.approx(truth, abs=0.08)
        assert estimate.low < truth < estimate.high
    assert found.effective < 1500
    assert mean_of(rewards).value == pytest.approx(float(logged @ liked), abs=0.04)


def test_a_model_that_is_right_makes_the_interval_narrower() -> None:
    rng = np.random.default_rng(3)
    liked, logged = np.array([0.1, 0.9]), np.array([0.9, 0.1])
    at = rng.choice(2, 800, p=logged)
    rewards = (rng.random(800) < liked[at]).astype(float)
    found = judge(rewards, logged[at], np.full(800, 0.5), liked[at], np.full(800, liked.mean()))
    assert found.doubly_robust.high - found.doubly_robust.low < 0.6 * (found.ips.high - found.ips.low)


def test_without_anything_shown_nothing_is_claimed() -> None:
    none = np.zeros(0)
    found = judge(none, none, none, none, none)
    assert math.isnan(found.ips.value) and math.isnan(mean_of(none).low) and found.effective == 0
