"""Backups in the settings: seen, made, restored with a way back, and the library checked, by mouse and by keyboard."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.library import backup, lean_copy
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.closing import Waiting
from media_assistant.ui.places import Place
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running
from media_assistant.ui.startup.shell import Shell
from media_assistant.ui.startup.single import Wish
from tests.library.making import new_item, overwrite

Opener = Callable[..., Running]
LONG = 60_000


def fill(file: Path, count: int) -> Library:
    library = Library.open(file)
    library.add_items([new_item(number, path=f"/nowhere/{number}.mp4") for number in range(count)])
    return library


@pytest.fixture
def start(qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Shell]]:
    # What is said stays until it is looked at, however long a window takes to open.
    for stays in ("STAYS_MS", "FAULT_STAYS_MS"):
        monkeypatch.setattr(f"media_assistant.ui.notices.{stays}", 10 * LONG)
    started: list[Shell] = []

    def start_it() -> Shell:
        shell = Shell(prepare_application(), find_paths(), Settings(language="en", theme="dark"))
        started.append(shell)
        shell.start(Wish())
        return shell

    yield start_it
    for shell in started:
        shell.close()


def press(key: Qt.Key) -> None:
    """As the platform delivers it: shortcuts hear of it first."""
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(QApplication.focusWidget(), QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))


def test_a_backup_is_made_and_listed(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, size=(900, 600))
    running.assistant.library.add_items([new_item(1), new_item(2)])
    running.window.go(Place("settings"))
    page = running.window.page("settings")
    page.search.setText("back up")
    panel = page.backups
    qtbot.waitUntil(lambda: panel.text.text().startswith("No backup yet"), timeout=LONG)
    panel.now.setFocus()
    qtbot.keyClick(panel.now, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: running.desk.notices.text.startswith("Backed up and checked"), timeout=LONG)
    qtbot.waitUntil(lambda: len(panel.rows) == 1, timeout=LONG)
    assert "2 items" in panel.rows[0].facts.text() and "asked for" in panel.rows[0].facts.text()
    assert panel.text.text().startswith("Last backup: ")
    assert panel.rows[0].restore.accessibleName().startswith("Restore the backup of ")
    for _ in range(6):
        running.assistant.backups.make().result(60)
    qtbot.waitUntil(panel.more.isVisible, timeout=LONG)
    assert len(panel.rows) == 4
    qtbot.mouseClick(panel.more, Qt.MouseButton.LeftButton)
    assert len(panel.rows) == 7 and not panel.more.isVisible()
    running.desk.words.speak("zh_CN")
    assert panel.now.text() == "立即备份" and "2 个项目" in panel.rows[0].facts.text()


def test_of_two_answers_the_one_to_the_later_question_is_shown(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two readers look into every backup: what was read before the newest was made may come after it."""
    running = open_window(works=False, size=(900, 600))
    library = running.assistant.library
    library.add_items([new_item(1)])
    running.window.go(Place("settings"))
    panel = running.window.page("settings").backups
    qtbot.waitUntil(lambda: panel.backups is not None, timeout=LONG)
    asked: list[tuple[Callable[[], object], Callable[[object], None]]] = []
    monkeypatch.setattr(running.desk.bridge, "read", lambda question, done, **_: asked.append((question, done)))
    panel.refresh()
    library.backup()
    panel.refresh()
    assert len(asked) == 2
    (_, take_earlier), (question, take_later) = asked
    take_later(question())
    take_earlier([])
    assert len(panel.rows) == 1 and panel.text.text().startswith("Last backup: ")


def test_a_restore_is_asked_twice_and_can_be_taken_back_by_keyboard(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, size=(900, 600))
    running.assistant.library.add_items([new_item(1)])
    for _ in range(2):
        running.assistant.backups.make().result(60)
    running.window.go(Place("settings"))
    panel = running.window.page("settings").backups
    qtbot.waitUntil(lambda: len(panel.rows) == 2 and panel.rows[0].isVisible(), timeout=LONG)
    wanted: list[Path] = []
    running.window.restore_wanted.connect(wanted.append)
    first, second = panel.rows
    first.restore.setFocus()
    qtbot.keyClick(first.restore, Qt.Key.Key_Space)
    assert first.question.isVisible() and first.no.hasFocus(), "the harmless answer is the one at hand"
    qtbot.waitUntil(lambda: not first.no.visibleRegion().isEmpty(), timeout=LONG)
    assert "restore point" in first.says.text() and "not touched" in first.says.text()
    press(Qt.Key.Key_Escape)
    assert not first.question.isVisible() and first.restore.hasFocus() and not wanted
    assert running.window._place == Place("settings"), "Esc went to the question, not to the page"
    qtbot.mouseClick(first.restore, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(second.restore, Qt.MouseButton.LeftButton)
    assert second.question.isVisible() and not first.question.isVisible(), "one question at a time"
    running.assistant.backups.make().result(60)
    qtbot.waitUntil(lambda: len(panel.rows) == 3 and panel.rows[2].isVisible(), timeout=LONG)
    asking = panel.rows[2]
    assert asking.question.isVisible(), "a new backup does not take the question away"
    qtbot.keyClick(asking.yes, Qt.Key.Key_Space)
    assert wanted == [asking.backup.file]


def test_promise_4_the_window_lives_on_with_the_restored_library_and_goes_back(
    qtbot: QtBot, start: Callable[[], Shell], home: Path
) -> None:
    file = find_paths().library
    library = fill(file, 3)
    made = library.backup()
    library.add_items([new_item(number, path=f"/nowhere/{number}.mp4") for number in range(10, 15)])
    first = library.item(1).title
    with library._database.transaction() as connection:
        connection.execute("UPDATE items SET title = 'of later' WHERE id = 1")
    library.close()
    shell = start()

    def shown() -> str:
        found = shell.window.library.items.item(1)
        return found.title if found is not None else ""

    qtbot.waitUntil(lambda: shell.is_whole and shell.window.library.items.rowCount() == 8, timeout=LONG)
    before = shell.window
    before.setGeometry(40, 30, 1000, 700)
    before.go(Place("settings"))
    panel = before.page("settings").backups
    qtbot.waitUntil(lambda: len(panel.rows) == 1 and panel.rows[0].isVisible(), timeout=LONG)
    qtbot.mouseClick(panel.rows[0].restore, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.rows[0].yes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.window is not before, timeout=LONG)
    assert shell.curtain is not None and shell.curtain.geometry() == shell.window.rect()
    qtbot.waitUntil(lambda: shell.is_whole and shell.window.library.items.rowCount() == 3, timeout=LONG)
    qtbot.waitUntil(lambda: shown() == first, timeout=LONG)
    assert shell.curtain is None
    assert shell.window.geometry().getRect() == (40, 30, 1000, 700)
    assert QApplication.activeModalWidget() is None
    desk = shell.opening.running.desk
    assert desk.notices.text.startswith("The library is what it was on ")
    assert len(backup.list_restore_points(file)) == 1 and backup.list_backups(file) == [made]
    # The way back is at hand in the notice, and stays in the list.
    (undo,) = [each for each in desk.notices._shown.findChildren(QPushButton) if each.text() == "Undo"]
    after = shell.window
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.window is not after, timeout=LONG)
    qtbot.waitUntil(lambda: shell.is_whole and shell.window.library.items.rowCount() == 8, timeout=LONG)
    qtbot.waitUntil(lambda: shown() == "of later", timeout=LONG)
    shell.opening.running.assistant.remove_items([1]).result(60)  # it can be written to


def test_a_bad_backup_leaves_the_window_as_it_is(qtbot: QtBot, start: Callable[[], Shell], tmp_path: Path) -> None:
    fill(find_paths().library, 3).close()
    shell = start()
    qtbot.waitUntil(lambda: shell.is_whole, timeout=LONG)
    here = shell.window
    (tmp_path / "letter.sqlite").write_text("Dear Ada " * 1000)
    here.restore_wanted.emit(tmp_path / "letter.sqlite")
    notices = shell.opening.running.desk.notices
    qtbot.waitUntil(lambda: "is not a backup" in notices.text, timeout=LONG)
    assert shell.window is here
    # Good when it was looked at, gone by the time it was wanted: the library is opened again as it was.
    shell._put_back(tmp_path / "gone.sqlite")
    qtbot.waitUntil(lambda: shell.is_whole and shell.window is not here, timeout=LONG)
    qtbot.waitUntil(lambda: "There is no backup" in shell.opening.running.desk.notices.text, timeout=LONG)
    qtbot.waitUntil(lambda: shell.window.library.items.rowCount() == 3, timeout=LONG)


def test_closing_in_the_middle_of_a_restore(qtbot: QtBot, start: Callable[[], Shell]) -> None:
    file = find_paths().library
    library = fill(file, 3)
    made = library.backup()
    library.remove_items([1])
    library.close()
    shell = start()
    qtbot.waitUntil(lambda: shell.is_whole, timeout=LONG)
    shell._put_back(made)
    shell.close()
    opened = Library.open(file)
    assert len(opened.item_ids()) == 3
    opened.close()


def test_a_damaged_library_is_restored_from_the_first_page(qtbot: QtBot, start: Callable[[], Shell]) -> None:
    file = find_paths().library
    library = fill(file, 3)
    library.backup()
    library.close()
    file.write_bytes(b"\xff" * 50_000)
    shell = start()
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    back = shell.gate.buttons["restore"]
    assert back.text().startswith("Restore the backup of ") and back.text().endswith("3 items") and back.hasFocus()
    # One that is damaged itself is said to be, and another one can be chosen.
    broken = find_paths().backups / "library-20990101-000000-000000-daily.sqlite"
    broken.write_bytes(b"\xee" * 9000)
    shell._put_back(broken)
    qtbot.waitUntil(lambda: shell.gate is not None and "restore 1" in shell.gate.buttons, timeout=LONG)
    assert "is not a backup" in shell.gate.unrestored.text()
    broken.unlink()
    qtbot.keyClick(shell.gate.buttons["restore 1"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shell.is_whole and shell.window.library.items.rowCount() == 3, timeout=LONG)
    assert shell.gate is None
    (kept,) = backup.backup_folder(file).glob("damaged-*")
    assert kept.read_bytes() == b"\xff" * 50_000


def test_what_turns_out_damaged_once_it_is_open_is_restored_as_well(qtbot: QtBot, start: Callable[[], Shell]) -> None:
    """A page is bad that is first read where the queue begins."""
    file = find_paths().library
    library = fill(file, 3)
    library.backup()
    library.close()
    overwrite(file, "jobs_by_rank")
    shell = start()
    qtbot.waitUntil(lambda: shell.gate is not None, timeout=LONG)
    first = shell.gate
    assert "restore" in first.buttons
    qtbot.mouseClick(first.buttons["again"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.gate is not None and shell.gate is not first, timeout=LONG)
    assert "restore" in shell.gate.buttons, "still damaged, and nobody else has it"
    qtbot.mouseClick(shell.gate.buttons["restore"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.is_whole and shell.window.library.items.rowCount() == 3, timeout=LONG)


def test_closing_says_that_it_waits_for_the_state_before_a_large_change(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_assistant.workflows.keeping.backing_up.LARGE", 3)
    running = open_window(works=False, size=(900, 600))
    window = running.window
    ids, _ = running.assistant.library.add_items([new_item(number) for number in range(5)])
    go_on = threading.Event()
    plain = lean_copy.write

    def slow(source: object, target: Path, **options: object) -> None:
        go_on.wait(60)
        plain(source, target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(lean_copy, "write", slow)
    running.assistant.remove_items(ids).result(60)
    window.close()
    assert window.isVisible()
    curtain = window.findChild(Waiting)
    assert curtain.isVisible() and curtain.stay.hasFocus() and "closes by itself" in curtain.text.text()
    qtbot.keyClick(curtain.stay, Qt.Key.Key_Space)
    assert window.isVisible() and not curtain.isVisible()
    qtbot.waitUntil(lambda: window.findChild(Waiting) is None, timeout=LONG)
    window.close()
    assert window.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    assert [each.why for each in running.assistant.library.backups()] == ["change"]


def test_the_library_is_checked_and_repaired(qtbot: QtBot, open_window: Opener) -> None:
    library = fill(find_paths().library, 3)
    library.close()
    with closing(sqlite3.connect(library.file)) as connection:
        connection.execute("DELETE FROM item_text WHERE rowid = 2")
        connection.commit()
    running = open_window(works=False, size=(900, 600))
    running.window.go(Place("settings"))
    line = running.window.page("settings").check
    assert not line.mend.isVisible()
    qtbot.keyClick(line.start, Qt.Key.Key_Space)
    qtbot.waitUntil(line.mend.isVisible, timeout=LONG)
    assert line.says.text() == (
        "The index of words does not fit the texts in 1 place. Repair makes the index anew from the texts."
    )
    assert not running.assistant.library.backups()
    qtbot.mouseClick(line.mend, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line.says.isVisible() and "Repaired" in line.says.text(), timeout=LONG)
    assert line.says.text().endswith("Everything in the library fits together.")
    assert not line.mend.isVisible()
    assert line.start.hasFocus(), QApplication.focusWidget()
    assert len(running.assistant.library.backups()) == 1


def test_promise_10_no_room_for_a_backup_is_said_in_the_window(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    running.assistant.library.add_items([new_item(1)])
    running.window.go(Place("settings"))
    panel = running.window.page("settings").backups
    qtbot.waitUntil(lambda: panel.backups is not None, timeout=LONG)
    monkeypatch.setattr(backup, "_SPARE_BYTES", 1 << 60)
    qtbot.mouseClick(panel.now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "There is no room" in running.desk.notices.text, timeout=LONG)
    qtbot.waitUntil(lambda: panel.fault.isVisible() and panel.now.text() == "Back up now", timeout=LONG)
    assert panel.fault.text().startswith("The last backup was not made.")


def test_a_backup_that_fails_at_its_beginning_can_be_wanted_again(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    running.assistant.library.add_items([new_item(1)])
    running.window.go(Place("settings"))
    panel = running.window.page("settings").backups
    qtbot.waitUntil(lambda: panel.backups is not None, timeout=LONG)

    def fail(_library: Library) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(Library, "hold", fail)
        qtbot.mouseClick(panel.now, Qt.MouseButton.LeftButton)
        assert panel.now.text() == "Backing up…"
        qtbot.waitUntil(lambda: panel.now.text() == "Back up now", timeout=LONG)
    qtbot.mouseClick(panel.now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(panel.rows) == 1, timeout=LONG)


def test_a_library_for_looking_offers_no_backup_and_no_restore(qtbot: QtBot, home: Path) -> None:
    library = fill(find_paths().library, 2)
    library.backup()
    library.close()
    settings = Settings(language="en", theme="dark")
    assistant = Assistant.open(find_paths(), settings, is_read_only=True)
    running = Running.whole(prepare_application(), assistant)
    try:
        running.window.show()
        running.window.go(Place("settings"))
        page = running.window.page("settings")
        qtbot.waitUntil(lambda: len(page.backups.rows) == 1 and page.backups.rows[0].isVisible(), timeout=LONG)
        assert "2 items" in page.backups.rows[0].facts.text()
        for each in (page.backups.now, page.backups.from_file, page.backups.rows[0].restore):
            assert not each.isVisible()
        qtbot.mouseClick(page.check.start, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.check.says.text() == "Everything in the library fits together.", timeout=LONG)
    finally:
        running.close()
        assistant.close()
    assert len(list(backup.backup_folder(library.file).iterdir())) == 1
