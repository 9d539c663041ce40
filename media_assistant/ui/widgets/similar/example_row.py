"""One example: on which side it is, what it is, and away with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from media_assistant.items.clock import clock
from media_assistant.items.examples import Example
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.plain import IconButton, ShortenedLabel, row


class ExampleRow(QFrame):
    """Signals: `flipped(Example)` to the other side; `dropped(Example)`."""

    flipped = Signal(object)
    dropped = Signal(object)

    def __init__(self, desk: Desk, example: Example, *, is_wanted: bool) -> None:
        super().__init__()
        self.example = example
        self.is_wanted = is_wanted
        self.setProperty("card", "note")
        across = row(self, margins=(2, 1, 2, 1), gap=4)
        sign, code = ("plus", "ui.similar.is_wanted") if is_wanted else ("minus", "ui.similar.is_unwanted")
        self.sign = IconButton(desk.words, desk.look, sign, code, lambda: self.flipped.emit(example))
        self.name = ShortenedLabel()
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.name.setText(describe_example(desk, example))
        self.away = IconButton(
            desk.words, desk.look, "close", "ui.similar.drop_example", lambda: self.dropped.emit(example)
        )
        across.addWidget(self.sign)
        across.addWidget(self.name, 1)
        across.addWidget(self.away)
        side = desk.words.say("ui.similar.like" if is_wanted else "ui.similar.unlike", name=self.name.text())
        self.setAccessibleName(side)
        for button in (self.sign, self.away):
            button.setAccessibleDescription(side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del takes it away, + and − choose its side."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.dropped.emit(self.example)
        elif event.text() in ("+", "-") and (event.text() == "+") != self.is_wanted:
            self.flipped.emit(self.example)
        else:
            super().keyPressEvent(event)


def describe_example(desk: Desk, example: Example) -> str:
    """Its title, and which moment of it."""
    if example.path is not None:
        title = example.path.name
    else:
        item = desk.examples.item(example.item_id)
        title = " ".join(item.title.split()) if item else "…"
    match example.span:
        case TimeSpan(start, end) if end > start:
            place = desk.words.say("ui.similar.stretch", start=clock(start), end=clock(end))
        case TimeSpan(start):
            place = clock(start)
        case TextSpan(page):
            place = desk.words.say("ui.page", page=desk.words.number(page))
        case _:
            return title
    return desk.words.say("ui.similar.place", name=title, place=place)
