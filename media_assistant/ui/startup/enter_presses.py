"""Enter presses the button that has the focus, as Space does: some systems do so by themselves, others do not, and a key
that a button leaves alone goes on to the panel around it, where it may mean something else.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QWidget

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BARE = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class EnterPresses(QObject):
    """Belongs to the application. Only buttons that had the focus are listened to, so that nobody else's events wait."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.focusChanged.connect(self._follow)

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        # Whoever is listened to twice is heard once.
        if isinstance(new, QAbstractButton) and not isinstance(new, QCheckBox):
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A button that waits for a key, to be given to a verb, gets this one too."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        is_enter = event.key() in _ENTER and event.modifiers() in _BARE
        if not is_enter or not isinstance(watched, QAbstractButton) or getattr(watched, "is_listening", False):
            return False
        if not event.isAutoRepeat():
            watched.click()
        return True
