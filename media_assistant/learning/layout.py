"""A library on a plane: what is alike lies together, and stays where it lay when other things come.

First principal components, which are there at once and show the coarse order; then t-SNE (van der Maaten, Hinton,
"Visualizing Data using t-SNE", JMLR 2008) from there, as openTSNE does it (Poličar, Stražar, Zupan, JSS 2024; gradients
after Linderman et al., Nature Methods 2019), begun at the principal components so that the coarse order is kept (Kobak,
Berens, "The art of using t-SNE for single-cell transcriptomics", Nature Communications 2019). Of more than `LANDMARKS`
things as many, drawn evenly, are laid out, and each of the others beside those that it is most like.

Coordinates `[n, 2]` are as t-SNE leaves them: neighbours are about 1 apart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import Floats, Ints

LANDMARKS = 20_000
WIDTH = 40
"""Principal components that neighbours are looked for in."""
FEWEST = 8
"""Things below which there is nothing to lay out but principal components."""
_PERPLEXITY = 30.0
_EARLY, _LATE, _WARM = 200, 350, 200
"""Rounds with what is alike drawn together twelve times as strongly, rounds without, and rounds from a layout that stands."""
_TOLD_EVERY = 10
_BESIDE = 8
"""Neighbours that say where a thing is placed."""
_AT_A_TIME = 1024
_PLANE_SPREAD = 20.0
_LOOKED_FOR = 0.3
"""The share of the work that is looking for neighbours, as far as can be said beforehand."""
_ASKED = 200
_NEAR_SHARE, _NEAR_FEWEST = 0.02, 20

Tell = Callable[[float, "Floats | None"], None]
"""How much is done (0..1), and the layout as it is now where it has changed."""


def reduced(units: Floats) -> Floats:
    """The principal components `[n, WIDTH at most]` of rows `[n, d]` (Pearson 1901), the strongest first."""
    if not len(units):
        return np.zeros((0, 2), np.float32)
    mean = units.mean(axis=0)
    spread = units.T @ units / len(units) - np.outer(mean, mean)
    _, vectors = np.linalg.eigh(spread)
    along = vectors[:, ::-1][:, :WIDTH]
    # Which way an eigenvector points is chance: the largest part points up, always.
    along = along * np.sign(along[np.abs(along).argmax(axis=0), np.arange(along.shape[1])])
    found = (units - mean) @ along.astype(np.float32)
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    return np.ascontiguousarray(found, np.float32)


def plane(points: Floats) -> Floats:
    """The first two of them, as wide as t-SNE would make it."""
    flat = points[:, :2]
    spread = max(float(flat[:, 0].std()), 1e-9) if len(flat) else 1.0
    return np.asarray(flat * np.float32(_PLANE_SPREAD / spread), np.float32)


def refined(
    points: Floats, start: Floats, tell: Tell, should_stop: Callable[[], bool], *, is_warm: bool = False, jobs: int = 1
) -> Floats | None:
    """Points `[n, w]` by t-SNE from `start` `[n, 2]`; None if it was stopped. `is_warm`: `start` is such a layout already,
    and is only put right.
    """
    if len(points) < FEWEST:
        return start
    marks = np.sort(np.random.default_rng(len(points)).permutation(len(points))[:LANDMARKS])
    others = np.setdiff1d(np.arange(len(points)), marks, assume_unique=True)
    share = len(marks) / (len(marks) + 0.5 * len(others))
    known = points[marks]

    def settle(done: float, found: Floats | None) -> None:
        tell(done * share, None if found is None or len(others) else found)

    laid = _embed(known, start[marks], settle, should_stop, is_warm=is_warm, jobs=jobs)
    if laid is None:
        return None
    found = np.empty((len(points), 2), np.float32)
    found[marks] = laid
    if len(others):
        beside = placed(
            points[others], known, laid, others, lambda done: tell(share + (1 - share) * done, None), should_stop
        )
        if beside is None:
            return None
        found[others] = beside
    return found


def _embed(
    points: Floats, start: Floats, tell: Tell, should_stop: Callable[[], bool], *, is_warm: bool, jobs: int
) -> Floats | None:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    perplexity = min(_PERPLEXITY, (len(points) - 1) / 4)
    count = min(len(points) - 1, int(3 * perplexity))
    near = neighbours(points, points, count + 1, lambda done: tell(_LOOKED_FOR * done, None), should_stop)
    if near is None:
        return None
    which, distances = _without_themselves(*near)
    affinities = PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(which, distances), n_jobs=jobs, random_state=1
    )
    start = start.astype(np.float64)
    start -= start.mean(axis=0)
    if not is_warm:
        # From the same small spread whatever the data (Kobak, Berens 2019).
        start *= 1e-4 / max(float(start[:, 0].std()), 1e-12)
    rounds = _WARM if is_warm else _EARLY + _LATE
    begun, stopped = 0, False

    def heard(turn: int, _error: float, now: NDArray[np.float64]) -> bool:
        nonlocal stopped
        stopped = stopped or should_stop()
        done = _LOOKED_FOR + (1 - _LOOKED_FOR) * (begun + turn) / rounds
        tell(min(done, 1.0), np.array(now, np.float32) if is_warm or begun else None)
        return stopped

    embedding = TSNEEmbedding(
        start,
        affinities,
        negative_gradient_method="bh" if len(points) < 3000 else "fft",
        n_jobs=jobs,
        random_state=1,
        callbacks=[heard],
        callbacks_every_iters=_TOLD_EVERY,
    )
    if not is_warm:
        embedding.optimize(_EARLY, exaggeration=12, momentum=0.5, inplace=True, propagate_exception=False)
        begun = _EARLY
    if not stopped:
        embedding.optimize(rounds - begun, momentum=0.8, inplace=True, propagate_exception=False)
    return None if stopped else np.array(embedding, np.float32)


def neighbours(
    points: Floats, among: Floats, count: int, tell: Callable[[float], None], should_stop: Callable[[], bool]
) -> tuple[Ints, Floats] | None:
    """The `count` nearest `among` `[m, w]` of each of `points` `[n, w]`, the nearest first, and their distances, exactly;
    None if it was stopped.
    """
    count = min(count, len(among))
    which = np.empty((len(points), count), np.int64)
    distances = np.empty((len(points), count), np.float32)
    squares = np.einsum("ij,ij->i", among, among)
    for begin in range(0, len(points), _AT_A_TIME):
        if should_stop():
            return None
        part = points[begin : begin + _AT_A_TIME]
        # Less what is the same for all that one is compared with.
        far = squares[None, :] - 2 * (part @ among.T)
        best = (
            np.argpartition(far, count - 1, axis=1)[:, :count]
            if count < len(among)
            else np.tile(np.arange(count), (len(part), 1))
        )
        found = np.take_along_axis(far, best, axis=1)
        order = np.argsort(found, axis=1, kind="stable")
        own = np.einsum("ij,ij->i", part, part)[:, None]
        which[begin : begin + len(part)] = np.take_along_axis(best, order, axis=1)
        distances[begin : begin + len(part)] = np.sqrt(np.maximum(np.take_along_axis(found, order, axis=1) + own, 0))
        tell(min(1.0, (begin + len(part)) / len(points)))
    return which, distances


def _without_themselves(which: Ints, distances: Floats) -> tuple[Ints, Floats]:
    """Each row without its own number, or without its last where it is not there (several are in one place)."""
    own = which == np.arange(len(which))[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(which), which.shape[1] - 1)
    # Nought would be told from nothing by no one.
    return which[~own].reshape(shape), np.maximum(distances[~own].reshape(shape), np.float32(1e-6))


def placed(
    points: Floats,
    known: Floats,
    laid: Floats,
    marks: Ints,
    tell: Callable[[float], None] = lambda _done: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Floats | None:
    """Where points `[n, w]` lie that came to `known` `[m, w]`, which stay at `laid` `[m, 2]`; None if it was stopped.

    In the middle of the nearest ones that lie together, a little aside, always the same for one of `marks`.
    """
    near = neighbours(points, known, _BESIDE, tell, should_stop)
    if near is None:
        return None
    spots = laid[near[0]]
    apart = np.linalg.norm(spots[:, :, None] - spots[:, None], axis=-1)
    # Neighbours may lie in two places: the place is where most of them are, and never between the two.
    middle = apart.sum(axis=2).argmin(axis=1)
    far = np.take_along_axis(apart, middle[:, None, None], axis=1)[:, 0]
    reach = np.median(far, axis=1)
    counts = (far <= 2 * reach[:, None] + 1e-6)[..., None]
    centre = (spots * counts).sum(axis=1) / counts.sum(axis=1)
    aside = np.minimum(0.5 * reach, 1.0) + 0.05
    turn = (np.asarray(marks, np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)).astype(np.float64) / 2**24
    away = np.stack([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)], axis=1) * aside[:, None]
    return np.asarray(centre + away * np.sqrt((turn * 61) % 1)[:, None], np.float32)


def goes_with(points: Floats, laid: Floats) -> float:
    """How well a layout tells what is alike: of the ten nearest of some points the share (0..1) that lies near on it."""
    if len(points) < FEWEST:
        return 1.0
    asked = np.random.default_rng(1).permutation(len(points))[:_ASKED]
    near = neighbours(points[asked], points, 11, lambda _done: None, lambda: False)
    assert near is not None
    within = min(len(points) - 1, max(_NEAR_FEWEST, round(_NEAR_SHARE * len(points))))
    kept = []
    for at, each in zip(asked, near[0], strict=True):
        far = ((laid - laid[at]) ** 2).sum(axis=1)
        edge = np.partition(far, within)[within]
        kept.append(float((far[each[each != at]] <= edge).mean()))
    return float(np.mean(kept))
