"""Where the cells of the grid are: arithmetic alone, so that a hundred thousand cost as much as ten.

Cells stand in lines, lines in sections. Without groups there is one section without a head; the list is a grid of one
column. Finding a cell is a bisection over the sections and a division.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QRect

LEAST_WIDTH = 168
NARROWEST, WIDEST = 104, 440
"""How wide a cell may be asked to be, in pixels."""
GAP = 14
MARGIN = 16
PICTURE_RATIO = 9 / 16
TICKS = 5
CAPTION = 52
HEAD = 34
"""The height of a group's head."""
LINE = 34
"""The height of a row of the list."""


class GridLayout:
    """`count` cells in a view `width` pixels wide. Rectangles are in content coordinates.

    `starts` are the first rows of the groups, if there are any; `is_list` puts one flat cell on a line.
    """

    __slots__ = (
        "_ends", "_pitch_x", "_pitch_y", "_starts", "_tops", "cell_height", "cell_width", "columns", "count", "head",
        "height", "is_list", "margin", "picture_height", "top", "width",
    )  # fmt: skip

    def __init__(
        self,
        count: int,
        width: int,
        *,
        least_width: int = LEAST_WIDTH,
        starts: Sequence[int] = (),
        is_list: bool = False,
    ) -> None:
        self.count = count
        self.width = width
        self.is_list = is_list
        self.head = HEAD if starts else 0
        self.margin = 0 if is_list else MARGIN
        self.top = 0 if is_list or starts else MARGIN // 2
        gap = 0 if is_list else GAP
        room = max(1, width - 2 * self.margin)
        self.columns = 1 if is_list else max(1, (room + gap) // (least_width + gap))
        self.cell_width = max(80, (room - (self.columns - 1) * gap) // self.columns)
        """Cells grow until the line is full."""
        self.picture_height = 0 if is_list else round(self.cell_width * PICTURE_RATIO)
        """The picture's height without the ticks under it."""
        self.cell_height = LINE if is_list else self.picture_height + TICKS + CAPTION
        self._pitch_x, self._pitch_y = self.cell_width + gap, self.cell_height + gap
        self._starts = starts or (0,)
        self._ends = (*self._starts[1:], count)
        pitch, columns, head = self._pitch_y, self.columns, self.head
        self._tops = list(
            accumulate(
                (
                    head + -(-(end - start) // columns) * pitch
                    for start, end in zip(self._starts, self._ends, strict=True)
                ),
                initial=self.top,
            )
        )
        """Where each section's head begins, and where the last one ends."""
        self.height = self._tops[-1] + 2 * self.margin - gap - self.top if count else 0

    # ── sections ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def sections(self) -> int:
        """How many groups there are; 0 without groups."""
        return len(self._starts) if self.head else 0

    def section_of(self, row: int) -> int:
        """The group that a list row is in."""
        return bisect_right(self._starts, row) - 1

    def first_of(self, section: int) -> int:
        """A group's first row."""
        return self._starts[section]

    def rows_of(self, section: int) -> range:
        """A group's rows."""
        return range(self._starts[section], self._ends[section])

    def head_rect(self, section: int) -> QRect:
        """A group's head, as wide as the view."""
        return QRect(0, self._tops[section], self.width, self.head)

    def section_at(self, y: int) -> int:
        """The group that lies at a height, the nearest one above and below all."""
        return min(max(0, bisect_right(self._tops, y) - 1), len(self._starts) - 1)

    def sections_between(self, top: int, bottom: int) -> range:
        """The groups whose heads or cells meet the band; empty without groups."""
        return range(self.section_at(top), self.section_at(bottom) + 1) if self.head and self.count else range(0)

    # ── cells ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def place_of(self, row: int) -> tuple[int, int, int]:
        """(section, line within it, column) of a list row."""
        section = self.section_of(row)
        return (section, *divmod(row - self._starts[section], self.columns))

    def rect(self, row: int) -> QRect:
        """Where the cell of list row `row` is."""
        section, line, column = self.place_of(row)
        return QRect(
            self.margin + column * self._pitch_x,
            self._tops[section] + self.head + line * self._pitch_y,
            self.cell_width,
            self.cell_height,
        )

    def row_at(self, x: int, y: int) -> int:
        """The list row under a point, or -1 in the gaps and on heads."""
        column = (x - self.margin) // self._pitch_x
        section = self.section_at(y)
        line = (y - self._tops[section] - self.head) // self._pitch_y
        row = self._starts[section] + line * self.columns + column
        if not 0 <= column < self.columns or line < 0 or not 0 <= row < self._ends[section]:
            return -1
        return row if self.rect(row).contains(x, y) else -1

    def head_at(self, y: int) -> int:
        """The group whose head is at a height, or -1."""
        section = self.section_at(y)
        return section if self.head and self._tops[section] <= y < self._tops[section] + self.head else -1

    def head_under(self, top: int, y: int) -> int:
        """The group whose head is seen `y` pixels below the edge of a view scrolled to `top`, or -1.

        The head of the group at the upper edge stays there.
        """
        if self.head and top > 0 and 0 <= y < self.head and self.head_at(top + y) < 0:
            return self.section_at(top + y)
        return self.head_at(top + y)

    def rows_between(self, top: int, bottom: int) -> range:
        """The list rows whose lines meet the band from `top` to `bottom`."""
        if not self.count or bottom < 0:
            return range(0)
        return range(self._row_from(top), self._row_from(bottom, is_end=True))

    def _row_from(self, y: int, *, is_end: bool = False) -> int:
        section = self.section_at(y)
        line = (y - self._tops[section] - self.head) // self._pitch_y
        first = self._starts[section] + (line + is_end) * self.columns
        return min(max(self._starts[section], first), self._ends[section])

    def rows_inside(self, band: QRect) -> list[int]:
        """The list rows whose cells meet a rubber band."""
        return [row for row in self.rows_between(band.top(), band.bottom()) if self.rect(row).intersects(band)]

    # ── steps of the keyboard ─────────────────────────────────────────────────────────────────────────────────────

    def line_below(self, row: int, lines: int) -> int:
        """The row `lines` lines below (above, if negative), in the same column or the last one that there is.

        Stays on the first line upwards and on the last one downwards.
        """
        section, line, column = self.place_of(row)
        for _ in range(abs(lines)):
            if lines > 0:
                if (line + 1) * self.columns < self._ends[section] - self._starts[section]:
                    line += 1
                elif section + 1 < len(self._starts):
                    section, line = section + 1, 0
                else:
                    break
            elif line > 0:
                line -= 1
            elif section > 0:
                section -= 1
                line = (self._ends[section] - self._starts[section] - 1) // self.columns
            else:
                break
        return min(self._starts[section] + line * self.columns + column, self._ends[section] - 1)
