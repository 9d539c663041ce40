"""What the names of things have in common with those of a person's past: words, and how they begin.

Parts of a series, albums and the work of one hand are told by names where contents differ. Nothing of a language is known:
a word counts by how rare it is in the library; of scripts without spaces two letters that stand together are a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

_WORD = re.compile(r"[^\W\d_]+|\d+")
_TOGETHER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_BEGINS = 3
"""Words at the beginning of a name that are compared."""
_MOST_ALIKE = 60
"""More things than this that begin alike are no series: a camera named them."""
_BELIEF = 5.0
"""As in `own_past`."""


@dataclass(frozen=True, slots=True)
class Names:
    """`words` are those of all names one behind the other, by number, each once a name; those of name i begin at
    `starts[i]` `[n + 1]`. `shares` `[w]`: of all names, how many have it. `begins` `[n, 3]`: which beginning of one, two and
    three words a name has, -1 where it has none, or one that many have.
    """

    words: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    shares: Array
    begins: npt.NDArray[np.int64]


def read_names(names: Sequence[str]) -> Names:
    """Of names without their extension; case does not count."""
    number: dict[str, int] = {}
    places: dict[tuple[str, ...], int] = {}
    flat: list[int] = []
    starts = np.zeros(len(names) + 1, np.int64)
    begins = np.full((len(names), _BEGINS), -1, np.int64)
    for row, name in enumerate(names):
        told = words_of(name)
        flat += [number.setdefault(word, len(number)) for word in dict.fromkeys(told)]
        starts[row + 1] = len(flat)
        for many in range(1, min(_BEGINS, len(told)) + 1):
            begins[row, many - 1] = places.setdefault(tuple(told[:many]), len(places))
    words = np.array(flat, np.int64)
    shares = np.bincount(words, minlength=len(number)) / max(1, len(names))
    alike = np.bincount(begins.ravel() + 1, minlength=len(places) + 1)
    begins[alike[begins + 1] > _MOST_ALIKE] = -1
    return Names(words, starts, shares.astype(np.float32), begins)


def words_of(name: str) -> list[str]:
    """The words of a name, in their order."""
    found: list[str] = []
    for word in _WORD.findall(name.casefold()):
        if _TOGETHER.fullmatch(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        else:
            found.append(word)
    return found


def words_alike(names: Names, rows: Rows, weights: Array) -> Array:
    """`[n]`: how much likelier the words of each name are among the names of these rows than in the library, those that
    are not likelier left out: that a word is missing says little of a name.
    """
    many = names.starts[rows + 1] - names.starts[rows]
    # The place of each of their words: those of the first name, then those of the next one.
    places = np.arange(many.sum()) + np.repeat(names.starts[rows] - (np.cumsum(many) - many), many)
    counts = np.bincount(names.words[places], np.repeat(weights, many), len(names.shares))
    had = (counts + _BELIEF * names.shares) / (float(weights.sum()) + _BELIEF)
    likelier = np.maximum(np.log(np.maximum(had, 1e-9) / np.maximum(names.shares, 1e-9)), 0.0)
    running = np.concatenate([[0.0], np.cumsum(likelier[names.words])])
    return np.asarray(running[names.starts[1:]] - running[names.starts[:-1]], np.float32)


def begins_alike(names: Names, rows: Rows) -> Array:
    """`[n]`: with how many words, at most three, each name begins as one of these rows does."""
    found = np.zeros(len(names.begins), np.float32)
    for many in range(_BEGINS):
        column = names.begins[:, many]
        own = column[rows]
        found[(column >= 0) & np.isin(column, own[own >= 0])] = many + 1
    return found


def beside_any(places: npt.NDArray[np.int64], rows: Rows) -> Array:
    """`[n]`: 1 for what stands right beside one of these rows in the order of names, less the further it is away."""
    line = np.arange(int(places.max()) + 1)
    is_own = np.zeros(len(line), bool)
    is_own[places[rows]] = True
    before = np.maximum.accumulate(np.where(is_own, line, -len(line)))
    behind = np.minimum.accumulate(np.where(is_own, line, 2 * len(line))[::-1])[::-1]
    near = np.exp(-(np.minimum(line - before, behind - line) - 1) / _NEXT_DOOR).astype(np.float32)
    return np.asarray(near[places])


_NEXT_DOOR = 1.5
