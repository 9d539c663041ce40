"""One task of the Models page: which model it uses and why, and every other one that it could use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from media_assistant.items.advice import Advice, Machine
from media_assistant.ui import model_words
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.widgets.models.row import ModelRow
from media_assistant.ui.widgets.plain import button, column, frame, label, row
from media_assistant.ui.words import Words
from media_assistant.workflows.models.advising import explain

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState


class TaskCard(QFrame):
    """`rows` by model id. Signals: `use_wanted(id)`, `removal_wanted(id)`, `choice_dropped()`, `details_toggled()`."""

    use_wanted = Signal(str)
    removal_wanted = Signal(str)
    choice_dropped = Signal()
    details_toggled = Signal()

    def __init__(
        self,
        task: str,
        states: tuple[ModelState, ...],
        advice: Advice | None,
        machine: Machine,
        words: Words,
        downloads: Downloads,
        *,
        is_chosen: bool,
        has_details: bool,
    ) -> None:
        super().__init__()
        self.rows: dict[str, ModelRow] = {}
        self.setProperty("card", "plain")
        down = column(self, margins=(14, 12, 14, 8), gap=4)
        head = row(gap=8)
        used = next((state for state in states if state.is_in_use), None)
        title = label("strong")
        name = words.task(task)
        name_of = model_words.namer(words, states)
        title.setText(words.say("ui.models.task_uses", task=name, level=name_of(used.id)) if used else name)
        self.title = title
        head.addWidget(title, 1)
        if is_chosen:
            drop = button(words, "ui.models.choose_for_me", self.choice_dropped.emit, role="link")
            drop.setObjectName(f"choose:{task}")
            head.addWidget(drop)
        more = "ui.models.hide_details" if has_details else "ui.models.show_details"
        self.details = button(words, more, self.details_toggled.emit, role="link")
        self.details.setObjectName(f"details:{task}")
        self.details.setAccessibleName(words.say("ui.models.verb_of", verb=self.details.text(), name=name))
        head.addWidget(self.details)
        down.addLayout(head)
        self.why = label("soft", wraps=True, selectable=True)
        is_measured = advice is not None and advice.reason != "unmeasured"
        if advice is not None and is_measured:  # else the card over all tasks says what measuring is for
            self.why.setText(explain(advice, name_of, words.say))
        elif used is None:
            self.why.setText(words.say("ui.models.nothing_yet"))
        down.addWidget(self.why)
        self.why.setVisible(bool(self.why.text()))  # not before it stands in the card: alone it would be a window
        if advice is not None and is_measured:
            best = advice.best if advice.reason != "unreached" else ""
        else:
            first = model_words.first_choice(states)
            best = first.id if first is not None else ""
        for state in sorted(states, key=lambda each: _order(each, best)):
            down.addWidget(_line())
            forecast = advice.forecast(state.id) if advice is not None else None
            made = ModelRow(
                state,
                name_of(state.id),
                forecast,
                machine,
                words,
                downloads,
                is_recommended=state.id == best and len(states) > 1,
                has_details=has_details,
            )
            made.use_wanted.connect(lambda model_id=state.id: self.use_wanted.emit(model_id))
            made.removal_wanted.connect(lambda model_id=state.id: self.removal_wanted.emit(model_id))
            self.rows[state.id] = made
            down.addWidget(made)


def _order(state: ModelState, best: str) -> tuple[int, bool, int]:
    """What works first, the one in use before the others, then what could be: the recommended one, small ones first."""
    at = ("ready", "broken", "available").index(state.state)
    return at - state.is_in_use, state.id != best, state.size_bytes


def _line() -> QFrame:
    line = frame(edge="top")
    line.setFixedHeight(1)
    return line
