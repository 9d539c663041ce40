"""The backups of a library: when, how large, what is in them; a new one, and the way back to any of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from media_assistant.errors import UserFixable
from media_assistant.library.backup import Backup, describe
from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import bring_into_sight
from media_assistant.ui.libraries import ask_for_backup
from media_assistant.ui.outside import open_outside
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, label, row, said

MOST_SHOWN = 4
"""Until all are asked for: the newest are what one comes back to."""


class BackupList(QWidget):
    """Signals: `restore_wanted(Path)` after the person said so twice."""

    restore_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._awaited = Awaited()
        self._is_making = False
        self._shows_all = False
        self._asked_for: Path | None = None
        self.backups: Sequence[Backup] | None = None
        self.rows: list[BackupRow] = []
        words = desk.words
        down = column(self, gap=8)
        head = row(gap=12)
        texts = column(gap=3)
        self.text = label(wraps=True)
        texts.addWidget(self.text)
        texts.addWidget(said(words, "ui.backups.rule", "small", wraps=True))
        head.addLayout(texts, 1)
        self.now = QPushButton()
        self.now.setAutoDefault(False)
        self.now.clicked.connect(lambda _checked=False: self.make())
        head.addWidget(self.now, 0, Qt.AlignmentFlag.AlignTop)
        down.addLayout(head)
        self.fault = label("bad", wraps=True, selectable=True)
        self.fault.hide()
        down.addWidget(self.fault)
        self._lines = column(gap=6)
        down.addLayout(self._lines)
        foot = row(gap=8)
        self.more = button(words, "ui.backups.more", self._show_all, role="link")
        self.from_file = button(words, "ui.backups.from_file", self._choose_file, role="link")
        foot.addWidget(self.more)
        self.folder = button(words, "ui.backups.folder", self._open_folder, role="link")
        foot.addWidget(self.from_file)
        foot.addWidget(self.folder)
        foot.addStretch(1)
        down.addLayout(foot)
        self._is_read_only = desk.assistant.library.is_read_only
        self.now.setVisible(not self._is_read_only)
        self.from_file.setVisible(not self._is_read_only)
        leave = desk.assistant.backups.on_made(desk.bridge.on_main(self._made))
        self.destroyed.connect(lambda _self=None: leave())
        words.changed.connect(self._say_again)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Others may have been made meanwhile."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Read them again."""
        library = self._desk.assistant.library
        self._awaited.drop()
        self._desk.bridge.read(lambda: library.backups(with_counts=True), self._awaited.only(self._take), owner=self)

    def make(self) -> None:
        """One more, now."""
        if self._is_making:
            return
        self._is_making = True
        self._show()

        def done(made: Backup) -> None:
            self._end()
            self._desk.tell("ui.backups.made", size=self._desk.words.size(made.size_bytes))

        def failed(fault: BaseException) -> None:
            self._end()
            actions.show_fault(self._desk, fault=fault)

        self._desk.bridge.when_done(
            self._desk.assistant.backups.make(), done, owner=self, failed=failed, cancelled=self._end
        )

    def _end(self) -> None:
        """Whatever came of it, another can be wanted."""
        self._is_making = False
        self._show()

    def ask_for(self, file: Path) -> None:
        """Whether this file is to be restored: said in its line, or in one of its own."""
        self._asked_for = file
        self._show_rows()
        for each in self.rows:
            if each.backup.file == file:
                each.ask()

    def _made(self, _fault: UserFixable | None) -> None:
        self._show()
        if self.isVisible():
            self.refresh()

    def _take(self, backups: list[Backup]) -> None:
        if backups != self.backups:
            self.backups = backups
            self._say_again()

    def _say_again(self) -> None:
        self._show()
        self._show_rows()

    def _show(self) -> None:
        words = self._desk.words
        self.now.setText(words.say("ui.backups.making" if self._is_making else "ui.backups.now"))
        fault = self._desk.assistant.backups.fault
        self.fault.setVisible(fault is not None)
        if fault is not None:
            self.fault.setText(words.say("ui.backups.failed", why=words.fault(fault)))
        if self.backups is None:
            return
        made = [each for each in self.backups if not each.is_restore_point]
        self.folder.setVisible(bool(self.backups))
        if not made:
            self.text.setText(words.say("ui.backups.none"))
            return
        size = words.size(sum(each.size_bytes for each in self.backups))
        last = words.say("ui.backups.last", when=words.at(made[0].made_at))
        together = words.say("ui.backups.together", count=len(self.backups), size=size)
        self.text.setText(words.say("ui.backups.both", last=last, together=together))

    def _show_rows(self) -> None:
        backups = list(self.backups or ())
        shown = backups if self._shows_all else backups[:MOST_SHOWN]
        others = [each for each in backups if each.file == self._asked_for and each not in shown]
        if self._asked_for is not None and not any(each.file == self._asked_for for each in (*shown, *others)):
            try:
                others = [describe(self._asked_for)]
            except OSError:
                self._asked_for = None
        had_focus = next((each.backup.file for each in self.rows if each.restore.hasFocus()), None)
        empty_layout(self._lines)
        self.rows = []
        for backup in (*others, *shown):
            line = BackupRow(self._desk, backup, can_restore=not self._is_read_only)
            line.asked.connect(partial(self._ask_only, line))
            line.restore_wanted.connect(self.restore_wanted)
            self.rows.append(line)
            self._lines.addWidget(line)
            if backup.file == self._asked_for:
                line.ask(takes_focus=False)
            if backup.file == had_focus:
                line.restore.setFocus()
        self.more.setVisible(len(backups) > len(shown))

    def _ask_only(self, line: BackupRow) -> None:
        self._asked_for = line.backup.file if line.is_asking else None
        for each in self.rows:
            if each is not line:
                each.leave()

    def _show_all(self) -> None:
        self._shows_all = True
        self._show_rows()
        if len(self.rows) > MOST_SHOWN:
            self.rows[MOST_SHOWN].restore.setFocus()

    def _open_folder(self) -> None:
        open_outside(self._desk.assistant.paths.backups)

    def _choose_file(self) -> None:
        title = self._desk.words.say("ui.backups.from_file_title")
        ask_for_backup(self.window(), title, self._desk.assistant.paths.backups, self.ask_for)


class BackupRow(QFrame):
    """One backup. Signals: `asked()` when the question is put or taken back, `restore_wanted(Path)` when it is answered."""

    asked = Signal()
    restore_wanted = Signal(object)

    def __init__(self, desk: Desk, backup: Backup, *, can_restore: bool) -> None:
        super().__init__()
        self._desk = desk
        self.backup = backup
        self.is_asking = False
        words = desk.words
        when = words.at(backup.made_at)
        down = column(self, gap=6)
        across = row(gap=12)
        texts = column(gap=1)
        self.title = label(wraps=True)
        self.title.setText(when)
        self.facts = label("small", wraps=True)
        self.facts.setText(self._facts())
        texts.addWidget(self.title)
        texts.addWidget(self.facts)
        across.addLayout(texts, 1)
        self.restore = QPushButton(words.say("ui.backups.restore"))
        self.restore.setAutoDefault(False)
        self.restore.setAccessibleName(words.say("ui.backups.restore_name", when=when))
        self.restore.setAccessibleDescription(self.facts.text())
        self.restore.setToolTip(plain_tip(str(backup.file)))
        self.restore.clicked.connect(lambda _checked=False: self.ask())
        if not can_restore:
            self.restore.hide()
        across.addWidget(self.restore, 0, Qt.AlignmentFlag.AlignTop)
        down.addLayout(across)
        self.question = frame(ground="well")
        inside = column(self.question, margins=(12, 9, 12, 9), gap=8)
        self.says = label(wraps=True)
        self.says.setText(words.say("ui.backups.ask", when=when))
        inside.addWidget(self.says)
        buttons = QWidget()
        flow = FlowLayout(buttons)
        self.yes = button(words, "ui.backups.yes", self._answer, role="primary")
        self.yes.setAccessibleDescription(self.says.text())
        self.no = button(words, "ui.backups.no", self._take_back)
        for each in (self.yes, self.no):
            each.installEventFilter(self)
            flow.addWidget(each)
        inside.addWidget(buttons)
        self.question.hide()
        down.addWidget(self.question)

    def ask(self, *, takes_focus: bool = True) -> None:
        """Say what will happen, and wait for a word."""
        self.is_asking = True
        self.question.show()
        if takes_focus:
            self.no.setFocus(Qt.FocusReason.OtherFocusReason)
            # Once the page has made room for it.
            QTimer.singleShot(0, self.question, lambda: bring_into_sight(self.question))
        self.asked.emit()

    def leave(self) -> None:
        """Nothing is asked any more."""
        self.is_asking = False
        self.question.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc takes the question back."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self._take_back()
                return True
        return super().eventFilter(watched, event)

    def _take_back(self) -> None:
        self.restore.setFocus(Qt.FocusReason.OtherFocusReason)
        self.leave()
        self.asked.emit()

    def _answer(self) -> None:
        self.restore.setFocus(Qt.FocusReason.OtherFocusReason)
        self.leave()
        self.asked.emit()
        self.restore_wanted.emit(self.backup.file)

    def _facts(self) -> str:
        words, backup = self._desk.words, self.backup
        parts = [words.say("ui.backups.items", count=sum(backup.counts.values()))] if backup.counts else []
        parts.append(words.size(backup.size_bytes))
        if backup.why:
            parts.append(words.say(f"ui.backups.why.{backup.why}"))
        return " · ".join(parts)
