"""The tree of tags: drag one onto another to make it a kind of it, F2 renames in place."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from media_assistant.items.concept import TagCensus
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.tag_tree import ENTRY, TagNode, TagTreeModel, Tree
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.tag_colours import tag_colour
from media_assistant.ui.widgets.row_ground import is_current, paint_ground

ROW = 30
DOT = 10


class TagTreeView(QTreeView):
    """Signals: `chosen(str)` a tag's id, "" for none; `verb_wanted(str)` a verb of the room `tags`."""

    chosen = Signal(str)
    verb_wanted = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.tree = TagTreeModel(desk.words.concept, self.describe)
        self._open: set[tuple[str, ...]] = set()
        self._is_renewing = False
        self.setModel(self.tree)
        self.setItemDelegate(_TagDelegate(desk, self))
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setIndentation(18)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setAutoExpandDelay(700)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        desk.words.bind(self, QTreeView.setAccessibleName, "ui.tags.tree")
        desk.look.changed.connect(self.viewport().update)
        self.expanded.connect(lambda index: self._remember(index, is_open=True))
        self.collapsed.connect(lambda index: self._remember(index, is_open=False))
        self.selectionModel().currentChanged.connect(lambda now, _before: self._tell(now))

    def describe(self, entry: TagCensus) -> str:
        """What a screen reader says of a row."""
        words = self._desk.words
        parts = [words.concept(entry.concept), words.say("ui.search.items", count=entry.count)]
        if entry.proposed:
            parts.append(words.say("ui.tags.proposed", count=entry.proposed))
        if entry.concept.colour:
            parts.append(words.say(f"ui.tags.colour.{entry.concept.colour}"))
        return words.say("ui.list_separator").join(parts)

    @property
    def current(self) -> TagNode | None:
        """The chosen tag in its place."""
        return self.tree.node(self.currentIndex())

    @property
    def is_editing(self) -> bool:
        """Whether a name is being typed."""
        return self.state() is QAbstractItemView.State.EditingState

    def show_tree(self, tree: Tree, *, is_filtered: bool) -> None:
        """Show another tree; whoever chose a tag, scrolled or closed a branch stays where they were."""
        before, top = self.current, self.verticalScrollBar().value()
        was_seen = self.visualRect(self.currentIndex()).intersects(self.viewport().rect())
        self._is_renewing = True
        is_same = self.tree.show(tree)
        for number, node in enumerate(tree.nodes):
            if node.children and (is_filtered or (node.path in self._open and not is_same)):
                self.expand(self.tree.index_at(number))
        if before is not None and not is_same:
            self._make_current(self.tree.index_of(before.entry.concept.id, before.path))
        if not was_seen and not is_same:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(top)
        self._is_renewing = False
        self._tell(self.currentIndex())

    def choose(self, concept_id: str) -> None:
        """Make a tag the current one and bring it into sight."""
        self._make_current(self.tree.index_of(concept_id))

    def rename(self) -> None:
        """Type a new name in place."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def _make_current(self, index: QModelIndex) -> None:
        if index.isValid():
            above = index.parent()
            while above.isValid():
                self.expand(above)
                above = above.parent()
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def _remember(self, index: QModelIndex, *, is_open: bool) -> None:
        node = self.tree.node(index)
        if node is not None and not self._is_renewing:
            (self._open.add if is_open else self._open.discard)(node.path)

    def _tell(self, index: QModelIndex) -> None:
        if not self._is_renewing:
            node = self.tree.node(index)
            self.chosen.emit(node.entry.concept.id if node is not None else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the room `tags`; arrows, Home and End as in any tree."""
        verb = "" if self.is_editing else self._desk.keys.meant(event, "tags")
        if verb == "rename":
            self.rename()
        elif verb:
            self.verb_wanted.emit(verb)
        else:
            super().keyPressEvent(event)


class _TagDelegate(QStyledItemDelegate):
    """A dot of its colour, the name, how many there are, how many of them wait."""

    def __init__(self, desk: Desk, parent: QTreeView) -> None:
        super().__init__(parent)
        self._desk = desk
        self._view = parent

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are alike."""
        return QSize(100, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One row."""
        node = index.data(ENTRY)
        if not isinstance(node, TagNode):
            return
        colours, words = self._desk.look.colours, self._desk.words
        rect = QRect(option.rect).adjusted(0, 1, -4, -1)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        paint_ground(painter, rect, option, colours, is_current=is_current(self._view, index))
        paint_mark(
            painter, QRect(rect.left() + 8, rect.center().y() - 7, 16, 16), self._desk, node.entry.concept.colour
        )
        small = QFont(self._view.font())
        small.setPixelSize(12)
        painter.setFont(small)
        right = rect.right() - 8
        count = words.number(node.entry.count)
        waiting = words.say("ui.tags.waiting", count=node.entry.proposed) if node.entry.proposed else ""
        for text, colour in (
            (waiting, colours.link),
            (f"{count}{words.say('ui.list.dot')}" if waiting else count, colours.text_soft),
        ):
            wide = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(colours.text if is_chosen else colour))
            painter.drawText(
                QRect(right - wide, rect.top(), wide, rect.height()), int(Qt.AlignmentFlag.AlignVCenter), text
            )
            right -= wide
        right -= 12
        painter.setFont(self._view.font())
        painter.setPen(QColor(colours.text if node.is_match else colours.text_faint))
        where = QRect(rect.left() + 32, rect.top(), max(10, right - rect.left() - 32), rect.height())
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        painter.restore()


def paint_mark(painter: QPainter, where: QRect, desk: Desk, colour: str) -> None:
    """A tag's dot, or the plain sign of a tag without a colour."""
    chosen = tag_colour(desk.look.colours, colour)
    if not chosen:
        painter.drawPixmap(where.topLeft(), draw_icon("tag", desk.look.colours.text_faint, 16))
        return
    dot = QRect(0, 0, DOT, DOT)
    dot.moveCenter(where.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(chosen))
    painter.drawEllipse(dot)
