"""The map: looked at, gone about on and chosen from, by mouse, by keys and read aloud."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.kind import Kind
from media_assistant.library.layout_file import Layout, keep_layout
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.panels.map_panel import RENEWS_MS, RESTS, MapPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.map import surface
from media_assistant.ui.widgets.map.canvas import MapCanvas
from media_assistant.ui.widgets.map.picture import CARD
from media_assistant.workflows.order.mapping import LibraryMap
from tests.workflows.finding import BEACH, add, find, label, vector
from tests.workflows.recommend_library import fill

Opener = Callable[..., Running]
LONG = 20_000


@pytest.fixture
def laid(home: Path) -> list[int]:
    """Six by ten things in a square, as if laid out before; a beach among them, and one of which nothing is known."""
    paths = find_paths()
    library = Library.open(paths.library)
    ids = sorted(fill(library, 60))
    find(library, ids[7], label(BEACH), vector("looks", np.ones(32)), analyser="tags")
    add(library, "of which nothing is known", Kind.TEXT)
    spots = np.array([[at % 10, at // 10] for at in range(60)], np.float32) * 4
    keep_layout(paths.layouts, Layout(np.array(ids), spots, 60, 0.0))
    library.finding.close()
    library.close()
    return ids


def opened(qtbot: QtBot, running: Running) -> MapPanel:
    """The page, by its key."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(running.window, Qt.Key.Key_M, both)
    panel = running.window.page("map")
    assert isinstance(panel, MapPanel)
    qtbot.waitUntil(lambda: panel.map is not None, timeout=LONG)
    return panel


def still(qtbot: QtBot, canvas: MapCanvas) -> None:
    """Until it is painted as it is wished."""
    qtbot.waitUntil(
        lambda: canvas.picture is not None and not canvas._is_painting and not canvas._is_stale, timeout=LONG
    )


def move(canvas: MapCanvas, kind: QEvent.Type, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    where = QPointF(point)
    left = Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(kind, where, canvas.mapToGlobal(where), left, held, modifiers)
    QApplication.sendEvent(canvas, event)


def drag(canvas: MapCanvas, *points: QPointF, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    line = [point.toPoint() for point in points]
    move(canvas, QEvent.Type.MouseButtonPress, line[0], modifiers)
    for point in line[1:]:
        move(canvas, QEvent.Type.MouseMove, point, modifiers)
    move(canvas, QEvent.Type.MouseButtonRelease, line[-1], modifiers)


def test_a_library_with_little_says_what_it_needs(qtbot: QtBot, open_window: Opener, home: Path) -> None:
    panel = opened(qtbot, open_window(works=False, language="zh_CN"))
    assert panel.nothing.isVisible() and not panel.canvas.isVisible() and not panel.anew.isVisible()


def test_by_keys_and_read_aloud(qtbot: QtBot, open_window: Opener, laid: list[int]) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running)
    canvas = panel.canvas
    qtbot.waitUntil(canvas.hasFocus)
    still(qtbot, canvas)
    assert "1" in panel.state.text(), "one thing is said not to be on it"
    canvas.go_to(laid[0])
    qtbot.waitUntil(lambda: canvas.current == laid[0])
    for key, row in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 11), (Qt.Key.Key_Left, 10), (Qt.Key.Key_Up, 0)):
        QTest.keyClick(canvas, key)
        qtbot.waitUntil(lambda row=row: canvas.current == laid[row])
    reader = QAccessible.queryAccessibleInterface(canvas)
    item = running.assistant.library.item(laid[0])
    assert item is not None and reader.text(QAccessible.Text.Value) == item.title
    assert "60" in reader.text(QAccessible.Text.Description)
    before = canvas.sight.scale
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.sight.scale > before
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.sight.scale == pytest.approx(before)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert panel.chosen == (laid[0],) == running.window.chosen_ids() and panel.foot.isVisible()
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert running.window.is_playing_large and running.window.player.item_id == laid[0]


def test_a_map_that_was_looked_at_for_long_follows_a_change_no_later(
    qtbot: QtBot, open_window: Opener, laid: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[int] = []
    running = open_window(works=False)
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: not panel._is_making, timeout=LONG)
    began = time.monotonic()
    panel.renew()
    qtbot.waitUntil(lambda: not panel._is_making, timeout=LONG)
    took_ms = (time.monotonic() - began) * 1000
    qtbot.wait(500)
    monkeypatch.setattr(panel._later, "start", waits.append)
    running.desk.events.take_changes(LibraryChanges(moments=(laid[0],)))
    qtbot.waitUntil(lambda: bool(waits), timeout=LONG)
    assert waits[0] <= max(RENEWS_MS, RESTS * (took_ms + 1))


@pytest.mark.parametrize("has_gone_on", [False, True])
def test_it_has_the_keyboard_unless_the_person_took_it_elsewhere(
    qtbot: QtBot, open_window: Opener, laid: list[int], monkeypatch: pytest.MonkeyPatch, *, has_gone_on: bool
) -> None:
    """A large library takes its time to be laid out for the first time."""
    running = open_window(works=False)
    found = running.assistant.map.make(lambda _found: None).result(60)
    answer: Future[LibraryMap] = Future()
    monkeypatch.setattr(running.assistant.map, "make", lambda _tell, **_: answer)
    running.window.go(Place("map"))
    panel = running.window.page("map")
    before = QApplication.focusWidget()
    assert before is not None and not panel.canvas.isVisible()
    if has_gone_on:
        QTest.keyClick(before, Qt.Key.Key_Tab)
    elsewhere = QApplication.focusWidget()
    assert (elsewhere is not before) == has_gone_on
    answer.set_result(found)
    qtbot.waitUntil(panel.canvas.isVisible, timeout=LONG)
    assert QApplication.focusWidget() is (elsewhere if has_gone_on else panel.canvas)


def test_a_lasso_chooses_and_what_is_chosen_goes_on(qtbot: QtBot, open_window: Opener, laid: list[int]) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running)
    canvas, window = panel.canvas, running.window
    still(qtbot, canvas)
    corners = [canvas.to_screen(x, y) for x, y in ((-2, -2), (6, -2), (6, 6), (-2, 6))]
    drag(canvas, *corners, modifiers=Qt.KeyboardModifier.ShiftModifier)
    square = tuple(laid[at] for at in (0, 1, 10, 11))
    qtbot.waitUntil(lambda: panel.chosen == square)
    sight = canvas.sight
    drag(canvas, QPointF(200, 200), QPointF(240, 230), QPointF(260, 240))
    assert canvas.sight != sight and canvas.sight.scale == sight.scale and panel.chosen == square
    qtbot.mouseClick(panel.tag, Qt.MouseButton.LeftButton)
    panel.picker.field.setText("seaside walk")
    QTest.keyClick(panel.picker.field, Qt.Key.Key_Return)
    library = running.assistant.library
    concept = lambda: next((each for each, _ in library.tag_counts() if each.en == "seaside walk"), None)  # noqa: E731
    qtbot.waitUntil(lambda: concept() is not None, timeout=LONG)
    assert sorted(library.item_ids(tag=concept().id)) == list(square)
    qtbot.mouseClick(panel.show_chosen, Qt.MouseButton.LeftButton)
    assert window.library.isVisible() and window.library.grid.selection.chosen == set(square)


def test_its_colours_tell_kind_time_or_a_tag_and_near_by_there_are_pictures(
    qtbot: QtBot, open_window: Opener, laid: list[int]
) -> None:
    running = open_window(works=False, theme="light")
    panel = opened(qtbot, running)
    canvas = panel.canvas
    still(qtbot, canvas)
    assert canvas.picture is not None and [tint.items for tint in canvas.picture.legend] == [15] * 4
    panel.by.setCurrentIndex(1)
    before = canvas.picture
    panel.by.activated.emit(1)
    qtbot.waitUntil(lambda: canvas.by == "time" and canvas.picture is not before, timeout=LONG)
    still(qtbot, canvas)
    assert sum(tint.items for tint in canvas.picture.legend) == 60
    panel.by.activated.emit(2)
    qtbot.waitUntil(panel.picker.isVisible)
    panel.picker.field.setText("beach")
    QTest.keyClick(panel.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: canvas.by == "tag")
    still(qtbot, canvas)
    assert [tint.items for tint in canvas.picture.legend] == [59, 1]
    assert panel.by.currentText() == running.desk.words.say("ui.map.by.tag")
    canvas.zoom(3.0, canvas.to_screen(0, 0))
    still(qtbot, canvas)
    assert laid[0] in {card.item_id for card in canvas.picture.cards}


def test_a_small_picture_says_how_many_it_covers(
    qtbot: QtBot, open_window: Opener, laid: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    pairs = np.array([[at // 2 % 6 * 8 + at % 2, at // 12 * 8] for at in range(60)], np.float32)
    keep_layout(find_paths().layouts, Layout(np.array(laid), pairs, 60, 0.0))
    monkeypatch.setattr(surface, "paint_badge", lambda _painter, _picture, text: told.append(text))
    panel = opened(qtbot, open_window(works=False))
    canvas = panel.canvas
    still(qtbot, canvas)

    def hidden() -> set[int]:
        assert panel.map is not None and canvas.picture is not None
        half = np.array([CARD.width() / 2, CARD.height() / 2]) / canvas.sight.scale
        for card in canvas.picture.cards:
            is_under = (np.abs(panel.map.plane.spots - (card.x, card.y)) < half).all(axis=1)
            assert card.others == is_under.sum() - 1
        return {card.others for card in canvas.picture.cards}

    assert hidden() == {1}
    qtbot.waitUntil(lambda: told != [], timeout=LONG)
    assert set(told) == {"+1"}
    canvas.zoom(8.0, canvas.to_screen(0, 0))
    still(qtbot, canvas)
    assert hidden() == {0}
