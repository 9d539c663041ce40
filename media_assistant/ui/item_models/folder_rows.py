"""Folders as a tree that reads what is below one when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, groupby

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from media_assistant.ui.places import Place
from media_assistant.ui.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


@dataclass(frozen=True, slots=True)
class FolderRow:
    """What a row shows. `state` is said by a screen reader after the name, such as `offline`; `tip` on hover."""

    path: str
    name: str
    icon: str
    count: str
    has_folders: bool
    state: str = ""
    tip: str = ""


@dataclass(slots=True, eq=False)
class _Node:
    """Looked up among its like by what it is, not by what it holds."""

    key: int
    row: FolderRow
    parent: _Node | None
    children: list[_Node] = field(default_factory=list)
    is_asked: bool = False


Below = Callable[[str, Callable[[Sequence[FolderRow]], None]], object]
"""Reads the folders inside one, and hands them over on the main thread."""


class FolderRowsModel(QAbstractItemModel):
    """`roles` are those of place, icon and count, as the list's delegate asks for them.

    Signals: `renewed()` after all that is in a folder came and went as it was read.
    """

    renewed = Signal()

    def __init__(self, below: Below, roles: tuple[int, int, int]) -> None:
        super().__init__()
        self._below = below
        self._roles = roles
        self._keys = count(1)
        self._nodes: dict[int, _Node] = {}
        self._top = _Node(0, FolderRow("", "", "", "", has_folders=True), None, is_asked=True)

    def show_roots(self, roots: Sequence[FolderRow]) -> None:
        """The folders at the top. What was read below those that stay is kept, and read again."""
        self._put(self._top, roots)
        for node in list(self._nodes.values()):
            if node.is_asked:
                self._read(node)

    @property
    def opened(self) -> list[str]:
        """The folders whose inside was read, or is being read."""
        return [node.row.path for node in self._nodes.values() if node.is_asked]

    def find(self, path: str) -> QModelIndex:
        """The row of a folder, if it was read."""
        node = next((node for node in self._nodes.values() if node.row.path == path), None)
        return self._index_of(node) if node is not None else QModelIndex()

    def index(self, row: int, column: int, parent: Index = _TOP) -> QModelIndex:
        """As Qt asks."""
        children = self._node(parent).children
        if column or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row].key)

    def parent(self, index: Index = _TOP) -> QModelIndex:  # type: ignore[override]
        """As Qt asks."""
        above = self._node(index).parent
        return self._index_of(above) if above is not None else QModelIndex()

    def rowCount(self, parent: Index = _TOP) -> int:
        """As Qt asks."""
        return len(self._node(parent).children)

    def columnCount(self, _parent: Index = _TOP) -> int:
        """One."""
        return 1

    def hasChildren(self, parent: Index = _TOP) -> bool:
        """Known before they are read."""
        return self._node(parent).row.has_folders

    def canFetchMore(self, parent: Index) -> bool:
        """Until it was asked for."""
        return not self._node(parent).is_asked

    def fetchMore(self, parent: Index) -> None:
        """It was opened."""
        self._read(self._node(parent))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """As the delegate and screen readers ask."""
        row = self._node(index).row
        place, icon, number = self._roles
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.name
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(f"{row.path}\n{row.tip}" if row.tip else row.path)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (row.name, row.state, row.count)))
            case _ if role == place:
                return Place(folder=row.path, name=row.name)
            case _ if role == icon:
                return row.icon
            case _ if role == number:
                return row.count
            case _:
                return None

    def _node(self, index: Index) -> _Node:
        return self._nodes.get(index.internalId(), self._top) if index.isValid() else self._top

    def _index_of(self, node: _Node) -> QModelIndex:
        if node.parent is None:
            return QModelIndex()
        return self.createIndex(node.parent.children.index(node), 0, node.key)

    def _read(self, node: _Node) -> None:
        node.is_asked = True

        def take(rows: Sequence[FolderRow]) -> None:
            if node.key in self._nodes:
                self._put(node, rows)

        self._below(node.row.path, take)

    def _put(self, node: _Node, rows: Sequence[FolderRow]) -> None:
        """Make the children of a node these rows, in this order, keeping those that stay. What lies together comes and
        goes in one step: a view lays out all its rows after each.
        """
        at_index = self._index_of(node)
        wanted = {row.path for row in rows}
        kept = [child.row.path for child in node.children if child.row.path in wanted]
        stay = set(kept)
        if kept != [row.path for row in rows if row.path in stay]:
            stay.clear()  # in another order: they are put in anew
        for first, last in reversed(_runs(child.row.path not in stay for child in node.children)):
            self.beginRemoveRows(at_index, first, last)
            for child in node.children[first : last + 1]:
                self._forget(child)
            del node.children[first : last + 1]
            self.endRemoveRows()
        for first, last in _runs(row.path not in stay for row in rows):
            self.beginInsertRows(at_index, first, last)
            new = [_Node(next(self._keys), row, node) for row in rows[first : last + 1]]
            self._nodes |= {child.key: child for child in new}
            node.children[first:first] = new
            self.endInsertRows()
        for child, row in zip(node.children, rows, strict=True):
            child.row = row
        if rows:
            self.dataChanged.emit(self.index(0, 0, at_index), self.index(len(rows) - 1, 0, at_index))
        self.renewed.emit()

    def _forget(self, node: _Node) -> None:
        self._nodes.pop(node.key, None)
        for child in node.children:
            self._forget(child)


def _runs(wanted: Iterable[bool]) -> list[tuple[int, int]]:
    """Where those lie together that are wanted: the first and the last of each run."""
    runs, at = [], 0
    for is_wanted, run in groupby(wanted):
        length = sum(1 for _ in run)
        if is_wanted:
            runs.append((at, at + length - 1))
        at += length
    return runs
