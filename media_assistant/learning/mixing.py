"""Sequences of items, on arrays: a mix that goes on from seeds under constraints, and a path from one item to another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.harmony import relation

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_BEAM, _BRANCHES = 16, 8
_POOL = 400
"""Of what is allowed so many are looked at, those most like the seeds."""
_PATH_POOL = 500
_LONGEST = 300
"""Steps."""
_TEMPO_WEIGHT, _SEED_WEIGHT, _COURSE_WEIGHT = 0.5, 0.8, 1.0
_CARE = (1.0, 0.3, 0.0)
"""How much likeness counts beside the tempo, less and less until a mix is as long as wished."""
_SLACK = 0.01
"""A tempo that falls by a hundredth is still one that does not fall: the analysis is no more exact."""
_KINDRED = np.array([[bool(relation(one, other)) for other in range(24)] for one in range(24)])


@dataclass(frozen=True, slots=True)
class Tracks:
    """One entry for each item. `units` `[n, d]` are of length 1; what is not known is NaN, or -1 where it is a number of
    something: a key by its place (`harmony.place_of`), an artist.
    """

    units: Floats
    seconds: Floats
    tempos: Floats
    keys: NDArray[np.int64]
    artists: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a mix has to keep. What is not known of an item keeps no rule about it."""

    seconds: float = 0.0
    """How long in all; 0: `steps` says how many."""
    within_s: float = 0.0
    steps: int = 20
    tempo: tuple[float, float] | None = None
    course: int = 0
    """1: no tempo is lower than the one before it; -1: none is higher."""
    key: str = ""
    """`same`, or `compatible` with the one before."""


@dataclass(frozen=True, slots=True)
class Made:
    """`rows` in order. `bound`: which rule kept it from being as long as wished (`tempo`, `course`, `key`, `artist`,
    `length`: what is left is too long, `number`: nothing is left); empty when it is.
    """

    rows: tuple[int, ...]
    bound: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    worth: float
    rows: tuple[int, ...]
    seconds: float


def compose(
    tracks: Tracks,
    seeds: Sequence[int],
    rules: Rules,
    fixed: Mapping[int, int] | None = None,
    without: Collection[int] = (),
) -> Made:
    """The best sequence that keeps the rules, by a beam search; the longest if none is as long as wished.

    Worth is likeness to the seeds and to the one before, less the jumps of tempo. Nothing comes twice, and no artist twice
    in a row. `fixed` are rows by their step: a person's word, which no rule holds out of it; what stands before and
    after such a one keeps the rules towards it.
    """
    fixed = dict(fixed or {})
    count = len(tracks.units)
    likeness = (tracks.units @ tracks.units[list(seeds)].T).max(axis=1) if seeds else np.zeros(count, np.float32)
    free = np.ones(count, bool)
    free[list(without)] = False
    free[list(fixed.values())] = False
    allowed = free & _in_tempo(tracks, rules) & _known(tracks, rules)
    pool = np.flatnonzero(allowed)
    pool = pool[np.argsort(-likeness[pool], kind="stable")][:_POOL]
    longest = _State(0.0, (), 0.0)
    for care in _CARE:
        finished, reached = _search(tracks, rules, fixed, pool, care * likeness, care)
        if finished is not None:
            return Made(finished.rows)
        longest = max(longest, reached, key=lambda each: _length(each, rules))
    return Made(longest.rows, _what_bound(tracks, rules, free, longest))


def _length(state: _State, rules: Rules) -> float:
    return state.seconds if rules.seconds else len(state.rows)


def _search(
    tracks: Tracks, rules: Rules, fixed: Mapping[int, int], pool: NDArray[np.intp], likeness: Floats, care: float
) -> tuple[_State | None, _State]:
    """(the best that is as long as wished, the longest)"""
    finished: list[_State] = []
    longest = _State(0.0, (), 0.0)
    states = [longest]
    for step in range(_LONGEST):
        following: list[_State] = []
        for state in states:
            if rules.seconds and state.seconds > rules.seconds + rules.within_s:
                continue
            if _is_finished(state, rules, fixed):
                finished.append(state)
                continue
            longest = max(longest, state, key=lambda each: _length(each, rules))
            following += _follow(tracks, rules, fixed, pool, likeness, state, step, care)
        # The same items in another order are no other mix.
        best: dict[frozenset[int], _State] = {}
        for state in sorted(following, key=lambda each: -each.worth):
            best.setdefault(frozenset(state.rows), state)
        states = list(best.values())[:_BEAM]
        if not states:
            break
    return max(finished, key=lambda each: each.worth / len(each.rows), default=None), longest


def _is_finished(state: _State, rules: Rules, fixed: Mapping[int, int]) -> bool:
    if len(state.rows) <= max(fixed, default=-1) or not state.rows:
        return False
    return state.seconds >= rules.seconds - rules.within_s if rules.seconds else len(state.rows) >= rules.steps


def _follow(
    tracks: Tracks,
    rules: Rules,
    fixed: Mapping[int, int],
    pool: NDArray[np.intp],
    likeness: Floats,
    state: _State,
    step: int,
    care: float,
) -> list[_State]:
    """What may come next, the best few."""
    if step in fixed:
        candidates = np.array([fixed[step]], np.intp)
    else:
        candidates = pool[~np.isin(pool, state.rows)]
        if state.rows:
            candidates = candidates[_may_follow(tracks, rules, state.rows[-1], candidates)]
        if step + 1 in fixed and len(candidates):
            candidates = candidates[_may_precede(tracks, rules, candidates, fixed[step + 1])]
    if rules.seconds and step not in fixed:
        candidates = candidates[state.seconds + tracks.seconds[candidates] <= rules.seconds + rules.within_s]
    if not len(candidates):
        return []
    worth = _SEED_WEIGHT * likeness[candidates].astype(float)
    if state.rows:
        worth += care * (tracks.units[candidates] @ tracks.units[state.rows[-1]])
        jump = np.abs(np.log2(tracks.tempos[candidates] / tracks.tempos[state.rows[-1]]))
        worth -= _TEMPO_WEIGHT * np.minimum(1.0, 4 * np.nan_to_num(jump, nan=0.1))
    if rules.course and rules.tempo is not None:
        # As far on in tempo as the mix is on in time, so that it does not reach its end at once.
        low, high = rules.tempo
        done = state.seconds / rules.seconds if rules.seconds else step / max(1, rules.steps - 1)
        wanted = low + (high - low) * (done if rules.course > 0 else 1 - done)
        worth -= _COURSE_WEIGHT * np.abs(tracks.tempos[candidates] - wanted) / max(1.0, high - low)
    order = np.argsort(-worth, kind="stable")[: _BEAM if not state.rows else _BRANCHES]
    return [
        _State(
            state.worth + float(worth[at]),
            (*state.rows, int(candidates[at])),
            state.seconds + float(tracks.seconds[candidates[at]]),
        )
        for at in order
    ]


def _in_tempo(tracks: Tracks, rules: Rules) -> Mask:
    if rules.tempo is None:
        return np.ones(len(tracks.units), bool)
    return (tracks.tempos >= rules.tempo[0]) & (tracks.tempos <= rules.tempo[1])


def _known(tracks: Tracks, rules: Rules) -> Mask:
    known = np.ones(len(tracks.units), bool)
    if rules.course:
        known &= np.isfinite(tracks.tempos)
    if rules.key:
        known &= tracks.keys >= 0
    return known


def _in_course(rules: Rules, before: Floats | np.float32, after: Floats | np.float32) -> Mask:
    if not rules.course:
        return np.ones(np.broadcast(before, after).shape, bool)
    if rules.course > 0:
        return np.asarray(after >= before * (1 - _SLACK))
    return np.asarray(after <= before * (1 + _SLACK))


def _in_key(tracks: Tracks, rules: Rules, one: int, others: NDArray[np.intp]) -> Mask:
    if not rules.key:
        return np.ones(len(others), bool)
    if tracks.keys[one] < 0:
        return tracks.keys[others] >= 0  # nothing is known of what a person put there
    if rules.key == "same":
        return np.asarray(tracks.keys[others] == tracks.keys[one])
    return np.asarray((tracks.keys[others] >= 0) & _KINDRED[tracks.keys[one], tracks.keys[others]])


def _other_artist(tracks: Tracks, one: int, others: NDArray[np.intp]) -> Mask:
    return np.asarray((tracks.artists[others] < 0) | (tracks.artists[others] != tracks.artists[one]))


def _may_follow(tracks: Tracks, rules: Rules, before: int, others: NDArray[np.intp]) -> Mask:
    tempo = tracks.tempos[before]
    course = _in_course(rules, tempo, tracks.tempos[others]) | bool(np.isnan(tempo))
    return course & _in_key(tracks, rules, before, others) & _other_artist(tracks, before, others)


def _may_precede(tracks: Tracks, rules: Rules, others: NDArray[np.intp], after: int) -> Mask:
    tempo = tracks.tempos[after]
    course = _in_course(rules, tracks.tempos[others], tempo) | bool(np.isnan(tempo))
    return course & _in_key(tracks, rules, after, others) & _other_artist(tracks, after, others)


def _what_bound(tracks: Tracks, rules: Rules, free: Mask, state: _State) -> str:
    """The rule without which most could still have come."""
    left = np.flatnonzero(free)
    left = left[~np.isin(left, state.rows)]
    last = state.rows[-1] if state.rows else -1
    kept: dict[str, Mask] = {"tempo": _in_tempo(tracks, rules)[left]}
    if rules.key:
        kept["key"] = _in_key(tracks, rules, last, left) if last >= 0 else tracks.keys[left] >= 0
    if rules.course:
        tempos = tracks.tempos[left]
        kept["course"] = _in_course(rules, tracks.tempos[last], tempos) if last >= 0 else np.isfinite(tempos)
    if last >= 0:
        kept["artist"] = _other_artist(tracks, last, left)
    if rules.seconds:
        kept["length"] = state.seconds + tracks.seconds[left] <= rules.seconds + rules.within_s
    freed = {
        rule: int(np.logical_and.reduce([~mask, *(kept[other] for other in kept if other != rule)]).sum())
        for rule, mask in kept.items()
    }
    if any(freed.values()):
        return max(freed, key=lambda rule: freed[rule])
    refused = {rule: int((~mask).sum()) for rule, mask in kept.items()}
    return max(refused, key=lambda rule: refused[rule]) if any(refused.values()) else "number"


def walk(tracks: Tracks, start: int, end: int, steps: int, fixed: Mapping[int, int] | None = None) -> tuple[int, ...]:
    """From `start` to `end` in `steps` items, both counted, so that the largest jump is as small as can be, and then the
    squares of all jumps. Fewer items where more would make a larger jump than going there directly.

    Each step lies further on the line from start to end than the one before: nothing comes twice, and it never turns
    back. No artist twice in a row, but for the ends themselves.

    `fixed` are rows by their step between the ends, a person's word. From each of them to the next the same holds as from
    start to end, one piece after the other; so where a piece comes out shorter, those behind it stand further in front.
    """
    inner = sorted((step, row) for step, row in (fixed or {}).items() if 0 < step < steps - 1)
    held = [(0, start), *inner, (steps - 1, end)]
    taken = [row for _, row in held]
    rows = [start]
    for (step, one), (later, other) in pairwise(held):
        piece = _walk(tracks, one, other, later - step + 1, taken)
        taken += piece[1:-1]
        rows += piece[1:]
    return tuple(rows)


def between(tracks: Tracks, before: int, after: int, without: Collection[int]) -> int:
    """The row beside `before` and `after` whose larger jump is smallest, by another artist than theirs if there is one;
    -1 where there is none at all.
    """
    free = np.ones(len(tracks.units), bool)
    free[[before, after, *without]] = False
    rows = np.flatnonzero(free)
    if not len(rows):
        return -1
    ends = [before, after]
    jumps = _apart(tracks.units[rows] @ tracks.units[ends].T)
    artists = tracks.artists[rows, None]
    is_same = ((artists == tracks.artists[ends]) & (artists >= 0)).any(axis=1)
    return int(rows[np.lexsort((np.square(jumps).sum(axis=1), jumps.max(axis=1), is_same))[0]])


def _walk(tracks: Tracks, start: int, end: int, steps: int, without: Collection[int]) -> tuple[int, ...]:
    units = tracks.units
    ahead = units @ (units[end] - units[start])
    is_between = (ahead > ahead[start]) & (ahead < ahead[end])
    is_between[list(without)] = False
    inner = np.flatnonzero(is_between)
    near = _apart(units[inner] @ units[start]) + _apart(units[inner] @ units[end])
    pool = np.concatenate([[start], inner[np.argsort(near, kind="stable")][:_PATH_POOL], [end]])
    pool = pool[np.argsort(ahead[pool], kind="stable")]
    jumps = _apart(units[pool] @ units[pool].T)
    artists = tracks.artists[pool]
    is_same = (artists[:, None] == artists[None, :]) & (artists[:, None] >= 0)
    jumps[is_same | ~(ahead[pool][:, None] < ahead[pool][None, :])] = np.inf
    first, last = int(np.flatnonzero(pool == start)[0]), int(np.flatnonzero(pool == end)[0])
    direct = float(_apart(units[start] @ units[end]))
    for length in range(steps, 2, -1):
        largest = _go(jumps, first, length, np.maximum)[-1][last]
        if largest <= direct:
            allowed = np.where(jumps <= largest, np.square(jumps), np.inf)
            tables = _go(allowed, first, length, np.add)
            return tuple(int(pool[at]) for at in _trace(tables, allowed, last))
    return (start, end)


def _apart(cosines: Floats) -> Floats:
    """The lengths of the chords between unit vectors: as a distance, unlike cosines, it is true to triangles."""
    return np.asarray(np.sqrt(np.maximum(0.0, 2 - 2 * cosines)), np.float32)


def _go(costs: Floats, first: int, length: int, both: Callable[[Floats, Floats], Floats]) -> list[Floats]:
    """For each number of steps up to `length` what it costs at least to be at each place."""
    table = np.full(len(costs), np.inf, np.float32)
    table[first] = 0
    tables = [table]
    for _ in range(length - 1):
        table = both(table[:, None], costs).min(axis=0)
        tables.append(table)
    return tables


def _trace(tables: list[Floats], costs: Floats, last: int) -> list[int]:
    places = [last]
    for table in tables[-2::-1]:
        places.append(int((table + costs[:, places[-1]]).argmin()))
    return places[::-1]
