"""What an empty library shows: where to drop, three ways in, and what works already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from media_assistant.ui import model_words
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.widgets.models.card import CardGroup, ModelGroupCard
from media_assistant.ui.widgets.models.pack_offer import PackOffer
from media_assistant.ui.widgets.plain import button, column, empty_layout, frame, row, said
from media_assistant.ui.words import Words

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState

WIDTH = 700
GROUPS = (
    ("speech", ("speech-recognition",)),
    ("sights", ("image-text-embedding", "image-classification", "audio-tagging", "music-tagging")),
)
"""Cards after the built-in one: its name, and the tasks whose models it speaks for."""


class FirstRun(QScrollArea):
    """Signals: `files_wanted`, `folder_wanted`, `samples_wanted`, `models_wanted`."""

    files_wanted = Signal()
    folder_wanted = Signal()
    samples_wanted = Signal()
    models_wanted = Signal()

    def __init__(self, words: Words, downloads: Downloads) -> None:
        super().__init__()
        self._words = words
        self._downloads = downloads
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = frame(ground="ground")
        self.setWidget(page)
        across = row(page, margins=(24, 24, 24, 24))
        across.addStretch(1)
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        across.addWidget(middle, 100)
        across.addStretch(1)
        down = column(middle, gap=14)
        down.addStretch(2)
        drop = frame(card="drop")
        inside = column(drop, margins=(24, 34, 24, 30), gap=10)
        for code, role in (("ui.first.drop", "headline"), ("ui.first.promise", "soft")):
            text = said(words, code, role, wraps=True)
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(text)
        buttons = row(gap=8)
        buttons.addStretch(1)
        self.files_button = button(words, "ui.first.files", self.files_wanted.emit, role="primary")
        self.folder_button = button(words, "ui.first.folder", self.folder_wanted.emit)
        self.samples_button = button(words, "ui.first.samples", self.samples_wanted.emit)
        for each in (self.files_button, self.folder_button, self.samples_button):
            buttons.addWidget(each)
        buttons.addStretch(1)
        inside.addSpacing(4)
        inside.addLayout(buttons)
        down.addWidget(drop)
        self.pack = PackOffer(words, downloads)
        down.addWidget(self.pack)
        down.addSpacing(8)
        down.addWidget(said(words, "ui.first.works_now", "soft", wraps=True))
        self._cards = row(gap=12)
        down.addLayout(self._cards)
        down.addStretch(3)
        self._groups: list[CardGroup] = []
        downloads.installed.connect(lambda _id, states: self.show_states(states))

    def show_states(self, states: Sequence[ModelState]) -> None:
        """What works already, and what the models of the catalogue would add, or those of a pack that lies at hand."""
        self.pack.look()
        groups = [CardGroup("essentials")]
        for name, tasks in GROUPS:
            known = [state for state in states if state.task in tasks]
            if not known:
                continue
            choices = [model_words.first_choice(each for each in known if each.task == task) for task in tasks]
            wanted = [state for state in choices if state is not None]
            groups.append(
                CardGroup(
                    name,
                    tuple(state.id for state in wanted),
                    sum(state.size_bytes for state in wanted),
                    tuple(dict.fromkeys(state.licence for state in wanted if state.licence)),
                )
            )
        self.show_groups(groups)

    def show_groups(self, groups: list[CardGroup]) -> None:
        """Show what works already and what could be added; the keyboard stays on its card while there is more to fetch."""
        if groups == self._groups:
            return
        self._groups = groups
        focused: QWidget | None = self.focusWidget()
        before = [card for card in self.findChildren(ModelGroupCard) if card.isAncestorOf(focused)] if focused else []
        empty_layout(self._cards)
        for group in groups:
            card = ModelGroupCard(group, self._words, self._downloads)
            card.others_wanted.connect(self.models_wanted)
            self._cards.addWidget(card, 1)
            if any(group.name == each.group.name for each in before):
                card.show()
                card.take_keyboard()
