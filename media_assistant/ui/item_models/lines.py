"""The lines of a transcript, and the one that is spoken now. Only the rows that differ are told to the view."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from media_assistant.items.clock import clock
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import DOUBT, doubtful, has_times, span_of

MOMENT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_BREATH_MS = 400


class LineItemModel(QAbstractListModel):
    """Lines with times in order; a row is one line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Moment] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        """When the last of a line and all before it ends."""

    def show(self, lines: Sequence[Moment]) -> None:
        """Show these; they come in the order of their times."""
        new = [line for line in lines if isinstance(line.span, TimeSpan)]
        old = self.lines
        same = _same_at_head(old, new)
        tail = _same_at_head(old[same:][::-1], new[same:][::-1])
        gone, come = len(old) - same - tail, len(new) - same - tail
        both = min(gone, come)
        if gone > both:
            self.beginRemoveRows(QModelIndex(), same + both, same + gone - 1)
        elif come > both:
            self.beginInsertRows(QModelIndex(), same + both, same + come - 1)
        self.lines = new
        spans = [span_of(line) for line in new]
        self._starts = [span.start_ms for span in spans]
        self._ends = list(accumulate((span.end_ms for span in spans), max))
        if gone > both:
            self.endRemoveRows()
        elif come > both:
            self.endInsertRows()
        if both:
            self.dataChanged.emit(self.index(same), self.index(same + both - 1))

    def change(self, out: Sequence[Moment], put: Sequence[Moment]) -> None:
        """Show at once what the library is going to hold."""
        gone = {id(line) for line in out}
        self.show(sorted((*(line for line in self.lines if id(line) not in gone), *put), key=span_of))

    def row_of(self, line: Moment) -> int:
        """Where exactly this line stands; -1 if it does not."""
        return next((row for row, shown in enumerate(self.lines) if shown is line), -1)

    def row_at(self, ms: int) -> int:
        """The line that is spoken at a time, of several the one that began last; -1 for none."""
        row, just_over = bisect_right(self._starts, ms) - 1, -1
        while self.has_times and row >= 0 and ms < self._ends[row] + _BREATH_MS:
            end_ms = span_of(self.lines[row]).end_ms
            if ms < end_ms:
                return row
            # A line stays until the next one begins, but not longer than a breath.
            if just_over < 0 and ms < end_ms + _BREATH_MS:
                just_over = row
            row -= 1
        return just_over

    @property
    def has_times(self) -> bool:
        """Whether it is known when each of them is said."""
        return has_times(self.lines)

    def row_before(self, ms: int) -> int:
        """The last line that begins at or before a time; -1 before the first."""
        return bisect_right(self._starts, ms) - 1

    def next_in_doubt(self, row: int, direction: int) -> int:
        """The nearest line after (1) or before (-1) `row`, and on from the other end, with a word in doubt; -1 for none."""
        count = len(self.lines)
        for step in range(1, count + 1):
            at = (row + direction * step) % count
            if any(word.probability < DOUBT for word in self.lines[at].words):
                return at
        return -1

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """As Qt asks for it."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Every line can be typed into."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The words, the moment, or both time and words for a screen reader."""
        if not 0 <= index.row() < len(self.lines):
            return None
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return line.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{clock(span_of(line).start_ms)} {line.text}"
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            doubts = " · ".join(line.text[begin:end] for begin, end in doubtful(line))
            return f"? {doubts}" if doubts else ""
        return line if role == MOMENT_ROLE else None


def _same_at_head(old: Sequence[Moment], new: Sequence[Moment]) -> int:
    """How many lines at the beginning are the very same: a stored line never changes without another id."""
    most = min(len(old), len(new))
    for at in range(most):
        ours, theirs = old[at], new[at]
        if ours is not theirs and (not ours.id or ours.id != theirs.id):
            return at
    return most
