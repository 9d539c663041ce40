"""The lines of a transcript, and the one that is spoken now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import TimeSpan
from media_assistant.ui.words import clock

MOMENT_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class LineItemModel(QAbstractListModel):
    """Lines with times in order; a row is one line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Moment] = []
        self._starts: list[int] = []

    def show(self, lines: Sequence[Moment]) -> None:
        """Show these."""
        self.beginResetModel()
        timed = [line for line in lines if line.layer is Layer.LINE and isinstance(line.span, TimeSpan)]
        self.lines = sorted(timed, key=_start_of)
        self._starts = [_start_of(line) for line in self.lines]
        self.endResetModel()

    def row_at(self, ms: int) -> int:
        """The line that is spoken at a time, or -1."""
        row = bisect_right(self._starts, ms) - 1
        if row < 0:
            return -1
        span = self.lines[row].span
        # A line stays until the next one begins, but not longer than a breath.
        return row if isinstance(span, TimeSpan) and ms < span.end_ms + 400 else -1

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """As Qt asks for it."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The words, the moment, or both time and words for a screen reader."""
        if not 0 <= index.row() < len(self.lines):
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{clock(_start_of(line))} {line.text}"
        return line if role == MOMENT_ROLE else None


def _start_of(line: Moment) -> int:
    return line.span.start_ms if isinstance(line.span, TimeSpan) else 0
