"""What an own-painted widget shows, for a screen reader: parts that are no widgets and have a place, a name and a state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QWidget

Widget = TypeVar("Widget", bound=QWidget)


class Part(QAccessibleInterface):
    """Something painted on `ground`, without parts of its own unless it says so."""

    def __init__(self, owner: QAccessibleInterface, ground: QWidget) -> None:
        super().__init__()
        self._owner = owner
        self._ground = ground

    def place(self) -> QRect:
        """Where it is on the ground."""
        return QRect()

    def object(self) -> QObject | None:  # type: ignore[override]
        """It is no QObject."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """The widget's."""
        return self._ground.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        """What it is in."""
        return self._owner

    def rect(self) -> QRect:
        """On the screen."""
        rect = self.place()
        return QRect(self._ground.mapToGlobal(rect.topLeft()), rect.size())

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing is edited here."""

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None inside."""
        return None

    def childCount(self) -> int:
        """None inside."""
        return 0

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None inside."""
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        """None inside."""
        return -1


def read_as(kind: type[Widget], reader: Callable[[Widget], QAccessibleInterface]) -> None:
    """Tell Qt once that widgets of this kind are read by what `reader` makes of them."""
    made: dict[int, QAccessibleInterface] = {}

    def make(_key: str, thing: QObject) -> QAccessibleInterface | None:
        if not isinstance(thing, kind):
            return None
        key = id(thing)
        made[key] = reader(thing)
        thing.destroyed.connect(lambda _gone=None: made.pop(key, None))
        return made[key]

    QAccessible.installFactory(make)
