"""How a card of "For you" looks: a cell of the grid, under it why it is there, on it what can be said by a click."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout

from media_assistant.items.for_you import Offer
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.thumbnails import cover_top
from media_assistant.ui.look.icons import put_icon
from media_assistant.ui.widgets.grid.layout import PICTURE_RATIO
from media_assistant.ui.widgets.grid.painter import RADIUS, GridPainter

WHY = 38
"""Height of the reason, two lines."""
SIGN = 26
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute


class OfferPainter:
    """Paints with the colours and words of now."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.cells = GridPainter(desk.look, desk.words)
        self.cells.has_signs = True
        self._small, self._large = QFont(), QFont()
        self._small.setPixelSize(12)
        self._large.setPixelSize(15)
        self._large.setWeight(QFont.Weight.DemiBold)

    def forget(self) -> None:
        """Theme or language changed."""
        self.cells.forget()

    def paint_head(self, painter: QPainter, where: QRect, text: str) -> None:
        """The head of a row, shortened to its place."""
        painter.setFont(self._large)
        painter.setPen(QColor(self._desk.look.colours.text))
        shown = QFontMetrics(self._large).elidedText(text, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | _LEFT, shown)

    def paint_arrow(self, painter: QPainter, where: QRect, icon: str, *, is_possible: bool) -> None:
        """Where a row is moved by a click."""
        colours = self._desk.look.colours
        colour = colours.text if is_possible else colours.line_strong
        put_icon(painter, where.left() + 5, where.top() + 5, icon, colour, 18)

    def paint_card(
        self,
        painter: QPainter,
        where: QRect,
        offer: Offer,
        *,
        ratio: float,
        is_current: bool,
        has_keyboard: bool,
        is_hovered: bool,
        signs: Mapping[QRect, str],
    ) -> None:
        """One card into `where`, its reason below. `signs` are icons with their places."""
        height = round(where.width() * PICTURE_RATIO)
        thumbnails, item_id, size = self._desk.thumbnails, offer.item.id, QSize(where.width(), height)
        self.cells.paint(
            painter,
            where,
            height,
            item=offer.item,
            hit=None,
            picture=thumbnails.picture(item_id, size, ratio, radius=RADIUS, top=cover_top(offer.item.kind)),
            has_none=thumbnails.has_none(item_id),
            is_chosen=has_keyboard,
            is_current=is_current,
            is_hovered=is_hovered,
        )
        painter.setFont(self._small)
        painter.setPen(QColor(self._desk.look.colours.text_soft))
        self._paint_why(painter, say_why(self._desk, offer), where.adjusted(2, where.height() + 3, -2, WHY))
        for rect, icon in signs.items():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(11, 12, 15, 215))
            painter.drawEllipse(QRectF(rect))
            put_icon(painter, rect.left() + 5, rect.top() + 5, icon, "#ffffff", SIGN - 10)

    def _paint_why(self, painter: QPainter, text: str, where: QRect) -> None:
        """Two lines at most."""
        metrics = QFontMetrics(self._small)
        layout = QTextLayout(text, self._small)
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(where.width())
        end = line.textLength()
        layout.endLayout()
        # Chinese comes from a font of its own, whose lines are higher than this one's.
        step, flags = (
            max(metrics.lineSpacing(), WHY // 2 - 2),
            _LEFT | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip,
        )
        painter.drawText(QRect(where.left(), where.top(), where.width(), step), flags, text[:end].rstrip())
        rest = metrics.elidedText(text[end:].lstrip(), Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(QRect(where.left(), where.top() + step, where.width(), step), flags, rest)


def say_why(desk: Desk, offer: Offer) -> str:
    """Its reason in the window's language, a date as the person writes it."""
    says = offer.says
    if "date" in says.parameters:
        says = says._replace(parameters={**says.parameters, "date": desk.words.date(str(says.parameters["date"]))})
    return desk.words.sentence(says)
