"""How one row of the list looks: a small picture, the title, and the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap

from media_assistant.items.answers import Hit
from media_assistant.items.item import Item
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.look.icons import put_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.grid.list_columns import Column, column_text
from media_assistant.ui.widgets.grid.painter import is_placed_right, state_line, state_sign
from media_assistant.ui.words import Words

PICTURE = (44, 26)
"""Of the grid's `LIST_PICTURE`."""
PADDING = 8
ICON = 16
KEPT = 1024


class Field(NamedTuple):
    """A column as it stands now: from `left`, `width` pixels wide."""

    column: Column
    left: int
    width: int


class ListPainter:
    """Paints rows. Keeps their texts, for putting them together is what costs."""

    def __init__(self, look: Look, words: Words) -> None:
        self._look = look
        self._words = words
        self._texts: dict[tuple[int, str, int], tuple[Item, Hit | None, str]] = {}
        self.marker: Marker | None = None
        """As that of the grid's painter."""

    def forget(self) -> None:
        """Theme, language or columns changed."""
        self._texts.clear()

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        fields: Sequence[Field],
        *,
        item: Item | None,
        hit: Hit | None,
        picture: QPixmap | None,
        is_chosen: bool,
        is_current: bool,
        is_hovered: bool,
    ) -> None:
        """Draw one row into `rect`."""
        colours = self._look.colours
        if is_chosen or is_hovered:
            painter.fillRect(rect, QColor(colours.selected if is_chosen else colours.hovered))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(colours.line))
        if item is not None:
            for field in fields:
                where = QRect(rect.left() + field.left + PADDING, rect.top(), field.width - 2 * PADDING, rect.height())
                if field.column.name == "name":
                    where = self._paint_picture(painter, where, item, picture)
                self._paint_text(painter, where, field.column, item, hit, is_chosen=is_chosen)
        if is_current:
            painter.setPen(QPen(QColor(colours.focus), 1, Qt.PenStyle.SolidLine if is_chosen else Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_picture(self, painter: QPainter, where: QRect, item: Item, picture: QPixmap | None) -> QRect:
        colours = self._look.colours
        shown = QRect(where.left(), where.top() + (where.height() - PICTURE[1]) // 2, *PICTURE)
        if picture is not None:
            painter.drawPixmap(shown, picture)
        else:
            painter.fillRect(shown, QColor(colours.well))
            # Not by `center`, which rounds upwards above the edge: what is scrolled into sight would be put together of two.
            x, y = shown.left() + (shown.width() - ICON) // 2, shown.top() + (shown.height() - ICON) // 2
            put_icon(painter, x, y, item.kind.value, colours.text_faint, ICON)
        return where.adjusted(PICTURE[0] + PADDING, 0, 0, 0)

    def _paint_text(
        self, painter: QPainter, where: QRect, column: Column, item: Item, hit: Hit | None, *, is_chosen: bool
    ) -> None:
        colours = self._look.colours
        colour = colours.text if column.name == "name" else colours.text_soft
        if column.name == "state":
            sign = state_sign(item)
            is_fault = state_line(self._words, item, hit)[1]
            colour = colours.bad if is_fault else colours.text_soft
            if sign:
                sign_colour = colours.bad if is_fault else colours.text_soft
                put_icon(painter, where.left(), where.top() + (where.height() - 14) // 2, sign, sign_colour, 14)
                where = where.adjusted(20, 0, 0, 0)
        text = self._text(painter.font(), where.width(), column, item, hit)
        if not text:
            return
        side = Qt.AlignmentFlag.AlignLeft
        if column.is_right or (column.name == "name" and is_placed_right(text)):
            side = Qt.AlignmentFlag.AlignRight
        flags = (side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute).value
        painter.setPen(QColor(colours.text if is_chosen and colour != colours.bad else colour))
        painter.drawText(where, flags | Qt.TextFlag.TextSingleLine.value, text)

    def _text(self, font: QFont, width: int, column: Column, item: Item, hit: Hit | None) -> str:
        key = (item.id, column.name, width)
        known = self._texts.get(key)
        if known is not None and known[0] is item and known[1] is hit:
            return known[2]
        if len(self._texts) > KEPT * 8:
            self._texts.clear()
        plain = " ".join(column_text(self._words, column.name, item, hit, self.marker).split())[:400]
        cut = Qt.TextElideMode.ElideMiddle if column.name == "folder" else Qt.TextElideMode.ElideRight
        text = QFontMetrics(font).elidedText(plain, cut, width)
        self._texts[key] = (item, hit, text)
        return text
