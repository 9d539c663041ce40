"""A scrolled area that is painted by hand."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScrollBar, QWidget

SINGLE_STEP = 48
AHEAD_SHARE = 4
"""The part of the view's height that is painted before it is seen; more of it when scrolling goes faster."""


class PaintedArea(QAbstractScrollArea):
    """Scrolls upwards and downwards: what is painted moves along, and only what comes into sight is painted anew.

    Whoever derives from it paints the whole of every area that `paintEvent` names.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Made here, for whoever asks Qt for a widget that Qt made waits until every class of widgets was looked through.
        self.setViewport(QWidget())
        self.setVerticalScrollBar(QScrollBar())
        self.verticalScrollBar().setSingleStep(SINGLE_STEP)
        self.viewport().setMouseTracking(True)
        # Or Qt would paint what lies under it, and move nothing.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._moved = 0
        """How far it was scrolled last, downwards if positive."""
        self._ahead = QTimer(self)
        self._ahead.setSingleShot(True)
        self._ahead.timeout.connect(self._paint_ahead)

    def scroll_painted(self, by: int, *, edge: int = 0, stale: QRect | None = None, is_all_stale: bool = False) -> None:
        """What `scrollContentsBy` has to do: `by` pixels downwards.

        `edge` is the height of what stays at the upper edge, `stale` what looks otherwise from now on, where it was.
        """
        self._moved = -by
        self.look_ahead()
        viewport = self.viewport()
        is_whole_scale = viewport.devicePixelRatioF().is_integer()  # or a strip ends in the middle of a pixel
        if is_all_stale or not is_whole_scale or abs(by) >= viewport.height():
            viewport.update()
            return
        if stale is not None:
            viewport.update(stale)
        viewport.scroll(0, by, viewport.rect())
        if edge:
            viewport.update(0, 0, viewport.width(), edge + abs(by))

    def look_ahead(self) -> None:
        """Have `paint_ahead` asked for what comes into sight next, if it goes on as it went last."""
        self._ahead.start()

    def paint_ahead(self, top: int, bottom: int) -> bool:
        """Get a part of what lies between two heights of the content ready, a millisecond's work; False when all is."""
        del top, bottom
        return False

    def _paint_ahead(self) -> None:
        """Nothing else is to be done just now: one piece, then whoever waits has his turn."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        reach = max(height // AHEAD_SHARE, 2 * abs(self._moved))
        edge = top + height if self._moved >= 0 else top - reach
        if self.paint_ahead(edge, edge + reach):
            self.look_ahead()
