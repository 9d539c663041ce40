"""Rows of the library as the grid shows them: ids in order, items fetched as they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from media_assistant.items.answers import Hit
    from media_assistant.items.item import Item
    from media_assistant.items.order import Group

PAGE = 64
KEPT_ITEMS = 2048
MOST_RUNS = 32
"""Of changed rows; where there are more of them, all between the first and the last is taken for changed."""
Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[list[int], Callable[[list["Item"]], None], Callable[[], None]], object]


class Listing(NamedTuple):
    """What is shown: ids in order, where each stands, and what a search says of them (empty without one).

    `grouped_by` is one of `items.order.GROUPS`; `starts` are the first rows of the `groups`.
    """

    ids: Sequence[int] = ()
    row_of: Mapping[int, int] = {}
    hits: Mapping[int, Hit] = {}
    grouped_by: str = ""
    groups: Sequence[Group] = ()
    starts: Sequence[int] = ()


def make_listing(ids: Sequence[int], groups: Sequence[Group] = (), grouped_by: str = "") -> Listing:
    """Without a search. Takes about 10 ms for 100,000 ids: call it on a reader thread."""
    starts = list(accumulate((group.size for group in groups), initial=0))[:-1]
    row_of = {item_id: row for row, item_id in enumerate(ids)}
    if len(row_of) < len(ids):
        # A list may hold an item more than once: it stands where it is met first.
        row_of = {ids[row]: row for row in range(len(ids) - 1, -1, -1)}
    return Listing(
        ids,
        row_of,
        grouped_by=grouped_by if groups else "",
        groups=groups,
        starts=starts,
    )


def make_search_listing(hits: Sequence[Hit]) -> Listing:
    """The answers of a search, best first."""
    ids = [hit.item.id for hit in hits]
    return Listing(ids, {item_id: row for row, item_id in enumerate(ids)}, {hit.item.id: hit for hit in hits})


class ListingItemModel(QAbstractListModel):
    """Items by row. A row whose item is not here yet is `None`; `want_rows` brings it.

    `fetch` asks the library for items on another thread and hands them to its second argument on the main one; its third is
    called there when they could not be read.
    `dataChanged` comes after rows became known or were renewed.
    """

    def __init__(self, fetch: Fetch) -> None:
        super().__init__()
        self.fetch = fetch
        self._listing = Listing()
        self._items: OrderedDict[int, Item] = OrderedDict()
        self._asked: set[int] = set()
        self.near = -1
        """The row that the person was last at: of an item that stands in several rows it is the one that is meant."""

    @property
    def listing(self) -> Listing:
        """What is shown now."""
        return self._listing

    def show(self, listing: Listing) -> None:
        """Show something else. Known items are kept."""
        self.beginResetModel()
        self._listing = listing
        for hit in listing.hits.values():
            self._keep(hit.item)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """As Qt asks for it."""
        return 0 if parent is not None and parent.isValid() else len(self._listing.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title, for whoever reads this as any list."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            item = self.item_at(index.row())
            return item.title if item else ""
        return None

    def id_at(self, row: int) -> int:
        """The item's id in a row."""
        return self._listing.ids[row]

    def item_at(self, row: int) -> Item | None:
        """The item in a row, if it is here."""
        return self._items.get(self._listing.ids[row]) if 0 <= row < len(self._listing.ids) else None

    def item(self, item_id: int) -> Item | None:
        """The item with this id, if it is here."""
        return self._items.get(item_id)

    def hit(self, item_id: int) -> Hit | None:
        """What the search says of it."""
        return self._listing.hits.get(item_id)

    def row_of(self, item_id: int) -> int:
        """Where it stands, or -1; of several rows the one that the person is at, or else the first."""
        ids = self._listing.ids
        return self.near if 0 <= self.near < len(ids) and ids[self.near] == item_id else self._row_of(item_id)

    def _row_of(self, item_id: int) -> int:
        return self._listing.row_of.get(item_id, -1)

    def want_rows(self, first: int, last: int) -> None:
        """Bring the items of rows `first` to `last` (inclusive), in whole pages."""
        start, end = max(0, first) // PAGE * PAGE, min(len(self._listing.ids), (last // PAGE + 1) * PAGE)
        missing = [
            item_id
            for item_id in self._listing.ids[start:end]
            if item_id not in self._items and item_id not in self._asked
        ]
        if missing:
            self._asked.update(missing)
            # What could not be read is asked for again when it is next wanted.
            self.fetch(
                missing,
                lambda found: self._arrive(missing, found),
                lambda: self._asked.difference_update(missing),
            )

    def renew(self, item_ids: Sequence[int]) -> None:
        """Fetch these again if they are known; they stay visible as they were until then."""
        known = [item_id for item_id in item_ids if item_id in self._items]
        if known:
            self.fetch(known, lambda found: self._arrive(known, found), lambda: None)

    def renew_all(self) -> None:
        """Fetch again whatever is known: it may be of what the library was a moment ago."""
        self.renew(list(self._items))

    def _arrive(self, asked: list[int], found: list[Item]) -> None:
        self._asked.difference_update(asked)
        for item in found:
            self._keep(item)
        rows = sorted(row for item in found if (row := self.row_of(item.id)) >= 0)
        runs: list[tuple[int, int]] = []
        for row in rows:
            # What lies between them is as it was, and need not be painted.
            runs[-1:] = [(runs[-1][0], row)] if runs and row == runs[-1][1] + 1 else [*runs[-1:], (row, row)]
        if len(runs) > MOST_RUNS:
            runs = [(rows[0], rows[-1])]
        if rows and len(self._listing.row_of) < len(self._listing.ids):
            runs = [(0, len(self._listing.ids) - 1)]  # any of them may stand somewhere else too
        for first, last in runs:
            self.dataChanged.emit(self.index(first), self.index(last))

    def _keep(self, item: Item) -> None:
        self._items[item.id] = item
        self._items.move_to_end(item.id)
        while len(self._items) > max(KEPT_ITEMS, len(self._listing.hits)):
            self._items.popitem(last=False)
