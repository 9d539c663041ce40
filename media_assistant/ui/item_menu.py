"""What can be done with the chosen items, as the menu of the right mouse button. To add a verb: a line here."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from media_assistant.ui import actions, mixing, transcript_actions
from media_assistant.ui.teach_words import teach_chosen

if TYPE_CHECKING:
    from media_assistant.ui.desk import Desk


def build_item_menu(window: Any, desk: Desk, chosen: tuple[int, ...]) -> QMenu:
    """A menu that goes when it is closed, for the main window. A single item can also be opened and shown where it lies."""
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    item = window.library.items.item(chosen[0]) if len(chosen) == 1 else None

    def add(code: str, act: object, shortcut: str = "") -> QAction:
        action = menu.addAction(desk.words.say(code))
        if shortcut and desk.keys.of(shortcut):
            action.setShortcut(QKeySequence(desk.keys.of(shortcut)[0]))
        action.triggered.connect(act)
        return action

    def start(future: Future[Any], code: str) -> None:
        desk.bridge.when_done(future, lambda _answer: desk.tell(code, count=len(chosen)), owner=window)

    if item is not None:
        add("ui.menu.open", lambda: window.open_item(item.id), "library.open")
        add("ui.menu.system", lambda: actions.open_with_system(desk, item=item)).setEnabled(not item.is_missing)
        add("ui.details.folder", lambda: actions.show_in_folder(item)).setEnabled(not item.is_missing)
        add("ui.menu.copy_path", lambda: actions.copy_text(desk, text=item.path))
        menu.addSeparator()
    queue = desk.assistant
    add("ui.menu.first", lambda: start(queue.understand_first(chosen), "ui.menu.first_done"))
    add("ui.details.again", lambda: start(queue.redo_analysis(chosen), "ui.menu.again_done"))
    add("ui.menu.retry", lambda: start(queue.retry(chosen), "ui.menu.again_done"))
    transcript_actions.add_batch(menu, desk, chosen, window)
    menu.addSeparator()
    window.likening.add_to_menu(menu, chosen)
    mixing.add_to_menu(menu, desk, chosen, window)
    menu.addSeparator()
    window.gathering.add_to_menu(menu, chosen)
    add("ui.menu.teach", lambda: teach_chosen(window), "anywhere.teach")
    add("ui.menu.remove", window.remove_chosen, "library.remove")
    return menu
