"""What a person really plays, opens and searches is noted in passing, shown, paused and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.items.happening import Ending, Forgetting, Happening, Verb
from media_assistant.items.history import Who
from media_assistant.items.span import TimeSpan
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui import recording
from media_assistant.ui.panels.history_panel import HistoryPanel
from media_assistant.ui.places import Place
from media_assistant.ui.playback.playback import Loop
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.past_bar import PausedChip
from tests.films import make_film
from tests.library.making import new_item
from tests.ui.test_player import bring_in, open_large, shown

Opener = Callable[..., Running]
LONG = 60_000


def the_past(running: Running) -> HistoryPanel:
    running.window.go(Place("history"))
    panel = running.window.page("history")
    assert isinstance(panel, HistoryPanel)
    panel.show_past()
    return panel


def test_what_is_played_opened_and_searched_is_noted(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "RESTS_MS", 100)
    # A machine that stalls has not jumped, nor has who waited for it watched.
    monkeypatch.setattr(recording, "LONGEST_STEP_MS", 20_000)
    monkeypatch.setattr(recording, "JUMPED_BELOW_MS", 20_000)
    running = open_window()
    window, library = running.window, running.assistant.library
    film = bring_in(
        qtbot, running, make_film(tmp_path / "short film.mp4", seconds=60, rate=5, gop=5, width=160, height=96)
    )
    photo = bring_in(qtbot, running, samples / "balloon.jpg")

    def noted(count: int) -> list[Happening]:
        qtbot.waitUntil(lambda: len(library.happenings()) == count, timeout=LONG)
        return library.happenings()

    window.library.search.ask("short")
    (one,) = noted(1)
    assert (one.verb, one.detail["words"]) == (Verb.SEARCHED, "short")
    open_large(qtbot, running, film)
    window.playback.play()
    qtbot.waitUntil(lambda: window.playback.position_ms > 400, timeout=LONG)
    window.playback.seek(58_000)  # so far it was looking for a place
    qtbot.waitUntil(lambda: not window.playback.is_playing, timeout=LONG)
    one = noted(2)[0]
    assert (one.verb, one.item_id, one.ending, one.is_again) == (Verb.PLAYED, film, Ending.FINISHED, False)
    assert isinstance(one.span, TimeSpan) and abs(one.span.start_ms - 58_000) <= 400 and one.span.end_ms >= 59_500
    assert 1000 <= one.lasted_ms <= one.span.end_ms - one.span.start_ms
    window.playback.seek(0)
    window.playback.play()
    qtbot.waitUntil(lambda: window.playback.position_ms > 200, timeout=LONG)
    window.open_item(photo)
    window.playback.load(None)
    one = noted(3)[0]
    assert (one.verb, one.item_id, one.is_again) == (Verb.PLAYED, film, True)
    assert isinstance(one.span, TimeSpan) and one.lasted_ms <= one.span.end_ms - one.span.start_ms < 50_000
    window.close_item()
    one = noted(4)[0]
    assert (one.verb, one.item_id) == (Verb.OPENED, photo)

    panel = the_past(running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 4, timeout=LONG)
    told = [panel.rows.index(row).data() for row in range(4)]
    assert told[0] == "Opened “balloon”" and told[2].startswith("Played “short film” from 0:5")
    assert told[3].startswith("Searched for “short”: 1 item")
    panel.list.setCurrentIndex(panel.rows.index(2))
    qtbot.waitUntil(panel.show_item.isVisible, timeout=LONG)
    qtbot.mouseClick(panel.show_item, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.playback.position_ms >= 57_600 and window.playback.item.id == film, timeout=LONG)
    window.close_item()
    panel.list.setCurrentIndex(panel.rows.index(panel.rows.rowCount() - 1))
    qtbot.waitUntil(lambda: panel.show_item.isVisible() and panel.show_item.text() == "Search again", timeout=LONG)
    window.library.search.clear()
    panel.show_item.click()
    assert window.library.search.text == "short" and window.library.isVisible()

    # What plays goes on when everything is forgotten; what of it was before is not noted later.
    window.open_item(film, play_ms=0)
    qtbot.waitUntil(lambda: 300 < window.recorder._last_ms < 50_000, timeout=LONG)
    forgotten = running.assistant.past.forget(Forgetting())
    qtbot.waitUntil(forgotten.done, timeout=LONG)
    qtbot.waitUntil(lambda: 300 < window.recorder.began_ms < window.playback.position_ms - 300, timeout=LONG)
    window.playback.load(None)
    (one,) = noted(1)
    assert one.item_id == film and isinstance(one.span, TimeSpan) and one.span.start_ms > 300


def test_noting_is_paused_and_what_was_noted_is_forgotten(qtbot: QtBot, open_window: Opener, home: Path) -> None:
    made = Library.open(find_paths().library)
    first, second = made.add_items([new_item(number) for number in range(2)])[0]
    for item_id in (first, second, second):
        made.note_happening(Happening(Verb.PLAYED, item_id, TimeSpan(0, 61_000), 61_000, Ending.FINISHED))
    made.keep_position(second, 9000)
    made.close()
    running = open_window(works=False)
    library = running.assistant.library
    chip = running.window.activity.findChild(PausedChip)
    panel = the_past(running)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 3, timeout=LONG)
    assert not chip.isVisible() and panel.past.box.isChecked()
    interface = QAccessible.queryAccessibleInterface(panel.past.box)
    assert "Note what I play" in interface.text(QAccessible.Text.Name)
    assert "pause" in interface.text(QAccessible.Text.Description)

    qtbot.mouseClick(panel.past.box, Qt.MouseButton.LeftButton, pos=QPoint(12, panel.past.box.height() // 2))
    qtbot.waitUntil(chip.isVisible, timeout=LONG)
    running.assistant.past.note(Happening(Verb.OPENED, first))
    running.window.go(Place("settings"))
    settings = running.window.page("settings")
    qtbot.waitUntil(lambda: not settings.records.isChecked(), timeout=LONG)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not chip.isVisible() and settings.records.isChecked(), timeout=LONG)
    assert len(library.happenings()) == 3
    settings.past_wanted.emit()
    assert panel.isVisible() and panel.who.currentIndex() == list(Who).index(Who.PAST)

    panel.list.setCurrentIndex(panel.rows.index(0))
    actions = {action.text(): action for action in panel.past.menu().actions()}
    assert list(actions) == ["The last hour", "Today", "Everything done with “clip 1”", "", "Everything"]
    actions["Everything done with “clip 1”"].trigger()
    qtbot.waitUntil(lambda: panel.past.is_asking, timeout=LONG)
    assert "2 entries" in panel.past.consequence.text() and "1 place where" in panel.past.consequence.text()
    assert "cannot be undone" in panel.past.consequence.text() and panel.past.no.hasFocus()
    qtbot.keyClick(panel.past.no, Qt.Key.Key_Space)
    assert not panel.past.is_asking and len(library.happenings()) == 3
    actions["Everything done with “clip 1”"].trigger()
    qtbot.waitUntil(lambda: panel.past.is_asking, timeout=LONG)
    QPushButton.click(panel.past.yes)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1, timeout=LONG)
    qtbot.waitUntil(lambda: "Nothing of it remains" in running.desk.notices.text, timeout=LONG)
    assert [each.item_id for each in library.happenings()] == [first] and not library.details(second).left_off_ms
    {action.text(): action for action in panel.past.menu().actions()}["Everything"].trigger()
    qtbot.waitUntil(lambda: panel.past.is_asking, timeout=LONG)
    QPushButton.click(panel.past.yes)
    qtbot.waitUntil(
        lambda: "Nothing has been noted" in panel.nothing.text() and not panel.rows.rowCount(), timeout=LONG
    )
    assert running.window.library.items.rowCount(), "the items are there"


def test_a_loop_that_goes_round_is_one_entry(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "JUMPED_BELOW_MS", 100)  # the rounds here are short
    monkeypatch.setattr(recording, "LONGEST_STEP_MS", 60_000)  # a machine that stalls has not jumped
    running = open_window()
    library, playback = running.assistant.library, running.window.playback
    film = bring_in(qtbot, running, make_film(tmp_path / "film.mp4", seconds=30, rate=25, width=160, height=96))
    open_large(qtbot, running, film)
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    playback.seek(1200)
    qtbot.waitUntil(lambda: shown(running) == 30, timeout=LONG)
    playback.set_loop(Loop(1000, 1500))
    moved: list[int] = []
    playback.moved.connect(moved.append)
    playback.play()
    # Each jump to the start is told at once, however late the window is and however seldom it hears of the rest.
    qtbot.waitUntil(lambda: moved.count(1000) >= 3, timeout=LONG)
    rounds = moved[moved.index(1000) :]
    heard_ms = sum(max(0, two - one) for one, two in pairwise(rounds))
    playback.load(None)
    qtbot.waitUntil(lambda: bool(library.happenings()), timeout=LONG)
    running.assistant.past.note(Happening(Verb.SEARCHED, detail={"words": "the end", "found": 0}), "")
    qtbot.waitUntil(lambda: library.happenings()[0].verb is Verb.SEARCHED, timeout=LONG)
    (one,) = [each for each in library.happenings() if each.verb is Verb.PLAYED]
    assert isinstance(one.span, TimeSpan) and one.span.start_ms == 1000 and one.span.end_ms >= 1400
    assert one.lasted_ms >= heard_ms, "all rounds together"
