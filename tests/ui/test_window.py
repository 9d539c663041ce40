"""The main job in the real window, on real files: dropped, understood, found, played from that second."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.item_store import NewItem
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.look.colours import DARK, LIGHT
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
Drop = Callable[..., None]
LONG = 120_000


@pytest.fixture
def film(samples: Path, tmp_path: Path) -> Path:
    """The sample film in a folder of the test's own."""
    folder = tmp_path / "my films"
    folder.mkdir()
    return Path(shutil.copy(samples / "journey.mp4", folder / "journey.mp4"))


def is_idle(running: Running) -> bool:
    progress = running.assistant.progress()
    return progress.total > 0 and progress.done + progress.failed >= progress.total


def click_cell(qtbot: QtBot, running: Running, row: int, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    grid = running.window.library.grid
    qtbot.mouseClick(grid.viewport(), button, pos=grid.cell_rect(row).center())


def test_dropped_understood_found_and_played_from_that_second(
    qtbot: QtBot, open_window: Opener, drop: Drop, film: Path
) -> None:
    before = hashlib.sha256(film.read_bytes()).hexdigest()
    running = open_window()
    window, library = running.window, running.assistant.library
    qtbot.waitUntil(lambda: window.library.is_empty is True)
    assert window.library.first_run.isVisible()
    drop(running, film.parent)
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    qtbot.waitUntil(lambda: is_idle(running), timeout=LONG)
    (item_id,) = library.item_ids()
    assert running.assistant.preview(item_id, "thumbnail") is not None
    size = QSize(window.library.grid.grid_layout.cell_width, window.library.grid.grid_layout.picture_height)
    qtbot.waitUntil(lambda: running.desk.thumbnails.picture(item_id, size, 1.0, top=0.25) is not None, timeout=LONG)

    qtbot.waitUntil(lambda: running.desk.storyboards.frame(item_id, 0.5) is not None, timeout=LONG)
    assert (
        running.desk.storyboards.frame(item_id, 0.9)[1].left() > running.desk.storyboards.frame(item_id, 0.1)[1].left()
    )

    window.focus_search()
    qtbot.keyClicks(window.library.search.field, "city lights")
    qtbot.waitUntil(
        lambda: window.library.answer is not None and window.library.items.hit(item_id) is not None, timeout=LONG
    )
    start_ms = window.library.items.hit(item_id).moments[0].span.start_ms
    assert abs(start_ms - 12_000) <= 600
    assert "1 item" in window.library.found_line.heading.text()
    assert f"best at 0:{start_ms // 1000:02}" in window.library.grid.canvas.describe(0)[1]

    click_cell(qtbot, running, 0)
    qtbot.waitUntil(lambda: window.playback.position_ms >= start_ms - 100, timeout=LONG)
    qtbot.waitUntil(lambda: not window.inspector.surface.frame.isNull(), timeout=LONG)

    said = [(2_000, 4_000, "The harbour is quiet."), (12_500, 15_000, "The city never sleeps.")]
    lines = [
        Moment(TimeSpan(start, end), Sense.SAID, Layer.LINE, text=text, language="en") for start, end, text in said
    ]
    running.desk.events.take_changes(library.save_findings(item_id, "subtitles", 1, "", "", lines, is_first_chunk=True))
    transcript = window.inspector.tabs.transcript
    qtbot.waitUntil(lambda: [line.text for line in transcript.lines.lines] == [text for *_, text in said], timeout=LONG)

    window.playback.pause()
    window.inspector.tabs.show_tab("transcript")
    index = transcript.lines.index(0)
    qtbot.mouseClick(
        transcript.list.viewport(), Qt.MouseButton.LeftButton, pos=transcript.list.visualRect(index).center()
    )
    qtbot.waitUntil(lambda: 1_900 <= window.playback.position_ms <= 11_000 and window.playback.is_playing, timeout=LONG)

    window.library.grid.setFocus()
    qtbot.keyClick(window.library.grid, Qt.Key.Key_Return)
    assert window.is_playing_large
    qtbot.waitUntil(lambda: window.player.is_shown(item_id), timeout=LONG)
    window.playback.pause()
    qtbot.keyClick(window.player, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: abs(window.playback.position_ms - window.playback.duration_ms // 2) < 400, timeout=LONG)
    qtbot.keyClick(window.player, Qt.Key.Key_Left)
    qtbot.waitUntil(
        lambda: abs(window.playback.position_ms - (window.playback.duration_ms // 2 - 5000)) < 400, timeout=LONG
    )
    qtbot.keyClick(window.player, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: window.playback.is_playing and window.playback.position_ms >= start_ms - 100, timeout=LONG)
    qtbot.keyClick(window.player, Qt.Key.Key_Space)
    assert not window.playback.is_playing
    window.escape()
    assert not window.is_playing_large
    window.go(Place("settings"))
    window.escape()
    assert window.library.isVisible() and window.library.grid.hasFocus()
    assert hashlib.sha256(film.read_bytes()).hexdigest() == before


def test_a_tag_is_accepted_refused_and_taken_back_by_keyboard(
    qtbot: QtBot, open_window: Opener, drop: Drop, film: Path
) -> None:
    running = open_window()
    window, library = running.window, running.assistant.library
    drop(running, film)
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    qtbot.waitUntil(lambda: is_idle(running), timeout=LONG)
    (item_id,) = library.item_ids()
    window.library.grid.go_to(0)
    tags = window.inspector.tabs.tags
    qtbot.waitUntil(lambda: bool(tags.chips), timeout=LONG)
    proposed = next(chip for chip in tags.chips if chip.tag.state is TagState.SUGGESTED)
    concept = proposed.tag.concept

    def state() -> TagState | None:
        return next((tag.state for tag in library.details(item_id).tags if tag.concept.id == concept.id), None)

    def chip() -> object:
        return next(each for each in tags.chips if each.tag.concept.id == concept.id)

    qtbot.mouseClick(proposed, Qt.MouseButton.LeftButton, pos=QPoint(14, proposed.height() // 2))
    assert tags._why.isVisible()
    qtbot.keyClick(proposed, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: state() is TagState.ACCEPTED, timeout=LONG)
    qtbot.waitUntil(lambda: any(each.tag.state is TagState.ACCEPTED for each in tags.chips), timeout=LONG)
    qtbot.waitUntil(lambda: "Accepted" in running.desk.notices.text, timeout=LONG)
    qtbot.keyClick(chip(), Qt.Key.Key_R)
    qtbot.waitUntil(lambda: state() is TagState.REJECTED, timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: state() is TagState.ACCEPTED, timeout=LONG)

    tags.field.setText("  holiday   at sea ")
    qtbot.keyClick(tags.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(each.text == "holiday at sea" for each in tags.chips), timeout=LONG)
    qtbot.waitUntil(lambda: any("holiday" in entry.text for entry in window.sidebar.tags._entries), timeout=LONG)


def test_removal_keeps_the_file_and_can_be_undone(qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path) -> None:
    running = open_window(works=False)
    window = running.window
    drop(running, samples / "lighthouse.md", samples / "night-sky.txt")
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 2, timeout=LONG)
    window.library.grid.setFocus()
    qtbot.keyClick(window.library.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(window.library.grid.selection) == 2
    qtbot.keyClick(window.library.grid, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: window.library.is_empty is True, timeout=LONG)
    qtbot.waitUntil(lambda: "not touched" in running.desk.notices.text, timeout=LONG)
    assert (samples / "lighthouse.md").is_file()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 2, timeout=LONG)


def test_language_and_theme_change_without_a_restart(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    window = running.window
    window.go(Place("settings"))
    settings = window.page("settings")
    assert window.windowTitle() == "Media Assistant"
    titles: list[tuple[str, str]] = []
    name = QGuiApplication.applicationDisplayName
    window.windowHandle().windowTitleChanged.connect(lambda title: titles.append((title, name())))
    settings.language.setCurrentIndex(settings.language.findData("zh_CN"))
    assert window.windowTitle() == "媒体助手"
    assert titles[-1] == ("媒体助手", "媒体助手"), "with the new name behind it, where the system puts one there"
    assert [entry.text for entry in window.sidebar.kinds._entries][3:7] == ["视频", "音频", "文本", "照片"]
    assert settings.theme.itemText(1) == "深色"
    assert running.desk.look.colours is DARK
    settings.theme.setCurrentIndex(settings.theme.findData("light"))
    assert running.desk.look.colours is LIGHT
    # Two changes in a row, the second before the first is on disk: neither is lost.
    assert (running.assistant.settings.language, running.assistant.settings.theme) == ("zh_CN", "light")
    for place in ("models", "library"):
        window.go(Place(place))
    settings.language.setCurrentIndex(settings.language.findData("en"))
    assert window.library.import_button.text() == "Import"


def test_an_empty_library_says_where_to_begin(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, size=(900, 600))
    window = running.window
    qtbot.waitUntil(lambda: window.library.is_empty is True)
    first = window.library.first_run
    assert first.isVisible()
    assert not window.library.search.isVisible()
    assert not window.inspector.isVisible()
    for each in (first.files_button, first.folder_button, first.samples_button):
        assert each.isVisible()
        assert each.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.waitUntil(lambda: bool(first._groups))


def test_what_cannot_be_found_is_said(qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path) -> None:
    running = open_window(works=False)
    window = running.window
    drop(running, samples / "night-sky.txt")
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    window.library.search.ask("xylophone quartet")
    qtbot.waitUntil(lambda: window.library.answer is not None, timeout=LONG)
    assert window.library.items.rowCount() == 0
    assert "xylophone quartet" in window.library._nothing._title.text()
    window.library.search.clear()
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)


def test_a_file_that_cannot_be_read_is_named_and_the_rest_comes_in(
    qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.mp4").touch()
    shutil.copy(samples / "night-sky.txt", tmp_path / "night.txt")
    running = open_window(works=False)
    drop(running, tmp_path)
    qtbot.waitUntil(lambda: "empty.mp4" in running.desk.notices.text, timeout=LONG)
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == 1, timeout=LONG)


def test_a_hundred_thousand_items(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    library, window = running.assistant.library, running.window
    new = [
        NewItem(Kind.PHOTO, f"/nowhere/{at:06}.jpg", f"{at:06}", 1000 + at, at, f"{at:032x}") for at in range(100_000)
    ]
    for start in range(0, len(new), 10_000):
        library.add_items(new[start : start + 10_000])
    window.library.refresh()
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 100_000, timeout=LONG)
    grid = window.library.grid
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.selection.current == grid.model.id_at(99_999)
    qtbot.waitUntil(lambda: grid.model.item_at(99_999) is not None, timeout=LONG)
    assert 99_999 in grid.visible_rows()
    assert len(grid.model._items) < 1000
    qtbot.keyClick(grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier)
    assert len(grid.selection) == 100_000
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert len(grid.selection) == 0


def test_a_screen_reader_finds_names_everywhere(qtbot: QtBot, open_window: Opener, drop: Drop, samples: Path) -> None:
    running = open_window(works=False)
    window = running.window
    drop(running, samples / "night-sky.txt")
    qtbot.waitUntil(
        lambda: window.library.items.rowCount() == 1 and window.library.items.item_at(0) is not None, timeout=LONG
    )
    grid = QAccessible.queryAccessibleInterface(window.library.grid)
    assert grid.role() == QAccessible.Role.List
    assert grid.text(QAccessible.Text.Name) == "Items"
    assert grid.childCount() == 1
    cell = grid.child(0)
    assert cell.role() == QAccessible.Role.ListItem
    assert cell.text(QAccessible.Text.Name) == window.library.items.item_at(0).title
    assert "Text" in cell.text(QAccessible.Text.Description)
    assert cell.rect().isValid()
    nameless = [
        widget
        for widget in window.findChildren(QLineEdit)
        if not widget.accessibleName() and not widget.objectName().startswith("qt_")
    ]
    assert not nameless


def test_closing_leaves_nothing_behind(qtbot: QtBot, home: Path, samples: Path, drop: Drop) -> None:
    before = {thread.name for thread in threading.enumerate()}
    windows = {widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)}
    assistant = Assistant.open(find_paths(), Settings(language="en", theme="dark"), works=False)
    running = Running.whole(prepare_application(), assistant)
    window = running.window
    window.show()
    qtbot.waitExposed(window)
    drop(running, samples / "journey.mp4")
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    window.library.grid.go_to(0)
    running.close()
    assistant.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window), timeout=LONG)
    assert {widget for widget in QApplication.topLevelWidgets() if isinstance(widget, MainWindow)} <= windows
    mine = ("window-reader", "thumbnails", "storyboards", "engine-")
    left = {thread.name for thread in threading.enumerate()} - before
    assert not [name for name in left if name.startswith(mine)]
    again = running.desk.bridge.read(lambda: 1, lambda _one: None, owner=running.desk.bridge)
    assert again.cancelled()


def test_the_engine_hears_what_is_in_sight(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    items = [NewItem(Kind.TEXT, f"/nowhere/{number}.txt", f"{number}", 1, 1, f"{number:032}") for number in range(500)]
    ids, changes = running.assistant.library.add_items(items)
    running.desk.events.take_changes(changes)
    grid = running.window.library.grid
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == 500)
    queue = running.assistant._queue
    qtbot.waitUntil(lambda: 0 < len(queue.in_sight) == len(grid.visible_rows()) < 60)
    before = set(queue.in_sight)
    grid.go_to(499)
    qtbot.waitUntil(lambda: bool(queue.in_sight) and not before & set(queue.in_sight))
    assert set(queue.in_sight) <= set(ids)


def test_files_that_another_program_would_move_are_only_copied(
    qtbot: QtBot, open_window: Opener, drop: Drop, film: Path
) -> None:
    running = open_window(works=False)
    assert drop(running, film, with_shift=True) == Qt.DropAction.CopyAction, "of what is moved the original is deleted"
    qtbot.waitUntil(lambda: len(running.assistant.library.item_ids()) == 1, timeout=LONG)


def test_files_let_go_over_the_search_box_come_in_and_are_not_written_into_it(
    qtbot: QtBot, open_window: Opener, drop: Drop, film: Path
) -> None:
    running = open_window(works=False)
    field = running.window.library.search.field
    assert drop(running, film, over=field, with_shift=True) == Qt.DropAction.CopyAction
    assert not field.text()
    qtbot.waitUntil(lambda: len(running.assistant.library.item_ids()) == 1, timeout=LONG)


def test_the_name_of_a_page_is_at_the_same_place_on_every_page(open_window: Opener, qtbot: QtBot) -> None:
    running = open_window(works=False, size=(900, 600))
    found = {}
    for page in PAGES:
        running.window.go(Place(page))
        shown = running.window.page(page)
        qtbot.waitUntil(shown.isVisible)
        QApplication.processEvents()
        heads = [each for each in shown.findChildren(QLabel) if each.property("role") == "headline"]
        spots = [each.mapTo(running.window, QPoint(0, each.height() // 2)) for each in heads if each.isVisible()]
        if page != "review":  # which is named by what it asks
            found[page] = min(((spot.y(), spot.x()) for spot in spots), default=None)
    assert len(set(found.values())) == 1, found
