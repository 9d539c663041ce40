"""The heads of the list's columns: a click sorts, a drag on an edge widens, a right click chooses which are shown."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from media_assistant.ui.widgets.grid.list_columns import COLUMNS, Column, fitting
from media_assistant.ui.widgets.grid.list_painter import Field
from media_assistant.ui.words import Words

HIGH = 30
LEAST = 44


class ListHeader(QHeaderView):
    """Signals: `sort_wanted(str)` one of `items.order.SORTS`; `changed()` other columns or widths."""

    sort_wanted = Signal(str)
    changed = Signal()

    def __init__(self, words: Words, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._words = words
        self._widths: dict[str, int] = {}
        self._hidden: set[str] = set()
        self._is_placing = False
        heads = QStandardItemModel(0, len(COLUMNS), self)
        for at, column in enumerate(COLUMNS):
            side = Qt.AlignmentFlag.AlignRight if column.is_right else Qt.AlignmentFlag.AlignLeft
            head = QStandardItem()
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            heads.setHorizontalHeaderItem(at, head)
        self.setModel(heads)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(False)
        self.setMinimumSectionSize(LEAST)
        self.setFixedHeight(HIGH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_columns)
        self.sectionClicked.connect(self._clicked)
        self.sectionResized.connect(self._resized)
        words.changed.connect(self._speak)
        self._speak()

    # ── what is shown ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def fields(self) -> list[Field]:
        """The columns that are shown, from the left."""
        return [
            Field(column, self.sectionPosition(at), self.sectionSize(at))
            for at, column in enumerate(COLUMNS)
            if not self.isSectionHidden(at)
        ]

    def place(self, width: int) -> None:
        """Share `width` pixels: what has no room gives way, the name takes what is left."""
        self._is_placing = True
        wanted = [column for column in COLUMNS if column.name not in self._hidden]
        shown = fitting(wanted, self._widths, width)
        room = width
        for at, column in enumerate(COLUMNS):
            self.setSectionHidden(at, column not in shown)
            if column in shown and at:
                self.resizeSection(at, self._widths.get(column.name, column.width))
                room -= self.sectionSize(at)
        self.resizeSection(0, max(LEAST, room))
        self._is_placing = False

    def show_order(self, sort: str, *, is_descending: bool) -> None:
        """Mark the column that is sorted by, if there is one."""
        at = next((at for at, column in enumerate(COLUMNS) if column.sort == sort), -1)
        self.setSortIndicatorShown(at >= 0)
        # Qt's arrow points down where the order rises; everybody else's does where it falls.
        way = Qt.SortOrder.AscendingOrder if is_descending else Qt.SortOrder.DescendingOrder
        self.setSortIndicator(max(0, at), way)

    # ── kept across restarts ──────────────────────────────────────────────────────────────────────────────────────

    def kept(self) -> str:
        """Widths and hidden columns, to be given to `restore`."""
        return " ".join(
            f"{column.name}:{0 if column.name in self._hidden else self._widths.get(column.name, column.width)}"
            for column in COLUMNS[1:]
        )

    def restore(self, kept: str) -> None:
        """As it was; what cannot be read is as the program came."""
        for part in kept.split():
            name, _, width = part.partition(":")
            if width.isdecimal() and len(width) < 5 and any(column.name == name for column in COLUMNS[1:]):
                if int(width):
                    self._widths[name] = max(LEAST, int(width))
                else:
                    self._hidden.add(name)

    # ── the person's hand ─────────────────────────────────────────────────────────────────────────────────────────

    def _clicked(self, at: int) -> None:
        if COLUMNS[at].sort:
            self.sort_wanted.emit(COLUMNS[at].sort)

    def _resized(self, at: int, _old: int, width: int) -> None:
        if self._is_placing:
            return
        if at:
            self._widths[COLUMNS[at].name] = width
        else:
            # The name takes what is left, so its edge moves the next column's.
            next_at = next((other for other in range(1, len(COLUMNS)) if not self.isSectionHidden(other)), 0)
            if next_at:
                change = sum(self.sectionSize(each) for each in range(len(COLUMNS))) - self.width()
                self._widths[COLUMNS[next_at].name] = max(LEAST, self.sectionSize(next_at) - change)
        self.place(self.width())
        self.changed.emit()

    def _ask_columns(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_columns(menu)
        menu.popup(self.mapToGlobal(where))

    def add_columns(self, menu: QMenu) -> None:
        """Which columns are shown, to be checked."""
        for column in COLUMNS[1:]:
            action = menu.addAction(self._words.say(f"ui.column.{column.name}"))
            action.setCheckable(True)
            action.setChecked(column.name not in self._hidden)
            action.toggled.connect(lambda is_on, column=column: self._show_column(column, is_on=is_on))

    def _show_column(self, column: Column, *, is_on: bool) -> None:
        (self._hidden.discard if is_on else self._hidden.add)(column.name)
        self.place(self.width())
        self.changed.emit()

    def _speak(self) -> None:
        for at, column in enumerate(COLUMNS):
            self.model().setHeaderData(at, Qt.Orientation.Horizontal, self._words.say(f"ui.column.{column.name}"))
        self.setAccessibleName(self._words.say("ui.list.heads"))
