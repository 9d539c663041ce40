"""A card that says what a group of models gives, its size and licence, and fetches it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from media_assistant.ui.downloads import Downloads
from media_assistant.ui.widgets.models.download_corner import DownloadCorner, DownloadFault
from media_assistant.ui.widgets.plain import button, column, label, row, said
from media_assistant.ui.words import Words


@dataclass(frozen=True, slots=True)
class CardGroup:
    """`name` is the end of the keys `ui.first.card.<name>.title` and `.text`. The rest is what is still to fetch."""

    name: str
    model_ids: tuple[str, ...] = ()
    size_bytes: int = 0
    licences: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Nothing to fetch."""
        return not self.model_ids


class ModelGroupCard(QFrame):
    """Signals: `others_wanted()` when the person wants to see which models there are."""

    others_wanted = Signal()

    def __init__(self, group: CardGroup, words: Words, downloads: Downloads) -> None:
        super().__init__()
        self.group = group
        self.corner: DownloadCorner | None = None
        self._words = words
        self.setProperty("card", "plain" if group.is_ready else "chosen")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inside = column(self, margins=(14, 14, 14, 14), gap=6)
        inside.addWidget(said(words, f"ui.first.card.{group.name}.title", "strong"))
        inside.addWidget(said(words, f"ui.first.card.{group.name}.text", "small", wraps=True))
        inside.addStretch(1)
        inside.addSpacing(6)
        if group.is_ready:
            foot = row(gap=6)
            foot.addWidget(said(words, "ui.models.ready", "badge"))
            foot.addStretch(1)
            inside.addLayout(foot)
            return
        self._licences = label("faint", wraps=True)
        inside.addWidget(DownloadFault(downloads, words, group.model_ids))
        inside.addWidget(self._licences)
        separator = words.say("ui.list_separator")
        name, licence = separator.join(group.model_ids), separator.join(group.licences)
        tip = words.say("ui.models.download_tip", name=name, licence=licence)
        self.corner = DownloadCorner(downloads, words, group.model_ids, group.size_bytes, tip=tip)
        inside.addWidget(self.corner)
        inside.addWidget(button(words, "ui.models.see", self.others_wanted.emit, role="link"))
        self._name()
        words.changed.connect(self._name)

    def take_keyboard(self) -> None:
        """On what starts or stops; what is ready has nothing to press."""
        if self.corner is not None:
            self.corner.take_keyboard()

    def _name(self) -> None:
        licence = self._words.say("ui.list_separator").join(self.group.licences)
        self._licences.setText(self._words.say("ui.models.licence", licence=licence))
