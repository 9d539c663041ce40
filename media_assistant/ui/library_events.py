"""What the engine says has changed, gathered for a moment and told to the panels on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from media_assistant.items.answers import QueueProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.ui.job_bridge import JobBridge

if TYPE_CHECKING:
    from media_assistant.workflows.intake.importing import ImportProgress

GATHER_MS = 60


class LibraryEvents(QObject):
    """Signals: `changed(LibraryChanges)` at most every 60 ms; `progressed(QueueProgress)` likewise, always the latest;
    `settings_changed()` at once after a person chose something; `occupied(str)` what the computer is at besides the queue, in
    words, and nothing when that has ended; `imported(object)` how far an import is (ImportProgress), and None at its end.
    """

    changed = Signal(object)
    settings_changed = Signal()
    progressed = Signal(object)
    occupied = Signal(str)
    imported = Signal(object)

    def __init__(self, bridge: JobBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._gathered = LibraryChanges()
        self._progress: QueueProgress | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._tell)
        self.occupied_with = ""
        self.importing: ImportProgress | None = None
        """What was told last of these two, for a page that comes later."""
        self.occupied.connect(self._occupy)
        self.imported.connect(self._import)
        self.take_changes: Callable[..., None] = bridge.on_main(self._gather)
        """May be called on any thread."""
        self.take_progress: Callable[..., None] = bridge.on_main(self._gather_progress)
        """May be called on any thread."""

    def _occupy(self, text: str) -> None:
        self.occupied_with = text

    def _import(self, progress: ImportProgress | None) -> None:
        self.importing = progress

    def _gather(self, changes: LibraryChanges) -> None:
        self._gathered |= changes
        if not self._timer.isActive():
            self._timer.start()

    def _gather_progress(self, progress: QueueProgress) -> None:
        self._progress = progress
        if not self._timer.isActive():
            self._timer.start()

    def _tell(self) -> None:
        gathered, self._gathered = self._gathered, LibraryChanges()
        progress, self._progress = self._progress, None
        if self._bridge.is_closed:
            return  # what was gathered when the window went
        if gathered:
            self.changed.emit(gathered)
        if progress is not None:
            self.progressed.emit(progress)
