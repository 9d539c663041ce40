"""Which of many pictures may show the same: candidates by hashing, so that nobody compares all with all.

Of each picture, and of parts of it that somebody may have cropped, the signs of its low frequencies are taken
(as pHash does; Zauner 2010). Locality-sensitive hashing (Indyk and Motwani, STOC 1998) joins the whole of one picture
with all parts of the others: who shares the bits that some table samples is looked at, and stays if few bits differ and if
the frequencies agree by their size, too, for signs agree by chance among a hundred thousand pictures.

What is asked for is few and in memory, what it is looked for among may be a mapped file: it is passed over piece by
piece, each piece once for all tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sight_prints import SIDE

FORM = "signs-40-small-16-1"
"""Of what `rows_of` gives, where it is kept."""

_WAVES = 8
_BITS = _WAVES * _WAVES - 1
_TABLES = 40
_LEAST_SAMPLED, _MOST_SAMPLED, _SHARING = 12, 22, 32
"""Bits of a table's key: as many as leave about so many parts to a key."""
_MOST_APART = 15
"""Bits by which two that show the same differ at most."""
_LEAST_CLOSE, LEAST_FIT = 0.6, 0.8
"""Correlation of their frequencies, of a part and of the best of the boxes around it, below which it was chance, as it is
for 97 of 100 such pairs. Of photos that are the same it is above 0.65 and 0.84, of frames of the same second mostly.
"""
_CHECKED = 65_536
"""Pairs whose frequencies are compared at once."""
_MOVED = 0.05
"""By so much an edge of a part is moved, in or out."""
_FITTED = 512
"""Pictures whose boxes are tried at once: 10 MB."""
_FULLEST = 400
"""A key that more share says nothing: a library of black frames."""
_PIECE = 32_768
"""Pictures that are passed over at once: about 60 MB with what is made of them."""
_SLOTS_BITS = 20
_AT_ONCE = 32_768
"""Codes of which it is told at once whether anybody shares them: what is made of so many stays in the processor's cache."""
_SMALL = SIDE // 2
"""Side of the picture that is kept beside the signs."""
_FLAT = 3.0
"""Spread of luma below which a picture is blank, and like every other blank one."""

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Codes = NDArray[np.uint64]
Rows = NDArray[np.uint64]
"""`[n, width()]`: the signs of each part, then the small picture's bytes."""
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


def _shapes(start: float, end: float) -> NDArray[np.float64]:
    """`[_WAVES, SIDE]`: waves between these two places in a row or a column, in shares of it."""
    at = np.arange(SIDE) + 0.5
    place = (at / SIDE - start) / (end - start)
    inside = np.clip(np.minimum(at + 0.5, end * SIDE) - np.maximum(at - 0.5, start * SIDE), 0, 1)
    found = []
    for wave in range(_WAVES):
        shape = np.cos(np.pi * wave * place) * inside
        # No wave but the constant one may answer to brightness.
        shape -= inside * shape.sum() / inside.sum() if wave else 0
        found.append(shape / np.linalg.norm(shape))
    return np.array(found)


@lru_cache(maxsize=1)
def _waves() -> Floats:
    """`[parts * bits, SIDE * SIDE]`: what a picture is multiplied with for the frequencies of each part."""
    rows = []
    for left, top, right, bottom in parts():
        across, down = _shapes(left, right), _shapes(top, bottom)
        rows += [np.outer(down[v], across[u]).ravel() for v in range(_WAVES) for u in range(_WAVES) if u or v]
    return np.asarray(rows, np.float32)


@lru_cache(maxsize=1)
def _small_waves() -> Floats:
    """`[parts, bits, _SMALL * _SMALL]`: the same for small pictures, weighted so that no wave outweighs the others: the
    lower one is, the more of it is in every picture.
    """
    blocks = _waves().reshape(len(parts()), _BITS, _SMALL, 2, _SMALL, 2).sum((3, 5))
    weight = np.array([max(u, v) for v in range(_WAVES) for u in range(_WAVES) if u or v], np.float32)
    return np.asarray(blocks.reshape(len(parts()), _BITS, -1) * weight[:, None], np.float32)


@lru_cache(maxsize=64)
def _around(part: int) -> tuple[Floats, Floats]:
    """Waves of a small picture between all places near the edges of a part: `[_SMALL, n]` across and `[n, _SMALL]` down."""
    left, top, right, bottom = parts()[part]
    found = []
    for start, end in ((left, right), (top, bottom)):
        moves = product((-_MOVED, 0, _MOVED), repeat=2)
        tried = [_shapes(max(0.0, start + one), min(1.0, end + other)) for one, other in moves]
        found.append(np.concatenate(tried).reshape(-1, _SMALL, 2).sum(2).astype(np.float32))
    return np.ascontiguousarray(found[0].T), found[1]


def width() -> int:
    """Numbers in a row."""
    return len(parts()) + _SMALL * _SMALL // 8


def rows_of(pictures: NDArray[np.uint8]) -> Rows:
    """What is looked for and looked through, of luma `[n, SIDE, SIDE]`."""
    count = len(parts())
    found = np.zeros((len(pictures), width()), np.uint64)
    for start in range(0, len(pictures), 4096):
        flat = pictures[start : start + 4096].reshape(-1, SIDE * SIDE).astype(np.float32)
        signs = np.zeros((len(flat) * count, _BITS + 1), np.bool_)
        signs[:, :_BITS] = (flat @ _waves().T > 0).reshape(-1, _BITS)
        rows = found[start : start + 4096]
        rows[:, :count] = np.packbits(signs, axis=1, bitorder="little").view("<u8").reshape(-1, count)
        small = flat.reshape(-1, _SMALL, 2, _SMALL, 2).mean((2, 4))
        rows[:, count:] = np.rint(small).astype(np.uint8).reshape(len(flat), -1).view("<u8")
    return found


def is_told(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """`[n]`: whether there is anything to see."""
    return np.asarray(pictures.reshape(-1, SIDE * SIDE).std(1) > _FLAT, np.bool_)


@lru_cache(maxsize=1)
def _is_odd() -> NDArray[np.bool_]:
    """`[bits]`: which turn round when a picture is mirrored, for their wave is odd across."""
    return np.array([u % 2 == 1 for v in range(_WAVES) for u in range(_WAVES) if u or v])


@lru_cache(maxsize=1)
def _odd() -> np.uint64:
    """The same as bits of a number."""
    return np.uint64(sum(1 << bit for bit, is_odd in enumerate(_is_odd().tolist()) if is_odd))


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
    close: Floats
    """How well their frequencies agree around that part, up to 1."""


def find_candidates(
    asked: Rows,
    asked_owners: Ints,
    others: Rows,
    owners: Ints,
    should_stop: Callable[[], bool] = bool,
    *,
    least_fit: float = LEAST_FIT,
) -> Candidates:
    """Of `asked` `[m, width()]` among `others` `[n, width()]` and among themselves, each pair once, the likeliest first.

    Only pairs of different owners; `owners` `[n]` below 0 are passed over. `least_fit` is the correlation around a part from
    which it is no chance.
    """
    count, own = len(others), np.ascontiguousarray(asked[:, : len(parts())])
    bits_of_key = round(np.log2(max(1, (count + len(asked)) * len(parts())) / _SHARING))
    masks = _tables(min(_MOST_SAMPLED, max(_LEAST_SAMPLED, bits_of_key)))
    pieces = [
        (start, others[start : start + _PIECE], owners[start : start + _PIECE]) for start in range(0, count, _PIECE)
    ]
    found, closeness = [np.zeros((0, 6), np.int64)], [np.zeros(0, np.float32)]
    for start, piece, of_piece in [*pieces, (count, asked, asked_owners)]:
        if should_stop():
            break
        kept = np.flatnonzero(of_piece >= 0)
        codes = np.ascontiguousarray(piece[kept, : len(parts())])
        rows = _in_piece(own, asked_owners, codes, of_piece[kept], masks, is_own=start == count)
        rows[:, 1] = kept[rows[:, 1]] + start
        rows = _closest(rows, count + len(asked), count)
        close = _close(asked, piece, start, rows)
        found.append(rows[close >= least_fit])
        closeness.append(close[close >= least_fit])
    best, close = np.concatenate(found), np.concatenate(closeness)
    order = np.argsort(-close, kind="stable")
    best = best[order]
    return Candidates(best[:, 0], best[:, 1], best[:, 2], best[:, 3] > 0, best[:, 4] > 0, close[order])


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


def _close(asked: Rows, piece: Rows, start: int, rows: Ints) -> Floats:
    """How well the frequencies of each of these rows agree, 0 where it was chance; the piece's pictures begin at `start`."""
    found = np.zeros(len(rows), np.float32)
    for at in range(0, len(rows), _CHECKED):
        part = rows[at : at + _CHECKED]
        ours, theirs = _small(asked, part[:, 0]), _small(piece, part[:, 1] - start)
        is_turned = part[:, 4:5] > 0
        whole, other = np.where(is_turned, theirs, ours), np.where(is_turned, ours, theirs)
        # What is above a caption is looked for where it is.
        waves = _waves_of(whole, np.where(part[:, 2] == _ABOVE, _ABOVE, _WHOLE))
        waves *= np.where((part[:, 3:4] > 0) & _is_odd(), -1, 1)
        near = np.flatnonzero(_correlation(waves, _waves_of(other, part[:, 2])) > _LEAST_CLOSE)
        found[at + near] = _fit(waves[near], other[near], part[near, 2])
    return found


def _small(rows: Rows, places: Ints) -> NDArray[np.uint8]:
    return np.ascontiguousarray(rows[places, len(parts()) :]).view(np.uint8)


def _waves_of(small: NDArray[np.uint8], part: Ints) -> Floats:
    """`[n, bits]` of the part of each."""
    found = np.zeros((len(small), _BITS), np.float32)
    for each in np.unique(part).tolist():
        here = np.flatnonzero(part == each)
        found[here] = small[here].astype(np.float32) @ _small_waves()[each].T
    return found


def _fit(waves: Floats, small: NDArray[np.uint8], part: Ints) -> Floats:
    """How well `waves` agree with the best of the boxes around each one's part."""
    weight = np.array([[max(u, v) for u in range(_WAVES)] for v in range(_WAVES)], np.float32)
    sought = np.zeros((len(waves), _WAVES * _WAVES, 1), np.float32)
    sought[:, 1:, 0] = waves
    sought /= np.linalg.norm(sought, axis=1, keepdims=True) + 1e-6
    found = np.zeros(len(waves), np.float32)
    for each in np.unique(part).tolist():
        across, down = _around(each)
        here = np.flatnonzero(part == each)
        for start in range(0, len(here), _FITTED):
            some = here[start : start + _FITTED]
            shown = down @ (small[some].astype(np.float32).reshape(-1, _SMALL, _SMALL) @ across)
            shown = shown.reshape(len(some), -1, _WAVES, across.shape[1] // _WAVES, _WAVES).swapaxes(2, 3) * weight
            shown = shown.reshape(len(some), -1, _WAVES * _WAVES)
            agrees = (shown @ sought[some])[:, :, 0] / np.sqrt((shown * shown).sum(2) + 1e-6)
            found[some] = agrees.max(1)
    return found


def _correlation(a: Floats, b: Floats) -> Floats:
    return np.asarray((a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1) + 1e-6), np.float32)


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
    parts = range(0, len(many), _AT_ONCE)
    left = np.concatenate(
        [np.flatnonzero(slots[_slot(many[at : at + _AT_ONCE] & mask)]) + at for at in parts] or [np.zeros(0, np.int64)]
    )
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
    mixed = keys * np.uint64(0x9E3779B97F4A7C15)
    mixed >>= np.uint64(64 - _SLOTS_BITS)
    return mixed.view(np.int64)
