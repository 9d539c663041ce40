"""A head: what tells things with a tag from all others, in one sense, fitted to a person's examples.

Three forms, from the fewest examples to many (`fitting` chooses):

* `likeness`: near to what is wanted, and half as much away from what is not (Rocchio, "Relevance feedback in information
  retrieval", in The SMART Retrieval System, 1971), before the library as the ground (`ground`);
* `linear`: a logistic regression that also takes the library for unwanted, softly, for some of it is wanted: learning from
  positive and unlabelled examples (Elkan and Noto, "Learning classifiers from only positive and unlabeled data", KDD 2008);
* `forest`: extremely randomised trees (Geurts, Ernst and Wehenkel, 2006) on the directions in which the library differs
  most, as arrays: nothing that is kept can carry anything out.

A score is in standard deviations of what pairs of the library have in common; `chance` makes a probability of it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.ground import Ground
from media_assistant.learning.things import Floats, Things, from_bytes, to_bytes

FORMS = ("likeness", "linear", "forest")
_USUAL = 80
"""Things in the libraries in which the first guess of a calibration was made."""
_SLOPE, _MIDDLE = 6.5, 0.6
"""Of that guess, in reaches."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A forest: of all trees one behind the other each node's `feature` (-1: a leaf), `edge`, children and `value`."""

    axes: Floats
    """`[D, k]`: the directions that the features are looked at in."""
    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    edge: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats

    def share(self, features: Floats) -> Floats:
        """Which share `[n]` of the trees' votes the things with these features `[n, D]` have."""
        seen = features @ self.axes
        total = np.zeros(len(seen), np.float32)
        every = np.arange(len(seen))
        for root in self.roots:
            at = np.full(len(seen), root)
            while (inner := self.feature[at] >= 0).any():
                goes_left = seen[every, np.maximum(self.feature[at], 0)] <= self.edge[at]
                at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
            total += self.value[at]
        return np.asarray(total / max(1, len(self.roots)), np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """`weights` by space `[d]` (centred on the library) and by label; `slope` and `middle` of its calibration."""

    form: str
    weights: dict[str, Floats]
    labels: dict[str, float]
    slope: float = 1.0
    middle: float = 0.0
    trees: Trees | None = None
    lift: float = 0.0
    """What the score of a forest is multiplied by, so that it has the scale of the others."""
    places: dict[str, list[str]] = field(default_factory=dict)
    """For a forest: the order of spaces and labels that its axes are of."""

    def chance(self, scores: Floats) -> Floats:
        """Probabilities `[n]` of scores `[n]`."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * (scores - self.middle), -30, 30))), np.float32)


@dataclass(frozen=True, slots=True)
class Judged:
    """Of each thing its `score` and `chance` `[n]` (0 where nothing of it is known), and in each space the row of the
    vector that speaks for it most (-1: none).
    """

    scores: Floats
    chances: Floats
    best: dict[str, NDArray[np.int64]]
    features: Floats
    """`[n, D]`, of those vectors."""


def judge(head: Head, ground: Ground, things: Things) -> Judged:
    """How surely these are what the head was taught. A moment speaks for its thing: the best one counts."""
    weights = weights_of(head, ground)
    best = ground.best_rows(things, weights)
    features = ground.of(things, best)
    scores = score(head, ground, features, things.marks, weights)
    known = things.known() & np.isfinite(scores)
    scores = np.where(known, scores, -np.inf).astype(np.float32)
    chances = np.zeros(len(scores), np.float32)
    chances[known] = head.chance(scores[known])
    return Judged(scores, chances, best, features)


def score(
    head: Head, ground: Ground, features: Floats, marks: NDArray[np.int64], weights: Floats | None = None
) -> Floats:
    """Scores `[n]` of features `[n, D]`."""
    if head.trees is not None and head.trees.axes.shape[0] == features.shape[1]:
        share = np.clip(head.trees.share(features), 0.01, 0.99)
        return np.asarray(head.lift * np.log(share / (1 - share)), np.float32)
    plain = features @ (weights_of(head, ground) if weights is None else weights)
    return np.asarray(plain - ground.hubness(features, marks), np.float32)


def weights_of(head: Head, ground: Ground) -> Floats:
    """The head's weights in the order of the ground's features `[D]`; what it knows nothing of weighs nothing."""
    parts = [
        head.weights.get(space, np.zeros(len(ground.means[space]), np.float32))
        if len(head.weights.get(space, ())) == len(ground.means[space])
        else np.zeros(len(ground.means[space]), np.float32)
        for space in ground.spaces
    ]
    labels = np.array([head.labels.get(word, 0.0) for word in ground.words], np.float32)
    return np.concatenate([*parts, labels])


def head_from(form: str, weights: Floats, ground: Ground, **more: object) -> Head:
    """A head with these weights `[D]`."""
    parts = ground.parts()
    start = max((part.stop for part in parts.values()), default=0)
    labels = {
        word: float(weights[start + at]) for word, at in ground.words.items() if abs(float(weights[start + at])) > 1e-9
    }
    by_space = {space: np.ascontiguousarray(weights[part], np.float32) for space, part in parts.items()}
    return Head(form, by_space, labels, **more)  # type: ignore[arg-type]


def first_guess(ground: Ground, scores: Floats, reach: float) -> tuple[float, float]:
    """(slope, middle) of a calibration before anything was seen of how right it is. `reach` is the square root of how the
    wanted examples score themselves: what they have in common with their like goes with it, whatever the spaces.

    Measured on `bench teach`. In a larger library more stands out by chance: the most that `n` draws reach grows as
    the square root of 2 ln n (Gumbel 1958).
    """
    spread = float(np.median(np.abs(scores - np.median(scores)))) * 1.48 if len(scores) > 1 else 0.0
    beyond = math.sqrt(2 * math.log(max(ground.total, 2))) - math.sqrt(2 * math.log(_USUAL))
    return _SLOPE / reach, _MIDDLE * reach + spread * max(0.0, beyond)


def head_to_bytes(head: Head) -> bytes:
    """To be kept in a library."""
    names = sorted(head.weights)
    plain = {
        "form": head.form,
        "spaces": names,
        "labels": head.labels,
        "slope": head.slope,
        "middle": head.middle,
        "lift": head.lift,
        "places": head.places,
    }
    arrays: dict[str, NDArray[np.generic]] = {"plain": np.frombuffer(json.dumps(plain).encode(), np.uint8)}
    arrays |= {f"weights{at}": head.weights[space] for at, space in enumerate(names)}
    if head.trees is not None:
        arrays |= {f"trees_{name}": getattr(head.trees, name) for name in Trees.__dataclass_fields__}
    return to_bytes(arrays)


def head_from_bytes(data: bytes) -> Head:
    """As it was kept. Raises ValueError."""
    arrays = from_bytes(data)
    plain = json.loads(arrays["plain"].tobytes())
    trees = None
    if "trees_roots" in arrays:
        trees = Trees(**{name: arrays[f"trees_{name}"] for name in Trees.__dataclass_fields__})  # type: ignore[arg-type]
    weights = {space: arrays[f"weights{at}"].astype(np.float32) for at, space in enumerate(plain["spaces"])}
    return Head(
        plain["form"],
        weights,
        plain["labels"],
        plain["slope"],
        plain["middle"],
        trees,
        plain["lift"],
        plain["places"],
    )
