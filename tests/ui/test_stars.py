"""Stars: given in the inspector, by keys and to several at once, taken back, and there after a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.kind import Kind
from media_assistant.library.item_store import NewItem
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def until(qtbot: QtBot, is_so: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(is_so()), timeout=20_000)


@pytest.fixture
def running(qtbot: QtBot, open_window: Opener) -> Running:
    opened = open_window(works=False)
    new = [NewItem(Kind.PHOTO, f"/m/{n}.jpg", f"photo {n}", 1000 + n, 10**18, f"h{n}") for n in range(3)]
    opened.desk.events.take_changes(opened.assistant.library.add_items(new)[1])
    until(qtbot, lambda: opened.window.library.items.rowCount() == 3)
    return opened


def test_stars_are_given_by_mouse_and_by_keys_and_taken_back(qtbot: QtBot, running: Running) -> None:
    window, library = running.window, running.assistant.library
    grid, items = window.library.grid, window.library.items
    one = items.id_at(0)
    grid.setFocus()
    grid.go_to(0)
    stars = window.inspector.stars.stars
    until(qtbot, stars.isVisible)
    qtbot.mouseClick(stars, LEFT, pos=QPoint(2 + 22 * 2 + 11, 13))
    until(qtbot, lambda: library.ratings([one]) == {one: 3})
    until(qtbot, lambda: stars.value() == 3)
    assert "3" in stars.accessibleDescription()
    spoken = QAccessible.queryAccessibleInterface(stars)
    assert spoken.role() is QAccessible.Role.Slider
    assert spoken.text(QAccessible.Text.Name)
    qtbot.keyClick(stars, Qt.Key.Key_Right)
    until(qtbot, lambda: stars.value() == 4)
    qtbot.keyClick(stars, Qt.Key.Key_2)
    until(qtbot, lambda: stars.value() == 2)
    qtbot.mouseClick(stars, LEFT, pos=QPoint(2 + 22 + 11, 13))
    until(qtbot, lambda: library.ratings([one]) == {})
    grid.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_5, CONTROL)
    until(qtbot, lambda: library.ratings([one]) == {one: 5})
    window.library.search.ask("rated:>=4")
    until(qtbot, lambda: items.rowCount() == 1)
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    until(qtbot, lambda: library.ratings([one]) == {} and items.rowCount() == 0)


def test_stars_are_taken_back_after_a_restart(home: Path) -> None:
    def opened() -> Assistant:
        return Assistant.open(find_paths(), Settings(), works=False)

    before = opened()
    ids, _ = before.library.add_items([NewItem(Kind.PHOTO, "/m/a.jpg", "a", 1, 1, "h")])
    before.rate(ids, 2).result()
    before.rate(ids, 5).result()
    before.close()
    again = opened()
    try:
        assert again.library.ratings(ids) == {ids[0]: 5}
        again.undo().result()
        assert again.library.ratings(ids) == {ids[0]: 2}
        again.undo().result()
        assert again.library.ratings(ids) == {}
    finally:
        again.close()


def test_several_get_their_stars_in_one_step(qtbot: QtBot, running: Running) -> None:
    window, library = running.window, running.assistant.library
    ids = [window.library.items.id_at(row) for row in range(3)]
    running.desk.events.take_changes(library.rate(ids[:1], 2))
    window.library.grid.selection.set_all(ids)
    many = window.inspector.many.stars
    until(qtbot, lambda: many.isVisible() and many.mixed.isVisible())
    assert many.stars.accessibleDescription() == "different stars"
    window.library.grid.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_4, CONTROL)
    until(qtbot, lambda: library.ratings(ids) == dict.fromkeys(ids, 4))
    until(qtbot, lambda: many.stars.value() == 4 and not many.mixed.isVisible())
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    until(qtbot, lambda: library.ratings(ids) == {ids[0]: 2})


def test_digits_are_typed_where_a_person_types(qtbot: QtBot, running: Running) -> None:
    window = running.window
    window.library.grid.go_to(0)
    window.library.search.field.setFocus()
    qtbot.keyClicks(window.library.search.field, "5")
    assert window.library.search.text == "5"
    assert running.assistant.library.ratings([1, 2, 3]) == {}
