"""What another way of choosing would have brought, from what was shown by this one: with its uncertainty.

IPS weighs each reward by how much likelier the other way was to show that (Horvitz, Thompson, JASA 1952); SNIPS divides
by the sum of the weights (Swaminathan, Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015);
the doubly robust one corrects a model's guess by weighted errors, and is right if the model or the propensities are
(Dudík, Langford, Li, "Doubly robust policy evaluation and learning", ICML 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DRAWS = 2000
_SHARE = 0.95
_BLOCK = 250


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward and the interval in which it lies with a chance of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A way of choosing by the three estimates. `effective`: how many rewards these weights are worth (Kish 1965)."""

    ips: Estimate
    snips: Estimate
    doubly_robust: Estimate
    effective: float


def mean_of(rewards: Floats, groups: npt.NDArray[np.int64] | None = None, seed: int = 0) -> Estimate:
    """The mean of what was seen, with a bootstrap interval over `groups` (slates), for places of one are not independent."""
    ones = np.ones(len(rewards))
    return _bootstrap(rewards, ones, groups, seed)


def judge(
    rewards: Floats,
    logged: Floats,
    other: Floats,
    expected: Floats,
    expected_other: Floats,
    groups: npt.NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Judgement:
    """Judge another way of choosing. All arrays are `[n]`, one for each place that was shown.

    `logged` and `other` are the chances of what was shown by the way that showed it and by the other one, `expected` what
    a model expected of it, and `expected_other` what it expected of the other way's choice on the average. `groups` are
    the slates: an interval draws whole ones. Rows without a reward or with a chance of nought are left out.
    """
    keep = np.isfinite(rewards) & (logged > 0) & np.isfinite(expected) & np.isfinite(expected_other)
    rewards, logged, other = rewards[keep], logged[keep], other[keep]
    expected, expected_other = expected[keep], expected_other[keep]
    groups = None if groups is None else groups[keep]
    weights = other / logged
    ones = np.ones(len(rewards))
    robust = expected_other + weights * (rewards - expected)
    squares = float((weights**2).sum())
    return Judgement(
        _bootstrap(weights * rewards, ones, groups, seed),
        _bootstrap(weights * rewards, weights, groups, seed),
        _bootstrap(robust, ones, groups, seed),
        float(weights.sum() ** 2 / squares) if squares > 0 else 0.0,
    )


def _bootstrap(above: Floats, below: Floats, groups: npt.NDArray[np.int64] | None, seed: int) -> Estimate:
    """The ratio of two sums, and between which values it lies when groups are drawn again (Efron 1979)."""
    if not len(above) or below.sum() <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    if groups is not None:
        _, number = np.unique(groups, return_inverse=True)
        above = np.bincount(number, above).astype(np.float64)
        below = np.bincount(number, below).astype(np.float64)
    n = len(above)
    rng = np.random.default_rng(seed)
    drawn = np.empty(_DRAWS)
    for start in range(0, _DRAWS, _BLOCK):
        rows = rng.integers(0, n, (min(_BLOCK, _DRAWS - start), n))
        sums = below[rows].sum(1)
        drawn[start : start + len(rows)] = np.divide(
            above[rows].sum(1), sums, out=np.full(len(rows), above.sum() / below.sum()), where=sums > 0
        )
    low, high = np.quantile(drawn, [(1 - _SHARE) / 2, (1 + _SHARE) / 2])
    return Estimate(float(above.sum() / below.sum()), float(low), float(high))
