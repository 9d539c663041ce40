"""A person before the real window: points, clicks, types, reads; and nothing that a person could not do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.drag_out import CarriedItems
from media_assistant.ui.widgets.sidebar.nav_list import NavList
from media_assistant.ui.widgets.transcript.line_delegate import TIME_WIDTH
from media_assistant.ui.widgets.transcript.view import TranscriptView

LONG_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


class Person:
    """Points, clicks, types, and reads what is on the screen."""

    def __init__(self, qtbot: QtBot, running: Running) -> None:
        self.qtbot, self.running = qtbot, running
        self.window: MainWindow = running.window
        self.library: Library = running.assistant.library

    def waits(self, is_so: Callable[[], object], *, longest_ms: int = LONG_MS) -> None:
        self.qtbot.waitUntil(lambda: bool(is_so()), timeout=longest_ms)

    def clicks(self, widget: QWidget, where: QPoint | None = None) -> None:
        assert widget.isVisible()
        self.qtbot.mouseClick(widget, LEFT, pos=where if where is not None else widget.rect().center())

    def presses(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Whoever has the keyboard hears it."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def types(self, text: str) -> None:
        """Latin letters key by key, Chinese as an input method hands it over."""
        field = QApplication.focusWidget()
        assert field is not None
        if text.isascii():
            self.qtbot.keyClicks(field, text)
        else:
            composed = QInputMethodEvent()
            composed.setCommitString(text)
            QApplication.sendEvent(field, composed)

    def asks(self, question: str) -> None:
        """Into the search box, over what stood there."""
        self.presses(Qt.Key.Key_F, CONTROL)
        assert self.window.library.search.field.hasFocus()
        self.types(question)

    def sees(self, text: str) -> bool:
        """Whether it is written anywhere on the window."""
        shown = [*self.window.findChildren(QLabel), *self.window.findChildren(QPushButton)]
        return any(text in widget.text() for widget in shown if widget.isVisible())

    def titles(self) -> list[str]:
        """What the grid shows, in its order."""
        items = self.window.library.items
        found = [items.item_at(row) for row in range(items.rowCount())]
        return [item.title if item else "" for item in found]

    def cell(self, title: str) -> QPoint:
        """The middle of an item's cell."""
        self.waits(lambda: title in self.titles())
        return self.window.library.grid.cell_rect(self.titles().index(title)).center()

    def clicks_item(self, title: str) -> None:
        self.clicks(self.window.library.grid.viewport(), self.cell(title))

    def goes(self, nav: NavList, name: str) -> None:
        """To a row of the sidebar."""
        rows = nav.model()
        (row,) = [row for row in range(rows.rowCount()) if rows.index(row, 0).data() == name]
        self.clicks(nav.viewport(), nav.visualRect(rows.index(row, 0)).center())

    def drags(self, title: str, target: QWidget, where: QPoint) -> None:
        """An item of the grid, let go over a widget: what the system tells that while the mouse is on its way."""
        item_id = self.window.library.items.id_at(self.titles().index(title))
        carried = CarriedItems([item_id], self.library.paths)
        copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        for way in (QDragEnterEvent, QDragMoveEvent):
            event = way(where, copy, carried, LEFT, none)
            QApplication.sendEvent(target, event)
            assert event.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(where), copy, carried, LEFT, none))

    def chooses(self, menu: QMenu, *names: str) -> None:
        """One entry after the other, through menus that open beside each other."""
        for name in names:
            self.waits(menu.isVisible)
            (action,) = [action for action in menu.actions() if action.text() == name]
            self.clicks(menu, menu.actionGeometry(action).center())
            menu = action.menu() or menu
        # A window system gives the keyboard back when a menu closes; the one without a screen does not.
        self.window.activateWindow()
        self.waits(self.window.isActiveWindow)

    def understands(self, *, files: int) -> None:
        """Everything shows up, and is understood."""
        self.waits(lambda: self.window.library.items.rowCount() == files)

        def is_idle() -> bool:
            progress = self.running.assistant.progress()
            return progress.total > 0 and progress.done + progress.failed >= progress.total

        self.waits(is_idle, longest_ms=4 * LONG_MS)
        assert self.running.assistant.progress().failed == 0
        self.waits(lambda: self.sees("Ready"))

    def decided(self, state: TagState) -> list[str]:
        """What the library holds of the person's word on tags."""
        details = map(self.library.details, self.library.item_ids())
        return [tag.concept.en for each in details for tag in each.tags if tag.state is state]

    def corrects(self, view: TranscriptView, wrong: str, right: str) -> tuple[int, str]:
        """A word of a transcript: a double click on it, and another one typed. Which line it was, and what it now says."""
        self.waits(lambda: any(wrong in line.text for line in view.lines.lines))
        row, line = next((at, line) for at, line in enumerate(view.lines.lines) if wrong in line.text)
        cell = view.list.visualRect(view.lines.index(row))
        written_at = view.list.lines_delegate._layout(line).lineAt(0).cursorToX(line.text.index(wrong) + 2)[0]
        word = QPoint(cell.left() + TIME_WIDTH + int(written_at), cell.center().y())
        self.qtbot.mouseClick(view.list.viewport(), LEFT, pos=word)
        self.qtbot.mouseDClick(view.list.viewport(), LEFT, pos=word)
        self.waits(lambda: view.list.is_editing)
        self.types(right)
        self.presses(Qt.Key.Key_Return)
        return row, line.text.replace(wrong, right)
