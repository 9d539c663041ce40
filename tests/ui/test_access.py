"""Whoever uses no mouse, no eyes or not much patience for motion: all is reached by Tab, seen where it is, and read out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProgressBar, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import Concept
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.items.tag import TagState
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.focus_order import reach
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
LONG = 20_000
ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "media_assistant" / "ui"
DOG, SEA = Concept("dog", "dog", "狗"), Concept("own:sea", "sea", "海")
ROLE, TEXT = QAccessible.Role, QAccessible.Text

PAINTED = {
    "AudioView": ROLE.Graphic,
    "BrandButton": ROLE.Button,
    "ComparedPicture": ROLE.Graphic,
    "ConfusionView": ROLE.Graphic,
    "DropOverlay": ROLE.Client,
    "EvidenceRow": ROLE.Button,
    "GridView": ROLE.List,
    "MapCanvas": ROLE.Graphic,
    "OfferRows": ROLE.List,
    "PhotoView": ROLE.Graphic,
    "QueryField": ROLE.EditableText,
    "ScopeChip": ROLE.Button,
    "SenseChip": ROLE.CheckBox,
    "SharedTagChip": ROLE.Button,
    "Stars": ROLE.Slider,
    "TagChip": ROLE.Button,
    "ThumbStrip": ROLE.Graphic,
    "Timeline": ROLE.Slider,
    "VideoSurface": ROLE.Graphic,
}
"""What paints itself and says something. To add one: its line here, and see `widgets/painted_accessible.py`."""

RINGS = {"_Ring", "_Mark"}
"""What is drawn over others while something is dragged with the mouse."""

LABELS = {"ShortenedLabel"}
"""Qt's own labels, whose text says all to a screen reader however much of it is painted."""

LISTS = {
    "NavList": ROLE.List,
    "CollectionList": ROLE.List,
    "FolderTree": ROLE.Tree,
    "TagTreeView": ROLE.Tree,
    "QueueList": ROLE.List,
    "HistoryList": ROLE.List,
    "LineList": ROLE.Table,
    "_List": ROLE.List,
}
"""Lists whose rows a delegate paints: Qt reads them, the model says what of each row."""


NOT_HERE = {
    "OfferRows",
    "ComparedPicture",
    "ConfusionView",
    "EvidenceRow",
    "ThumbStrip",
    "QueueList",
    "FolderTree",
    "_List",
}
"""What these views have no content for."""
ROWS = (ROLE.ListItem, ROLE.TreeItem, ROLE.Cell)


@pytest.fixture
def ear() -> Iterator[None]:
    """A screen reader listens."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture
def library(home: Path, tmp_path: Path) -> dict[Kind, int]:
    """An item of each kind with what can be known of it; the photo is a real one."""
    picture = QImage(64, 48, QImage.Format.Format_RGB32)
    picture.fill(0xFF4060)
    picture.save(str(tmp_path / "photo.png"))
    made = Library.open(find_paths().library)
    new = [
        NewItem(Kind.VIDEO, "/nowhere/film.mp4", "film", 1000, 1, "a" * 32, Facts(duration_ms=60_000)),
        NewItem(Kind.MUSIC, "/nowhere/song.mp3", "song", 1000, 2, "b" * 32, Facts(duration_ms=90_000)),
        NewItem(Kind.TEXT, str(tmp_path / "words.txt"), "words", 1000, 3, "c" * 32),
        NewItem(Kind.PHOTO, str(tmp_path / "photo.png"), "photo", 1000, 4, "d" * 32),
    ]
    ids, _ = made.add_items(new)
    for item_id in ids:
        is_timed = item_id in ids[:2]
        found = [Moment(TimeSpan(5000, 9000) if is_timed else WHOLE, Sense.SEEN, Layer.LABEL, DOG, score=0.7)]
        made.save_findings(item_id, "sights", 1, "net", "", found, is_first_chunk=True)
        if is_timed:
            lines = [Moment(TimeSpan(a, a + 900), Sense.SAID, Layer.LINE, text=f"word {a}") for a in (1000, 2000, 3000)]
            made.save_findings(item_id, "speech", 1, "whisper", "", lines, is_first_chunk=True)
    made.add_tag([ids[0]], SEA)
    made.close()
    return dict(zip((Kind.VIDEO, Kind.MUSIC, Kind.TEXT, Kind.PHOTO), ids, strict=True))


@pytest.fixture
def opened(qtbot: QtBot, open_window: Opener, library: dict[Kind, int]) -> Callable[..., Running]:
    def open_it(**more: object) -> Running:
        running = open_window(works=False, size=(1300, 820), **more)
        items = running.window.library.items
        qtbot.waitUntil(lambda: items.rowCount() == 4 and items.item_at(0) is not None, timeout=LONG)
        running.assistant.collections.create("Summer").result(10)
        return running

    return open_it


def views(qtbot: QtBot, running: Running, ids: dict[Kind, int]) -> Iterator[str]:
    """The window in one view after the other; yields its name."""
    window = running.window
    grid = window.library.grid
    yield "library"
    window.library.view_bar.show_as(is_list=True)
    grid.selection.set_all(list(ids.values()))
    qtbot.waitUntil(lambda: bool(window.inspector.many.chips), timeout=LONG)
    yield "several"
    window.library.view_bar.show_as(is_list=False)
    grid.selection.set_all([ids[Kind.VIDEO]], current=ids[Kind.VIDEO])
    qtbot.waitUntil(lambda: window.inspector._details is not None, timeout=LONG)
    for tab in ("tags", "transcript", "similar", "details"):
        window.inspector.tabs.show_tab(tab)
        yield f"inspector, {tab}"
    window.inspector.tabs.show_tab("tags")
    for kind, item_id in ids.items():
        window.open_item(item_id)
        qtbot.waitUntil(lambda item_id=item_id: window.player.is_shown(item_id), timeout=LONG)
        yield kind.value
        if kind is Kind.VIDEO:
            window.player.tabs.show_tab("chapters")
            yield "marks"
        window.close_item()
    for page in PAGES:
        window.go(Place(page))
        if page == "map":  # laid out for the first time, which takes as long as it takes
            qtbot.waitUntil(window.page("map").canvas.isVisible, timeout=LONG)
        qtbot.wait(60)
        yield page
    window.go(Place("tags", tag="dog"))
    qtbot.waitUntil(lambda: window.page("tags").tree.current is not None, timeout=LONG)
    yield "one tag"
    window.go(Place(kind=Kind.PHOTO))
    window.library.grid.setFocus()
    yield "photos alone"


def settle(qtbot: QtBot, window: QWidget) -> None:
    """Until what is asked of the library has come, and nothing more appears or goes."""
    before: list[object] = []
    quiet = 0

    def is_quiet() -> bool:
        nonlocal before, quiet
        now = [id(each) for each in reachable(window)]
        quiet = quiet + 1 if now == before else 0
        before = now
        return quiet >= 5

    qtbot.waitUntil(is_quiet, timeout=LONG)


def name_of(widget: QWidget | None) -> str:
    """For a failure that can be read."""
    if widget is None:
        return "nothing"
    text = getattr(widget, "text", None)
    said = widget.accessibleName() or (text() if callable(text) else "") or widget.objectName()
    return f"{type(widget).__name__} “{str(said)[:40]}”"


# ── a screen reader ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_widget_that_paints_itself_is_known() -> None:
    painting = {
        node.name
        for file in UI.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(each, ast.FunctionDef) and each.name == "paintEvent" for each in node.body)
    }
    assert painting <= set(PAINTED) | RINGS | LABELS
    assert set(PAINTED) - {"SharedTagChip"} <= painting


def test_a_tag_chip_says_what_it_is_and_what_keys_do(
    ear: None, qtbot: QtBot, opened: Callable[..., Running], library: dict[Kind, int]
) -> None:
    running = opened()
    window = running.window
    window.library.grid.selection.set_all([library[Kind.VIDEO]], current=library[Kind.VIDEO])
    tags = window.inspector.tabs.tags
    qtbot.waitUntil(lambda: bool(tags.findChildren(QWidget, "")) and bool(chips(tags)), timeout=LONG)
    said = {chip.tag.state: QAccessible.queryAccessibleInterface(chip) for chip in chips(tags)}
    proposed, accepted = said[TagState.SUGGESTED], said[TagState.ACCEPTED]
    assert proposed.role() is ROLE.Button
    assert proposed.text(TEXT.Name) == "dog"
    assert "A accepts" in proposed.text(TEXT.Description)
    assert accepted.text(TEXT.Name) == "sea"
    assert "Accepted" in accepted.text(TEXT.Description)


def chips(inside: QWidget) -> list[QWidget]:
    return [each for each in inside.findChildren(QWidget) if type(each).__name__ == "TagChip" and each.isVisible()]


def test_widgets_come_and_go_under_a_screen_reader(
    ear: None, qtbot: QtBot, opened: Callable[..., Running], library: dict[Kind, int]
) -> None:
    """What a screen reader holds on to must not be what the window has let go of."""
    running = opened()
    grid = running.window.library.grid
    tags = running.window.inspector.tabs.tags
    for round_ in range(30):
        item_id = library[Kind.VIDEO if round_ % 2 else Kind.PHOTO]
        grid.selection.set_all([item_id], current=item_id)
        QApplication.processEvents()
        for chip in chips(tags):
            assert QAccessible.queryAccessibleInterface(chip).role() is ROLE.Button
    QApplication.processEvents()


# ── the keyboard ──────────────────────────────────────────────────────────────────────────────────────────────────────


def stops(running: Running) -> list[QWidget]:
    """Where Tab leads, from the strip at the foot until it is there again."""
    first = running.window.activity.details
    first.setFocus(Qt.FocusReason.TabFocusReason)
    found = [first]
    for _ in range(400):
        before = found[-1]
        QTest.keyClick(before, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is first:
            return found
        assert now is not None, f"Tab leads nowhere from {name_of(before)}"
        assert now is not before, f"Tab does not leave {name_of(before)}"
        assert now not in found, f"Tab goes round from {name_of(before)} to {name_of(now)}"
        found.append(now)
    raise AssertionError("Tab never comes back")


def reachable(window: QWidget) -> list[QWidget]:
    """What Tab must reach."""
    tab = Qt.FocusPolicy.TabFocus
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & tab == tab
        and widget.focusProxy() is None
        and widget.window() is window
    ]


def region_of(running: Running, widget: QWidget) -> int:
    """Sidebar, middle, right side, foot: the order in which they are gone through."""
    window = running.window
    for number, part in ((0, window.sidebar), (2, window.inspector), (3, window.activity)):
        if part.isAncestorOf(widget):
            return number
    return 1


def read_out(window: QWidget, faults: set[str], met: dict[str, str]) -> None:
    """What a screen reader is told of what paints itself; `met` gets the value of each kind."""
    for widget in window.findChildren(QWidget):
        kind = type(widget).__name__
        wanted = PAINTED.get(kind) or LISTS.get(kind)
        if wanted is None or not (widget.isVisible() or kind == "DropOverlay"):
            continue
        read = QAccessible.queryAccessibleInterface(widget)
        met[kind] = read.text(TEXT.Value) or met.get(kind, "")
        if read.role() is not wanted:
            faults.add(f"{kind} is a {read.role().name}")
        if not read.text(TEXT.Name):
            faults.add(f"{kind} has no name")
        if kind in LISTS:
            rows = [row for at in range(read.childCount()) if (row := read.child(at)) is not None]
            faults |= {
                f"row {row.role().name} of {kind} has no name"
                for row in rows
                if row.role() in ROWS and not row.text(TEXT.Name)
            }


def go_through(running: Running, faults: set[str]) -> None:
    """By Tab: everything is reached, region by region, and the way back is the same."""
    found = stops(running)
    faults |= {f"{name_of(each)} is not reached" for each in reachable(running.window) if each not in found}
    for one, other in pairwise(found[1:]):
        if region_of(running, other) < region_of(running, one):
            faults.add(f"from {name_of(one)} to {name_of(other)}")
    QTest.keyClick(found[0], Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    if QApplication.focusWidget() is not found[-1]:
        faults.add(f"back from {name_of(found[0])} to {name_of(QApplication.focusWidget())}")


def hold_still(window: QWidget, faults: set[str]) -> None:
    """Nothing that moves by itself."""
    for widget in window.findChildren(QWidget):
        is_busy = isinstance(widget, QProgressBar) and widget.maximum() <= widget.minimum()
        if is_busy or (isinstance(widget, QTreeView) and widget.isAnimated()):
            faults.add(f"{name_of(widget)} moves")


class Alone(QObject):
    """Hears of every widget that is a window of its own, were it for a moment: it would take the keyboard away."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        """Look on."""
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.names.add(name_of(watched))
        return False


def test_every_view_by_keyboard_and_by_ear(
    ear: None, qtbot: QtBot, opened: Callable[..., Running], library: dict[Kind, int]
) -> None:
    running = opened()
    window = running.window
    wrong: set[tuple[str, str]] = set()
    met: dict[str, str] = {}
    alone = Alone()
    QApplication.instance().installEventFilter(alone)
    for view in views(qtbot, running, library):
        settle(qtbot, window)
        faults: set[str] = set()
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible():
            faults.add("the keyboard is nowhere")
        read_out(window, faults, met)
        hold_still(window, faults)
        go_through(running, faults)
        wrong |= {(view, fault) for fault in faults}
    QApplication.instance().removeEventFilter(alone)
    assert not wrong
    assert not alone.names
    assert set(PAINTED) | set(LISTS) <= set(met) | NOT_HERE
    photo = window.player.stage.photo
    photo.show_picture(QImage(64, 48, QImage.Format.Format_RGB32))
    photo.zoom(1 / photo.scale)
    assert QAccessible.queryAccessibleInterface(photo).text(TEXT.Value) == "100%"
    assert "of" in met["Timeline"]
    chip = window.library.search.chips[0]
    state = QAccessible.queryAccessibleInterface(chip).state()
    assert (state.checkable, state.checked) == (1, 1)
    chip.click()
    assert not QAccessible.queryAccessibleInterface(chip).state().checked


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_where_the_keyboard_is_can_be_seen(
    qtbot: QtBot, opened: Callable[..., Running], library: dict[Kind, int], theme: str
) -> None:
    """The same place with and without the keyboard there is not the same picture."""
    running = opened(theme=theme)
    window = running.window
    unseen: set[tuple[str, str]] = set()
    looked_at: set[int] = set()
    for view in views(qtbot, running, library):
        settle(qtbot, window)
        for widget in stops(running):
            if not shiboken6.isValid(widget) or id(widget) in looked_at or not widget.isVisible():
                continue
            reach(widget, Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if not shiboken6.isValid(widget) or not widget.hasFocus():
                continue  # made anew by what has just come from the library, or the keyboard was given to that
            looked_at.add(id(widget))
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-8, -4, 8, 4) & window.rect()
            with_keyboard = window.grab(place).toImage()
            widget.clearFocus()
            QApplication.processEvents()
            if window.grab(place).toImage() == with_keyboard:
                unseen.add((view, name_of(widget)))
    assert len(looked_at) > 60
    assert not unseen


# ── motion ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_moves_by_itself(opened: Callable[..., Running]) -> None:
    """There is no animation to switch off: no fading, no gliding, no bar that runs without saying how far it is."""
    moving = ("Animation", "QTimeLine", "QMovie", "QScroller", "setAnimated(True", "setRange(0, 0)")
    assert not [(file.name, word) for file in UI.rglob("*.py") for word in moving if word in file.read_text("utf-8")]
    opened()
    assert not [effect for effect in Qt.UIEffect if QApplication.isEffectEnabled(effect)]
