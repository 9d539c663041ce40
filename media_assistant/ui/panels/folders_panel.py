"""Where the library looks after folders: which there are, whether they can be reached, whether they are watched."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from media_assistant.items.changes import LibraryChanges
from media_assistant.ui import actions
from media_assistant.ui.choosing import choose_paths
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.folder_card import FolderCard
from media_assistant.ui.widgets.plain import (
    button,
    column,
    empty_layout,
    fill_page,
    fill_width,
    middle_page,
    page_title,
    said,
)
from media_assistant.workflows.intake.watching import RootState

WIDTH = 720
RENEW_MS = 1000


class FoldersPanel(QScrollArea):
    """Signals: `place_chosen(Place)` when a folder's items are to be shown; `folder_added(Path)`."""

    place_chosen = Signal(object)
    folder_added = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._asked = ""
        self._is_reading = False
        self.cards: list[FolderCard] = []
        self._down = down = fill_page(self, WIDTH)
        down.addWidget(page_title(desk.words, "ui.folders.title"))
        self._about = said(desk.words, "ui.folders.about", "soft", wraps=True)
        down.addWidget(self._about)
        self.add_button = button(desk.words, "ui.folders.add", self.choose_folder)
        down.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._none = middle_page(
            said(desk.words, "ui.folders.none", "headline", wraps=True),
            said(desk.words, "ui.folders.about", "soft", wraps=True),
        )
        self._none.hide()
        down.addWidget(self._none, 1)
        self._list = column(gap=10)
        down.addLayout(self._list)
        down.addStretch(0)
        self._states: list[RootState] = []
        self._renewal = QTimer(self)
        self._renewal.setSingleShot(True)
        self._renewal.setInterval(RENEW_MS)
        self._renewal.timeout.connect(self.refresh)
        desk.words.changed.connect(lambda: self._show(self._states))
        desk.events.changed.connect(self._library_changed)
        self.refresh()

    def refresh(self) -> None:
        """Read them again, one reading at a time: a disk may take long to answer, or never do."""
        if self._is_reading:
            self._renewal.start()
            return
        self._is_reading = True
        self._desk.bridge.read_disk(self._desk.assistant.folders.states, self._take, owner=self, failed=self._failed)

    def choose_folder(self) -> None:
        """Ask for a folder; it is brought in."""
        title = self._desk.words.say("ui.folders.add")
        choose_paths(self, title, lambda folders: self.folder_added.emit(folders[0]), is_folder=True)

    def ask_how_to_remove(self, path: str) -> None:
        """Open the question on a folder's card."""
        self._asked = path
        self._show(self._states)

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.folders:
            self.refresh()
        elif (changes.added or changes.removed) and not self._renewal.isActive():
            self._renewal.start()

    def _failed(self, fault: BaseException) -> None:
        self._is_reading = False
        actions.show_fault(self._desk, fault=fault)

    def _take(self, states: list[RootState]) -> None:
        self._is_reading = False
        if self._asked not in [state.root.path for state in states]:
            self._asked = ""
        if states != self._states:
            self._show(states)
        self._none.setVisible(not states)
        self._about.setVisible(bool(states))
        fill_width(self._down, WIDTH, is_empty=not states)

    def _show(self, states: list[RootState]) -> None:
        holder: QWidget | None = self.window().focusWidget()
        focused = -1
        if holder is not None:
            focused = next((at for at, card in enumerate(self.cards) if card.isAncestorOf(holder)), -1)
        self._states = states
        empty_layout(self._list)
        self.cards = [FolderCard(self._desk, state, is_asked=state.root.path == self._asked) for state in states]
        for card in self.cards:
            card.place_chosen.connect(self.place_chosen)
            card.removal_asked.connect(self.ask_how_to_remove)
            self._list.addWidget(card)
        if 0 <= focused < len(self.cards):
            card = self.cards[focused]
            (card.buttons.get("keep_items") or card.watch).setFocus()


def build(desk: Desk) -> FoldersPanel:
    """For the registry."""
    return FoldersPanel(desk)
