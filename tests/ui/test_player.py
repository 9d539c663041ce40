"""The large view with real films: found moments, marks, loops, chapters, subtitles, where it was left off, by key and by mouse."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QLoggingCategory, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QImage, QImageReader, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, Box, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.places import Place
from media_assistant.ui.playback import qt_player
from media_assistant.ui.playback.left_off import WATCHED_MS
from media_assistant.ui.playing import can_play, read_photo
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.player import stage as player_stage
from media_assistant.ui.widgets.player.video_surface import VideoSurface
from tests.films import make_film, make_sound
from tests.ui.test_playback import number_of

Opener = Callable[..., Running]
LONG = 60_000
RATE = 25


def bring_in(qtbot: QtBot, running: Running, path: Path) -> int:
    """Import a file, and let a worker look at it as it must before it may be played."""
    assistant = running.assistant
    report = assistant.import_paths([path], analyse=False)
    qtbot.waitUntil(report.done, timeout=LONG)
    (item_id,) = report.result().added
    queued = assistant.analyse([item_id], ["preview"])
    qtbot.waitUntil(queued.done, timeout=LONG)
    idle = assistant.when_idle()
    qtbot.waitUntil(idle.done, timeout=LONG)
    return item_id


def say(running: Running, item_id: int, *lines: tuple[int, int, str]) -> None:
    moments = [Moment(TimeSpan(a, b), Sense.SAID, Layer.LINE, text=text, language="en") for a, b, text in lines]
    library = running.assistant.library
    running.desk.events.take_changes(
        library.save_findings(item_id, "subtitles", 1, "", "", moments, is_first_chunk=True)
    )


def open_large(qtbot: QtBot, running: Running, item_id: int) -> None:
    window = running.window
    window.open_item(item_id)
    qtbot.waitUntil(lambda: window.player.is_shown(item_id), timeout=LONG)


def shown(running: Running) -> int:
    """The number of the picture on the screen; -2 before the first."""
    frame = running.window.player.surface.frame
    return -2 if frame.isNull() else number_of(frame)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Eighty seconds, five pictures a second: long enough to be left off in."""
    return make_film(tmp_path / "long film.mp4", seconds=80, rate=5, gop=10, width=160, height=96)


def test_the_picture_is_that_of_the_timeline_whichever_view_shows_it(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    window, inspector = running.window, running.window.inspector
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 1, timeout=LONG)
    window.library.grid.go_to(0)
    qtbot.waitUntil(lambda: inspector.item_id == item_id, timeout=LONG)
    inspector.toggle()
    qtbot.waitUntil(lambda: not inspector.surface.frame.isNull(), timeout=LONG)
    window.playback.pause()

    open_large(qtbot, running, item_id)
    window.playback.seek(20_000)
    qtbot.waitUntil(lambda: shown(running) == 100, timeout=LONG)
    window.close_item()
    qtbot.waitUntil(inspector.surface.isVisible, timeout=LONG)
    assert number_of(inspector.surface.frame) == 100

    window.playback.seek(40_000)
    qtbot.waitUntil(lambda: number_of(inspector.surface.frame) == 200, timeout=LONG)
    open_large(qtbot, running, item_id)
    assert shown(running) == 200


def test_marks_are_moments_that_are_undone_found_and_shown(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    window, library, player = running.window, running.assistant.library, running.window.player
    open_large(qtbot, running, item_id)
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    window.playback.seek(20_000)
    qtbot.waitUntil(lambda: shown(running) == 100, timeout=LONG)
    qtbot.keyClick(player, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: len(player.timeline.marks) == 1, timeout=LONG)
    assert library.details(item_id).marks[0].span == TimeSpan(20_000, 20_000)
    qtbot.waitUntil(lambda: "0:20" in running.desk.notices.text, timeout=LONG)

    # Once more at the same place writes its note, as soon as it is in the list.
    qtbot.waitUntil(lambda: player.chapters.list.count() == 2, timeout=LONG)
    qtbot.keyClick(player, Qt.Key.Key_M)
    assert player.tabs.bar.tabText(player.tabs.bar.currentIndex()) == "Marks"
    editor = running.window.focusWidget()
    assert editor is not player
    qtbot.keyClicks(editor, "M the heron")  # a letter is typed here, and marks nothing
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [mark.text for mark in library.details(item_id).marks] == ["M the heron"], timeout=LONG)

    answer = running.assistant.search("heron")
    qtbot.waitUntil(answer.done, timeout=LONG)
    (hit,) = answer.result().hits
    assert (hit.item.id, hit.moments[0].layer, hit.moments[0].span) == (item_id, Layer.MARK, TimeSpan(20_000, 20_000))

    for left in ([""], []):
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda left=left: [mark.text for mark in library.details(item_id).marks] == left, timeout=LONG)
    qtbot.waitUntil(lambda: not player.timeline.marks, timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(player.timeline.marks) == 1, timeout=LONG)
    mark_x = round(player.timeline.x_of(20_000))
    window.playback.seek(50_000)
    qtbot.mouseClick(player.timeline, Qt.MouseButton.LeftButton, pos=QPoint(mark_x, 4))
    qtbot.waitUntil(lambda: window.playback.position_ms == 20_000, timeout=LONG)


@pytest.mark.parametrize("name", ["lighthouse.md", "balloon.jpg"])
def test_a_passage_and_a_photo_are_marked_too(qtbot: QtBot, open_window: Opener, samples: Path, name: str) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, samples / name)
    library, player = running.assistant.library, running.window.player
    passages = ["words"] if name.endswith(".md") else []
    if passages:
        queued = running.assistant.analyse([item_id], passages)
        qtbot.waitUntil(queued.done, timeout=LONG)
        idle = running.assistant.when_idle()
        qtbot.waitUntil(idle.done, timeout=LONG)
    open_large(qtbot, running, item_id)
    qtbot.keyClick(player, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: len(library.details(item_id).marks) == 1, timeout=LONG)
    (mark,) = library.details(item_id).marks
    first = [line.span for line in library.details(item_id).lines][:1]
    assert [mark.span] == (first if passages else [WHOLE])
    qtbot.waitUntil(lambda: running.desk.notices.text == running.desk.words.say("ui.mark.done"), timeout=LONG)
    qtbot.waitUntil(lambda: player.chapters.list.count() == 2, timeout=LONG)
    qtbot.keyClick(player, Qt.Key.Key_M)  # once more writes its note
    editor = running.window.focusWidget()
    assert editor is not player
    qtbot.keyClicks(editor, "My favourite")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [each.text for each in library.details(item_id).marks] == ["My favourite"], timeout=LONG)
    for left in ([""], []):
        qtbot.keyClick(running.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda left=left: [each.text for each in library.details(item_id).marks] == left, timeout=LONG)


def test_found_moments_loop_chapters_and_subtitles_by_key(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    say(
        running,
        item_id,
        (10_000, 35_000, "gulls over the harbour"),
        (40_000, 43_000, "the gulls come back"),
        (70_000, 71_000, "no gull at all"),
    )
    window, player = running.window, running.window.player
    window.library.search.ask("gulls")
    qtbot.waitUntil(lambda: window.library.items.hit(item_id) is not None, timeout=LONG)
    open_large(qtbot, running, item_id)
    count = len(player.walk.moments)
    assert count >= 2
    qtbot.waitUntil(lambda: player.head.facts.startswith("moment "), timeout=LONG)
    player.walk.at = -1
    window.playback.seek(0)
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    qtbot.keyClick(player, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: window.playback.is_playing and shown(running) >= 50, timeout=LONG)
    assert f"moment 1 of {count}" in player.head.facts
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert player.surface.subtitle == "gulls over the harbour"
    qtbot.keyClick(player, Qt.Key.Key_C)
    assert running.assistant.settings.subtitles == "off"
    qtbot.keyClick(player, Qt.Key.Key_C)
    qtbot.keyClick(player, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: shown(running) >= 200, timeout=LONG)
    assert f"moment 2 of {count}" in player.head.facts
    qtbot.keyClick(player, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: 50 <= shown(running) < 100, timeout=LONG)
    window.playback.pause()

    qtbot.keyClick(player, Qt.Key.Key_2)
    qtbot.keyClick(player, Qt.Key.Key_BracketLeft)
    qtbot.keyClick(player, Qt.Key.Key_3)
    qtbot.keyClick(player, Qt.Key.Key_BracketRight)
    assert window.playback.loop is not None
    start_ms, end_ms = player.timeline.loop
    assert abs(start_ms - 16_000) < 100 and abs(end_ms - 24_000) < 100
    qtbot.keyClick(player, Qt.Key.Key_M)
    qtbot.waitUntil(
        lambda: (
            [mark.span for mark in running.assistant.library.details(item_id).marks] == [TimeSpan(start_ms, end_ms)]
        ),
        timeout=LONG,
    )
    qtbot.keyClick(player, Qt.Key.Key_Backslash)
    assert player.timeline.loop is None
    a, b = (QPoint(round(player.timeline.x_of(ms)), 30) for ms in (30_000, 50_000))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mousePress(player.timeline, Qt.MouseButton.LeftButton, shift, a)
    qtbot.mouseRelease(player.timeline, Qt.MouseButton.LeftButton, shift, b)
    assert abs(window.playback.loop.start_ms - 30_000) < 300 and abs(window.playback.loop.end_ms - 50_000) < 300
    qtbot.keyClick(player, Qt.Key.Key_Greater)
    assert window.playback.rate == 1.25
    assert player.transport.rate_button.text() == "1.25×"


@pytest.fixture
def longer_film(tmp_path: Path) -> Path:
    """A machine that stalls does not come near its end."""
    return make_film(tmp_path / "longer film.mp4", seconds=240, rate=5, gop=10, width=160, height=96, has_sound=False)


def test_where_it_was_left_off_is_offered_after_a_restart(
    qtbot: QtBot, home: Path, open_window: Opener, longer_film: Path
) -> None:
    assistant = Assistant.open(find_paths(), Settings(language="en"))
    running = Running.whole(prepare_application(), assistant)
    running.window.show()
    item_id = bring_in(qtbot, running, longer_film)
    open_large(qtbot, running, item_id)
    playback = running.window.playback
    assert not running.window.player.go_on_chip.isVisible()
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    playback.seek(30_000)
    playback.set_rate(4.0)
    playback.play()
    # On a busy machine what was played in one leap counts as a jump: played on until enough was.
    keeper = running.window.left_off
    qtbot.waitUntil(lambda: playback.position_ms > 36_500 and keeper._watched_ms > WATCHED_MS, timeout=LONG)
    playback.pause()
    left_ms = keeper._last_ms  # as the player told it last; it may be on a little by now
    running.close()
    assistant.close()

    again = open_window()
    open_large(qtbot, again, item_id)
    player = again.window.player
    qtbot.waitUntil(player.go_on_chip.isVisible, timeout=LONG)
    assert player.go_on_chip.position_ms == left_ms
    minutes, seconds = divmod(left_ms // 1000, 60)
    assert player.go_on_chip.text() == f"Continue from {minutes}:{seconds:02}"
    assert again.window.playback.position_ms == 0
    qtbot.keyClick(player, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: shown(again) >= left_ms * 5 // 1000, timeout=LONG)
    assert again.window.playback.is_playing
    assert not player.go_on_chip.isVisible()


@pytest.mark.parametrize("is_own", [False, True], ids=["Qt's player", "ours"])
def test_where_it_was_left_off_is_kept_of_what_still_plays_when_another_is_chosen(
    qtbot: QtBot, open_window: Opener, longer_film: Path, is_own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qt_player, "NO_PICTURE_AFTER_MS", LONG)  # a starved machine is slow to show one
    running = open_window()
    item_id = bring_in(qtbot, running, longer_film)
    playback, keeper = running.window.playback, running.window.left_off
    if is_own:
        playback._unplayable.add(running.assistant.library.item(item_id).facts.codecs[0])
    open_large(qtbot, running, item_id)
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    assert playback.is_own == is_own
    playback.seek(30_000)
    playback.set_rate(4.0)
    playback.play()
    qtbot.waitUntil(lambda: playback.position_ms > 36_500 and keeper._watched_ms > WATCHED_MS, timeout=LONG)
    left_ms = keeper._last_ms
    playback.load(None)
    library = running.assistant.library
    qtbot.waitUntil(lambda: library.details(item_id).left_off_ms == left_ms, timeout=LONG)


def test_a_screen_reader_finds_the_moments_on_the_timeline(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    say(running, item_id, (10_000, 12_000, "gulls over the harbour"), (40_000, 43_000, "the gulls come back"))
    open_large(qtbot, running, item_id)
    timeline, playback = running.window.player.timeline, running.window.playback
    read = QAccessible.queryAccessibleInterface(timeline)
    assert read.role() is QAccessible.Role.Slider
    qtbot.waitUntil(lambda: read.childCount() == 2, timeout=LONG)
    assert read.child(0).text(QAccessible.Text.Name) == "said: 0:10 – 0:12 gulls over the harbour"
    assert timeline.geometry().isValid() and read.child(1).rect().width() > 0
    timeline.setFocus()
    for _ in range(2):
        qtbot.keyClick(timeline, Qt.Key.Key_Down)
    qtbot.keyClick(timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: playback.position_ms == 10_000, timeout=LONG)
    qtbot.keyClick(timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: playback.position_ms == 40_000, timeout=LONG)
    timeline.show_position(40_000)
    assert read.text(QAccessible.Text.Value) == "0:40 of 1:20, the gulls come back"
    assert read.focusChild().text(QAccessible.Text.Name) == "said: 0:40 – 0:43 the gulls come back"


def test_sound_has_a_wave_to_point_into_and_a_vanished_file_is_said(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    path = make_sound(tmp_path / "tones.flac", seconds=6)
    running = open_window()
    item_id = bring_in(qtbot, running, path)
    open_large(qtbot, running, item_id)
    player, playback = running.window.player, running.window.playback
    assert player.stage.currentWidget() is player.stage.audio
    assert running.assistant.library.item(item_id).kind is Kind.MUSIC
    kept = f"peaks-{path.stat().st_size}"
    qtbot.waitUntil(lambda: running.assistant.preview(item_id, kept) is not None, timeout=LONG)
    wave = player.stage.audio.wave_rect()
    qtbot.mouseClick(player.stage.audio, Qt.MouseButton.LeftButton, pos=wave.center())
    qtbot.waitUntil(lambda: abs(playback.position_ms - 3000) < 100, timeout=LONG)
    running.window.close_item()
    playback.load(None)
    path.unlink()
    running.desk.events.take_changes(running.assistant.library.mark_missing([str(path)]))
    open_large(qtbot, running, item_id)
    assert player.stage.audio.note
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert not playback.is_playing


def test_a_film_that_qt_cannot_show_plays_in_the_window(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, make_film(tmp_path / "av1.mp4", "av1", seconds=4, rate=RATE))
    open_large(qtbot, running, item_id)
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    qtbot.keyClick(running.window.player, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: shown(running) == 50, timeout=LONG)
    qtbot.keyClick(running.window.player, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: shown(running) == 51, timeout=LONG)
    qtbot.keyClick(running.window.player, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: shown(running) == 50, timeout=LONG)
    assert running.window.playback.is_own


def test_a_corrected_word_is_on_the_picture_at_once_and_nothing_plays_while_it_is_typed(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    say(running, item_id, (10_000, 40_000, "galls over the harbour"))
    window, player = running.window, running.window.player
    open_large(qtbot, running, item_id)
    lines = player.tabs.transcript.list
    window.playback.seek(20_000)
    qtbot.waitUntil(lambda: player.surface.subtitle == "galls over the harbour", timeout=LONG)
    window.playback.play()
    qtbot.waitUntil(lambda: window.playback.is_playing, timeout=LONG)
    lines.edit_row(0)
    assert not window.playback.is_playing
    editor = lines.lines_delegate.editor
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "gulls over the harbour")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert player.surface.subtitle == "gulls over the harbour"
    assert not window.playback.is_playing


def test_the_inspector_goes_on_from_where_the_large_view_came_to(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    window, inspector = running.window, running.window.inspector
    window.library.grid.go_to(0)
    qtbot.waitUntil(lambda: inspector.timeline.duration_ms == 80_000, timeout=LONG)
    open_large(qtbot, running, item_id)
    window.playback.seek(20_000)
    qtbot.waitUntil(lambda: window.player.timeline.position_ms == 20_000, timeout=LONG)
    qtbot.keyClick(window.player, Qt.Key.Key_Escape)
    assert inspector.isVisible() and inspector.timeline.position_ms == 20_000
    assert inspector._volume.toolTip() == window.player.transport._mute.toolTip(), "whether it can be heard"


def test_what_was_clicked_plays_though_it_is_shown_anew_and_not_for_who_went_elsewhere(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    window, inspector = running.window, running.window.inspector
    window.library.grid.go_to(0)
    inspector.show_item(item_id, None, (), play_ms=20_000)
    inspector.show_item(item_id, None, ())  # the library has changed meanwhile
    qtbot.waitUntil(lambda: window.playback.is_playing and window.playback.position_ms >= 20_000, timeout=LONG)
    window.playback.load(None)
    inspector.show_item(item_id, None, (), play_ms=20_000)
    window.go(Place("tags"))
    qtbot.waitUntil(lambda: inspector._wants_play_ms < 0, timeout=LONG)
    assert not window.playback.is_playing


@pytest.mark.parametrize("other", ["not looked at yet.mp4", "balloon.jpg"])
def test_a_film_does_not_go_on_under_the_title_of_what_cannot_be_played(
    qtbot: QtBot, open_window: Opener, film: Path, samples: Path, tmp_path: Path, other: str
) -> None:
    running = open_window()
    player, playback = running.window.player, running.window.playback
    film_id = bring_in(qtbot, running, film)
    if other.endswith(".mp4"):
        report = running.assistant.import_paths([make_film(tmp_path / other, seconds=2)], analyse=False)
        qtbot.waitUntil(report.done, timeout=LONG)
        (other_id,) = report.result().added
    else:
        other_id = bring_in(qtbot, running, samples / other)
    open_large(qtbot, running, film_id)
    player.timeline.sought.emit(20_000)
    player.toggle()
    qtbot.waitUntil(lambda: playback.is_playing and player.timeline.position_ms > 20_000, timeout=LONG)
    player.other_wanted.emit(other_id, -1)
    assert playback.item is None and not playback.is_playing
    qtbot.waitUntil(lambda: player.is_shown(other_id), timeout=LONG)
    assert not playback.is_playing and player.surface.frame.isNull()
    if other.endswith(".mp4"):
        assert player.surface.note == running.desk.words.say("ui.play.not_yet")
        qtbot.keyClick(player, Qt.Key.Key_M)
        library = running.assistant.library
        qtbot.waitUntil(lambda: len(library.details(other_id).marks) == 1, timeout=LONG)
        assert library.details(other_id).marks[0].span == TimeSpan(0, 0), "no time of the other film"
    player.other_wanted.emit(film_id, -1)
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == film_id, timeout=LONG)


def test_a_film_chosen_in_the_library_does_not_come_into_the_review(
    qtbot: QtBot, open_window: Opener, film: Path, samples: Path
) -> None:
    running = open_window()
    photo_id, film_id = bring_in(qtbot, running, samples / "balloon.jpg"), bring_in(qtbot, running, film)
    library, window = running.assistant.library, running.window
    sea = Concept("sea", "sea", "海")
    for item_id, score in ((film_id, 0.9), (photo_id, 0.8)):
        library.save_findings(
            item_id,
            "sights",
            1,
            "net",
            "r",
            [Moment(WHOLE, Sense.SEEN, Layer.LABEL, sea, score=score)],
            is_first_chunk=True,
        )
    qtbot.waitUntil(lambda: window.library.items.row_of(film_id) >= 0, timeout=LONG)
    window.library.grid.go_to(window.library.items.row_of(film_id))
    chips = window.inspector.tabs.tags
    qtbot.waitUntil(lambda: len(chips.chips) == 1 and window.playback.item is not None, timeout=LONG)
    window.go(Place("review"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None and review.shown.item.id == film_id, timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: [chip.tag.state for chip in chips.chips] == [TagState.ACCEPTED], timeout=LONG)
    qtbot.waitUntil(lambda: review.shown is not None and review.shown.item.id == photo_id, timeout=LONG)
    assert window.playback.item is None
    assert review.stage.surface.frame.isNull()


def test_a_page_that_was_left_does_not_stop_what_plays(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    film_id = bring_in(qtbot, running, film)
    library, window, playback = running.assistant.library, running.window, running.window.playback
    sea = Concept("sea", "sea", "海")
    found = Moment(WHOLE, Sense.SEEN, Layer.LABEL, sea, score=0.9)
    library.save_findings(film_id, "sights", 1, "net", "r", [found], is_first_chunk=True)
    window.go(Place("teach", tag="sea"))
    teach = window.page("teach")
    qtbot.waitUntil(lambda: teach._known is not None, timeout=LONG)
    window.go(Place("review"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None and playback.item is not None, timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_O)
    assert playback.item is None, "what a page shows goes with it"
    qtbot.waitUntil(lambda: window.player.is_shown(film_id) and playback.item is not None, timeout=LONG)
    playback.play()
    qtbot.waitUntil(lambda: playback.is_playing, timeout=LONG)
    running.assistant.decide_tag([film_id], sea, TagState.ACCEPTED)
    # What waits for an answer is not asked again while nobody sees it.
    assert not review.isVisible()
    teach.refresh()
    known = teach._known
    qtbot.waitUntil(lambda: teach._known is not known, timeout=LONG)
    assert playback.item is not None and playback.is_playing


def test_an_item_outside_the_list_stays_shown_and_goes_on_when_the_list_is_renewed(
    qtbot: QtBot, open_window: Opener, film: Path, tmp_path: Path
) -> None:
    running = open_window()
    found_id, other_id = bring_in(qtbot, running, film), bring_in(qtbot, running, make_film(tmp_path / "other.mp4"))
    window, inspector, playback = running.window, running.window.inspector, running.window.playback
    say(running, found_id, (10_000, 12_000, "gulls over the harbour"))
    window.library.search.ask("gulls")
    items = window.library.items
    qtbot.waitUntil(lambda: items.hit(found_id) is not None and items.row_of(other_id) < 0, timeout=LONG)
    window.library.grid.go_to(0)
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == found_id, timeout=LONG)
    inspector.other_wanted.emit(other_id, 1_000)
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == other_id, timeout=LONG)
    assert window.chosen_ids() == (other_id,), "what is shown is what is meant"
    with qtbot.waitSignal(items.modelReset, timeout=LONG):
        say(running, other_id, (0, 1_000, "a boat"))
    assert inspector.item_id == other_id
    assert playback.item is not None and playback.item.id == other_id
    # And back to what was found.
    qtbot.mouseClick(
        window.library.grid.viewport(), Qt.MouseButton.LeftButton, pos=window.library.grid.cell_rect(0).center()
    )
    assert inspector.item_id == found_id


def test_a_film_is_looked_through_that_was_pointed_at_before_it_was_looked_at(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    running = open_window()
    assistant, strips = running.assistant, running.desk.storyboards
    report = assistant.import_paths([film], analyse=False)
    qtbot.waitUntil(report.done, timeout=LONG)
    (item_id,) = report.result().added
    with qtbot.waitSignal(strips._read, timeout=LONG):
        assert strips.frame(item_id, 0.5) is None
    assistant.analyse([item_id], ["preview"])
    qtbot.waitUntil(lambda: strips.frame(item_id, 0.5) is not None, timeout=LONG)


def test_a_narrow_window_cuts_no_tab_and_says_that_a_moment_can_be_marked(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    player, tabs = running.window.player, running.window.player.tabs
    running.window.resize(900, 600)
    open_large(qtbot, running, item_id)
    for name in ("transcript", "chapters"):
        tabs.show_tab(name)
        qtbot.waitUntil(lambda: tabs.bar.tabRect(0).left() == 0, timeout=LONG)
        assert tabs.bar.tabRect(tabs.bar.count() - 1).right() < tabs.bar.width()
    assert player.chapters._none.isVisible() and "Mark a moment" in player.chapters._none.text()


def test_a_large_still_is_made_smaller_without_tearing_its_lines(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window()
    surface = VideoSurface(running.window.playback, running.desk.look)
    qtbot.addWidget(surface)
    surface.resize(160, 90)
    lines = QImage(1600, 900, QImage.Format.Format_RGB32)
    lines.fill(QColor("black"))
    painter = QPainter(lines)
    for at in range(0, 900, 7):
        painter.fillRect(0, at, 1600, 2, QColor("white"))
    painter.end()
    surface.show_still(lines)
    seen = surface.grab().toImage()
    shades = {seen.pixelColor(80, row).lightness() for row in range(20, 70)}
    assert min(shades) > 40
    assert max(shades) < 120


def test_what_was_opened_before_it_was_looked_at_is_shown_and_heard_once_it_was(
    qtbot: QtBot, open_window: Opener, film: Path, samples: Path
) -> None:
    running = open_window()
    assistant, player = running.assistant, running.window.player
    report = assistant.import_paths([samples / "balloon.jpg", film], analyse=False)
    qtbot.waitUntil(report.done, timeout=LONG)
    photo_id, film_id = (assistant.library.find_by_path(path).item_id for path in (samples / "balloon.jpg", film))
    open_large(qtbot, running, photo_id)
    assert player.stage.photo._picture.isNull()
    assistant.analyse([photo_id], ["preview"])
    original = QImage(str(samples / "balloon.jpg"))
    qtbot.waitUntil(lambda: player.stage.photo._picture.size() == original.size(), timeout=LONG)
    open_large(qtbot, running, film_id)
    assert not player.timeline._peaks
    assistant.analyse([film_id], ["preview"])
    qtbot.waitUntil(lambda: bool(player.timeline._peaks), timeout=LONG)


def test_a_region_stays_marked_when_the_photo_itself_takes_the_small_pictures_place(
    qtbot: QtBot, open_window: Opener, samples: Path
) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, samples / "balloon.jpg")
    seen = Moment(WHOLE, Sense.SEEN, Layer.LABEL, Concept("balloon", "balloon"), score=0.9, box=Box(0.1, 0.1, 0.5, 0.5))
    running.window.open_item(item_id, moment=seen)
    photo = running.window.player.stage.photo
    original = QImage(str(samples / "balloon.jpg"))
    qtbot.waitUntil(lambda: photo._picture.size() == original.size(), timeout=LONG)
    qtbot.waitUntil(lambda: running.window.player.is_shown(item_id), timeout=LONG)
    assert photo._box == seen.box


@pytest.mark.touches_originals  # the test edits it
def test_a_photo_that_was_edited_elsewhere_is_seen_as_it_is_now(
    qtbot: QtBot, open_window: Opener, samples: Path, tmp_path: Path
) -> None:
    running = open_window()
    file = Path(shutil.copy(samples / "balloon.jpg", tmp_path / "balloon.jpg"))
    item_id = bring_in(qtbot, running, file)
    open_large(qtbot, running, item_id)
    photo = running.window.player.stage.photo
    first = QImage(str(file)).size()
    qtbot.waitUntil(lambda: photo._picture.size() == first, timeout=LONG)
    edited = QImage(first.width() // 2, first.height(), QImage.Format.Format_RGB32)
    edited.fill(QColor("green"))
    assert edited.save(str(file))
    running.assistant.import_paths([file]).result(60)
    qtbot.waitUntil(lambda: photo._picture.size() == edited.size(), timeout=LONG)


@pytest.mark.parametrize("form", ["avif", "jp2", "png"])
def test_a_photo_that_the_window_has_no_reader_for_is_seen_in_full(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, form: str
) -> None:
    wide = Image.new("RGB", (900, 640), "navy")
    wide.paste("orange", (0, 0, 450, 640))
    wide.save(tmp_path / f"wide.{form}")
    allowed = QImageReader.allocationLimit()
    if form == "png":  # as one of hundreds of megabytes is too large for Qt, which says so in the log
        QLoggingCategory.setFilterRules("qt.gui.imageio=false")
        QImageReader.setAllocationLimit(1)
    try:
        running = open_window()
        item_id = bring_in(qtbot, running, tmp_path / f"wide.{form}")
        open_large(qtbot, running, item_id)
        photo = running.window.player.stage.photo
        qtbot.waitUntil(lambda: photo._picture.width() == 900, timeout=LONG)
    finally:
        QImageReader.setAllocationLimit(allowed)
        QLoggingCategory.setFilterRules("")
    seen = photo._picture.toImage()
    for at, colour in ((100, QColor("orange")), (800, QColor("navy"))):
        there = seen.pixelColor(at, 320)
        near = zip(there.getRgb(), colour.getRgb(), strict=True)  # type: ignore[call-overload]
        assert all(abs(a - b) < 12 for a, b in near), there.name()


@pytest.mark.touches_originals  # the test edits it
def test_a_photo_that_cannot_be_read_any_more_is_asked_for_once(
    qtbot: QtBot, open_window: Opener, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QImage] = []

    def counted(*wish: Any, **more: Any) -> QImage:
        asked.append(read_photo(*wish, **more))
        return asked[-1]

    monkeypatch.setattr(player_stage, "read_photo", counted)
    running = open_window()
    file = Path(shutil.copy(samples / "balloon.jpg", tmp_path / "balloon.jpg"))
    item_id = bring_in(qtbot, running, file)
    file.write_bytes(b"nothing")
    open_large(qtbot, running, item_id)
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=LONG)
    assert asked[0].isNull()
    player = running.window.player
    for _ in range(3):
        before = player._details
        running.desk.events.take_changes(LibraryChanges(changed=(item_id,)))
        qtbot.waitUntil(lambda before=before: player._details is not before, timeout=LONG)  # type: ignore[misc]
    read = running.desk.bridge.read_disk(lambda: None, lambda _none: None, owner=player)
    qtbot.waitUntil(read.done, timeout=LONG)
    assert len(asked) == 1
    assert not player.stage.photo._picture.isNull(), "the small picture stands for it"


@pytest.mark.touches_originals  # the test edits it
def test_of_a_photo_that_is_saved_twice_in_a_moment_the_last_one_is_seen(
    qtbot: QtBot, open_window: Opener, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    goes_on.set()

    def held(*wish: Any, **more: Any) -> QImage:
        picture = read_photo(*wish, **more)
        begun.set()
        goes_on.wait(200)
        return picture

    monkeypatch.setattr(player_stage, "read_photo", held)
    running = open_window()
    file = Path(shutil.copy(samples / "balloon.jpg", tmp_path / "balloon.jpg"))
    item_id = bring_in(qtbot, running, file)
    open_large(qtbot, running, item_id)
    player = running.window.player
    photo, first = player.stage.photo, QImage(str(file)).size()
    qtbot.waitUntil(lambda: photo._picture.size() == first, timeout=LONG)
    begun.clear()
    goes_on.clear()
    for width in (300, 200):
        edited = QImage(width, 150, QImage.Format.Format_RGB32)
        edited.fill(QColor("green"))
        assert edited.save(str(file))
        before = player._details
        running.desk.events.take_changes(LibraryChanges(changed=(item_id,)))
        qtbot.waitUntil(lambda before=before: player._details is not before, timeout=LONG)  # type: ignore[misc]
        qtbot.waitUntil(begun.is_set, timeout=LONG)
    goes_on.set()
    qtbot.waitUntil(lambda: photo._picture.width() == 200, timeout=LONG)


def test_a_time_of_the_item_that_is_open_is_gone_to(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    open_large(qtbot, running, item_id)
    player, playback = running.window.player, running.window.playback
    player.other_wanted.emit(item_id, 30_000)
    qtbot.waitUntil(lambda: playback.is_playing and playback.position_ms >= 30_000, timeout=LONG)
    playback.pause()
    player.timeline.sought.emit(10_000)
    qtbot.waitUntil(lambda: player.timeline.position_ms == 10_000, timeout=LONG)
    running.desk.events.take_changes(LibraryChanges(changed=(item_id,)))
    read = player._details
    qtbot.waitUntil(lambda: player._details is not read, timeout=LONG)
    assert not playback.is_playing, "once, and not whenever it is read anew"


def test_right_after_an_arrow_space_does_not_play_what_was_shown_before(
    qtbot: QtBot, open_window: Opener, film: Path, tmp_path: Path
) -> None:
    running = open_window()
    first, second = bring_in(qtbot, running, make_film(tmp_path / "other.mp4")), bring_in(qtbot, running, film)
    inspector, playback = running.window.inspector, running.window.playback
    inspector.show_item(first, None, ())
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == first, timeout=LONG)
    inspector.show_item(second, None, ())
    inspector.toggle()
    inspector.timeline.sought.emit(1_000)
    assert playback.item is None and not playback.is_playing
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == second, timeout=LONG)
    inspector.toggle()
    qtbot.waitUntil(lambda: playback.is_playing, timeout=LONG)
    # The window closes while Qt's threads begin to play, and may have something to say.


@pytest.mark.touches_originals  # the test writes another film in its place
@pytest.mark.parametrize("is_seen_meanwhile", [True, False])
def test_a_film_that_was_replaced_while_it_was_open_is_the_new_one(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_seen_meanwhile: bool
) -> None:
    running = open_window()
    file = make_film(tmp_path / "film.mp4", seconds=4, rate=5, gop=5, width=160, height=96, heard_s=(0, 2))
    item_id = bring_in(qtbot, running, file)
    open_large(qtbot, running, item_id)
    player, playback, library = running.window.player, running.window.playback, running.assistant.library
    qtbot.waitUntil(lambda: shown(running) == 0 and bool(player.timeline._peaks), timeout=LONG)
    playback.seek(2000)
    qtbot.waitUntil(lambda: shown(running) == 10, timeout=LONG)
    assert not player.timeline._peaks[-1], "its end is silent"
    file.unlink()
    make_film(file, seconds=6, rate=5, gop=5, width=160, height=96)
    with monkeypatch.context() as patch:
        if not is_seen_meanwhile:  # a window that reads seldom sees the film before and after, never between
            patch.setattr(player, "_ask", lambda: None)
        running.assistant.import_paths([file], analyse=False).result(60)
        if is_seen_meanwhile:  # while what was made of the old film still counts as done
            qtbot.waitUntil(lambda: player._peaks_of[1] == file.stat().st_size, timeout=LONG)
        running.assistant.analyse([item_id], ["preview"])
        if not is_seen_meanwhile:
            qtbot.waitUntil(
                lambda: (now := library.details(item_id)).item.facts.duration_ms > 5000 and can_play(now), timeout=LONG
            )
    player._ask()
    qtbot.waitUntil(lambda: abs(playback.duration_ms - 6000) < 200 and shown(running) == 0, timeout=LONG)
    qtbot.waitUntil(lambda: bool(player.timeline._peaks) and player.timeline._peaks[-1] > 0, timeout=LONG)
    assert not player.surface.note
    # A file that is away is let go of; when it is back, nothing is said of that any more.
    playback.play()
    running.desk.events.take_changes(library.mark_missing([str(file)]))
    qtbot.waitUntil(lambda: playback.item is None and bool(player.surface.note), timeout=LONG)
    running.desk.events.take_changes(library.mark_present([str(file)]))
    qtbot.waitUntil(lambda: playback.item is not None and not player.surface.note, timeout=LONG)
    assert not playback.is_playing


def test_a_note_that_is_being_typed_is_not_lost_to_what_is_found_meanwhile(
    qtbot: QtBot, open_window: Opener, film: Path, samples: Path
) -> None:
    running = open_window()
    item_id, other = bring_in(qtbot, running, film), bring_in(qtbot, running, samples / "balloon.jpg")
    player, library = running.window.player, running.assistant.library
    library.mark(item_id, TimeSpan(20_000, 20_000), "")
    open_large(qtbot, running, item_id)
    entries = player.chapters.list

    def notes() -> list[str]:
        return [mark.text for mark in library.details(item_id).marks]

    def open_note() -> QLineEdit:
        player._show_mark_at(20_000)
        field = running.window.focusWidget()
        assert isinstance(field, QLineEdit)
        return field

    field = open_note()
    qtbot.keyClicks(field, "the her")
    running.desk.events.take_changes(library.mark(item_id, TimeSpan(40_000, 40_000), "later"))
    qtbot.waitUntil(lambda: len(player.timeline.marks) == 2, timeout=LONG)
    qtbot.wait(50)
    assert running.window.focusWidget() is field and field.text() == "the her"
    qtbot.keyClicks(field, "on")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: sorted(notes()) == ["later", "the heron"], timeout=LONG)
    qtbot.waitUntil(
        lambda: [entries.item(at).text() for at in range(1, entries.count())] == ["the heron", "later"], timeout=LONG
    )
    qtbot.keyClicks(open_note(), "a bittern")  # what was there is chosen
    open_large(qtbot, running, other)
    qtbot.waitUntil(lambda: sorted(notes()) == ["a bittern", "later"], timeout=LONG)


def test_a_double_click_fills_the_screen_and_lets_it_play_on(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    running = open_window()
    item_id = bring_in(qtbot, running, film)
    open_large(qtbot, running, item_id)
    player, playback = running.window.player, running.window.playback
    qtbot.waitUntil(lambda: shown(running) == 0, timeout=LONG)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    twice = QMouseEvent(QEvent.Type.MouseButtonDblClick, QPointF(50, 50), QPointF(50, 50), left, left, none)
    for is_playing in (False, True):
        (playback.play if is_playing else playback.pause)()
        qtbot.waitUntil(lambda is_playing=is_playing: playback.is_playing is is_playing, timeout=LONG)
        was_full = player.is_full
        qtbot.mouseClick(player.surface, Qt.MouseButton.LeftButton)
        assert playback.is_playing is not is_playing
        QApplication.sendEvent(player.surface, twice)
        assert player.is_full is not was_full and playback.is_playing is is_playing
    player.controls.set_subtitles("large")
    for size in ("off", "large"):
        qtbot.keyClick(player, Qt.Key.Key_C)
        assert running.assistant.settings.subtitles == size
