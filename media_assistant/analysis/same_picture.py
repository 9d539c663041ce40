"""Whether two small pictures are forms of the same one, and how they differ.

Compared is what is left without slow changes of light (normalised cross-correlation, Lewis 1995): once as they are, once
without a corner or a strip, where a logo or a caption may stand, and where one may be a part of the other by moving the
part's edges uphill. Frames of a burst differ in the middle, by little; so what is not cropped has to agree closely.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.sight_prints import SIDE

_SAME = 0.93
"""Agreement from which two are the same picture, nothing cropped; neighbours in a burst reach 0.91."""
_CERTAIN = 0.985
"""Agreement from which nobody looks for a logo."""
_MARK, _CLEAR, _CORNER_FIRST = 0.025, 0.968, 0.012
"""By so much they agree better without the place where something is burnt in, and so well."""
_SAME_BESIDE = 0.945
"""The same without a corner or a strip, which is easier."""
_SAME_PART = 0.85
"""The same for a part: it is blurred by being stretched."""
_FAR, _HOPELESS = 0.55, 0.85
"""The same with all its light, before and after its edges were moved. Parts that are the same begin above 0.62 and end
above 0.94.
"""
_ROUGH = 0.7
"""Where the slow changes of light agree as well as that, parts that are the same agree without them above 0.87."""
_INNER = (0.06, 0.06, 0.94, 0.94)
_WHOLE_AREA = 0.93
"""A part larger than this is no crop but a camera that moved."""
_LEAST_SIDE = 0.58
_FLAT = 2.0
"""Spread of luma without its slow changes, below which nothing can be told."""

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
WHOLE_BOX: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How surely (0..1) `one` shows what is in the `box` (left, top, right, bottom in shares) of the other.

    `beside` is where one of them has something burnt in: "", "corner", "top" or "bottom".
    """

    sureness: float
    box: Box = WHOLE_BOX
    beside: str = ""

    @property
    def is_part(self) -> bool:
        """Whether something is cropped."""
        return self.box != WHOLE_BOX


def compare(one: Grey, other: Grey, hint: Box = WHOLE_BOX, least: float | None = None) -> Likeness | None:
    """`one` is looked for around the `hint` in `other`. None if they are not the same. 0.1 to 5 ms.

    `least` agreement is enough where more is known than the two pictures: frames of films at the same time.
    """
    a, b = other.astype(np.float32), one.astype(np.float32)
    fine_a, fine_b = _fine(a), _fine(b)
    if min(fine_a.std(), fine_b.std()) < _FLAT:
        return None
    whole = _whole(fine_a, fine_b, least)
    if whole is None and least is None:
        # Light that was changed by more than a factor.
        whole = _whole(_fine(_even(other)), _fine(_even(one)), least)
    if whole is not None:
        return whole
    if least and hint == WHOLE_BOX:
        return None
    start = hint if hint != WHOLE_BOX else _INNER
    light = _Parts(a, b, _same)
    if light.agreement(start) < _FAR:
        return None
    # With all its light a part is found from farther away, without the slow changes exactly.
    rough, start = light.climb(start, 0.06)
    if rough < _HOPELESS:
        return None
    detail = _Parts(a, b, _fine)
    if detail.agreement(start) < _ROUGH:
        return None
    agreement, box = detail.climb(start, 0.04)
    area = (box[2] - box[0]) * (box[3] - box[1])
    if agreement < (least or _SAME_PART) or area > _WHOLE_AREA:
        return None
    return Likeness(_sure(agreement, least or _SAME_PART), box)


def compare_on_one_thread() -> None:
    """From now on, in this process: pictures as small as these are not shared out, and OpenCV's other threads would turn
    round and wait for each next one.
    """
    cv2.setNumThreads(1)


def _whole(fine_a: Floats, fine_b: Floats, least: float | None) -> Likeness | None:
    agreement = _agreement(fine_a, fine_b)
    if agreement >= (least or _CERTAIN):
        return Likeness(_sure(agreement, least or _SAME))
    names, masks = _masks()
    beside: dict[str, float] = {}
    for name, found in zip(names, _agreements(fine_a.ravel(), fine_b.ravel(), masks).tolist(), strict=True):
        beside[name] = max(beside.get(name, 0.0), found)
    # A corner is the smallest part that may be left out, so it is believed first.
    name = max(beside, key=lambda each: beside[each] + (_CORNER_FIRST if each == "corner" else 0))
    place = name if beside[name] - agreement >= _MARK and beside[name] >= _CLEAR else ""
    if agreement >= _SAME:
        return Likeness(_sure(agreement, _SAME), WHOLE_BOX, place)
    best, enough = max(beside.values()), least or _SAME_BESIDE
    return Likeness(0.98 * _sure(best, enough), WHOLE_BOX, place) if best >= enough else None


def _sure(agreement: float, least: float) -> float:
    return 0.8 + 0.2 * (agreement - least) / (1 - least)


def _fine(picture: Floats) -> Floats:
    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), 2.5), np.float32)


def _same(picture: Floats) -> Floats:
    return picture


def _even(picture: Grey) -> Floats:
    return np.asarray(cv2.equalizeHist(picture), np.float32)


def _agreement(a: Floats, b: Floats) -> float:
    (a, of_a), (b, of_b) = _centred(a), _centred(b)
    return float(a.dot(b)) / math.sqrt(of_a * of_b + 1e-6)


def _centred(picture: Floats) -> tuple[Floats, float]:
    """In a row, without its mean, and its square."""
    row = picture.ravel()
    row = row - row.sum() / row.size
    return row, float(row.dot(row))


def _agreements(a: Floats, b: Floats, masks: Floats) -> Floats:
    """The same within each mask, of pictures in a row."""
    sums = masks @ np.stack([a, b, a * a, b * b, a * b], 1)
    of_a, of_b, aa, bb, ab = sums.T
    count = masks.sum(1)
    spread = np.maximum(aa - of_a * of_a / count, 0) * np.maximum(bb - of_b * of_b / count, 0)
    return np.asarray((ab - of_a * of_b / count) / np.sqrt(spread + 1e-6), np.float32)


@lru_cache(maxsize=1)
def _masks() -> tuple[tuple[str, ...], Floats]:
    """What may be left out, and the rest of the picture `[masks, SIDE * SIDE]`."""
    low, high = 9, SIDE - 9
    strips = {"top": [(slice(0, low), slice(None))], "bottom": [(slice(SIDE - 11, SIDE), slice(None))]}
    corners = [
        (rows, columns) for rows in (slice(0, low), slice(high, SIDE)) for columns in (slice(0, 12), slice(20, SIDE))
    ]
    names, masks = [], []
    for name, places in (*strips.items(), ("corner", corners)):
        for place in places:
            mask = np.ones((SIDE, SIDE), np.float32)
            mask[place] = 0
            names.append(name)
            masks.append(mask.ravel())
    return tuple(names), np.array(masks)


class _Parts:
    """How well `b`, as it is seen, agrees with parts of `a`. Asked for half a hundred parts, many of them of one size and
    some more than once: what is known of a part, and of `b` at a size, is kept.
    """

    def __init__(self, a: Floats, b: Floats, see: Callable[[Floats], Floats]) -> None:
        self._a = a
        self._b = b
        self._see = see
        self._known: dict[Box, float] = {}
        self._sized: dict[tuple[int, int], tuple[Floats, float]] = {}

    def agreement(self, box: Box) -> float:
        """With this part, both at the size that it has in `a`, so that neither is sharper."""
        known = self._known.get(box)
        if known is not None:
            return known
        left, top, right, bottom = box
        size = width, height = round((right - left) * SIDE), round((bottom - top) * SIDE)
        across, down = (right - left) * SIDE / width, (bottom - top) * SIDE / height
        place = np.array(
            ((across, 0, left * SIDE - 0.5 + across / 2), (0, down, top * SIDE - 0.5 + down / 2)), np.float32
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        part = cv2.warpAffine(self._a, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        if size not in self._sized:
            small = cv2.resize(self._b, size, interpolation=cv2.INTER_AREA)
            self._sized[size] = _centred(self._see(np.asarray(small, np.float32)))
        (mine, spread), (theirs, of_theirs) = _centred(self._see(np.asarray(part, np.float32))), self._sized[size]
        found = self._known[box] = float(mine.dot(theirs)) / math.sqrt(spread * of_theirs + 1e-6)
        return found

    def climb(self, start: Box, step: float) -> tuple[float, Box]:
        """Move the edges of the part for as long as the agreement grows."""
        box = start
        best = self.agreement(start)
        while step > 0.008 and best > 0:
            has_moved = False
            for edge in range(4):
                for move in (-step, step):
                    edges = list(box)
                    edges[edge] += move
                    left, top, right, bottom = edges
                    if (
                        min(left, top) < -0.015
                        or max(right, bottom) > 1.015
                        or min(right - left, bottom - top) < _LEAST_SIDE
                    ):
                        continue
                    agreement = self.agreement((left, top, right, bottom))
                    if agreement > best:
                        best, box, has_moved = agreement, (left, top, right, bottom), True
            if not has_moved:
                step /= 2
        return best, box
