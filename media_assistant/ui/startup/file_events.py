"""Files that macOS hands to the program that runs already, or has just been started: no words on its command line."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from media_assistant.ui.startup.single import Wish


class FileEvents(QObject):
    """Signals: `wished(Wish)` with all files that came at once, each of which the system tells by itself.

    Every event of the program is looked at, so only where the system speaks in this way is one of these made.
    """

    wished = Signal(object)

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._files: list[Path] = []
        application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Nobody else wants to hear of a file."""
        if event.type() is not QEvent.Type.FileOpen or not isinstance(event, QFileOpenEvent) or not event.file():
            return False
        if not self._files:
            QTimer.singleShot(0, self, self._tell)
        self._files.append(Path(event.file()))
        return True

    def _tell(self) -> None:
        files, self._files = self._files, []
        self.wished.emit(Wish(tuple(files)))
