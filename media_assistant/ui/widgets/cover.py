"""What lies over a whole window that cannot be used just now: a card in its middle."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from media_assistant.ui.widgets.plain import column, frame, row


class Cover(QWidget):
    """As large as `window` at all times. `down` is the card's column; call `cover` when it is filled."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("ground", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        across = row(self, margins=(24, 24, 24, 24))
        across.addStretch(1)
        card = frame(card="plain")
        card.setMaximumWidth(560)
        across.addWidget(card, 100, Qt.AlignmentFlag.AlignVCenter)
        across.addStretch(1)
        self.down = column(card, margins=(28, 24, 28, 22), gap=12)
        self._window = window

    def cover(self) -> None:
        """Lie over the window from now on."""
        self._window.installEventFilter(self)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As large as the window."""
        if event.type() is QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)
