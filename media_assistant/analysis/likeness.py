"""How alike two small pictures are, whatever the camera, the light and passers-by do: what tells a cut from a pan.

* Block matching (as in Shahraray 1995): each block of the new picture is searched in the old one nearby. The blocks are
  compared in several lights, for one large thing that comes or goes changes the mean of the whole picture.
* Normalised cross-correlation of patches (Lewis 1995), which no change of light and nothing that hides a part can fool.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

ALIKE = 0.08
"""A strangeness below this is the same picture, whoever asks."""

_BLOCK_COLUMNS = np.kron(np.eye(8, dtype=np.float32), np.ones((12, 1), np.float32))
"""Sums the four cells of three colours that a block has in each row: `[96, 8]`."""

_SHIFTS_AT_ONCE = 16

Picture = NDArray[np.uint8]
_Floats = NDArray[np.float32]


@dataclass(slots=True)
class Seen:
    """What is remembered of one frame."""

    small: Picture
    coarse: _Floats
    """Block means `[18, 32, 3]`, 0..255."""
    difference: float
    """Mean absolute difference to the frame before, 0..255."""
    is_blank: bool
    brightness: float
    tone: _Floats
    """Mean colour."""
    contrast: float
    """Mean over the colours of their spread."""
    means: _Floats | None = None
    normal: _Floats | None = None
    between: list[_Floats] | None = None


def normal(seen: Seen) -> _Floats:
    """Coarse picture without its own light and contrast, so that exposure and fades do not look like change."""
    if seen.normal is None:
        centred = seen.coarse - seen.tone
        seen.normal = centred / (float(centred.std()) + 6.0)
    return seen.normal


def compare(before: Seen, after: Seen, enough: float = ALIKE) -> tuple[float, float]:
    """Median and lower quartile, over 48 blocks, of the smallest difference within the motion range.

    0 where all of `after` is found in `before`, about 0.5 for unrelated pictures; below `enough` the values are rough.
    """
    if before.is_blank or after.is_blank:
        return (0.0, 0.0) if before.is_blank and after.is_blank else (0.6, 0.6)
    tint = float(np.abs(before.tone - after.tone).mean())
    flat = max(0.0, 1 - max(before.contrast, after.contrast) / 10)
    extra = flat * min(tint / 60, 0.5)  # plain colour plates differ by their colour alone
    middle, quarter = 1.0, 1.0
    for differences in _ways_to_compare(before, after):
        middle, quarter = min(middle, quantile(differences, 0.5)), min(quarter, quantile(differences, 0.25))
        if middle + extra < enough:
            break
    return middle + extra, quarter + extra


def _ways_to_compare(before: Seen, after: Seen) -> Iterator[_Floats]:
    """Differences per block, in shares of the contrast: two pictures are alike if any of these says so.

    The light and contrast of the whole picture say little when something large comes into it or leaves it, so
    that the rest is also compared in its own light: as it is, and evened out by the median of the blocks.
    """
    spread = max(before.contrast, after.contrast) + 6
    yield block_differences(before.coarse, after.coarse, (1, 1)) / spread
    old, new = _means(before), _means(after)
    yield block_differences(before.coarse + _middle(new - old), after.coarse, (1, 1)) / spread
    gain = float(_middle((new.sum(1) + 12) / (old.sum(1) + 12)))
    if 1 < gain < 2:
        yield block_differences(before.coarse * np.float32(gain), after.coarse, (1, 1)) / spread
    elif 0.5 < gain < 1:
        yield block_differences(before.coarse, after.coarse / np.float32(gain), (1, 1)) / spread
    quarters = block_differences(normal(before), normal(after))
    yield quarters
    if quantile(quarters, 0.5) > 0.4:
        return
    # A fine texture that moved by half a cell looks like another one: look between the cells, too.
    if before.between is None:
        before.between = _between_cells(before)
    for between in before.between:
        quarters = np.minimum(quarters, block_differences(between, normal(after)))
    yield quarters


def block_differences(old: _Floats, new: _Floats, reach: tuple[int, int] = (2, 4)) -> _Floats:
    """For each of 6 x 8 blocks of `new` `[18, 32, 3]` the smallest mean absolute difference to `old` within `reach` cells."""
    rows, columns = reach
    padded = cv2.copyMakeBorder(old, rows, rows, columns, columns, cv2.BORDER_REPLICATE)
    along, step = padded.strides[:2]
    across, downs, flat = 2 * columns + 1, 2 * rows + 1, new.reshape(18, 96)
    least: _Floats | None = None
    # Some shifts at a time: what is larger than the caches, or fetched from the system anew each time, costs the most.
    at_once = max(1, _SHIFTS_AT_ONCE // across)
    for first in range(0, downs, at_once):
        # Shifts of the old picture as a view, with the three colours of a cell beside each other in its row.
        shape, strides = (min(at_once, downs - first), across, 18, 96), (along, step, along, padded.itemsize)
        shifted = np.lib.stride_tricks.as_strided(padded[first:], shape, strides, writeable=False)
        apart = shifted - flat
        np.abs(apart, out=apart)
        sums = (apart.reshape(-1, 96) @ _BLOCK_COLUMNS).reshape(-1, 6, 3, 8)
        found = (sums[:, :, 0] + sums[:, :, 1] + sums[:, :, 2]).min(0)
        least = found if least is None else np.minimum(least, found)
    return np.asarray(least, np.float32).ravel() / np.float32(36)


def _means(seen: Seen) -> _Floats:
    """Means of its 48 blocks, `[48, 3]`."""
    if seen.means is None:
        means = cv2.resize(seen.coarse, (8, 6), interpolation=cv2.INTER_AREA)
        seen.means = np.asarray(means, np.float32).reshape(48, 3)
    return seen.means


def found_again(old: _Floats, new: _Floats, wanted: int, least: float = 0.8) -> bool:
    """Whether `wanted` of 8 patches of `new` `[18, 32, 3]` are found in `old` nearby, in whatever light.

    By normalised cross-correlation (Lewis 1995), so that neither light that changes over the whole picture nor something
    that hides a part of it makes a place look like another one. Patches without texture are never found.
    """
    missed = 0
    for top in (1, 10):
        for left in (1, 8, 16, 23):
            patch = new[top : top + 7, left : left + 8]
            around = old[max(0, top - 3) : top + 10, max(0, left - 5) : left + 13]
            if (
                float(cv2.meanStdDev(patch)[1].max()) < 2
                or float(cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED).max()) < least
            ):
                missed += 1
                if missed > 8 - wanted:
                    return False
    return True


def _middle(values: _Floats) -> _Floats:
    """The upper median along the first axis."""
    return np.asarray(np.sort(values, axis=0)[len(values) // 2], np.float32)


def quantile(values: _Floats, share: float) -> float:
    """As numpy's, for few values, in a fraction of its time."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low]) + (place - low) * (float(ordered[high]) - float(ordered[low]))


def apart(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Mean absolute difference."""
    return float(cv2.norm(a, b, cv2.NORM_L1)) / a.size


def _between_cells(seen: Seen) -> list[_Floats]:
    """The normal picture with its cells shifted by half a cell to the right, down, and both."""
    height, width = seen.small.shape[:2]
    wide = np.pad(seen.small, ((0, 1), (0, 1), (0, 0)), mode="edge").astype(np.float32)
    mean = seen.tone
    spread = float((seen.coarse - mean).std()) + 6.0
    shifts = ((0, 1), (1, 0), (1, 1))
    return [(_halved(wide[down : down + height, right : right + width]) - mean) / spread for down, right in shifts]


def _halved(picture: _Floats) -> _Floats:
    """Means of 2 x 2 cells of `[h, w, 3]`, much faster than `mean` over axes."""
    return (picture[::2, ::2] + picture[1::2, ::2] + picture[::2, 1::2] + picture[1::2, 1::2]) * np.float32(0.25)
