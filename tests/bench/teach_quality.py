"""How well a tag is taught by one to three examples: leave-one-out over labelled files, beside the plain nearest mean.

For each class with more than `m` files every choice of `m` of them (1 to 3) is the examples, or `_CHOICES` drawn ones where
there are more; all other files of the same kind are ranked, and the average precision is that of the class's other files. The plain way ranks by the cosine with the
mean of the examples' vectors in the best single space of that kind. Confidence intervals are of the mean over classes,
by drawing classes with replacement (a class's choices are not independent).

Every second class, by name, is one half: constants were chosen on the first and are looked at on the second.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from media_assistant.learning.fitting import fit
from media_assistant.learning.ground import Ground
from media_assistant.learning.heads import judge
from media_assistant.learning.things import Things

_DRAWS = 2000
_CHOICES = 1000
MOST = 3


def measure(things: Things, classes: Mapping[int, str], ground_things: Things) -> dict[str, Any]:
    """Quality on the things (marks are items) whose classes are given; one kind of files at a time."""
    found: dict[tuple[int, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    chances: list[tuple[float, bool, int]] = []
    members: dict[str, list[int]] = defaultdict(list)
    place = {int(mark): at for at, mark in enumerate(things.marks)}
    for item_id, name in classes.items():
        if item_id in place:
            members[name].append(place[item_id])
    everything = np.arange(len(things))
    means = {space: _means(things, space) for space in things.units}
    ground = Ground(ground_things, len(ground_things), {word for each in things.labels for word in each})
    for name, own in sorted(members.items()):
        for count in range(1, MOST + 1):
            for chosen in choices(own, count):
                others = np.setdiff1d(everything, chosen)
                is_right = np.isin(others, own)
                fitted = fit(things.take(np.array(chosen)), np.ones(count, bool), ground)
                judged = judge(fitted.head, ground, things.take(others))
                found[count, name]["ours"].append(average_precision(judged.scores, is_right))
                chances += [
                    (float(c), bool(r), names_half(name, members))
                    for c, r in zip(judged.chances, is_right, strict=True)
                ]
                for space, values in means.items():
                    scores = values[others] @ values[list(chosen)].mean(axis=0)
                    found[count, name][space].append(average_precision(scores, is_right))
    plain = max(things.units, key=lambda space: _mean(found, space, None))
    names = sorted(members)
    return {
        "plain_space": plain if found else None,
        "classes": len({name for _, name in found}),
        "choices": sum(len(each["ours"]) for each in found.values()),
        "all": _line(found, plain, None, names),
        **{f"examples_{count}": _line(found, plain, count, names) for count in range(1, MOST + 1)},
        "calibration": reliability(chances),
        "calibration_held_back": reliability([each for each in chances if each[2]]),
    }


def choices(own: Sequence[int], count: int) -> Iterable[tuple[int, ...]]:
    """Of which others are left over. A hundred files have 160,000 of three: then the same ones every time."""
    if count >= len(own):
        return ()
    if math.comb(len(own), count) <= _CHOICES:
        return itertools.combinations(own, count)
    draw = random.Random(count)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < _CHOICES:
        found[tuple(sorted(draw.sample(own, count)))] = None
    return found


def names_half(name: str, members: Mapping[str, Sequence[int]]) -> int:
    """0 for the classes on which constants were chosen, 1 for those held back."""
    return sorted(members).index(name) % 2


def average_precision(scores: np.ndarray, is_right: np.ndarray) -> float:
    """Of a ranking by falling scores."""
    hits = np.flatnonzero(is_right[np.argsort(-scores, kind="stable")])
    return float(np.mean(np.arange(1, len(hits) + 1) / (hits + 1))) if len(hits) else 0.0


def reliability(chances: Sequence[tuple[float, bool, int]]) -> dict[str, Any]:
    """What was promised and what was kept, among what would be proposed and in steps of chance."""
    said = np.array([each[0] for each in chances])
    right = np.array([each[1] for each in chances], float)
    shown = said >= 0.5
    steps = []
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        inside = (said >= low) & (said < high)
        if inside.any():
            steps.append(
                [round(float(said[inside].mean()), 2), round(float(right[inside].mean()), 2), int(inside.sum())]
            )
    return {
        "promised": round(float(said[shown].mean()), 3) if shown.any() else None,
        "kept": round(float(right[shown].mean()), 3) if shown.any() else None,
        "found_share": round(float(right[shown].sum() / right.sum()), 3) if right.any() else None,
        "steps": steps,
    }


def _means(things: Things, space: str) -> np.ndarray:
    sums = np.zeros((len(things), things.units[space].shape[1]), np.float32)
    np.add.at(sums, things.rows[space], things.units[space])
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def _mean(found: Mapping[tuple[int, str], Mapping[str, list[float]]], way: str, count: int | None) -> float:
    means = [np.mean(each[way]) for key, each in found.items() if count in (None, key[0])]
    return float(np.mean(means)) if means else 0.0


def _line(found: Mapping[tuple[int, str], Any], plain: str, count: int | None, names: Sequence[str]) -> dict[str, Any]:
    keys = [key for key in found if count in (None, key[0])]
    if not keys:
        # No class has as many files: NaN would be no JSON.
        return dict.fromkeys(("map", "plain", "gain", "interval", "gain_of_halves"))
    ours = {key: float(np.mean(found[key]["ours"])) for key in keys}
    bare = {key: float(np.mean(found[key][plain])) for key in keys}
    by_class = defaultdict(list)
    for key in keys:
        by_class[key[1]].append((ours[key], bare[key]))
    draw = np.random.default_rng(0)
    classes = sorted(by_class)
    gains = []
    for _ in range(_DRAWS):
        rows = [row for at in draw.integers(len(classes), size=len(classes)) for row in by_class[classes[at]]]
        gains.append(float(np.mean([row[0] - row[1] for row in rows])))
    low, high = np.percentile(gains, (2.5, 97.5))
    halves = [[key for key in keys if names.index(key[1]) % 2 == half] for half in (0, 1)]
    return {
        "map": round(float(np.mean(list(ours.values()))), 4),
        "plain": round(float(np.mean(list(bare.values()))), 4),
        "gain": round(float(np.mean(list(ours.values())) - np.mean(list(bare.values()))), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "gain_of_halves": [
            round(float(np.mean([ours[key] - bare[key] for key in half])), 4) if half else None for half in halves
        ],
    }
