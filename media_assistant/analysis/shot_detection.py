"""Finds where one shot ends and the next begins, frame by frame, exact to the frame for cuts.

Three questions are asked of small pictures (64 x 36), cheap ones first:

* **Cut**: the picture changes far more than it lately did (adaptive threshold on the mean difference, as in Yusoff,
  Christmas & Kittler 2000), and what is seen cannot be found again nearby: each block of the new picture is searched
  in the old one within a small motion range (block matching, as in Shahraray 1995), so that pans, shake and things
  that rush past do not count. The two sides must also stay different when frames a few steps apart are compared,
  so that a flash or a passer-by does not count.
* **Fade**: a run of blank frames (black or white) between two pictures (Lienhart 1999).
* **Dissolve**: over windows of several lengths (twin comparison, Zhang, Kankanhalli & Smoliar 1993) the frames lie
  on the straight line between the first and the last one, with a share that grows steadily (the linear mixing model
  of Hampapur, Jain & Weymouth 1995), while the ends cannot be found in each other. Motion leaves that line.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 64, 36
"""The size of picture that the detector wants."""

_USUAL_RATE = 25.0
_STEPS = ((1, 2), (1, 5), (3, 2), (3, 5), (6, 0), (6, 3))
"""How many frames before and after a cut are held against each other."""
_FLASH_STEPS = ((2, 0), (2, 1), (2, 2), (1, 1), (1, 3), (1, 4), (3, 0), (3, 1), (4, 1))
"""More of them, where the light flares up and what is alike lies close together."""
_WINDOWS = (8, 12, 16, 24, 32, 40)
_KEPT = 64
_SETTLED = 46
"""After so many further frames nothing can change a boundary any more."""
_CLOSEST = 5
"""A shot has at least so many frames."""

_BLOCK_COLUMNS = np.kron(np.eye(8, dtype=np.float32), np.ones((12, 1), np.float32))
"""Sums the four cells of three colours that a block has in each row: `[96, 8]`."""

Picture = NDArray[np.uint8]
_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Boundary:
    """`at` is the first frame of the new shot; `kind` is `cut`, `fade` or `dissolve`; larger `strength` is clearer."""

    at: int
    kind: str
    strength: float


@dataclass(slots=True)
class _Seen:
    """What is remembered of one frame."""

    small: Picture
    coarse: _Floats
    """Block means `[18, 32, 3]`, 0..255."""
    difference: float
    """Mean absolute difference to the frame before, 0..255."""
    is_blank: bool
    tiny: _Floats
    """9 x 16 cells in a row: too coarse for a drifting camera to matter."""
    brightness: float
    tone: _Floats
    """Mean colour."""
    contrast: float
    """Mean over the colours of their spread."""
    normal: _Floats | None = None
    between: list[_Floats] | None = None


class ShotDetector:
    """Push pictures in order; `push` and `finish` give the boundaries that have become certain, in order."""

    def __init__(self, rate: float = _USUAL_RATE) -> None:
        """`rate` in frames per second: films much faster than usual are judged by every other frame, and so on."""
        self._stride = max(1, round(rate / (_USUAL_RATE * 1.3))) if rate > 0 else 1
        self._frames: deque[_Seen] = deque(maxlen=_KEPT)
        self._between: list[Picture] = []
        self._count = 0
        self._pushed = 0
        self._kept_small: dict[int, list[Picture]] = {}
        self._suspects: dict[int, float] = {}
        self._blank_from: int | None = None
        self._short_blanks: list[tuple[int, int]] = []
        self._found: list[Boundary] = []
        self._dissolve: tuple[float, int, int, int] | None = None
        self._told = 0

    def push(self, small: Picture) -> list[Boundary]:
        """The next frame, uint8 `[36, 64, 3]`."""
        self._between.append(small)
        self._pushed += 1
        if (self._pushed - 1) % self._stride:
            return []
        if self._stride > 1:
            self._kept_small[self._count] = self._between
            self._kept_small.pop(self._count - _KEPT, None)
        self._between = []
        self._take(small)
        return self._settle(self._count - _SETTLED)

    def finish(self) -> list[Boundary]:
        """What is still open at the end."""
        for at in range(max(1, self._count - 6), self._count):
            self._judge_cut(at)
        for start, end in self._short_blanks:
            self._judge_short_blank(start, end)
        if self._blank_from is not None:
            self._end_blank(self._count, is_last=True)
        self._close_dissolve()
        return self._settle(self._count + 1)

    def _take(self, small: Picture) -> None:
        now = self._count
        last = self._frames[-1] if self._frames else None
        difference = _apart(small, last.small) if last is not None else 0.0
        coarse = halved(small.astype(np.float32))
        light = coarse.mean(2)
        level = float(light.mean())
        is_blank = (level < 12 or level > 240) and float(light.std()) < 5
        tiny = halved(coarse).ravel()
        tone, spread = cv2.meanStdDev(coarse)
        self._frames.append(
            _Seen(
                small,
                coarse,
                difference,
                is_blank,
                tiny,
                level,
                np.asarray(tone[:, 0], np.float32),
                float(spread.mean()),
            )
        )
        self._count = now + 1
        if is_blank and self._blank_from is None:
            self._blank_from = now
        elif not is_blank and self._blank_from is not None:
            self._end_blank(now, is_last=False)
        if last is not None and self._is_sudden(difference):
            strength = self._strangeness(now - 1, now)
            if strength > 0.1:
                self._suspects[now] = strength
        self._judge_cut(now - 6)
        while self._short_blanks and self._short_blanks[0][1] <= now - 6:
            self._judge_short_blank(*self._short_blanks.pop(0))
        if now % 2 == 0:
            self._look_for_dissolve(now)

    def _is_sudden(self, difference: float) -> bool:
        lately = [seen.difference for seen in list(self._frames)[-10:-1]]
        return difference > 2.0 and difference > 2.0 + 1.2 * (median(lately) if lately else 0.0)

    def _at(self, number: int) -> _Seen | None:
        place = number - (self._count - len(self._frames))
        return self._frames[place] if 0 <= place < len(self._frames) else None

    def _normal(self, seen: _Seen) -> _Floats:
        """Coarse picture without its own light and contrast, so that exposure and fades do not look like change."""
        if seen.normal is None:
            centred = seen.coarse - seen.tone
            seen.normal = centred / (float(centred.std()) + 6.0)
        return seen.normal

    def _strangeness(self, old: int, new: int) -> float:
        """How little of frame `new` can be found in frame `old`: 0 all of it, about 0.5 for unrelated pictures."""
        return self._compare(old, new)[0]

    def _compare(self, old: int, new: int) -> tuple[float, float]:
        """Median and lower quartile, over 48 blocks, of the smallest difference within the motion range."""
        before, after = self._at(old), self._at(new)
        if before is None or after is None:
            return 0.0, 0.0
        if before.is_blank or after.is_blank:
            return (0.0, 0.0) if before.is_blank and after.is_blank else (0.6, 0.6)
        quarters = block_differences(self._normal(before), self._normal(after))
        if _quantile(quarters, 0.5) > 0.1:
            # A fine texture that moved by half a cell looks like another one: look between the cells, too.
            if before.between is None:
                before.between = _between_cells(before)
            for between in before.between:
                quarters = np.minimum(quarters, block_differences(between, self._normal(after)))
        tint = float(np.abs(before.tone - after.tone).mean())
        flat = max(0.0, 1 - max(before.contrast, after.contrast) / 10)
        extra = flat * min(tint / 60, 0.5)  # plain colour plates differ by their colour alone
        return _quantile(quarters, 0.5) + extra, _quantile(quarters, 0.25) + extra

    def _judge_cut(self, at: int) -> None:
        strength = self._suspects.pop(at, 0.0)
        if not strength:
            return
        seen = self._at(at)
        before = self._at(at - 1)
        if seen is None or before is None:
            return
        nearest = [self._at(n) for n in range(at - 3, at + 4)]
        if any(one is not None and one.is_blank for one in nearest):
            return  # a fade's business
        lately = [one.difference for n in range(at - 9, at) if (one := self._at(n)) is not None]
        usual = max(median(lately), median(lately[-3:])) if lately else 0.0
        surge = seen.difference / (1.5 + usual)
        _, quarter = self._compare(at - 1, at)
        if strength < max(0.13, 0.24 - 0.016 * surge) or quarter < 0.08:
            return
        limit = min(0.24, 0.62 * strength)
        steps = _STEPS + _FLASH_STEPS if self._flares_up(at) else _STEPS
        for back, ahead in steps:
            if self._at(at - back) is None or self._at(at + ahead) is None:
                continue
            if self._strangeness(at - back, at + ahead) < limit:
                return
        self._add(Boundary(at, "cut", strength + 0.5))

    def _flares_up(self, at: int) -> bool:
        """Whether some frame around `at` is clearly lighter than both ends of its surroundings."""
        lights = [one.brightness for n in range(at - 6, at + 7) if (one := self._at(n)) is not None]
        return max(lights) > 10 + max(lights[0], lights[-1])

    def _end_blank(self, end: int, *, is_last: bool) -> None:
        start, self._blank_from = self._blank_from or 0, None
        length = end - start
        if start == 0 or is_last:
            if length > _USUAL_RATE:
                self._add(Boundary(start if is_last else end, "fade", 1.0))
            return
        if length <= 6:
            self._short_blanks.append((start, end))
            return
        if length > 1.5 * _USUAL_RATE:
            self._add(Boundary(start, "fade", 1.0))
            self._add(Boundary(end, "fade", 1.0))
        else:
            self._add(Boundary((start + end + 1) // 2, "fade", 1.0))

    def _judge_short_blank(self, start: int, end: int) -> None:
        """A few blank frames are a quick fade only if what comes after is something else; else a flash, or frames lost."""
        for back, ahead in ((1, 0), *_STEPS, *_FLASH_STEPS):
            if self._at(start - back) is None or self._at(end + ahead) is None:
                continue
            if self._strangeness(start - back, end + ahead) < 0.2:
                return
        self._add(Boundary((start + end + 1) // 2, "fade", 1.0))

    def _look_for_dissolve(self, now: int) -> None:
        if self._dissolve is not None and now - self._dissolve[2] > 24:
            self._close_dissolve()
        latest = self._frames[-1]
        for window in _WINDOWS:
            start = now - window - 5
            first = self._at(start)
            if first is None or now - window < 1:
                return
            old = self._at(now - window - 5 + 5)
            if old is None or old.is_blank or latest.is_blank:
                return
            change = _apart(old.coarse, latest.coarse)
            if change < 6:
                continue
            found = self._fit_line(now - 5 - window, now - 5)
            if found is None:
                continue
            misfit, middle = found
            self._dissolve = (misfit, middle, now, window)

    def _fit_line(self, start: int, end: int) -> tuple[float, int] | None:
        """(misfit, middle frame) if frames `start..end` are one picture turning into another, better than lately; else None."""
        frames = [self._at(number) for number in range(start, end + 1)]
        if any(one is None or one.is_blank for one in frames):
            return None
        seen = [one.tiny for one in frames if one is not None]
        whole = seen[-1] - seen[0]
        length = float(whole @ whole)
        if length < 9.0 * len(whole):
            return None
        ways = np.stack(seen[1:-1]) - seen[0]
        shares = ways @ whole / length
        steps = np.diff(np.concatenate([[0.0], shares, [1.0]]))
        if steps.max() > 0.05 + 1.4 / (end - start) or steps.min() < -0.1:
            return None
        misfit = float(((ways - shares[:, None] * whole) ** 2).sum(1).mean() / length)
        if misfit > 0.065 or (self._dissolve is not None and misfit >= self._dissolve[0]):
            return None
        strangeness = self._strangeness(start, end)
        if strangeness < 0.18 or misfit > 0.03 + 0.12 * (strangeness - 0.15):
            return None
        before = self._at(max(start - 5, self._count - len(self._frames)))
        after = self._at(min(end + 5, self._count - 1))
        if before is None or after is None:
            return None
        apart = block_differences(self._normal(before), self._normal(after), (4, 8))
        if _quantile(apart, 0.5) < 0.2:
            return None
        return misfit, start + 1 + int(np.abs(shares - 0.5).argmin())

    def _close_dissolve(self) -> None:
        if self._dissolve is None:
            return
        misfit, middle, _, window = self._dissolve
        self._dissolve = None
        reach = window // 2 + 4
        if any(abs(other.at - middle) <= reach for other in self._found):
            return
        self._add(Boundary(middle, "dissolve", 0.3 - misfit))

    def _add(self, boundary: Boundary) -> None:
        for other in list(self._found):
            is_near = abs(other.at - boundary.at) < _CLOSEST
            is_inside = "dissolve" in {other.kind, boundary.kind} and abs(other.at - boundary.at) < 14
            if is_near or is_inside:
                if other.strength >= boundary.strength:
                    return
                self._found.remove(other)
        self._found.append(boundary)

    def _settle(self, before: int) -> list[Boundary]:
        ready = sorted((one for one in self._found if one.at < before and one.at > self._told), key=lambda one: one.at)
        if not ready:
            return []
        self._told = ready[-1].at
        # The last settled one stays known, so that nothing is added right behind it.
        self._found = [one for one in self._found if one.at >= self._told]
        return [self._to_film(one) for one in ready]

    def _to_film(self, boundary: Boundary) -> Boundary:
        """From judged frames back to all frames: a cut is at the largest change since the judged frame before."""
        at = boundary.at * self._stride
        skipped = self._kept_small.get(boundary.at, [])
        if boundary.kind == "cut" and len(skipped) > 1:
            last = self._kept_small.get(boundary.at - 1, [skipped[0]])[-1]
            row = [last, *skipped]
            changes = [np.abs(b.astype(np.int16) - a).mean() for a, b in pairwise(row)]
            at += int(np.argmax(changes)) - (len(skipped) - 1)
        return Boundary(max(1, at), boundary.kind, boundary.strength)


def block_differences(old: _Floats, new: _Floats, reach: tuple[int, int] = (2, 4)) -> _Floats:
    """For each of 6 x 8 blocks of `new` `[18, 32, 3]` the smallest mean absolute difference to `old` within `reach` cells."""
    rows, columns = reach
    padded = cv2.copyMakeBorder(old, rows, rows, columns, columns, cv2.BORDER_REPLICATE)
    along, step = padded.strides[:2]
    cell = padded.itemsize
    # Every shift of the old picture as a view, with the three colours of a cell beside each other in its row.
    shape, strides = (2 * rows + 1, 2 * columns + 1, 18, 96), (along, step, along, cell)
    shifted = np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)
    apart = shifted - new.reshape(18, 96)
    np.abs(apart, out=apart)
    across = (apart.reshape(-1, 96) @ _BLOCK_COLUMNS).reshape(-1, 6, 3, 8)
    blocks = across[:, :, 0] + across[:, :, 1] + across[:, :, 2]
    return np.asarray(blocks.min(0) / 36, np.float32).ravel()


def _quantile(values: _Floats, share: float) -> float:
    """As numpy's, for few values, in a fraction of its time."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low]) + (place - low) * (float(ordered[high]) - float(ordered[low]))


def _apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Mean absolute difference."""
    return float(cv2.norm(a, b, cv2.NORM_L1)) / a.size


def _between_cells(seen: _Seen) -> list[_Floats]:
    """The normal picture with its cells shifted by half a cell to the right, down, and both."""
    wide = np.pad(seen.small, ((0, 1), (0, 1), (0, 0)), mode="edge").astype(np.float32)
    mean = seen.tone
    spread = float((seen.coarse - mean).std()) + 6.0
    shifts = ((0, 1), (1, 0), (1, 1))
    return [(halved(wide[down : down + HEIGHT, right : right + WIDTH]) - mean) / spread for down, right in shifts]


def halved(picture: _Floats) -> _Floats:
    """Means of 2 x 2 cells of `[h, w, 3]`, much faster than `mean` over axes."""
    return (picture[::2, ::2] + picture[1::2, ::2] + picture[::2, 1::2] + picture[1::2, 1::2]) * np.float32(0.25)
