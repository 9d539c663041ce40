"""What is compared: the examples with + and −, what is being understood for it, and the way back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QProgressBar, QWidget

from media_assistant.items.examples import Example
from media_assistant.ui.choosing import choose_paths
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, empty_layout, label, row
from media_assistant.ui.widgets.similar.example_row import ExampleRow


class ExamplesBar(QWidget):
    """Shows the window's examples; while only the shown item is one, only how to add others."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.rows: list[ExampleRow] = []
        """What is shown, those that are wanted first."""
        model = desk.examples
        down = column(self, margins=(0, 0, 2, 0), gap=4)
        self._rows = column(gap=3)
        down.addLayout(self._rows)
        verbs = QWidget()
        flow = FlowLayout(verbs, gap=2)
        self.add_file = button(desk.words, "ui.similar.add_file", self._choose, role="quiet")
        self.undo = button(desk.words, "ui.similar.undo", self._undo, role="quiet")
        self.reset = button(desk.words, "ui.similar.reset", model.reset, role="quiet")
        desk.words.bind(self.add_file, QWidget.setToolTip, "ui.similar.add_file_tip")
        desk.words.bind(self.reset, QWidget.setToolTip, "ui.similar.reset_tip")
        self.again = button(desk.words, "ui.similar.again", self._again, role="quiet")
        for each in (self.add_file, self.undo, self.reset, self.again):
            flow.addWidget(each)
        down.addWidget(verbs)
        self.reading = QWidget()
        self.reading_text = label("small", wraps=True)
        self.reading_bar = QProgressBar()
        self.reading_bar.setTextVisible(False)
        desk.words.bind(self.reading_bar, QWidget.setAccessibleName, "ui.similar.reading_name")
        self.stop = button(desk.words, "ui.similar.stop", model.cancel, role="quiet")
        inside = column(self.reading, gap=3)
        inside.addWidget(self.reading_text)
        line = row(gap=6)
        line.addWidget(self.reading_bar, 1)
        line.addWidget(self.stop)
        inside.addLayout(line)
        down.addWidget(self.reading)
        self.reading.hide()
        model.changed.connect(self.show_examples)
        model.answered.connect(self._answered)
        model.progressed.connect(self._progressed)
        desk.words.changed.connect(self.show_examples)
        self.show_examples()

    def show_examples(self) -> None:
        """As they are now; the keyboard stays where it was."""
        model = self._desk.examples
        focus = QApplication.focusWidget()
        focused = next((at for at, each in enumerate(self.rows) if focus and each.isAncestorOf(focus)), -1)
        empty_layout(self._rows)
        self.rows = []
        for example in model.examples.all if model.is_own else ():
            shown = ExampleRow(self._desk, example, is_wanted=example in model.examples.plus)
            shown.flipped.connect(model.flip)
            shown.dropped.connect(model.drop)
            self._rows.addWidget(shown)
            self.rows.append(shown)
        self.reset.setVisible(model.is_own)
        self.undo.setVisible(model.can_undo)
        self.again.setVisible(model.was_stopped or model.fault is not None)
        if not model.is_looking:
            self.reading.hide()
        if focused >= 0 and self.rows:
            self.rows[min(focused, len(self.rows) - 1)].sign.setFocus()

    def _choose(self) -> None:
        choose_paths(self, self._desk.words.say("ui.similar.add_file"), self.add_paths)

    def add_paths(self, paths: list[Path]) -> None:
        """Files from outside: more of that."""
        self._desk.examples.add([Example(path=path) for path in paths if path.is_file()], is_wanted=True)

    def _undo(self) -> None:
        self._desk.examples.undo()

    def _again(self) -> None:
        self._desk.examples.ask_again()
        self._desk.examples.wake()

    def _answered(self) -> None:
        self.again.setVisible(self._desk.examples.was_stopped or self._desk.examples.fault is not None)
        if not self._desk.examples.is_looking:
            self.reading.hide()

    def _progressed(self, path: Path, done_ms: int, all_ms: int) -> None:
        if not self._desk.examples.is_looking:
            return
        self.reading_text.setText(self._desk.words.say("ui.similar.reading", name=path.name))
        self.reading_bar.setRange(0, all_ms)
        self.reading_bar.setValue(min(done_ms, all_ms))
        self.reading.show()
