"""The page of duplicates: by mouse, by keys and read aloud; what goes comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.duplicates import Agreement, LikelyPair
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.panels.duplicates_panel import DuplicatesPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets import compared_item
from tests.library.making import alike, new_item

Opener = Callable[..., Running]
LONG = 20_000


@pytest.fixture
def ids(home: Path) -> list[int]:
    """Six photos: three are the same, two more are, and one is at two places. All are there: the library looks after the
    files that it shows, and one that is gone lies at no second place.
    """
    library = Library.open(find_paths().library)
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.darkCyan)
    files = [str(home / f"photo {number}.png") for number in range(6)]
    copy = str(home / "copy.png")
    assert all(picture.save(file) for file in (*files, copy))
    # The earlier the more bytes, which makes it the better one.
    new = [
        replace(new_item(number, path=file, kind=Kind.PHOTO), size_bytes=9000 - number)
        for number, file in enumerate(files)
    ]
    ids, _ = library.add_items(new)
    pairs = [
        LikelyPair(ids[0], ids[1], 0.99, Agreement(is_mirrored=True)),
        LikelyPair(ids[0], ids[2], 0.95, Agreement(part="second")),
        LikelyPair(ids[3], ids[4], 0.9),
    ]
    library.save_pairs({}, pairs)
    library.add_location(ids[5], copy, 1000, 1)
    library.close()
    return ids


def opened(qtbot: QtBot, running: Running, rows: int) -> DuplicatesPanel:
    """The page, by its key."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(running.window, Qt.Key.Key_D, both)
    panel = running.window.page("duplicates")
    assert isinstance(panel, DuplicatesPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == rows and panel.finding.isHidden(), timeout=LONG)
    return panel


def test_a_library_without_duplicates_says_so(qtbot: QtBot, open_window: Opener, home: Path) -> None:
    panel = opened(qtbot, open_window(works=False), 0)
    qtbot.waitUntil(lambda: panel._pages.currentIndex() == 1, timeout=LONG)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_groups_are_shown_side_by_side_and_read_aloud(
    qtbot: QtBot, open_window: Opener, ids: list[int], language: str
) -> None:
    panel = opened(qtbot, open_window(works=False, language=language, size=(900, 600)), 3)
    assert panel.left.item is not None and panel.left.item.id == ids[0]
    first = panel.right.item
    QTest.keyClick(panel.list, Qt.Key.Key_Right)
    second = panel.right.item
    assert first is not None and second is not None and {first.id, second.id} == set(ids[1:3])
    QTest.keyClick(panel.list, Qt.Key.Key_Left)
    assert panel.right.item == first
    told = panel.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "clip 0" in told and "95" in told
    assert panel.right.accessibleDescription() and panel.keep.toolTip()
    QTest.keyClick(panel.list, Qt.Key.Key_End)
    assert panel.keep.isHidden() and not panel.exact.isHidden(), "one file at two places: nothing is to be removed"


@pytest.mark.parametrize("has_gone_on", [False, True])
def test_the_groups_have_the_keyboard_unless_the_person_took_it_elsewhere(
    qtbot: QtBot, open_window: Opener, ids: list[int], monkeypatch: pytest.MonkeyPatch, *, has_gone_on: bool
) -> None:
    """In a large library they come late."""
    running = open_window(works=False)
    goes_on, duplicates = threading.Event(), running.assistant.duplicates
    read = duplicates.groups
    monkeypatch.setattr(duplicates, "groups", lambda: (goes_on.wait(20), read())[1])
    try:
        running.window.go(Place("duplicates"))
        panel = running.window.page("duplicates")
        before = QApplication.focusWidget()
        assert before is not None and not panel.list.isVisible()
        if has_gone_on:
            QTest.keyClick(before, Qt.Key.Key_Tab)
        elsewhere = QApplication.focusWidget()
        assert (elsewhere is not before) == has_gone_on
    finally:
        goes_on.set()
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    assert panel.list.isVisible()
    assert QApplication.focusWidget() is (elsewhere if has_gone_on else panel.list)


def test_a_photo_that_is_not_compared_any_more_is_not_decoded(
    qtbot: QtBot, open_window: Opener, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, wanted, files = threading.Event(), {}, set()

    def held(_assistant: object, path: Path, _side: int, is_wanted: Callable[[], bool]) -> QImage:
        files.add(path.name)
        goes_on.wait(200)
        wanted[path.name] = is_wanted()
        return QImage()

    monkeypatch.setattr(compared_item, "read_photo", held)
    panel = opened(qtbot, open_window(works=False), 3)
    try:
        qtbot.waitUntil(lambda: len(files) == 2, timeout=LONG)
        assert panel.left.item is not None and panel.right.item is not None
        kept, gone = Path(panel.left.item.path).name, Path(panel.right.item.path).name
        QTest.keyClick(panel.list, Qt.Key.Key_Right)
    finally:
        goes_on.set()
    qtbot.waitUntil(lambda: len(wanted) == 3, timeout=LONG)
    assert wanted[kept] and not wanted[gone]


def test_one_is_kept_by_a_key_and_all_come_back_by_another(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running, 3)
    QTest.keyClick(panel.list, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2, timeout=LONG)
    assert set(running.assistant.library.item_ids()) == {ids[0], *ids[3:]}
    assert panel.list.current is not None and set(panel.list.current.item_ids) == {ids[3], ids[4]}
    QTest.keyClick(running.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    assert len(running.assistant.library.item_ids()) == 6


def test_the_other_one_is_kept_by_the_mouse_and_different_ones_are_not_proposed_again(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running, 3)
    kept = panel.right.item
    QTest.mouseClick(panel.keep_other, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2, timeout=LONG)
    assert kept is not None and kept.id in running.assistant.library.item_ids()
    assert ids[0] not in running.assistant.library.item_ids()
    QTest.mouseClick(panel.different, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    assert {ids[3], ids[4]} <= set(running.assistant.library.item_ids())
    assert alike(running.assistant.library) == {ids[5]}
