"""What is in sight stays where it is, however many cells come and go above it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QScrollBar

from media_assistant.ui.item_models.listing import ListingItemModel
from media_assistant.ui.widgets.grid.layout import GridLayout
from media_assistant.ui.widgets.grid.selection import GridSelection


class Grid(Protocol):
    """The view, as far as its place goes."""

    model: ListingItemModel
    selection: GridSelection

    @property
    def grid_layout(self) -> GridLayout:
        """Where the cells are now."""
        ...

    def visible_rows(self) -> range:
        """The rows in sight, at least partly."""
        ...

    def verticalScrollBar(self) -> QScrollBar:
        """How far it is scrolled."""
        ...


class GridAnchor:
    """Holds the place at which a grid is looked at while other rows are put into it."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._held: list[tuple[int, int]] = []
        grid.model.modelAboutToBeReset.connect(self._hold)

    def _hold(self) -> None:
        """Whoever is at the very top wants to see what comes there."""
        grid, top = self._grid, self._grid.verticalScrollBar().value()
        ids, row_of = grid.model.listing.ids, grid.model.listing.row_of
        rows = grid.visible_rows() if top > 0 else range(0)
        # Of an item that stands there several times only the first is found again.
        held = [(ids[row], grid.grid_layout.rect(row).top() - top) for row in rows if row_of.get(ids[row]) == row]
        # What is chosen may be what the person moves: the others hold the place first.
        self._held = sorted(held, key=lambda each: each[0] in grid.selection)

    def let_go(self) -> int | None:
        """Where to scroll to, once, so that the first that was in sight and still is here is where it was; or None."""
        held, self._held = self._held, []
        row_of = self._grid.model.listing.row_of
        return next(
            (self._grid.grid_layout.rect(row_of[each]).top() - above for each, above in held if each in row_of), None
        )

    def at_resize(self) -> tuple[int, int]:
        """The row that stays in sight when cells are placed anew, and how far it is under the view's upper edge: the
        current one if it is in sight, or else the first that is.
        """
        grid, layout = self._grid, self._grid.grid_layout
        rows = grid.visible_rows() if layout.count else range(1)
        current = grid.model.row_of(grid.selection.current)
        kept = current if current in rows else rows.start
        return kept, layout.rect(kept).top() - grid.verticalScrollBar().value() if kept < layout.count else 0
