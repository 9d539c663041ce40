"""How the library is looked at: as a grid or a list, how large, in what order. Kept among the window's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

from media_assistant.items.order import GROUPS, SORTS, Order
from media_assistant.ui.widgets.grid.layout import LEAST_WIDTH, NARROWEST, WIDEST

BEST = "best"
"""The order of a search's answers unless another one is asked for."""
STEP = 24
"""Pixels that a cell grows by with each step of the wheel."""


def falls(sort: str) -> bool:
    """Whether a sorting starts from its large end: names from A, everything else from the newest, longest, largest."""
    return sort not in ("name", "kind", "folder")


class ViewState(NamedTuple):
    """`columns` is what `ListHeader.kept` gave. `found` is the order of search results: BEST or one of SORTS."""

    is_list: bool = False
    cell_width: int = LEAST_WIDTH
    order: Order = Order()
    columns: str = ""
    found: Order = Order(BEST)

    @classmethod
    def restore(cls, kept: Mapping[str, str]) -> Self:
        """From the settings; what cannot be read is as the program came."""
        sort, group, cell = kept.get("sort", "added"), kept.get("group", ""), kept.get("cell", "")
        sort = sort if sort in SORTS else "added"
        return cls(
            kept.get("view") == "list",
            min(WIDEST, max(NARROWEST, int(cell))) if cell.isdecimal() and len(cell) < 5 else LEAST_WIDTH,
            Order(
                sort, kept.get("falls", "") == "1" if "falls" in kept else falls(sort), group if group in GROUPS else ""
            ),
            kept.get("columns", ""),
        )

    def kept(self) -> dict[str, str]:
        """For the settings."""
        return {
            "view": "list" if self.is_list else "grid",
            "cell": str(self.cell_width),
            "sort": self.order.sort,
            "falls": "1" if self.order.is_descending else "0",
            "group": self.order.group,
            "columns": self.columns,
        }

    def sized(self, steps: int) -> Self:
        """Larger or smaller pictures."""
        return self._replace(cell_width=min(WIDEST, max(NARROWEST, self.cell_width + steps * STEP)))

    def sorted_by(self, sort: str, *, is_search: bool) -> Self:
        """By this, the other way round if it was already."""
        before = self.found if is_search else self.order
        is_descending = not before.is_descending if before.sort == sort else falls(sort)
        after = before._replace(sort=sort, is_descending=is_descending)
        return self._replace(found=after) if is_search else self._replace(order=after)
