"""What stands where an item has nothing to show yet, with the way to a model where only one that is missing would find it."""

from __future__ import annotations

from collections.abc import Container

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.plain import button, column, label
from media_assistant.ui.words import Words


class ModelWish(QWidget):
    """Signals: `models_wanted()` to where models are chosen."""

    models_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        down = column(self, gap=8)
        self.text = label("faint", wraps=True)
        self.choose = button(words, "ui.models.choose", self.models_wanted.emit)
        down.addWidget(self.text)
        down.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)

    def tell(self, text: str, *, needs_model: bool = False) -> None:
        """Say it."""
        self.text.setText(text)
        self.choose.setVisible(needs_model)


def lacks_model(desk: Desk, details: Details, kinds: Container[Kind], *analysers: str) -> bool:
    """Whether none of these analysers can look into an item of these kinds: what one can do is queued as soon as an item is
    in. One that the person switched off lacks nothing.
    """
    known = {entry.analyser for entry in details.analyses}.union(desk.assistant.settings.switched_off)
    return details.item.kind in kinds and known.isdisjoint(analysers)
