"""Where an answer takes long and models find something every moment: nothing is asked for nobody, nothing twice at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept, TagCensus
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.ui import collecting
from media_assistant.ui.item_models.tag_tree import make_tree
from media_assistant.ui.panels.history_panel import CHOOSES_MS, HistoryPanel
from media_assistant.ui.places import Place
from media_assistant.ui.rereading import RESTS
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.star_row import MANY
from media_assistant.ui.widgets.tags.tree_view import TagTreeView
from media_assistant.workflows.understanding.queue_face import QueueFace

Opener = Callable[..., Running]
LONG = 20_000
DOG = Concept("dog", "dog", "狗", (), ("animal",))


class Watched:
    """Counts how often the library is asked something, and how many ask at once; `takes_s` longer than it does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, of: type, name: str, takes_s: float = 0.0) -> None:
        self.count = self.at_once = self.most_at_once = 0
        self.takes_s = takes_s
        self.threads: set[threading.Thread] = set()
        read = getattr(of, name)

        def ask(*asked: Any, **named: Any) -> Any:
            self.count += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.threads.add(threading.current_thread())
            time.sleep(self.takes_s)
            try:
                return read(*asked, **named)
            finally:
                self.at_once -= 1

        monkeypatch.setattr(of, name, ask)


def add_photos(running: Running, count: int, first: int = 0) -> list[int]:
    new = [NewItem(Kind.PHOTO, f"/m/{n}", f"photo {n}", 1, 1, f"{n:032x}") for n in range(first, first + count)]
    ids, changes = running.assistant.library.add_items(new)
    running.desk.events.take_changes(changes)
    return ids


def most_readings(began: float, takes_s: float) -> float:
    """Since then, with a rest after each. Fewer where what was asked before took long: that rests as long as it deserves.
    A tenth of the rest may be missing, for Qt's coarse timers come early too.
    """
    return 1 + (time.monotonic() - began) / (takes_s * (1 + 0.9 * RESTS))


def propose(running: Running, ids: list[int]) -> None:
    for item_id in ids:
        found = [Moment(WHOLE, Sense.SEEN, Layer.LABEL, DOG, score=0.9)]
        running.assistant.library.save_findings(item_id, "sights", 1, "net", "r", found, is_first_chunk=True)


@pytest.fixture
def models_work(qtbot: QtBot) -> Iterator[Callable[[Running, tuple[int, ...]], QTimer]]:
    """Something is found in these items all the time, from now on."""
    timers: list[QTimer] = []

    def work(running: Running, item_ids: tuple[int, ...]) -> QTimer:
        timer = QTimer()
        timer.timeout.connect(lambda: running.desk.events.take_changes(LibraryChanges(moments=item_ids)))
        timer.start(70)
        timers.append(timer)
        return timer

    yield work
    for timer in timers:
        timer.stop()


Work = Callable[[Running, tuple[int, ...]], QTimer]


def test_a_review_that_nobody_sees_asks_nothing_and_is_true_when_it_is_seen(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, models_work: Work
) -> None:
    running = open_window(works=False)
    ids = add_photos(running, 6)
    propose(running, ids)
    running.window.go(Place("review", tag=DOG.id))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.queue.place == (1, 6) and review.queue._total == 6, timeout=LONG)
    waiting = Watched(monkeypatch, Library, "still_waiting", takes_s=0.2)
    counting = Watched(monkeypatch, Library, "count_proposals")
    work = models_work(running, (ids[0],))
    qtbot.waitUntil(lambda: waiting.count > 1, timeout=LONG)
    assert waiting.most_at_once == 1
    assert counting.count == 0, "nothing is gone"
    running.window.go(Place())
    assert not review.isVisible()
    qtbot.waitUntil(lambda: waiting.at_once == 0, timeout=LONG)
    before = waiting.count
    gone = review.queue.current.item_id
    running.assistant.remove_items([gone]).result()
    qtbot.wait(1500)
    assert waiting.count == before
    work.stop()
    running.window.go(Place("review", tag=DOG.id))
    qtbot.waitUntil(lambda: review.queue.place == (1, 5) and review.queue.current.item_id != gone, timeout=LONG)


def test_tags_are_counted_one_count_at_a_time_and_shown_while_models_work(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, models_work: Work
) -> None:
    running = open_window(works=False)
    ids = add_photos(running, 6)
    propose(running, ids[:2])
    running.window.go(Place("tags", tag=DOG.id))
    page = running.window.page("tags")
    qtbot.waitUntil(lambda: page.tree.current is not None and len(page.details.threshold._scores) == 2, timeout=LONG)
    census = Watched(monkeypatch, Library, "tag_census", takes_s=0.6)
    scores = Watched(monkeypatch, Library, "tag_scores", takes_s=0.6)
    models_work(running, (ids[0],))
    propose(running, ids[2:])
    qtbot.waitUntil(lambda: page.tree.current.entry.proposed == 6, timeout=LONG)
    qtbot.waitUntil(lambda: len(page.details.threshold._scores) == 6, timeout=LONG)
    assert census.most_at_once == scores.most_at_once == 1


def test_of_many_chosen_ones_one_sum_is_made_at_a_time_and_stars_are_a_persons(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, models_work: Work
) -> None:
    running = open_window(works=False)
    ids = add_photos(running, MANY + 5)
    grid, many = running.window.library.grid, running.window.inspector.many
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == len(ids), timeout=LONG)
    sums = Watched(monkeypatch, Library, "sum_up", takes_s=0.4)
    stars = Watched(monkeypatch, Library, "ratings")
    grid.selection.set_all(ids)
    qtbot.waitUntil(lambda: stars.count == 1 and sums.count >= 1, timeout=LONG)
    work = models_work(running, (ids[0],))
    qtbot.wait(1200)
    assert stars.count == 1
    qtbot.waitUntil(lambda: sums.count >= 2, timeout=LONG)
    assert sums.most_at_once == 1
    running.assistant.rate(ids, 4).result()
    qtbot.waitUntil(lambda: many.stars.stars.value() == 4, timeout=LONG)
    grid.selection.clear()
    qtbot.waitUntil(lambda: not many.isVisible() and sums.at_once == 0, timeout=LONG)
    qtbot.wait(200)
    before = sums.count, stars.count
    qtbot.wait(800)
    work.stop()
    assert (sums.count, stars.count) == before


def test_an_arrow_that_is_held_down_asks_once_where_it_stops(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    for number in range(20):
        running.assistant.collections.create(f"collection {number}", ()).result()
    running.window.go(Place("history"))
    panel = running.window.page("history")
    assert isinstance(panel, HistoryPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 20, timeout=LONG)
    # What was made just now may be told at any time, and shows the page again.
    running.desk.events.changed.disconnect(panel._library_changed)
    qtbot.waitUntil(lambda: not (panel._renewal.isActive() or panel._is_asking or panel._is_stale), timeout=LONG)
    standing = Watched(monkeypatch, Library, "what_stands_on")
    panel._choosing.setInterval(LONG)
    for row in range(1, 16):
        panel.list.setCurrentIndex(panel.rows.index(row))
        QApplication.processEvents()
    assert standing.count == 0 and not panel.alone.isEnabled()
    panel._choosing.setInterval(CHOOSES_MS)
    qtbot.waitUntil(panel.alone.isEnabled, timeout=LONG)
    assert standing.count == 1
    assert panel.list.currentIndex().row() == 15


def test_the_history_is_read_once_at_a_time_while_there_is_news(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    running.window.go(Place("history"))
    panel = running.window.page("history")
    qtbot.waitUntil(panel.isVisible, timeout=LONG)
    qtbot.wait(400)
    reading = Watched(monkeypatch, Library, "history", takes_s=0.5)
    began = time.monotonic()
    for _ in range(25):
        running.desk.events.take_changes(LibraryChanges(jobs=True))
        qtbot.wait(70)
    qtbot.waitUntil(lambda: reading.count > 0, timeout=LONG)
    assert reading.count <= most_readings(began, 0.5)
    assert reading.most_at_once == 1


def test_what_waits_is_counted_off_the_windows_thread(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Watched(monkeypatch, QueueFace, "progress")
    running = open_window(works=False)
    running.window.go(Place("work"))
    running.window.activity.pause.click()
    qtbot.waitUntil(lambda: progress.count >= 3, timeout=LONG)
    assert threading.main_thread() not in progress.threads


def test_groups_and_collections_are_read_once_at_a_time_while_files_come_in(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    reading = Watched(monkeypatch, Library, "collections", takes_s=0.3)
    knowing = Watched(monkeypatch, type(running.assistant.groups), "known", takes_s=0.3)
    began = time.monotonic()
    for number in range(20):
        add_photos(running, 1, first=number)
        qtbot.wait(70)
    qtbot.waitUntil(lambda: reading.count > 0 and knowing.count > 0, timeout=LONG)
    assert max(reading.count, knowing.count) <= most_readings(began, 0.3)
    section = running.window.sidebar.collections
    running.assistant.collections.create("mine", ()).result()
    qtbot.waitUntil(lambda: [each.name for each in section.known] == ["mine"], timeout=LONG)


def test_a_place_is_marked_and_no_row_made_anew(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    for name in ("one", "two"):
        running.assistant.collections.create(name, ()).result()
    section = running.window.sidebar.collections
    qtbot.waitUntil(lambda: len(section.known) == 2, timeout=LONG)
    shows = Watched(monkeypatch, type(section), "_show")
    running.window.go(Place(collection=section.known[1].id, name="two"))
    assert section.list.currentIndex().data() == "two"
    running.window.go(Place())
    assert not section.list.currentIndex().isValid()
    assert shows.count == 0


def test_the_menu_of_collections_is_filled_when_it_is_opened(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    ids = add_photos(running, 2)
    library, section = running.assistant.library, running.window.sidebar.collections
    for name in ("one", "two & three"):
        running.assistant.collections.create(name, ()).result()
    qtbot.waitUntil(lambda: len(section.known) == 2, timeout=LONG)
    menu = QMenu(running.window)
    collecting.add_to_menu(running.desk, menu, chosen=ids, place=Place(), known=section.known, owner=running.window)
    into = menu.actions()[0].menu()
    assert isinstance(into, QMenu)
    assert len(into.actions()) == 1
    for _ in range(2):
        into.aboutToShow.emit()
        assert [action.text() for action in into.actions()][2:] == ["one", "two && three"]
    into.actions()[-1].trigger()
    qtbot.waitUntil(lambda: [each.count for each in library.collections()] == [0, 2], timeout=LONG)


def test_the_tree_of_tags_stays_under_the_eye_while_numbers_change(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    view = TagTreeView(running.desk)
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show()

    def entries(proposed: int, more: int = 0) -> list[TagCensus]:
        concepts = [Concept(f"tag{n:03}", f"tag{n:03}") for n in range(100 + more)]
        return [TagCensus(concept, 1, proposed) for concept in concepts]

    view.show_tree(make_tree(entries(1), "en"), is_filtered=False)
    view.choose("tag000")
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    where, resets = view.verticalScrollBar().value(), list[bool]()
    view.tree.modelReset.connect(lambda: resets.append(True))
    view.show_tree(make_tree(entries(2), "en"), is_filtered=False)
    assert view.current is not None and view.current.entry.proposed == 2
    assert not resets and view.verticalScrollBar().value() == where > 0
    view.show_tree(make_tree(entries(2, more=3), "en"), is_filtered=False)
    assert resets and view.verticalScrollBar().value() == where
    assert view.current.entry.concept.id == "tag000"


def test_the_buttons_of_the_overview_stay_while_numbers_change(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    running.window.go(Place("tags"))
    overview = running.window.page("tags").overview
    overview.show_all(3, [("net", 3)], [], [DOG])
    before = overview._never.itemAt(0).widget(), overview._numbers["net"]
    overview.show_all(4, [("net", 4)], [], [DOG])
    assert (overview._never.itemAt(0).widget(), overview._numbers["net"]) == before
    assert "4" in overview._numbers["net"].text()
    overview.show_all(4, [("net", 0)], ["net"], [])
    assert overview._never.count() == 0 and overview._numbers["net"] is not before[1]
