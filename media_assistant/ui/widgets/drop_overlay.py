"""What covers the window while files are dragged over it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QDropEvent, QPaintEvent


class DropOverlay(QWidget):
    """Says that this is the place, and that files stay where they are."""

    def __init__(self, window: QWidget, look: Look, words: Words) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._words = words
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words.bind(self, DropOverlay.setAccessibleName, "ui.drop.here")
        words.bind(self, DropOverlay.setAccessibleDescription, "ui.first.promise")
        self.hide()

    def cover(self) -> None:
        """Lie over the whole window."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A veil, a dashed frame, two lines."""
        colours = self._look.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(colours.ground)
        veil.setAlpha(225)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(colours.focus), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(20, 20, -20, -20), 14, 14)
        middle = self.rect().center()
        painter.drawPixmap(middle.x() - 20, middle.y() - 70, draw_icon("import", colours.focus, 40))
        font = QFont(self.font())
        font.setPixelSize(20)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(
            self.rect().adjusted(0, 20, 0, 0), Qt.AlignmentFlag.AlignCenter, self._words.say("ui.drop.here")
        )
        font.setPixelSize(13)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(colours.text_soft))
        painter.drawText(
            self.rect().adjusted(0, 80, 0, 0), Qt.AlignmentFlag.AlignCenter, self._words.say("ui.first.promise")
        )
        painter.end()


def dropped_paths(carried: QMimeData) -> list[Path]:
    """The local files and folders of a drag; empty for anything else."""
    return [Path(url.toLocalFile()) for url in carried.urls() if url.isLocalFile()]


def accept_copy(event: QDropEvent) -> None:
    """Say that they are copied whatever was proposed: of files that were moved (Shift in a file manager) the other program
    deletes its own.
    """
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
