"""The tags as a tree. One that is a kind of several stands under each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal

from media_assistant.items.concept import Concept, TagCensus
from media_assistant.items.folding import fold
from media_assistant.items.sorting import sort_key
from media_assistant.ui.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-media-assistant-tag"
DEEPEST = 24
"""Vocabularies are no deeper; a circle in one ends here."""
ENTRY = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(slots=True)
class TagNode:
    """A tag in one of its places. `path` is the ids from the top down to it."""

    entry: TagCensus
    path: tuple[str, ...]
    parent: int = -1
    row: int = 0
    children: list[int] = field(default_factory=list)
    is_match: bool = True


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes by number; `roots` stand at the top."""

    nodes: tuple[TagNode, ...] = ()
    roots: tuple[int, ...] = ()


def make_tree(entries: Iterable[TagCensus], language: str, wanted: str = "") -> Tree:
    """The tree, sorted by name; with `wanted` only tags that are called so, and what is above them. For a reader thread."""
    by_id = {entry.concept.id: entry for entry in entries}
    folded = fold(wanted.strip())
    matching = {key for key, entry in by_id.items() if not folded or _is_called(entry.concept, folded)}
    kept = set(matching)
    waiting = list(matching) if folded else []
    while waiting:
        for parent in by_id[waiting.pop()].concept.parents:
            if parent in by_id and parent not in kept:
                kept.add(parent)
                waiting.append(parent)
    children: dict[str, list[str]] = {}
    tops: list[str] = []
    order = sorted(kept, key=lambda key: (sort_key(by_id[key].concept.name(language)), key))
    for key in order:
        parents = [parent for parent in dict.fromkeys(by_id[key].concept.parents) if parent in kept and parent != key]
        for parent in parents:
            children.setdefault(parent, []).append(key)
        if not parents:
            tops.append(key)
    nodes: list[TagNode] = []

    def add(key: str, parent: int, row: int, above: tuple[str, ...]) -> int:
        number = len(nodes)
        nodes.append(TagNode(by_id[key], (*above, key), parent, row, [], key in matching))
        if len(above) < DEEPEST:
            under = [child for child in children.get(key, ()) if child not in above]
            nodes[number].children = [add(child, number, at, (*above, key)) for at, child in enumerate(under)]
        return number

    roots = tuple(add(key, -1, row, ()) for row, key in enumerate(tops))
    return Tree(tuple(nodes), roots)


def _is_called(concept: Concept, folded: str) -> bool:
    return any(folded in fold(name) for name in (concept.en, concept.zh, *concept.aliases) if name)


class TagTreeModel(QAbstractItemModel):
    """Signals: `renamed(str, str)` a tag is to be called so; `put_under(str, str, str, bool)` a tag was let go on another
    ("" the top): the tag, its new parent, the parent that it was dragged from, and whether it keeps that one too.
    """

    renamed = Signal(str, str)
    put_under = Signal(str, str, str, bool)

    def __init__(self, name: Callable[[Concept], str], describe: Callable[[TagCensus], str]) -> None:
        super().__init__()
        self._name = name
        self._describe = describe
        self._tree = Tree()

    def show(self, tree: Tree) -> bool:
        """Show another tree. Whether the same tags stand in the same places: then only what is said of them is other."""
        if [node.path for node in tree.nodes] == [node.path for node in self._tree.nodes]:
            self._tree = tree
            for above in (QModelIndex(), *(self.index_at(at) for at, node in enumerate(tree.nodes) if node.children)):
                if count := self.rowCount(above):
                    self.dataChanged.emit(self.index(0, 0, above), self.index(count - 1, 0, above))
            return True
        self.beginResetModel()
        self._tree = tree
        self.endResetModel()
        return False

    @property
    def nodes(self) -> tuple[TagNode, ...]:
        """All places of all tags."""
        return self._tree.nodes

    def node(self, index: Index) -> TagNode | None:
        """What stands at an index."""
        return self._tree.nodes[index.internalId()] if index.isValid() else None

    def index_of(self, concept_id: str, path: tuple[str, ...] = ()) -> QModelIndex:
        """Where a tag stands: in `path` if it is there, else its first place."""
        best = -1
        for number, node in enumerate(self._tree.nodes):
            if node.entry.concept.id == concept_id and (best < 0 or node.path == path):
                best = number
        return self.index_at(best)

    def index_at(self, number: int) -> QModelIndex:
        """The index of a node."""
        return self.createIndex(self._tree.nodes[number].row, 0, number) if number >= 0 else QModelIndex()

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """As Qt asks for it."""
        under = self._children(parent)
        return self.createIndex(row, column, under[row]) if column == 0 and 0 <= row < len(under) else QModelIndex()

    def parent(self, index: Index | None = None) -> QModelIndex:  # type: ignore[override]
        """As Qt asks for it."""
        node = self.node(index) if index is not None else None
        return QModelIndex() if node is None else self.index_at(node.parent)

    def rowCount(self, parent: Index | None = None) -> int:
        """As Qt asks for it."""
        return len(self._children(parent))

    def columnCount(self, _parent: Index | None = None) -> int:
        """One."""
        return 1

    def _children(self, parent: Index | None) -> Sequence[int]:
        node = self.node(parent) if parent is not None else None
        return self._tree.roots if node is None else node.children

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, and for a screen reader the numbers too."""
        node = self.node(index)
        if node is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._name(node.entry.concept)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._name(node.entry.concept))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._describe(node.entry)
        return node if role == ENTRY else None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A new name is a wish; it shows when the library has it."""
        node = self.node(index)
        if node is not None and role == Qt.ItemDataRole.EditRole and str(value) != self._name(node.entry.concept):
            self.renamed.emit(node.entry.concept.id, str(value))
        return False

    # ── dragging ──────────────────────────────────────────────────────────────────────────────────────────────────

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every tag can be renamed, dragged, and dropped on; the ground is the top."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemIsDropEnabled
        )

    def supportedDropActions(self) -> Qt.DropAction:
        """Move, or with Ctrl stand in both places."""
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        """Our own."""
        return [MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """Which tag, from where."""
        carried = QMimeData()
        nodes = [node for index in indexes if (node := self.node(index)) is not None]
        carried.setData(MIME, "\n".join("\t".join(node.path) for node in nodes).encode())
        return carried

    def canDropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, parent: Index) -> bool:
        """Not on itself, and not on what is under it."""
        node = self.node(parent)
        target = node.path if node is not None else ()
        return row < 0 and all(path[-1] not in target for path in _carried(data)) and data.hasFormat(MIME)

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, _row: int, _column: int, parent: Index) -> bool:
        """Ask for it; the tree shows it when the library has it."""
        node = self.node(parent)
        for path in _carried(data):
            came_from = path[-2] if len(path) > 1 else ""
            under = node.entry.concept.id if node is not None else ""
            if under != came_from:
                self.put_under.emit(path[-1], under, came_from, action is Qt.DropAction.CopyAction)
        return False


def _carried(data: QMimeData) -> list[list[str]]:
    text = bytes(data.data(MIME).data()).decode("utf-8", "replace")
    return [line.split("\t") for line in text.split("\n") if line]
