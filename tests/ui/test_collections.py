"""Collections, saved searches, folders and drags in the real window, by mouse and by keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.library.item_store import NewItem
from media_assistant.ui import actions, collecting
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.drag_out import ITEMS, CarriedItems, carried_items
from media_assistant.ui.widgets.sidebar.folder_tree import FolderTree
from media_assistant.ui.widgets.sidebar.nav_list import PLACE, ROW

Opener = Callable[..., Running]
NONE = Qt.KeyboardModifier.NoModifier


def until(qtbot: QtBot, is_so: Callable[[], object]) -> None:
    """Patient, for the machine may be busy."""
    qtbot.waitUntil(is_so, timeout=60_000)


@pytest.fixture
def running(qtbot: QtBot, open_window: Opener) -> Running:
    """A window on six items that nobody works on."""
    opened = open_window(works=False)
    # Nobody finds out at some time or other that there are no such files.
    opened.window.library.grid.looked_at.disconnect(opened.assistant.relinking.check)
    new = [
        NewItem(Kind.VIDEO, f"/films/{'old' if n < 3 else 'new'}/clip {n}.mp4", f"clip {n}", 1000 + n, 10**18, f"h{n}")
        for n in range(6)
    ]
    library = opened.assistant.library
    opened.desk.events.take_changes(library.add_items(new)[1])
    opened.desk.events.take_changes(library.add_root("/films"))
    until(qtbot, lambda: opened.window.library.items.rowCount() == 6)
    return opened


def drag(target: QWidget, where: QPoint, carried: QMimeData) -> bool:
    """What Qt sends while something is carried over a widget and let go; whether it was taken."""
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entered = QDragEnterEvent(where, copy, carried, left, NONE)
    QApplication.sendEvent(target, entered)
    moved = QDragMoveEvent(where, copy, carried, left, NONE)
    QApplication.sendEvent(target, moved)
    if not entered.isAccepted() or not moved.isAccepted():
        QApplication.sendEvent(target, QDragLeaveEvent())
        return False
    dropped = QDropEvent(QPointF(where), copy, carried, left, NONE)
    QApplication.sendEvent(target, dropped)
    assert dropped.dropAction() is copy, "an original is never moved"
    return dropped.isAccepted()


def carry(running: Running, *rows: int) -> CarriedItems:
    """The items of these rows, as the grid carries them."""
    ids = [running.window.library.items.id_at(row) for row in rows]
    return CarriedItems(ids, running.assistant.library.paths)


def names(running: Running) -> list[str]:
    rows = running.window.sidebar.collections.list.model()
    return [str(rows.index(row, 0).data()) for row in range(rows.rowCount())]


def held(running: Running, name: str) -> list[str]:
    library = running.assistant.library
    (found,) = [each for each in library.collections() if each.name == name]
    return [item.title for item in library.items(library.collection_items(found.id))]


def type_name(qtbot: QtBot, running: Running, name: str) -> None:
    """Into the field that is open in the sidebar."""
    collections = running.window.sidebar.collections.list
    until(qtbot, lambda: collections.is_renaming)
    field = collections.viewport().findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    field.insert(name)  # Qt types Latin letters alone in tests
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_a_collection_by_button_drag_key_rename_and_undo(qtbot: QtBot, running: Running) -> None:
    window, section = running.window, running.window.sidebar.collections
    qtbot.mouseClick(section.new_button, Qt.MouseButton.LeftButton)
    type_name(qtbot, running, "By the sea 海边")
    until(qtbot, lambda: names(running) == ["By the sea 海边"])

    row = section.list.model().index(0, 0)
    middle = section.list.visualRect(row).center()
    until(qtbot, lambda: section.list.isVisible() and section.list.viewport().height() > 20)
    assert drag(section.list.viewport(), middle, carry(running, 2, 0))
    titles = [window.library.items.item_at(n).title for n in (2, 0)]
    until(qtbot, lambda: held(running, "By the sea 海边") == titles)
    until(qtbot, lambda: section.list.model().index(0, 0).data(PLACE + 2) == "2")

    assert drag(section.head, QPoint(10, 10), carry(running, 1)), "onto the head: a new one of these"
    type_name(qtbot, running, "Another")
    until(qtbot, lambda: names(running) == ["Another", "By the sea 海边"])

    section.list.setFocus()
    section.list.setCurrentIndex(section.list.model().index(0, 0))
    qtbot.keyClick(section.list, Qt.Key.Key_F2)
    type_name(qtbot, running, "by the SEA 海边")
    until(qtbot, lambda: "already" in running.desk.notices.text)
    assert names(running) == ["Another", "By the sea 海边"], "two of one name could not be told apart"
    section.list.setCurrentIndex(section.list.model().index(0, 0))
    qtbot.keyClick(section.list, Qt.Key.Key_Delete)
    until(qtbot, lambda: names(running) == ["By the sea 海边"])
    actions.undo(running.desk, owner=window)
    until(qtbot, lambda: names(running) == ["Another", "By the sea 海边"])
    assert len(held(running, "Another")) == 1

    window.library.grid.setFocus()
    window.library.grid.go_to(4)
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    type_name(qtbot, running, "By key")
    until(qtbot, lambda: "By key" in names(running))
    assert held(running, "By key") == [window.library.items.item_at(4).title]


def test_the_order_is_the_persons(qtbot: QtBot, running: Running) -> None:
    window, library = running.window, running.assistant.library
    ids = sorted(library.item_ids())[:4]
    made, changes = library.create_collection("Mine", item_ids=ids)
    running.desk.events.take_changes(changes)
    window.go(Place(collection=made, name="Mine"))
    until(qtbot, lambda: list(window.library.items.listing.ids) == ids)
    assert not window.library.view_bar.sort.isVisible(), "there is no other order here"
    grid = window.library.grid
    before_first = grid.cell_rect(0).center() - QPoint(grid.cell_rect(0).width() // 2 - 2, 0)
    assert drag(grid.viewport(), before_first, carry(running, 2, 3))
    expected = [ids[2], ids[3], ids[0], ids[1]]
    until(qtbot, lambda: list(window.library.items.listing.ids) == expected)

    grid.setFocus()
    grid.go_to(0)
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: list(window.library.items.listing.ids) == [ids[3], ids[2], ids[0], ids[1]])
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.AltModifier)
    until(qtbot, lambda: list(window.library.items.listing.ids) == [ids[3], ids[0], ids[1], ids[2]])
    actions.undo(running.desk, owner=window)
    actions.undo(running.desk, owner=window)
    until(qtbot, lambda: list(window.library.items.listing.ids) == expected)

    verbs = {action.text(): action for action in window.item_menu().actions()}
    verbs["Remove from this collection"].trigger()
    until(qtbot, lambda: window.library.items.rowCount() == 3)
    assert len(library.item_ids()) == 6
    window.go(Place())
    until(qtbot, lambda: window.library.items.rowCount() == 6)
    assert not drag(grid.viewport(), grid.cell_rect(0).center(), carry(running, 1)), "all media have no own order"


def test_items_are_let_go_on_tags(qtbot: QtBot, running: Running) -> None:
    library, tags = running.assistant.library, running.window.sidebar.tags
    running.assistant.add_tag([min(library.item_ids())], "holiday").result()
    until(qtbot, lambda: tags.model().rowCount() == 1 and tags.isVisible())
    chosen = carry(running, 0, 1)
    assert drag(tags.viewport(), tags.visualRect(tags.model().index(0, 0)).center(), chosen)
    until(qtbot, lambda: [count for _, count in library.tag_counts()] == [3])
    assert not drag(running.window.sidebar.kinds.viewport(), QPoint(10, 10), chosen)


def test_a_drag_carries_every_file_and_only_a_copy(qtbot: QtBot, running: Running) -> None:
    library = running.assistant.library
    few = carry(running, 0, 1)
    assert carried_items(few) == tuple(running.window.library.items.id_at(n) for n in (0, 1))
    assert [url.toLocalFile() for url in few.urls()] == library.paths(carried_items(few))
    ids = list(library.item_ids())
    library.mark_missing([library.paths(ids[:1])[0]])
    many = CarriedItems(ids * 100, library.paths)
    assert many.hasUrls() and many.hasFormat("text/uri-list") and many.hasFormat(ITEMS)
    assert len(many.urls()) == 500, "what is not there cannot be carried"
    assert carried_items(QMimeData()) == ()
    foreign = QMimeData()
    foreign.setData(ITEMS, b"1 2 3")
    assert carried_items(foreign) == (), "ids of another program mean nothing here"


def test_a_search_is_kept_found_changed_and_completed(qtbot: QtBot, running: Running) -> None:
    window, library = running.window, running.assistant.library
    search = window.library.search
    assert not search.keep_button.isVisible()
    search.ask("clip kind:video in:old")
    until(qtbot, lambda: window.library.items.rowCount() == 3)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    type_name(qtbot, running, "Old clips")
    until(qtbot, lambda: names(running) == ["Old clips"])
    search.clear()
    until(qtbot, lambda: window.library.items.rowCount() == 6)
    section = window.sidebar.collections
    section.chosen.emit(section.list.model().index(0, 0).data(PLACE))
    until(qtbot, lambda: window.library.items.rowCount() == 3 and not search.text)
    search.ask("clip 1")
    until(qtbot, lambda: window.library.items.rowCount() == 1)

    place = section.list.model().index(0, 0).data(PLACE)
    section.search_wanted.emit(place)
    until(qtbot, lambda: search.text == "clip kind:video in:old")
    search.ask("clip kind:video in:new")
    qtbot.mouseClick(search.keep_button, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: library.collections()[0].query == "clip kind:video in:new")

    until(qtbot, lambda: section.list.model().index(0, 0).data(PLACE).query == "clip kind:video in:new")
    section.search_wanted.emit(section.list.model().index(0, 0).data(PLACE))
    until(qtbot, lambda: search.text == "clip kind:video in:new")
    search.clear()  # given up
    search.ask("clip 2")
    qtbot.mouseClick(search.keep_button, Qt.MouseButton.LeftButton)
    type_name(qtbot, running, "Another")
    until(qtbot, lambda: names(running) == ["Another", "Old clips"])
    assert sorted(each.query for each in library.collections()) == ["clip 2", "clip kind:video in:new"]
    for left in (["clip 2", "Old clips"], ["Old clips"]):  # its name is a step, and so is the search itself
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        until(qtbot, lambda left=left: names(running) == left)
    carried = carry(running, 0)
    assert not drag(
        section.list.viewport(), section.list.visualRect(section.list.model().index(0, 0)).center(), carried
    )

    search.clear()
    search.field.setFocus()
    qtbot.keyClicks(search.field, "collection:ol")
    until(qtbot, lambda: search.completer.is_open)
    popup = search.completer.completer.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    until(qtbot, lambda: search.text == 'collection:"Old clips"')
    assert not search.completer.is_open
    until(qtbot, lambda: window.library.items.rowCount() == 3)


def test_folders_open_step_by_step_and_narrow(qtbot: QtBot, running: Running) -> None:
    window, section = running.window, running.window.sidebar.folders
    tree, rows = section.tree, section.tree.rows
    until(qtbot, lambda: rows.rowCount() == 1)
    root = rows.index(0, 0)
    assert "offline" in str(root.data(Qt.ItemDataRole.AccessibleTextRole)), "there is no /films on this computer"
    assert rows.rowCount(root) == 0, "nothing is read before it is asked for"
    tree.setFocus()
    tree.setCurrentIndex(root)
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    until(qtbot, lambda: rows.rowCount(root) == 2)
    assert [rows.index(n, 0, root).data() for n in range(2)] == ["new", "old"]
    tree.setCurrentIndex(rows.index(1, 0, root))
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    until(qtbot, lambda: window.library.items.rowCount() == 3)
    window.library.search.ask("clip")
    until(qtbot, lambda: window.library.answer is not None and window.library.items.rowCount() == 3)
    window.library.search.clear()
    running.desk.events.take_changes(running.assistant.library.remove_items(running.assistant.library.item_ids()[:3]))
    until(qtbot, lambda: rows.rowCount(rows.index(0, 0)) == 1)


def test_a_whole_drive_stands_in_the_sidebar_and_what_is_below_it_does_not(qtbot: QtBot, running: Running) -> None:
    tree, rows = running.window.sidebar.folders.tree, running.window.sidebar.folders.tree.rows
    running.desk.events.take_changes(running.assistant.library.add_root("/"))
    until(qtbot, lambda: [rows.index(n, 0).data() for n in range(rows.rowCount())] == ["/"])
    assert running.window.sidebar.folders.isVisible()
    root = rows.index(0, 0)
    tree.setFocus()
    tree.setCurrentIndex(root)
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    until(qtbot, lambda: [rows.index(n, 0, root).data() for n in range(rows.rowCount(root))] == ["films"])


def test_a_folder_of_thousands_comes_in_one_step_and_is_measured_once(
    qtbot: QtBot, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, section = running.assistant.library, running.window.sidebar.folders
    tree, rows, many = section.tree, section.tree.rows, 2000
    new = [NewItem(Kind.TEXT, f"/films/wide/{n:04}/a.txt", f"{n}", n, 10**18, f"w{n}") for n in range(many)]
    running.desk.events.take_changes(library.add_items(new)[1])
    until(qtbot, lambda: rows.rowCount() == 1)
    root = rows.index(0, 0)
    tree.expand(root)
    until(qtbot, lambda: rows.rowCount(root) == 3)
    # What came in is told by now, and read again once: a measuring of its own.
    until(qtbot, lambda: running.window.library.items.rowCount() == 6 + many)
    until(qtbot, lambda: section._reading.is_at_rest)
    wide = rows.index(2, 0, root)
    steps: list[str] = []
    for name, changed in (("in", rows.rowsInserted), ("out", rows.rowsRemoved)):
        changed.connect(lambda *_, name=name: steps.append(name))
    fit = FolderTree._fit
    monkeypatch.setattr(FolderTree, "_fit", lambda self: (steps.append("fit"), fit(self)))
    tree.expand(wide)
    until(qtbot, lambda: rows.rowCount(wide) == many)
    assert [step for step in steps if step != "fit"] == ["in"]
    # Once as it is opened, and once as what is in it has come.
    assert steps.count("fit") == 2
    assert tree.height() == (4 + many) * ROW
    until(qtbot, lambda: section._reading.is_at_rest)
    steps.clear()
    gone = [item.id for item in library.items(library.item_ids()) if item.title in ("7", "8", "9", "1500")]
    running.desk.events.take_changes(library.remove_items(gone))
    until(qtbot, lambda: rows.rowCount(wide) == many - len(gone))
    assert [step for step in steps if step != "fit"] == ["out", "out"]
    assert steps.count("fit") <= 3, "the top, what is in it, and what is in that"
    assert [rows.index(n, 0, wide).data() for n in (6, 7, 1496, 1497)] == ["0006", "0010", "1499", "1501"]


def test_folders_are_looked_after_on_their_page(
    qtbot: QtBot, open_window: Opener, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my media"
    folder.mkdir()
    shutil.copy(samples / "balloon.jpg", folder)
    running = open_window(works=False)
    window = running.window
    window.import_paths([folder])
    until(qtbot, lambda: window.library.items.rowCount() == 1)
    window.go(Place("folders"))
    page = window.page("folders")
    until(qtbot, lambda: len(page.cards) == 1)
    page.cards[0].watch.setFocus()
    qtbot.keyClick(page.cards[0].watch, Qt.Key.Key_Space)
    until(qtbot, lambda: page.cards[0].state.root.is_watched)
    shutil.copy(samples / "night-sky.txt", folder)
    page.cards[0].buttons["look"].click()
    until(qtbot, lambda: len(running.assistant.library.item_ids()) == 2)
    page.cards[0].buttons["remove"].click()
    until(qtbot, lambda: "remove_items" in page.cards[0].buttons)
    page.cards[0].buttons["cancel"].click()
    page.cards[0].buttons["remove"].click()
    until(qtbot, lambda: "2 items" in page.cards[0].buttons["remove_items"].text())
    page.cards[0].buttons["remove_items"].click()
    until(qtbot, lambda: page.cards == [] and not running.assistant.library.item_ids())
    assert sorted(file.name for file in folder.iterdir()) == ["balloon.jpg", "night-sky.txt"]
    actions.undo(running.desk, owner=window)
    until(qtbot, lambda: len(page.cards) == 1 and len(running.assistant.library.item_ids()) == 2)
    page.cards[0].buttons["show"].click()
    until(qtbot, lambda: window.library.items.rowCount() == 2)
    assert window.library.place.folder == str(folder)


def test_a_collection_is_saved_as_a_playlist_and_comes_back(qtbot: QtBot, running: Running, tmp_path: Path) -> None:
    ids = sorted(running.assistant.library.item_ids())[:2]
    target = tmp_path / "list.m3u8"
    collecting.write_playlist(running.desk, title="Mine", item_ids=ids, target=target, owner=running.window)
    until(qtbot, target.exists)
    assert "#PLAYLIST:Mine" in target.read_text("utf-8")
    long = tmp_path / collecting.proposed_name("海/边" * 60)
    assert long.name.startswith("海_边海") and long.suffix == ".m3u8"
    collecting.write_playlist(running.desk, title="Long", item_ids=ids, target=long, owner=running.window)
    until(qtbot, long.exists)


def test_a_song_that_a_list_holds_twice_is_shown_twice_and_passed_by_keys(qtbot: QtBot, running: Running) -> None:
    library, window = running.assistant.library, running.window
    first, second, third = list(library.item_ids())[:3]
    made, changes = library.create_collection("Twice", item_ids=[first, second, first, third])
    running.desk.events.take_changes(changes)
    window.go(Place(collection=made, name="Twice"))
    grid, items = window.library.grid, window.library.items
    until(qtbot, lambda: list(items.listing.ids) == [first, second, first, third])
    grid.setFocus()
    grid.go_to(0)
    seen = [items.row_of(grid.selection.current)]
    for _ in range(3):
        QTest.keyClick(grid, Qt.Key.Key_Right)
        seen.append(items.row_of(grid.selection.current))
    assert seen == [0, 1, 2, 3]
    assert held(running, "Twice")[0] == held(running, "Twice")[2]
