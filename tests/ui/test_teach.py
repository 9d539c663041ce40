"""The page that teaches a tag: from a selection to proposals, questions answered by keys, versions, and read aloud."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE
from media_assistant.items.teaching import TaughtExample
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.lesson_page import LessonPage
from media_assistant.ui.panels import teach_panel
from media_assistant.ui.panels.teach_panel import TeachPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets import review_stage
from tests.library.making import new_item

pytestmark = pytest.mark.usefixtures("files_are_taken_for_there")
Opener = Callable[..., Running]
LONG = 60_000
HELD_S = 200
"""What is held is held until it is let go: longer than all that is waited for meanwhile."""
TAG = "own:Grandma"
BOTH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def ids(home: object) -> list[int]:
    """Forty photos of four topics in turn."""
    library = Library.open(find_paths().library)
    draw = np.random.default_rng(4)
    points = draw.standard_normal((4, 16))
    ids, _ = library.add_items([new_item(n, path=f"/m/{n}.jpg", kind=Kind.PHOTO) for n in range(40)])
    for number, item_id in enumerate(ids):
        values = points[number % 4] + 0.4 * draw.standard_normal(16)
        vector = Vector("looks", WHOLE, (values / np.linalg.norm(values)).astype("<f4").tobytes())
        library.save_findings(item_id, "sights", 1, "net", "1", [vector], is_first_chunk=True)
    library.close()
    return ids


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_from_a_selection_by_keys_to_proposals_and_back(
    qtbot: QtBot, open_window: Opener, ids: list[int], language: str
) -> None:
    running = open_window(works=False, language=language, size=(900, 600))
    window, library = running.window, running.assistant.library
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 40, timeout=LONG)
    window.library.grid.selection.set_all([ids[0], ids[4]])
    QTest.keyClick(window, Qt.Key.Key_L, BOTH)
    panel = window.page("teach")
    assert isinstance(panel, TeachPanel)
    assert panel.picker.isVisible() and "2" in panel.picker.question.text()
    QTest.keyClicks(panel.picker.field, "Grandma")
    QTest.keyClick(panel.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.question.isVisible() and "Grandma" in panel.question.says.text(), timeout=LONG)
    first = library.count_proposals(TAG)
    assert first >= 4
    assert "Grandma" in panel.accessibleDescription() and panel.side.expected.text()
    assert {row.example.item_id for row in panel.side.examples.rows} == {ids[0], ids[4]}
    qtbot.waitUntil(lambda: len(panel.side.which_way.lines) >= 4, timeout=LONG)
    assert any("2" in line.text() for line in panel.side.which_way.lines) and panel.side.which_way.advised.text()
    asked = panel._known.questions[0].item_id  # type: ignore[union-attr]
    QTest.keyClick(panel, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: len(panel.side.versions.buttons) == 1, timeout=LONG)
    assert asked in {each.item_id for each in library.taught_examples(TAG) if each.is_counter}
    qtbot.mouseClick(panel.side.versions.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: 2 in panel.side.versions.buttons, timeout=LONG)
    panel.setFocus()
    QTest.keyClick(panel, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: 1 in panel.side.versions.buttons, timeout=LONG)
    qtbot.mouseClick(panel.forget, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: library.count_proposals(TAG) == 0, timeout=LONG)
    assert sorted(library.item_ids(tag=TAG)) == [ids[0], ids[4]]


def test_a_skipped_question_is_not_asked_again_and_keys_are_inert_while_typing(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    assistant = running.assistant
    assistant.teaching.teach("Grandma", [TaughtExample(ids[0]), TaughtExample(ids[4])]).result()
    running.window.go(Place("teach", tag=TAG))
    panel = running.window.page("teach")
    qtbot.waitUntil(lambda: panel._known is not None and panel._known.shown is not None, timeout=LONG)
    asked = panel._known.questions[0].item_id
    QTest.keyClick(panel, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: panel._known.questions[0].item_id != asked, timeout=LONG)
    panel.other.click()
    QTest.keyClicks(panel.picker.field, "yes")
    assert panel.picker.field.text() == "yes"
    assert len(assistant.library.taught_examples(TAG)) == 2


def test_what_was_taught_in_the_large_view_is_there_when_the_page_is_seen_again(
    qtbot: QtBot, open_window: Opener, ids: list[int]
) -> None:
    running = open_window(works=False)
    assistant = running.assistant
    assistant.teaching.teach("Grandma", [TaughtExample(ids[0]), TaughtExample(ids[4])]).result()
    running.window.go(Place("teach", tag=TAG))
    panel = running.window.page("teach")
    qtbot.waitUntil(lambda: len(panel.side.examples.rows) == 2, timeout=LONG)
    qtbot.waitUntil(lambda: not panel._renewal.isActive(), timeout=LONG)
    running.window.open_item(ids[8])
    with qtbot.waitSignal(running.desk.events.changed, timeout=LONG):
        assistant.teaching.teach("Grandma", [TaughtExample(ids[8])]).result()
    qtbot.wait(500)  # what follows of it is told a moment later
    assert len(panel.side.examples.rows) == 2
    QTest.keyClick(running.window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(panel.side.examples.rows) == 3, timeout=LONG)


def test_without_anything_it_asks_which_tag(qtbot: QtBot, open_window: Opener, home: object) -> None:
    running = open_window(works=False)
    QTest.keyClick(running.window, Qt.Key.Key_L, BOTH)
    panel = running.window.page("teach")
    assert panel.picker.isVisible()
    QTest.keyClicks(panel.picker.field, "nobody")
    QTest.keyClick(panel.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(running.desk.notices), timeout=LONG)
    assert panel.nothing.text()


def test_after_an_answer_the_stage_shows_what_is_asked_next(
    qtbot: QtBot, open_window: Opener, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    assistant, teaching = running.assistant, running.assistant.teaching
    teaching.teach("Grandma", [TaughtExample(ids[0]), TaughtExample(ids[4])]).result()
    running.window.go(Place("teach", tag=TAG))
    panel = running.window.page("teach")
    qtbot.waitUntil(lambda: panel._known is not None and panel._known.shown is not None, timeout=LONG)
    first = panel._known.questions[0].item_id
    learns = threading.Event()
    bring_up = teaching._bring_up_all
    monkeypatch.setattr(teaching, "_bring_up_all", lambda: (learns.wait(HELD_S), bring_up()))
    QTest.keyClick(panel, Qt.Key.Key_N)
    try:
        qtbot.waitUntil(lambda: panel._known.shown is not None, timeout=LONG)
        asked = panel._known.questions[0].item_id
        assert asked != first and panel.question.stage._shown.item.id == asked == panel._known.shown.item.id
        assert panel._known.shown.item.title in panel.question.about.text()
        assert running.window.chosen_ids() == (asked,)
    finally:
        learns.set()
    qtbot.waitUntil(lambda: len(assistant.library.taught_versions(TAG)) == 2, timeout=LONG)


def test_undo_takes_back_what_was_done_here_and_asks_again(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False)
    assistant, library = running.assistant, running.assistant.library
    assistant.teaching.teach("Grandma", [TaughtExample(ids[0]), TaughtExample(ids[4])]).result()
    running.window.go(Place("teach", tag=TAG))
    panel = running.window.page("teach")

    def asked() -> int:
        known = panel._known
        return known.questions[0].item_id if known is not None and known.shown is not None else 0

    qtbot.waitUntil(lambda: asked() != 0, timeout=LONG)
    QTest.keyClick(panel, Qt.Key.Key_U)
    assert running.desk.notices.text == running.desk.words.say("ui.nothing_to_undo")
    assert len(library.taught_examples(TAG)) == 2, "what was taught elsewhere stands"
    first = asked()
    QTest.keyClick(panel, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: first in {each.item_id for each in library.taught_examples(TAG)}, timeout=LONG)
    qtbot.waitUntil(lambda: asked() not in (0, first), timeout=LONG)
    second = asked()
    QTest.keyClick(panel, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: asked() not in (0, second), timeout=LONG)
    assistant.rate([ids[8]], 4).result()
    QTest.keyClick(panel, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: panel._skipped == [first], timeout=LONG)  # only passed over: it may be asked again
    QTest.keyClick(panel, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: first not in {each.item_id for each in library.taught_examples(TAG)}, timeout=LONG)
    assert library.ratings([ids[8]]) == {ids[8]: 4}, "nothing else was taken back"
    assert not panel._skipped, "and it may be asked again"


@pytest.fixture
def taught(qtbot: QtBot, open_window: Opener, ids: list[int]) -> tuple[Running, TeachPanel]:
    """The page of a tag that two examples were given of elsewhere, asking its first question."""
    running = open_window(works=False)
    running.assistant.teaching.teach("Grandma", [TaughtExample(ids[0]), TaughtExample(ids[4])]).result()
    running.window.go(Place("teach", tag=TAG))
    panel = running.window.page("teach")
    assert isinstance(panel, TeachPanel)
    qtbot.waitUntil(lambda: asked_by(panel) != 0, timeout=LONG)
    qtbot.waitUntil(lambda: not panel._renewal.isActive() and not getattr(panel, "_reading", None), timeout=LONG)
    return running, panel


def asked_by(panel: TeachPanel) -> int:
    known = panel._known
    return known.questions[0].item_id if known is not None and known.shown is not None else 0


def examples_of(running: Running) -> set[int]:
    return {each.item_id for each in running.assistant.library.taught_examples(TAG)}


def test_a_question_that_was_answered_is_not_asked_again_by_what_was_being_read(
    qtbot: QtBot, taught: tuple[Running, TeachPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, panel = taught
    first, begun, goes_on, read = asked_by(panel), threading.Event(), threading.Event(), teach_panel.read_lesson

    def held(*asked: Any) -> LessonPage:
        page = read(*asked)
        begun.set()
        goes_on.wait(HELD_S)
        return page

    monkeypatch.setattr(teach_panel, "read_lesson", held)
    panel.refresh()
    qtbot.waitUntil(begun.is_set, timeout=LONG)
    QTest.keyClick(panel, Qt.Key.Key_N)
    goes_on.set()
    qtbot.waitUntil(lambda: asked_by(panel) != 0, timeout=LONG)
    assert asked_by(panel) != first


def test_the_keyboard_of_a_button_that_goes_comes_to_none_that_decides(
    qtbot: QtBot, taught: tuple[Running, TeachPanel]
) -> None:
    _, panel = taught
    first = asked_by(panel)
    panel.question.play.setEnabled(True)  # as of a film, before photos
    panel.question.play.setFocus()
    QTest.keyClick(panel.question.play, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: asked_by(panel) not in (0, first), timeout=LONG)
    assert panel.hasFocus()


def test_a_photo_that_is_not_asked_about_any_more_is_not_decoded(
    qtbot: QtBot, taught: tuple[Running, TeachPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, panel = taught
    begun, goes_on = set[str](), threading.Event()
    wanted: dict[str, bool] = {}

    def held(_assistant: object, path: Path, *, is_wanted: Callable[[], bool]) -> QImage:
        begun.add(str(path))
        goes_on.wait(HELD_S)
        wanted[str(path)] = is_wanted()
        return QImage()

    monkeypatch.setattr(review_stage, "read_photo", held)
    shown: list[str] = []  # the first question's may have been read before that
    try:
        for _ in range(2):
            asked = asked_by(panel)
            QTest.keyClick(panel, Qt.Key.Key_S)
            qtbot.waitUntil(lambda asked=asked: asked_by(panel) not in (0, asked), timeout=LONG)
            assert panel._known is not None and panel._known.shown is not None
            shown.append(panel._known.shown.item.path)
            qtbot.waitUntil(lambda: shown[-1] in begun, timeout=LONG)
    finally:
        goes_on.set()
    qtbot.waitUntil(lambda: set(shown) <= wanted.keys(), timeout=LONG)
    assert [wanted[path] for path in shown] == [False, True]


def test_undo_does_not_wait_until_all_is_learnt(
    qtbot: QtBot, taught: tuple[Running, TeachPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, panel = taught
    learns, teaching, first = threading.Event(), running.assistant.teaching, asked_by(panel)
    bring_up = teaching._bring_up_all
    monkeypatch.setattr(teaching, "_bring_up_all", lambda: (learns.wait(HELD_S), bring_up()))
    try:
        QTest.keyClick(panel, Qt.Key.Key_N)
        qtbot.waitUntil(lambda: first in examples_of(running), timeout=LONG)
        QTest.keyClick(panel, Qt.Key.Key_U)
        qtbot.waitUntil(lambda: first not in examples_of(running), timeout=LONG)
    finally:
        learns.set()


def test_undo_takes_back_what_a_tag_was_begun_with(qtbot: QtBot, open_window: Opener, ids: list[int]) -> None:
    running = open_window(works=False)
    running.window.go(Place("teach"))
    panel = running.window.page("teach")
    assert isinstance(panel, TeachPanel)
    panel.begin((ids[0], ids[4]))
    QTest.keyClicks(panel.picker.field, "Grandma")
    QTest.keyClick(panel.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asked_by(panel) != 0, timeout=LONG)
    assert examples_of(running) == {ids[0], ids[4]}
    QTest.keyClick(panel, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: not examples_of(running), timeout=LONG)


def test_what_was_taken_back_elsewhere_costs_no_press(qtbot: QtBot, taught: tuple[Running, TeachPanel]) -> None:
    running, panel = taught
    before = examples_of(running)
    for count in (1, 2):
        QTest.keyClick(panel, Qt.Key.Key_N)
        qtbot.waitUntil(lambda count=count: len(examples_of(running) - before) == count, timeout=LONG)
        qtbot.waitUntil(lambda: asked_by(panel) != 0, timeout=LONG)
    running.assistant.undo().result()
    assert len(examples_of(running) - before) == 1
    QTest.keyClick(panel, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: examples_of(running) == before, timeout=LONG)


def test_while_much_changes_the_page_is_read_once_at_a_time_and_shown(
    qtbot: QtBot, taught: tuple[Running, TeachPanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, panel = taught
    reading: list[int] = []
    most: list[int] = []
    read = teach_panel.read_lesson

    def read_slowly(*asked: Any) -> LessonPage:
        reading.append(1)
        most.append(len(reading))
        time.sleep(3 * teach_panel.RENEWS_MS / 1000)
        reading.pop()
        return read(*asked)

    monkeypatch.setattr(teach_panel, "read_lesson", read_slowly)
    shown, before = [], panel._known
    end = time.monotonic() + LONG / 1000
    while len(shown) < 2 and time.monotonic() < end:
        running.desk.events.take_changes(LibraryChanges(moments=(1,)))
        qtbot.wait(20)
        if panel._known is not before:
            before = panel._known
            shown.append(before)
    assert len(shown) == 2 and max(most) == 1
