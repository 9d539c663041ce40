"""Where a key leads in the grid."""

from __future__ import annotations

from PySide6.QtCore import Qt

from media_assistant.ui.widgets.grid_layout import GridLayout


def grid_step(key: int, row: int, layout: GridLayout, height: int) -> int | None:
    """The row that an arrow, Home, End or a page key leads to from `row` (-1: nowhere yet); None for other keys."""
    last = layout.count - 1
    if last < 0:
        return None
    columns = layout.columns
    page = max(1, height // layout.cell_height) * columns
    steps: dict[int, int] = {
        int(Qt.Key.Key_Left): row - 1,
        int(Qt.Key.Key_Right): row + 1,
        int(Qt.Key.Key_Up): row - columns if row - columns >= 0 else row,
        int(Qt.Key.Key_Down): row + columns
        if row + columns <= last
        else (last if _has_row_below(row, layout) else row),
        int(Qt.Key.Key_PageUp): row - page if row >= page else row % columns,
        int(Qt.Key.Key_PageDown): row + page,
        int(Qt.Key.Key_Home): 0,
        int(Qt.Key.Key_End): last,
    }
    if int(key) not in steps:
        return None
    return 0 if row < 0 and int(key) != int(Qt.Key.Key_End) else min(last, max(0, steps[int(key)]))


def _has_row_below(row: int, layout: GridLayout) -> bool:
    return row // layout.columns < (layout.count - 1) // layout.columns
