"""Tells that the installed program was replaced by another version while it runs: its workers would be of that one."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication


class Replaced(QObject):
    """Looks each time the program comes to the front. Signals: `found()`, once."""

    found = Signal()

    def __init__(self, application: QApplication, program: str) -> None:
        super().__init__(application)
        self._program = program
        self._before = _mark(program)
        application.applicationStateChanged.connect(self._look)

    def _look(self, state: Qt.ApplicationState) -> None:
        if state is not Qt.ApplicationState.ApplicationActive or self._before is None:
            return
        now = _mark(self._program)
        if now is not None and now != self._before:
            self._before = None
            self.found.emit()


def _mark(program: str) -> tuple[int, int] | None:
    """What another file in its place does not share; nothing while there is none."""
    try:
        about = os.stat(program)
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns
