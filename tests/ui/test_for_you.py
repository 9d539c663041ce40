"""The page "For you": by mouse, by keys and read aloud; what goes comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.errors import UserFixable
from media_assistant.items.for_you import ForYou
from media_assistant.items.happening import Ending, Happening, Verb
from media_assistant.items.slate import Liking, Outcome
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.panels.foryou_panel import ForYouPanel
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.for_you.offer_layout import Spot
from tests.workflows.recommend_library import fill

Opener = Callable[..., Running]
LONG = 20_000


@pytest.fixture
def liked(home: Path) -> list[int]:
    """A library of eighty things, some of one topic finished."""
    library = Library.open(find_paths().library)
    topics = fill(library, 80)
    found = [item_id for item_id in topics if topics[item_id] == 1][:5]
    for item_id in found:
        library.note_happening(Happening(Verb.PLAYED, item_id, lasted_ms=60_000, ending=Ending.FINISHED))
    library.finding.close()
    library.close()
    return found


def opened(qtbot: QtBot, running: Running) -> ForYouPanel:
    """The page, by its key."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(running.window, Qt.Key.Key_F, both)
    panel = running.window.page("foryou")
    assert isinstance(panel, ForYouPanel)
    qtbot.waitUntil(lambda: panel.page is not None and bool(panel.verdict.text()), timeout=LONG)
    return panel


def test_an_empty_library_has_nothing_to_suggest(qtbot: QtBot, open_window: Opener, home: Path) -> None:
    panel = opened(qtbot, open_window(works=False, language="zh_CN"))
    assert panel.rows.rows == () and not panel.rows.isVisible()


def test_by_keyboard_alone(qtbot: QtBot, open_window: Opener, liked: list[int]) -> None:
    running = open_window(works=False)
    panel, library = opened(qtbot, running), running.assistant.library
    rows = panel.rows
    qtbot.waitUntil(rows.hasFocus)
    assert rows.current == Spot(0, 0)
    for key, spot in (
        (Qt.Key.Key_Right, Spot(0, 1)),
        (Qt.Key.Key_Down, Spot(1, 1)),
        (Qt.Key.Key_Home, Spot(1, 0)),
        (Qt.Key.Key_Up, Spot(0, 0)),
    ):
        QTest.keyClick(rows, key)
        assert rows.current == spot
    gone = rows.rows[0].offers[0].item.id
    before = rows.rows
    QTest.keyClick(rows, Qt.Key.Key_X)
    assert all(offer.item.id != gone for row in rows.rows for offer in row.offers)
    qtbot.waitUntil(lambda: [each.word for each in library.likings()] == [Liking.NEVER], timeout=LONG)
    QTest.keyClick(running.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    # It is told before anything else is, which it would cover.
    qtbot.waitUntil(lambda: running.desk.notices.text.startswith("Undone"), timeout=LONG)
    assert not library.likings()
    qtbot.waitUntil(lambda: rows.rows == before, timeout=LONG)  # the card is back in its place
    QTest.keyClick(rows, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: [each.word for each in library.likings()] == [Liking.NEVER], timeout=LONG)

    def buttons() -> list[QPushButton]:
        card = running.desk.notices.card  # that of what was undone before has none
        return card.findChildren(QPushButton) if card is not None else []

    qtbot.waitUntil(lambda: len(buttons()) == 1, timeout=LONG)
    library.rate([gone], 3)
    (button,) = buttons()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows.rows == before, timeout=LONG)
    rows.setFocus()
    offer = rows.offer(rows.current)
    assert offer is not None
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert running.window.is_playing_large and running.window.player.item_id == offer.item.id

    def outcomes() -> set[tuple[int, Outcome]]:
        return {(each.item_id, each.outcome) for slate in library.slates_since(0) for each in slate.proposals}

    qtbot.waitUntil(lambda: (offer.item.id, Outcome.OPENED) in outcomes(), timeout=LONG)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_by_mouse_and_read_aloud(qtbot: QtBot, open_window: Opener, liked: list[int], language: str) -> None:
    running = open_window(works=False, language=language, size=(900, 600))
    panel, library = opened(qtbot, running), running.assistant.library
    rows = panel.rows
    reader = QAccessible.queryAccessibleInterface(rows)
    assert reader.childCount() == sum(1 + len(row.offers) for row in rows.rows)
    head, card = reader.child(0), reader.child(1)
    assert head.text(QAccessible.Text.Name) == rows.head(0) and head.role() is QAccessible.Role.Heading
    assert card.text(QAccessible.Text.Name) == rows.rows[0].offers[0].item.title
    assert running.desk.words.sentence(rows.rows[0].offers[0].says) in card.text(QAccessible.Text.Description)
    like = rows.sign_rects(Spot(0, 0))[Liking.LIKE]
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=like.center())
    qtbot.waitUntil(lambda: [each.word for each in library.likings()] == [Liking.LIKE], timeout=LONG)
    first = rows.rows[0].offers[0].item.id
    onwards = rows.arrow_rects(0)[1]
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=onwards.center())
    assert next(iter(rows.seen())) != Spot(0, 0)
    panel.how.click()
    assert panel.judgement.isVisible() and panel.judgement.estimates.text()
    panel.how.click()
    assert rows.isVisible() and first == rows.rows[0].offers[0].item.id


def test_the_sliders_are_kept(qtbot: QtBot, open_window: Opener, liked: list[int]) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running)
    before = panel.page
    panel.sliders.sliders["newness"].setValue(9)
    qtbot.waitUntil(lambda: panel.page is not before, timeout=LONG)
    assert panel.page is not None and panel.page.wishes.newness == 0.9
    assert running.assistant.suggestions.wishes().newness == 0.9


def test_a_card_stays_when_what_was_said_of_it_could_not_be_kept(
    qtbot: QtBot, open_window: Opener, liked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running)
    before = panel.rows.rows

    def fail(*_args: object) -> None:
        raise UserFixable("library.disk_full", library="x")

    monkeypatch.setattr(running.assistant.library, "say_of_liking", fail)
    QTest.keyClick(panel.rows, Qt.Key.Key_X)
    assert panel.rows.rows != before
    qtbot.waitUntil(lambda: panel.rows.rows == before, timeout=LONG)
    assert running.desk.notices.text


def test_a_wish_that_comes_while_suggestions_are_made_holds(
    qtbot: QtBot, open_window: Opener, liked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    panel = opened(qtbot, running)
    suggestions, may_go_on = running.assistant.suggestions, threading.Event()
    make, is_first = suggestions.make_page, [True]

    def slowly() -> ForYou:
        page = make()
        if is_first.pop():
            may_go_on.wait(20)
        is_first.append(False)
        return page

    monkeypatch.setattr(suggestions, "make_page", slowly)
    shown = panel.page
    panel.renew()
    panel.sliders.sliders["newness"].setValue(9)
    qtbot.waitUntil(lambda: suggestions.wishes().newness == 0.9, timeout=LONG)
    may_go_on.set()
    qtbot.waitUntil(lambda: panel.page is not shown, timeout=LONG)
    assert panel.sliders.wishes.newness == 0.9, "what was made before the wish does not undo it"
    qtbot.waitUntil(lambda: panel.page is not None and panel.page.wishes.newness == 0.9, timeout=LONG)
    assert panel.sliders.wishes.newness == 0.9


def test_a_card_that_is_refused_while_suggestions_are_made_does_not_come_back(
    qtbot: QtBot, open_window: Opener, liked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    panel, library = opened(qtbot, running), running.assistant.library
    suggestions, is_made, may_go_on = running.assistant.suggestions, threading.Event(), threading.Event()
    make, offer = suggestions.make_page, panel.rows.rows[0].offers[0]

    def slowly() -> ForYou:
        page = make()
        is_made.set()
        may_go_on.wait(20)
        return replace(page, rows=(replace(page.rows[0], name="held", offers=(offer,)), *page.rows))

    def shown() -> set[int]:
        return {each.item.id for row in panel.rows.rows for each in row.offers}

    monkeypatch.setattr(suggestions, "make_page", slowly)
    before = panel.page
    panel.renew()
    qtbot.waitUntil(is_made.is_set, timeout=LONG)
    QTest.keyClick(panel.rows, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: bool(library.likings()), timeout=LONG)
    may_go_on.set()
    qtbot.waitUntil(lambda: panel.page is not before, timeout=LONG)
    assert offer.item.id not in shown()
    QTest.keyClick(running.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: offer.item.id in shown(), timeout=LONG)
