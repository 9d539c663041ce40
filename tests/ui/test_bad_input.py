"""What nobody would do on purpose: names without end, windows without size, items that go while they are looked at.

Never a crash, a freeze or a window that stands in the way; and what is shown stays inside the window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import Failure, QueueEntry, QueueProgress
from media_assistant.items.concept import Concept
from media_assistant.items.item import Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.panels.registry import PAGES
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running

Opener = Callable[..., Running]
LONG = 20_000
FREEZE_S = 4
"""Longer than any step computes, whatever else the machine does meanwhile."""
STANDS_S = 30
"""Longer than any step waits for something else."""
SIZES = ((1, 1), (6000, 40), (40, 4000), (1280, 800))
WIDEST = 1200
"""What the window may ask for; it is given less where the screen is small, and its parts give way."""
NAMES = {
    "many words": "a name without end " * 526,
    "one word": "x" * 10_000,
    "odd": " ".join(
        (
            "שלום עולם مرحبا بالعالم 2024 (1).mp4",
            "\u200b\u200d\ufeff\u202eabc\u202c\u2066\u0301\u0301\u0301",
            "<h1>Loud</h1><img src='file:///nowhere'> & %1 {name} %n",
            "one\ntwo\r\n\tthree\u2028four\x07",
            "\U00013000\U000122f3\ue123\U0010fffd\U0001f9d1\u200d\U0001f680",
        )
    ),
    "invisible": "\u200b\u200d",
}


def fill(folder: Path, name: str) -> dict[Kind, int]:
    """An item of each kind that is called so, with a tag that is called so and proposals of it."""
    picture = QImage(64, 48, QImage.Format.Format_RGB32)
    picture.fill(0xFF4060)
    picture.save(str(folder / "photo.png"))
    made = Library.open(find_paths().library)
    facts = Facts(duration_ms=60_000, tags=FileTags(name, name, name))
    kinds = (Kind.VIDEO, Kind.MUSIC, Kind.TEXT, Kind.PHOTO)
    files = [str(folder / ("photo.png" if kind is Kind.PHOTO else f"{kind.value}.x")) for kind in kinds]
    new = [
        NewItem(kind, file, name, 10, at, f"{at:032}", facts)
        for at, (kind, file) in enumerate(zip(kinds, files, strict=True))
    ]
    ids, _ = made.add_items(new)
    tag = Concept("named", name, name)
    for item_id in ids:
        span = TimeSpan(1000, 9000) if item_id in ids[:2] else WHOLE
        found = [Moment(span, Sense.SEEN, Layer.LABEL, tag, score=0.7)]
        made.save_findings(item_id, "sights", 1, "net", "", found, is_first_chunk=True)
    for item_id in ids[:2]:
        said = [Moment(TimeSpan(0, 2000), Sense.SAID, Layer.LINE, text=name)]
        made.save_findings(item_id, "speech", 1, "net", "", said, is_first_chunk=True)
    made.add_tag(ids, Concept("own:named", name))
    made.create_collection(name, item_ids=ids)
    made.create_collection(f"{name}.", name)
    made.close()
    return dict(zip(kinds, ids, strict=True))


def opened(qtbot: QtBot, open_window: Opener, **more: object) -> Running:
    running = open_window(works=False, **more)
    items = running.window.library.items
    qtbot.waitUntil(lambda: items.rowCount() == 4 and items.item_at(0) is not None, timeout=LONG)
    return running


def everywhere(qtbot: QtBot, running: Running, ids: dict[Kind, int]) -> Iterator[str]:
    """The window in every view that shows a name."""
    window = running.window
    grid = window.library.grid
    qtbot.waitUntil(lambda: window.sidebar.collections.list.model().rowCount() == 2, timeout=LONG)
    yield "grid"
    window.library.view_bar.show_as(is_list=True)
    yield "list"
    grid.selection.set_all(list(ids.values()))
    qtbot.waitUntil(lambda: bool(window.inspector.many.chips), timeout=LONG)
    yield "several"
    window.library.view_bar.show_as(is_list=False)
    for kind, item_id in ids.items():
        grid.selection.set_all([item_id], current=item_id)
        qtbot.waitUntil(lambda item_id=item_id: _inspected(running) == item_id, timeout=LONG)
        for tab in ("tags", "transcript", "similar", "details"):
            window.inspector.tabs.show_tab(tab)
            yield f"inspector of a {kind.value}, {tab}"
        window.open_item(item_id)
        qtbot.waitUntil(lambda item_id=item_id: window.player.is_shown(item_id), timeout=LONG)
        yield f"player of a {kind.value}"
        window.close_item()
    for page in PAGES:
        window.go(Place(page))
        qtbot.wait(50)
        yield page
    window.go(Place("tags", tag="named"))
    qtbot.waitUntil(lambda: window.page("tags").tree.current is not None, timeout=LONG)
    yield "one tag"
    window.go(Place("review", tag="named"))
    qtbot.waitUntil(lambda: window.page("review").shown is not None, timeout=LONG)
    yield "review"


def _inspected(running: Running) -> int:
    details = running.window.inspector._details
    return details.item.id if details is not None else 0


def look(running: Running) -> list[str]:
    """Let the window live and be drawn; what is wrong with it now."""
    window = running.window
    began, computed = time.monotonic(), time.thread_time()
    QApplication.processEvents()
    assert not window.grab().isNull()
    took, computed = time.monotonic() - began, time.thread_time() - computed
    wrong = [f"froze for {took:.1f} s, {computed:.1f} of its own"] if computed > FREEZE_S or took > STANDS_S else []
    if QApplication.activeModalWidget() is not None:
        wrong.append("something modal")
    wide = window.minimumSizeHint().width()
    if wide > WIDEST:
        wrong.append(f"the window must be {wide} wide")
    return wrong


def too_wide(window: QWidget) -> list[str]:
    """What is wider than where it stands, so that its end cannot be reached."""
    return [
        f"{type(each).__name__} in {type(each.parentWidget()).__name__} is {each.width()} wide"
        for each in window.findChildren(QWidget)
        if each.isVisible() and each.width() > window.width()
    ]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_may_be_anything_wherever_it_is_shown(
    qtbot: QtBot, open_window: Opener, home: Path, tmp_path: Path, name: str
) -> None:
    ids = fill(tmp_path, name)
    running = opened(qtbot, open_window, size=(900, 600))
    window, desk = running.window, running.desk
    wrong: set[tuple[str, str]] = set()
    for view in everywhere(qtbot, running, ids):
        wrong |= {(view, each) for each in (*look(running), *too_wide(window))}
    window.activity.show_progress(QueueProgress(done=1, total=3, running=(name, name), stage="speech"))
    window.go(Place("work"))
    page = window.page("work")
    page.queue.show_entries([QueueEntry(1, name, Kind.VIDEO, 60_000, 1, ("speech",), "waiting")])
    page.failed.show_failures([Failure(1, name, name, "speech", "net", Sentence("jobs.crashed"), 3)], 1)
    page.failed.show()
    wrong |= {("work in progress", each) for each in (*look(running), *too_wide(window))}
    for say in (desk.notices.tell, desk.notices.warn):
        say(name)
        wrong |= {("notice", each) for each in (*look(running), *too_wide(window))}
        shown = desk.notices._shown
        assert shown is not None
        if not window.rect().contains(shown.geometry()):
            wrong.add(("notice", f"lies at {shown.geometry()}"))
    window.go(Place())
    window.library.search.ask(name)
    qtbot.waitUntil(lambda: window.library.answer is not None, timeout=LONG)
    wrong |= {("search", each) for each in (*look(running), *too_wide(window))}
    assert not wrong, sorted(wrong)


def test_a_window_of_any_size(qtbot: QtBot, open_window: Opener, home: Path, tmp_path: Path) -> None:
    ids = fill(tmp_path, "name")
    running = opened(qtbot, open_window)
    wrong: set[tuple[str, str]] = set()
    for view in everywhere(qtbot, running, ids):
        for size in SIZES:
            running.window.resize(*size)
            wrong |= {(view, f"{size}: {each}") for each in look(running)}
    assert not wrong


def test_an_item_that_goes_while_it_is_looked_at(qtbot: QtBot, open_window: Opener, home: Path, tmp_path: Path) -> None:
    """Taken out by another edit: the inspector is empty, the player goes back, the review goes on."""
    ids = fill(tmp_path, "name")
    running = opened(qtbot, open_window)
    window, assistant = running.window, running.assistant
    video, music, text, photo = ids.values()
    window.library.grid.selection.set_all([video], current=video)
    qtbot.waitUntil(lambda: _inspected(running) == video, timeout=LONG)
    assistant.remove_items([video]).result(10)
    qtbot.waitUntil(lambda: window.inspector.item_id == 0, timeout=LONG)
    window.open_item(music)
    qtbot.waitUntil(lambda: window.player.is_shown(music), timeout=LONG)
    assistant.remove_items([music]).result(10)
    qtbot.waitUntil(lambda: not window.is_playing_large, timeout=LONG)
    window.go(Place("review", tag="named"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    first = review.shown.item.id
    assert first in (text, photo)
    assistant.remove_items([first]).result(10)
    qtbot.waitUntil(lambda: review.shown is not None and review.shown.item.id != first, timeout=LONG)
    assistant.remove_items([review.shown.item.id]).result(10)
    qtbot.waitUntil(lambda: review.queue.current is None, timeout=LONG)
    window.go(Place())
    # Both at once: opened, and gone before the library has answered.
    window.open_item(999_999)
    qtbot.waitUntil(lambda: not window.is_playing_large, timeout=LONG)
    assert not look(running)


def test_a_system_without_a_font_for_a_script(qtbot: QtBot, open_window: Opener, home: Path, tmp_path: Path) -> None:
    """Boxes stand for the letters; nothing else changes."""
    ids = fill(tmp_path, "灯塔 और 𓀀 \ue123")
    before = QApplication.font()
    running = opened(qtbot, open_window)
    bare = QFont(["No Such Family"])
    bare.setPixelSize(13)
    bare.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
    QApplication.setFont(bare)
    try:
        wrong = {(view, each) for view in everywhere(qtbot, running, ids) for each in look(running)}
    finally:
        QApplication.setFont(before)
    assert not wrong


def test_media_without_a_length(qtbot: QtBot, open_window: Opener, home: Path, tmp_path: Path) -> None:
    """No length is said where none is known, and nothing divides by it."""
    ids = fill(tmp_path, "name")
    running = opened(qtbot, open_window)
    library, window = running.assistant.library, running.window
    for kind in (Kind.VIDEO, Kind.MUSIC):
        running.desk.events.take_changes(library.set_facts(ids[kind], Facts(duration_ms=0)))
    row = window.library.items.row_of(ids[Kind.VIDEO])
    qtbot.waitUntil(lambda: window.library.items.item_at(row).facts.duration_ms == 0, timeout=LONG)
    wrong = {(view, each) for view in everywhere(qtbot, running, ids) for each in look(running)}
    assert not wrong
    window.open_item(ids[Kind.VIDEO])
    qtbot.waitUntil(lambda: window.player.is_shown(ids[Kind.VIDEO]), timeout=LONG)
    for key in (Qt.Key.Key_5, Qt.Key.Key_Right, Qt.Key.Key_L, Qt.Key.Key_BracketLeft, Qt.Key.Key_M):
        qtbot.keyClick(window.player, key)
    qtbot.mouseClick(window.player.timeline, Qt.MouseButton.LeftButton, pos=window.player.timeline.rect().center())
    assert not look(running)
    assert "0:00" not in window.library.grid.canvas.describe(row)[1]
