"""The page of what is done: seen, ordered, held back, stopped and tried again, on a real queue with real workers."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import ImportReport, QueueProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.library.library import JobRow, NewItem
from media_assistant.ui import actions
from media_assistant.ui.look.icons import make_icon
from media_assistant.ui.panels.work_panel import WorkPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.workflows.intake.importing import ImportProgress

Opener = Callable[..., Running]
Drop = Callable[..., None]
LONG = 120_000


@pytest.fixture
def films(samples: Path, tmp_path: Path) -> list[Path]:
    """Two of the same with content of their own, and a name longer than any window."""
    made = []
    for number, name in enumerate(("first", "second " + "very long name " * 12)):
        film = Path(shutil.copy(samples / "journey.mp4", tmp_path / f"{name}.mp4"))
        with film.open("ab") as end:
            end.write(b" " * number)
        made.append(film)
    return made


def show_page(qtbot: QtBot, running: Running) -> WorkPanel:
    running.window.go(Place("work"))
    page = running.window.page("work")
    qtbot.waitUntil(page.isVisible)
    return page


def titles(page: WorkPanel) -> list[tuple[str, int, str]]:
    return [(each.title[:6].strip(), each.stage, each.state) for each in page.queue.items.entries]


def paused_with(qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]) -> tuple[Running, WorkPanel]:
    running = open_window(size=(900, 600))
    running.assistant.pause().result(10)
    drop(running, *films)
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == len(films), timeout=LONG)
    page = show_page(qtbot, running)
    qtbot.waitUntil(lambda: len(titles(page)) >= 4, timeout=LONG)
    return running, page


def test_the_order_is_changed_by_keys_by_menu_and_by_dragging(
    qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]
) -> None:
    running, page = paused_with(qtbot, open_window, drop, films)
    before = titles(page)
    assert [stage for _, stage, _ in before[:4]] == [0, 0, 1, 1]
    page.queue.setFocus()
    page.queue.setCurrentIndex(page.queue.items.index(3))
    qtbot.keyClick(page.queue, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: titles(page)[2] == before[3], timeout=LONG)
    assert page.queue.currentIndex().row() == 2
    menu = page.queue.menu()
    next(each for each in menu.actions() if each.text() == "First").trigger()
    menu.close()
    qtbot.waitUntil(lambda: titles(page)[0] == before[3], timeout=LONG)
    carried = page.queue.items.mimeData([page.queue.items.index(0)])
    assert not page.queue.items.dropMimeData(carried, Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    qtbot.waitUntil(lambda: titles(page)[2] == before[3], timeout=LONG)
    # The queue itself says the same.
    lease = running.assistant.library.queue_entries()
    assert [(each.title[:6].strip(), each.stage, each.state) for each in lease] == titles(page)


def test_one_is_held_back_and_cancelled_and_all_go_on(
    qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]
) -> None:
    _, page = paused_with(qtbot, open_window, drop, films)
    held, gone = page.queue.items.entries[2], page.queue.items.entries[3]
    page.queue.setCurrentIndex(page.queue.items.index(2))
    qtbot.mouseClick(page.verbs["hold"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: (held.title[:6].strip(), 1, "paused") in titles(page), timeout=LONG)
    assert page.verbs["hold"].text() == "Resume"
    row = next(
        at for at, each in enumerate(page.queue.items.entries) if each.item_id == gone.item_id and each.stage == 1
    )
    page.queue.setCurrentIndex(page.queue.items.index(row))
    qtbot.keyClick(page.queue, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: all(each.item_id != gone.item_id or each.stage == 0 for each in page.queue.items.entries))
    assert page.pause.text() == "Resume all"
    qtbot.mouseClick(page.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "held back" in page.status.text(), timeout=LONG)
    qtbot.waitUntil(lambda: {each.state for each in page.queue.items.entries} == {"paused"}, timeout=LONG)
    page.queue.setCurrentIndex(page.queue.items.index(0))
    qtbot.keyClick(page.queue, Qt.Key.Key_P)
    qtbot.waitUntil(
        lambda: bool(page.cards) and page.cards[0].isVisible() and "real time" in page.cards[0].how.text(), timeout=LONG
    )
    assert "the processor" in page.cards[0].how.text()
    qtbot.mouseClick(page.cards[0].cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Nothing to do" in page.status.text(), timeout=LONG)


def test_a_worker_that_dies_is_said_in_words_and_tried_again(
    qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]
) -> None:
    running = open_window()
    few = ("writing", "sights", "sounds", "music", "voice", "pictures", "subtitles")
    running.assistant.set_settings(running.assistant.settings._replace(switched_off=few)).result(10)
    drop(running, films[0])
    page = show_page(qtbot, running)
    lanes = running.assistant._queue._lanes

    killed: set[int] = set()

    def kill() -> None:
        for lane in lanes:
            pid = lane.worker.pid
            if lane.in_work is not None and lane.in_work.stage == 1 and pid is not None and pid not in killed:
                killed.add(pid)
                lane.worker.kill()

    def has_failed() -> bool:
        kill()
        return bool(page.failed.texts)

    def is_over() -> bool:
        counts = running.assistant.library.job_counts()
        return not counts.waiting and not counts.running

    qtbot.waitUntil(has_failed, timeout=LONG)
    # The last one that was killed is noticed in its own time, and would fail after all are tried again.
    qtbot.waitUntil(is_over, timeout=LONG)
    assert len(killed) >= 3
    assert "first: " in page.failed.texts[0]
    assert "error." not in page.failed.texts[0]
    assert "first.mp4" not in page.failed.texts[0]
    qtbot.mouseClick(page.failed.button(0, 2), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert f"file: {films[0]}" in copied
    assert "code: error.jobs.crashed" in copied
    qtbot.mouseClick(page.failed.all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.failed.isVisible(), timeout=LONG)
    qtbot.waitUntil(is_over, timeout=LONG)
    assert running.assistant.library.job_counts().failed == 0


def test_what_plays_has_the_computer_first(qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]) -> None:
    running = open_window(works=False)
    restraint = running.assistant._queue.restraint
    drop(running, films[0])
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == 1, timeout=LONG)
    item = running.assistant.library.item(running.assistant.library.item_ids()[0])
    running.window.playback.load(item)
    running.window.playback.play()
    qtbot.waitUntil(lambda: restraint.playing, timeout=LONG)
    running.window.playback.pause()
    qtbot.waitUntil(lambda: not restraint.playing, timeout=LONG)


def test_who_cancels_what_comes_in_keeps_the_analyses_that_wait(
    qtbot: QtBot, open_window: Opener, drop: Drop, tmp_path: Path
) -> None:
    running = open_window(works=False)
    assistant, window = running.assistant, running.window
    (item_id,), _ = assistant.library.add_items([NewItem(Kind.PHOTO, "/nowhere/a.jpg", "a", 1, 1, "a")])
    assistant.library.enqueue([JobRow(item_id, "sights", 1)])
    assistant.pause().result(10)
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(f"Note {number} of the lighthouse. " * 20)
    is_in, is_clicked = threading.Event(), threading.Event()

    def plan(_item_ids: object) -> int:
        """The first batch is in, and the second one begins when the person has clicked."""
        is_in.set()
        is_clicked.wait(60)
        return 0

    assistant._queue.plan = plan  # type: ignore[method-assign,assignment]
    drop(running, folder)
    qtbot.waitUntil(lambda: is_in.is_set() and window.activity.cancel.isVisible(), timeout=LONG)
    assert window.activity.status.text().startswith("Taking in files")
    qtbot.mouseClick(window.activity.cancel, Qt.MouseButton.LeftButton)
    is_clicked.set()
    qtbot.waitUntil(lambda: bool(running.desk.notices.text), timeout=LONG)
    assert running.desk.notices.text == "Stopped. 20 items had been added; the rest was left out."
    assistant.pause().result(10)  # after whatever the click asked of the queue
    counts = assistant.library.job_counts()
    assert (counts.waiting, counts.cancelled) == (1, 0)
    # Nothing comes in any more: now it is the analyses that are meant.
    qtbot.waitUntil(window.activity.cancel.isVisible, timeout=LONG)
    told: list[LibraryChanges] = []
    running.desk.events.changed.connect(told.append)
    qtbot.mouseClick(window.activity.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(item_id in changes.changed for changes in told), timeout=LONG)
    assert assistant.library.job_counts().cancelled == 1


def test_what_was_stopped_before_anything_came_in_is_told_so(open_window: Opener) -> None:
    running = open_window(works=False)
    actions.tell_import(running.desk, report=ImportReport(is_stopped=True), owner=running.window)
    assert running.desk.notices.text == "Stopped. Nothing was added."


def test_at_rest_nothing_looks_as_if_it_went_on(open_window: Opener) -> None:
    running = open_window(works=False)
    strip, colour = running.window.activity, running.desk.look.colours.text_soft

    def sign() -> str:
        shown = strip.details.icon().pixmap(18).toImage()
        return next(name for name in ("tick", "work", "pause") if make_icon(name, colour).pixmap(18).toImage() == shown)

    assert sign() == "tick"
    strip.show_progress(QueueProgress(total=3, done=1))
    assert sign() == "work"
    strip.show_progress(QueueProgress(total=4, done=1, failed=1))
    assert strip.status.text() == "Analysing: 2 of 4 done", "what failed is done with too, as in the bar"
    strip.show_progress(QueueProgress(total=3, done=1, is_paused=True))
    assert sign() == "pause"
    strip.show_progress(QueueProgress(total=3, done=3))
    assert sign() == "tick"
    strip.show_import(ImportProgress(4, 1, ""))
    assert sign() == "work"
    strip.show_import(None)
    assert sign() == "tick"


def test_what_is_not_in_the_queue_is_done_too(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    events = running.desk.events
    events.imported.emit(ImportProgress(4, 1, ""))
    page = show_page(qtbot, running)
    qtbot.waitUntil(lambda: page._is_clear, timeout=LONG)
    assert not page._idle.isVisible() and page.status.text() == "Taking in files: 4 looked at"
    assert page.cancel.isVisible() and not page.pause.isVisible()
    events.imported.emit(None)
    assert page._idle.isVisible() and not page.cancel.isVisible()
    events.occupied.emit("Round 2 of 40")
    assert not page._idle.isVisible() and page.status.text() == "Round 2 of 40"
    events.occupied.emit("")
    assert page._idle.isVisible()


def test_a_thousand_failures_are_shown_in_part(
    qtbot: QtBot, open_window: Opener, drop: Drop, films: list[Path]
) -> None:
    running = open_window(works=False, language="zh_CN", size=(900, 600))
    library = running.assistant.library
    new = [NewItem(Kind.PHOTO, f"/nowhere/{at:04}.jpg", f"{at:04}", 1, at, f"{at:032x}") for at in range(1000)]
    ids, _ = library.add_items(new)
    library.enqueue([JobRow(item_id, "sights", 1) for item_id in ids])
    while (lease := library.lease_jobs()) is not None:
        library.fail_analysis(lease.item_id, "sights", Sentence("error.jobs.memory"), is_final=True)
    page = show_page(qtbot, running)
    qtbot.waitUntil(lambda: len(page.failed.texts) == 40, timeout=LONG)
    assert "960" in page.failed._more.text()
    assert not [menu for menu in page.findChildren(QMenu) if menu.isVisible()]
