"""Whether two recordings are the same, at what offset, and how much of the shorter one agrees.

Candidates come from words that share 22 of their 32 bits (an inverted index, as in Haitsma and Kalker 2002) and whose
neighbours agree as well; a candidate is then compared word by word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sound_prints import HOP_MS

_KEYS = (0x003FFFFF, 0xFFFFFC00, 0x1FFE07FE)
_MOST_KEYS = 12_000_000
"""In all: about 200 MB while they are compared."""
_NEIGHBOURS = 10
_NEAR = 0.37
"""Share of differing bits among neighbours from which a shared word was chance."""
_FULLEST = 200

_TOGETHER = 5
"""Words whose differences are judged together: a good half second."""
_SAME, _SAME_FEW = 0.3, 0.13
"""Share of differing bits, and of few words; strangers differ by 0.42."""
_FEW, _LEAST = 8, 4

Words = NDArray[np.uint32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SoundLikeness:
    """`share` (0..1) of the shorter one's sound is in the other, which is `offset_ms` later there."""

    share: float
    offset_ms: int
    apart: float
    """Share of differing bits where they agree: 0 for the same bytes, 0.2 for a poor copy."""


def find_candidates(sounds: Sequence[Words], news: NDArray[np.bool_]) -> dict[tuple[int, int], list[int]]:
    """For pairs of indices into `sounds`, the lower first and one of them among `news`: offsets (in words, of the second
    against the first) at which they may agree, the likeliest first.
    """
    heard = [index for index, words in enumerate(sounds) if len(words) >= _LEAST]
    if len(heard) < 2 or not news[heard].any():
        return {}
    most = max(64, _MOST_KEYS // (len(_KEYS) * len(heard)))
    owner, place, word = [], [], []
    for index in heard:
        at = np.flatnonzero(sounds[index])[:most]
        owner.append(np.full(len(at), index, np.int64))
        place.append(at)
        word.append(sounds[index][at])
    owners, places, words = np.concatenate(owner), np.concatenate(place), np.concatenate(word)
    lengths = np.array([len(each) + _NEIGHBOURS for each in sounds])
    starts = np.cumsum(lengths) - lengths
    flat = np.zeros(lengths.sum(), np.uint32)
    for start, each in zip(starts, sounds, strict=True):
        flat[start : start + len(each)] = each
    found: dict[tuple[int, int], dict[int, int]] = {}
    for mask in _KEYS:
        keys = words & np.uint32(mask)
        order = np.argsort(keys, kind="stable")
        in_order = keys[order]
        end = np.searchsorted(in_order, in_order, "right")
        size = end - np.arange(len(order)) - 1
        # Each with those behind it in its bucket; a bucket that is too full says nothing.
        size = np.where(size < _FULLEST, size, 0)
        one = np.repeat(np.arange(len(order)), size)
        step = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + 1
        a, b = order[one], order[one + step]
        good = (owners[a] != owners[b]) & (news[owners[a]] | news[owners[b]])
        a, b = a[good], b[good]
        for part in range(0, len(a), 500_000):
            _keep_near(a[part : part + 500_000], b[part : part + 500_000], owners, places, starts, flat, found)
    return {pair: sorted(votes, key=lambda offset: -votes[offset])[:4] for pair, votes in found.items()}


def _keep_near(
    a: Ints,
    b: Ints,
    owners: Ints,
    places: Ints,
    starts: Ints,
    flat: Words,
    found: dict[tuple[int, int], dict[int, int]],
) -> None:
    """Those of the pairs of words whose neighbours agree, too."""
    beside = np.arange(1, _NEIGHBOURS + 1)
    near_a = flat[np.minimum(starts[owners[a]] + places[a], len(flat) - _NEIGHBOURS - 1)[:, None] + beside]
    near_b = flat[np.minimum(starts[owners[b]] + places[b], len(flat) - _NEIGHBOURS - 1)[:, None] + beside]
    is_heard = (near_a != 0) & (near_b != 0)
    apart = (np.bitwise_count(near_a ^ near_b) * is_heard).sum(1) / (32 * np.maximum(1, is_heard.sum(1)))
    for one, other in zip(a[apart < _NEAR], b[apart < _NEAR], strict=True):
        if owners[one] > owners[other]:
            one, other = other, one  # noqa: PLW2901
        votes = found.setdefault((int(owners[one]), int(owners[other])), {})
        offset = int(places[other] - places[one])
        votes[offset] = votes.get(offset, 0) + 1


def compare(one: Words, other: Words, offsets: Sequence[int]) -> SoundLikeness | None:
    """The best of these offsets, in words; None if there is nothing to hear where they overlap."""
    found = [likeness for each in {o + d for o in offsets for d in (-1, 0, 1)} if (likeness := _at(one, other, each))]
    return max(found, key=lambda likeness: (round(likeness.share, 2), -likeness.apart), default=None)


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
