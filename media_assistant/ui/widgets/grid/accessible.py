"""The grid for a screen reader: groups, and entries that have names, places and states; in a list also columns."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from media_assistant.ui.widgets.accessible_part import Part, read_as
from media_assistant.ui.widgets.grid.view import GridView

KEPT_CELLS = 512


class AccessibleGrid(QAccessibleWidget):
    """One child per group head and per row of the listing, in the order in which they are seen."""

    def __init__(self, grid: GridView) -> None:
        super().__init__(grid, QAccessible.Role.List)
        self._grid = grid
        self._cells: OrderedDict[int, Part] = OrderedDict()
        grid.selection.changed.connect(self._tell)
        grid.model.modelReset.connect(self._cells.clear)

    def childCount(self) -> int:
        """All heads and rows, seen or not."""
        return self._grid.model.rowCount() + self._grid.grid_layout.sections

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """One head or cell; made when asked for."""
        if not 0 <= index < self.childCount():
            return None
        cell = self._cells.pop(index, None) or self._make(index)
        self._cells[index] = cell
        while len(self._cells) > KEPT_CELLS:
            self._cells.popitem(last=False)
        return cell

    def _make(self, index: int) -> Part:
        layout = self._grid.grid_layout
        if not layout.sections:
            return AccessibleCell(self, self._grid, index)
        low, high = 0, layout.sections - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if layout.first_of(middle) + middle <= index else (low, middle - 1)
        if index == layout.first_of(low) + low:
            return AccessibleHead(self, self._grid, low)
        return AccessibleCell(self, self._grid, index - low - 1)

    def index_of_row(self, row: int) -> int:
        """Which child a row is."""
        layout = self._grid.grid_layout
        return row + layout.section_of(row) + 1 if layout.sections and row >= 0 else row

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The head or cell under a point of the screen."""
        point = self._grid.viewport().mapFromGlobal(QPoint(x, y))
        layout = self._grid.grid_layout
        head = layout.head_under(self._grid.verticalScrollBar().value(), point.y())
        return self.child(layout.first_of(head) + head if head >= 0 else self.index_of_row(self._grid.row_at(point)))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """A head's or a cell's place."""
        if isinstance(child, AccessibleCell):
            return self.index_of_row(child.row)
        if isinstance(child, AccessibleHead):
            return self._grid.grid_layout.first_of(child.section) + child.section
        return -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The current cell."""
        return self.child(self.index_of_row(self._grid.model.row_of(self._grid.selection.current)))

    def text(self, kind: QAccessible.Text) -> str:
        """The grid's own name; as description how much is chosen."""
        if kind is QAccessible.Text.Name:
            return self._grid.accessibleName()
        return (
            self._grid.canvas.describe_selection(len(self._grid.selection))
            if kind is QAccessible.Text.Description
            else ""
        )

    def _tell(self) -> None:
        """The keyboard moved, or something else is chosen."""
        row = self._grid.model.row_of(self._grid.selection.current)
        if not QAccessible.isActive():
            return
        if row >= 0 and self._grid.hasFocus():
            event = QAccessibleEvent(self._grid, QAccessible.Event.Focus)
            event.setChild(self.index_of_row(row))
            QAccessible.updateAccessibility(event)
        QAccessible.updateAccessibility(QAccessibleEvent(self._grid, QAccessible.Event.SelectionWithin))


class AccessibleHead(Part):
    """A group: its name and how many items it holds."""

    def __init__(self, owner: AccessibleGrid, grid: GridView, section: int) -> None:
        super().__init__(owner, grid.viewport())
        self._grid = grid
        self.section = section

    def isValid(self) -> bool:
        """Whether the group still exists."""
        return self.section < self._grid.grid_layout.sections

    def role(self) -> QAccessible.Role:
        """A heading among the entries."""
        return QAccessible.Role.Heading

    def place(self) -> QRect:
        """Where it is in the viewport."""
        top = self._grid.verticalScrollBar().value()
        return self._grid.grid_layout.head_rect(self.section).translated(0, -top)

    def text(self, kind: QAccessible.Text) -> str:
        """`12 July 2025, 34 items`."""
        return (
            self._grid.canvas.describe_group(self.section) if kind is QAccessible.Text.Name and self.isValid() else ""
        )

    def state(self) -> QAccessible.State:
        """Read only."""
        state = QAccessible.State()
        state.readOnly = 1
        state.invalid = int(not self.isValid())
        return state


class AccessibleCell(Part):
    """One item: title, kind, and the line under it; in a list with a child for each column."""

    def __init__(self, owner: AccessibleGrid, grid: GridView, row: int) -> None:
        super().__init__(owner, grid.viewport())
        self._grid = grid
        self.row = row
        self._fields: dict[int, AccessibleField] = {}

    def isValid(self) -> bool:
        """Whether the row still exists."""
        return self.row < self._grid.model.rowCount()

    def role(self) -> QAccessible.Role:
        """An entry of a list."""
        return QAccessible.Role.ListItem

    def place(self) -> QRect:
        """Where it is in the viewport."""
        return self._grid.cell_rect(self.row)

    def text(self, kind: QAccessible.Text) -> str:
        """Name: the title. Description: kind and state as written under it."""
        if not self.isValid():
            return ""
        if kind is QAccessible.Text.Name:
            return self._grid.canvas.describe(self.row)[0]
        return self._grid.canvas.describe(self.row)[1] if kind is QAccessible.Text.Description else ""

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

    def childCount(self) -> int:
        """The columns of the list."""
        return len(self._grid.canvas.fields)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """A column of this row."""
        if not 0 <= index < self.childCount():
            return None
        return self._fields.setdefault(index, AccessibleField(self, self._grid, index))

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """A column's place."""
        return child.index if isinstance(child, AccessibleField) else -1


class AccessibleField(Part):
    """What stands in one column of a row."""

    def __init__(self, owner: AccessibleCell, grid: GridView, index: int) -> None:
        super().__init__(owner, grid.viewport())
        self._grid = grid
        self._row = owner.row
        self.index = index

    def isValid(self) -> bool:
        """Whether row and column still exist."""
        return self._row < self._grid.model.rowCount() and self.index < len(self._grid.canvas.fields)

    def role(self) -> QAccessible.Role:
        """A cell of a table."""
        return QAccessible.Role.Cell

    def place(self) -> QRect:
        """Where it is in the viewport."""
        rect, field = self._grid.cell_rect(self._row), self._grid.canvas.fields[self.index]
        return QRect(rect.left() + field.left, rect.top(), field.width, rect.height())

    def text(self, kind: QAccessible.Text) -> str:
        """Name: what stands there. Description: the column's head."""
        if not self.isValid() or kind not in (QAccessible.Text.Name, QAccessible.Text.Description):
            return ""
        head, text = self._grid.canvas.describe_field(self._row, self._grid.canvas.fields[self.index])
        return text if kind is QAccessible.Text.Name else head

    def state(self) -> QAccessible.State:
        """Read only."""
        state = QAccessible.State()
        state.readOnly = 1
        state.invalid = int(not self.isValid())
        return state


def install_accessible_grid(grid: GridView) -> None:
    """Tell Qt how a grid is read. This one was seen before anybody could say so: what was made for it then is forgotten."""
    read_as(GridView, AccessibleGrid)
    known = QAccessible.queryAccessibleInterface(grid)
    if known.role() is not QAccessible.Role.List:
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(known))
