"""The disk fails once: it is said, and whoever asked asks again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.ui import review_queue
from media_assistant.ui.item_models.history_rows import HistoryItemModel
from media_assistant.ui.panels.history_panel import HistoryPanel
from media_assistant.ui.panels.review_panel import ReviewPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.workflows.intake.watching import Folders
from tests.library.making import DOG, label, new_item

Opener = Callable[..., Running]
LONG = 20_000


class FailingDisk:
    """A read that fails as long as `is_broken`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, of: type, name: str) -> None:
        self.is_broken = True
        self.failed = 0
        read = getattr(of, name)

        def fail_or_read(*arguments: object, **named: object) -> object:
            if self.is_broken:
                self.failed += 1
                raise UserFixable("library.disk_error", library="this one")
            return read(*arguments, **named)

        monkeypatch.setattr(of, name, fail_or_read)


def is_said(running: Running) -> bool:
    return "The disk did not read" in running.desk.notices.text


def add(running: Running, *names: str) -> None:
    new = [NewItem(Kind.TEXT, f"/films/{name}/{name}.txt", name, len(name), 10**18, name) for name in names]
    running.desk.events.take_changes(running.assistant.library.add_items(new)[1])


def test_the_sidebar_counts_again(qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    running = open_window(works=False)
    kinds = running.window.sidebar.kinds
    qtbot.waitUntil(lambda: running.window.sidebar._counting.is_at_rest, timeout=LONG)
    disk = FailingDisk(monkeypatch, Library, "tag_counts")
    add(running, "one")
    qtbot.waitUntil(lambda: disk.failed > 0 and is_said(running), timeout=LONG)
    disk.is_broken = False
    add(running, "two")
    qtbot.waitUntil(lambda: kinds._entries[0].count == "2", timeout=LONG)


def test_cells_that_could_not_be_read_are_filled_when_they_are_next_seen(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    items = running.window.library.items
    disk = FailingDisk(monkeypatch, Library, "items")
    add(running, "one", "two")
    qtbot.waitUntil(lambda: items.rowCount() == 2 and disk.failed > 0 and is_said(running), timeout=LONG)
    assert items.item_at(0) is None
    disk.is_broken = False
    qtbot.waitUntil(lambda: not items._asked, timeout=LONG)
    items.want_rows(0, 1)
    qtbot.waitUntil(lambda: items.item_at(0) is not None and items.item_at(1) is not None, timeout=LONG)


def test_the_folders_are_read_again_and_nothing_ticks_for_ever(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    section = running.window.sidebar.folders
    qtbot.waitUntil(lambda: section._reading.is_at_rest, timeout=LONG)
    disk = FailingDisk(monkeypatch, Folders, "states")
    running.desk.events.take_changes(running.assistant.library.add_root("/films"))
    qtbot.waitUntil(lambda: disk.failed > 0 and is_said(running), timeout=LONG)
    assert section._reading.is_at_rest
    disk.is_broken = False
    add(running, "one")
    qtbot.waitUntil(lambda: section.tree.rows.rowCount() == 1, timeout=LONG)


def test_the_review_fetches_again_when_the_person_goes_on(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_queue, "PAGE", 4)
    monkeypatch.setattr(review_queue, "AHEAD", 3)
    running = open_window(works=False)
    library = running.assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(7)])
    for item_id in ids:
        library.save_findings(item_id, "sights", 1, "net", "r", [label(DOG, 0.9, WHOLE)], is_first_chunk=True)
    running.window.go(Place("review", tag=DOG.id))
    queue = running.window.page("review").queue
    qtbot.waitUntil(lambda: queue.current is not None, timeout=LONG)
    disk = FailingDisk(monkeypatch, Library, "proposals")
    queue.decide(TagState.ACCEPTED)
    queue.go_on()
    qtbot.waitUntil(lambda: disk.failed > 0 and is_said(running), timeout=LONG)
    disk.is_broken = False
    queue.go_on()
    qtbot.waitUntil(lambda: len(queue._entries) == len(ids), timeout=LONG)


def open_review(qtbot: QtBot, running: Running) -> tuple[ReviewPanel, list[int]]:
    library = running.assistant.library
    ids, _ = library.add_items([new_item(number) for number in range(4)])
    for place, item_id in enumerate(ids):
        library.save_findings(
            item_id, "sights", 1, "net", "r", [label(DOG, 0.9 - place / 10, WHOLE)], is_first_chunk=True
        )
    running.window.go(Place("review", tag=DOG.id))
    review = running.window.page("review")
    assert isinstance(review, ReviewPanel)
    return review, ids


def asks(review: ReviewPanel, item_id: int) -> bool:
    return review.queue.current is not None and review.queue.current.item_id == item_id


def test_an_answer_that_could_not_be_written_is_asked_for_again(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    review, ids = open_review(qtbot, running)
    qtbot.waitUntil(lambda: asks(review, ids[0]), timeout=LONG)
    review.queue.decide(TagState.ACCEPTED)
    qtbot.waitUntil(lambda: running.assistant.library.count_proposals(DOG.id) == 3, timeout=LONG)
    disk = FailingDisk(monkeypatch, Library, "decide_tag")
    review.queue.decide(TagState.REJECTED)
    assert asks(review, ids[2])
    qtbot.waitUntil(lambda: asks(review, ids[1]), timeout=LONG)
    assert is_said(running) and review.queue.decided == (1, 0)
    disk.is_broken = False
    review.queue.undo()
    qtbot.waitUntil(lambda: asks(review, ids[0]), timeout=LONG)
    assert running.assistant.library.count_proposals(DOG.id) == 4


def test_the_review_stays_at_a_proposal_that_cannot_be_read_and_reads_it_again(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    disk = FailingDisk(monkeypatch, Library, "evidence")
    review, ids = open_review(qtbot, running)
    qtbot.waitUntil(lambda: disk.failed > 0 and is_said(running), timeout=LONG)
    assert asks(review, ids[0])
    disk.is_broken = False
    review.queue.go_on()
    review.queue.go_back()
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    assert asks(review, ids[0])


def test_the_history_brings_the_next_page_again(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_assistant.ui.item_models.history_rows.PAGE", 5)
    monkeypatch.setattr("media_assistant.ui.panels.history_panel.PAGE", 5)
    running = open_window(works=False)
    for number in range(60):
        running.assistant.collections.create(f"collection {number}", ()).result()
    running.window.go(Place("history"))
    panel = running.window.page("history")
    assert isinstance(panel, HistoryPanel)
    rows: HistoryItemModel = panel.rows
    qtbot.waitUntil(lambda: rows.rowCount() > 0 and not rows._is_reading, timeout=LONG)
    disk, top = FailingDisk(monkeypatch, Library, "history"), panel.list.rootIndex()
    before = rows.rowCount()
    assert rows.canFetchMore(top)
    rows.fetchMore(top)
    qtbot.waitUntil(lambda: disk.failed > 0 and is_said(running), timeout=LONG)
    disk.is_broken = False
    # What was done before may still have the page read anew.
    qtbot.waitUntil(lambda: rows.canFetchMore(top), timeout=LONG)
    rows.fetchMore(top)
    qtbot.waitUntil(lambda: rows.rowCount() > before, timeout=LONG)
