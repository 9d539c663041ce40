"""The ten minutes of the README in the real window, with the mouse and the keys of a person who has read nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.tag import TagState
from media_assistant.items.transcript import PERSON
from media_assistant.library.library import Library
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.running import Running
from media_assistant.ui.widgets.drag_out import CarriedItems
from media_assistant.ui.widgets.line_delegate import TIME_WIDTH
from media_assistant.ui.widgets.nav_list import NavList
from media_assistant.ui.widgets.tag_chip import TagChip
from media_assistant.ui.widgets.transcript_view import TranscriptView
from tests.e2e.understanding import fingerprints

Opener = Callable[..., Running]
Drop = Callable[..., None]
LONG_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


class Person:
    """Points, clicks, types, and reads what is on the screen."""

    def __init__(self, qtbot: QtBot, running: Running) -> None:
        self.qtbot, self.running = qtbot, running
        self.window: MainWindow = running.window
        self.library: Library = running.assistant.library

    def waits(self, is_so: Callable[[], object], *, longest_ms: int = LONG_MS) -> None:
        self.qtbot.waitUntil(lambda: bool(is_so()), timeout=longest_ms)

    def clicks(self, widget: QWidget, where: QPoint | None = None) -> None:
        assert widget.isVisible()
        self.qtbot.mouseClick(widget, LEFT, pos=where if where is not None else widget.rect().center())

    def presses(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Whoever has the keyboard hears it."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def types(self, text: str) -> None:
        """Latin letters key by key, Chinese as an input method hands it over."""
        field = QApplication.focusWidget()
        assert field is not None
        if text.isascii():
            self.qtbot.keyClicks(field, text)
        else:
            composed = QInputMethodEvent()
            composed.setCommitString(text)
            QApplication.sendEvent(field, composed)

    def asks(self, question: str) -> None:
        """Into the search box, over what stood there."""
        self.presses(Qt.Key.Key_F, CONTROL)
        assert self.window.library.search.field.hasFocus()
        self.types(question)

    def sees(self, text: str) -> bool:
        """Whether it is written anywhere on the window."""
        shown = [*self.window.findChildren(QLabel), *self.window.findChildren(QPushButton)]
        return any(text in widget.text() for widget in shown if widget.isVisible())

    def titles(self) -> list[str]:
        """What the grid shows, in its order."""
        items = self.window.library.items
        found = [items.item_at(row) for row in range(items.rowCount())]
        return [item.title if item else "" for item in found]

    def cell(self, title: str) -> QPoint:
        """The middle of an item's cell."""
        self.waits(lambda: title in self.titles())
        return self.window.library.grid.cell_rect(self.titles().index(title)).center()

    def clicks_item(self, title: str) -> None:
        self.clicks(self.window.library.grid.viewport(), self.cell(title))

    def goes(self, nav: NavList, name: str) -> None:
        """To a row of the sidebar."""
        rows = nav.model()
        (row,) = [row for row in range(rows.rowCount()) if rows.index(row, 0).data() == name]
        self.clicks(nav.viewport(), nav.visualRect(rows.index(row, 0)).center())

    def drags(self, title: str, target: QWidget, where: QPoint) -> None:
        """An item of the grid, let go over a widget: what the system tells that while the mouse is on its way."""
        item_id = self.window.library.items.id_at(self.titles().index(title))
        carried = CarriedItems([item_id], self.library.paths)
        copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
        for way in (QDragEnterEvent, QDragMoveEvent):
            event = way(where, copy, carried, LEFT, none)
            QApplication.sendEvent(target, event)
            assert event.isAccepted()
        QApplication.sendEvent(target, QDropEvent(QPointF(where), copy, carried, LEFT, none))

    def chooses(self, menu: QMenu, *names: str) -> None:
        """One entry after the other, through menus that open beside each other."""
        for name in names:
            self.waits(menu.isVisible)
            (action,) = [action for action in menu.actions() if action.text() == name]
            self.clicks(menu, menu.actionGeometry(action).center())
            menu = action.menu() or menu
        # A window system gives the keyboard back when a menu closes; the one without a screen does not.
        self.window.activateWindow()
        self.waits(self.window.isActiveWindow)

    def understands(self, *, files: int) -> None:
        """Everything shows up, and is understood."""
        self.waits(lambda: self.window.library.items.rowCount() == files)

        def is_idle() -> bool:
            progress = self.running.assistant.progress()
            return progress.total > 0 and progress.done + progress.failed >= progress.total

        self.waits(is_idle, longest_ms=4 * LONG_MS)
        assert self.running.assistant.progress().failed == 0
        self.waits(lambda: self.sees("Ready"))

    def decided(self, state: TagState) -> list[str]:
        """What the library holds of the person's word on tags."""
        details = map(self.library.details, self.library.item_ids())
        return [tag.concept.en for each in details for tag in each.tags if tag.state is state]


@pytest.fixture
def person(qtbot: QtBot, open_window: Opener) -> Callable[[], Person]:
    """Sits down before a new window."""
    return lambda: Person(qtbot, open_window(size=(1440, 900)))


@pytest.fixture
def own_samples(samples: Path, tmp_path: Path) -> Iterator[Path]:
    """The samples in a folder of the person's own; not a byte of it may change."""
    folder = Path(shutil.copytree(samples, tmp_path / "my media", ignore=shutil.ignore_patterns("truth.json")))
    before = fingerprints(folder)
    yield folder
    assert fingerprints(folder) == before


def test_ten_minutes_with_what_the_program_brings_along(
    person: Callable[[], Person], drop: Drop, own_samples: Path
) -> None:
    someone = person()
    window, library = someone.window, someone.library
    someone.waits(lambda: someone.sees("Drop videos, audio, texts or photos here"))
    assert someone.sees("Files stay where they are and are never changed.")
    drop(someone.running, own_samples)
    someone.understands(files=9)

    # Typed: in both languages, across both, and what is not there.
    someone.asks("lighthouse")
    someone.waits(lambda: {"lighthouse", "journey", "灯塔与大海"} <= set(someone.titles()))
    someone.asks("月亮")
    someone.waits(lambda: "journey" in someone.titles() and "lighthouse" not in someone.titles())
    someone.asks("xylophone quartet")
    someone.waits(lambda: someone.sees("Nothing fits “xylophone quartet”"))

    # Clicked: it plays from that second; then large, with the keys of an editor.
    someone.asks('"city lights"')
    someone.waits(lambda: someone.titles()[:1] == ["journey"])
    playback = window.playback
    someone.clicks_item("journey")
    someone.waits(lambda: playback.is_playing and 11_000 <= playback.position_ms <= 16_000)
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: window.is_playing_large and window.player.is_shown(window.player.item_id))
    someone.waits(lambda: someone.sees('for “"city lights"”'))
    someone.presses(Qt.Key.Key_Space)
    someone.waits(lambda: not playback.is_playing)
    for key, second in ((Qt.Key.Key_0, 0), (Qt.Key.Key_Right, 5), (Qt.Key.Key_5, 10), (Qt.Key.Key_Left, 5)):
        someone.presses(key)
        someone.waits(lambda second=second: abs(playback.position_ms - 1000 * second) < 400)
    someone.presses(Qt.Key.Key_N)
    someone.waits(lambda: playback.is_playing and playback.position_ms >= 11_000)
    someone.presses(Qt.Key.Key_Escape)
    assert not window.is_playing_large

    # Decided, from the keyboard.
    someone.presses(Qt.Key.Key_R, CONTROL)
    review = window.page("review")
    for at, key in enumerate((Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_X, Qt.Key.Key_A)):
        someone.waits(lambda at=at: review.progress_text.text().startswith(f"{at + 1} of "))
        someone.waits(lambda: someone.sees("Is this “"))
        someone.presses(key)
    someone.waits(lambda: len(someone.decided(TagState.ACCEPTED)) == 3)
    assert len(someone.decided(TagState.REJECTED)) == 1

    # Compared: across languages, with a reason.
    someone.goes(window.sidebar.kinds, "Texts")
    someone.asks("")
    someone.presses(Qt.Key.Key_Escape)
    someone.clicks_item("lighthouse")
    tabs = window.inspector.tabs
    someone.waits(lambda: tabs.bar.isVisible() and window.inspector.item_id)
    (similar,) = [at for at in range(tabs.bar.count()) if tabs.bar.tabText(at) == "Similar"]
    someone.clicks(tabs.bar, tabs.bar.tabRect(similar).center())
    someone.waits(lambda: tabs.similar.rows)
    best = tabs.similar.rows[0]
    assert best.item.title == "灯塔与大海" and len(best.accessibleDescription()) > 10
    someone.clicks(best)
    someone.waits(lambda: window.inspector.item_id == best.item.id)

    # Gathered: by hand, and by a search that is kept.
    section = window.sidebar.collections
    someone.clicks(section.new_button)
    someone.waits(lambda: section.list.is_renaming)
    someone.types("海边")
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: [each.name for each in library.collections()] == ["海边"] and not section.list.is_renaming)
    rows = section.list.model()
    someone.waits(lambda: rows.index(0, 0).data() == "海边")
    row = section.list.visualRect(rows.index(0, 0))
    someone.drags("lighthouse", section.list.viewport(), row.center())
    someone.waits(lambda: someone.sees("Added to “海边”."))
    (collection,) = library.collections()
    assert [item.title for item in library.items(library.collection_items(collection.id))] == ["lighthouse"]
    someone.asks("star")
    someone.clicks(window.library.search.keep_button)
    someone.waits(lambda: section.list.is_renaming)
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: len(library.collections()) == 2 and not section.list.is_renaming)
    someone.goes(section.list, "海边")

    # The networks that could be added, with their size and licence.
    someone.goes(window.sidebar.foot, "Models")
    someone.waits(lambda: someone.sees("How fast is this computer?") and someone.sees("Download "))


def test_a_sentence_in_a_film_of_ones_own(
    person: Callable[[], Person], drop: Drop, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    folder = tmp_path / "my films"
    folder.mkdir()
    film = Path(shutil.copy(material / "media" / "videos" / "slides_speech_0.mp4", folder / "数字 numbers.mp4"))
    before = fingerprints(folder)
    someone = person()
    window, library = someone.window, someone.library
    someone.waits(window.library.first_run.isVisible)
    drop(someone.running, film)
    someone.understands(files=1)
    (item_id,) = library.item_ids()

    # Found by what is said, and heard from there.
    someone.asks('said:"six seven"')
    someone.waits(lambda: window.library.answer is not None and someone.titles() == [film.stem])
    said_ms = window.library.items.hit(item_id).moments[0].span.start_ms
    someone.clicks_item(film.stem)
    someone.waits(lambda: window.playback.is_playing and said_ms <= window.playback.position_ms <= said_ms + 5000)

    # A wrong word: a double click on it, and another one typed.
    someone.presses(Qt.Key.Key_Return)
    someone.waits(lambda: window.is_playing_large and window.player.is_shown(item_id))
    view: TranscriptView = window.player.tabs.transcript
    someone.waits(lambda: any("six seven" in line.text for line in view.lines.lines))
    (row,) = [at for at, line in enumerate(view.lines.lines) if "six seven" in line.text]
    line, cell = view.lines.lines[row], view.list.visualRect(view.lines.index(row))
    written_at = view.list.lines_delegate._layout(line).lineAt(0).cursorToX(line.text.index("seven") + 2)[0]
    word = QPoint(cell.left() + TIME_WIDTH + int(written_at), cell.center().y())
    someone.qtbot.mouseClick(view.list.viewport(), LEFT, pos=word)
    someone.qtbot.mouseDClick(view.list.viewport(), LEFT, pos=word)
    someone.waits(lambda: view.list.is_editing)
    someone.types("eleven")
    someone.presses(Qt.Key.Key_Return)
    wanted = line.text.replace("seven", "eleven")
    someone.waits(lambda: library.details(item_id).lines[row].text == wanted)
    assert library.details(item_id).lines[row].source == PERSON
    someone.waits(lambda: someone.sees("corrected"))

    # Subtitles, beside the film.
    someone.clicks(view.export)
    someone.chooses(view.export.menu(), "Save beside the file", "Subtitles (.srt)")
    written = film.with_suffix(".en.srt")
    someone.waits(written.is_file)
    assert wanted in written.read_text("utf-8")

    # Three tags kept and one refused, chip by chip.
    tabs = window.player.tabs
    (at,) = [at for at in range(tabs.bar.count()) if tabs.bar.tabText(at) == "Tags"]
    someone.clicks(tabs.bar, tabs.bar.tabRect(at).center())
    someone.waits(lambda: len(tabs.tags.chips) >= 4)
    someone.clicks(tabs.tags.chips[0], QPoint(14, 12))
    someone.waits(lambda: someone.sees("Why “"))
    someone.waits(lambda: isinstance(QApplication.focusWidget(), TagChip))
    for count, key in enumerate((Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_R)):
        if count:
            someone.presses(Qt.Key.Key_Right)
        someone.presses(key)
        state = TagState.ACCEPTED if key is Qt.Key.Key_A else TagState.REJECTED
        expected = min(count + 1, 3) if key is Qt.Key.Key_A else 1
        someone.waits(lambda state=state, expected=expected: len(someone.decided(state)) == expected)
        someone.waits(lambda: isinstance(QApplication.focusWidget(), TagChip))

    written.unlink()
    assert fingerprints(folder) == before
