"""Below the transcript: when the chosen line begins and ends, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from media_assistant.items.clock import exact, parse_exact
from media_assistant.items.moment import Moment
from media_assistant.items.transcript import span_of
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import button, column, row, said
from media_assistant.ui.widgets.transcript.line_verbs import NUDGE_MS, LineVerbs


class TimeField(LineField):
    """A time to the millisecond. Up and Down nudge it; what is no time is put back.

    Signals: `typed(int)` ms; `nudged(int)` by how many ms.
    """

    typed = Signal(int)
    nudged = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._ms = 0
        self.setProperty("role", "time")
        self.editingFinished.connect(self._take)

    def show_ms(self, ms: int) -> None:
        """What is typed at the moment stays."""
        self._ms = ms
        if not self.isModified():
            self.setText(exact(ms))

    def _take(self) -> None:
        if not self.isModified():
            return
        ms = parse_exact(self.text())
        self.setModified(False)
        self.setText(exact(self._ms if ms is None else ms))
        if ms is not None and ms != self._ms:
            self.typed.emit(ms)

    def event(self, event: QEvent) -> bool:
        """Esc is the field's own while something is typed in it."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride:
            if event.key() != Qt.Key.Key_Escape or not self.isModified():
                return super().event(event)
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up is later, Down earlier; with Shift ten times as far. Esc puts back what was there."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._take()
            far = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            self.nudged.emit(NUDGE_MS * far if event.key() == Qt.Key.Key_Up else -NUDGE_MS * far)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self.setText(exact(self._ms))
        else:
            super().keyPressEvent(event)


class LineBar(QFrame):
    """Shown while a line is chosen."""

    def __init__(self, desk: Desk, verbs: LineVerbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._verbs = verbs
        self.setProperty("edge", "top")
        down = column(self, margins=(0, 6, 0, 0), gap=4)
        times = row(gap=4)
        self.start, self.end = TimeField(), TimeField()
        self._here: list[tuple[QPushButton, str]] = []
        for field, code, is_start in ((self.start, "ui.lines.start", True), (self.end, "ui.lines.end", False)):
            name = said(desk.words, code, "small")
            name.setBuddy(field)
            desk.words.bind(field, QLineEdit.setAccessibleName, code)
            times.addWidget(name)
            times.addWidget(field, 1)
            here = button(desk.words, "ui.lines.here", partial(verbs.set_here, is_start=is_start), role="link")
            self._here.append((here, "start_here" if is_start else "end_here"))
            times.addWidget(here)
        down.addLayout(times)
        acts = row(gap=2)
        self.buttons: dict[str, QPushButton] = {}
        for verb, act in (
            ("edit", verbs.edit),
            ("split", verbs.split_here),
            ("merge", verbs.merge),
            ("insert", verbs.insert),
            ("delete", verbs.delete),
        ):
            made = button(desk.words, f"ui.lines.verb.{verb}", act, role="link")
            self.buttons[verb] = made
            acts.addWidget(made)
        acts.addStretch(1)
        down.addLayout(acts)
        self._connect(self.start, lambda ms: verbs.retime(ms, self._end_for(ms)), lambda by: verbs.nudge(by, 0))
        self._connect(self.end, lambda ms: verbs.retime(self._start_for(ms), ms), lambda by: verbs.nudge(0, by))
        desk.words.changed.connect(self._speak)
        desk.keys.changed.connect(self._speak)
        self._line: Moment | None = None
        self._speak()

    def _connect(self, field: TimeField, typed: Callable[[int], None], nudged: Callable[[int], None]) -> None:
        field.typed.connect(typed)
        field.nudged.connect(nudged)

    def _end_for(self, start_ms: int) -> int:
        """A start behind the end takes the whole line along."""
        span = span_of(self._line) if self._line else None
        if span is None:
            return start_ms
        return span.end_ms if start_ms < span.end_ms else start_ms + span.end_ms - span.start_ms

    def _start_for(self, end_ms: int) -> int:
        return min(span_of(self._line).start_ms, end_ms) if self._line else end_ms

    def show_line(self, line: Moment | None) -> None:
        """The chosen line's times, or nothing."""
        if line is not self._line:
            for field in (self.start, self.end):
                field.setModified(False)
        self._line = line
        self.setVisible(line is not None)
        if line is not None:
            self.start.show_ms(span_of(line).start_ms)
            self.end.show_ms(span_of(line).end_ms)

    def _speak(self) -> None:
        words, keys = self._desk.words, self._desk.keys
        for made, verb in self._here:
            made.setToolTip(
                plain_tip(
                    words.say(
                        "ui.lines.tip",
                        what=words.say(f"ui.keys.transcript.{verb}"),
                        keys=keys.shown(f"transcript.{verb}"),
                    )
                )
            )
        for verb, made in self.buttons.items():
            what = words.say(f"ui.keys.transcript.{verb}")
            made.setToolTip(plain_tip(words.say("ui.lines.tip", what=what, keys=keys.shown(f"transcript.{verb}"))))
