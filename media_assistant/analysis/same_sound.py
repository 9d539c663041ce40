"""Whether two recordings are the same, at what offset, and how much of the shorter one agrees.

Candidates come from words that share 22 of their 32 bits (an inverted index, as in Haitsma and Kalker 2002) and whose
neighbours agree as well, of short sounds from words that share 16; a candidate is then compared word by word. Of a long
sound some words are looked for, among all words of the others, which may be a mapped file: a trimmed start hides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sound_prints import HOP_MS

Words = NDArray[np.uint32]
Ints = NDArray[np.int64]


def _drawn_keys(count: int, bits: int) -> tuple[int, ...]:
    """Masks of so many bits, drawn evenly and always the same ones."""
    draw = np.random.default_rng(5)
    return tuple(sum(1 << int(bit) for bit in draw.choice(32, bits, replace=False)) for _ in range(count))


_KEYS = (0x003FFFFF, 0xFFFFFC00, 0x1FFE07FE)
_SHORT = 128
"""Words of a sound, a quarter of a minute, that is looked for more thoroughly, among those that are as short: of a poor copy
of a few seconds, in which a quarter of the bits differ, no word may share a key of 22 bits.
"""
_KEYS_OF_SHORT = _drawn_keys(count=16, bits=16)
_ASKED = 256
"""Words of a long sound that are looked for: of a copy in which a seventh of the bits differ, twenty are found."""
_PIECE, _CHECKED = 2_000_000, 200_000
"""Words that are passed over at once, and pairs whose neighbours are looked at."""
_SLOTS_BITS, _MOST_SLOTS_BITS = 20, 24
"""Of a table that tells what nobody asks for: eight places to a key, a megabyte to sixteen."""
_OFFSETS = 4
_Checks = tuple[tuple[NDArray[np.int64], float], ...]
_AFTER = np.arange(1, 11)
_AROUND = np.concatenate([-_AFTER, _AFTER])
_CHECKS: _Checks = ((_AFTER, 0.37),)
_CHECKS_OF_SHORT: _Checks = ((_AROUND[::4], 0.4), (_AROUND, 0.35))
"""Neighbours that are looked at, and from which share of differing bits among them a shared word was chance. A short key is
shared by chance more often; five neighbours tell most of that.
"""
_FULLEST = 200

_TOGETHER = 5
"""Words whose differences are judged together: a good half second."""
_SAME, _SAME_FEW = 0.3, 0.13
"""Share of differing bits, and of few words; strangers differ by 0.42."""
_FEW, _LEAST = 8, 4


@dataclass(frozen=True, slots=True)
class SoundLikeness:
    """`share` (0..1) of the shorter one's sound is in the other, which is `offset_ms` later there."""

    share: float
    offset_ms: int
    apart: float
    """Share of differing bits where they agree: 0 for the same bytes, 0.2 for a poor copy."""


@dataclass(frozen=True, slots=True)
class KeptWords:
    """Sounds one behind the other: `words` of all, and of each where it starts and ends there and whose it is; an owner
    below 0 is passed over.
    """

    words: Words
    starts: Ints
    ends: Ints
    owners: Ints

    @classmethod
    def of(cls, sounds: Sequence[Words], owners: Ints) -> Self:
        """In memory."""
        ends = np.cumsum([len(each) for each in sounds], dtype=np.int64)
        words = np.concatenate(sounds) if len(sounds) else np.zeros(0, np.uint32)
        return cls(words, np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else ends, ends, owners)

    @property
    def lengths(self) -> Ints:
        """Words of each."""
        return self.ends - self.starts

    def places_of_short(self) -> Ints:
        """Where the words of the short ones are that are not passed over."""
        some = np.flatnonzero((self.lengths <= _SHORT) & (self.owners >= 0))
        size = self.lengths[some]
        return np.arange(size.sum()) + np.repeat(self.starts[some] - np.cumsum(size) + size, size)


def is_short(words: Words) -> bool:
    """Whether it is a quarter of a minute at most."""
    return len(words) <= _SHORT


def find_candidates(
    asked: Sequence[Words], asked_owners: Ints, kept: KeptWords, should_stop: Callable[[], bool] = bool
) -> dict[tuple[int, int], list[int]]:
    """Of `asked` among what is kept and among themselves: for a place in `asked` and the owner of the other, offsets (in
    words, of the other against the one asked for) at which they may agree, the likeliest first.
    """
    own = KeptWords.of(asked, asked_owners)
    wanted = [_spread(words) for words in asked]
    one = np.repeat(np.arange(len(asked)), [len(each) for each in wanted])
    place = np.concatenate(wanted) if wanted else np.zeros(0, np.int64)
    if not len(place):
        return {}
    at = own.starts[one] + place
    of_short = np.flatnonzero(own.lengths[one] <= _SHORT)
    found = []
    for shelf in (kept, own):
        for start in range(0, len(shelf.words), _PIECE):
            if should_stop():
                return {}
            piece = np.asarray(shelf.words[start : start + _PIECE])
            found += _in_piece(own, at, shelf, piece, np.arange(start, start + len(piece)), _KEYS, _CHECKS)
        short = shelf.places_of_short() if len(of_short) else at[:0]
        for start in range(0, len(short), _PIECE):
            if should_stop():
                return {}
            places = short[start : start + _PIECE]
            piece = np.asarray(shelf.words[places])
            near = _in_piece(own, at[of_short], shelf, piece, places, _KEYS_OF_SHORT, _CHECKS_OF_SHORT)
            found += [np.stack([of_short[mine], theirs, later]) for mine, theirs, later in near]
    if not found:
        return {}
    mine, theirs, offset = np.concatenate(found, 1)
    votes: dict[tuple[int, int], dict[int, int]] = {}
    rows, counts = np.unique(np.stack([one[mine], theirs, offset], 1), axis=0, return_counts=True)
    for (index, owner, later), count in zip(rows.tolist(), counts.tolist(), strict=True):
        votes.setdefault((index, owner), {})[later] = count
    return {pair: sorted(of, key=lambda later: -of[later])[:_OFFSETS] for pair, of in votes.items()}


def _spread(words: Words) -> Ints:
    """Places of words that are looked for: all of a short sound, evenly spread ones of a long one."""
    heard = np.flatnonzero(words)
    return heard[:: max(1, -(-len(heard) // _ASKED))] if len(heard) >= (1 if is_short(words) else _LEAST) else heard[:0]


def _in_piece(
    own: KeptWords, at: Ints, shelf: KeptWords, piece: Words, places: Ints, masks: Sequence[int], checks: _Checks
) -> list[Ints]:
    """For each mask: rows of what is asked for (its place in `at`), the other's owner, the offset. `piece` is what stands
    at these `places` of the shelf; `checks` say which neighbours must agree, and how well.
    """
    found = []
    for mask in masks:
        keys = own.words[at] & np.uint32(mask)
        # Keys in order are found several times as fast.
        rows = np.argsort(keys)
        keys = keys[rows]
        bits = min(_MOST_SLOTS_BITS, max(_SLOTS_BITS, len(keys).bit_length() + 3))
        slots = np.zeros(1 << bits, np.bool_)
        slots[_slot(keys, bits)] = True
        shelved = piece & np.uint32(mask)
        left = np.flatnonzero(slots[_slot(shelved, bits)] & (piece != 0))
        order = left[np.argsort(shelved[left])]
        in_order = shelved[order]
        first, last = np.searchsorted(in_order, keys), np.searchsorted(in_order, keys, "right")
        # A key that is too common says nothing.
        size = np.where(last - first <= _FULLEST, last - first, 0)
        mine = np.repeat(rows, size)
        theirs = places[order[np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(first, size)]]
        found += [
            _near(own, at, mine[part : part + _CHECKED], shelf, theirs[part : part + _CHECKED], checks)
            for part in range(0, len(mine), _CHECKED)
        ]
    return found


def _near(own: KeptWords, at: Ints, mine: Ints, shelf: KeptWords, theirs: Ints, checks: _Checks) -> Ints:
    """Those whose neighbours agree, too, of different owners."""
    ours = np.searchsorted(own.starts, at[mine], "right") - 1
    others = np.searchsorted(shelf.starts, theirs, "right") - 1
    good = (own.owners[ours] != shelf.owners[others]) & (shelf.owners[others] >= 0)
    for beside, limit in checks:
        mine, theirs, ours, others = mine[good], theirs[good], ours[good], others[good]
        together = []
        for words, starts, ends, places in (
            (own.words, own.starts[ours], own.ends[ours], at[mine]),
            (shelf.words, shelf.starts[others], shelf.ends[others], theirs),
        ):
            near = places[:, None] + beside
            inside = (near >= starts[:, None]) & (near < ends[:, None])
            together.append(np.where(inside, np.asarray(words[np.where(inside, near, starts[:, None])]), 0))
        is_heard = (together[0] != 0) & (together[1] != 0)
        apart = (np.bitwise_count(together[0] ^ together[1]) * is_heard).sum(1) / (32 * np.maximum(1, is_heard.sum(1)))
        good = apart < limit
    offset = (theirs - shelf.starts[others]) - (at[mine] - own.starts[ours])
    return np.stack([mine, shelf.owners[others], offset])[:, good]


def _slot(keys: Words, bits: int) -> Ints:
    """A place of so many bits for each, by multiplying (Fibonacci hashing, Knuth, TAOCP 3, 6.4)."""
    return np.asarray(keys * np.uint32(0x9E3779B1) >> np.uint32(32 - bits), np.int64)


def compare(one: Words, other: Words, offsets: Sequence[int]) -> SoundLikeness | None:
    """The best of these offsets, in words; None if there is nothing to hear where they overlap."""
    found = [likeness for each in {o + d for o in offsets for d in (-1, 0, 1)} if (likeness := _at(one, other, each))]
    return max(found, key=lambda likeness: (round(likeness.share, 2), -likeness.apart), default=None)


def heard_in_both(one: Words, other: Words, offset: int) -> int:
    """Words that are heard in both where they overlap, with `other[i + offset]` beside `one[i]`."""
    start, end = max(0, -offset), min(len(one), len(other) - offset)
    if end <= start:
        return 0
    return int(np.count_nonzero((one[start:end] != 0) & (other[start + offset : end + offset] != 0)))


def _at(one: Words, other: Words, offset: int) -> SoundLikeness | None:
    """`other[i + offset]` against `one[i]`."""
    start, end = max(0, -offset), min(len(one), len(other) - offset)
    if end - start < max(_LEAST, _TOGETHER):
        return None
    a, b = one[start:end], other[start + offset : end + offset]
    is_heard = (a != 0) & (b != 0)
    apart = np.bitwise_count(a ^ b) * is_heard / 32
    near = np.ones(_TOGETHER)
    # Of each word with its neighbours, as far as they are heard.
    share = np.convolve(apart, near, "same") / np.maximum(1, np.convolve(is_heard, near, "same"))
    agrees = is_heard & (share < _SAME)
    agreeing, shorter = int(agrees.sum()), min(np.count_nonzero(one), np.count_nonzero(other))
    if agreeing < _LEAST:
        return None
    differing = float(apart[agrees].mean())
    if agreeing < _FEW and differing > _SAME_FEW:
        return None
    # What is silent in one of them only, in the fringe of a note, is no disagreement.
    shared = min(1.0, agreeing / int(is_heard.sum()), 1.15 * agreeing / shorter)
    return SoundLikeness(shared, round(offset * HOP_MS), differing)
