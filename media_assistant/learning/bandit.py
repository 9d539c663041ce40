"""What a person makes of what is known of an item: linear bandits whose updates are of rank one.

Ridge regression of rewards on contexts, with its uncertainty. LinUCB (Li, Chu, Langford, Schapire, "A contextual-bandit
approach to personalized news article recommendation", WWW 2010, algorithm 1) adds to the mean what may be hoped for;
linear Thompson sampling (Agrawal, Goyal, "Thompson sampling for contextual bandits with linear payoffs", ICML 2013) draws
the weights instead. The inverse is kept up by Sherman and Morrison's formula (1950): d² operations for a reward, where
inverting anew takes d³; of many at once it is inverted anew.
"""

from __future__ import annotations

import io
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Contexts = npt.NDArray[np.floating]

_ANEW = 512
"""Rewards after which the inverse is made from the matrix itself, so that rounding does not add up."""


@dataclass(slots=True)
class Ridge:
    """Weights `[d]` of a linear reward, as far as they are known.

    Beforehand they are taken to be `prior` and as sure as `strength` rewards of each context alone would make them.
    """

    width: int
    strength: float = 1.0
    prior: Floats | None = None
    count: int = 0
    """Rewards that were heard."""
    precision: Floats = field(init=False)
    covariance: Floats = field(init=False)
    """The inverse of `precision`, `[d, d]`."""
    weighted: Floats = field(init=False)
    mean: Floats = field(init=False)

    def __post_init__(self) -> None:
        prior = np.zeros(self.width) if self.prior is None else np.asarray(self.prior, np.float64)
        self.precision = np.eye(self.width) * self.strength
        self.covariance = np.eye(self.width) / self.strength
        self.weighted = self.strength * prior
        self.mean = prior.copy()

    def hear(self, context: Floats, reward: float, weight: float = 1.0) -> None:
        """Take in the reward of a context `[d]`. What is no number is passed over: one such would end all learning."""
        x = np.asarray(context, np.float64)
        if not (np.isfinite(reward) and np.isfinite(weight) and weight > 0 and np.isfinite(x).all()):
            return
        self.precision += weight * np.outer(x, x)
        self.weighted += (weight * reward) * x
        self.count += 1
        if self.count % _ANEW:
            turned = self.covariance @ x
            self.covariance -= np.outer(turned, turned) * (weight / (1.0 + weight * float(x @ turned)))
        else:
            self.covariance = np.asarray(np.linalg.inv(self.precision), np.float64)
        self.mean = self.covariance @ self.weighted

    def hear_all(self, contexts: Floats, rewards: Floats, weights: Floats) -> None:
        """As `hear` of each of many `[n, d]`, `[n]`, `[n]`, with the inverse made once."""
        known = np.isfinite(rewards) & np.isfinite(weights) & (weights > 0) & np.isfinite(contexts).all(axis=1)
        if not known.any():
            return
        x, weights = contexts[known], weights[known]
        self.precision += (x * weights[:, None]).T @ x
        self.weighted += (weights * rewards[known]) @ x
        self.count += len(x)
        self.covariance = np.asarray(np.linalg.inv(self.precision), np.float64)
        self.mean = self.covariance @ self.weighted

    def expect(self, contexts: Contexts) -> Contexts:
        """The expected rewards of contexts `[n, d]` (or of one, `[d]`), as exact as these are."""
        return np.asarray(contexts @ self.mean.astype(contexts.dtype))

    def doubt(self, contexts: Contexts) -> Contexts:
        """How unsure each expectation is: its standard deviation in units of a reward's own noise."""
        turned = contexts @ self.covariance.astype(contexts.dtype)
        turned *= contexts
        spread = turned.sum(-1)
        return np.asarray(np.sqrt(np.maximum(spread, 0.0)))

    def hope(self, contexts: Contexts, boldness: float) -> Contexts:
        """LinUCB's upper bound: the expectation and `boldness` times the doubt."""
        return self.expect(contexts) + boldness * self.doubt(contexts)

    def draw(self, contexts: Floats, boldness: float, rng: np.random.Generator) -> Floats:
        """Thompson's draw: the rewards by weights that are drawn from what they may be."""
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(self.width))
        return np.asarray(contexts @ (self.mean + boldness * (root @ rng.standard_normal(self.width))))

    def to_bytes(self) -> bytes:
        """To be kept; `from_bytes` reads it. The inverse is not among it."""
        into = io.BytesIO()
        np.savez(into, precision=self.precision, weighted=self.weighted, about=[self.strength, self.count])
        return into.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes, width: int) -> Ridge | None:
        """What `to_bytes` gave; None for what is damaged or of another width."""
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as read:
                precision, weighted, about = read["precision"], read["weighted"], read["about"]
            if precision.shape != (width, width) or weighted.shape != (width,) or not np.isfinite(precision).all():
                return None
            made = cls(width, float(about[0]))
            made.precision, made.weighted, made.count = precision, weighted, int(about[1])
            made.covariance = np.linalg.inv(precision)
            made.mean = made.covariance @ weighted
        except (ValueError, OSError, KeyError, IndexError, EOFError, np.linalg.LinAlgError):
            return None
        return made


class LinUcb:
    """LinUCB with weights of its own for each of some arms (Li et al. 2010, algorithm 1)."""

    def __init__(self, arms: Mapping[Hashable, object] | list[Hashable], width: int, *, boldness: float = 1.0) -> None:
        self._boldness = boldness
        self._arms: dict[Hashable, Ridge] = {arm: Ridge(width) for arm in arms}

    def hear(self, arm: Hashable, context: Floats, reward: float) -> None:
        """Take in what an arm gave."""
        self._arms[arm].hear(context, reward)

    def choose(self, context: Floats) -> Hashable:
        """The arm of the highest bound; of equal ones the first."""
        return max(self._arms, key=lambda arm: float(self._arms[arm].hope(context, self._boldness)))
