"""The keys of the whole window. None of them is heard while a person is typing, save those with Ctrl."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.dialogs.shortcuts_dialog import ShortcutsDialog


def is_typing() -> bool:
    """Whether letters go into a field."""
    return isinstance(QApplication.focusWidget(), (QLineEdit, QPlainTextEdit, QSpinBox))


def bind_keys(window: QWidget, desk: Desk, verbs: Mapping[str, Callable[[], object]]) -> None:
    """Give the window its keys; `verbs` are the window's own, by key."""
    common: dict[str, Callable[[], object]] = {
        "Ctrl+Z": lambda: actions.undo(desk, owner=window),
        "Ctrl+Shift+Z": lambda: actions.redo(desk, owner=window),
        "F1": lambda: ShortcutsDialog(desk.words, window).open(),
        "?": lambda: ShortcutsDialog(desk.words, window).open(),
    }
    for keys, act in {**common, **verbs}.items():
        shortcut = _PlainShortcut(keys, window) if len(keys) == 1 else QShortcut(QKeySequence(keys), window)
        shortcut.activated.connect(act)


class _PlainShortcut(QShortcut):
    """A key without Ctrl: off while a field has the focus, so that it can be typed."""

    def __init__(self, key: str, window: QWidget) -> None:
        super().__init__(QKeySequence(key), window)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def _follow(self, _old: object, _new: object) -> None:
        self.setEnabled(not is_typing())
