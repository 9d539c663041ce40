"""Where the search box looks: the place that the sidebar shows, and a click to look everywhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from media_assistant.ui.look.theme import Look
from media_assistant.ui.tips import short_tip
from media_assistant.ui.words import Words

LONGEST = 150
"""Pixels; a longer name is shortened."""
_CROSS, _ROOM = 3.5, 18


class ScopeChip(QAbstractButton):
    """Clicked to leave the place. Hidden where all of the library is shown."""

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.changed.connect(self.update)
        self.hide()

    def show_place(self, name: str) -> None:
        """The name of the place that is searched; empty for all of the library."""
        self.setText(name)
        said = self._words.say("ui.search.only_in", name=name)
        self.setToolTip(short_tip(said))
        self.setAccessibleName(said)
        self.setVisible(bool(name))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as its name."""
        return QSize(min(LONGEST, self.fontMetrics().horizontalAdvance(self.text()) + 16 + _ROOM), 24)

    def minimumSizeHint(self) -> QSize:
        """A narrow box shortens it further."""
        return QSize(min(64, self.sizeHint().width()), 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A ground as that of the chips of recognised words, the name, and a cross."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().adjusted(1, 2, -1, -2)
        painter.setPen(QColor(colours.focus) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.chip))
        painter.drawRoundedRect(rect, 5, 5)
        where = QRect(rect).adjusted(8, 0, -_ROOM, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, where.width())
        painter.setPen(QColor(colours.text))
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
        painter.setPen(QPen(QColor(colours.text if self.underMouse() else colours.text_soft), 1.4))
        middle = QPointF(rect.right() - 9, rect.center().y() + 0.5)
        for across in (QPointF(_CROSS, _CROSS), QPointF(_CROSS, -_CROSS)):
            painter.drawLine(middle - across, middle + across)
