"""A hundred thousand cells are arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt

from media_assistant.ui.widgets.grid.keys import grid_step, group_step
from media_assistant.ui.widgets.grid.layout import GAP, MARGIN, GridLayout
from media_assistant.ui.widgets.grid.selection import GridSelection

layouts = st.builds(GridLayout, st.integers(1, 3000), st.integers(120, 4000))


@given(layouts, st.data())
def test_what_is_painted_is_what_is_hit(layout: GridLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, layout.count - 1))
    rect = layout.rect(row)
    assert layout.row_at(rect.center().x(), rect.center().y()) == row
    assert layout.row_at(rect.left(), rect.top()) == row
    assert layout.row_at(rect.right() + GAP // 2 + 1, rect.center().y()) != row
    assert rect.left() >= MARGIN
    assert layout.columns == 1 or rect.right() < layout.width
    assert rect.bottom() <= layout.height
    assert row in layout.rows_between(rect.top(), rect.bottom())
    assert row in layout.rows_inside(QRect(rect.center(), rect.center()))


@st.composite
def grouped(draw: st.DrawFn) -> GridLayout:
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=60))
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    return GridLayout(sum(sizes), draw(st.integers(120, 3000)), starts=starts, is_list=draw(st.booleans()))


@given(grouped(), st.data())
def test_groups_are_painted_where_they_are_hit(layout: GridLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, layout.count - 1))
    rect, section = layout.rect(row), layout.section_of(row)
    assert row in layout.rows_of(section)
    assert layout.row_at(rect.center().x(), rect.center().y()) == row
    assert layout.row_at(rect.left(), rect.top()) == row
    assert rect.bottom() <= layout.height
    assert row in layout.rows_between(rect.top(), rect.bottom())
    assert row in layout.rows_inside(QRect(rect.center(), rect.center()))
    head = layout.head_rect(section)
    assert head.bottom() < layout.rect(layout.first_of(section)).top()
    assert layout.head_at(head.center().y()) == section
    assert layout.row_at(rect.center().x(), head.center().y()) == -1
    assert section in layout.sections_between(head.top(), head.bottom())
    assert layout.head_under(rect.top(), 2) == section
    if section:
        assert layout.rect(layout.first_of(section) - 1).bottom() < head.top()


@given(grouped(), st.data())
def test_every_item_is_reached_by_the_arrows(layout: GridLayout, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, layout.count - 1))
    below = layout.line_below(row, 1)
    if below != row:
        assert layout.rect(below).top() > layout.rect(row).top()
        assert layout.place_of(below)[2] <= layout.place_of(row)[2]
        back = layout.line_below(below, -1)
        assert layout.rect(back).top() == layout.rect(row).top()
    else:
        assert layout.place_of(row)[:2] == layout.place_of(layout.count - 1)[:2]
    assert 0 <= layout.line_below(row, -50) <= row
    for verb in ("group_on", "group_back"):
        assert layout.first_of(layout.section_of(group_step(verb, row, layout))) == group_step(verb, row, layout)


def test_of_ten_thousand_groups_only_those_in_sight_are_looked_at() -> None:
    layout = GridLayout(100_000, 850, starts=range(0, 100_000, 10))
    for top in range(0, layout.height - 800, layout.height // 500):
        assert 0 < len(layout.rows_between(top, top + 800)) <= 60
        assert 0 < len(layout.sections_between(top, top + 800)) <= 12


def test_of_a_hundred_thousand_only_those_in_sight_are_looked_at() -> None:
    layout = GridLayout(100_000, 1100)
    for top in range(0, layout.height, layout.height // 500):
        assert 0 < len(layout.rows_between(top, top + 800)) <= 5 * 6
    assert layout.rect(99_999).bottom() < layout.height


def test_nothing_has_no_height_and_no_rows() -> None:
    layout = GridLayout(0, 800)
    assert layout.height == 0
    assert list(layout.rows_between(0, 1000)) == []
    assert layout.row_at(50, 50) == -1
    assert grid_step(int(Qt.Key.Key_Down), -1, layout, 500) is None


@pytest.mark.parametrize(
    ("key", "row", "leads_to"),
    [
        (Qt.Key.Key_Right, 0, 1),
        (Qt.Key.Key_Left, 0, 0),
        (Qt.Key.Key_Down, 1, 5),
        (Qt.Key.Key_Down, 9, 9),
        (Qt.Key.Key_Down, 7, 9),
        (Qt.Key.Key_Up, 2, 2),
        (Qt.Key.Key_Up, 6, 2),
        (Qt.Key.Key_Home, 7, 0),
        (Qt.Key.Key_End, 0, 9),
        (Qt.Key.Key_End, -1, 9),
        (Qt.Key.Key_Right, -1, 0),
        (Qt.Key.Key_A, 3, None),
    ],
)
def test_keys_lead_where_people_expect(key: Qt.Key, row: int, leads_to: int | None) -> None:
    layout = GridLayout(10, 760)
    assert layout.columns == 4
    assert grid_step(int(key), row, layout, 400) == leads_to


def test_ranges_and_single_ones() -> None:
    chosen = GridSelection()
    ids = [10, 11, 12, 13, 14]
    chosen.choose(11)
    chosen.extend(ids, None, 13)
    assert chosen.chosen == {11, 12, 13}
    chosen.extend(ids, None, 10)
    assert chosen.chosen == {10, 11}
    chosen.toggle(14)
    assert chosen.chosen == {10, 11, 14}
    chosen.keep_only(None, [14])
    assert chosen.chosen == {10, 11}
    chosen.clear()
    assert not len(chosen)
    assert chosen.current == 14
