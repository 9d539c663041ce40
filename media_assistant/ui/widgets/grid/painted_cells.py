"""Cells as they look at rest, painted once: scrolling then only puts them where they belong."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPixmap

from media_assistant.items.item import Item

if TYPE_CHECKING:
    from media_assistant.items.answers import Hit
    from media_assistant.ui.widgets.grid.list_painter import Field


class Shown(NamedTuple):
    """All that the look of a cell at rest depends on, but the theme and the language."""

    item: Item | None
    hit: Hit | None
    picture: QPixmap | None
    has_none: bool
    size: QSize
    ratio: float
    fields: Sequence[Field]


class PaintedCells:
    """The cells painted last, by item. One that was painted whole is only noted: most are never painted again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Shown, QPixmap | None]] = OrderedDict()

    def forget(self) -> None:
        """Theme, language, or how cells are painted changed."""
        self._kept.clear()

    def drop(self, item_ids: Iterable[int]) -> None:
        """These have left the library."""
        for item_id in item_ids:
            self._kept.pop(item_id, None)

    def find(self, item_id: int, shown: Shown) -> QPixmap | None:
        """The cell, if it is kept and still looks like this."""
        return self._kept[item_id][1] if self.is_noted(item_id, shown) else None

    def is_noted(self, item_id: int, shown: Shown) -> bool:
        """Whether the cell was painted before as it looks now."""
        kept = self._kept.get(item_id)
        return kept is not None and kept[0] == shown

    def keep(self, item_id: int, shown: Shown, picture: QPixmap | None, most: int) -> None:
        """Remember how a cell looks, or only that it was painted; of all, the `most` last ones are kept."""
        self._kept[item_id] = shown, picture
        self._kept.move_to_end(item_id)
        while len(self._kept) > most:
            self._kept.popitem(last=False)


def is_final(shown: Shown) -> bool:
    """Whether a cell is worth keeping: all of it is there, and its pixels are those of the view."""
    return shown.item is not None and (shown.picture is not None or shown.has_none) and shown.ratio.is_integer()


def begin_cell(shown: Shown, ground: QColor) -> QPixmap:
    """What a cell of this size is painted on: opaque, so that putting it somewhere is copying."""
    picture = QPixmap(shown.size * shown.ratio)
    picture.setDevicePixelRatio(shown.ratio)
    picture.fill(ground)
    return picture
