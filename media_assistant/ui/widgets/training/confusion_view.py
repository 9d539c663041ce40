"""What a trained network takes for what: a row for each label that is there, a column for each that was said."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from media_assistant.ui.look.theme import Look

CELL = QSize(104, 30)
NAME = 150


class ConfusionView(QWidget):
    """Its accessible description says the same in sentences, which whoever shows it gives."""

    accessible_role = QAccessible.Role.Graphic

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._names: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_counts(self, names: tuple[str, ...], counts: tuple[tuple[int, ...], ...], described: str) -> None:
        """`counts[i][j]`: pictures of label i that were called j."""
        self._names, self._counts = names, counts
        self.setAccessibleDescription(described)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A line of names above, then one for each label."""
        count = len(self._names)
        return QSize(NAME + count * CELL.width(), (count + 1) * CELL.height())

    def minimumSizeHint(self) -> QSize:
        """It is squeezed before the page is."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Right cells in the accent, wrong ones in the colour of what is bad, the stronger the more pictures."""
        if not self._names:
            return
        painter, colours, metrics = QPainter(self), self._look.colours, self.fontMetrics()
        room = min(CELL.width(), max(24, (self.width() - NAME) // len(self._names)))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter
        for j, name in enumerate(self._names):
            place = QRect(NAME + j * room, 0, room - 4, CELL.height())
            painter.setPen(QColor(colours.text_soft))
            painter.drawText(place, flags, metrics.elidedText(name, Qt.TextElideMode.ElideRight, room - 6))
        for i, (name, line) in enumerate(zip(self._names, self._counts, strict=True)):
            top = (i + 1) * CELL.height()
            painter.setPen(QColor(colours.text))
            left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, NAME - 12)
            painter.drawText(QRect(0, top, NAME - 8, CELL.height()), left, shown)
            for j, count in enumerate(line):
                place = QRect(NAME + j * room, top, room - 4, CELL.height() - 4)
                shade = QColor(colours.accent if i == j else colours.bad)
                shade.setAlphaF(0.05 + 0.4 * count / max(1, sum(line)))
                painter.fillRect(place, shade)
                painter.drawText(place, flags, str(count))
