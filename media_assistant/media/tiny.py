"""Tiny pictures of large ones, in a fraction of the time that scaling the whole picture down takes.

Of each cell of the tiny picture a few points are read, straight from the decoder's planes, and their mean is taken; what
lies between them is not looked at. That is enough for what tells shots apart, and for nothing that people look at.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

MOST = 64 * 36
"""Points of a tiny picture."""
_POINTS = 3
"""Of a cell, along each side; of its colour, which files hold smoothed, one is enough."""
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}
_FULL_RANGE = 2
"""AVColorRange: what `yuvj` says by its name."""
# Shares of red and blue in the luma (ITU-T H.273).
_RED_BLUE = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE170M: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}


def tiny_rgb(frame: VideoFrame, width: int, height: int, colorspace: Colorspace) -> NDArray[np.uint8] | None:
    """`[height, width, 3]`; None where the frame is not far larger than that, or not of planes of bytes."""
    is_large = frame.width >= 3 * _POINTS * width and frame.height >= 3 * _POINTS * height
    if width * height > MOST or not is_large or frame.format.name not in _PLANAR or colorspace not in _RED_BLUE:
        return None
    planes = []
    for number, plane in enumerate(frame.planes):
        points = 1 if number else _POINTS
        stored: NDArray[np.uint8] = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]
        # The nearest point is the first of its stretch: half of one in, it is in the middle.
        down, right = plane.height // (2 * points * height), plane.width // (2 * points * width)
        whole = stored.reshape(-1, plane.line_size)[down : plane.height, right : plane.width]
        read = cv2.resize(whole, (points * width, points * height), interpolation=cv2.INTER_NEAREST)
        planes.append(cv2.resize(read, (width, height), interpolation=cv2.INTER_AREA) if points > 1 else read)
    is_full = frame.format.name.startswith("yuvj") or frame.color_range == _FULL_RANGE
    mixed = cv2.transform(cv2.merge(planes), _mixture(colorspace, is_full=is_full))
    return np.asarray(mixed, np.uint8)


@lru_cache(maxsize=16)
def _mixture(colorspace: Colorspace, *, is_full: bool) -> NDArray[np.float32]:
    """`[3, 4]`: from luma and the two differences of colour to red, green and blue, and what is to be added to them."""
    red, blue = _RED_BLUE[colorspace]
    green = 1 - red - blue
    light, colour = (1.0, 1.0) if is_full else (255 / 219, 255 / 224)
    to_red, to_blue = 2 * (1 - red) * colour, 2 * (1 - blue) * colour
    matrix = np.array(
        [
            [light, 0, to_red],
            [light, -to_blue * blue / green, -to_red * red / green],
            [light, to_blue, 0],
        ]
    )
    black = np.array([0 if is_full else 16, 128, 128])
    return np.column_stack([matrix, -matrix @ black]).astype(np.float32)
