"""What a person makes of what is known of an item: a linear bandit whose updates are of rank one.

Ridge regression of rewards on contexts, with its uncertainty: whoever chooses adds so much of the doubt to what is
expected, as LinUCB does (Li, Chu, Langford, Schapire, "A contextual-bandit approach to personalized news article
recommendation", WWW 2010, algorithm 1). The inverse is kept up by Sherman and Morrison's formula (1950): d² operations for
a reward, where inverting anew takes d³; of many at once it is inverted anew.
"""

from __future__ import annotations

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
