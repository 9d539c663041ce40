"""What a mix is to be like: how long, how fast, in which course of tempo and which keys; of a path only how many steps."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from media_assistant.items.mix import COMPATIBLE, FALLING, LONGEST_PATH, RISING, SAME, MixWish
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, row, said
from media_assistant.ui.words import Words

COURSES = (("any", 0), ("rising", RISING), ("falling", FALLING))
KEYS = (("any", ""), ("compatible", COMPATIBLE), ("same", SAME))
LONGEST_MIX = 300
"""Steps."""


class MixWishes(QWidget):
    """Signals: `mix_wanted()` as it is wished for now."""

    mix_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._is_path = False
        flow = FlowLayout(self)
        self.minutes = self._number("ui.mix.minutes", 0, 1440, 40)
        self.minutes.valueChanged.connect(lambda _minutes: self._show_lines())
        self.steps = self._number("ui.mix.steps", 2, LONGEST_MIX, 12)
        self.low = self._number("ui.mix.low", 0, 300, 0)
        self.high = self._number("ui.mix.high", 0, 300, 0)
        self.course, self.key = QComboBox(), QComboBox()
        self._lines: dict[str, QWidget] = {}
        fields: tuple[tuple[str, QWidget], ...] = (
            ("minutes", self.minutes),
            ("steps", self.steps),
            ("low", self.low),
            ("high", self.high),
            ("course", self.course),
            ("key", self.key),
        )
        for name, field in fields:
            line = QWidget()
            inside = row(line, gap=6)
            title = said(words, f"ui.mix.{name}", "soft")
            title.setBuddy(field)
            inside.addWidget(title)
            inside.addWidget(field)
            words.bind(field, type(field).setAccessibleName, f"ui.mix.{name}")
            self._lines[name] = line
            flow.addWidget(line)
        self.again = button(words, "ui.mix.again", self.mix_wanted.emit, role="primary")
        flow.addWidget(self.again)
        words.changed.connect(self._speak)
        self._speak()
        self._show_lines()

    def _number(self, code: str, least: int, most: int, value: int) -> QSpinBox:
        made = QSpinBox()
        made.setRange(least, most)
        made.setValue(value)
        # The style sheet leaves its buttons no room. Told to have none, a styled field has none for its number either.
        made.lineEdit().setTextMargins(8, 0, 8, 0)
        # What is dragged over it is a file, and the window's.
        made.lineEdit().setAcceptDrops(False)
        made.setMinimumWidth(64)
        if not least:
            self._words.bind(made, QSpinBox.setSpecialValueText, "ui.mix.any")
        self._words.bind(made, QSpinBox.setToolTip, f"{code}_tip")
        return made

    def wish(self) -> MixWish:
        """What is set."""
        low, high = float(self.low.value()), float(self.high.value())
        tempo = (low, high or 1000.0) if low or high else None
        course, key = int(self.course.currentData() or 0), str(self.key.currentData() or "")
        return MixWish(float(self.minutes.value()), self.steps.value(), tempo, course, key)

    def show_for(self, *, is_path: bool) -> None:
        """What can be wished of a path from one item to another, or of a mix."""
        self._is_path = is_path
        self.steps.setMaximum(LONGEST_PATH if is_path else LONGEST_MIX)
        self._show_lines()

    def _show_lines(self) -> None:
        """A path has so many steps, and so has a mix of any length."""
        for line in ("minutes", "low", "high", "course", "key"):
            self._lines[line].setVisible(not self._is_path)
        self._lines["steps"].setVisible(self._is_path or not self.minutes.value())

    def _speak(self) -> None:
        for box, values, name in ((self.course, COURSES, "course"), (self.key, KEYS, "key")):
            with QSignalBlocker(box):
                chosen = max(0, box.currentIndex())
                box.clear()
                for code, value in values:
                    box.addItem(self._words.say(f"ui.mix.{name}_{code}"), value)
                box.setCurrentIndex(chosen)
