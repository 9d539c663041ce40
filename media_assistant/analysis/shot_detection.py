"""Finds where one shot ends and the next begins, frame by frame, exact to the frame for cuts.

Three questions are asked of small pictures (64 x 36), cheap ones first:

* **Cut**: the picture changes far more than it lately did (adaptive threshold on the mean difference, as in Yusoff,
  Christmas & Kittler 2000), and what is seen cannot be found again nearby: each block of the new picture is searched
  in the old one within a small motion range (block matching, as in Shahraray 1995), so that pans, shake and things
  that rush past do not count (`likeness.py`). The two sides must also stay different when frames a few steps apart are compared,
  so that a flash or a passer-by does not count.
* **Fade**: a run of blank frames (black or white) between two pictures (Lienhart 1999).
* **Dissolve**: over windows of several lengths (twin comparison, Zhang, Kankanhalli & Smoliar 1993) the frames lie
  on the straight line between the first and the last one, with a share that grows steadily (the linear mixing model
  of Hampapur, Jain & Weymouth 1995), while the ends cannot be found in each other. Motion leaves that line; where something moves over a dissolve, the
  cells that keep to it best have to agree (least trimmed squares, Rousseeuw 1984).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.dissolve_line import fit_most, roughness
from media_assistant.analysis.likeness import (
    ALIKE,
    Picture,
    Seen,
    apart,
    block_differences,
    compare,
    found_again,
    normal,
    quantile,
)

WIDTH, HEIGHT = 64, 36
"""The size of picture that the detector wants."""

_USUAL_RATE = 25.0
_STEPS = ((1, 2), (1, 5), (3, 2), (3, 5), (6, 0), (6, 3))
"""How many frames before and after a cut are held against each other."""
_FLASH_STEPS = ((2, 0), (2, 1), (2, 2), (1, 1), (1, 3), (1, 4), (3, 0), (3, 1), (4, 1))
"""More of them, where the light flares up and what is alike lies close together."""
_PLACE_STEPS = ((1, 0), (1, 2), (2, 4))
"""And those between which a place may be found again in another light, for all that hides it."""
_WINDOWS = (8, 12, 16, 24, 32, 40)
_KEPT = 64
_TINY_CELLS = 9 * 16
_TINY = _TINY_CELLS * 3
_SETTLED = 46
"""After so many further frames nothing can change a boundary any more."""
_CLOSEST = 5
"""A shot has at least so many frames."""

_LIT = 12.0
"""Contrast that a picture on the way to or from black needs before it can be told from another."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a dissolve has to keep to; its misfit also to `least + slope` x strangeness of its ends."""

    misfit: float
    strangeness: float
    least: float
    slope: float
    apart: float


_PLAIN = _Limits(misfit=0.065, strangeness=0.18, least=0.012, slope=0.12, apart=0.2)
_SPOILT = _Limits(misfit=0.04, strangeness=0.2, least=-0.014, slope=0.14, apart=0.25)
"""Where something moves over the dissolve."""
_SAME = 0.85
"""Correlation from which two pictures are the same place in another light."""

_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Boundary:
    """`at` is the first frame of the new shot; `kind` is `cut`, `fade` or `dissolve`; larger `strength` is clearer."""

    at: int
    kind: str
    strength: float


class ShotDetector:
    """Push pictures in order; `push` and `finish` give the boundaries that have become certain, in order."""

    def __init__(self, rate: float = _USUAL_RATE) -> None:
        """`rate` in frames per second: films much faster than usual are judged by every other frame, and so on."""
        self._stride = max(1, round(rate / (_USUAL_RATE * 1.3))) if rate > 0 else 1
        self._frames: deque[Seen] = deque(maxlen=_KEPT)
        self._between: list[Picture] = []
        self._count = 0
        self._pushed = 0
        self._kept_small: dict[int, list[Picture]] = {}
        self._suspects: dict[int, tuple[float, float]] = {}
        self._blank_from: int | None = None
        self._short_blanks: list[tuple[int, int]] = []
        self._found: list[Boundary] = []
        self._dissolve: tuple[float, int, int, int] | None = None
        self._told = 0
        self._tiny = np.zeros((_KEPT, _TINY), np.float32)
        # Twice side by side, so that any row of frames is a slice.
        self._dots = np.zeros((_KEPT, 2 * _KEPT))
        self._squares = np.zeros(2 * _KEPT)
        self._lights: list[tuple[float, ...]] = [()] * _KEPT
        """The mean colour of the pictures, from -128."""

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
        difference = apart(small, last.small) if last is not None else 0.0
        coarse = cv2.resize(small, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA).astype(np.float32)
        tone, spread = cv2.meanStdDev(coarse)
        lights = tone[:, 0].tolist()
        level = sum(lights) / 3
        is_blank = (level < 12 or level > 240) and float(coarse.mean(2).std()) < 5
        self._remember(now, coarse, tuple(light - 128 for light in lights))
        contrast = sum(spread[:, 0].tolist()) / 3
        self._frames.append(
            Seen(small, coarse, difference, is_blank, level, np.asarray(tone[:, 0], np.float32), contrast)
        )
        self._count = now + 1
        if is_blank and self._blank_from is None:
            self._blank_from = now
        elif not is_blank and self._blank_from is not None:
            self._end_blank(now, is_last=False)
        if last is not None and self._is_sudden(difference):
            strength, quarter = self._compare(now - 1, now)
            if strength > 0.1:
                self._suspects[now] = strength, quarter
        self._judge_cut(now - 6)
        while self._short_blanks and self._short_blanks[0][1] <= now - 16:
            self._judge_short_blank(*self._short_blanks.pop(0))
        if now % 2 == 0:
            self._look_for_dissolve(now)

    def _remember(self, number: int, coarse: _Floats, lights: tuple[float, ...]) -> None:
        """Keep the picture in 9 x 16 cells, too coarse for a drifting camera to matter, and its products with the others."""
        tiny = cv2.resize(coarse, (16, 9), interpolation=cv2.INTER_AREA).ravel() - 128
        place = number % _KEPT
        self._tiny[place] = tiny
        self._lights[place] = lights
        dots = self._tiny @ tiny
        self._dots[place, :_KEPT] = self._dots[place, _KEPT:] = dots
        self._dots[:, place] = self._dots[:, place + _KEPT] = dots
        self._squares[place] = self._squares[place + _KEPT] = dots[place]

    def _is_sudden(self, difference: float) -> bool:
        lately = [seen.difference for seen in list(self._frames)[-10:-1]]
        return difference > 2.0 and difference > 2.0 + 1.2 * (median(lately) if lately else 0.0)

    def _at(self, number: int) -> Seen | None:
        place = number - (self._count - len(self._frames))
        return self._frames[place] if 0 <= place < len(self._frames) else None

    def _strangeness(self, old: int, new: int, enough: float = ALIKE) -> float:
        """How little of frame `new` can be found in frame `old`: 0 all of it, about 0.5 for unrelated pictures.

        Values below `enough` are rough: whoever asks wants to know no more.
        """
        return self._compare(old, new, enough)[0]

    def _compare(self, old: int, new: int, enough: float = ALIKE) -> tuple[float, float]:
        """As `compare`; frames that are no longer known, or not yet, are alike."""
        before, after = self._at(old), self._at(new)
        return (0.0, 0.0) if before is None or after is None else compare(before, after, enough)

    def _judge_cut(self, at: int) -> None:
        strength, quarter = self._suspects.pop(at, (0.0, 0.0))
        if not strength:
            return
        seen = self._at(at)
        if seen is None or self._at(at - 1) is None:
            return
        nearest = [self._at(n) for n in range(at - 3, at + 4)]
        if any(one is not None and one.is_blank for one in nearest):
            return  # a fade's business
        lately = [one.difference for n in range(at - 9, at) if (one := self._at(n)) is not None]
        usual = max(median(lately), median(lately[-3:])) if lately else 0.0
        surge = seen.difference / (1.5 + usual)
        if strength < max(0.13, 0.24 - 0.016 * surge) or quarter < 0.08:
            return
        limit = min(0.24, 0.62 * strength)
        steps = _STEPS + _FLASH_STEPS if self._flares_up(at) else _STEPS
        for back, ahead in steps:
            if self._at(at - back) is None or self._at(at + ahead) is None:
                continue
            if self._strangeness(at - back, at + ahead, limit) < limit:
                return
        for back, ahead in _PLACE_STEPS:
            old, new = self._at(at - back), self._at(at + ahead)
            if old is not None and new is not None and found_again(old.coarse, new.coarse, 4):
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
            old, new = self._at(start - back), self._at(end + ahead)
            if old is None or new is None or min(old.contrast, new.contrast) < _LIT:
                continue
            if self._strangeness(start - back, end + ahead, 0.2) < 0.2:
                return
        last, first = self._clear(range(start - 1, start - 16, -1)), self._clear(range(end, end + 15))
        if last is not None and first is not None:
            old, new = self._at(last), self._at(first)
            if self._strangeness(last, first, 0.2) < 0.2 or (old and new and found_again(old.coarse, new.coarse, 3)):
                return
        self._add(Boundary((start + end + 1) // 2, "fade", 1.0))

    def _clear(self, numbers: range) -> int | None:
        """The first of these frames that has nearly as much contrast as any of them."""
        seen = {number: one.contrast for number in numbers if (one := self._at(number)) is not None}
        return next((number for number, contrast in seen.items() if contrast > 0.7 * max(seen.values())), None)

    def _look_for_dissolve(self, now: int) -> None:
        if self._dissolve is not None and now - self._dissolve[2] > 24:
            self._close_dissolve()
        latest = self._frames[-1]
        for window in _WINDOWS:
            old = self._at(now - window)
            if self._at(now - window - 5) is None or old is None or old.is_blank or latest.is_blank:
                return
            if apart(old.coarse, latest.coarse) < 6:
                continue
            if (found := self._fit_line(now - 5 - window, now - 5)) is not None:
                self._dissolve = (*found, now, window)

    def _fit_line(self, start: int, end: int) -> tuple[float, int] | None:
        """(misfit, middle frame) if frames `start..end` are one picture turning into another, better than lately; else None."""
        first, last = start % _KEPT, end % _KEPT
        dots = self._dots
        from_first = float(dots[first, first])
        length = from_first - 2 * float(dots[first, last]) + float(dots[last, last])
        if length < 9.0 * _TINY:
            return None
        old, new = self._at(start), self._at(end)
        if old is None or new is None:
            return None
        count = end - start - 1
        inner = slice((start + 1) % _KEPT, (start + 1) % _KEPT + count)
        ahead = dots[first, inner]
        shares: NDArray[np.floating] = (dots[last, inner] - ahead - (float(dots[first, last]) - from_first)) / length
        rough = roughness(shares)
        if rough > 3 or self._is_same_in_other_light(start, end):
            return None
        ways = self._squares[inner] - 2 * ahead + from_first
        misfit = float(ways.sum() / length - shares @ shares) / count
        is_plain = rough <= 1 and misfit <= _PLAIN.misfit
        limits = _PLAIN if is_plain else _SPOILT
        if not is_plain:
            if misfit > 0.3 or length < 64.0 * _TINY or (end - start > 12 and end % 4 == 1):
                return None
            ways = self._tiny[np.arange(start + 1, end + 1) % _KEPT] - self._tiny[start % _KEPT]
            misfit, shares = fit_most(ways.reshape(end - start, -1, 3))
        if misfit > limits.misfit or (self._dissolve is not None and misfit >= self._dissolve[0]):
            return None
        if (not is_plain and roughness(shares) > 1) or any(
            one is None or one.is_blank for one in map(self._at, range(start, end + 1))
        ):
            return None
        strangeness = self._strangeness(start, end, limits.strangeness)
        if strangeness < limits.strangeness or misfit > limits.least + limits.slope * strangeness:
            return None
        earlier, later = max(start - 5, self._count - len(self._frames)), min(end + 5, self._count - 1)
        before, after = self._at(earlier), self._at(later)
        if before is None or after is None or self._is_same_in_other_light(earlier, later):
            return None
        changed = block_differences(normal(before), normal(after), (4, 8))
        if quantile(changed, 0.5) < limits.apart:
            return None
        if not is_plain and self._strangeness(earlier, later, limits.apart) < limits.apart:
            return None
        if found_again(old.coarse, new.coarse, 3) and found_again(before.coarse, after.coarse, 3, 0.55):
            return None
        return misfit, start + 1 + int(np.abs(shares - 0.5).argmin())

    def _is_same_in_other_light(self, one: int, other: int) -> bool:
        """Whether the two pictures go up and down in the same places (correlation of their cells)."""
        if self._at(one) is None or self._at(other) is None:
            return False
        one, other = one % _KEPT, other % _KEPT
        a, b = self._lights[one], self._lights[other]
        size = _TINY_CELLS
        both = float(self._dots[one, other]) - size * sum(x * y for x, y in zip(a, b, strict=True))
        alone = float(self._squares[one]) - size * sum(x * x for x in a)
        alone *= float(self._squares[other]) - size * sum(y * y for y in b)
        return alone > 0 and both > 0 and both * both > _SAME**2 * alone

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
