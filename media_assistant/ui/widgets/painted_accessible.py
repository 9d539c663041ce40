"""Widgets that paint themselves, for a screen reader: what each of them is, and what it shows now.

To add one: give its class an `accessible_role`, and a `value_text` if it shows something that changes. Its name and
description are those of any widget. What has parts of its own (grid, timeline) has a module of its own.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget


class AccessiblePainted(QAccessibleWidget):
    """A widget with the role of its class, and as its value whatever it says that it shows."""

    def __init__(self, painted: QWidget, role: QAccessible.Role) -> None:
        super().__init__(painted, role)
        self._painted = painted

    def text(self, kind: QAccessible.Text) -> str:
        """As of any widget, and the value."""
        if kind is QAccessible.Text.Value:
            value = getattr(self._painted, "value_text", None)
            return value() if value is not None else ""
        return super().text(kind)


_made: dict[int, AccessiblePainted] = {}


def _make(_key: str, thing: QObject) -> QAccessibleInterface | None:
    role = getattr(type(thing), "accessible_role", None)
    if role is None or not isinstance(thing, QWidget):
        return None
    made = AccessiblePainted(thing, role)
    key = id(thing)
    _made[key] = made
    thing.destroyed.connect(lambda _gone=None: _made.pop(key, None))
    return made


def install_accessible_painted() -> None:
    """Tell Qt once how these are read."""
    QAccessible.installFactory(_make)
