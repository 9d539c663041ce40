"""A line that asks for one tag by its name, in either language; Enter takes it, Esc goes away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit

from media_assistant.items.concept import Concept
from media_assistant.items.folding import fold
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.fields import LineField
from media_assistant.ui.widgets.plain import button, keeps_escape, label, row


class TagPicker(QFrame):
    """Signals: `picked(str)` a tag's id, or the typed name where `takes_names`; `left()`."""

    picked = Signal(str)
    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._ids: Mapping[str, str] = {}
        self._takes_names = False
        self.setProperty("card", "note")
        across = row(self, margins=(10, 6, 6, 6), gap=8)
        self.question = label(wraps=True)
        self.field = LineField()
        desk.words.bind(self.field, QLineEdit.setPlaceholderText, "ui.tags.pick_prompt")
        across.addWidget(self.question)
        across.addWidget(self.field, 1)
        across.addWidget(button(desk.words, "ui.tags.pick", self._take))
        across.addWidget(button(desk.words, "ui.close", self.leave))
        self.field.returnPressed.connect(self._take)
        self.hide()

    def ask(self, question: str, concepts: Sequence[Concept], *, takes_names: bool = False) -> None:
        """Show the line. With `takes_names` what is typed is a new name, and `concepts` are not looked at."""
        words = self._desk.words
        self._takes_names = takes_names
        ids: dict[str, str] = {}
        for concept in concepts:
            for name in (*concept.aliases, concept.zh, concept.en):
                if name:
                    ids[fold(name)] = concept.id
        self._ids = ids
        self.question.setText(question)
        self.field.setAccessibleName(question)
        self.field.clear()
        completer = QCompleter(
            [] if takes_names else sorted({words.concept(concept) for concept in concepts}), self.field
        )
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.field.setCompleter(completer)
        self.show()
        self.field.setFocus()

    def leave(self) -> None:
        """Go away."""
        if self.isVisible():
            self.hide()
            self.left.emit()

    def _take(self) -> None:
        text = " ".join(self.field.text().split())
        if not text:
            return
        if self._takes_names:
            self.hide()
            self.picked.emit(text)
            return
        found = self._ids.get(fold(text))
        if found is None:
            self._desk.notices.warn(self._desk.words.say("ui.tags.pick_unknown", name=text))
            return
        self.hide()
        self.picked.emit(found)

    def event(self, event: QEvent) -> bool:
        """Esc goes away from the question, not from the page."""
        return keeps_escape(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes away."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
