"""Lines in rows as high as their words need. Only rows in sight are laid out, whatever the length of the transcript.

A row that was never in sight has a usual height; it gets its own when it comes into sight, and what is read then stays
where it is. Layouts are kept, so that following what plays draws two rows and lays out none.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from media_assistant.items.moment import Moment
from media_assistant.ui.item_models.lines import LineItemModel
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.look.theme import Look
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.widgets.transcript.line_delegate import LineDelegate

USUAL_HEIGHT = 32
_OWN_KEYS = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_End,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
}
_BY_TAB = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class LineList(QTableView):
    """Signals: `retyped(Moment, str)` a line was typed anew; `split_wanted(Moment, str, int)` cut what was typed before
    a character; `verb_wanted(str)` a key of the room `transcript`; `edit_ended()`.
    """

    retyped = Signal(object, str)
    split_wanted = Signal(object, str, int)
    verb_wanted = Signal(str)
    edit_ended = Signal()

    def __init__(self, lines: LineItemModel, look: Look, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marker = Marker(())
        self.now = -1
        self._lines = lines
        self._keys = keys
        self._heights: dict[int, tuple[Moment, int, int]] = {}
        self._is_changed = False
        self.lines_delegate = LineDelegate(look, keys, self, self)
        self.setModel(lines)
        self.setItemDelegate(self.lines_delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(20)
        rows.setDefaultSectionSize(USUAL_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._fit_rows)
        for signal in (lines.dataChanged, lines.rowsInserted, lines.rowsRemoved):
            signal.connect(self._changed)
        look.changed.connect(self.viewport().update)

    def _changed(self) -> None:
        self._is_changed = True
        self._soon.start()

    # ── what is in sight ──────────────────────────────────────────────────────────────────────────────────────────

    def rows_in_sight(self) -> range:
        """The rows that can be seen, also in part."""
        first = self.rowAt(0)
        if first < 0:
            return range(0)
        last = self.rowAt(self.viewport().height() - 1)
        return range(first, (last if last >= 0 else len(self._lines.lines) - 1) + 1)

    def _fit_rows(self) -> None:
        """Give the rows in sight their own heights; the first of them that already had it stays where it is."""
        if self._is_changed:
            self._is_changed = False
            self._forget_others()
        anchor = next((row for row in self.rows_in_sight() if self._is_fitted(row)), -1)
        before = self.rowViewportPosition(anchor) if anchor >= 0 else 0
        for _ in range(4):
            wrong = [row for row in self.rows_in_sight() if not self._is_fitted(row)]
            for row in wrong:
                self._fit(row)
            if not wrong:
                break
            if anchor >= 0 and (moved := self.rowViewportPosition(anchor) - before):
                self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def _forget_others(self) -> None:
        """What was known of lines that are shown no more, each with all its words."""
        shown = {id(line) for line in self._lines.lines}
        for gone in [each for each in self._heights if each not in shown]:
            del self._heights[gone]
        self.lines_delegate.forget_others(shown)

    def _is_fitted(self, row: int) -> bool:
        line = self._lines.lines[row]
        known = self._heights.get(id(line))
        return (
            known is not None
            and known[0] is line
            and known[1] == self.viewport().width()
            and known[2] == self.rowHeight(row)
        )

    def _fit(self, row: int) -> None:
        line = self._lines.lines[row]
        height = self.lines_delegate.height_of(line)
        self._heights[id(line)] = (line, self.viewport().width(), height)
        self.setRowHeight(row, height)

    def grow(self, row: int, height: int) -> None:
        """Room for what is being typed."""
        if height > self.rowHeight(row):
            self.setRowHeight(row, height)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What comes into sight gets its height."""
        super().scrollContentsBy(dx, dy)
        if not all(map(self._is_fitted, self.rows_in_sight())):
            self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other widths wrap the words otherwise."""
        super().resizeEvent(event)
        self._soon.start()

    def show_now(self, row: int) -> None:
        """Mark the line that is spoken."""
        before, self.now = self.now, row
        for at in (before, row):
            if at >= 0:
                self.viewport().update(self.visualRect(self._lines.index(at)))

    def go_to(self, row: int, *, centres: bool = True) -> None:
        """Choose one line and bring it into sight."""
        if 0 <= row < len(self._lines.lines):
            self.clearSelection()
            self.setCurrentIndex(self._lines.index(row))
            hint = (
                QAbstractItemView.ScrollHint.PositionAtCenter if centres else QAbstractItemView.ScrollHint.EnsureVisible
            )
            self.scrollTo(self._lines.index(row), hint)

    def chosen_rows(self) -> list[int]:
        """The chosen lines, or the current one, in their order."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        current = self.currentIndex().row()
        return rows or ([current] if current >= 0 else [])

    # ── typing ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_editing(self) -> bool:
        """Whether a line is open to be typed into."""
        return self.state() is QAbstractItemView.State.EditingState

    def edit_row(self, row: int, choose: tuple[int, int] | None = None) -> None:
        """Open a line; `choose` selects characters [from, to) in it."""
        self.go_to(row, centres=False)
        self.lines_delegate.choose = choose
        self.edit(self._lines.index(row))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The line is opened, with the word that was meant chosen: what is typed takes its place."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            inside = event.position() - QPointF(self.visualRect(index).topLeft())
            self.lines_delegate.choose = self.lines_delegate.word_at(self._lines.lines[index.row()], inside)
        super().mouseDoubleClickEvent(event)

    def closeEditor(self, editor: object, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """The keys go back to the list, or on to the next line."""
        super().closeEditor(editor, hint)  # type: ignore[arg-type]
        if not self.is_editing:
            self.edit_ended.emit()
        self._soon.start()

    def close_editor(self) -> None:
        """Leave what is open; what was typed is kept."""
        editor = self.lines_delegate.editor
        if editor is not None and self.is_editing:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Reached by Tab, the line that is spoken is the current one: something must be, to be seen and to start from."""
        super().focusInEvent(event)
        if event.reason() in _BY_TAB and not self.currentIndex().isValid():
            self.go_to(max(0, self.now), centres=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Verbs of the transcript and ways through it; everything else is the player's."""
        verb = self._keys.meant(event, "transcript")
        if verb == "copy":
            texts = [self._lines.lines[row].text for row in self.chosen_rows()]
            QGuiApplication.clipboard().setText("\n".join(texts))
        elif verb == "all":
            self.selectAll()
        elif verb:
            self.verb_wanted.emit(verb)
        elif Qt.Key(event.key()) in _OWN_KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()
