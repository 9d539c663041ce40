"""The transcript editor in the real window: what a person does by mouse and keys, and what the library then holds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.items.clock import exact, parse_exact
from media_assistant.items.findings import Finding
from media_assistant.items.item import Facts
from media_assistant.items.moment import Layer, Moment, Sense, Word
from media_assistant.items.replacing import Wanted
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import PERSON
from media_assistant.library.library import Library
from media_assistant.ui.item_models.lines import LineItemModel
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.playback.playback import Loop
from media_assistant.ui.startup.running import Running
from media_assistant.ui.transcript_actions import free_name
from media_assistant.ui.widgets.transcript.line_delegate import _TOP, TIME_WIDTH, LineEditor
from media_assistant.ui.widgets.transcript.view import TranscriptView

Opener = Callable[..., Running]
LONG = 60_000
LINES = ("the hide is high today", "and turns at noon", "home before dark")


def heard(start_ms: int, text: str, doubt: int = -1) -> Moment:
    words = tuple(
        Word(start_ms + 400 * n, start_ms + 400 * n + 400, word, 0.3 if n == doubt else 0.9)
        for n, word in enumerate(text.split())
    )
    span = TimeSpan(start_ms, words[-1].end_ms)
    return Moment(span, Sense.SAID, Layer.LINE, text=text, language="en", words=words)


class Editor:
    """A window with the sample film open large, its transcript shown."""

    def __init__(self, qtbot: QtBot, running: Running, film: Path, lines: list[Moment]) -> None:
        self.qtbot, self.running = qtbot, running
        self.library: Library = running.assistant.library
        (self.item_id,) = running.assistant.import_paths([film], analyse=False).result(60).added
        found: list[Finding] = list(lines)
        self.library.save_findings(self.item_id, "speech", 1, "net", "", found, is_first_chunk=True)
        self.library.finish_analysis(self.item_id, "speech", 1)
        qtbot.waitUntil(lambda: running.window.library.items.rowCount() == 1, timeout=LONG)
        running.window.open_item(self.item_id)
        qtbot.waitUntil(lambda: len(self.view.lines.lines) == len(lines), timeout=LONG)

    @property
    def view(self) -> TranscriptView:
        view = self.running.window.player.tabs.transcript
        assert isinstance(view, TranscriptView)
        return view

    def said(self) -> list[str]:
        return [line.text for line in self.library.details(self.item_id).lines]

    def shown(self) -> list[str]:
        return [line.text for line in self.view.lines.lines]

    def is_settled(self, *texts: str) -> None:
        """The library holds this, and the window shows it as the library has it."""
        self.qtbot.waitUntil(lambda: self.said() == list(texts), timeout=LONG)
        self.qtbot.waitUntil(
            lambda: self.shown() == list(texts) and all(line.id for line in self.view.lines.lines), timeout=LONG
        )

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(QApplication.focusWidget() or self.view.list, key, modifier)

    def open_line(self, row: int) -> LineEditor:
        self.view.list.setFocus()
        self.view.list.go_to(row)
        self.key(Qt.Key.Key_F2)
        editor = self.view.list.lines_delegate.editor
        assert editor is not None and self.view.list.is_editing
        return editor


@pytest.fixture
def film(samples: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    return Path(shutil.copy(samples / "journey.mp4", folder / "journey.mp4"))


@pytest.fixture
def editor(qtbot: QtBot, open_window: Opener, film: Path) -> Editor:
    lines = [heard(0, LINES[0], doubt=1), heard(4000, LINES[1]), heard(8000, LINES[2], doubt=2)]
    return Editor(qtbot, open_window(works=False), film, lines)


CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def test_a_wrong_word_is_typed_over_and_undone_after_a_restart(editor: Editor) -> None:
    view, qtbot = editor.view, editor.qtbot
    where = view.list.visualRect(view.lines.index(0)).center()
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(lambda: view.list.is_editing)
    field = view.list.lines_delegate.editor
    assert field is not None and field.accessibleName()
    field.selectAll()
    qtbot.keyClicks(field, "the tide is high today ? /")
    assert editor.running.window.is_playing_large, "keys are inert while typing"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not view.list.is_editing and view.list.hasFocus()
    editor.is_settled("the tide is high today ? /", *LINES[1:])
    line = editor.library.details(editor.item_id).lines[0]
    assert line.source == PERSON and line.words[4].text == "today" and line.words[0].end_ms == 400
    with qtbot.waitSignal(editor.running.desk.events.changed):
        qtbot.keyClick(editor.running.window, Qt.Key.Key_Z, CTRL)
    editor.is_settled(*LINES)


def test_what_is_half_typed_is_kept_when_the_window_closes(editor: Editor) -> None:
    field = editor.open_line(1)
    field.selectAll()
    editor.qtbot.keyClicks(field, "and ebbs at noon")
    editor.running.window.close()
    assert not editor.view.list.is_editing, "no event is waited for: there may be none any more"
    editor.qtbot.waitUntil(lambda: editor.said() == [LINES[0], "and ebbs at noon", LINES[2]], timeout=LONG)


def test_what_is_half_typed_is_kept_when_another_item_is_shown(editor: Editor) -> None:
    field = editor.open_line(1)
    field.selectAll()
    editor.qtbot.keyClicks(field, "and ebbs at noon")
    editor.view.show_details(None, ())
    assert not editor.view.list.is_editing
    editor.qtbot.waitUntil(lambda: editor.said() == [LINES[0], "and ebbs at noon", LINES[2]], timeout=LONG)


def test_a_line_moved_a_moment_ago_is_kept_when_the_window_closes(editor: Editor) -> None:
    editor.view.list.go_to(1)
    editor.view.do("start_later")
    assert editor.view.verbs.is_settling
    editor.running.window.close()
    assert not editor.view.verbs.is_settling, "no timer is waited for"
    starts = lambda: [line.span.start_ms for line in editor.library.details(editor.item_id).lines]  # noqa: E731
    editor.qtbot.waitUntil(lambda: starts() == [0, 4100, 8000], timeout=LONG)


def test_half_a_pattern_finds_nothing_and_breaks_nothing(editor: Editor) -> None:
    view = editor.view
    view.open_bar("find")
    view.line_search.mark(Wanted("tide(", is_pattern=True))
    view.line_search.replace_one(Wanted("(noon", is_pattern=True), "x")
    view.list.go_to(1)
    view.line_search.replace_one(Wanted("(noon)", is_pattern=True), r"\7")
    assert editor.running.desk.notices.text
    assert editor.said() == list(LINES)


def test_escape_leaves_a_line_and_not_the_film(editor: Editor) -> None:
    field = editor.open_line(1)
    editor.qtbot.keyClicks(field, " nonsense")
    editor.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not editor.view.list.is_editing and editor.running.window.is_playing_large
    assert editor.said() == list(LINES) and editor.shown() == list(LINES)


def test_a_transcript_that_is_reached_by_tab_shows_where_it_is(editor: Editor) -> None:
    view = editor.view
    view.show_position(4200)
    view.list.setCurrentIndex(QModelIndex())
    view.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert view.list.currentIndex().row() == 1, "the line of now"
    editor.key(Qt.Key.Key_Down)
    assert view.list.currentIndex().row() == 2


def test_tab_keeps_a_line_and_opens_the_next(editor: Editor) -> None:
    field = editor.open_line(1)
    editor.qtbot.keyClicks(field, ".")
    editor.qtbot.keyClick(field, Qt.Key.Key_Tab)
    view = editor.view
    assert view.list.is_editing and view.list.currentIndex().row() == 2
    second = view.list.lines_delegate.editor
    assert second is not None and second.toPlainText() == LINES[2]
    editor.qtbot.keyClick(second, Qt.Key.Key_Escape)
    editor.is_settled(LINES[0], f"{LINES[1]}.", LINES[2])


def test_a_chosen_word_becomes_a_name_to_expect(editor: Editor) -> None:
    field = editor.open_line(0)
    field.name_wanted.emit("Ødegård")
    editor.qtbot.waitUntil(lambda: editor.library.spoken_names() == ("Ødegård",), timeout=LONG)
    assert editor.view.list.is_editing


def test_splitting_at_the_cursor_and_merging_by_keys(editor: Editor) -> None:
    field = editor.open_line(0)
    cursor = field.textCursor()
    cursor.setPosition(9)
    field.setTextCursor(cursor)
    editor.qtbot.keyClick(field, Qt.Key.Key_Return, CTRL)
    editor.is_settled("the hide", "is high today", *LINES[1:])
    spans = [line.span for line in editor.library.details(editor.item_id).lines[:2]]
    assert spans == [TimeSpan(0, 800), TimeSpan(800, 2000)]
    editor.view.list.go_to(0)
    editor.key(Qt.Key.Key_M, CTRL)
    editor.is_settled(*LINES)
    editor.view.list.setFocus()
    editor.key(Qt.Key.Key_A, CTRL)
    editor.key(Qt.Key.Key_Delete)
    editor.is_settled()
    assert editor.running.window.chosen_ids() == (editor.item_id,), "Del was about lines"
    editor.running.assistant.undo().result(30)
    editor.is_settled(*LINES)


def test_undo_of_a_deleted_line_is_of_that_line(editor: Editor) -> None:
    view, qtbot, notices = editor.view, editor.qtbot, editor.running.desk.notices
    view.list.go_to(0)
    view.verbs.delete()
    editor.is_settled(*LINES[1:])
    qtbot.waitUntil(lambda: "deleted" in notices.text, timeout=LONG)
    field = editor.open_line(1)
    field.selectAll()
    qtbot.keyClicks(field, "home after dark")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    editor.is_settled(LINES[1], "home after dark")
    (undo,) = [each for each in notices._shown.findChildren(QPushButton) if each.text() == "Undo"]
    undo.click()
    editor.is_settled(LINES[0], LINES[1], "home after dark")


def test_times_by_typing_nudging_and_where_it_plays(editor: Editor) -> None:
    view, qtbot = editor.view, editor.qtbot
    bar = view.line_bar
    assert bar is not None

    def span(row: int) -> TimeSpan:
        found = editor.library.details(editor.item_id).lines[row].span
        assert isinstance(found, TimeSpan)
        return found

    view.list.setFocus()
    view.list.go_to(1)
    assert bar.isVisible() and bar.start.text() == "0:04.000"
    bar.start.setFocus()
    bar.start.selectAll()
    qtbot.keyClicks(bar.start, "0:03,5")
    qtbot.keyClick(bar.start, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: span(1) == TimeSpan(3500, 5600), timeout=LONG)
    qtbot.keyClicks(bar.start, "nonsense")
    qtbot.keyClick(bar.start, Qt.Key.Key_Return)
    assert bar.start.text() == "0:03.500"
    steps = len(editor.library.journal())
    view.list.setFocus()
    for _ in range(5):
        editor.key(Qt.Key.Key_Right, ALT)
    editor.key(Qt.Key.Key_Left, ALT | SHIFT)
    assert bar.start.text() == "0:04.000" and bar.end.text() == "0:05.500"
    qtbot.waitUntil(lambda: span(1) == TimeSpan(4000, 5500), timeout=LONG)
    assert len(editor.library.journal()) == steps + 1, "nudges in a row are one step"
    view.show_position(4300)
    view.list.setFocus()
    editor.key(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: span(1) == TimeSpan(4300, 5500), timeout=LONG)
    view.show_position(5000)
    editor.key(Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: span(1) == TimeSpan(4300, 5000), timeout=LONG)
    for _ in range(4):
        editor.running.assistant.undo().result(30)
    assert span(1) == TimeSpan(4000, 5600)


def test_a_new_line_is_kept_only_with_words(editor: Editor) -> None:
    view, qtbot = editor.view, editor.qtbot
    view.show_position(6000)
    view.list.setFocus()
    editor.key(Qt.Key.Key_Insert)
    field = view.list.lines_delegate.editor
    assert field is not None and view.list.is_editing and len(view.lines.lines) == 4
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert editor.shown() == list(LINES)
    editor.key(Qt.Key.Key_Insert)
    field = view.list.lines_delegate.editor
    assert field is not None
    qtbot.keyClicks(field, "in between")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    editor.is_settled(LINES[0], LINES[1], "in between", LINES[2])
    assert editor.library.details(editor.item_id).lines[2].span == TimeSpan(6000, 8000)


def test_unsure_words_are_gone_through_by_key(editor: Editor) -> None:
    view = editor.view
    editor.qtbot.waitUntil(lambda: "2" in view._doubts.text() and view._doubts.isVisible(), timeout=LONG)
    words = editor.running.desk.words
    for language in ("zh_CN", "en"):
        words.speak(language)
        told = words.say("ui.lines.doubts", count=2)
        editor.qtbot.waitUntil(lambda told=told: view._doubts.text() == told and view._doubts.isVisible(), timeout=LONG)
    view.list.setFocus()
    editor.key(Qt.Key.Key_F8)
    assert view.list.currentIndex().row() == 0
    editor.key(Qt.Key.Key_F8)
    assert view.list.currentIndex().row() == 2
    editor.key(Qt.Key.Key_Return)
    field = view.list.lines_delegate.editor
    assert field is not None and field.textCursor().selectedText() == "dark"
    editor.qtbot.keyClick(field, Qt.Key.Key_Escape)
    editor.key(Qt.Key.Key_F7)
    editor.qtbot.waitUntil(lambda: "1" in view._doubts.text(), timeout=LONG)
    assert view.list.currentIndex().row() == 0
    editor.key(Qt.Key.Key_F8, SHIFT)
    assert view.list.currentIndex().row() == 0


def test_find_and_replace_counts_first_and_is_one_step(editor: Editor) -> None:
    view, qtbot = editor.view, editor.qtbot
    view.list.setFocus()
    editor.key(Qt.Key.Key_H, CTRL)
    bar = view.finder
    assert bar.isVisible() and bar.sought.hasFocus()
    qtbot.keyClicks(bar.sought, "HI")
    qtbot.waitUntil(lambda: "2" in bar.count.text(), timeout=LONG)
    bar.case.setChecked(True)
    qtbot.waitUntil(lambda: not bar.all.isEnabled(), timeout=LONG)
    bar.case.setChecked(False)
    bar.pattern.setChecked(True)
    qtbot.keyClicks(bar.sought, "(")
    qtbot.waitUntil(lambda: "pattern" in bar.count.text(), timeout=LONG)
    bar.pattern.setChecked(False)
    bar.sought.setText("hide")
    bar.put.setText("tide")
    bar.scope.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "1 item" in bar.count.text(), timeout=LONG)
    qtbot.mouseClick(bar.all, Qt.MouseButton.LeftButton)
    editor.is_settled(LINES[0].replace("hide", "tide"), *LINES[1:])
    qtbot.keyClick(bar.sought, Qt.Key.Key_Escape)
    assert not bar.isVisible() and editor.running.window.is_playing_large
    editor.running.assistant.undo().result(30)
    editor.is_settled(*LINES)


def test_times_of_all_lines_move_together(editor: Editor) -> None:
    view = editor.view
    view.do("shift")
    bar = view.move_all
    bar.by.setText("1.5")
    editor.qtbot.mouseClick(bar.later, Qt.MouseButton.LeftButton)
    starts = lambda: [line.span.start_ms for line in editor.library.details(editor.item_id).lines]  # noqa: E731
    editor.qtbot.waitUntil(lambda: starts() == [1500, 5500, 9500], timeout=LONG)
    editor.running.assistant.undo().result(30)
    assert starts() == [0, 4000, 8000]


def test_names_are_kept_as_they_are_typed(editor: Editor) -> None:
    view, qtbot = editor.view, editor.qtbot
    view.do("names")
    bar = view.names
    qtbot.keyClicks(bar.field, "Odin")
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    qtbot.keyClicks(bar.field, "Freya, Thor")
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: editor.library.spoken_names() == ("Odin", "Freya", "Thor"), timeout=LONG)
    editor.running.assistant.undo().result(30)
    assert editor.library.spoken_names() == ()


def test_names_typed_before_the_known_ones_came_are_more_not_instead(editor: Editor) -> None:
    editor.running.assistant.transcripts.set_names(("Odin",)).result(30)
    bar = editor.view.names
    editor.view.do("names")
    editor.qtbot.keyClicks(bar.field, "Freya")  # the answer of the library is still on its way
    editor.qtbot.waitUntil(lambda: bar._known == ("Odin",), timeout=LONG)
    editor.view.open_bar("")
    editor.qtbot.waitUntil(lambda: set(editor.library.spoken_names()) == {"Odin", "Freya"}, timeout=LONG)


def test_what_comes_from_the_engine_does_not_disturb_typing(editor: Editor) -> None:
    field = editor.open_line(1)
    editor.qtbot.keyClicks(field, " sharp")
    found: list[Finding] = [heard(0, LINES[0]), heard(4000, LINES[1]), heard(8000, LINES[2]), heard(12_000, "later")]
    changes = editor.library.save_findings(editor.item_id, "speech", 1, "net", "", found, is_first_chunk=True)
    with editor.qtbot.waitSignal(editor.running.desk.events.changed):
        editor.running.desk.events.take_changes(changes)
    editor.qtbot.waitUntil(lambda: editor.view._waiting is not None, timeout=LONG)
    assert editor.view.list.is_editing and field.toPlainText().endswith("noon sharp")
    editor.qtbot.keyClick(field, Qt.Key.Key_Return)
    editor.is_settled(LINES[0], "and turns at noon sharp", LINES[2], "later")


def test_a_long_transcript_lays_out_only_what_is_seen(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    """20,000 words in 5,000 lines: work is counted, for time depends on the machine."""
    lines = [heard(2000 * n, f"line {n} says {'more and more ' * (n % 3)}") for n in range(5000)]
    editor = Editor(qtbot, open_window(works=False), film, lines)
    view, delegate = editor.view, editor.view.list.lines_delegate
    qtbot.waitUntil(lambda: delegate.layouts_made > 0, timeout=LONG)
    qtbot.wait(50)
    assert delegate.layouts_made < 120, "the first screens, not five thousand lines"

    def cost(act: Callable[[], object]) -> int:
        before = delegate.layouts_made
        act()
        for _ in range(4):
            QApplication.processEvents()
        return delegate.layouts_made - before

    view.show_position(0)
    assert cost(lambda: [view.show_position(ms) for ms in range(0, 1900, 16)]) == 0, "within a line nothing is done"
    assert cost(lambda: view.list.verticalScrollBar().setValue(view.list.verticalScrollBar().maximum() // 2)) < 60
    assert cost(lambda: view.list.verticalScrollBar().setValue(view.list.verticalScrollBar().value() + 40)) < 8
    field = editor.open_line(2500)
    assert cost(lambda: qtbot.keyClicks(field, "many letters typed one after the other")) == 0
    assert cost(lambda: qtbot.keyClick(field, Qt.Key.Key_Return)) < 8
    told: list[tuple[int, int]] = []
    view.lines.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    view.lines.modelReset.connect(lambda: told.append((-1, -1)))
    qtbot.waitUntil(lambda: editor.view.lines.lines[2500].id > 0, timeout=LONG)
    assert told == [(2500, 2500)], "one edit is one row"
    assert view.list.rowAt(5) > 0, "the view stays where it was"


def test_nothing_is_kept_of_lines_that_are_shown_no_more(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    editor = Editor(qtbot, open_window(works=False), film, [heard(2000 * n, f"line {n}") for n in range(60)])
    view = editor.view.list
    qtbot.waitUntil(lambda: bool(view._heights) and bool(view.lines_delegate._layouts), timeout=LONG)
    others = [heard(1000 * n, f"another {n}") for n in range(30)]
    editor.view.lines.show(others)
    shown = {id(line) for line in others}
    qtbot.waitUntil(lambda: bool(view._heights) and set(view._heights) <= shown, timeout=LONG)
    assert set(view.lines_delegate._layouts) <= shown


def test_rows_keep_their_place_when_those_above_get_their_height(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    lines = [heard(2000 * n, f"line {n} " + "long words that wrap over several rows " * (n % 4)) for n in range(400)]
    editor = Editor(qtbot, open_window(works=False), film, lines)
    view = editor.view.list
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    qtbot.wait(20)
    for _ in range(30):
        row = view.rowAt(60)
        before = view.rowViewportPosition(row)
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 25)
        QApplication.processEvents()
        assert abs(view.rowViewportPosition(row) - before - 25) <= 1
    assert all(view._is_fitted(row) for row in view.rows_in_sight())


def test_a_screen_reader_hears_lines_with_their_times(editor: Editor) -> None:
    found = QAccessible.queryAccessibleInterface(editor.view.list)
    assert found.text(QAccessible.Text.Name) == "Transcript"
    names = [found.child(at).text(QAccessible.Text.Name) for at in range(found.childCount())]
    assert f"0:04 {LINES[1]}" in names


def test_several_items_are_saved_beside_from_the_menu(editor: Editor, film: Path) -> None:
    window = editor.running.window
    menu = window.item_menu()
    part = next(
        action.menu() for action in menu.actions() if action.menu() is not None and action.text() == "Transcripts"
    )
    beside = next(action.menu() for action in part.actions() if action.text() == "Save beside the file")
    beside.actions()[0].trigger()
    written = film.with_name("journey.en.srt")
    editor.qtbot.waitUntil(written.is_file, timeout=LONG)
    editor.qtbot.waitUntil(lambda: LINES[0] in written.read_text(), timeout=LONG)
    menu.close()


def test_times_are_read_as_people_write_them() -> None:
    assert [parse_exact(text) for text in ("1:02.345", "62.3", "0:04，5", "100:00:00", " 7 ")] == [
        62_345, 62_300, 4500, 360_000_000, 7000,
    ]  # fmt: skip
    assert [parse_exact(text) for text in ("", "x", "1:", "-1", "1:2:3:4", "99999999999")] == [None] * 6
    assert all(parse_exact(exact(ms)) == ms for ms in (0, 1, 59_999, 60_000, 3_599_999, 3_600_000, 400_000_001))


def test_a_click_plays_and_a_choice_of_several_does_not(editor: Editor) -> None:
    view = editor.view
    wanted: list[Moment] = []
    view.moment_wanted.connect(wanted.append)
    viewport = view.list.viewport()

    def middle(row: int) -> QPoint:
        return view.list.visualRect(view.lines.index(row)).center()

    editor.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=middle(1))
    assert [line.text for line in wanted] == [LINES[1]]
    editor.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, SHIFT, pos=middle(2))
    assert len(view.verbs.chosen()) == 2


def test_chosen_lines_are_listened_to_again_in_the_window(
    qtbot: QtBot, open_window: Opener, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real recogniser: what it hears takes the place of what stood there; a person's line stays."""
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    clip = Path(shutil.copy(material / "media" / "digits" / "jackson_07.wav", tmp_path / "digits.wav"))
    lines = [heard(0, "wrong"), heard(1600, "also wrong indeed")]
    editor = Editor(qtbot, open_window(works=False), clip, lines)
    editor.library.set_facts(editor.item_id, Facts(duration_ms=3249))
    view = editor.view
    editor.open_line(0).selectAll()
    qtbot.keyClicks(QApplication.focusWidget(), "mine")
    editor.key(Qt.Key.Key_Return)
    editor.is_settled("mine", "also wrong indeed")
    playback = editor.running.window.playback
    playback.set_loop(Loop(100, 900))
    view.do("listen")
    bar = view.listen
    assert bar.scope.findData("loop") > 0 and view._loop() == TimeSpan(100, 900)
    playback.set_loop(None)
    qtbot.waitUntil(lambda: bar.model.findData("asr-whisper-digits") > 0 and bar.go.isEnabled(), timeout=LONG)
    bar.model.setCurrentIndex(bar.model.findData("asr-whisper-digits"))
    bar.scope.setCurrentIndex(bar.scope.findData("all"))
    qtbot.mouseClick(bar.go, Qt.MouseButton.LeftButton)
    assert bar.stop.isVisible()
    qtbot.waitUntil(lambda: "also wrong indeed" not in editor.said(), timeout=LONG)
    assert editor.said()[0] == "mine" and " ".join(editor.said()).endswith("three zero")
    qtbot.waitUntil(lambda: not bar.stop.isVisible(), timeout=LONG)
    editor.running.assistant.undo().result(30)
    editor.is_settled("mine", "also wrong indeed")


def test_a_name_is_proposed_that_no_file_has_yet(tmp_path: Path) -> None:
    film = tmp_path / "the tide 01.02.mp4"
    assert free_name(film, "srt").name == "the tide 01.02.srt"
    for name in ("the tide 01.02.srt", "the tide 01.02.2.srt"):
        (tmp_path / name).write_text("1")
    assert free_name(film, "srt").name == "the tide 01.02.3.srt"
    long = tmp_path / f"{'x' * 252}.md"
    assert free_name(long, "srt").name == f"{'x' * 252}.srt", "what no disk can hold nothing has"


def test_a_subtitle_file_that_another_program_would_move_is_only_copied(
    editor: Editor, drop: Callable[..., Qt.DropAction], tmp_path: Path
) -> None:
    file = tmp_path / "other.srt"
    file.write_text("1\n00:00:01,000 --> 00:00:02,000\nanother word\n", "utf-8")
    assert drop(editor.running, file, over=editor.view, with_shift=True) == Qt.DropAction.CopyAction
    editor.is_settled("another word")


def test_a_line_begins_where_it_plays_whichever_tab_was_open_and_never_where_another_film_was(
    editor: Editor, samples: Path
) -> None:
    view, qtbot, running = editor.view, editor.qtbot, editor.running
    tabs = running.window.player.tabs
    tabs.show_tab("chapters")
    tabs.show_position(5000)
    tabs.show_tab("transcript")
    view.list.setFocus()
    view.list.go_to(1)
    editor.key(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: editor.library.details(editor.item_id).lines[1].span == TimeSpan(5000, 5600), timeout=LONG)
    (other,) = running.assistant.import_paths([samples / "evening-walk.ogg"], analyse=False).result(60).added
    editor.library.save_findings(other, "speech", 1, "net", "", [heard(500, "another film")], is_first_chunk=True)
    running.window.open_item(other)
    qtbot.waitUntil(lambda: editor.shown() == ["another film"], timeout=LONG)
    view.list.setFocus()
    editor.key(Qt.Key.Key_Insert)
    assert view.lines.lines[0].span == TimeSpan(0, 500)


def test_a_rare_character_moves_no_cut_and_no_mark(qtbot: QtBot, open_window: Opener, film: Path) -> None:
    editor = Editor(qtbot, open_window(works=False), film, [heard(0, "𠮷野 😀 the tide turns", doubt=3)])
    view, line = editor.view, editor.view.lines.lines[0]
    delegate = view.list.lines_delegate
    field = editor.open_line(0)
    assert field.textCursor().selectedText() == "tide"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    view.list.marker = Marker(("turns",))
    letters, marks = line.text.encode("utf-16-le"), delegate._formats(line)
    marked = [letters[2 * mark.start : 2 * (mark.start + mark.length)].decode("utf-16-le") for mark in marks]
    assert marked == ["tide", "turns"]
    words = delegate._layout(line).lineAt(0).naturalTextRect()
    begin, end = delegate.word_at(line, QPointF(words.right() - 3 + TIME_WIDTH, words.center().y() + _TOP)) or (0, 0)
    assert line.text[begin:end] == "turns"
    field = editor.open_line(0)
    cursor = field.document().find("turns")
    cursor.setPosition(cursor.selectionStart())
    field.setTextCursor(cursor)
    qtbot.keyClick(field, Qt.Key.Key_Return, CTRL)
    editor.is_settled("𠮷野 😀 the tide", "turns")


def said_at(start_ms: int, end_ms: int, text: str) -> Moment:
    return Moment(TimeSpan(start_ms, end_ms), Sense.SAID, Layer.LINE, text=text, language="en")


def test_of_lines_that_overlap_the_one_that_lasts_is_shown() -> None:
    lines = LineItemModel()
    lines.show([said_at(10_000, 20_000, "a"), said_at(12_000, 14_000, "b"), said_at(21_000, 22_000, "c")])
    shown = {ms: lines.row_at(ms) for ms in (9999, 10_000, 12_000, 14_100, 20_300, 20_400, 21_000, 22_300, 22_400)}
    assert list(shown.values()) == [-1, 0, 1, 0, 0, -1, 2, 2, -1]


def test_words_without_times_are_at_no_time_and_are_saved_as_text(
    qtbot: QtBot, open_window: Opener, film: Path
) -> None:
    words = [said_at(0, 30_000, text) for text in ("one verse", "another", "the last")]
    editor = Editor(qtbot, open_window(works=False), film, words)
    view = editor.view
    assert view.line_at(1000) == "" and view.lines.row_at(1000) == -1
    menu = view.export.menu()
    menu.aboutToShow.emit()
    say = editor.running.desk.words.say
    said = [action.text() for action in menu.actions() if action.text()]
    assert said == [say("ui.export.txt") + "…", say("ui.lines.beside")]
