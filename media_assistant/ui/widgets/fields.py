"""Fields to type in. Files that are dragged over one are the window's: Qt would write their paths into the field, and where
they are to be moved (Shift in a file manager) the other program would delete them.
"""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from media_assistant.ui.widgets.drop_overlay import dropped_paths


class LineField(QLineEdit):
    """One line."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Words alone."""
        if dropped_paths(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)


class TextField(QPlainTextEdit):
    """Several lines."""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Words alone."""
        if dropped_paths(event.mimeData()):
            event.ignore()
        else:
            super().dragEnterEvent(event)
