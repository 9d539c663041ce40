"""Things said in passing, at the foot of the window: they go by themselves and never take the keyboard away."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from media_assistant.ui.look.icons import make_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.words import Words

STAYS_MS = 7000
FAULT_STAYS_MS = 15000
LONGEST, LONGEST_WORD = 400, 72
"""Characters; a text in a script that breaks anywhere has no long words."""
_WORD_WITHOUT_END = re.compile(rf"[^\s\u2e80-\uffff]{{{LONGEST_WORD + 1},}}")


class Notices(QObject):
    """One notice at a time over a window; the next replaces it."""

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._over: QWidget | None = None
        self._shown: QFrame | None = None
        self._foot = 56
        self._clear_of: list[QWidget] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)

    def lie_over(self, window: QWidget) -> None:
        """Show notices over this window from now on."""
        self._over = window
        window.installEventFilter(self)

    def keep_clear_of(self, buttons: QWidget) -> None:
        """Lie above these while they are in sight, for a person may want them next."""
        self._clear_of.append(buttons)
        buttons.destroyed.connect(lambda: self._clear_of.remove(buttons))

    @property
    def card(self) -> QWidget | None:
        """What is being shown."""
        return self._shown

    def leave(self) -> None:
        """The window goes: nothing is said any more."""
        self.dismiss()
        self._over = None

    @property
    def text(self) -> str:
        """What is being said; empty when nothing is."""
        label = self._shown.findChild(QLabel) if self._shown is not None else None
        return label.text() if label is not None else ""

    def tell(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """Something went well; `undo` is offered as a button."""
        self._show(text, "toast", STAYS_MS, self._words.say("ui.undo") if undo else "", undo)

    def warn(self, text: str) -> None:
        """Something went wrong: what happened, what was kept, what to do."""
        self._show(text, "bad", FAULT_STAYS_MS, "", None)

    def dismiss(self) -> None:
        """Take it away."""
        self._timer.stop()
        if self._shown is not None:
            self._shown.hide()
            self._shown.deleteLater()
            self._shown = None

    def _show(self, text: str, card: str, stays_ms: int, offer: str, act: Callable[[], None] | None) -> None:
        self.dismiss()
        if self._over is None:
            return
        frame = QFrame(self._over)
        frame.setProperty("card", card)
        frame.setAutoFillBackground(True)
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 8, 8, 8)
        text = _readable(text)
        label = QLabel(text)
        label.setWordWrap(len(text) > 60)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(label, 1)
        if act is not None:
            button = QPushButton(offer)
            button.clicked.connect(act)
            button.clicked.connect(self.dismiss)
            row.addWidget(button)
        close = QToolButton()
        close.setIcon(make_icon("close", self._look.colours.text_soft))
        close.setAccessibleName(self._words.say("ui.dismiss"))
        close.clicked.connect(self.dismiss)
        row.addWidget(close)
        self._shown = frame
        self._place()
        frame.show()
        frame.raise_()
        self._timer.start(stays_ms)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._over, text))

    def _place(self) -> None:
        if self._shown is None or self._over is None:
            return
        widest = min(620, self._over.width() - 40)
        self._shown.setMaximumWidth(widest)
        self._shown.setMinimumWidth(min(widest, max(260, self._shown.sizeHint().width())))
        self._shown.adjustSize()
        bottom = self._over.height() - self._foot
        for buttons in self._clear_of:
            if buttons.isVisible() and buttons.window() is self._over.window():
                bottom = min(bottom, buttons.mapTo(self._over, buttons.rect().topLeft()).y() - 8)
        self._shown.move((self._over.width() - self._shown.width()) // 2, max(0, bottom - self._shown.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle while the window changes its size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


def _readable(text: str) -> str:
    """What fits on a notice: of a name without end, and of a text without end, the middle is left out."""
    halves = LONGEST_WORD // 2
    text = _WORD_WITHOUT_END.sub(lambda found: f"{found[0][:halves]}…{found[0][-halves:]}", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
