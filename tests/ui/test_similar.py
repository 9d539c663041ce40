"""More like this, and not like that, in the real window: by mouse, by keyboard, by files let go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import Reason, Suggestion
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.item_models.examples_model import MOST
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.flow_layout import FlowLayout, FlowRow
from media_assistant.ui.widgets.similar.row import SimilarRow
from media_assistant.ui.widgets.similar.view import SimilarView
from tests.ui.person import CONTROL, Person
from tests.workflows.finding import BEACH, DOG, add, find, label, vector

Opener = Callable[..., Running]
LEFT = Qt.MouseButton.LeftButton
FIRST, SECOND = TimeSpan(0, 30_000), TimeSpan(30_000, 60_000)


@pytest.fixture
def running(open_window: Opener, qtbot: QtBot) -> Running:
    """Two films, each of a topic in its first half and of another in its second; photos of each, and a crowd."""
    running = open_window(works=False, size=(1440, 900))
    library = running.assistant.library
    rng = np.random.default_rng(3)
    dog, beach = rng.standard_normal(32), rng.standard_normal(32)

    def near(topic: np.ndarray) -> np.ndarray:
        return topic + 0.25 * rng.standard_normal(32)

    for number in range(30):
        find(library, add(library, f"other {number}", Kind.PHOTO), vector("looks", rng.standard_normal(32)))
    for title in ("film", "another film"):
        film = add(library, title, Kind.VIDEO, Facts(duration_ms=60_000))
        shots = [Moment(span, Sense.SEEN, Layer.SHOT) for span in (FIRST, SECOND)]
        find(
            library,
            film,
            *shots,
            label(DOG, FIRST),
            vector("looks", near(dog), FIRST),
            vector("looks", near(beach), SECOND),
        )
    for title, topic, concept in (
        ("dog", dog, DOG),
        ("old dog", dog, DOG),
        ("beach", beach, BEACH),
        ("sea", beach, BEACH),
    ):
        find(library, add(library, title, Kind.PHOTO), label(concept), vector("looks", near(topic)))
    running.window.library.search.ask("")
    running.window.go(running.window._place)
    qtbot.waitUntil(lambda: running.window.library.items.rowCount() == 36)
    return running


def item_id(running: Running, title: str) -> int:
    library = running.assistant.library
    return next(item.id for item in library.items(list(library.item_ids())) if item.title == title)


def titles(view: SimilarView) -> list[str]:
    return [shown.item.title for shown in view.rows]


def shown(running: Running, qtbot: QtBot, title: str) -> SimilarView:
    """The Similar view of an item that was chosen in the grid."""
    window = running.window
    window.library.grid.go_to(window.library.items.row_of(item_id(running, title)))
    qtbot.waitUntil(
        lambda: window.inspector.tabs.bar.isVisible() and window.inspector.item_id == item_id(running, title)
    )
    window.inspector.show_similar()
    view = window.inspector.tabs.similar
    qtbot.waitUntil(lambda: bool(view.rows))
    return view


def test_the_shown_item_is_the_example_and_its_times_are_clicked_on_both_sides(running: Running, qtbot: QtBot) -> None:
    view = shown(running, qtbot, "film")
    assert titles(view)[0] == "another film" and not view.bar.rows
    best = view.rows[0]
    assert {link.text() for link in best.links} == {"here 0:00", "there 0:00", "here 0:30", "there 0:30"}
    wanted: list[tuple[int, int]] = []
    view.opened.connect(lambda *where: wanted.append(where))
    for link in best.links:
        qtbot.mouseClick(link, LEFT)
    assert set(wanted) == {(item_id(running, title), ms) for title in ("film", "another film") for ms in (0, 30_000)}


def test_not_like_this_by_keyboard_and_back_again(running: Running, qtbot: QtBot) -> None:
    view, model = shown(running, qtbot, "film"), running.desk.examples
    assert {"dog", "beach"} <= set(titles(view))
    beach = next(one for one in view.rows if one.item.title == "beach")
    beach.setFocus()
    qtbot.keyClicks(beach, "-")
    qtbot.waitUntil(lambda: bool(view.rows) and "beach" not in titles(view))
    assert model.examples == Examples((Example(item_id(running, "film")),), (Example(item_id(running, "beach")),))
    assert titles(view)[0] in ("dog", "old dog", "another film") and "sea" not in titles(view)
    assert [row.is_wanted for row in view.bar.rows] == [True, False]
    assert view.bar.rows[1].sign.hasFocus() and "beach" in view.bar.rows[1].accessibleName()
    # Another item is looked at: the examples stay.
    running.window.inspector.show_item(item_id(running, "sea"), None, ())
    qtbot.waitUntil(lambda: running.window.inspector.item_id == item_id(running, "sea"))
    assert model.examples.minus
    # Ctrl+Z in here takes back the examples and not an edit of the library.
    view.bar.rows[1].sign.setFocus()
    qtbot.keyClick(view.bar.rows[1].sign, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not model.examples.minus and not model.is_own


def test_more_like_several_items(running: Running, qtbot: QtBot) -> None:
    someone = Person(qtbot, running)
    window, model = running.window, running.desk.examples
    chosen = [item_id(running, title) for title in ("dog", "old dog")]
    window.library.grid.selection.set_all(chosen)
    qtbot.waitUntil(window.inspector.many.likes.isVisible)
    someone.clicks(window.inspector.many.likes)
    assert model.examples == Examples(tuple(map(Example, chosen)))
    view = window.inspector.alike.findChild(SimilarView)
    qtbot.waitUntil(lambda: view.isVisible() and bool(view.rows))
    assert set(titles(view)[:2]) == {"film", "another film"}
    # By the keyboard, from the grid.
    model.reset()
    window.library.grid.setFocus()
    someone.presses(Qt.Key.Key_E, CONTROL)
    assert len(model.examples.plus) == 2


def test_no_more_than_the_most_are_compared_and_that_is_said(running: Running, qtbot: QtBot) -> None:
    view, model, notices = shown(running, qtbot, "film"), running.desk.examples, running.desk.notices
    others = [Example(item_id(running, f"other {number}")) for number in range(15)]
    model.choose(others[:MOST])
    assert not notices.text
    qtbot.waitUntil(lambda: bool(view.rows))
    view._judge(item_id(running, "sea"), True)
    assert model.examples.plus == tuple(others[:MOST])
    assert notices.text == "12 examples are the most at once. Take one away first."
    assert not notices.card.findChildren(QPushButton), "what was not done cannot be taken back"
    # One that is an example already changes its side: there are no more than before.
    model.flip(others[0])
    assert len(model.examples.plus) == MOST - 1 and len(model.examples.minus) == 1
    notices.dismiss()
    running.window.library.grid.selection.set_all([one.item_id for one in others])
    running.window.likening.more_like()
    assert len(model.examples.plus) == MOST
    assert notices.text == "12 examples are the most at once: the first of these are compared."
    model.choose(others[:2])
    view._judge(item_id(running, "sea"), False)
    assert notices.text == "Not like this one."
    view._judge(item_id(running, "sea"), False)
    notices.card.findChild(QPushButton).click()
    assert model.examples == Examples(tuple(others[:2])), "what changed nothing is not said, and not counted"


def test_what_is_like_several_items_stays_when_the_list_is_renewed(running: Running, qtbot: QtBot) -> None:
    window, inspector = running.window, running.window.inspector
    chosen = [item_id(running, title) for title in ("dog", "old dog")]
    window.library.grid.selection.set_all(chosen)
    inspector.many._find_alike()
    assert inspector.alike.isVisible()
    with qtbot.waitSignal(window.library.items.modelReset):
        window.library.refresh()
    assert inspector.alike.isVisible()
    window.library.grid.selection.set_all([*chosen, item_id(running, "sea")])
    assert inspector.many.isVisible()
    window.library.grid.selection.clear()
    window.library.grid.selection.set_all(chosen)
    assert inspector.many.isVisible()


def test_the_list_is_of_the_item_that_the_person_sees(running: Running, qtbot: QtBot) -> None:
    window, model, inspector = running.window, running.desk.examples, running.window.inspector
    film, dog = item_id(running, "film"), item_id(running, "dog")
    shown(running, qtbot, "film")
    window.open_item(dog)
    qtbot.waitUntil(lambda: window.player.is_shown(dog), timeout=20_000)
    window.player.tabs.show_tab("similar")
    view = window.player.tabs.similar
    qtbot.waitUntil(lambda: "old dog" in titles(view))
    # The film in the inspector behind it is still being understood.
    known = inspector.tabs._shown[0]
    running.desk.events.take_changes(LibraryChanges(changed=(film,)))
    qtbot.waitUntil(lambda: inspector.tabs._shown[0] is not known and not inspector.tabs._behind)
    assert model.examples == like_item(dog) and "old dog" in titles(view)
    window.escape()
    assert model.examples == like_item(film)
    qtbot.waitUntil(lambda: titles(inspector.tabs.similar)[:1] == ["another film"])


def test_a_moment_and_a_stretch_of_a_film(running: Running, qtbot: QtBot) -> None:
    window, model = running.window, running.desk.examples
    film = item_id(running, "film")
    shown(running, qtbot, "film")
    timeline = window.inspector.timeline
    qtbot.waitUntil(lambda: timeline.duration_ms == 60_000)
    where = QPoint(round(timeline.x_of(45_000)), 10)
    QApplication.sendEvent(
        timeline, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, timeline.mapToGlobal(where))
    )
    (menu,) = [found for found in timeline.findChildren(QMenu) if found.isVisible()]
    first = menu.actions()[0]
    assert first.text().startswith("More like this moment (0:4")
    first.trigger()
    menu.close()
    span = model.examples.plus[0].span
    assert isinstance(span, TimeSpan) and abs(span.start_ms - 45_000) < 1500
    view = window.inspector.tabs.similar
    qtbot.waitUntil(lambda: bool(view.rows))
    assert set(titles(view)[:3]) == {"beach", "sea", "another film"} and "dog" not in titles(view)
    assert "0:4" in view.bar.rows[0].name.text()
    model.want([Example(film, span=TimeSpan(0, 20_000))])
    qtbot.waitUntil(lambda: bool(view.rows) and "dog" in titles(view))
    assert "beach" not in titles(view) and "0:00 – 0:20" in view.bar.rows[0].name.text()
    model.want([Example(item_id(running, "other 3"), span=TimeSpan(5_000, 5_000))])
    qtbot.waitUntil(lambda: "Nothing is known of this moment yet" in view.note.text())
    assert view.bar.again.isVisible()


def test_a_file_let_go_here_is_looked_at_and_not_brought_in(running: Running, qtbot: QtBot, samples: Path) -> None:
    view, model = shown(running, qtbot, "film"), running.desk.examples
    before = len(running.assistant.library.item_ids())
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(samples / "balloon.jpg"))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(60, 60), copy, carried, LEFT, none)
    QApplication.sendEvent(view.viewport(), enter)
    assert enter.isAccepted() and "Drop here" in view.note.text()
    QApplication.sendEvent(view.viewport(), QDropEvent(QPointF(60, 60), copy, carried, LEFT, none))
    assert model.examples.plus == (Example(item_id(running, "film")), Example(path=samples / "balloon.jpg"))
    qtbot.waitUntil(
        lambda: view.bar.reading.isVisible() and "balloon.jpg" in view.bar.reading_text.text(), timeout=20_000
    )
    qtbot.mouseClick(view.bar.stop, LEFT)
    qtbot.waitUntil(lambda: model.was_stopped, timeout=20_000)
    assert not view.bar.reading.isVisible() and view.note.text().startswith("Stopped.")
    qtbot.mouseClick(view.bar.again, LEFT)
    qtbot.waitUntil(lambda: bool(view.rows), timeout=60_000)
    assert len(running.assistant.library.item_ids()) == before
    model.choose([Example(path=samples / "gone.jpg")])
    qtbot.waitUntil(lambda: "gone.jpg" in view.note.text())


def test_a_file_that_another_program_would_move_is_only_copied(
    running: Running, qtbot: QtBot, drop: Callable[..., Qt.DropAction], samples: Path
) -> None:
    view, file = shown(running, qtbot, "film"), samples / "balloon.jpg"
    assert drop(running, file, over=view.viewport(), with_shift=True) == Qt.DropAction.CopyAction
    assert Example(path=file) in running.desk.examples.examples.plus


def test_examples_change_sides_go_and_come_back(running: Running, qtbot: QtBot) -> None:
    view, model = shown(running, qtbot, "film"), running.desk.examples
    first, second = item_id(running, "dog"), item_id(running, "beach")
    model.choose([Example(first), Example(second)])
    qtbot.mouseClick(view.bar.rows[1].sign, LEFT)
    assert model.examples == Examples((Example(first),), (Example(second),))
    qtbot.mouseClick(view.bar.rows[0].away, LEFT)
    assert model.examples == Examples((), (Example(second),))
    qtbot.waitUntil(lambda: "so far there are only examples of what you do not want" in view.note.text())
    for _ in range(3):
        qtbot.mouseClick(view.bar.undo, LEFT)
    assert not model.is_own and model.examples == like_item(item_id(running, "film"))
    assert not model.undo()
    # What leaves the library is no example any more.
    model.choose([Example(first), Example(second)])
    running.assistant.remove_items([first]).result(10)
    qtbot.waitUntil(lambda: model.examples == Examples((Example(second),)))


def test_places_that_are_too_wide_for_one_row_stand_in_two(qtbot: QtBot) -> None:
    holder, links = QWidget(), [QPushButton(text) for text in ("here Page 1000", "there Page 1000")]
    qtbot.addWidget(holder)
    flow, pair = FlowLayout(holder), FlowRow()
    for link in links:
        pair.flow.addWidget(link)
    flow.addWidget(pair)
    wide = pair.sizeHint().width()
    for room, rows in ((wide, 1), (wide - 10, 2)):
        holder.resize(room, flow.heightForWidth(room))
        holder.show()
        QApplication.processEvents()
        assert len({link.y() for link in links}) == rows
        assert all(link.width() >= link.sizeHint().width() for link in links)
        assert all(pair.rect().contains(link.geometry()) for link in links)
        assert holder.rect().contains(pair.geometry())


def test_the_one_page_of_a_text_is_no_place(running: Running) -> None:
    library, page = running.assistant.library, TextSpan(1, 0, 9)
    says = Sentence("ui.similar.title")

    def places(pages: int) -> list[str]:
        text = add(library, f"text of {pages}", Kind.TEXT, Facts(pages=pages))
        there = Moment(page, Sense.WRITTEN, Layer.LINE, item_id=text, text="the shore")
        reason = Reason(says, (there,), (there,), weight=1.0)
        row = SimilarRow(running.desk, Suggestion(library.items([text])[0], 0.9, (reason,)))
        return [link.text() for link in row.links]

    assert places(1) == []
    assert places(3) == ["here Page 1", "there Page 1"]
