"""The page of what was done: by mouse, by keys and read aloud; back to any step, one step alone, or why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import Concept
from media_assistant.items.history import Page, Understood
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.item_models.history_rows import PAGE
from media_assistant.ui.panels.history_panel import HistoryPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from tests.library.making import DOG, SEA, new_item

Opener = Callable[..., Running]
LONG = 20_000


@pytest.fixture
def ids(home: Path) -> list[int]:
    """Three items, of which one was understood by a model."""
    library = Library.open(find_paths().library)
    ids, _ = library.add_items([new_item(number) for number in range(3)])
    library.save_findings(ids[0], "sights", 1, "net", "r1", [], is_first_chunk=True)
    library.finish_analysis(ids[0], "sights", 1, "net", "r1")
    library.close()
    return ids


def opened(qtbot: QtBot, running: Running) -> HistoryPanel:
    """The page, by its key."""
    QTest.keyClick(
        running.window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    panel = running.window.page("history")
    assert isinstance(panel, HistoryPanel)
    qtbot.waitUntil(lambda: bool(panel.rows.rowCount()) or bool(panel.nothing.text()), timeout=LONG)
    return panel


def choose(qtbot: QtBot, panel: HistoryPanel, row: int) -> None:
    panel.list.setCurrentIndex(panel.rows.index(row))
    qtbot.waitUntil(lambda: bool(panel.why.text()), timeout=LONG)


def told(panel: HistoryPanel) -> list[str]:
    return [panel.rows.index(row).data() for row in range(panel.rows.rowCount())]


def test_nothing_was_done_yet(qtbot: QtBot, open_window: Opener, home: Path) -> None:
    panel = opened(qtbot, open_window(works=False))
    assert panel.rows.rowCount() == 0 and panel.nothing.isVisible()
    assert "Nothing has been done yet" in panel.nothing.text()
    assert not panel.alone.isVisible()


def test_what_was_done_is_told_and_taken_back_alone_or_up_to_here(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    assistant, library = running.assistant, running.assistant.library
    assistant.decide_tag(ids[:1], DOG, TagState.ACCEPTED).result()
    assistant.decide_tag(ids[:2], SEA, TagState.ACCEPTED).result()
    assistant.decide_tag(ids[:1], DOG, TagState.REJECTED).result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    assert told(panel) == [
        "Refused the tag “dog” on “clip 0”",
        "Accepted the tag “sea” on 2 items",
        "Accepted the tag “dog” on “clip 0”",
    ]
    choose(qtbot, panel, 2)
    qtbot.waitUntil(lambda: "cannot be undone alone" in panel.why.text(), timeout=LONG)
    assert not panel.alone.isEnabled() and "Refused the tag “dog”" in panel.why.text()
    panel.go_later.click()
    assert panel.list.currentIndex().row() == 0
    assert panel.alone.isEnabled() and panel.alone.text() == "Undo this step"

    choose(qtbot, panel, 1)
    qtbot.waitUntil(panel.alone.isEnabled, timeout=LONG)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 4, timeout=LONG)
    assert told(panel)[0] == "Took back: Accepted the tag “sea” on 2 items"
    assert [tag.concept.id for tag in library.details(ids[1]).tags] == []
    spoken = panel.rows.index(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Accepted the tag “sea” on 2 items. You · ") and spoken.endswith("taken back later")

    choose(qtbot, panel, 3)
    panel.back_to.click()
    qtbot.waitUntil(lambda: "4 steps were undone" in running.desk.notices.text, timeout=LONG)
    assert all(entry.is_undone for entry in library.journal())
    qtbot.waitUntil(lambda: "undone" in panel.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole), timeout=LONG)
    assert library.details(ids[0]).tags == ()

    choose(qtbot, panel, 2)
    qtbot.waitUntil(panel.again.isVisible, timeout=LONG)
    panel.again.click()
    qtbot.waitUntil(lambda: sum(not entry.is_undone for entry in library.journal()) == 2, timeout=LONG)
    assert {tag.concept.id for tag in library.details(ids[0]).tags} == {"dog", "sea"}


def test_it_follows_what_is_done_elsewhere_and_is_narrowed(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False)
    running.assistant.collections.create("By the sea 海边", ids).result()
    panel = opened(qtbot, running)
    running.assistant.add_tag(ids[:1], "harbour").result()
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2, timeout=LONG)
    tagged, gathered = told(panel)
    assert tagged == "Put the tag “harbour” on “clip 0”"
    for words, expected in (
        ("harb", [tagged]),
        ("collection", [gathered]),
        ("clip 0", [tagged]),
        ("no such thing", []),
        ("", [tagged, gathered]),
    ):
        panel.filter.setText(words)
        qtbot.waitUntil(lambda expected=expected: told(panel) == expected, timeout=LONG)
    panel.who.setCurrentIndex(1)
    panel.who.activated.emit(1)
    qtbot.waitUntil(lambda: told(panel) == ["What is seen of “clip 0”"], timeout=LONG)
    assert "Model net" in panel.rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    choose(qtbot, panel, 0)
    assert "not steps of yours" in panel.why.text() and not panel.alone.isVisible()
    panel.who.activated.emit(panel.who.currentIndex())


def test_what_was_done_in_the_large_view_is_there_when_the_page_is_seen_again(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    running.assistant.add_tag(ids[:1], "harbour").result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    running.window.open_item(ids[0])
    assert not panel.isVisible()
    with qtbot.waitSignal(running.desk.events.changed, timeout=LONG):
        running.assistant.add_tag(ids[:1], "boat").result()
    QTest.keyClick(running.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: told(panel)[0] == "Put the tag “boat” on “clip 0”", timeout=LONG)


def test_among_some_that_were_looked_for_the_first_one_is_undone_alone(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    assistant, library = running.assistant, running.assistant.library
    assistant.add_tag(ids[:1], "harbour").result()
    assistant.add_tag(ids[1:2], "beach").result()
    assistant.add_tag(ids[2:], "moon").result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    panel.filter.setText("harb")
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    choose(qtbot, panel, 0)
    qtbot.waitUntil(panel.alone.isEnabled, timeout=LONG)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: not library.details(ids[0]).tags, timeout=LONG)
    assert [len(library.details(item_id).tags) for item_id in ids] == [0, 1, 1]

    panel.filter.setText("harbour")
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2, timeout=LONG)
    choose(qtbot, panel, 1)
    panel.back_to.click()
    qtbot.waitUntil(lambda: all(entry.is_undone for entry in library.journal()), timeout=LONG)
    qtbot.waitUntil(lambda: "4 steps were undone" in running.desk.notices.text, timeout=LONG)


def test_whoever_goes_on_while_the_page_is_read_again_stays_where_they_went(
    qtbot: QtBot, open_window: Opener, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While models work it is read all the time, and the next key means the step that is chosen."""
    running = open_window(works=False)
    for name in ("harbour", "beach", "moon"):
        running.assistant.add_tag(ids[:1], name).result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    asked: list[tuple[Page, Callable[[Page], None]]] = []
    monkeypatch.setattr(panel.rows, "_read", lambda page, take, _give_up: asked.append((page, take)))
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.rows.index(0))
    panel.refresh()
    panel.list.setCurrentIndex(panel.rows.index(1))
    running.assistant.add_tag(ids[:1], "boat").result()
    page, take = asked.pop()
    take(running.assistant.library.history(page))
    assert panel.rows.rowCount() == 4
    assert panel.list.current == panel.rows.entries[2]
    assert "beach" in panel.step_text.text()


def test_what_a_model_did_is_known_again_when_more_came(
    qtbot: QtBot, open_window: Opener, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = opened(qtbot, open_window(works=False))
    done = [Understood(run, f"2026-01-01T00:00:0{run}+00:00", "sights", "", ids[0], "clip") for run in (3, 2, 1)]
    monkeypatch.setattr(panel.rows, "_read", lambda page, take, _give_up: take(replace(page, entries=tuple(done))))
    panel.refresh()
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.rows.index(1))
    done[:] = [replace(done[0], run_id=4), *(replace(each, found=7) for each in done)]
    panel.refresh()
    assert panel.list.current == done[2]


def test_keys_are_inert_while_typing(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False)
    running.assistant.add_tag(ids[:1], "harbour").result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    panel.filter.setFocus()
    QTest.keyClicks(panel.filter, "uUr")
    assert panel.filter.text() == "uUr"
    assert not running.assistant.library.journal()[0].is_undone


def test_a_hundred_thousand_steps_come_as_they_are_looked_at(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    with Library.open(find_paths().library)._database.transaction() as connection:
        edit = '{"do": "decide", "item": %d, "concept": "dog", "state": %s}'
        connection.executemany(
            "INSERT INTO journal (group_id, at, verb, edit, inverse) VALUES (?, ?, 'accept_tag', ?, ?)",
            [
                (
                    n,
                    f"2026-01-01T00:00:{n % 60:02}.{n:06}+00:00",
                    edit % (ids[0], '"accepted"'),
                    edit % (ids[0], "null"),
                )
                for n in range(1, 100_001)
            ],
        )
    running = open_window(works=False)
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() >= PAGE, timeout=LONG)
    assert panel.rows.rowCount() < 10 * PAGE
    for _ in range(3):
        before = panel.rows.rowCount()
        panel.list.scrollToBottom()
        qtbot.waitUntil(lambda before=before: panel.rows.rowCount() > before, timeout=LONG)
    assert [entry.number for entry in panel.rows.entries[:3]] == [100_000, 99_999, 99_998]


def test_a_screen_reader_hears_the_list(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False, language="zh_CN")
    running.assistant.add_tag(ids[:1], "海港").result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    heard = QAccessible.queryAccessibleInterface(panel.list)
    assert heard.role() is QAccessible.Role.List
    assert heard.text(QAccessible.Text.Name) == "做过的事，最新的在前"
    assert "添加标签“海港”" in heard.child(0).text(QAccessible.Text.Name)


def test_undo_in_the_review_takes_back_its_own_step(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    from media_assistant.items.span import WHOLE
    from tests.library.making import label

    library = Library.open(find_paths().library)
    for item_id in ids:
        library.save_findings(item_id, "sights", 1, "net", "", [label(DOG, 0.8, WHOLE)], is_first_chunk=True)
    library.close()
    running = open_window(works=False)
    running.window.go(Place("review"))
    queue = running.window.page("review").queue
    qtbot.waitUntil(lambda: queue.current is not None, timeout=LONG)
    decided = queue.current
    queue.decide(TagState.ACCEPTED)
    running.assistant.add_tag(ids[2:], "harbour").result()
    qtbot.waitUntil(lambda: len(running.assistant.library.journal()) == 2, timeout=LONG)
    queue.undo()
    qtbot.waitUntil(lambda: queue.current is not None and queue.current.item_id == decided.item_id, timeout=LONG)
    assert [concept.id for concept in tags_of(running, ids[2])] == ["harbour"], "what was done elsewhere stands"
    assert not [
        each
        for each in running.assistant.library.details(decided.item_id).tags
        if each.state is TagState.ACCEPTED and each.concept == DOG
    ]


def tags_of(running: Running, item_id: int) -> list[Concept]:
    tags = running.assistant.library.details(item_id).tags
    return [tag.concept for tag in tags if tag.state is TagState.ACCEPTED]


def test_a_notice_leaves_the_verbs_free_and_says_what_was_done_again(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    running.window.resize(900, 600)
    running.assistant.decide_tag(ids[:1], DOG, TagState.ACCEPTED).result()
    panel = opened(qtbot, running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    choose(qtbot, panel, 0)
    notices, window = running.desk.notices, running.window
    for keys, said in ((Qt.Key.Key_Z, "Undone: "), (Qt.Key.Key_Y, "Redone: ")):
        QTest.keyClick(window, keys, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda said=said: notices.text == f"{said}Accepted the tag “dog” on “clip 0”", timeout=LONG)
        assert notices.card is not None
        verb = panel.alone if panel.alone.isVisible() else panel.again
        where = verb.mapTo(window, verb.rect().topLeft())
        assert not notices.card.geometry().intersects(verb.rect().translated(where))
    panel.hide()
    notices.tell("elsewhere")
    assert notices.card.geometry().bottom() > where.y(), "at the foot again"
