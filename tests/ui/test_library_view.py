"""The library as a person looks at it: chosen by mouse and keys, sized, ordered, grouped, as a grid and as a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAccessible, QAction, QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.item import Captured, DateSource, Facts
from media_assistant.items.kind import Kind
from media_assistant.library.item_store import NewItem
from media_assistant.settings import Settings, load
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.grid.group_heads import group_title
from media_assistant.ui.widgets.grid.layout import LINE
from media_assistant.ui.widgets.grid.list_columns import COLUMNS
from media_assistant.ui.widgets.grid.painter import GridPainter
from media_assistant.ui.widgets.grid.view_state import ViewState

LONG = 20_000
Opener = Callable[..., Running]
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def fill(running: Running, count: int = 40) -> list[int]:
    """Photos of two a day and films without a day, their names not in the order in which they came."""
    new = []
    for at in range(count):
        captured = Captured(f"2024-05-{at // 2 + 1:02}T10:00:00", None, DateSource.EXIF) if at % 4 else None
        facts = Facts(duration_ms=0 if at % 4 else 60_000 + at, captured=captured)
        kind = Kind.PHOTO if at % 4 else Kind.VIDEO
        new.append(NewItem(kind, f"/nowhere/{at % 3}/{at}", f"n{count - at}", 1000 + at, 1, f"{at:032x}", facts))
    ids, changes = running.assistant.library.add_items(new)
    running.desk.events.take_changes(changes)
    return ids


@pytest.fixture
def running(qtbot: QtBot, open_window: Opener) -> Running:
    opened: Running = open_window(works=False)
    fill(opened)
    items = opened.window.library.items
    qtbot.waitUntil(lambda: items.rowCount() == 40 and items.item_at(0) is not None, timeout=LONG)
    return opened


def shown(running: Running) -> list[int]:
    return list(running.window.library.items.listing.ids)


def click(qtbot: QtBot, running: Running, row: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    grid = running.window.library.grid
    where = grid.cell_rect(row).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, where)


@pytest.mark.parametrize("is_list", [False, True])
@pytest.mark.parametrize("group", ["", "day"])
def test_what_is_scrolled_looks_as_if_it_were_painted_anew(
    qtbot: QtBot, running: Running, group: str, *, is_list: bool
) -> None:
    """Most of it is moved, not painted: whatever stays or changes meanwhile must not leave traces."""
    view, grid = running.window.library.view_bar, running.window.library.grid
    # Nobody finds out between two looks that the files are not there.
    grid.looked_at.disconnect(running.assistant.relinking.check)
    view.show_as(is_list=is_list)
    view.group_by(group)
    qtbot.waitUntil(lambda: running.window.library.items.listing.grouped_by == group, timeout=LONG)
    click(qtbot, running, 3)
    bar, viewport = grid.verticalScrollBar(), grid.viewport()
    assert bar.maximum() > 300
    where = QRect(viewport.mapTo(running.window, QPoint()), viewport.size())
    thumbnails = grid.canvas._thumbnails

    def ids_in_sight() -> list[int]:
        return [running.window.library.items.id_at(row) for row in grid.visible_rows()]

    for step in (37, 120, -61, 5, 300, -12, 95, -400):
        QTest.mouseMove(viewport, grid.cell_rect(grid.visible_rows()[4]).center())
        # Until it is known that none of these has a picture, what stands for one comes and goes.
        qtbot.waitUntil(lambda: all(map(thumbnails.has_none, ids_in_sight())) and not thumbnails.is_busy, timeout=LONG)
        QCoreApplication.sendPostedEvents(running.window, QEvent.Type.UpdateRequest)
        bar.setValue(bar.value() + step)
        QCoreApplication.sendPostedEvents(running.window, QEvent.Type.UpdateRequest)
        seen = running.window.screen().grabWindow(running.window.winId()).copy(where).toImage()
        grid.canvas.forget()
        viewport.repaint()
        anew = running.window.screen().grabWindow(running.window.winId()).copy(where).toImage()
        assert seen.size() == where.size() and seen == anew, step


def test_what_comes_into_sight_was_painted_while_nobody_waited(
    qtbot: QtBot, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cell at a time; a frame of scrolling then copies it. A cell that has changed since is painted again."""
    grid, painted = running.window.library.grid, list[str]()
    bar, view = grid.verticalScrollBar(), grid.viewport()
    draw = GridPainter.paint

    def note(self: GridPainter, *where: Any, **what: Any) -> None:
        painted.append(what["item"].title if what["item"] else "")
        draw(self, *where, **what)

    monkeypatch.setattr(GridPainter, "paint", note)
    bar.setValue(20)
    below = grid.grid_layout.rows_between(bar.value() + view.height() + 1, bar.value() + 2 * view.height())
    step = grid.grid_layout.cell_height
    rows = below[: grid.grid_layout.columns]
    wanted = {grid.model.item_at(row).title for row in rows}  # type: ignore[union-attr]
    qtbot.waitUntil(
        lambda: (
            # What has its picture, or is known to have none, is painted for good.
            all(running.desk.thumbnails.has_none(grid.model.id_at(row)) for row in rows)
            and wanted <= set(painted)
            and not grid._ahead.isActive()
        ),
        timeout=LONG,
    )
    painted.clear()
    bar.setValue(bar.value() + step)
    QCoreApplication.sendPostedEvents(running.window, QEvent.Type.UpdateRequest)
    assert not wanted & set(painted)
    running.desk.words.speak("zh_CN")
    QCoreApplication.sendPostedEvents(running.window, QEvent.Type.UpdateRequest)
    assert wanted <= set(painted)


def test_several_are_chosen_with_shift_and_control(qtbot: QtBot, running: Running) -> None:
    grid, ids = running.window.library.grid, shown(running)
    click(qtbot, running, 1)
    click(qtbot, running, 4, SHIFT)
    assert grid.selection.chosen == set(ids[1:5])
    click(qtbot, running, 2, CONTROL)
    assert grid.selection.chosen == {ids[1], ids[3], ids[4]}
    click(qtbot, running, 4, CONTROL | SHIFT)
    assert grid.selection.chosen == set(ids[1:5])
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    assert grid.selection.chosen == set(ids[:2])
    qtbot.keyClick(grid, Qt.Key.Key_Right, CONTROL)
    assert grid.selection.chosen == set(ids[:2])
    qtbot.keyClick(grid, Qt.Key.Key_Right, CONTROL)
    qtbot.keyClick(grid, Qt.Key.Key_Space, CONTROL)
    assert grid.selection.chosen == {*ids[:2], ids[3]}
    qtbot.keyClick(grid, Qt.Key.Key_Right, CONTROL | SHIFT)
    assert grid.selection.chosen == {*ids[:2], ids[3], ids[4]}


def test_a_rubber_band_chooses_what_it_meets_and_scrolls(qtbot: QtBot, running: Running) -> None:
    grid, ids = running.window.library.grid, shown(running)
    view, layout = grid.viewport(), grid.grid_layout
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, NONE, QPoint(4, 2))
    qtbot.mouseMove(view, grid.cell_rect(1).center())
    assert grid.selection.chosen == set(ids[:2])
    qtbot.mouseMove(view, QPoint(layout.rect(1).center().x(), view.height() + 60))
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() > 100, timeout=LONG)
    qtbot.waitUntil(lambda: len(grid.selection) >= 8, timeout=LONG)
    assert {layout.place_of(grid.model.row_of(item_id))[2] for item_id in grid.selection.chosen} == {0, 1}
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, NONE, QPoint(300, 300))
    before = grid.selection.chosen
    grid.verticalScrollBar().setValue(0)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, CONTROL, QPoint(view.width() - 3, 2))
    qtbot.mouseMove(view, grid.cell_rect(layout.columns - 1).center())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, CONTROL, grid.cell_rect(layout.columns - 1).center())
    assert grid.selection.chosen == before | {ids[layout.columns - 1]}
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, NONE, QPoint(2, 2))
    assert not len(grid.selection)


def test_what_is_looked_at_stays_while_files_come_and_go_above_it(qtbot: QtBot, running: Running) -> None:
    """The newest come first, and nothing runs away under the mouse; at the very top they come into sight."""
    grid, library = running.window.library.grid, running.assistant.library
    bar, before = grid.verticalScrollBar(), shown(running)

    def come(first: int, count: int) -> None:
        facts = Facts(duration_ms=0)
        new = [
            NewItem(Kind.PHOTO, f"/later/{at}", f"l{at}", 1, 1, f"{at:032x}", facts)
            for at in range(first, first + count)
        ]
        running.desk.events.take_changes(library.add_items(new)[1])
        qtbot.waitUntil(lambda: len(shown(running)) == at_first + count, timeout=LONG)

    at_first = len(before)
    bar.setValue(grid.grid_layout.cell_height + 30)
    item_id = grid.ids_of(grid.visible_rows())[0]
    top = grid.cell_rect(grid.model.row_of(item_id)).top()
    come(1000, 3 * grid.grid_layout.columns)
    assert grid.cell_rect(grid.model.row_of(item_id)).top() == top
    removed = shown(running)[: grid.grid_layout.columns + 1]
    running.desk.events.take_changes(library.remove_items(removed))
    qtbot.waitUntil(lambda: not set(removed) & set(shown(running)), timeout=LONG)
    assert grid.cell_rect(grid.model.row_of(item_id)).top() == top
    at_first = len(shown(running))
    bar.setValue(0)
    come(2000, 5)
    assert bar.value() == 0


def wheel(running: Running, steps: int, modifiers: Qt.KeyboardModifier) -> None:
    view = running.window.library.grid.viewport()
    middle = QPointF(view.rect().center())
    turn = QPoint(0, 120 * steps)
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, QPointF(view.mapToGlobal(middle.toPoint())), QPoint(), turn, Qt.MouseButton.NoButton, modifiers, phase, False)  # fmt: skip
    QApplication.sendEvent(view, event)


def test_pictures_grow_with_the_wheel_the_keys_and_the_slider(qtbot: QtBot, running: Running) -> None:
    library = running.window.library
    grid, slider = library.grid, library.view_bar.slider
    columns, first = grid.grid_layout.columns, slider.value()
    wheel(running, 1, CONTROL)
    assert slider.value() > first
    assert grid.verticalScrollBar().value() == 0
    grid.setFocus()
    for _ in range(4):
        qtbot.keyClick(grid, Qt.Key.Key_Plus, CONTROL)
    assert grid.grid_layout.columns < columns
    click(qtbot, running, 9)
    grid.scroll_to(9)
    for _ in range(12):
        wheel(running, -1, CONTROL)
    assert slider.value() == slider.minimum()
    assert 9 in grid.visible_rows()
    slider.setValue(slider.maximum())
    assert grid.grid_layout.columns <= 2
    assert 9 in grid.visible_rows()
    wheel(running, -1, NONE)
    assert slider.value() == slider.maximum()


def test_order_and_groups(qtbot: QtBot, running: Running) -> None:
    library = running.window.library
    bar, items = library.view_bar, library.items
    bar.sort_by("name")
    qtbot.waitUntil(lambda: [items.item_at(row) and items.item_at(row).title for row in range(3)] == ["n1", "n2", "n3"])
    bar.sort_by("name")
    qtbot.waitUntil(lambda: items.item_at(0) is not None and items.item_at(0).title == "n40", timeout=LONG)
    bar.group_by("day")
    qtbot.waitUntil(lambda: bool(items.listing.groups), timeout=LONG)
    assert [group.key for group in items.listing.groups][:2] == ["2024-05-20", "2024-05-19"]
    assert items.listing.groups[-1].key == ""
    assert sum(group.size for group in items.listing.groups) == 40
    grid = library.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert items.row_of(grid.selection.current) == items.listing.starts[1]
    qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL | SHIFT)
    assert len(grid.selection) == items.listing.groups[1].size
    head = grid.grid_layout.head_rect(0).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, NONE, head)
    assert grid.selection.chosen == set(shown(running)[: items.listing.groups[0].size])


def test_heads_say_days_as_the_columns_do_and_the_order_says_which_day(qtbot: QtBot, running: Running) -> None:
    bar, items, words = running.window.library.view_bar, running.window.library.items, running.desk.words
    bar.group_by("day")
    qtbot.waitUntil(lambda: bool(items.listing.groups), timeout=LONG)
    assert items.listing.groups[0].key == "2024-05-20"
    assert group_title(words, "day", "2024-05-20") == words.date("2024-05-20") == "20 May 2024"
    assert bar.sort.text() == "Date added ↓ · by day made", "they were all added today"
    words.speak("zh_CN")
    assert group_title(words, "day", "2024-05-20") == "2024年5月20日"


def test_under_the_head_that_stays_at_the_edge_nothing_is_hit_and_keys_go_to_other_groups(
    qtbot: QtBot, running: Running
) -> None:
    library = running.window.library
    grid, items, left = library.grid, library.items, Qt.MouseButton.LeftButton
    library.view_bar.group_by("kind")
    qtbot.waitUntil(lambda: len(items.listing.groups) == 2, timeout=LONG)
    first = items.listing.groups[0]
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    grid.verticalScrollBar().setValue(grid.cell_rect(0).center().y())
    head = QPoint(grid.cell_rect(0).center().x(), grid.grid_layout.head // 2)
    under = grid.grid_layout.row_at(head.x(), head.y() + grid.verticalScrollBar().value())
    assert under == 0, "a cell lies there, and the head over it"
    told: list[str] = []
    grid.played.connect(lambda _id: told.append("played"))
    grid.opened.connect(lambda _id: told.append("opened"))
    grid.menu_wanted.connect(lambda _where: told.append("menu"))
    qtbot.mouseClick(grid.viewport(), left, NONE, head)
    assert len(grid.selection) == first.size, "the group is chosen, and stays so"
    qtbot.mouseDClick(grid.viewport(), left, NONE, head)
    at = grid.viewport().mapToGlobal(head)
    QApplication.sendEvent(grid.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, head, at))
    assert not told and len(grid.selection) == first.size
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert items.row_of(grid.selection.current) == items.listing.starts[1] > grid.grid_layout.columns
    qtbot.keyClick(grid, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert items.row_of(grid.selection.current) == 0


def test_the_list_has_columns_that_sort_and_keep_their_width(qtbot: QtBot, running: Running) -> None:
    library = running.window.library
    bar, grid, items = library.view_bar, library.grid, library.items
    bar.list_button.click()
    assert grid.is_list
    assert grid.grid_layout.columns == 1
    assert grid.cell_rect(1).top() - grid.cell_rect(0).top() == LINE
    header = grid.header
    assert [field.column.name for field in header.fields][:2] == ["name", "length"] or header.fields[0].width >= 180
    at = next(at for at, column in enumerate(COLUMNS) if column.name == "length")
    where = QPoint(header.sectionViewportPosition(at) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, NONE, where)
    qtbot.waitUntil(lambda: items.item_at(0) is not None and items.item_at(0).facts.duration_ms == 60_036, timeout=LONG)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, NONE, where)
    qtbot.waitUntil(lambda: items.item_at(0) is not None and items.item_at(0).facts.duration_ms == 0, timeout=LONG)
    edge = header.sectionViewportPosition(at) + header.sectionSize(at) - 1
    width = header.sectionSize(at)
    qtbot.mousePress(header.viewport(), Qt.MouseButton.LeftButton, NONE, QPoint(edge, 10))
    qtbot.mouseMove(header.viewport(), QPoint(edge + 30, 10))
    qtbot.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, NONE, QPoint(edge + 30, 10))
    assert header.sectionSize(at) == width + 30
    click(qtbot, running, 3)
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert grid.selection.chosen == set(shown(running)[3:5])
    running.window.library.view_bar.keep()
    file = running.assistant.paths.config / "settings.json"
    # The layout is kept by itself too, and may have been before the width was another one.
    qtbot.waitUntil(lambda: f"length:{width + 30}" in load(file).window.get("columns", ""), timeout=LONG)
    assert load(file).window["view"] == "list"


def test_how_the_library_is_looked_at_is_kept(qtbot: QtBot, running: Running) -> None:
    bar = running.window.library.view_bar
    bar.slider.setValue(300)
    bar.sort_by("size")
    bar.group_by("kind")
    running.window.keep_layout()
    file = running.assistant.paths.config / "settings.json"
    qtbot.waitUntil(lambda: "geometry" in load(file).window, timeout=LONG)
    assert load(file).window["group"] == "kind"


def test_the_library_opens_as_it_was_looked_at(qtbot: QtBot, open_window: Opener) -> None:
    kept = {
        "view": "grid",
        "cell": "300",
        "sort": "size",
        "falls": "0",
        "group": "kind",
        "columns": "kind:0 nonsense:x",
    }
    running = open_window(works=False, settings=Settings(language="en", window=kept))
    fill(running)
    library = running.window.library
    qtbot.waitUntil(lambda: len(library.items.listing.groups) == 2, timeout=LONG)
    assert library.view_bar.sort.text() == "Size ↑ · by kind"
    assert library.grid.grid_layout.cell_width >= 300
    library.view_bar.show_as(is_list=True)
    assert "kind" not in [field.column.name for field in library.grid.header.fields]
    odd = ViewState.restore({"view": "?", "cell": "9" * 9, "sort": "colour", "group": "hue", "columns": ""})
    assert odd == ViewState()


def test_a_window_that_opens_as_a_list_sorts_by_its_heads(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, settings=Settings(language="en", window={"view": "list", "columns": "kind:0"}))
    fill(running)
    library = running.window.library
    header = library.grid.header
    assert "kind" not in [field.column.name for field in header.fields]
    header.sectionClicked.emit(0)
    assert library.view_bar.sort.text() == "Name ↑"


def test_a_screen_reader_reads_groups_rows_and_columns(qtbot: QtBot, running: Running) -> None:
    library = running.window.library
    library.view_bar.group_by("kind")
    qtbot.waitUntil(lambda: len(library.items.listing.groups) == 2, timeout=LONG)
    grid = QAccessible.queryAccessibleInterface(library.grid)
    assert grid.childCount() == 42
    assert grid.child(0).role() == QAccessible.Role.Heading
    assert grid.child(0).text(QAccessible.Text.Name) == "Videos, 10 items"
    assert grid.child(11).text(QAccessible.Text.Name) == "Photos, 30 items"
    assert grid.child(1).role() == QAccessible.Role.ListItem
    library.grid.go_to(10)
    assert grid.indexOfChild(grid.focusChild()) == 12
    assert grid.focusChild().state().selected
    assert grid.text(QAccessible.Text.Description)
    library.view_bar.show_as(is_list=True)
    qtbot.waitUntil(lambda: library.items.item_at(10) is not None, timeout=LONG)
    row = grid.child(12)
    fields = [row.child(at) for at in range(row.childCount())]
    assert fields[0].text(QAccessible.Text.Description) == "Name"
    assert fields[0].text(QAccessible.Text.Name) == library.items.item_at(10).title
    assert all(field.role() == QAccessible.Role.Cell and field.rect().isValid() for field in fields)
    assert row.indexOfChild(fields[1]) == 1


def test_down_from_a_new_question_leads_to_its_best_answer(qtbot: QtBot, running: Running) -> None:
    grid, search = running.window.library.grid, running.window.library.search
    grid.go_to(39)
    qtbot.keyClick(running.window, Qt.Key.Key_F, CONTROL)
    search.ask("kind:video")
    qtbot.waitUntil(lambda: len(shown(running)) == 10 and running.window.library.answer is not None, timeout=LONG)
    qtbot.keyClick(search.field, Qt.Key.Key_Down)
    assert grid.hasFocus() and grid.selection.current == shown(running)[0]
    assert grid.selection.chosen == {shown(running)[0]}
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    search.field.setFocus()
    qtbot.keyClick(search.field, Qt.Key.Key_Down)
    assert grid.selection.current == shown(running)[1], "the same question: where the person was"


def test_columns_are_chosen_from_the_menu_of_the_order_too(qtbot: QtBot, running: Running) -> None:
    bar, grid = running.window.library.view_bar, running.window.library.grid

    def offered() -> dict[str, QAction]:
        bar._menu.aboutToShow.emit()
        actions, head = bar._menu.actions(), running.desk.words.say("ui.list.heads")
        at = next((at for at, action in enumerate(actions) if action.text() == head), len(actions))
        return {action.text(): action for action in actions[at + 1 :]}

    assert not offered(), "a grid has no columns"
    bar.list_button.click()
    shown = [field.column.name for field in grid.header.fields]
    action = offered()[running.desk.words.say(f"ui.column.{shown[1]}")]
    assert action.isChecked()
    assert len(offered()) == len(COLUMNS) - 1
    offered()[running.desk.words.say(f"ui.column.{shown[1]}")].trigger()
    assert shown[1] not in [field.column.name for field in grid.header.fields]


def test_what_has_an_order_of_its_own_has_columns_in_the_menu_and_no_orders(qtbot: QtBot, running: Running) -> None:
    bar, library, say = running.window.library.view_bar, running.window.library, running.desk.words.say
    bar.list_button.click()
    running.window.go(Place(is_recent=True))
    qtbot.waitUntil(lambda: bar.sort.text() == say("ui.list.heads"), timeout=LONG)
    assert bar.sort.isVisible()
    bar._menu.aboutToShow.emit()
    names = [action.text() for action in bar._menu.actions()]
    assert names[0] == say("ui.list.heads")
    assert say("ui.sort.label") not in names and len(names) == len(COLUMNS)
    bar.grid_button.click()
    assert not bar.sort.isVisible(), "a grid has neither"
    library.search.field.setText("n1")
    qtbot.waitUntil(lambda: bar.sort.text() == say("ui.sort.best"), timeout=LONG)
    assert bar.sort.isVisible()
