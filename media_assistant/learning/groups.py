"""Groups that form by themselves among vectors; what stands between them stays without one.

Ward's tree ("Hierarchical Grouping to Optimize an Objective Function", JASA 58, 1963) over some thousand items, cut where
the silhouette (Rousseeuw, J. Comput. Appl. Math. 20, 1987) is best, what is left loose counting nought; everything else
joins the centre it is clearly nearest to. When items come, groups go on: the new ones join or stay loose, and only what is
loose may form new groups. When the library has grown by half all is formed anew, and a group of the new that shares most
of its members with one of the old (the assignment of Kuhn, Naval Research Logistics 2, 1955) is that one still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import to_bytes

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAST = 5
"""Members of a group."""
_SAMPLED = 2500
_WIDTH = 24
_MOST_GROUPS = 60
_CLEAR, _JOINS, _STAYS = 0.45, 0.25, -0.05
"""Silhouettes: of a group in the mean (what is cut out of pure noise reaches 0.43), of an item that joins, and of a member that
may stay.
"""
_BETTER = 0.05
_GROWN = 1.5
_OLD = 0.3
"""What forms anew is a new group if less of it than this has one already."""
_SAME = 0.3
"""Overlap (Jaccard) from which on a group is held for one that was there before."""


def form(units: Floats) -> list[Ints]:
    """The rows of each group, from unit vectors `[n, d]`, those nearest to its centre first; the largest group first."""
    count = len(units)
    if count < 2 * LEAST:
        return []
    drawn = np.sort(np.random.default_rng(count).permutation(count)[:_SAMPLED])
    points = _spread_out(units, drawn)
    labels = _cut(points[drawn])
    groups = [drawn[labels == label] for label in range(labels.max() + 1)]
    return _settle(points, groups)


def carry_on(units: Floats, before: Mapping[int, Ints]) -> dict[int, Ints]:
    """Groups by their number, from those (rows by number) that were there before: they keep their numbers, and new ones get
    higher ones.
    """
    points = _spread_out(units, np.arange(len(units)))
    numbers = [number for number, rows in before.items() if len(rows)]
    groups = [before[number] for number in numbers]
    was = np.full(len(units), -1)
    for at, rows in enumerate(groups):
        was[rows] = at
    found: dict[int, Ints] = {}
    taken = np.zeros(len(units), bool)
    if groups:
        nearest, clear = _fit(points, groups)
        stays = (was >= 0) & (was == nearest) & (clear >= _STAYS)
        joins = clear >= _JOINS
        for at, number in enumerate(numbers):
            rows = np.flatnonzero((nearest == at) & (stays | joins))
            if len(rows) >= LEAST:
                found[number] = _by_nearness(points, rows)
                taken[rows] = True
    if (~taken).sum() >= LEAST:
        fresh = [rows[~taken[rows]] for rows in form(units) if taken[rows].mean() < _OLD]
        new = [rows for rows in fresh if len(rows) >= LEAST]
        found |= dict(enumerate(new, max(before, default=0) + 1))
    return found


def match(groups: Sequence[Ints], before: Mapping[int, Ints]) -> dict[int, Ints]:
    """New groups by number: those of the groups before that they share most with, and for the rest higher ones."""
    from scipy.optimize import linear_sum_assignment

    numbers = list(before)
    overlap = np.zeros((len(groups), len(numbers)))
    olds = [set(before[number].tolist()) for number in numbers]
    for row, group in enumerate(groups):
        members = set(group.tolist())
        for column, old in enumerate(olds):
            overlap[row, column] = len(members & old) / max(1, len(members | old))
    rows, columns = linear_sum_assignment(-overlap)
    known = {
        int(row): numbers[column] for row, column in zip(rows, columns, strict=True) if overlap[row, column] >= _SAME
    }
    free = max(numbers, default=0) + 1
    named: dict[int, Ints] = {}
    for row, group in enumerate(groups):
        if row in known:
            named[known[row]] = group
        else:
            named[free] = group
            free += 1
    # In the order in which they came, which a person may have got used to.
    return dict(sorted(named.items()))


def _spread_out(units: Floats, drawn: Ints) -> Floats:
    """Less what all have in common, along the directions in which they differ most, in rows of length 1."""
    middle = units[drawn].mean(axis=0)
    centred = units - middle
    _, directions = np.linalg.eigh(np.cov(centred[drawn], rowvar=False).reshape(units.shape[1], units.shape[1]))
    points = centred @ directions[:, ::-1][:, :_WIDTH].astype(np.float32)
    return np.asarray(points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-6), np.float32)


def _cut(points: Floats) -> Ints:
    """A number of a group for each point, -1 for a loose one."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.metrics import silhouette_samples

    tree = linkage(points, "ward")
    distances = np.maximum(0.0, 1 - points @ points.T)
    np.fill_diagonal(distances, 0)
    best, best_worth = np.full(len(points), -1), 0.0
    most = min(_MOST_GROUPS, len(points) // LEAST)
    for wanted in sorted({int(each) for each in np.geomspace(2, max(2, most), 18)}):
        labels = fcluster(tree, wanted, "maxclust").astype(np.int64)
        sizes = np.bincount(labels)
        is_large = sizes[labels] >= LEAST
        if labels.max() < 2 or not is_large.any():
            continue
        worth = float(np.where(is_large, silhouette_samples(distances, labels, metric="precomputed"), 0).mean())
        if worth > best_worth:
            number = np.cumsum(sizes >= LEAST) - 1
            best, best_worth = np.where(is_large, number[labels], -1), worth
    return np.asarray(best, np.int64)


def _settle(points: Floats, groups: Sequence[Ints]) -> list[Ints]:
    """Everything joins what it is clearly nearest to; a group that is not clear in the mean is none."""
    kept = [rows for rows in groups if len(rows) >= LEAST]
    while kept:
        found, clear = _gather(points, kept)
        worst = int(np.argmin(clear))
        if clear[worst] >= _CLEAR:
            return [_by_nearness(points, rows) for rows in sorted(found, key=lambda rows: (-len(rows), int(rows[0])))]
        parted, how_clear = kept.pop(worst), clear.pop(worst)
        if not kept:
            break
        # A group that was cut in two is clear once it is whole again.
        middle = points[parted].sum(axis=0)
        beside = max(range(len(kept)), key=lambda at: float(_unit(points[kept[at]].sum(axis=0)) @ middle))
        whole = [*kept[:beside], np.union1d(kept[beside], parted), *kept[beside + 1 :]]
        if _gather(points, whole)[1][beside] > max(how_clear, clear[beside]) + _BETTER:
            kept = whole
    return []


def _gather(points: Floats, groups: Sequence[Ints]) -> tuple[list[Ints], list[float]]:
    """What is clearly nearest to each group, and how clear it is in the mean (-1: too few)."""
    nearest, clear = _fit(points, groups)
    found = [np.flatnonzero((nearest == at) & (clear >= _JOINS)) for at in range(len(groups))]
    return found, [float(clear[rows].mean()) if len(rows) >= LEAST else -1.0 for rows in found]


def _unit(row: Floats) -> Floats:
    return np.asarray(row / max(float(np.linalg.norm(row)), 1e-6), np.float32)


def _fit(points: Floats, groups: Sequence[Ints]) -> tuple[Ints, Floats]:
    """(which group each point is nearest to, how clearly): the silhouette by centres, an item's own part taken out of its
    own centre. To be near to nothing is to be as near to the middle of all as to any group.
    """
    sums = np.stack([points[rows].sum(axis=0) for rows in groups])
    near = points @ (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)).T
    for at, rows in enumerate(groups):
        rest = sums[at] - points[rows]
        near[rows, at] = (points[rows] * rest).sum(axis=1) / np.maximum(np.linalg.norm(rest, axis=1), 1e-6)
    nearest = near.argmax(axis=1)
    own = near[np.arange(len(points)), nearest]
    if len(groups) > 1:
        other = np.maximum(0.0, np.partition(near, -2, axis=1)[:, -2])
    else:
        other = np.zeros(len(points), np.float32)
    a, b = 1 - own, 1 - other
    return nearest.astype(np.int64), np.asarray((b - a) / np.maximum(np.maximum(a, b), 1e-6), np.float32)


def _by_nearness(points: Floats, rows: Ints) -> Ints:
    centre = points[rows].sum(axis=0)
    return np.asarray(rows[np.argsort(-(points[rows] @ centre), kind="stable")], np.int64)


# As bytes, to a worker and back


def ask(ids: Ints, units: Floats, before: Mapping[int, Sequence[int]], formed_of: int) -> bytes:
    """What `answer` reads: all items, the groups before (items by number), and of how many items they were formed."""
    return to_bytes(
        {
            "grouped": np.array([formed_of], np.int64),
            "ids": ids,
            "units": units.astype(np.float16),
            "numbers": np.array([number for number, items in before.items() for _ in items], np.int64),
            "items": np.array([item for items in before.values() for item in items], np.int64),
        }
    )


def answer(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """The groups as they are now: `numbers` and `items` side by side, and of how many items they were `formed`."""
    ids, units = arrays["ids"].astype(np.int64), arrays["units"].astype(np.float32)
    formed_of = int(arrays["grouped"][0])
    numbers, items = arrays["numbers"].astype(np.int64), arrays["items"].astype(np.int64)
    here = np.isin(items, ids)
    places = np.searchsorted(ids, items[here])
    before = {int(number): places[numbers[here] == number] for number in np.unique(numbers)}
    if before and len(ids) < _GROWN * formed_of:
        found = carry_on(units, before)
    else:
        found, formed_of = match(form(units), before), len(ids)
    members = [ids[rows] for rows in found.values()]
    return to_bytes(
        {
            "formed": np.array([formed_of], np.int64),
            "numbers": np.repeat(np.array(list(found), np.int64), [len(rows) for rows in members]),
            "items": np.concatenate([*members, np.empty(0, np.int64)]).astype(np.int64),
        }
    )
