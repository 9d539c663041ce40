"""Draws a timeline's lanes into a picture; the widget lays its playhead over that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPolygonF

from media_assistant.ui.look.colours import Colours, ink_on
from media_assistant.ui.widgets.timeline.lanes import Block, Lane

FLAG = 6
"""Pixels from the middle of a mark's flag to its side."""
NARROW = 4


class LanePainter:
    """Draws with an open painter; `x_of` gives the place of a time in ms, a pixel is `pixel_ms` long."""

    def __init__(
        self,
        painter: QPainter,
        colours: Colours,
        font: QFont,
        x_of: Callable[[int], float],
        *,
        pixel_ms: float,
        is_small: bool,
    ) -> None:
        self._painter = painter
        self._colours = colours
        self._x_of = x_of
        self._pixel_ms = pixel_ms
        self._is_small = is_small
        self._plain, self._tiny = QFont(font), QFont(font)
        self._plain.setPixelSize(11 if is_small else 12)
        self._tiny.setPixelSize(10)

    def name(self, text: str, left: int, top: int, width: int, high: int) -> None:
        """What a lane is called, at its left."""
        painter = self._painter
        painter.setFont(self._plain)
        painter.setPen(QColor(self._colours.text_faint))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRectF(left, top, width, high), flags, short)

    def line(self, left: int, right: int, y: int) -> None:
        """The hairline under a lane."""
        self._painter.setPen(QColor(self._colours.line))
        self._painter.drawLine(left, y, right, y)

    def lane(self, lane: Lane, top: int, high: int) -> None:
        """A lane's blocks; what the search found is drawn last, over what it lies in."""
        colours, painter = self._colours, self._painter
        strong = colours.sense(lane.sense) if lane.sense else QColor(colours.shot)
        quiet = colours.sense_ground(lane.sense) if lane.sense else QColor(colours.shot)
        ink = colours.sense_text(lane.sense) if lane.sense else QColor(colours.text_soft)
        faint = QColor(strong)
        faint.setAlpha(150)
        above, tall = (top + 2, high - 4) if self._is_small else (top + 5, high - 9)
        painter.setFont(self._tiny)
        shown_to_ms = -1.0
        for block in sorted(lane.blocks, key=lambda each: each.is_found):
            if block.end_ms < shown_to_ms and not block.is_found:
                continue  # there is no pixel of its own for it
            shown_to_ms = block.end_ms + self._pixel_ms
            left, right = self._x_of(block.start_ms), self._x_of(block.end_ms)
            ground = strong if block.is_found or self._is_small else quiet
            if self._is_small and not block.is_found:
                ground = faint
            if right - left < NARROW:  # nobody sees its corners, and there may be one for every pixel
                painter.fillRect(round(left), above, max(2, round(right) - round(left)), tall, ground)
                continue
            rect = QRectF(left, above, right - left - (1.0 if right - left > 5 else 0.0), tall)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(rect, 3, 3)
            if not self._is_small and block.text and rect.width() > 26:
                painter.setPen(QColor(ink_on(strong.name())) if block.is_found else ink)
                inside = rect.adjusted(5, 0, -3, 0)
                plain = " ".join(block.text.split())[:200]
                text = painter.fontMetrics().elidedText(plain, Qt.TextElideMode.ElideRight, int(inside.width()))
                painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def wave(self, peaks: bytes, left: float, width: float, top: int, high: int) -> None:
        """How loud it is, around a middle line. A pixel shows the loudest of what falls into it."""
        if not peaks or width < 2:
            return
        middle, reach = top + high / 2, high / 2 - 3
        self._painter.setPen(QColor(self._colours.text_faint))
        columns = int(width)
        for column in range(columns):
            start = column * len(peaks) // columns
            value = max(peaks[start : max(start + 1, (column + 1) * len(peaks) // columns)]) / 255
            half = max(0.5, value * reach)
            x = left + column + 0.5
            self._painter.drawLine(QPointF(x, middle - half), QPointF(x, middle + half))

    def marks(self, marks: Sequence[Block], top: int, bottom: int) -> None:
        """The person's own: a flag at the top of a line through all lanes, and the stretch if it has one."""
        painter, colour = self._painter, QColor(self._colours.link)
        for mark in marks:
            x, end = self._x_of(mark.start_ms), self._x_of(mark.end_ms)
            if end - x > 2:
                veil = QColor(colour)
                veil.setAlpha(40)
                painter.fillRect(QRectF(x, top, end - x, bottom - top), veil)
            thin = QColor(colour)
            thin.setAlpha(150)
            painter.setPen(thin)
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(x - FLAG, top),
                        QPointF(x + FLAG, top),
                        QPointF(x + FLAG, top + 4),
                        QPointF(x, top + 4 + FLAG),
                        QPointF(x - FLAG, top + 4),
                    ]
                )
            )

    def chapters(self, starts: Sequence[int], top: int, high: int) -> None:
        """Where chapters begin: short lines at the foot of the first lane."""
        self._painter.setPen(QColor(self._colours.text_soft))
        for start_ms in starts:
            x = self._x_of(start_ms)
            self._painter.drawLine(QPointF(x, top), QPointF(x, top + high))

    def loop(self, start_ms: int, end_ms: int, top: int, bottom: int) -> None:
        """What is played again and again: everything else is veiled a little, its two ends are named."""
        painter, colour = self._painter, QColor(self._colours.accent)
        left, right = self._x_of(start_ms), self._x_of(end_ms)
        veil = QColor(colour)
        veil.setAlpha(46)
        painter.fillRect(QRectF(left, top, right - left, bottom - top), veil)
        painter.setFont(self._tiny)
        for x, letter, side in ((left, "A", 0), (right, "B", -13)):
            painter.fillRect(QRectF(x - 1, top, 2, bottom - top), colour)
            if not self._is_small:
                tab = QRectF(x + side, bottom - 13, 13, 13)
                painter.fillRect(tab, colour)
                painter.setPen(QColor(self._colours.on_accent))
                painter.drawText(tab, int(Qt.AlignmentFlag.AlignCenter), letter)
