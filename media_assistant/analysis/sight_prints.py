"""A small picture by which a photo or a frame is known again: 32 x 32 of luma without black borders.

It is kept as a picture rather than as a hash, so that whoever compares can look at parts of it, mirror it, and tell a
burnt-in caption from another photo. Borders (letterbox, pillarbox) are cut off first, and their widths are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FORM = "sight-32-1"
SIDE = 32
LOOK = 128
"""Side of the square that a print is made from."""

_DARK, _EVEN = 26, 14
_WIDEST_BORDER = 0.36
_HEAD = 8
SIZE = _HEAD + SIDE * SIDE
"""Bytes of a packed one."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SightPrint:
    """`picture` `[32, 32]` of the content; `borders` are left, top, right, bottom in 1/255 of the whole."""

    at_ms: int
    borders: tuple[int, int, int, int]
    picture: Grey


def make_print(grey: Grey, at_ms: int) -> SightPrint:
    """Of luma `[LOOK, LOOK]`, stretched to that square whatever the picture's shape."""
    top, bottom = _border(grey)
    left, right = _border(grey.T)
    content = grey[top : LOOK - bottom, left : LOOK - right]
    small = cv2.resize(content, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    left, top, right, bottom = (round(255 * each / LOOK) for each in (left, top, right, bottom))
    return SightPrint(at_ms, (left, top, right, bottom), np.asarray(small, np.uint8))


def _border(grey: Grey) -> tuple[int, int]:
    """Rows of black at both ends. A picture that is black altogether has none."""
    means, spreads = grey.mean(1), grey.std(1)
    is_bar = (means < _DARK) & (spreads < _EVEN)
    if is_bar.mean() > 2 * _WIDEST_BORDER:
        return 0, 0
    lit = np.flatnonzero(~is_bar)
    first, last = int(lit[0]), len(grey) - 1 - int(lit[-1])
    widest = int(_WIDEST_BORDER * len(grey))
    # Bars are even on both sides or on one; what is darker than that is a dark picture.
    return (first if first <= widest else 0), (last if last <= widest else 0)


def pack(prints: list[SightPrint], start_ms: int) -> bytes:
    """As `Fingerprint.marks`: each with its time after `start_ms` in ms, its borders and its pixels."""
    return b"".join(
        (each.at_ms - start_ms).to_bytes(4, "little") + bytes(each.borders) + each.picture.tobytes() for each in prints
    )


def unpack(marks: bytes, start_ms: int) -> list[SightPrint]:
    """The inverse of `pack`; what is cut off at its end is passed over."""
    found = []
    for at in range(0, len(marks) - SIZE + 1, SIZE):
        part = marks[at : at + SIZE]
        left, top, right, bottom = part[4:_HEAD]
        picture = np.frombuffer(part, np.uint8, offset=_HEAD).reshape(SIDE, SIDE)
        found.append(SightPrint(start_ms + int.from_bytes(part[:4], "little"), (left, top, right, bottom), picture))
    return found
