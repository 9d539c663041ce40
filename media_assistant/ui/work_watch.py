"""Watches over long work: the computer stays awake for it, its progress is seen from afar, and its end is told."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QSystemTrayIcon

from media_assistant.items.answers import QueueProgress
from media_assistant.jobs.awake import StayAwake
from media_assistant.ui.desk import Desk
from media_assistant.ui.taskbar import Taskbar

LONG_S = 120.0
"""Work that took so long is worth a notification."""
SETTLED_MS = 20_000
"""Work that goes on for so long keeps the computer awake and is shown in the title."""
MESSAGE_MS = 15_000


class WorkWatch(QObject):
    """`clock` gives seconds. Signals: none; it acts on the window and the system."""

    def __init__(
        self,
        desk: Desk,
        window: QMainWindow,
        *,
        clock: Callable[[], float] = time.monotonic,
        awake: StayAwake | None = None,
        settled_ms: int = SETTLED_MS,
    ) -> None:
        super().__init__(window)
        self._desk = desk
        self._window = window
        self._clock = clock
        self.awake = awake or StayAwake()
        self.taskbar = Taskbar()
        self._began: float | None = None
        self._done_before = 0
        self._progress = QueueProgress()
        self.is_settled = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(settled_ms)
        self._settling.timeout.connect(self._settle)
        self._is_occupied = False
        desk.events.progressed.connect(self.take)
        desk.events.occupied.connect(self._occupy)
        desk.words.changed.connect(self._show)
        desk.events.settings_changed.connect(self._hold)

    def take(self, progress: QueueProgress) -> None:
        """How far the queue is."""
        self._progress = progress
        open_count = progress.total - progress.done - progress.failed
        is_resting = progress.is_paused or progress.restraint == "battery_rest"
        if open_count > 0 and not is_resting:
            if self._began is None:
                self._began, self._done_before = self._clock(), progress.done
                self._settling.start()
        elif self._began is not None:
            took_s = self._clock() - self._began
            self._rest()
            if open_count <= 0 and took_s >= LONG_S:
                self._tell_end(progress)
        self._show()

    def close(self) -> None:
        """The window goes: nothing is held awake any more."""
        self._is_occupied = False
        self._rest()
        self.taskbar.show(None)

    def _settle(self) -> None:
        self.is_settled = True
        self._hold()
        self._show()

    def _occupy(self, text: str) -> None:
        """What is not in the queue, such as a training: nobody can say of it how far all is."""
        if bool(text) != self._is_occupied:
            self._is_occupied = bool(text)
            self._hold()

    def _hold(self) -> None:
        """A person may change their mind in the middle."""
        if (self.is_settled or self._is_occupied) and self._desk.assistant.settings.stays_awake:
            self.awake.hold(self._desk.words.say("ui.awake.why"))
        else:
            self.awake.release()

    def _rest(self) -> None:
        self._began, self.is_settled = None, False
        self._settling.stop()
        self._hold()

    def _show(self) -> None:
        words, progress = self._desk.words, self._progress
        if self.is_settled and progress.total:
            part = (progress.done + progress.failed) / progress.total
            self._window.setWindowTitle(words.say("ui.app_at", percent=words.number(int(part * 100))))
            self.taskbar.show(part)
        else:
            self._window.setWindowTitle(words.say("ui.app"))
            self.taskbar.show(None)

    def _tell_end(self, progress: QueueProgress) -> None:
        """In the system's own way where the person cannot see the window."""
        if not self._desk.assistant.settings.tells_when_done or self._window.isActiveWindow():
            return
        words = self._desk.words
        count = max(0, progress.done - self._done_before)
        text = words.say("ui.done.all", count=count)
        if progress.failed:
            text = words.say("ui.done.some", done=text, failed=words.say("ui.done.failed", count=progress.failed))
        self._desk.notices.tell(text)
        QApplication.alert(self._window)
        if QSystemTrayIcon.isSystemTrayAvailable():
            icon = self._window.findChild(QSystemTrayIcon)
            if icon is None:
                icon = QSystemTrayIcon(QApplication.windowIcon(), self._window)
                icon.show()
                QTimer.singleShot(MESSAGE_MS, icon, icon.deleteLater)
            icon.showMessage(words.say("ui.app"), text, QApplication.windowIcon(), MESSAGE_MS)
