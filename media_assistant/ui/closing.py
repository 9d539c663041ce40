"""A window that is closed while the state before a large change is still being copied: it says so, and goes after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent

from media_assistant.ui.curtain import Curtain
from media_assistant.ui.widgets.plain import button

if TYPE_CHECKING:
    from media_assistant.ui.desk import Desk
    from media_assistant.ui.window_frame import WindowFrame

_LOOK_MS = 100


class Waiting(Curtain):
    """Over the window until the copies are made. Who closes the window once more need not look on; the program itself
    ends when they are made all the same.
    """

    def __init__(self, window: WindowFrame, desk: Desk) -> None:
        super().__init__(window, desk.words, "ui.backups.closing", "ui.backups.closing_tip")
        self._frame = window
        self._backups = desk.assistant.backups
        self.stay = button(desk.words, "ui.backups.stay", self._stay)
        self.down.addWidget(self.stay)
        self.stay.show()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_LOOK_MS)
        self.stay.setFocus()

    def _look(self) -> None:
        if self._backups.keeping():
            self.show_progress(*self._backups.share_kept)
            return
        self.lift()
        self._frame.closes_at_once = True
        self._frame.close()

    def _stay(self) -> None:
        """The window goes on as it was."""
        self.lift()
        self._frame.closes_at_once = False

    def lift(self) -> None:
        """Nothing is waited for any more."""
        self._timer.stop()
        super().lift()


def waits_for_backup(window: WindowFrame, desk: Desk, event: QCloseEvent) -> bool:
    """Whether the window stays for now; the event is answered then."""
    if window.closes_at_once or not desk.assistant.backups.keeping():
        return False
    event.ignore()
    window.closes_at_once = True
    Waiting(window, desk)
    return True
