"""Where the cells of the grid are: arithmetic alone, so that a hundred thousand cost as much as ten."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

LEAST_WIDTH = 168
GAP = 14
MARGIN = 16
PICTURE_RATIO = 9 / 16
TICKS = 5
CAPTION = 52


@dataclass(frozen=True, slots=True)
class GridLayout:
    """`count` cells in a view `width` pixels wide. Rectangles are in content coordinates, top row at `MARGIN`."""

    count: int
    width: int

    @property
    def columns(self) -> int:
        """How many stand side by side."""
        return max(1, (self.width - 2 * MARGIN + GAP) // (LEAST_WIDTH + GAP))

    @property
    def cell_width(self) -> int:
        """Cells grow until the row is full."""
        return max(80, (self.width - 2 * MARGIN - (self.columns - 1) * GAP) // self.columns)

    @property
    def picture_height(self) -> int:
        """The picture's height without the ticks under it."""
        return round(self.cell_width * PICTURE_RATIO)

    @property
    def cell_height(self) -> int:
        """Picture, ticks and two lines."""
        return self.picture_height + TICKS + CAPTION

    @property
    def rows(self) -> int:
        """How many rows of cells."""
        return -(-self.count // self.columns)

    @property
    def height(self) -> int:
        """Of all the content."""
        return 2 * MARGIN - GAP + self.rows * (self.cell_height + GAP) if self.count else 0

    def rect(self, row: int) -> QRect:
        """Where the cell of list row `row` is."""
        line, column = divmod(row, self.columns)
        return QRect(
            MARGIN + column * (self.cell_width + GAP),
            MARGIN // 2 + line * (self.cell_height + GAP),
            self.cell_width,
            self.cell_height,
        )

    def row_at(self, x: int, y: int) -> int:
        """The list row under a point, or -1 in the gaps."""
        column, line = (x - MARGIN) // (self.cell_width + GAP), (y - MARGIN // 2) // (self.cell_height + GAP)
        row = line * self.columns + column
        if not 0 <= column < self.columns or line < 0 or not 0 <= row < self.count:
            return -1
        return row if self.rect(row).contains(x, y) else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """The list rows whose cells meet the band from `top` to `bottom`."""
        pitch = self.cell_height + GAP
        first, last = max(0, (top - MARGIN // 2) // pitch), max(0, (bottom - MARGIN // 2) // pitch)
        return range(min(self.count, first * self.columns), min(self.count, (last + 1) * self.columns))

    def rows_inside(self, band: QRect) -> list[int]:
        """The list rows whose cells meet a rubber band."""
        return [row for row in self.rows_between(band.top(), band.bottom()) if self.rect(row).intersects(band)]
