"""The folders that items lie in, as a tree in the sidebar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QTreeView

from media_assistant.ui.item_models.folder_rows import Below, FolderRow, FolderRowsModel
from media_assistant.ui.look.icons import draw_icon
from media_assistant.ui.look.theme import Look
from media_assistant.ui.places import Place
from media_assistant.ui.widgets.row_ground import make_current, menu_place
from media_assistant.ui.widgets.sidebar.nav_list import COUNT, ICON, PLACE, ROW, NavDelegate


class FolderTree(QTreeView):
    """As high as its rows: what is around it scrolls.

    Signals: `chosen(Place)`; `menu_wanted(str, bool, QPoint)` path, whether it is at the top, where.
    """

    chosen = Signal(object)
    menu_wanted = Signal(str, bool, QPoint)

    def __init__(self, look: Look, below: Below) -> None:
        super().__init__()
        self._look = look
        self._place = Place()
        self.rows = FolderRowsModel(below, (PLACE, ICON, COUNT))
        self.setModel(self.rows)
        self.setItemDelegate(NavDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for changed in (self.expanded, self.collapsed, self.rows.renewed):
            changed.connect(lambda *_: self._fit())
        self.clicked.connect(lambda index: self.chosen.emit(index.data(PLACE)))
        look.changed.connect(self.viewport().update)

    def show_roots(self, roots: Sequence[FolderRow]) -> None:
        """The folders at the top. Those that are open stay so, and are read again."""
        self.rows.show_roots(roots)

    def mark(self, place: Place) -> None:
        """Mark the folder that is shown, if it was read. Whoever goes through the rows by keyboard stays where they are."""
        is_same, self._place = place == self._place, place
        if is_same and self.hasFocus() and self.currentIndex().isValid():
            return
        index = self.rows.find(place.folder) if place.folder else QModelIndex()
        if not index.isValid():
            self.clearSelection()
        if index != self.currentIndex():
            self.setCurrentIndex(index)

    def sizeHint(self) -> QSize:
        """All its rows."""
        return QSize(180, self._height())

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex) -> None:  # type: ignore[override]
        """An arrow before what can be opened."""
        if self.rows.hasChildren(index):
            icon = "down" if self.isExpanded(index) else "right"
            where = QRect(rect.right() - 12, rect.center().y() - 5, 12, 12)
            painter.drawPixmap(where.topLeft(), draw_icon(icon, self._look.colours.text_faint, 12))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard is on a row from the first moment."""
        super().focusInEvent(event)
        make_current(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space go there; arrows move, open and close."""
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(index.data(PLACE))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """On the row under the mouse, or by keyboard on the current one."""
        index, where = menu_place(self, event)
        if index.isValid():
            self.menu_wanted.emit(index.data(PLACE).folder, not index.parent().isValid(), where)

    def _height(self) -> int:
        return self._rows_shown(QModelIndex()) * ROW

    def _rows_shown(self, parent: QModelIndex) -> int:
        shown = 0
        for at in range(self.rows.rowCount(parent)):
            index = self.rows.index(at, 0, parent)
            shown += 1 + (self._rows_shown(index) if self.isExpanded(index) else 0)
        return shown

    def _fit(self) -> None:
        self.setFixedHeight(max(1, self._height()))
