"""The map as a picture: made on a reader thread, so that moving it is only putting it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage

from media_assistant.ui.look.colours import Colours
from media_assistant.ui.look.tag_colours import PALETTE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from media_assistant.workflows.order.mapping import LibraryMap

KIND, TIME, TAG = "kind", "time", "tag"
KIND_COLOURS = {"video": "blue", "music": "green", "text": "purple", "photo": "orange"}
TIME_COLOURS = ("purple", "blue", "teal", "green", "yellow", "orange")
"""From the oldest to the newest."""
TAG_COLOUR = "orange"
BEYOND = 0.3
"""What is painted beyond each edge of the canvas, in shares of its size: what is moved into sight is there already."""
CARD = QSize(104, 74)
MOST_CARDS = 70


class Sight(NamedTuple):
    """What lies in the middle of the canvas, and how many pixels (logical) 1 on the plane is."""

    x: float
    y: float
    scale: float


class Wish(NamedTuple):
    """How the map is to be painted."""

    sight: Sight
    size: QSize
    """Of the canvas, in logical pixels."""
    ratio: float
    colours: Colours
    by: str = KIND
    tagged: Sequence[int] = ()
    """The items with the tag that colours, rising."""
    chosen: tuple[int, ...] = ()


class Tint(NamedTuple):
    """A line of the legend: a colour, how many have it, and what it stands for: a kind, days since 1970, or 0 and 1."""

    colour: str
    items: int
    stands_for: str | float


class Card(NamedTuple):
    """Where a small picture stands on the plane, and how many other items lie under it."""

    item_id: int
    x: float
    y: float
    others: int


class Picture(NamedTuple):
    """`image` lies about the middle of `sight`."""

    image: QImage
    sight: Sight
    cards: tuple[Card, ...]
    legend: tuple[Tint, ...]
    pixels: object
    """What the image lies on: it lives as long."""

    def place(self, sight: Sight, size: QSize) -> QRectF:
        """Where the image belongs on a canvas of this size that looks at `sight`."""
        grown = sight.scale / self.sight.scale
        ratio = self.image.devicePixelRatio()
        width, height = self.image.width() / ratio * grown, self.image.height() / ratio * grown
        across = size.width() / 2 + (self.sight.x - sight.x) * sight.scale
        down = size.height() / 2 + (self.sight.y - sight.y) * sight.scale
        return QRectF(across - width / 2, down - height / 2, width, height)


def paint_map(found: LibraryMap, wish: Wish) -> Picture:
    """On a reader thread: some tens of milliseconds for 100,000 items."""
    codes, legend = _tints(found, wish)
    ground, ratio, sight = wish.colours.ground, wish.ratio, wish.sight
    width = round(wish.size.width() * (1 + 2 * BEYOND) * ratio)
    height = round(wish.size.height() * (1 + 2 * BEYOND) * ratio)
    view = (sight.x, sight.y, sight.scale * ratio)
    card = (round(CARD.width() * ratio), round(CARD.height() * ratio))
    cell = (round((CARD.width() + 8) * ratio), round((CARD.height() + 8) * ratio))
    spread = found.plane.spread_out(view, (width, height), cell, card, MOST_CARDS)
    cards = tuple(
        Card(item_id, sight.x + (x - width / 2) / view[2], sight.y + (y - height / 2) / view[2], others)
        for item_id, x, y, others in spread
    )
    palette = [int(tint.colour[1:], 16) for tint in legend]
    radius = dot_radius(len(found.plane), sight.scale) * ratio
    data = found.plane.paint(view, (width, height), radius, int(ground[1:], 16), palette, codes, wish.chosen)
    image = QImage(data.data.cast("B"), width, height, 4 * width, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    return Picture(image, sight, cards, legend, data)


def dot_radius(count: int, scale: float) -> float:
    """Of a point, in pixels: smaller where there are many, larger near by."""
    least = 1.4 if count > 30_000 else 2.0 if count > 3000 else 3.0
    return min(7.0, max(least, 0.12 * scale))


def _tints(found: LibraryMap, wish: Wish) -> tuple[npt.NDArray[np.uint8], tuple[Tint, ...]]:
    """Of each item which of the legend's colours it has."""
    import numpy as np

    at = 0 if wish.colours.name == "dark" else 1

    def tint(name: str) -> str:
        return PALETTE[name][at]

    if wish.by == TAG:
        codes = np.isin(found.plane.ids, np.array(wish.tagged, np.int64)).astype(np.uint8)
        with_it = int(codes.sum())
        return codes, (
            Tint(wish.colours.line_strong, len(codes) - with_it, 0.0),
            Tint(tint(TAG_COLOUR), with_it, 1.0),
        )
    if wish.by == TIME:
        known = np.isfinite(found.days)
        edges = np.zeros(0)
        if known.any():
            edges = np.unique(np.quantile(np.floor(found.days[known]), np.linspace(0, 1, 7)[:-1]))
        codes = np.searchsorted(edges, np.floor(found.days), side="right").astype(np.uint8)
        codes[~known] = 0
        counts = np.bincount(codes, minlength=len(edges) + 1).tolist()
        names = TIME_COLOURS[-len(edges) :] if len(edges) else ()
        steps = (
            Tint(tint(name), count, float(edge)) for name, count, edge in zip(names, counts[1:], edges, strict=True)
        )
        return codes, (Tint(wish.colours.line_strong, counts[0], float("nan")), *steps)
    from media_assistant.workflows.for_you.shelves import KINDS

    counts = np.bincount(found.kinds, minlength=len(KINDS)).tolist()
    kinds = (Tint(tint(KIND_COLOURS[kind.value]), count, kind.value) for kind, count in zip(KINDS, counts, strict=True))
    return found.kinds, tuple(kinds)
