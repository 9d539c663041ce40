"""The window before its panels are there: the grid in its place among empty fields of the panels' colours.

A person sees what they have at once, and nothing moves when the panels take their places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from media_assistant.ui.screens import bring_onto_screen

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from media_assistant.ui.look.theme import Look
    from media_assistant.ui.widgets.grid.view import GridView

SMALLEST = (720, 480)
NARROW = 1080
WIDE_SIDES = (212, 364)
NARROW_SIDES = (188, 290)
"""Sidebar and inspector: in English the program's name just fits."""
HEAD_HEIGHT = 97
"""What stands over the grid: the search box and the line under it."""
BORDER = 60
"""What a window manager may put around a window: a first one that just fits the screen would lose its foot below it."""
FOOT_HEIGHT = 42
"""The strip of what runs."""


class WindowFrame(QMainWindow):
    """Size, place and the fields that the panels will fill."""

    def __init__(self, grid: GridView, look: Look, title: str, kept: Mapping[str, str]) -> None:
        super().__init__()
        self.is_narrow = False
        self.is_furnished = False
        self.stays_in_tray = False
        self.closes_at_once = False
        self.setMinimumSize(*SMALLEST)
        self.setWindowTitle(title)
        colours = look.colours
        self._middle = _field(colours.ground)
        middle = QVBoxLayout(self._middle)
        middle.setContentsMargins(0, HEAD_HEIGHT, 0, 0)
        middle.addWidget(grid)
        self._centre = QStackedWidget()
        self._centre.addWidget(self._middle)
        self._side, self._right, self._foot = _field(colours.side), _field(colours.panel), _field(colours.side)
        self._foot.setFixedHeight(FOOT_HEIGHT)
        self._splitter = QSplitter()
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        for field, stretch in ((self._side, 0), (self._centre, 1), (self._right, 0)):
            self._splitter.addWidget(field)
            self._splitter.setStretchFactor(self._splitter.count() - 1, stretch)
        self._views = QStackedWidget()
        self._views.addWidget(self._splitter)
        whole = QWidget()
        self._down = QVBoxLayout(whole)
        self._down.setContentsMargins(0, 0, 0, 0)
        self._down.setSpacing(0)
        self._down.addWidget(self._views, 1)
        self._down.addWidget(self._foot)
        self.setCentralWidget(whole)
        self._restore(kept)

    def _restore(self, kept: Mapping[str, str]) -> None:
        room = self.screen().availableSize()
        self.resize(min(1440, room.width() - BORDER), min(900, room.height() - BORDER))
        if "geometry" in kept:
            self.restoreGeometry(QByteArray.fromBase64(kept["geometry"].encode()))
        if "splitter" in kept:
            self._splitter.restoreState(QByteArray.fromBase64(kept["splitter"].encode()))
        else:
            self._splitter.setSizes([WIDE_SIDES[0], 864, WIDE_SIDES[1]])
        bring_onto_screen(self)

    def quit(self) -> None:
        """Close, whatever else closing means."""
        self.stays_in_tray = False
        self.close()

    def end_typing(self) -> None:
        """What is half typed is kept, as when the person goes on to something else."""
        field = self.focusWidget()
        if field is not None:
            field.clearFocus()

    def hides_instead(self, event: QCloseEvent) -> bool:
        """Whether closing only hides it, for the tray has it; the event is answered then."""
        if not self.stays_in_tray:
            return False
        event.ignore()
        self.hide()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow windows give their sides less room."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self.is_narrow:
            self.is_narrow = narrow
            sides = NARROW_SIDES if narrow else WIDE_SIDES
            self._splitter.setSizes([sides[0], self.width() - sum(sides), sides[1]])
        self.show_sides()

    def focusNextPrevChild(self, is_forward: bool) -> bool:
        """Tab goes through the window as it is read."""
        from media_assistant.ui.focus_order import step

        return step(self, is_forward=is_forward)

    def show_sides(self) -> None:
        """A narrow window has no room for the inspector's field."""
        self._right.setVisible(not self.is_narrow)


def _field(colour: str) -> QWidget:
    """An empty place of one colour."""
    field = QWidget()
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, QColor(colour))
    field.setPalette(palette)
    field.setAutoFillBackground(True)
    return field
