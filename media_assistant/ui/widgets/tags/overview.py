"""All tags together: what waits, whose proposals they are, and what is never proposed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from media_assistant.items.concept import Concept
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column, empty_layout, label, row, said


class TagOverview(QWidget):
    """Signals: `model_told(str, bool)` a model is to be quiet or heard; `proposed_again(str)` a tag."""

    model_told = Signal(str, bool)
    proposed_again = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._numbers: dict[str, QLabel] = {}
        self._shown_lines: tuple[list[tuple[str, bool]], str] = ([], "")
        self._shown_never: tuple[Sequence[Concept], str] = ((), "")
        down = column(self, gap=10)
        down.addWidget(said(desk.words, "ui.tags.all", "headline"))
        self.waiting = label("soft", wraps=True)
        down.addWidget(self.waiting)
        self._models_title = said(desk.words, "ui.tags.by_model", "section")
        self._models = column(gap=4)
        self._never_title = said(desk.words, "ui.tags.never", "section")
        self._never_holder = QWidget()
        self._never = FlowLayout(self._never_holder, gap=4)
        down.addSpacing(8)
        down.addWidget(self._models_title)
        down.addLayout(self._models)
        down.addSpacing(8)
        down.addWidget(self._never_title)
        down.addWidget(self._never_holder)
        down.addStretch(1)
        down.addWidget(said(desk.words, "ui.tags.hint", "small", wraps=True))

    def show_all(
        self, waiting: int, models: Sequence[tuple[str, int]], quiet: Sequence[str], never: Sequence[Concept]
    ) -> None:
        """Show the numbers."""
        words = self._desk.words
        self.waiting.setText(
            words.say("ui.tags.waiting_all", count=waiting) if waiting else words.say("ui.review.nothing")
        )
        # Made anew while models propose, a button would go from under the mouse and the keyboard.
        lines = [(model, model in quiet) for model, _ in models], words.language
        if lines != self._shown_lines:
            self._shown_lines = lines
            self._show_models(lines[0])
        for model, count in models:
            said_of = words.say("ui.tags.model_quiet") if model in quiet else words.say("ui.tags.proposed", count=count)
            self._numbers[model].setText(said_of)
        if (never, words.language) != self._shown_never:
            self._shown_never = never, words.language
            self._show_never(never)

    def _show_models(self, lines: Sequence[tuple[str, bool]]) -> None:
        words = self._desk.words
        empty_layout(self._models)
        self._numbers.clear()
        for model, is_quiet in lines:
            line = QWidget()
            inside = column(line, gap=0)
            name = label()
            name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            name.setText(model)
            name.setToolTip(plain_tip(model))
            number = self._numbers[model] = label("soft")
            code = "ui.tags.model_hear" if is_quiet else "ui.tags.model_silence"
            tell = button(words, code, partial(self.model_told.emit, model, not is_quiet), role="link")
            tell.setToolTip(plain_tip(words.say(f"{code}_tip", model=model)))
            tell.setAccessibleName(words.say(f"{code}_tip", model=model))
            across = row(gap=8)
            across.addWidget(number)
            across.addWidget(tell)
            across.addStretch(1)
            inside.addWidget(name)
            inside.addLayout(across)
            self._models.addWidget(line)
        self._models_title.setVisible(bool(lines))

    def _show_never(self, never: Sequence[Concept]) -> None:
        words = self._desk.words
        empty_layout(self._never)
        for concept in never:
            again = button(words, "ui.tags.propose_again", partial(self.proposed_again.emit, concept.id))
            name_of = words.concept(concept)
            QPushButton.setText(again, words.say("ui.tags.never_one", name=name_of))
            again.setToolTip(plain_tip(words.say("ui.tags.propose_again_tip", name=name_of)))
            again.setAccessibleName(words.say("ui.tags.propose_again_tip", name=name_of))
            self._never.addWidget(again)
        self._never_title.setVisible(bool(never))
        self._never_holder.setVisible(bool(never))
