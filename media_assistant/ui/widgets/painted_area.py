"""A scrolled area that is painted by hand."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QScrollBar, QWidget

SINGLE_STEP = 48


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

    def scroll_painted(self, by: int, *, edge: int = 0, stale: QRect | None = None, is_all_stale: bool = False) -> None:
        """What `scrollContentsBy` has to do: `by` pixels downwards.

        `edge` is the height of what stays at the upper edge, `stale` what looks otherwise from now on, where it was.
        """
        viewport = self.viewport()
        has_edges = viewport.devicePixelRatioF().is_integer()  # or a strip ends in the middle of a pixel
        if is_all_stale or not has_edges or abs(by) >= viewport.height():
            viewport.update()
            return
        if stale is not None:
            viewport.update(stale)
        viewport.scroll(0, by, viewport.rect())
        if edge:
            viewport.update(0, 0, viewport.width(), edge + abs(by))
