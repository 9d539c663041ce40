"""The timeline for a screen reader: a slider with a value in words, whose children are the named moments on it."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from media_assistant.ui.widgets.accessible_part import Part, read_as
from media_assistant.ui.widgets.timeline.timeline import Timeline

KEPT = 512


class AccessibleTimeline(QAccessibleWidget):
    """One child for each mark, shot and moment, lane by lane."""

    def __init__(self, timeline: Timeline) -> None:
        super().__init__(timeline, QAccessible.Role.Slider)
        self._timeline = timeline
        self._moments: OrderedDict[int, AccessibleMoment] = OrderedDict()

    def childCount(self) -> int:
        """All of them, however small they are drawn."""
        return len(self._timeline.children_blocks())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """One moment; made when asked for."""
        if not 0 <= index < self.childCount():
            return None
        moment = self._moments.pop(index, None) or AccessibleMoment(self, self._timeline, index)
        self._moments[index] = moment
        while len(self._moments) > KEPT:
            self._moments.popitem(last=False)
        return moment

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """What lies under a point of the screen."""
        point = self._timeline.mapFromGlobal(QPoint(x, y))
        block = self._timeline.mark_at(point) or self._timeline.block_at(point)
        return self.child(self._timeline.child_of(block)) if block is not None else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """A moment's number."""
        return child.index if isinstance(child, AccessibleMoment) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """What the keyboard is on."""
        block = self._timeline.current
        return self.child(self._timeline.child_of(block)) if block is not None else None

    def text(self, kind: QAccessible.Text) -> str:
        """Its name; as its value the time, and what is there now."""
        if kind is QAccessible.Text.Name:
            return self._timeline.accessibleName()
        return self._timeline.value_text() if kind is QAccessible.Text.Value else ""


class AccessibleMoment(Part):
    """One thing on a lane: what it is, in words, and where it is drawn."""

    def __init__(self, owner: AccessibleTimeline, timeline: Timeline, index: int) -> None:
        super().__init__(owner, timeline)
        self._timeline = timeline
        self.index = index

    def isValid(self) -> bool:
        """Whether there are still so many."""
        return self.index < len(self._timeline.children_blocks())

    def role(self) -> QAccessible.Role:
        """An entry of a list."""
        return QAccessible.Role.ListItem

    def place(self) -> QRect:
        """On its lane."""
        if not self.isValid():
            return QRect()
        lane, block = self._timeline.children_blocks()[self.index]
        return self._timeline.rect_of(max(0, lane), block)

    def text(self, kind: QAccessible.Text) -> str:
        """Its lane, its time and its words."""
        if kind is not QAccessible.Text.Name or not self.isValid():
            return ""
        return self._timeline.describe(*self._timeline.children_blocks()[self.index])

    def state(self) -> QAccessible.State:
        """Focusable, and focused."""
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
            return state
        state.focusable = 1
        block = self._timeline.children_blocks()[self.index][1]
        state.focused = int(self._timeline.hasFocus() and block is self._timeline.current)
        return state


def install_accessible_timeline() -> None:
    """Tell Qt once how a timeline is read."""
    read_as(Timeline, AccessibleTimeline)
