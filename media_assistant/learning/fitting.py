"""Fitting a head to a person's examples, and what is honestly to be expected of it.

With few examples only a likeness can be told; from `FROM` some wanted ones on the forms are tried against each other by
leaving examples out in turn, and a form with more freedom is taken only where it is better by more than the difference
may be chance.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.ground import Ground
from media_assistant.learning.heads import Head, Trees, first_guess, head_from, score, weights_of
from media_assistant.learning.things import Floats, Things

_AGAINST = 0.5
"""What an unwanted example takes away of what a wanted one gives."""
FROM = {"likeness": 1, "linear": 4, "forest": 12}
"""Wanted examples from which a form is tried: the more freedom it has, the more."""
_PARTS = 5
_SURER = 0.02
_UNLABELLED = 0.3
"""What all that is unlabelled weighs together beside one wanted example: some of it is wanted."""
_AXES, _TREES, _DIRECTIONS = 24, 64, 160
_MANY_VECTORS = 3
"""Of a thing with more vectors than this not all are taken for what is meant."""
_SHARPLY = 4.0
_SAME = 0.9995
"""A likeness from which two examples are one for the networks."""
_COMPARED = 500
"""Vectors at once, for of very many examples the products of all would be gigabytes."""
_GIVE = 0.25
"""How far off the guessed middle of a calibration may be, in reaches."""
_LEAST_REACH = 0.01


@dataclass(frozen=True, slots=True)
class Trial:
    """How a form did on `count` wanted examples that its heads had not seen, each among the library: `precision` is their
    average precision (0..1), NaN if none could be left out, `error` its standard error. `took_s`: fitting and leaving out.
    """

    form: str
    precision: float
    error: float
    count: int
    took_s: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head, and how it did on examples that it had not seen: the `scores` `[n]` of those, NaN where none could be
    left out; `quality` is the share of pairs (wanted, unlabelled) in the right order then, NaN if unknown. `trials` of
    all forms that were tried.
    """

    head: Head
    scores: Floats
    quality: float
    trials: tuple[Trial, ...] = ()


def forms_for(likes: int) -> tuple[str, ...]:
    """Which forms are worth trying with so many wanted examples."""
    return tuple(form for form, fewest in FROM.items() if likes >= fewest) or ("likeness",)


def fit(
    examples: Things, is_wanted: NDArray[np.bool_], ground: Ground, forms: Sequence[str] = (), *, seed: int = 0
) -> Fitted:
    """The best head for these examples, at least one of them wanted; of these `forms` only, if some are given.
    Deterministic.
    """
    features = _features(examples, is_wanted, ground)
    forms = forms or forms_for(int(is_wanted.sum()))
    basis = _basis(features, ground) if tuple(forms) != ("likeness",) else np.empty((0, 0), np.float32)
    tried: list[tuple[Trial, Floats, Head, Floats]] = []
    for form in forms:
        began = time.perf_counter()
        head = _fit_form(form, features, is_wanted, ground, seed, basis)
        left_out = _left_out(form, features, is_wanted, examples.marks, ground, seed, basis)
        precisions = _precisions(left_out, is_wanted, head, examples.marks, ground)
        mean, error = _mean(precisions)
        took_s = time.perf_counter() - began
        tried.append((Trial(form, mean, error, len(precisions), took_s), precisions, head, left_out))
    chosen = tried[0]
    for other in tried[1:]:
        if _is_better(other[1], chosen[1]):
            chosen = other
    _, _, head, left_out = chosen
    quality = _quality(left_out, is_wanted, head, examples.marks, ground)
    reach = math.sqrt(max(float((features[is_wanted] @ weights_of(head, ground)).mean()), _LEAST_REACH))
    slope, middle = calibrate(head, ground, left_out, is_wanted, reach)
    return Fitted(replace(head, slope=slope, middle=middle), left_out, quality, tuple(each[0] for each in tried))


def _is_better(other: Floats, chosen: Floats) -> bool:
    """Whether the same examples are found so much better by another form that chance is hardly the reason."""
    difference, error = _mean(other - chosen)
    return difference > max(_SURER, error)


def _mean(values: Floats) -> tuple[float, float]:
    """(mean, its standard error); NaN of nothing."""
    if not len(values):
        return math.nan, math.nan
    return float(values.mean()), float(values.std() / math.sqrt(len(values)))


def _features(examples: Things, is_wanted: NDArray[np.bool_], ground: Ground) -> Floats:
    """Of an example with many moments those count that are like the other wanted ones (as in multiple-instance learning:
    Dietterich, Lathrop and Lozano-Pérez, 1997): what was meant of a long film is not all of it.
    """
    features = ground.of(examples)
    many = [
        at
        for at in range(len(examples))
        if any(int((rows == at).sum()) > _MANY_VECTORS for rows in examples.rows.values())
    ]
    if not many or is_wanted.sum() < 2:
        return features
    start = features.copy()
    parts = ground.parts()
    for at in many:
        others = is_wanted.copy()
        others[at] = False
        if not others.any():
            continue
        meant = start[others].mean(axis=0)
        for space, part in parts.items():
            own = np.flatnonzero(examples.rows.get(space, np.empty(0, np.int64)) == at)
            if len(own) > _MANY_VECTORS:
                one = Things(
                    np.arange(len(own)),
                    {space: np.arange(len(own))},
                    {space: examples.units[space][own]},
                    [{}] * len(own),
                )
                rows = ground.of(one)[:, part]
                alike = rows @ meant[part]
                share = np.exp(_SHARPLY * (alike - alike.max()))
                features[at, part] = (share[:, None] * rows).sum(axis=0) / share.sum()
    return features


def _fit_form(
    form: str, features: Floats, is_wanted: NDArray[np.bool_], ground: Ground, seed: int, basis: Floats
) -> Head:
    likeness = features[is_wanted].mean(axis=0)
    if not is_wanted.all():
        likeness = likeness - _AGAINST * features[~is_wanted].mean(axis=0)
    if form == "likeness":
        return head_from(form, likeness, ground)
    wanted, others = features[is_wanted], features[~is_wanted]
    rows = np.concatenate([wanted, others, ground.features])
    answers = np.concatenate([np.ones(len(wanted)), np.zeros(len(others) + len(ground.features))])
    unlabelled = _UNLABELLED * len(wanted) / max(1, len(ground.features))
    shares = np.concatenate([np.ones(len(wanted) + len(others)), np.full(len(ground.features), unlabelled)])
    if form == "linear":
        from sklearn.linear_model import LogisticRegression

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            line = LogisticRegression(C=0.1, class_weight="balanced", max_iter=200).fit(rows @ basis, answers, shares)
        weights = (basis @ line.coef_[0]).astype(np.float32)
        # On the scale of the likeness, so that what stands near to everything is taken off alike.
        plain, own = ground.features @ likeness, ground.features @ weights
        return head_from(form, weights * (float(plain.std()) / max(float(own.std()), 1e-6)), ground)
    from sklearn.ensemble import ExtraTreesClassifier

    first = likeness / max(float(np.linalg.norm(likeness)), 1e-6)
    axes = np.concatenate([first[:, None], basis[:, :_AXES]], axis=1).astype(np.float32)
    forest = ExtraTreesClassifier(
        _TREES, max_depth=6, min_samples_leaf=2, class_weight="balanced", random_state=seed, n_jobs=1
    ).fit(rows @ axes, answers, shares)
    plain = ground.features @ likeness
    return head_from(form, likeness, ground, trees=_as_arrays(forest, axes), lift=max(float(plain.std()), 1e-3))


def _basis(features: Floats, ground: Ground) -> Floats:
    """The directions `[D, k]` in which the library and the examples differ most: a fit in them takes a tenth of the time."""
    rows = np.concatenate([features, ground.features])
    _, _, across = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return np.ascontiguousarray(across[:_DIRECTIONS].T, np.float32)


def _as_arrays(forest: object, axes: Floats) -> Trees:
    roots, feature, edge, left, right, value = [], [], [], [], [], []
    start = 0
    for tree in (each.tree_ for each in forest.estimators_):  # type: ignore[attr-defined]
        roots.append(start)
        feature.append(np.where(tree.children_left < 0, -1, tree.feature))
        edge.append(tree.threshold)
        left.append(tree.children_left + start)
        right.append(tree.children_right + start)
        votes = tree.value[:, 0, :]
        value.append(votes[:, -1] / np.maximum(votes.sum(axis=1), 1e-9))
        start += tree.node_count
    return Trees(
        axes,
        np.array(roots),
        np.concatenate(feature).astype(np.int64),
        np.concatenate(edge).astype(np.float32),
        np.concatenate(left).astype(np.int64),
        np.concatenate(right).astype(np.int64),
        np.concatenate(value).astype(np.float32),
    )


# What was left out


def _left_out(
    form: str,
    features: Floats,
    is_wanted: NDArray[np.bool_],
    marks: NDArray[np.int64],
    ground: Ground,
    seed: int,
    basis: Floats,
) -> Floats:
    """The score `[n]` of each example by a head that had not seen it."""
    found = np.full(len(features), np.nan, np.float32)
    for part in _parts(is_wanted, seed):
        kept = np.ones(len(features), bool)
        kept[part] = False
        if is_wanted[kept].any():
            head = _fit_form(form, features[kept], is_wanted[kept], ground, seed, basis)
            found[part] = score(head, ground, features[part], marks[part])
    return found


def _parts(is_wanted: NDArray[np.bool_], seed: int) -> list[NDArray[np.int64]]:
    """Each example alone while they are few; else a fifth of both kinds at a time."""
    count = len(is_wanted)
    if count <= 2 * _PARTS:
        return [np.array([at]) for at in range(count)]
    draw = np.random.default_rng(seed)
    of = np.empty(count, np.int64)
    for side in (True, False):
        places = np.flatnonzero(is_wanted == side)
        of[draw.permutation(places)] = np.arange(len(places)) % _PARTS
    return [np.flatnonzero(of == part) for part in range(_PARTS)]


def _quality(
    left_out: Floats, is_wanted: NDArray[np.bool_], head: Head, marks: NDArray[np.int64], ground: Ground
) -> float:
    """The share of pairs that are in the right order: wanted against unwanted and the library."""
    ours = left_out[is_wanted & np.isfinite(left_out)]
    others = np.concatenate([_usual(head, marks, ground), np.repeat(left_out[~is_wanted & np.isfinite(left_out)], 4)])
    return float((ours[:, None] > others[None, :]).mean()) if len(ours) and len(others) else math.nan


def _precisions(
    left_out: Floats, is_wanted: NDArray[np.bool_], head: Head, marks: NDArray[np.int64], ground: Ground
) -> Floats:
    """For each wanted example that was left out: of all that stands as high as it, the share that is wanted. Their mean is
    the average precision. What of the library is wanted too, but nobody has said so, counts as wrong.
    """
    ours = left_out[is_wanted & np.isfinite(left_out)]
    others = np.concatenate([_usual(head, marks, ground), left_out[~is_wanted & np.isfinite(left_out)]])
    if not len(ours) or not len(others):
        return np.zeros(0, np.float32)
    right = (ours[None, :] >= ours[:, None]).sum(axis=1)
    wrong = (others[None, :] >= ours[:, None]).sum(axis=1)
    return np.asarray(right / (right + wrong), np.float32)


def _usual(head: Head, marks: NDArray[np.int64], ground: Ground) -> Floats:
    """The scores of what of the library is no example."""
    return score(head, ground, ground.features, ground.marks)[~np.isin(ground.marks, marks)]


def calibrate(
    head: Head, ground: Ground, left_out: Floats, is_wanted: NDArray[np.bool_], reach: float
) -> tuple[float, float]:
    """(slope, middle): from a first guess to what the examples show that were left out (Platt 1999, as the most probable
    values with the guess as the prior). `reach`: how far the wanted examples themselves stand out.
    """
    usual = score(head, ground, ground.features, ground.marks)
    slope, middle = first_guess(ground, usual, reach)
    seen = np.isfinite(left_out)
    scores, answers = left_out[seen].astype(np.float64), is_wanted[seen].astype(np.float64)
    return fit_line(scores, answers, slope, middle, _GIVE * reach)


def fit_line(
    scores: NDArray[np.float64], answers: NDArray[np.float64], slope: float, middle: float, give: float
) -> tuple[float, float]:
    """The most probable (slope, middle) where a first guess of both is known; `give` is how far off (one standard
    deviation) the guess of the middle may be. Two numbers: all that are likely at all are tried.
    """
    if not len(scores):
        return slope, middle
    slopes = slope * np.exp(np.linspace(-1.2, 1.2, 25))
    middles = middle + give * np.linspace(-3, 3, 49)
    log_prior = -0.5 * (np.log(slopes / slope) / 0.5)[:, None] ** 2 - 0.5 * ((middles - middle) / give)[None, :] ** 2
    found = log_prior.copy()
    for value, is_right in zip(scores.tolist(), answers.tolist(), strict=True):
        logits = np.clip(slopes[:, None] * (value - middles[None, :]), -30, 30)
        found -= np.logaddexp(0, -logits if is_right else logits)
    at = np.unravel_index(int(found.argmax()), found.shape)
    return float(slopes[at[0]]), float(middles[at[1]])


def is_contradictory(examples: Things, is_wanted: Sequence[bool] | NDArray[np.bool_]) -> bool:
    """Whether a wanted and an unwanted example are one and the same for a network."""
    side = np.asarray(is_wanted, bool)
    for space, rows in examples.rows.items():
        ours = side[rows]
        if ours.any() and not ours.all():
            wanted, others = examples.units[space][ours], examples.units[space][~ours].T
            for start in range(0, len(wanted), _COMPARED):
                if float((wanted[start : start + _COMPARED] @ others).max()) > _SAME:
                    return True
    return False
