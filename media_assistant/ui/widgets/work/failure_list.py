"""What went wrong, in words, with details to copy and a way to try again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from media_assistant.items.answers import Failure
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, label, row, said
from media_assistant.ui.words import Words

MOST_SHOWN = 40


class FailureList(QWidget):
    """Signals: `again_wanted(Failure)`, `all_wanted()`, `copied(str)` with the details, `opened(int)` the item."""

    again_wanted = Signal(object)
    all_wanted = Signal()
    copied = Signal(str)
    opened = Signal(int)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._shown: tuple[list[Failure], int, str] = ([], -1, "")
        down = column(self, gap=8)
        head = row(gap=8)
        self._title = said(words, "ui.failed.title", "section")
        self._title.setContentsMargins(0, 12, 0, 0)
        self.all = button(words, "ui.failed.all", self.all_wanted.emit, role="link")
        self.copy = button(words, "ui.failed.copy_all", self._copy_all, role="link")
        head.addWidget(self._title, 1)
        head.addWidget(self.all)
        head.addWidget(self.copy)
        down.addLayout(head)
        self._lines = column(gap=6)
        down.addLayout(self._lines)
        self._more = label("small")
        down.addWidget(self._more)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is said, one a line."""
        return [failed.property("said") for failed in self.findChildren(QFrame) if failed.property("said")]

    def show_failures(self, failures: Sequence[Failure], count: int) -> None:
        """Show these of `count` altogether; the keyboard is not taken away as long as they stay the same."""
        asked = (list(failures), count, self._words.language)
        if asked == self._shown:
            return
        self._shown = asked
        empty_layout(self._lines)
        for failure in failures[:MOST_SHOWN]:
            self._lines.addWidget(self._line(failure))
        rest = count - min(len(failures), MOST_SHOWN)
        self._more.setVisible(rest > 0)
        self._more.setText(self._words.say("ui.failed.more", count=rest) if rest > 0 else "")
        self.setVisible(bool(failures))

    def _line(self, failure: Failure) -> QFrame:
        words = self._words
        line = frame(card="note")
        down = column(line, margins=(12, 8, 12, 8), gap=3)
        title = " ".join(failure.title.split())
        head = label("strong")
        head.setText(head.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, 520))
        head.setToolTip(plain_tip(failure.path))
        why = label(wraps=True, selectable=True)
        sentence = words.sentence(failure.error)
        why.setText(words.say("ui.failed.line", what=words.analyser(failure.analyser), why=sentence))
        line.setProperty("said", f"{title}: {why.text()}")
        down.addWidget(head)
        down.addWidget(why)
        verbs = row(gap=14)
        for code, act in (
            ("ui.failed.again", lambda: self.again_wanted.emit(failure)),
            ("ui.failed.show", lambda: self.opened.emit(failure.item_id)),
            ("ui.failed.copy", lambda: self.copied.emit(details(failure, sentence))),
        ):
            each = button(words, code, act, role="link")
            each.setAccessibleName(words.say("ui.failed.of", verb=words.say(code), title=title))
            verbs.addWidget(each)
        verbs.addStretch(1)
        down.addLayout(verbs)
        return line

    def _copy_all(self) -> None:
        sentences = [(failure, self._words.sentence(failure.error)) for failure in self._shown[0]]
        self.copied.emit("\n\n".join(details(failure, sentence) for failure, sentence in sentences))

    def button(self, at: int, verb: int) -> QPushButton:
        """A line's button: 0 again, 1 show, 2 copy."""
        line = [each for each in self.findChildren(QFrame) if each.property("said")][at]
        return line.findChildren(QPushButton)[verb]


def details(failure: Failure, sentence: str) -> str:
    """For somebody who helps: plain lines."""
    facts = {
        "file": failure.path or failure.title,
        "analysis": failure.analyser,
        "model": failure.model or "-",
        "tries": str(failure.attempts),
        "code": failure.error.code,
        **{f"with {name}": str(value) for name, value in failure.error.parameters.items()},
        "says": sentence,
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())
