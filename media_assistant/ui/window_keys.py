"""The keys of the whole window. None of them is heard while a person is typing, save those with Ctrl."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QSpinBox

from media_assistant.ui import actions
from media_assistant.ui.dialogs.shortcuts_dialog import ShortcutsDialog
from media_assistant.ui.places import Place

if TYPE_CHECKING:
    from media_assistant.ui.main_window import MainWindow


def is_typing() -> bool:
    """Whether letters go into a field."""
    return isinstance(QApplication.focusWidget(), (QLineEdit, QPlainTextEdit, QSpinBox))


def bind_keys(window: MainWindow) -> None:
    """Give the window its keys."""
    desk = window.desk

    def show_keys() -> None:
        ShortcutsDialog(desk.words, window).open()

    def bind(keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.activated.connect(act)

    bind("Ctrl+F", window.focus_search)
    bind("Ctrl+O", window.choose_files)
    bind("Ctrl+Shift+O", window.choose_folder)
    bind("Ctrl+Z", lambda: actions.undo(desk, owner=window))
    bind("Ctrl+Shift+Z", lambda: actions.redo(desk, owner=window))
    bind("Ctrl+,", lambda: window.go(Place("settings")))
    bind("Ctrl+Q", window.close)
    bind("F1", show_keys)
    bind("Esc", window.escape)
    for plain, act in (("/", window.focus_search), ("?", show_keys)):
        _PlainShortcut(plain, window, act)


class _PlainShortcut(QShortcut):
    """A key without Ctrl: off while a field has the focus, so that it can be typed."""

    def __init__(self, key: str, window: MainWindow, act: Callable[[], object]) -> None:
        super().__init__(QKeySequence(key), window)
        self.activated.connect(act)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def _follow(self, _old: object, _new: object) -> None:
        self.setEnabled(not is_typing())
