"""Settings as named lines in sections, with a box that finds one by its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from media_assistant.items.folding import fold
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import column, frame, row, said, unwheeled
from media_assistant.ui.words import Words


@dataclass(slots=True)
class _Section:
    code: str
    title: QLabel
    card: QWidget
    inside: QVBoxLayout
    lines: list[tuple[QWidget, tuple[str, ...]]] = field(default_factory=list)
    """Each with the codes of its words."""


class SettingLines(QWidget):
    """Build it from top to bottom: `section`, then its lines."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._sections: list[_Section] = []
        self._down = column(self, gap=10)
        self.field = LineField()
        self.field.setClearButtonEnabled(True)
        words.bind(self.field, QLineEdit.setPlaceholderText, "ui.settings.find")
        words.bind(self.field, QLineEdit.setAccessibleName, "ui.settings.find")
        self.field.textChanged.connect(self._narrow)
        self._down.addWidget(self.field)
        self.nothing = said(words, "ui.settings.nothing", "soft")
        self.nothing.hide()
        self._down.addWidget(self.nothing)
        words.changed.connect(self._narrow)

    def end(self) -> None:
        """Nothing more follows."""
        self._down.addStretch(1)

    def section(self, code: str) -> None:
        """Lines from here on stand under this title."""
        title = said(self._words, code, "section")
        title.setContentsMargins(0, 12, 0, 0)
        card = frame(card="plain")
        inside = column(card, margins=(16, 12, 16, 12), gap=10)
        self._down.addWidget(title)
        self._down.addWidget(card)
        self._sections.append(_Section(code, title, card, inside))

    def line(self, code: str, control: QWidget, tip: str = "") -> None:
        """A name, what can be chosen, and what it means."""
        words = self._words
        whole = QWidget()
        down = column(whole, gap=4)
        across = row(gap=12)
        name = said(words, code, wraps=True)
        name.setBuddy(control)
        words.bind(control, QWidget.setAccessibleName, code)
        if tip:
            words.bind(control, QWidget.setAccessibleDescription, tip)
        across.addWidget(name, 1)
        across.addWidget(control)
        down.addLayout(across)
        if tip:
            down.addWidget(said(words, tip, "small", wraps=True))
        self.add(whole, code, tip)

    def check(self, code: str, act: Callable[[bool], None], *, is_on: bool, tip: str = "") -> QCheckBox:
        """Something that is so or not."""
        box = QCheckBox()
        box.setChecked(is_on)
        self._words.bind(box, QCheckBox.setText, code)
        box.toggled.connect(act)
        whole = QWidget()
        down = column(whole, gap=4)
        down.addWidget(box)
        if tip:
            self._words.bind(box, QCheckBox.setAccessibleDescription, tip)
            down.addWidget(said(self._words, tip, "small", wraps=True))
        self.add(whole, code, tip)
        return box

    def choice(
        self, code: str, values: dict[str, str], chosen: str, act: Callable[[str], None], tip: str = ""
    ) -> QComboBox:
        """One of several; `values` are words by value."""
        box = unwheeled(QComboBox())
        for value in values:
            box.addItem("", value)
        box.setCurrentIndex(max(0, box.findData(chosen)))

        def name() -> None:
            for at, word in enumerate(values.values()):
                box.setItemText(at, self._words.say(word))

        name()
        self._words.changed.connect(name)
        box.currentIndexChanged.connect(lambda _at: act(str(box.currentData())))
        self.line(code, box, tip)
        return box

    def add(self, widget: QWidget, *codes: str) -> None:
        """Anything else, found by these words."""
        section = self._sections[-1]
        section.inside.addWidget(widget)
        section.lines.append((widget, tuple(code for code in codes if code)))

    def _narrow(self) -> None:
        asked = fold(self.field.text()).split()
        is_found = False
        for section in self._sections:
            title = fold(self._words.say(section.code))
            shown = False
            for widget, codes in section.lines:
                text = " ".join((title, *(fold(self._words.say(code)) for code in codes)))
                fits = all(part in text for part in asked)
                widget.setVisible(fits)
                shown |= fits
            section.title.setVisible(shown)
            section.card.setVisible(shown)
            is_found |= shown
        self.nothing.setVisible(not is_found)
