"""Points on a plane as they are looked at: which is under a pointer, beside another, in a lasso; and a picture of them.

A *view* is (x, y, scale): what lies in the middle of a picture, and how many of its pixels 1 on the plane is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import Floats, Ints

View = tuple[float, float, float]
_FAINT = 0.28
"""How much of its colour a point keeps that is not meant."""
_WIDE = 0.55
"""How far beside the way an arrow key leads may be, in shares of how far along it."""


@dataclass(frozen=True, slots=True)
class Plane:
    """`ids` `[n]` rise, `spots` `[n, 2]`; everything is asked by item, so that it may be another plane the next time."""

    ids: Ints
    spots: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of nearly all of them: a few far off do not make the rest small."""
        if not len(self.ids):
            return -1.0, -1.0, 1.0, 1.0
        low, high = np.quantile(self.spots, (0.002, 0.998), axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def row(self, item_id: int) -> int:
        """Where an item is in the arrays; -1 if it is not here."""
        at = int(np.searchsorted(self.ids, item_id))
        return at if at < len(self.ids) and self.ids[at] == item_id else -1

    def spot(self, item_id: int) -> tuple[float, float] | None:
        """Where it lies."""
        at = self.row(item_id)
        return None if at < 0 else (float(self.spots[at, 0]), float(self.spots[at, 1]))

    def nearest(self, x: float, y: float, within: float = np.inf) -> int:
        """The item nearest to a spot; 0 if none is `within`."""
        if not len(self.ids):
            return 0
        far = (self.spots[:, 0] - x) ** 2 + (self.spots[:, 1] - y) ** 2
        at = int(far.argmin())
        return int(self.ids[at]) if far[at] <= within * within else 0

    def beside(self, item_id: int, right: int, down: int) -> int:
        """The nearest item in a direction (one of the two is -1 or 1), those straight that way first; itself if there is
        none.
        """
        here = self.row(item_id)
        if here < 0:
            return item_id
        away = self.spots - self.spots[here]
        along = away[:, 0] * right + away[:, 1] * down
        aside = np.abs(away[:, 1] * right) + np.abs(away[:, 0] * down)
        worth = np.where((along > 1e-6) & (aside <= along / _WIDE), along + 1.5 * aside, np.inf)
        at = int(worth.argmin())
        return int(self.ids[at]) if np.isfinite(worth[at]) else item_id

    def inside(self, corners: Sequence[tuple[float, float]]) -> tuple[int, ...]:
        """The items in a closed line (by how often a ray crosses it: Shimrat, "Algorithm 112", CACM 1962)."""
        if len(corners) < 3 or not len(self.ids):
            return ()
        line = np.asarray(corners, np.float32)
        (left, top), (right, bottom) = line.min(axis=0), line.max(axis=0)
        x, y = self.spots[:, 0], self.spots[:, 1]
        rows = np.flatnonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom))
        x, y = x[rows], y[rows]
        is_in = np.zeros(len(rows), bool)
        for (x1, y1), (x2, y2) in zip(line, np.roll(line, -1, axis=0), strict=True):
            if y1 != y2:
                is_in ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
        return tuple(self.ids[rows[is_in]].tolist())

    def spread_out(
        self, view: View, size: tuple[int, int], cell: tuple[int, int], card: tuple[int, int], most: int
    ) -> list[tuple[int, float, float, int]]:
        """(item, x, y, others) of points in the picture of this size that are at least a `cell` apart, at most `most`; empty
        where so many lie in sight that a few would stand for many. `others` are the points that a `card` about it covers.
        """
        pixels, rows = _seen(self.spots, view, size, 0)
        if len(rows) > 6 * most:
            return []
        taken: list[tuple[int, float, float, int]] = []
        for (x, y), row in zip(pixels.tolist(), rows.tolist(), strict=True):
            if all(abs(x - other) >= cell[0] or abs(y - below) >= cell[1] for _, other, below, _ in taken):
                is_covered = (2 * np.abs(pixels - (x, y)) < card).all(axis=1)
                taken.append((int(self.ids[row]), x, y, int(is_covered.sum()) - 1))
                if len(taken) >= most:
                    break
        return taken

    def paint(
        self,
        view: View,
        size: tuple[int, int],
        radius: float,
        ground: int,
        palette: Sequence[int],
        colours: NDArray[np.uint8],
        chosen: Sequence[int] = (),
    ) -> NDArray[np.uint32]:
        """A picture (rows of `0xffrrggbb`, `size` pixels wide and high) of discs with this radius in pixels. Made in small
        steps, between which whoever draws a window has the interpreter's lock at once.

        `colours` `[n]` are places in `palette`, the later ones on top. Where some are `chosen`, the others are faint.
        """
        width, height = size
        picture = np.full(height * width, 0xFF000000 | ground, np.uint32)
        pixels, rows = _seen(self.spots, view, size, int(np.ceil(radius)) + 1)
        lit = np.ones(len(rows), bool)
        if len(chosen):
            lit = np.isin(self.ids[rows], np.asarray(chosen, np.int64))
        order = np.argsort(colours[rows] + lit.astype(np.uint8) * np.uint8(128), kind="stable")
        pixels, rows, lit = pixels[order], rows[order], lit[order]
        full = np.array([_mixed(each, ground, 1.0) for each in palette], np.uint32)
        faint = np.array([_mixed(each, ground, _FAINT) for each in palette], np.uint32)
        at = np.floor(pixels).astype(np.int64)
        for half in (False, True):
            these = np.flatnonzero(lit == half)
            tints = (full if half else faint)[colours[rows[these]]]
            edges = np.array([_mixed(int(each), ground, 0.5) for each in (full if half else faint)], np.uint32)[
                colours[rows[these]]
            ]
            _stamp(picture, at[these], size, _ring(radius), edges)
            _stamp(picture, at[these], size, _disc(radius), tints)
        return picture.reshape(height, width)


def _seen(spots: Floats, view: View, size: tuple[int, int], margin: int) -> tuple[Floats, Ints]:
    """Where points lie in a picture, of those that do; `margin` pixels beyond its edges count."""
    x, y, scale = view
    across = (spots[:, 0] - x) * scale + size[0] / 2
    down = (spots[:, 1] - y) * scale + size[1] / 2
    rows = np.flatnonzero(
        (across >= -margin) & (across < size[0] + margin) & (down >= -margin) & (down < size[1] + margin)
    )
    return np.stack([across[rows], down[rows]], axis=1), rows


def _disc(radius: float) -> Ints:
    """Offsets `[k, 2]` of the pixels that a disc covers."""
    reach = int(np.ceil(radius))
    steps = np.arange(-reach, reach + 1)
    offsets = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    return offsets[np.hypot(offsets[:, 0], offsets[:, 1]) <= radius]


def _ring(radius: float) -> Ints:
    """Those about it that it covers in part."""
    wider, inner = _disc(radius + 0.7), {tuple(each) for each in _disc(radius).tolist()}
    return np.array([each for each in wider.tolist() if tuple(each) not in inner], np.int64).reshape(-1, 2)


def _stamp(
    picture: NDArray[np.uint32], at: Ints, size: tuple[int, int], offsets: Ints, tints: NDArray[np.uint32]
) -> None:
    width, height = size
    margin = int(np.abs(offsets).max(initial=0))
    is_whole = (at[:, 0] >= margin) & (at[:, 0] < width - margin) & (at[:, 1] >= margin) & (at[:, 1] < height - margin)
    flat = at[:, 1] * width + at[:, 0]
    whole, cut = np.flatnonzero(is_whole), np.flatnonzero(~is_whole)
    inner, colour = flat[whole], tints[whole]
    for right, down in offsets.tolist():
        time.sleep(0)
        picture[inner + (down * width + right)] = colour
        if len(cut):
            x, y = at[cut, 0] + right, at[cut, 1] + down
            there = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            picture[y[there] * width + x[there]] = tints[cut[there]]


def _mixed(colour: int, ground: int, share: float) -> int:
    parts = [
        round((colour >> shift & 255) * share + (ground >> shift & 255) * (1 - share)) << shift for shift in (16, 8, 0)
    ]
    return 0xFF000000 | sum(parts)
