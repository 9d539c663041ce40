"""All that a search finds is chosen, also what its limit keeps back: what is done to the chosen ones is done to all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt

from media_assistant.ui.asking import Asking
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.grid.view import GridView


class ChoosingAll:
    """What is in the grid is chosen at once, the others when they have come. Another choice meanwhile, or another question,
    is another wish.
    """

    def __init__(self, desk: Desk, asking: Asking, grid: GridView) -> None:
        self._desk = desk
        self._asking = asking
        self._grid = grid
        self._chosen: frozenset[int] | None = None
        self._to_end: Qt.KeyboardModifier | None = None
        """What was held with End; None where all is wanted."""
        grid.all_wanted.connect(lambda: self._want(None))
        grid.end_wanted.connect(self._want)
        asking.begun.connect(self._give_up)

    def _want(self, to_end: Qt.KeyboardModifier | None) -> None:
        self._give_up()
        if self._asking.go_on():
            self._chosen, self._to_end = self._grid.selection.chosen, to_end
            self._desk.tell("ui.search.choosing_all")

    def take(self) -> None:
        """More of the answer is in the grid now."""
        if self._chosen is None or self._asking.is_early or self._asking.go_on():
            return
        is_wanted = self._chosen == self._grid.selection.chosen
        self._give_up()
        if not is_wanted:
            return
        if self._to_end is not None:
            self._grid.go_to(self._grid.model.rowCount() - 1, self._to_end)
        else:
            self._grid.selection.set_all(self._grid.model.listing.ids)

    def _give_up(self) -> None:
        self._chosen = None
