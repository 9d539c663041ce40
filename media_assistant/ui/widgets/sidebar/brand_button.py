"""The program's name over the sidebar: which library this is, and the way to others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy

from media_assistant.ui.desk import Desk
from media_assistant.ui.libraries import ask_for_library
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.places import Place
from media_assistant.ui.tips import plain_tip

ARROW, GAP = 13, 6
"""Pixels of the arrow, and between the name and it."""
PADDING = 7
"""As in the style sheet, with the border."""


class BrandButton(QPushButton):
    """Signals: `library_wanted(Path)`; `place_wanted(Place)`."""

    library_wanted = Signal(object)
    place_wanted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setProperty("role", "brand")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAutoDefault(False)
        desk.look.changed.connect(self.update)
        self.clicked.connect(self._offer)
        desk.words.changed.connect(self._speak)
        self._speak()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The name, and behind it the arrow that says that there is more."""
        super().paintEvent(event)
        painter = QPainter(self)
        behind = PADDING + self.fontMetrics().horizontalAdvance(self.text()) + GAP
        arrow = draw_icon("down", self._desk.look.colours.text_faint, ARROW)
        painter.drawPixmap(behind, (self.height() - ARROW) // 2 + 1, arrow)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow sidebar the name is cut short rather than the arrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 2 * PADDING - GAP - ARROW
        name = self._desk.words.say("ui.app")
        self.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))

    def _speak(self) -> None:
        words, library = self._desk.words, self._desk.assistant.paths.library
        self._fit()
        self.setToolTip(plain_tip(words.say("ui.brand.tip", library=str(library))))
        self.setAccessibleName(words.say("ui.brand.name", library=library.stem))

    def menu_now(self) -> QMenu:
        """Libraries, and what else belongs to the program as a whole."""
        desk, words = self._desk, self._desk.words
        here = desk.assistant.paths.library
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        recent = [Path(each) for each in desk.assistant.settings.recent_libraries]
        for library in (here, *(each for each in recent if each != here)):
            # An ampersand in a name is no mnemonic.
            action = menu.addAction(library.stem.replace("&", "&&"))
            action.setToolTip(plain_tip(str(library)))
            action.setCheckable(True)
            action.setChecked(library == here)
            action.triggered.connect(partial(self._choose, library))
        menu.addSeparator()
        for what in ("another", "new"):
            menu.addAction(words.say(f"ui.libraries.{what}_button")).triggered.connect(partial(self._ask, what))
        menu.addSeparator()
        for page in ("history", "settings", "about"):
            menu.addAction(words.say(f"ui.panel.{page}")).triggered.connect(partial(self._go, page))
        return menu

    def _offer(self) -> None:
        self.menu_now().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _choose(self, library: Path, _checked: bool = False) -> None:
        if library != self._desk.assistant.paths.library:
            self.library_wanted.emit(library)

    def _go(self, page: str, _checked: bool = False) -> None:
        self.place_wanted.emit(Place(page))

    def _ask(self, what: str, _checked: bool = False) -> None:
        folder = self._desk.assistant.paths.library.parent
        title = self._desk.words.say(f"ui.libraries.{what}")
        ask_for_library(self.window(), title, folder, self.library_wanted.emit, is_new=what == "new")
