"""When a library cannot be opened: the window says so, and offers what can be done instead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from media_assistant.assistant import READABLE
from media_assistant.errors import UserFixable
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.cover import Cover
from media_assistant.ui.widgets.plain import button, label, said

if TYPE_CHECKING:
    from media_assistant.library.backup import Backup
    from media_assistant.ui.words import Words

MOST_RECENT = 4
MOST_BACKUPS = 2


def has_lost_its_file(fault: BaseException) -> bool:
    """Whether a backup would help."""
    return isinstance(fault, UserFixable) and fault.code in ("library.damaged", "library.overwritten")


class Gate(Cover):
    """Lies over the whole window.

    Signals: `again()`, `read_only()`, `other()` and `new()` for a dialog, `chosen(Path)` one of those opened before,
    `restore(Path)` a backup in the place of a damaged library, `file()` one that is still to be chosen.
    """

    again = Signal()
    read_only = Signal()
    other = Signal()
    new = Signal()
    chosen = Signal(object)
    restore = Signal(object)
    file = Signal()

    def __init__(
        self,
        window: QWidget,
        words: Words,
        library: Path,
        fault: BaseException,
        recent: Sequence[str],
        *,
        has_file: bool,
        backups: Sequence[Backup] = (),
        unrestored: BaseException | None = None,
    ) -> None:
        """`backups`: the newest ones, if they would help. `unrestored`: why one of them could not be restored just now."""
        super().__init__(window)
        down = self.down
        title = said(words, "ui.gate.title", "headline", wraps=True)
        down.addWidget(title)
        self.sentence = label(wraps=True, selectable=True)
        self.sentence.setText(words.fault(fault))
        down.addWidget(self.sentence)
        where = label("small", wraps=True, selectable=True)
        where.setText(str(library))
        where.setVisible(str(library) not in self.sentence.text())
        down.addWidget(where)
        down.addSpacing(6)
        can_read = isinstance(fault, UserFixable) and fault.code in READABLE and has_file
        self.buttons: dict[str, QPushButton] = {}
        for name, signal in (
            ("again", self.again),
            ("read_only", self.read_only),
            ("another", self.other),
            ("new", self.new),
        ):
            if name == "read_only" and not can_read:
                continue
            each = button(words, f"ui.gate.{name}", signal.emit, role="primary" if name == "again" else "")
            self.buttons[name] = each
            down.addWidget(each)
        if unrestored is not None:
            self.unrestored = label("bad", wraps=True, selectable=True)
            self.unrestored.setText(words.fault(unrestored))
            down.insertWidget(down.indexOf(where) + 1, self.unrestored)
        if backups:
            self._offer(words, backups, down.indexOf(self.buttons["again"]))
        others = [Path(each) for each in recent if Path(each) != library][: MOST_RECENT - len(backups)]
        if others:
            down.addWidget(said(words, "ui.libraries.recent", "section"))
        for path in others:
            each = QPushButton(path.stem)
            each.setProperty("role", "link")
            each.setToolTip(plain_tip(str(path)))
            each.clicked.connect(lambda _checked=False, path=path: self.chosen.emit(path))
            self.buttons[str(path)] = each
            down.addWidget(each, 0, Qt.AlignmentFlag.AlignLeft)
        self.cover()
        self.buttons["restore" if backups else "again"].setFocus()

    def _offer(self, words: Words, backups: Sequence[Backup], place: int) -> None:
        """Each backup, the newest first, and what comes of it: that is what somebody needs whose library is gone."""
        again = self.buttons["again"]
        again.setProperty("role", "")
        for number, backup in enumerate(backups):
            count = sum(backup.counts.values())
            when = words.at(backup.made_at)
            back = QPushButton(
                words.say("ui.gate.restore", when=when, items=words.say("ui.backups.items", count=count))
            )
            back.setAutoDefault(False)
            back.setProperty("role", "" if number else "primary")
            back.setToolTip(plain_tip(str(backup.file)))
            back.setAccessibleDescription(words.say("ui.gate.restore_tip"))
            back.clicked.connect(lambda _checked=False, file=backup.file: self.restore.emit(file))
            self.buttons["restore" if not number else f"restore {number}"] = back
            self.down.insertWidget(place + number, back)
        self.down.insertWidget(place, said(words, "ui.gate.restore_tip", wraps=True))
        self.other_backup = button(words, "ui.backups.from_file", self.file.emit)
        self.down.insertWidget(place + len(backups) + 1, self.other_backup)
