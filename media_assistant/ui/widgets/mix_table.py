"""The steps of a mix: a row each, with length, tempo, key and why it follows; a tick locks it where it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from media_assistant.items.clock import clock
from media_assistant.items.mix import Mix, MixStep
from media_assistant.sentences import say_key
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import short_tip

_LOCK, _TITLE, _LENGTH, _TEMPO, _KEY, _WHY = range(6)
_COLUMNS = ("lock", "title", "length", "tempo", "key_of", "why")
ROW = 40
"""Room for two lines: in a narrow window reasons take them."""
_LOCKABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable


class MixTable(QTableWidget):
    """Signals: `played(int)` on Enter and a double click, `removed(int)` on Delete, with the row. Space locks."""

    played = Signal(int)
    removed = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__(0, len(_COLUMNS))
        self._desk = desk
        self._mix = Mix(())
        self._is_path = False
        self.setProperty("role", "mix")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in (_LOCK, _LENGTH, _TEMPO, _KEY):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (_TITLE, _WHY):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.cellDoubleClicked.connect(lambda row, _column: self.played.emit(row))
        desk.words.bind(self, QTableWidget.setAccessibleName, "ui.mix.steps_name")
        desk.words.changed.connect(lambda: self.show_mix(self._mix, is_path=self._is_path))
        self.show_mix(self._mix, is_path=False)

    def show_mix(self, mix: Mix, *, is_path: bool) -> None:
        """Its steps; those that were locked and are in it again stay so. The ends of a path stay in any case."""
        locked = set(self.locked().values())
        current = self.currentRow()
        self._mix, self._is_path = mix, is_path
        say = self._desk.words.say
        self.setHorizontalHeaderLabels([say(f"ui.mix.column_{name}") for name in _COLUMNS])
        self.setRowCount(len(mix.steps))
        for at, step in enumerate(mix.steps):
            lock = QTableWidgetItem()
            lock.setFlags(_LOCKABLE if self.can_change(at) else Qt.ItemFlag.ItemIsSelectable)
            is_locked = step.item.id in locked or not self.can_change(at)
            lock.setCheckState(Qt.CheckState.Checked if is_locked else Qt.CheckState.Unchecked)
            if not self.can_change(at):
                lock.setToolTip(say("ui.mix.end_stays"))
            lock.setData(Qt.ItemDataRole.AccessibleTextRole, say("ui.mix.lock_of", title=step.item.title))
            self.setItem(at, _LOCK, lock)
            for column, text in enumerate(self._texts(step), _TITLE):
                cell = QTableWidgetItem(text)
                cell.setToolTip(short_tip(text))
                self.setItem(at, column, cell)
        self.go_to(current)

    def can_change(self, at: int) -> bool:
        """Whether there is a step here that can be locked, exchanged and taken out: the ends of a path cannot."""
        last = len(self._mix.steps) - 1
        return 0 < at < last if self._is_path else 0 <= at <= last

    def locked(self) -> dict[int, int]:
        """The items that are locked, by their step, without the ends of a path."""
        found = {}
        for at, step in enumerate(self._mix.steps):
            lock = self.item(at, _LOCK)
            if lock is not None and self.can_change(at) and lock.checkState() is Qt.CheckState.Checked:
                found[at] = step.item.id
        return found

    def set_locked(self, at: int, *, is_locked: bool) -> None:
        """Lock a step, or let it go."""
        lock = self.item(at, _LOCK)
        if lock is not None and self.can_change(at):
            lock.setCheckState(Qt.CheckState.Checked if is_locked else Qt.CheckState.Unchecked)

    def go_to(self, at: int) -> None:
        """Choose a row, the nearest that there is."""
        if self.rowCount():
            self.setCurrentCell(min(max(0, at), self.rowCount() - 1), _TITLE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter plays, Delete takes out, Space locks."""
        at = self.currentRow()
        if at >= 0 and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.played.emit(at)
        elif at >= 0 and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(at)
        elif at >= 0 and event.key() == Qt.Key.Key_Space:
            self.set_locked(at, is_locked=at not in self.locked())
        else:
            super().keyPressEvent(event)

    def _texts(self, step: MixStep) -> tuple[str, ...]:
        words = self._desk.words
        key = f"{say_key(words.language, step.key)} · {step.camelot}" if step.key else ""
        length = clock(step.item.facts.duration_ms) if step.item.facts.duration_ms else ""
        tempo = words.decimal(step.tempo, 0) if step.tempo else ""
        why = "  ·  ".join(words.sentence(each) for each in step.why)
        return " ".join(step.item.title.split()), length, tempo, key, why
