"""Heads that learned from the same, side by side: how much of what was held back each told right, and which was kept."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from media_assistant.items.training import TrainingReport
from media_assistant.ui.widgets.plain import empty_layout, label
from media_assistant.ui.words import Words

GAP = 18


class WaysView(QWidget):
    """Hidden for a report that compares nothing. Its lines are labels, so a screen reader says them in their order."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(4)
        self.setVisible(False)

    def show_report(self, report: TrainingReport | None) -> None:
        """A line for each head, the simplest first."""
        ways = report.ways if report is not None else ()
        empty_layout(self._grid)
        self.setVisible(bool(ways))
        if report is None:
            return
        say = self._words.say
        for place, code in enumerate(("way", "right", "rounds", "took")):
            self._put(0, place, say(f"ui.training.column.{code}"), "faint")
        for line, way in enumerate(ways, 1):
            is_kept = way.way == report.way
            role = "strong" if is_kept else ""
            name = say(f"ui.training.head.{way.way}")
            self._put(line, 0, say("ui.training.kept", name=name) if is_kept else name, role)
            self._put(line, 1, say("ui.training.share", share=round(100 * way.accuracy)), role)
            self._put(line, 2, self._words.number(way.epochs), role)
            self._put(line, 3, say("ui.training.seconds", seconds=self._words.number(max(1, round(way.took_s)))), role)
        self._grid.setColumnStretch(4, 1)

    def _put(self, line: int, place: int, text: str, role: str) -> None:
        cell: QLabel = label(role)
        cell.setText(text)
        side = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(cell, line, place, side)
