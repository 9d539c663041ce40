"""The examples of a taught tag, and the versions of what was learnt of them: short rows, each with what can be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from media_assistant.items.clock import clock
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.items.teaching import TaughtExample, Version
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.plain import IconButton, ShortenedLabel, button, column, empty_layout, label, row
from media_assistant.workflows.teaching.learning_tags import compare

SHOWN = 60
"""Examples that have a row; of more their number is said."""


class TaughtList(QWidget):
    """Signals: `dropped(TaughtExample)` no example any more; `flipped(TaughtExample)` on the other side."""

    dropped = Signal(object)
    flipped = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._down = column(self, gap=3)
        self.rows: list[TaughtRow] = []

    def show_examples(
        self, examples: Sequence[TaughtExample], titles: Mapping[int, str], unknown: Sequence[int]
    ) -> None:
        """The wanted ones first; of those of which nothing is known yet it is said."""
        empty_layout(self._down)
        self.rows = []
        for example in examples[:SHOWN]:
            made = TaughtRow(self._desk, example, titles.get(example.item_id, "…"), example.item_id in unknown)
            made.dropped.connect(self.dropped)
            made.flipped.connect(self.flipped)
            self._down.addWidget(made)
            self.rows.append(made)
        if len(examples) > SHOWN:
            more = label("faint", wraps=True)
            more.setText(self._desk.words.say("ui.teach.more", count=len(examples) - SHOWN))
            self._down.addWidget(more)
        self.updateGeometry()


class TaughtRow(QFrame):
    """Signals: `dropped(TaughtExample)`; `flipped(TaughtExample)`."""

    dropped = Signal(object)
    flipped = Signal(object)

    def __init__(self, desk: Desk, example: TaughtExample, title: str, is_unknown: bool) -> None:
        super().__init__()
        self.example = example
        words = desk.words
        self.setProperty("card", "note")
        across = row(self, margins=(2, 1, 2, 1), gap=4)
        sign, code = ("minus", "ui.teach.is_counter") if example.is_counter else ("plus", "ui.teach.is_example")
        self.sign = IconButton(words, desk.look, sign, code, partial(self.flipped.emit, example))
        self.name = ShortenedLabel()
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        match example.span:
            case TimeSpan(start, end):
                place = (
                    clock(start)
                    if end <= start
                    else words.say("ui.similar.stretch", start=clock(start), end=clock(end))
                )
                title = words.say("ui.similar.place", name=title, place=place)
            case TextSpan(page):
                place = words.say("ui.page", page=words.number(page))
                title = words.say("ui.similar.place", name=title, place=place)
            case _:
                pass
        self.name.setText(words.say("ui.teach.unknown", name=title) if is_unknown else title)
        self.away = IconButton(words, desk.look, "close", "ui.teach.drop", partial(self.dropped.emit, example))
        across.addWidget(self.sign)
        across.addWidget(self.name, 1)
        across.addWidget(self.away)
        side = words.say(
            "ui.teach.counter_row" if example.is_counter else "ui.teach.example_row", name=self.name.text()
        )
        self.setAccessibleName(side)
        for each in (self.sign, self.away):
            each.setAccessibleDescription(side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes it away."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.dropped.emit(self.example)
        else:
            super().keyPressEvent(event)


class VersionList(QWidget):
    """Signals: `wanted(int)` this version is to be asked."""

    wanted = Signal(int)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._down = column(self, gap=6)
        self.buttons: dict[int, QPushButton] = {}

    def show_versions(self, versions: Sequence[Version]) -> None:
        """The newest first, each with what it has before the one before it."""
        words = self._desk.words
        empty_layout(self._down)
        self.buttons = {}
        for place, version in enumerate(versions):
            older = versions[place + 1] if place + 1 < len(versions) else None
            plus = sum(not each.is_counter for each in version.examples)
            said = words.say(
                "ui.teach.version",
                number=words.number(version.number),
                plus=words.number(plus),
                minus=words.number(len(version.examples) - plus),
                proposals=words.number(int(version.report.get("proposals", 0))),
            )
            if older is not None:
                came, went = compare(version.report, older.report)
                changed = words.say("ui.teach.changed", came=words.number(len(came)), went=words.number(len(went)))
                said += words.say("ui.sentence_separator") + changed
            line = row(gap=6)
            text = label("" if version.is_current else "soft", wraps=True)
            text.setText(said)
            text.setToolTip(plain_tip(_method(self._desk, version)))
            line.addWidget(text, 1)
            if version.is_current:
                mark = label("faint")
                mark.setText(words.say("ui.teach.in_use"))
                line.addWidget(mark)
            else:
                use = button(words, "ui.teach.use", partial(self.wanted.emit, version.number), role="link")
                use.setAccessibleName(words.say("ui.teach.use_version", number=words.number(version.number)))
                self.buttons[version.number] = use
                line.addWidget(use)
            holder = QWidget()
            holder.setLayout(line)
            self._down.addWidget(holder)
        self.updateGeometry()


def _method(desk: Desk, version: Version) -> str:
    """How it was learnt and how long that took here, for whoever asks."""
    words = desk.words
    forms = dict.fromkeys(version.report.get("forms", {}).values())
    names = words.say("ui.list_separator").join(words.say(f"ui.teach.form.{form}") for form in forms)
    ms = words.number(round(1000 * float(version.report.get("took_s", 0.0))))
    return words.say("ui.teach.method", forms=names, ms=ms) if names else ""
