"""The keys of the whole window. None of them is heard while a person is typing, save those with Ctrl and the like."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.dialogs.shortcuts_dialog import show_shortcuts
from media_assistant.ui.shortcuts import ANYWHERE, Keys, is_letter_key


def is_typing() -> bool:
    """Whether letters go into a field."""
    focus = QApplication.focusWidget()
    if isinstance(focus, (QPlainTextEdit, QTextEdit)):
        return not focus.isReadOnly()
    if isinstance(focus, QComboBox):
        return focus.isEditable()
    return isinstance(focus, (QLineEdit, QAbstractSpinBox, QKeySequenceEdit))


def bind_keys(window: QWidget, desk: Desk, verbs: Mapping[str, Callable[[], object]]) -> None:
    """Give the window its keys; `verbs` are the window's own, by their name in SHORTCUTS without `anywhere.`."""
    common: dict[str, Callable[[], object]] = {
        "undo": lambda: actions.undo(desk, owner=window),
        "redo": lambda: actions.redo(desk, owner=window),
        "keys": lambda: show_shortcuts(desk, window),
    }
    _WindowKeys(window, desk.keys, {**common, **verbs})


class _WindowKeys(QObject):
    """Lives as long as the window and follows the person's choice of keys."""

    def __init__(self, window: QWidget, keys: Keys, verbs: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(window)
        self._window = window
        self._keys = keys
        self._verbs = verbs
        self._shortcuts: list[QShortcut] = []
        self._letters: list[QShortcut] = []
        keys.changed.connect(self._bind)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)
        self._bind()

    def _bind(self) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts, self._letters = [], []
        for verb, act in self._verbs.items():
            for key in self._keys.of(f"{ANYWHERE}.{verb}"):
                shortcut = QShortcut(QKeySequence(key), self._window)
                shortcut.activated.connect(act)
                self._shortcuts.append(shortcut)
                if is_letter_key(key):
                    self._letters.append(shortcut)
        self._follow()

    def _follow(self, *_focus: object) -> None:
        """A key without Ctrl is off while a field has the focus, so that it can be typed."""
        is_heard = not is_typing()
        for shortcut in self._letters:
            shortcut.setEnabled(is_heard)
