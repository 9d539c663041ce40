"""A look whether everything in the library fits together, in words, and its repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from media_assistant.ui.desk import Desk
from media_assistant.ui.focus_order import bring_into_sight
from media_assistant.ui.widgets.plain import button, column, label, row, said
from media_assistant.workflows.keeping.checking import Checked, problem_sentence, repair_sentence


class CheckLine(QWidget):
    """Nothing is changed before the person asks for a repair. Signals: `restore_wanted(Path)` where the repair ends with
    the backup made for it in the library's place.
    """

    restore_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._is_busy = False
        self._found: Checked | None = None
        words = desk.words
        down = column(self, gap=8)
        head = row(gap=12)
        texts = column(gap=3)
        texts.addWidget(said(words, "ui.check.title", wraps=True))
        texts.addWidget(said(words, "ui.check.tip", "small", wraps=True))
        head.addLayout(texts, 1)
        self.start = QPushButton()
        self.start.setAutoDefault(False)
        words.bind(self.start, QPushButton.setAccessibleDescription, "ui.check.tip")
        self.start.clicked.connect(lambda _checked=False: self.check())
        head.addWidget(self.start, 0, Qt.AlignmentFlag.AlignTop)
        down.addLayout(head)
        self.says = label(wraps=True, selectable=True)
        down.addWidget(self.says)
        self.mend = button(words, "ui.check.repair", self.repair, role="primary")
        words.bind(self.mend, QPushButton.setAccessibleDescription, "ui.check.repair_tip")
        words.bind(self.mend, QPushButton.setToolTip, "ui.check.repair_tip")
        down.addWidget(self.mend, 0, Qt.AlignmentFlag.AlignLeft)
        words.changed.connect(self._show)
        self._show()

    def check(self) -> None:
        """Look."""
        self._ask(self._desk.assistant.backups.look)

    def repair(self) -> None:
        """Make again what can be, after a backup."""
        if not self._is_busy:
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask(self._desk.assistant.backups.repair)

    def _ask(self, question: Callable[[], Future[Checked]]) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self._show()
        self._desk.bridge.when_done(question(), self._take, owner=self, failed=self._failed, cancelled=self._end)

    def _take(self, found: Checked) -> None:
        self._found = found
        self._end()
        if found.needs_rewriting and found.backup is not None:
            self.restore_wanted.emit(found.backup.file)
            return
        is_left = "ui.check.left" if found.repaired else "ui.check.not_whole"
        # Once the page has made room for it.
        QTimer.singleShot(0, self, lambda: bring_into_sight(self.mend if self.mend.isVisible() else self.says))
        self._desk.tell("ui.check.whole" if found.is_whole else is_left)

    def _failed(self, fault: BaseException) -> None:
        self._end()
        self._desk.notices.warn(self._desk.words.fault(fault))

    def _end(self) -> None:
        self._is_busy = False
        self._show()

    def _show(self) -> None:
        words, found = self._desk.words, self._found
        self.start.setText(words.say("ui.check.busy" if self._is_busy else "ui.check.start"))
        self.says.setVisible(found is not None and not self._is_busy)
        is_mendable = found is not None and found.can_be_repaired and not self._desk.assistant.library.is_read_only
        self.mend.setVisible(is_mendable and not self._is_busy)
        if found is not None:
            self.says.setText("\n".join(self._lines(found)))

    def _lines(self, found: Checked) -> Iterator[str]:
        words = self._desk.words
        for code, count in found.repaired:
            yield words.say("ui.check.repaired", what=words.sentence(problem_sentence(code, count)))
        for code, count, _ in found.found:
            what, then = words.sentence(problem_sentence(code, count)), words.sentence(repair_sentence(code))
            yield words.say("ui.check.problem", what=what, then=then)
        if found.is_whole:
            yield words.say("ui.check.whole")
