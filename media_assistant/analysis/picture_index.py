"""Which of many pictures may show the same: candidates by hashing, so that nobody compares all with all.

Of each picture, and of parts of it that somebody may have cropped, the signs of its low frequencies are taken
(as pHash does; Zauner 2010). Locality-sensitive hashing (Indyk and Motwani, STOC 1998) joins the whole of one picture
with all parts of the others: who shares the bits that some table samples is looked at, and stays if few bits differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sight_prints import SIDE

_WAVES = 8
_BITS = _WAVES * _WAVES - 1
_TABLES = 40
_LEAST_SAMPLED, _MOST_SAMPLED, _SHARING = 12, 18, 32
"""Bits of a table's key: as many as leave about so many parts to a key."""
_MOST_APART = 15
"""Bits by which two that show the same differ at most."""
_FULLEST = 400
"""A key that more share says nothing: a library of black frames."""
_FLAT = 3.0
"""Spread of luma below which a picture is blank, and like every other blank one."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Box = tuple[float, float, float, float]

_WHOLE, _ABOVE = 0, 1
"""Places in `parts`."""


def parts() -> list[Box]:
    """Of a picture, left, top, right, bottom in shares: the whole, what is above a caption, and what a crop may leave."""
    found = [(0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 0.75)]
    thirds, ends = (0.0, 0.5, 1.0), (0.0, 1.0)
    for wide, high, across, down in (
        (0.9, 0.9, thirds, thirds),
        (0.8, 0.8, thirds, thirds),
        (0.92, 0.78, ends, thirds),
        (0.78, 0.92, thirds, ends),
        (0.86, 0.76, ends, ends),
        (0.76, 0.86, ends, ends),
    ):
        for x in across:
            for y in down:
                left, top = x * (1 - wide), y * (1 - high)
                found.append((left, top, left + wide, top + high))
    return found


@lru_cache(maxsize=1)
def _waves() -> Floats:
    """`[parts * bits, SIDE * SIDE]`: what a picture is multiplied with for the frequencies of each part."""
    rows = []
    at = np.arange(SIDE) + 0.5
    for left, top, right, bottom in parts():
        across: list[NDArray[np.float64]] = []
        down: list[NDArray[np.float64]] = []
        for start, end, into in ((left, right, across), (top, bottom, down)):
            place = (at / SIDE - start) / (end - start)
            inside = np.clip(np.minimum(at + 0.5, end * SIDE) - np.maximum(at - 0.5, start * SIDE), 0, 1)
            for wave in range(_WAVES):
                shape = np.cos(np.pi * wave * place) * inside
                # No wave but the constant one may answer to brightness.
                shape -= inside * shape.sum() / inside.sum() if wave else 0
                into.append(shape / np.linalg.norm(shape))
        rows += [np.outer(down[v], across[u]).ravel() for v in range(_WAVES) for u in range(_WAVES) if u or v]
    return np.asarray(rows, np.float32)


def signs(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """`[n, parts, bits]` of luma `[n, SIDE, SIDE]`."""
    count = len(parts())
    found = np.empty((len(pictures), count, _BITS), np.bool_)
    for start in range(0, len(pictures), 4096):
        flat = pictures[start : start + 4096].reshape(-1, SIDE * SIDE).astype(np.float32)
        found[start : start + 4096] = (flat @ _waves().T > 0).reshape(-1, count, _BITS)
    return found


def _mirrored(whole: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The signs `[n, bits]` that the mirrored pictures have: waves that are odd across turn round."""
    is_odd = np.array([u % 2 == 1 for v in range(_WAVES) for u in range(_WAVES) if u or v])
    return np.asarray(whole ^ is_odd, np.bool_)


@lru_cache(maxsize=4)
def _tables(sampled: int) -> NDArray[np.int64]:
    """Which bits each table samples: low waves rather than high ones, always the same."""
    draw = np.random.default_rng(4)
    waves = np.array([max(u, v) for v in range(_WAVES) for u in range(_WAVES) if u or v])
    weight = 1.0 / (waves + 1.0)
    weight /= weight.sum()
    return np.stack([draw.choice(_BITS, sampled, replace=False, p=weight) for _ in range(_TABLES)])


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """`[..., bits]` as one number each."""
    powers = np.uint64(1) << np.arange(bits.shape[-1], dtype=np.uint64)
    return np.asarray(bits @ powers, np.uint64)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs that may show the same: the whole of `one`, mirrored or not, in the part `box` of `other`."""

    one: Ints
    other: Ints
    part: Ints
    is_mirrored: NDArray[np.bool_]
    apart: Ints


def find_candidates(
    pictures: NDArray[np.uint8], owners: Ints, news: NDArray[np.bool_], should_stop: Callable[[], bool] = bool
) -> Candidates:
    """Pairs of indices into `pictures` `[n, SIDE, SIDE]`, each once, the likeliest first.

    Only those of different `owners` `[n]` of which at least one is among `news` `[n]`.
    """
    is_told = pictures.reshape(len(pictures), -1).std(1) > _FLAT
    kept = np.flatnonzero(is_told)
    every = signs(pictures[kept])
    codes = _packed(every)
    # What is asked for: (bits, code, only in the same part).
    asked = []
    for is_mirrored in (False, True):
        for part in (_WHOLE, _ABOVE):
            bits = _mirrored(every[:, part]) if is_mirrored else every[:, part]
            asked.append((bits, _packed(bits), part, is_mirrored))
    rows: list[Ints] = []
    fresh, old = np.flatnonzero(news[kept]), np.flatnonzero(~news[kept])
    everybody = np.arange(len(kept))
    # A few new ones are asked for among all, and all others among them.
    plans = [(everybody, everybody)] if len(fresh) > len(old) else [(fresh, everybody), (old, fresh)]
    bits_of_key = round(np.log2(max(1, codes.size) / _SHARING))
    sampled = min(_MOST_SAMPLED, max(_LEAST_SAMPLED, bits_of_key))
    for table in _tables(sampled) if len(fresh) else ():
        if should_stop():
            break
        keys = _packed(every[:, :, table]).astype(np.uint32)
        for among, (asking, asked_of) in product(asked, plans):
            bits, own, part, is_mirrored = among
            # A caption hides what is below: what is above it is looked for there alone.
            shelf = keys[asked_of] if part == _WHOLE else keys[asked_of, part : part + 1]
            width = shelf.shape[1]
            order = np.argsort(shelf, axis=None, kind="stable")
            one, place = _join(_packed(bits[asking][:, table]).astype(np.uint32), shelf.ravel()[order])
            one, other = asking[one], asked_of[order[place] // width]
            shown = order[place] % width + (0 if part == _WHOLE else part)
            apart = np.bitwise_count(own[one] ^ codes[other, shown]).astype(np.int64)
            good = (apart <= _MOST_APART) & (owners[kept[one]] != owners[kept[other]])
            one, other, shown, apart = one[good], other[good], shown[good], apart[good]
            rows.append(np.stack([one, other, shown, np.full(len(one), is_mirrored, np.int64), apart], 1))
    found = np.concatenate(rows) if rows else np.zeros((0, 5), np.int64)
    pair = np.minimum(found[:, 0], found[:, 1]) * max(1, len(kept)) + np.maximum(found[:, 0], found[:, 1])
    order = np.lexsort((found[:, 4], pair))
    found, pair = found[order], pair[order]
    is_first = np.ones(len(found), np.bool_)
    is_first[1:] = pair[1:] != pair[:-1]
    found = found[is_first]
    found = found[np.argsort(found[:, 4], kind="stable")]
    return Candidates(kept[found[:, 0]], kept[found[:, 1]], found[:, 2], found[:, 3] > 0, found[:, 4])


def _join(wanted: NDArray[np.uint32], in_order: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Which of `wanted` is at which places of `in_order`, which is sorted."""
    start, end = np.searchsorted(in_order, wanted), np.searchsorted(in_order, wanted, "right")
    size = np.where(end - start <= _FULLEST, end - start, 0)
    one = np.repeat(np.arange(len(wanted)), size)
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(start, size)
    return one, place
