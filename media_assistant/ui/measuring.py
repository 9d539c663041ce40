"""The measuring of this computer, as the window sees it: started, followed, stopped."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Signal

from media_assistant.assistant import Assistant
from media_assistant.items.advice import Machine
from media_assistant.ui.job_bridge import JobBridge


class Measuring(QObject):
    """`share` is how far it is (0..1), `task` what is measured now.

    Signals: `changed()` after it began, got on or ended; `measured()` when there are new figures.
    """

    changed = Signal()
    measured = Signal()

    def __init__(self, assistant: Assistant, bridge: JobBridge) -> None:
        super().__init__()
        self._assistant = assistant
        self._bridge = bridge
        self.is_running = False
        self.is_stopping = False
        self.share = 0.0
        self.task = ""
        self.fault: BaseException | None = None
        self._began = 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that are left, once that can be told."""
        took = time.monotonic() - self._began
        return took * (1 - self.share) / self.share if self.is_running and self.share > 0.1 else None

    def start(self) -> None:
        """Begin, unless it goes on already."""
        if self.is_running:
            return
        self.is_running, self.is_stopping, self.share, self.task, self.fault = True, False, 0.0, "", None
        self._began = time.monotonic()
        future = self._assistant.measure_models(self._bridge.on_main(self._told))
        self._bridge.when_done(future, self._done, owner=self, failed=self._ended, cancelled=lambda: self._ended(None))
        self.changed.emit()

    def stop(self) -> None:
        """End it; what was known before stays."""
        if self.is_running:
            self.is_stopping = True
            self._assistant.cancel_measuring()
            self.changed.emit()

    def _told(self, share: float, task: str) -> None:
        self.share, self.task = share, task or self.task
        self.changed.emit()

    def _done(self, _machine: Machine) -> None:
        self._ended(None)
        self.measured.emit()

    def _ended(self, fault: BaseException | None) -> None:
        self.is_running, self.fault = False, fault
        self.changed.emit()
