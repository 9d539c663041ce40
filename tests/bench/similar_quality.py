"""How many of the nearest are of the same class: R-precision of `similar` over labelled files, beside the bare embedding.

For an item of a class of `n` files k is min(5, n - 1), and its score the share of the first k suggestions that are of its
class; only files of the same kind with a label are looked at, for of the others nobody knows the class. What is not
suggested at all is missed. The bare embedding is the plain cosine in one space, without a threshold; the best of the
spaces and of two ways to compare items of several vectors (their nearest pair, their means) is the one to beat.

Every second class, by name, is one half, the others are the other, so that what was found on one can be looked at on the other.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from media_assistant.library.library import Library
from media_assistant.workflows.likeness.suggesting import similar

_MOST = 5
_ENOUGH = 400
"""Suggestions asked for, so that k of the same kind are among them."""
TARGETS = {"photo": 0.80, "sound": 0.65, "text": 0.9}


@dataclass(slots=True)
class Quality:
    """R-precision of one kind of labelled files."""

    kind: str
    ours: float
    halves: tuple[float, float]
    """Of the classes in either half."""
    bare: float
    bare_space: str
    bare_halves: tuple[float, float]
    items: int
    classes: int
    by_class: dict[str, float] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For one line of JSON."""
        return {
            "ours": round(self.ours, 4),
            "halves": [round(half, 4) for half in self.halves],
            "bare": round(self.bare, 4),
            "bare_space": self.bare_space,
            "bare_halves": [round(half, 4) for half in self.bare_halves],
            "items": self.items,
            "classes": self.classes,
            "target": TARGETS.get(self.kind),
            "is_met": self.ours >= max(self.bare, TARGETS.get(self.kind, 0.0)),
            "by_class": {name: round(score, 3) for name, score in sorted(self.by_class.items())},
        }


def measure(library: Library, labels: Sequence[Mapping[str, Any]], ids: Mapping[str, int]) -> list[Quality]:
    """The quality of each kind of `labels` (lines of an index.jsonl with `file`, `kind` and `label`) that has classes of
    two files and more; `ids` are the items by the same `file`.
    """
    found = []
    for kind in dict.fromkeys(str(row["kind"]) for row in labels):
        classes = {
            ids[row["file"]]: str(row["label"])
            for row in labels
            if row["kind"] == kind and row.get("label") and row["file"] in ids
        }
        sizes = Counter(classes.values())
        asked = [item_id for item_id in classes if sizes[classes[item_id]] > 1]
        if len({classes[item_id] for item_id in asked}) > 1:
            found.append(_measure_kind(library, kind, classes, asked))
    return found


def _measure_kind(library: Library, kind: str, classes: Mapping[int, str], asked: Sequence[int]) -> Quality:
    ours = {
        item_id: [one.item.id for one in similar(library, item_id, _ENOUGH) if one.item.id in classes]
        for item_id in asked
    }
    scores = _scores(ours, classes)
    by_space = {
        name: _scores(rankings, classes) for name, rankings in _bare_rankings(library, list(classes), asked).items()
    }
    best = max(by_space, key=lambda name: _mean(by_space[name].values()), default="")
    bare = by_space.get(best, {})
    names = sorted({classes[item_id] for item_id in asked})
    halves = [[item_id for item_id in asked if names.index(classes[item_id]) % 2 == half] for half in (0, 1)]
    return Quality(
        kind,
        _mean(scores.values()),
        (_mean(scores[i] for i in halves[0]), _mean(scores[i] for i in halves[1])),
        _mean(bare.values()),
        best,
        (_mean(bare[i] for i in halves[0]), _mean(bare[i] for i in halves[1])) if bare else (0.0, 0.0),
        len(asked),
        len({classes[item_id] for item_id in asked}),
        {
            name: _mean(scores[item_id] for item_id in asked if classes[item_id] == name)
            for name in {classes[item_id] for item_id in asked}
        },
    )


def _scores(rankings: Mapping[int, Sequence[int]], classes: Mapping[int, str]) -> dict[int, float]:
    sizes = Counter(classes.values())
    found = {}
    for item_id, ranking in rankings.items():
        k = min(_MOST, sizes[classes[item_id]] - 1)
        nearest = [other for other in ranking if other != item_id][:k]
        found[item_id] = sum(classes[other] == classes[item_id] for other in nearest) / k
    return found


def _bare_rankings(library: Library, among: Sequence[int], asked: Sequence[int]) -> dict[str, dict[int, list[int]]]:
    found: dict[str, dict[int, list[int]]] = {}
    for space in library.finding.vectors.spaces():
        vectors = library.finding.vectors.of_items(space, among)
        if len(vectors) < 2:
            continue
        rows = np.concatenate([np.stack([values for _, values in vectors[item_id]]) for item_id in vectors])
        owners = np.concatenate([np.full(len(vectors[item_id]), item_id) for item_id in vectors])
        means = np.stack([np.mean([values for _, values in vectors[item_id]], axis=0) for item_id in vectors])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        others = np.array(list(vectors))
        for way in ("nearest", "mean"):
            rankings: dict[int, list[int]] = {}
            for item_id in asked:
                if item_id not in vectors:
                    rankings[item_id] = []
                    continue
                if way == "mean":
                    cosines = means @ means[np.flatnonzero(others == item_id)[0]]
                else:
                    own = np.stack([values for _, values in vectors[item_id]])
                    best = (rows @ own.T).max(axis=1)
                    cosines = np.array([best[owners == other].max() for other in others])
                order = np.argsort(-cosines, kind="stable")
                rankings[item_id] = [int(others[place]) for place in order]
            found[f"{space} ({way})"] = rankings
    return found


def _mean(values: Any) -> float:
    return statistics.fmean(found) if (found := list(values)) else 0.0
