"""Where a key leads in the grid."""

from __future__ import annotations

from PySide6.QtCore import Qt

from media_assistant.ui.widgets.grid.layout import GridLayout


def grid_step(key: int, row: int, layout: GridLayout, height: int) -> int | None:
    """The row that an arrow, Home, End or a page key leads to from `row` (-1: nowhere yet); None for other keys."""
    last = layout.count - 1
    if last < 0:
        return None
    page = max(1, height // layout.cell_height)
    lines = {
        int(Qt.Key.Key_Up): -1,
        int(Qt.Key.Key_Down): 1,
        int(Qt.Key.Key_PageUp): -page,
        int(Qt.Key.Key_PageDown): page,
    }
    steps = {
        int(Qt.Key.Key_Left): row - 1,
        int(Qt.Key.Key_Right): row + 1,
        int(Qt.Key.Key_Home): 0,
        int(Qt.Key.Key_End): last,
    }
    if int(key) not in steps and int(key) not in lines:
        return None
    if row < 0:
        return last if int(key) == int(Qt.Key.Key_End) else 0
    if int(key) in lines:
        return layout.line_below(row, lines[int(key)])
    return min(last, max(0, steps[int(key)]))


def group_step(verb: str, row: int, layout: GridLayout) -> int:
    """The first row of the group before (`group_back`) or behind (`group_on`) the one that `row` is in."""
    here = layout.section_of(max(0, row))
    if verb == "group_back" and row > layout.first_of(here):
        return layout.first_of(here)
    return layout.first_of(min(layout.sections - 1, max(0, here + (1 if verb == "group_on" else -1))))
