"""Which of many pictures may show the same: candidates by hashing, so that nobody compares all with all.

Of each picture, and of parts of it that somebody may have cropped, the signs of its low frequencies are taken
(as pHash does; Zauner 2010). Locality-sensitive hashing (Indyk and Motwani, STOC 1998) joins the whole of one picture
with all parts of the others: who shares the bits that some table samples is looked at, and stays if few bits differ.

What is asked for is few and in memory, what it is looked for among may be a mapped file: it is passed over piece by
piece, each piece once for all tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sight_prints import SIDE

FORM = "signs-40-1"
"""Of what `codes_of` gives, where it is kept."""

_WAVES = 8
_BITS = _WAVES * _WAVES - 1
_TABLES = 40
_LEAST_SAMPLED, _MOST_SAMPLED, _SHARING = 12, 22, 32
"""Bits of a table's key: as many as leave about so many parts to a key."""
_MOST_APART = 15
"""Bits by which two that show the same differ at most."""
_FULLEST = 400
"""A key that more share says nothing: a library of black frames."""
_PIECE = 32_768
"""Pictures that are passed over at once: about 60 MB with what is made of them."""
_SLOTS_BITS = 20
_FLAT = 3.0
"""Spread of luma below which a picture is blank, and like every other blank one."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint64]
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


def codes_of(pictures: NDArray[np.uint8]) -> Codes:
    """Signs `[n, parts]` of luma `[n, SIDE, SIDE]`, `_BITS` in a number."""
    count = len(parts())
    found = np.zeros((len(pictures), count), np.uint64)
    for start in range(0, len(pictures), 4096):
        flat = pictures[start : start + 4096].reshape(-1, SIDE * SIDE).astype(np.float32)
        signs = np.zeros((len(flat) * count, _BITS + 1), np.bool_)
        signs[:, :_BITS] = (flat @ _waves().T > 0).reshape(-1, _BITS)
        found[start : start + 4096] = np.packbits(signs, axis=1, bitorder="little").view("<u8").reshape(-1, count)
    return found


def is_told(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """`[n]`: whether there is anything to see."""
    return np.asarray(pictures.reshape(-1, SIDE * SIDE).std(1) > _FLAT, np.bool_)


@lru_cache(maxsize=1)
def _odd() -> np.uint64:
    """The bits that turn round when a picture is mirrored: of waves that are odd across."""
    places = [u % 2 == 1 for v in range(_WAVES) for u in range(_WAVES) if u or v]
    return np.uint64(sum(1 << bit for bit, is_odd in enumerate(places) if is_odd))


@lru_cache(maxsize=12)
def _tables(sampled: int) -> tuple[np.uint64, ...]:
    """The bits that each table samples: low waves rather than high ones, always the same."""
    draw = np.random.default_rng(4)
    waves = np.array([max(u, v) for v in range(_WAVES) for u in range(_WAVES) if u or v])
    weight = 1.0 / (waves + 1.0)
    weight /= weight.sum()
    picked = [draw.choice(_BITS, sampled, replace=False, p=weight) for _ in range(_TABLES)]
    return tuple(np.uint64(sum(1 << int(bit) for bit in bits)) for bits in picked)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs that may show the same: picture `one` of those asked for, mirrored or not, and `other` of all, where those
    asked for come behind the others. The whole of one is in a `part` of the other; of `one` in `other` unless `is_turned`.
    """

    one: Ints
    other: Ints
    part: Ints
    is_mirrored: NDArray[np.bool_]
    is_turned: NDArray[np.bool_]
    apart: Ints


def find_candidates(
    asked: Codes, asked_owners: Ints, others: Codes, owners: Ints, should_stop: Callable[[], bool] = bool
) -> Candidates:
    """Of `asked` `[m, parts]` among `others` `[n, parts]` and among themselves, each pair once, the likeliest first.

    Only pairs of different owners; `owners` `[n]` below 0 are passed over.
    """
    count = len(others)
    bits_of_key = round(np.log2(max(1, (count + len(asked)) * asked.shape[1]) / _SHARING))
    masks = _tables(min(_MOST_SAMPLED, max(_LEAST_SAMPLED, bits_of_key)))
    pieces = [
        (start, others[start : start + _PIECE], owners[start : start + _PIECE]) for start in range(0, count, _PIECE)
    ]
    found = []
    for start, codes, of_piece in [*pieces, (count, asked, asked_owners)]:
        if should_stop():
            break
        kept = np.flatnonzero(of_piece >= 0)
        rows = _in_piece(asked, asked_owners, np.asarray(codes)[kept], of_piece[kept], masks, is_own=start == count)
        rows[:, 1] = kept[rows[:, 1]] + start
        found.append(_closest(rows, count + len(asked), count))
    best = _closest(np.concatenate(found) if found else np.zeros((0, 6), np.int64), count + len(asked), count)
    best = best[np.argsort(best[:, 5], kind="stable")]
    return Candidates(best[:, 0], best[:, 1], best[:, 2], best[:, 3] > 0, best[:, 4] > 0, best[:, 5])


def _in_piece(
    asked: Codes, asked_owners: Ints, codes: Codes, owners: Ints, masks: Sequence[np.uint64], *, is_own: bool
) -> Ints:
    """Rows of one, other, part, is_mirrored, is_turned, apart."""
    rows = [np.zeros((0, 6), np.int64)]
    # A caption hides what is below: what is above it is looked for there alone.
    for part, shown in ((_WHOLE, slice(None)), (_ABOVE, slice(_ABOVE, _ABOVE + 1))):
        for is_turned in (False,) if is_own else (False, True):
            few, many = (codes, asked) if is_turned else (asked, codes)
            wanted = np.concatenate([few[:, part], few[:, part] ^ _odd()])
            shelf = np.ascontiguousarray(many[:, shown])
            width = shelf.shape[1]
            for mask in masks:
                one, place = _join(wanted, shelf.ravel(), mask)
                apart = np.bitwise_count(wanted[one] ^ shelf.ravel()[place]).astype(np.int64)
                near = np.flatnonzero(apart <= _MOST_APART)
                one, place, apart = one[near], place[near], apart[near]
                is_mirrored, one = one >= len(few), one % max(1, len(few))
                other, where = place // width, place % width + (0 if part == _WHOLE else part)
                if is_turned:
                    one, other = other, one
                good = asked_owners[one] != owners[other]
                turned = np.full(len(one), is_turned, np.int64)
                rows.append(np.stack([one, other, where, is_mirrored.astype(np.int64), turned, apart], 1)[good])
    return np.concatenate(rows)


def _closest(rows: Ints, total: int, own: int) -> Ints:
    """Each pair once. Two of those that are asked for meet twice: each is `own` places further back among the others."""
    one, other = rows[:, 0] + own, rows[:, 1]
    pair = np.minimum(one, other) * total + np.maximum(one, other)
    order = np.lexsort((rows[:, 5], pair))
    is_first = np.ones(len(rows), np.bool_)
    is_first[1:] = np.diff(pair[order]) != 0
    return np.asarray(rows[order[is_first]], np.int64)


def _join(wanted: Codes, shelf: Codes, mask: np.uint64) -> tuple[Ints, Ints]:
    """Which of `wanted` share the bits of the mask with which of the shelf."""
    few, many = (wanted, shelf) if len(wanted) <= len(shelf) else (shelf, wanted)
    # Most of the many are like none of the few: a table of bits tells it without sorting them.
    slots = np.zeros(1 << _SLOTS_BITS, np.bool_)
    slots[_slot(few & mask)] = True
    left = np.flatnonzero(slots[_slot(many & mask)])
    ours, theirs = np.arange(len(wanted)), np.arange(len(shelf))
    if len(wanted) <= len(shelf):
        theirs = left
    else:
        ours = left
    keys = shelf[theirs] & mask
    order = np.argsort(keys, kind="stable")
    in_order, asked = keys[order], wanted[ours] & mask
    start, end = np.searchsorted(in_order, asked), np.searchsorted(in_order, asked, "right")
    size = np.where(end - start <= _FULLEST, end - start, 0)
    one = np.repeat(ours, size)
    place = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(start, size)
    return one, theirs[order[place]]


def _slot(keys: Codes) -> Ints:
    """A place for each, by multiplying (Fibonacci hashing, Knuth, TAOCP 3, 6.4)."""
    mixed = keys * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - _SLOTS_BITS)
    return np.asarray(mixed, np.int64)
