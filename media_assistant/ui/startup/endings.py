"""The system's ways of asking a program to end: a signal, from a session that closes, a terminal that does, or Ctrl+C.

Python hears a signal only between two steps of its own, and takes none while Qt waits for events. So each signal also
writes a byte into a channel that Qt waits for.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

ASKING = ("SIGTERM", "SIGINT", "SIGHUP")


class Endings(QObject):
    """Signals: `asked()` once somebody asked for the end, be it before the first event. Who asks a second time ends the
    program at once, whatever it is at. Made on the main thread.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._handlers: dict[int, Any] = {}
        if sys.platform == "win32":
            return  # Windows asks the window itself, and waits for sockets alone: the program opens none.
        self._ends = _channel()
        self._before = signal.set_wakeup_fd(self._ends[1], warn_on_full_buffer=False)
        for name in ASKING:
            number = getattr(signal, name, None)
            # `nohup` has the hang-up ignored, and means it.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._hear)
        self._notifier = QSocketNotifier(self._ends[0], QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._told)

    def leave(self) -> None:
        """All is as it was before. Doing so again changes nothing."""
        handlers, self._handlers = self._handlers, {}
        if handlers:
            self._notifier.setEnabled(False)
            signal.set_wakeup_fd(self._before)
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def _hear(self, number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)

    def _told(self) -> None:
        # What is in the channel stays there: it has told all that it had to.
        self._notifier.setEnabled(False)
        self.asked.emit()


def _channel() -> tuple[int, int]:
    """(to read from, to write to), for as long as the program lives."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends
