"""The history as rows: the newest first, more as the person comes to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from media_assistant.items.history import Entry, Happened, Page, Step, Understood
from media_assistant.ui import history_words
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.words import Words

PAGE = 200
ENTRY = int(Qt.ItemDataRole.UserRole) + 1
_Index = QModelIndex | QPersistentModelIndex


class HistoryItemModel(QAbstractListModel):
    """`read` asks the library for the page after one, on another thread, and hands it over on this one, or says there that
    it could not be read.

    Signals: `arrived()` the first page is there, or it was renewed.
    """

    arrived = Signal()

    def __init__(
        self, words: Words, read: Callable[[Page, Callable[[Page], None], Callable[[], None]], object]
    ) -> None:
        super().__init__()
        self._words = words
        self._read = read
        self._page = Page(is_last=True)
        self._awaited = Awaited()
        self._is_reading = False
        self.entries: list[Entry] = []

    def ask(self, page: Page) -> None:
        """Show the history as this page narrows it, from the newest; what is shown stays until the answer is there.

        Rows that were brought already are read again with it.
        """
        self._awaited.drop()
        self._is_reading = True
        self._read(page, self._awaited.only(self._begin), self._awaited.only(self._failed))

    def _begin(self, page: Page) -> None:
        self._is_reading = False
        self.beginResetModel()
        self.entries = list(page.entries)
        self._page = replace(page, size=PAGE)
        self.endResetModel()
        self.arrived.emit()

    def canFetchMore(self, _parent: _Index) -> bool:
        """Whether there is more below."""
        return not self._page.is_last and not self._is_reading

    def fetchMore(self, _parent: _Index) -> None:
        """Bring the next page."""
        self._is_reading = True
        self._read(self._page, self._awaited.only(self._go_on), self._awaited.only(self._failed))

    def _go_on(self, page: Page) -> None:
        self._is_reading = False
        self._page = page
        if page.entries:
            first = len(self.entries)
            self.beginInsertRows(QModelIndex(), first, first + len(page.entries) - 1)
            self.entries += page.entries
            self.endInsertRows()

    def _failed(self) -> None:
        """What is here stays, and may be asked for again."""
        self._is_reading = False

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        """Those that are here."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The entry, and its words."""
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role == int(Qt.ItemDataRole.DisplayRole):
            return history_words.what(self._words, entry)
        if role in (int(Qt.ItemDataRole.AccessibleTextRole), int(Qt.ItemDataRole.ToolTipRole)):
            told = history_words.whole(self._words, entry)
            return plain_tip(told) if role == int(Qt.ItemDataRole.ToolTipRole) else told
        return None

    def row_of(self, step: int) -> int:
        """The row of a step of the person; -1 if it is not here."""
        return next(
            (row for row, each in enumerate(self.entries) if isinstance(each, Step) and each.number == step), -1
        )

    def row_like(self, entry: Entry | None) -> int:
        """The row of an entry as it was read before; -1 if it is not here."""
        wanted = _number(entry)
        return next((row for row, each in enumerate(self.entries) if entry is not None and _number(each) == wanted), -1)

    def is_newest(self, step: Step) -> bool:
        """Whether it is surely the last step that stands: among some that were looked for there is no telling."""
        if self._page.words:
            return False
        standing = (each for each in self.entries if isinstance(each, Step) and not each.is_undone)
        return next(standing, None) == step


def _number(entry: Entry | None) -> tuple[type, int]:
    """What tells an entry from all others, however it reads by now."""
    match entry:
        case Step(number):
            return Step, number
        case Happened():
            return Happened, entry.happening.id
        case Understood(run_id):
            return Understood, run_id
        case _:
            return type(None), 0
