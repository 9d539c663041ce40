"""The grid for a screen reader: a list whose entries have names, places and states."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QAccessibleWidget

from media_assistant.ui.widgets.grid_view import GridView

KEPT_CELLS = 512


class AccessibleGrid(QAccessibleWidget):
    """One child per row of the listing."""

    def __init__(self, grid: GridView) -> None:
        super().__init__(grid, QAccessible.Role.List)
        self._grid = grid
        self._cells: OrderedDict[int, AccessibleCell] = OrderedDict()

    def childCount(self) -> int:
        """All rows, seen or not."""
        return self._grid.model.rowCount()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """One cell; made when asked for."""
        if not 0 <= index < self.childCount():
            return None
        cell = self._cells.pop(index, None) or AccessibleCell(self, self._grid, index)
        self._cells[index] = cell
        while len(self._cells) > KEPT_CELLS:
            self._cells.popitem(last=False)
        return cell

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The cell under a point of the screen."""
        return self.child(self._grid.row_at(self._grid.viewport().mapFromGlobal(QPoint(x, y))))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """A cell's row."""
        return child.row if isinstance(child, AccessibleCell) else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The current cell."""
        return self.child(self._grid.model.row_of(self._grid.selection.current))

    def text(self, kind: QAccessible.Text) -> str:
        """The grid's own name."""
        return self._grid.accessibleName() if kind is QAccessible.Text.Name else ""


class AccessibleCell(QAccessibleInterface):
    """One item: title, kind, and the line under it."""

    def __init__(self, owner: AccessibleGrid, grid: GridView, row: int) -> None:
        super().__init__()
        self._owner = owner
        self._grid = grid
        self.row = row

    def isValid(self) -> bool:
        """Whether the row still exists."""
        return self.row < self._grid.model.rowCount()

    def object(self) -> QObject | None:  # type: ignore[override]
        """A cell is no QObject."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """The grid's."""
        return self._grid.window().windowHandle()

    def parent(self) -> QAccessibleInterface:
        """The grid."""
        return self._owner

    def role(self) -> QAccessible.Role:
        """An entry of a list."""
        return QAccessible.Role.ListItem

    def rect(self) -> QRect:
        """On the screen."""
        rect = self._grid.cell_rect(self.row)
        return QRect(self._grid.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def text(self, kind: QAccessible.Text) -> str:
        """Name: the title. Description: kind and state as written under it."""
        if not self.isValid():
            return ""
        if kind is QAccessible.Text.Name:
            return self._grid.describe(self.row)[0]
        return self._grid.describe(self.row)[1] if kind is QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Titles are not edited here."""

    def state(self) -> QAccessible.State:
        """Selectable, selected, focused, out of sight."""
        state = QAccessible.State()
        if not self.isValid():
            state.invalid = 1
            return state
        item_id = self._grid.model.id_at(self.row)
        state.selectable = state.multiSelectable = state.focusable = 1
        state.selected = int(item_id in self._grid.selection)
        state.focused = int(self._grid.hasFocus() and item_id == self._grid.selection.current)
        state.offscreen = int(self.row not in self._grid.visible_rows())
        return state

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None inside."""
        return None

    def childCount(self) -> int:
        """None inside."""
        return 0

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None inside."""
        return None

    def _indexOfChild(self, _child: QAccessibleInterface) -> int:
        """None inside."""
        return -1


_made: dict[int, AccessibleGrid] = {}


def _make(_key: str, thing: QObject) -> QAccessibleInterface | None:
    if not isinstance(thing, GridView):
        return None
    made = AccessibleGrid(thing)
    key = id(thing)
    _made[key] = made
    thing.destroyed.connect(lambda _gone=None: _made.pop(key, None))
    return made


def install_accessible_grid() -> None:
    """Tell Qt once how a grid is read."""
    QAccessible.installFactory(_make)
