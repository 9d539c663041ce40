"""Tags in the real window: the tree, the person's word on a tag, the threshold, and the review from the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import NEVER, Concept
from media_assistant.items.findings import Finding
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, Span, TextSpan
from media_assistant.items.tag import TagState
from media_assistant.library.job_store import JobRow
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import find_paths
from media_assistant.ui import actions, marking
from media_assistant.ui.look.colours import DARK, LIGHT, contrast
from media_assistant.ui.look.tag_colours import PALETTE, tag_colour
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets import review_stage
from media_assistant.ui.widgets.sidebar.brand_button import ARROW, GAP, PADDING
from media_assistant.ui.widgets.tags import threshold_view
from media_assistant.ui.widgets.tags.threshold_view import ThumbStrip

Opener = Callable[..., Running]
LONG = 60_000
DOG = Concept("dog", "dog", "狗", (), ("animal",))
ANIMAL = Concept("animal", "animal", "动物")
SEA = Concept("sea", "sea", "海")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def seen(concept: Concept, score: float, span: Span = WHOLE, sense: Sense = Sense.SEEN) -> Moment:
    return Moment(span, sense, Layer.LABEL, concept, score=score)


def model_says(library: Library, item_id: int, *found: Finding, model: str = "net") -> None:
    library.save_findings(item_id, "sights", 1, model, "r", list(found), is_first_chunk=True)


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Path:
    """Six photos with proposals, the surest first: 0.9, 0.8 … 0.4; the folder of the pictures."""
    made = Library.open(find_paths().library)
    for number in range(6):
        picture = QImage(64, 48, QImage.Format.Format_RGB32)
        picture.fill(0xFF4060 + number * 20)
        picture.save(str(tmp_path / f"{number}.png"))
    new = [NewItem(Kind.PHOTO, str(tmp_path / f"{n}.png"), f"picture {n}", 10, n, f"{n:032}") for n in range(6)]
    ids, _ = made.add_items(new)
    for place, item_id in enumerate(ids):
        model_says(made, item_id, seen(DOG, 0.9 - place / 10), seen(ANIMAL, 0.95 - place / 10))
    made.close()
    return tmp_path


def go_to_tags(qtbot: QtBot, running: Running, tag: str = "") -> object:
    qtbot.keyClick(running.window, Qt.Key.Key_T, CONTROL)
    page = running.window.page("tags")
    qtbot.waitUntil(lambda: len(page.tree.tree.nodes) > 0, timeout=LONG)
    if tag:
        page.tree.choose(tag)
        assert page.tree.current.entry.concept.id == tag
    return page


def names(page: object) -> list[str]:
    return ["/".join(node.path) for node in page.tree.tree.nodes]


def states(running: Running, concept_id: str) -> list[TagState | None]:
    library = running.assistant.library
    found = []
    for item_id in sorted(library.item_ids()):
        tags = {tag.concept.id: tag.state for tag in library.details(item_id).tags}
        found.append(tags.get(concept_id))
    return found


def undo(qtbot: QtBot, running: Running) -> None:
    qtbot.keyClick(running.window, Qt.Key.Key_Z, CONTROL)


def test_the_tree_by_keyboard(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    page = go_to_tags(qtbot, running, "dog")
    tree = page.tree
    assert names(page) == ["animal", "animal/dog"]
    assert tree.describe(tree.current.entry) == "dog, 6 items, 6 proposed"
    interface = QAccessible.queryAccessibleInterface(tree)
    assert interface.text(QAccessible.Text.Name) == "Tags"

    qtbot.keyClick(tree, Qt.Key.Key_F2)
    editor = tree.findChild(QLineEdit)
    assert editor is not None
    editor.setText("good boy")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.details.title.text() == "good boy", timeout=LONG)
    assert running.assistant.library.concept("dog").aliases == ("dog",)
    qtbot.waitUntil(
        lambda: any(entry.text == "good boy" for entry in running.window.sidebar.tags._entries), timeout=LONG
    )
    undo(qtbot, running)
    qtbot.waitUntil(lambda: page.details.title.text() == "dog", timeout=LONG)

    qtbot.keyClick(tree, Qt.Key.Key_N)
    assert page.picker.isVisible()
    qtbot.keyClicks(page.picker.field, "Rex")
    qtbot.keyClick(page.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "own:Rex" in names(page) and tree.current.entry.concept.id == "own:Rex", timeout=LONG)
    qtbot.keyClick(tree, Qt.Key.Key_P)
    page.picker.field.setText("狗")
    qtbot.keyClick(page.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "animal/dog/own:Rex" in names(page), timeout=LONG)
    qtbot.keyClick(tree, Qt.Key.Key_M)
    qtbot.keyClicks(page.picker.field, "DOG")
    qtbot.keyClick(page.picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(page) == ["animal", "animal/dog"], timeout=LONG)
    assert "Rex" in running.assistant.library.concept("dog").aliases
    qtbot.waitUntil(lambda: tree.current is not None and tree.current.entry.concept.id == "dog", timeout=LONG)
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(page) == ["animal"], timeout=LONG)
    qtbot.waitUntil(lambda: "not proposed again" in running.desk.notices.text, timeout=LONG)
    for expected in (["animal", "animal/dog"], ["animal", "animal/dog", "animal/dog/own:Rex"]):
        undo(qtbot, running)
        qtbot.waitUntil(lambda expected=expected: names(page) == expected, timeout=LONG)


def test_a_tag_is_dragged_onto_another(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    running.assistant.tags.create("pets").result()
    page = go_to_tags(qtbot, running)
    qtbot.waitUntil(lambda: "own:pets" in names(page), timeout=LONG)
    model = page.tree.tree
    carried: QMimeData = model.mimeData([model.index_of("dog")])
    pets, dog = model.index_of("own:pets"), model.index_of("dog")
    assert model.canDropMimeData(carried, Qt.DropAction.MoveAction, -1, -1, pets)
    assert not model.canDropMimeData(carried, Qt.DropAction.MoveAction, -1, -1, dog), "not on itself"
    model.dropMimeData(carried, Qt.DropAction.MoveAction, -1, -1, pets)
    qtbot.waitUntil(lambda: "own:pets/dog" in names(page) and "animal/dog" not in names(page), timeout=LONG)
    model.dropMimeData(
        model.mimeData([model.index_of("own:pets")]), Qt.DropAction.MoveAction, -1, -1, model.index_of("dog")
    )
    qtbot.waitUntil(lambda: "already" in running.desk.notices.text, timeout=LONG)
    model.dropMimeData(
        model.mimeData([model.index_of("dog")]), Qt.DropAction.CopyAction, -1, -1, model.index_of("animal")
    )
    qtbot.waitUntil(lambda: {"own:pets/dog", "animal/dog"} <= set(names(page)), timeout=LONG)


def test_names_colours_and_the_filter_in_both_languages(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False, language="zh_CN")
    page = go_to_tags(qtbot, running, "dog")
    assert page.details.title.text() == "狗"
    page.details.aliases.setText("小黑， Blackie")
    page.details.aliases.editingFinished.emit()
    qtbot.waitUntil(lambda: running.assistant.library.concept("dog").aliases == ("小黑", "Blackie"), timeout=LONG)
    qtbot.mouseClick(page.details.colours["teal"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: running.assistant.library.concept("dog").colour == "teal", timeout=LONG)
    qtbot.waitUntil(lambda: "青色" in page.tree.describe(page.tree.current.entry), timeout=LONG)
    page.filter.setText("blackie")
    qtbot.waitUntil(lambda: [node.is_match for node in page.tree.tree.nodes] == [False, True], timeout=LONG)
    page.filter.setText("nothing so")
    qtbot.waitUntil(lambda: page.nothing.isVisible() and "nothing so" in page.nothing.text(), timeout=LONG)
    page.filter.clear()
    qtbot.waitUntil(lambda: len(page.tree.tree.nodes) == 2, timeout=LONG)


def test_the_threshold_previews_at_once_and_holds_everywhere(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    page = go_to_tags(qtbot, running, "dog")
    threshold = page.details.threshold
    qtbot.waitUntil(lambda: len(threshold._scores) == 6, timeout=LONG)
    assert "6 items" in threshold.count.text()
    threshold.slider.setFocus()
    threshold.slider.setValue(45)
    assert (threshold.let_through(), threshold.lowest_score) == (3, 0.65)
    assert "3 items" in threshold.count.text() and "likely" in threshold.words.text()
    assert threshold.inside.items == [3, 2, 1] and threshold.outside.items == [4, 5, 6]
    assert "3 items" in threshold.slider.accessibleDescription()
    qtbot.waitUntil(lambda: states(running, "dog").count(TagState.SUGGESTED) == 3, timeout=LONG)
    qtbot.waitUntil(lambda: "3 proposed" in page.details.numbers.text(), timeout=LONG)
    threshold.slider.setValue(threshold.slider.maximum())
    assert threshold.lowest_score == NEVER and "never" in threshold.words.text()
    qtbot.waitUntil(lambda: states(running, "dog").count(None) == 6, timeout=LONG)
    for expected in (3, 6):
        undo(qtbot, running)
        qtbot.waitUntil(lambda e=expected: states(running, "dog").count(TagState.SUGGESTED) == e, timeout=LONG)


def test_a_threshold_is_kept_by_whoever_goes_elsewhere(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    page = go_to_tags(qtbot, running, "dog")
    threshold = page.details.threshold
    qtbot.waitUntil(lambda: len(threshold._scores) == 6, timeout=LONG)
    said = lambda: running.assistant.library.own_words("dog").lowest_score  # noqa: E731
    threshold.slider.setFocus()
    threshold.slider.setValue(45)
    page._choose(page._tag)
    assert threshold.is_moving and threshold.lowest_score == 0.65, "news of the library moves no slider under the hand"
    page.tree.setFocus()
    assert not threshold.is_moving
    qtbot.waitUntil(lambda: said() == 0.65, timeout=LONG)
    threshold.slider.setFocus()
    threshold.slider.setValue(30)
    running.window.close()
    assert not threshold.is_moving
    qtbot.waitUntil(lambda: said() == 0.5, timeout=LONG)


def test_a_review_from_the_keyboard(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    page = go_to_tags(qtbot, running, "dog")
    qtbot.keyClick(page.tree, Qt.Key.Key_R)
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    assert review.question.text() == "Is this “dog”?"
    assert review.sure.text() == "almost certain" and review.title.text() == "picture 0"
    assert review.progress_text.text() == "1 of 6"
    assert not review.play.isVisible() and review.hint.text() == "A yes · X no · S skip · U undo"
    qtbot.waitUntil(lambda: not review.stage.surface._still.isNull(), timeout=LONG)
    assert review.hasFocus()

    def shows(title: str) -> bool:
        return review.shown is not None and review.title.text() == title

    qtbot.keyClick(review, Qt.Key.Key_A)
    assert review.progress_text.text() == "2 of 6", "the next is there without a wait"
    qtbot.keyClick(review, Qt.Key.Key_X)
    qtbot.keyClick(review, Qt.Key.Key_S)
    yes, no, wait = TagState.ACCEPTED, TagState.REJECTED, TagState.SUGGESTED
    qtbot.waitUntil(lambda: states(running, "dog")[:3] == [yes, no, wait], timeout=LONG)
    qtbot.waitUntil(lambda: shows("picture 3"), timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: shows("picture 2"), timeout=LONG)
    undo(qtbot, running)
    qtbot.waitUntil(lambda: states(running, "dog")[:3] == [yes, wait, wait], timeout=LONG)
    qtbot.waitUntil(lambda: shows("picture 1"), timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shows("picture 0"), timeout=LONG)
    for _ in range(3):
        qtbot.keyClick(review, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shows("picture 3"), timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_A, SHIFT)
    qtbot.waitUntil(lambda: states(running, "dog") == [yes, yes, yes, yes, wait, wait], timeout=LONG)
    qtbot.waitUntil(lambda: shows("picture 4"), timeout=LONG)
    qtbot.waitUntil(lambda: "Accepted 3 proposals" in running.desk.notices.text, timeout=LONG)
    qtbot.mouseClick(review.refuse_rest, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: states(running, "dog") == [yes, yes, yes, yes, no, no], timeout=LONG)
    qtbot.waitUntil(review.end_title.isVisible, timeout=LONG)
    undo(qtbot, running)
    undo(qtbot, running)
    qtbot.waitUntil(lambda: states(running, "dog") == [yes, wait, wait, wait, wait, wait], timeout=LONG)


def test_after_a_change_of_mind_undo_goes_back_one_word_at_a_time(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    running.window.go(Place("review", tag="dog"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)

    def says(key: Qt.Key, wanted: TagState | None, title: str) -> None:
        qtbot.keyClick(review, key)
        qtbot.waitUntil(lambda: states(running, "dog")[0] is wanted, timeout=LONG)
        qtbot.waitUntil(lambda: review.shown is not None and review.title.text() == title, timeout=LONG)

    says(Qt.Key.Key_A, TagState.ACCEPTED, "picture 1")
    says(Qt.Key.Key_Left, TagState.ACCEPTED, "picture 0")
    says(Qt.Key.Key_A, TagState.ACCEPTED, "picture 1")  # the same again, which is no step
    says(Qt.Key.Key_Left, TagState.ACCEPTED, "picture 0")
    says(Qt.Key.Key_X, TagState.REJECTED, "picture 1")
    says(Qt.Key.Key_U, TagState.ACCEPTED, "picture 0")
    says(Qt.Key.Key_Right, TagState.ACCEPTED, "picture 1")
    says(Qt.Key.Key_U, TagState.SUGGESTED, "picture 0")
    assert not running.desk.notices.text, "nothing went wrong"


def test_the_keyboard_comes_back_to_the_page_that_is_shown(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    window, items = running.window, running.assistant.library.item_ids()
    window.library.grid.selection.set_all(items[:2])
    page = go_to_tags(qtbot, running, "dog")
    qtbot.keyClick(page.tree, Qt.Key.Key_R)
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: window.is_playing_large, timeout=LONG)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.is_playing_large
    assert review.hasFocus() or review.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: TagState.REJECTED in states(running, "dog"), timeout=LONG)
    assert running.assistant.library.item_ids() == items
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert page.isVisible() and page.tree.hasFocus()
    window.open_item(items[0])
    assert window.is_playing_large
    window.go(Place("work"))
    assert not window.is_playing_large, "to a page that was never shown before"
    window.go(Place("tags"))
    page.tree.setFocus()
    qtbot.keyClick(page.tree, Qt.Key.Key_M)
    assert page.picker.isVisible()
    qtbot.keyClick(page.picker.field, Qt.Key.Key_Escape)
    assert page.isVisible() and not page.picker.isVisible()


def test_the_whole_review_and_its_end(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False, size=(900, 600))
    qtbot.keyClick(running.window, Qt.Key.Key_R, CONTROL)
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.progress_text.text() == "1 of 12", timeout=LONG)
    qtbot.waitUntil(lambda: review.shown is not None and review.title.text() == "picture 5", timeout=LONG)
    for _ in range(12):
        qtbot.keyClick(review, Qt.Key.Key_X)
    assert review.end_title.isVisible()
    assert "12 refused" in review.end_text.text()
    library_now = running.assistant.library
    qtbot.waitUntil(lambda: library_now.count_proposals() == 0, timeout=LONG)
    for item_id in library_now.item_ids():
        model_says(library_now, item_id, seen(DOG, 0.99), seen(SEA, 0.9), model="another")
    assert states(running, "dog") == [TagState.REJECTED] * 6, "refused for good, whatever the next model says"
    review.show_place(Place("review"))
    qtbot.waitUntil(lambda: review.question.text() == "Is this “sea”?" and review.queue.place == (1, 6), timeout=LONG)
    running.window.escape()
    assert running.window.sidebar.place == Place("tags"), "one step back is the page of tags"


def test_what_is_decided_or_removed_elsewhere_is_passed_over(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    running.window.go(Place("review", tag="dog"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.queue.place == (1, 6), timeout=LONG)
    running.assistant.decide_tag([1], DOG, TagState.REJECTED).result()
    running.assistant.remove_items([2]).result()
    qtbot.waitUntil(lambda: review.queue.place == (1, 4) and review.queue.current.item_id == 3, timeout=LONG)


def test_evidence_is_one_click_away(qtbot: QtBot, open_window: Opener, library: Path, tmp_path: Path) -> None:
    running = open_window(works=False)
    window, library_now = running.window, running.assistant.library
    text = tmp_path / "sea.txt"
    text.write_text("The sea was calm.")
    (item_id,), changes = library_now.add_items([NewItem(Kind.TEXT, str(text), "sea story", 17, 1, f"{99:032}")])
    line = Moment(TextSpan(1, 0, 17), Sense.WRITTEN, Layer.LINE, text="The sea was calm.")
    model_says(library_now, item_id, line, seen(SEA, 0.8, TextSpan(1, 0, 17), Sense.WRITTEN))
    running.desk.events.take_changes(changes)
    qtbot.waitUntil(lambda: window.library.items.row_of(item_id) >= 0, timeout=LONG)
    window.library.grid.go_to(window.library.items.row_of(item_id))
    tags = window.inspector.tabs.tags
    qtbot.waitUntil(lambda: bool(tags.chips), timeout=LONG)
    (chip,) = tags.chips
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(14, chip.height() // 2))
    qtbot.waitUntil(lambda: len(tags.evidence.rows) == 1, timeout=LONG)
    (row,) = tags.evidence.rows
    assert row.evidence.quote == "The sea was calm."
    assert row.accessibleName() == "Page 1, written, quite sure, The sea was calm."
    with qtbot.waitSignal(tags.moment_wanted) as asked:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert asked.args[0].span == TextSpan(1, 0, 17)


def test_a_review_says_whose_proposals_go_and_shows_each_passage_once(
    qtbot: QtBot, open_window: Opener, library: Path, tmp_path: Path
) -> None:
    running = open_window(works=False)
    text = tmp_path / "sea.txt"
    text.write_text("The sea was calm, the sea was blue 🌊 sea", "utf-8")
    known = running.assistant.library
    (item_id,), _ = known.add_items([NewItem(Kind.TEXT, str(text), "sea story", 35, 1, f"{99:032}")])
    line = Moment(TextSpan(1, 0, 35), Sense.WRITTEN, Layer.LINE, text=text.read_text("utf-8"))
    twice = [seen(SEA, 0.8, TextSpan(1, start, start + 3), Sense.WRITTEN) for start in (4, 22)]
    model_says(known, item_id, line, *[replace(each, text=line.text) for each in twice])
    running.window.go(Place("review", tag="sea"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    assert review.refuse_rest.text() == "Refuse every “sea”"
    assert review.accept_all.text() == "Accept every “sea” this sure"
    assert review.stage.text.toPlainText() == line.text
    assert [mark.cursor.selectedText() for mark in review.stage.text.extraSelections()] == ["sea"] * 3
    assert [row.evidence.quote for row in review.evidence.rows] == [line.text]
    assert not review.play.isVisible() and not review.undo.isEnabled()
    qtbot.keyClick(review, Qt.Key.Key_S)
    assert review.undo.isEnabled()
    review.undo.setFocus()
    qtbot.keyClick(review.undo, Qt.Key.Key_Space)
    assert not review.undo.isEnabled()
    assert review.hasFocus(), "and not the button beside it"


def test_the_keyboard_of_a_button_that_goes_comes_to_none_that_decides(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    known = running.assistant.library
    new = [NewItem(Kind.VIDEO, str(library / f"{n}.mp4"), f"film {n}", 10, n, f"{90 + n:032}") for n in range(3)]
    for place, item_id in enumerate(known.add_items(new)[0]):
        model_says(known, item_id, seen(SEA, 0.9 - place / 10))
    running.window.go(Place("review", tag="sea"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None and len(review._ahead._kept) == 3, timeout=LONG)
    review.play.setFocus()
    assert review.play.hasFocus()
    qtbot.keyClick(review.play, Qt.Key.Key_S)
    assert review.title.text() == "film 1" and review.hasFocus()


def test_a_photo_that_is_not_looked_at_any_more_is_not_decoded(
    qtbot: QtBot, open_window: Opener, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, wanted = threading.Event(), []

    def held(*_wish: object, is_wanted: Callable[[], bool]) -> QImage:
        goes_on.wait(200)
        wanted.append(is_wanted())
        return QImage()

    monkeypatch.setattr(review_stage, "read_photo", held)
    running = open_window(works=False)
    running.window.go(Place("review", tag="dog"))
    review = running.window.page("review")
    try:
        qtbot.waitUntil(lambda: len(review._ahead._kept) == 4, timeout=LONG)
        review.show_place(Place("review", tag="sea"))
    finally:
        goes_on.set()
    qtbot.waitUntil(lambda: len(wanted) == 4, timeout=LONG)
    assert not any(wanted)


def test_a_strip_of_pictures_keeps_those_that_it_shows(
    qtbot: QtBot, open_window: Opener, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threshold_view, "MOST_KNOWN", 2)
    strip = ThumbStrip(open_window(works=False).desk)
    qtbot.addWidget(strip)
    for shown in ([1, 2, 3], [2, 3, 4]):
        strip.show_items(shown)
        qtbot.waitUntil(lambda shown=shown: set(shown) <= strip._tops.keys(), timeout=LONG)


def test_as_many_of_one_count_stand_in_the_order_of_their_names(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    known = running.assistant.library
    (item_id,), changes = known.add_items([NewItem(Kind.PHOTO, str(library / "0.png"), "x", 1, 1, f"{98:032}")])
    names = {"August": "八月", "blanket": "毯子", "Jupiter": "木星", "boat": "船"}
    model_says(known, item_id, *(seen(Concept(en, en, zh), 0.9) for en, zh in names.items()))
    running.desk.events.take_changes(changes)
    sidebar = running.window.sidebar

    def shown() -> list[str]:
        return [entry.text for entry in sidebar.tags._entries]

    qtbot.waitUntil(lambda: shown() == ["animal", "dog", "August", "blanket", "boat", "Jupiter"], timeout=LONG)
    running.desk.words.speak("zh_CN")
    qtbot.waitUntil(lambda: shown() == ["动物", "狗", "八月", "船", "木星", "毯子"], timeout=LONG)


def test_where_nothing_can_see_pictures_that_is_said_and_led_to_the_models(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    window, known = running.window, running.assistant.library
    new = [NewItem(Kind.PHOTO, str(library / "0.png"), "p", 1, 1, f"{97:032}")]
    new += [NewItem(Kind.VIDEO, str(library / "1.mp4"), "v", 1, 1, f"{96:032}", facts=Facts(duration_ms=9000))]
    ids, changes = known.add_items(new)
    running.desk.events.take_changes(changes)
    tabs = window.inspector.tabs
    for item_id, view, said in zip(ids, (tabs.tags, tabs.transcript), ("see pictures", "speech model"), strict=True):
        qtbot.waitUntil(lambda item_id=item_id: window.library.items.row_of(item_id) >= 0, timeout=LONG)
        window.library.grid.go_to(window.library.items.row_of(item_id))
        qtbot.waitUntil(lambda view=view, said=said: said in view.none.text.text(), timeout=LONG)
        tabs.show_tab("tags" if view is tabs.tags else "transcript")
        qtbot.mouseClick(view.none.choose, Qt.MouseButton.LeftButton)
        assert window.sidebar.place == Place("models")
        window.go(Place())
    tabs.show_tab("tags")
    window.library.grid.go_to(window.library.items.row_of(ids[0]))
    qtbot.waitUntil(lambda: window.inspector.item_id == ids[0] and tabs.tags.none.choose.isVisible(), timeout=LONG)
    # A model has come in.
    running.desk.events.take_changes(known.enqueue([JobRow(ids[0], "sights", 1)]))
    qtbot.waitUntil(lambda: "see pictures" not in tabs.tags.none.text.text(), timeout=LONG)
    assert not tabs.tags.none.choose.isVisible()
    frames = tabs.details.page.document().rootFrame().childFrames()
    assert len(frames) == 1, "one table, so that all values begin at one place"


def test_a_low_window_shows_tags_and_the_way_to_other_libraries(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False, size=(900, 600))
    sidebar = running.window.sidebar
    qtbot.waitUntil(lambda: len(sidebar.tags._entries) == 2, timeout=LONG)
    QApplication.processEvents()
    row = sidebar.tags.visualRect(sidebar.tags.model().index(0, 0))
    assert sidebar.tags.viewport().visibleRegion().contains(row)
    assert "keep a search" in sidebar.collections.new_button.toolTip()
    brand = sidebar.brand
    for width in (60, 120, 168, 240):
        brand.resize(width, brand.height())
        name = brand.fontMetrics().horizontalAdvance(brand.text())
        assert PADDING + name + GAP + ARROW <= width, "the arrow has its place"


def test_a_model_is_silenced_and_heard_again(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    page = go_to_tags(qtbot, running)
    assert "12 proposals" in page.overview.waiting.text()
    page.overview.model_told.emit("net", True)
    qtbot.waitUntil(lambda: running.assistant.library.count_proposals() == 0, timeout=LONG)
    qtbot.waitUntil(lambda: not page.review.isEnabled(), timeout=LONG)
    undo(qtbot, running)
    qtbot.waitUntil(page.review.isEnabled, timeout=LONG)


def test_what_changed_nothing_offers_no_undo_of_something_else(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    desk, window, known = running.desk, running.window, running.assistant.library
    first, second, third, *_ = sorted(known.item_ids())
    mark = Moment(WHOLE, Sense.WRITTEN, Layer.MARK, item_id=third, text="old")
    verbs: list[Callable[[], None]] = [
        lambda: actions.decide_tag(desk, item_ids=[first], concept=DOG, state=TagState.ACCEPTED, owner=window),
        lambda: actions.add_tag(desk, item_ids=[first], name="seaside", owner=window),
        lambda: marking.note(desk, mark=mark, note="a note", owner=window),
        lambda: actions.remove_items(desk, item_ids=[second], owner=window),
    ]

    def offers_undo(verb: Callable[[], None]) -> bool:
        desk.notices.dismiss()
        verb()
        qtbot.waitUntil(lambda: desk.notices.card is not None, timeout=LONG)
        return bool(desk.notices.card.findChildren(QPushButton))

    for at, verb in enumerate(verbs):
        assert offers_undo(verb), at
        steps = len(known.journal())
        assert not offers_undo(verb), at
        assert len(known.journal()) == steps, at
    actions.undo(desk, owner=window, step=0)
    assert desk.notices.text == desk.words.say("ui.nothing_to_undo")
    assert len(known.journal()) == steps


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=lambda colours: colours.name)
def test_a_tags_colour_is_told_from_every_ground(colours: object) -> None:
    grounds = ("side", "ground", "panel", "card", "chip", "selected", "hovered", "field")
    weak = [
        (name, ground)
        for name in PALETTE
        for ground in grounds
        if contrast(tag_colour(colours, name), getattr(colours, ground)) < 3
    ]
    assert not weak
    assert tag_colour(colours, "no such") == ""


def test_a_decision_moves_no_other_tag_from_under_the_mouse(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    grid, tags = running.window.library.grid, running.window.inspector.tabs.tags
    last = max(running.assistant.library.item_ids())
    qtbot.waitUntil(lambda: grid.model.row_of(last) >= 0, timeout=LONG)
    grid.go_to(grid.model.row_of(last))
    qtbot.waitUntil(lambda: [chip.text for chip in tags.chips] == ["perhaps animal", "perhaps dog"], timeout=LONG)
    qtbot.waitUntil(lambda: tags.chips[1].x() > tags.chips[0].x(), timeout=LONG)
    before = [chip.geometry() for chip in tags.chips]
    first = tags.chips[0]
    yes = QPoint(first._icon_left(0) + 4, first.height() // 2)
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton, pos=yes)
    qtbot.waitUntil(lambda: [chip.text for chip in tags.chips] == ["animal", "perhaps dog"], timeout=LONG)
    qtbot.waitUntil(lambda: [chip.geometry() for chip in tags.chips] == before, timeout=LONG)
    assert tags.chips[0].tag.state is TagState.ACCEPTED


def test_a_decision_leaves_a_long_row_of_tags_where_it_is(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    window, tags, held = running.window, running.window.inspector.tabs.tags, running.assistant.library
    last = max(held.item_ids())
    model_says(held, last, *(seen(Concept(f"t{n}", f"a long name of tag {n}", ""), 0.9 - n / 100) for n in range(24)))
    window.resize(900, 600)
    qtbot.waitUntil(lambda: window.library.items.row_of(last) >= 0, timeout=LONG)
    window.library.grid.go_to(window.library.items.row_of(last))
    qtbot.waitUntil(lambda: len(tags.chips) == 24 and tags.verticalScrollBar().maximum() > 0, timeout=LONG)
    for at in range(2):
        chip = tags.chips[at]
        yes = QPoint(chip._icon_left(0) + 4, chip.height() // 2)
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, pos=yes)
        chip.setFocus(Qt.FocusReason.MouseFocusReason)
        for is_so in (lambda chip: chip.tag.state is TagState.ACCEPTED, lambda chip: chip.hasFocus()):
            qtbot.waitUntil(lambda at=at, is_so=is_so: len(tags.chips) == 24 and is_so(tags.chips[at]), timeout=LONG)
        assert tags.verticalScrollBar().value() == 0


def test_a_row_of_tags_is_one_stop_and_arrows_go_along_it(qtbot: QtBot, open_window: Opener, library: Path) -> None:
    running = open_window(works=False)
    window, tags = running.window, running.window.inspector.tabs.tags
    qtbot.waitUntil(lambda: window.library.items.rowCount() == 6, timeout=LONG)
    window.library.grid.go_to(0)
    qtbot.waitUntil(lambda: len(tags.chips) == 2, timeout=LONG)
    tags.chips[0].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(tags.chips[0], Qt.Key.Key_Right)
    assert tags.chips[1].hasFocus()
    qtbot.keyClick(tags.chips[1], Qt.Key.Key_Tab)
    assert tags.field.hasFocus()
    qtbot.keyClick(tags.field, Qt.Key.Key_Backtab)
    assert tags.chips[1].hasFocus(), "back to where it left"
    qtbot.keyClick(tags.chips[1], Qt.Key.Key_X)
    qtbot.waitUntil(lambda: len(tags.chips) == 1 and tags.chips[0].hasFocus(), timeout=LONG)
    qtbot.keyClick(tags.chips[0], Qt.Key.Key_A)
    qtbot.waitUntil(lambda: [chip.tag.state for chip in tags.chips] == [TagState.ACCEPTED], timeout=LONG)


def test_enter_presses_the_button_that_has_the_focus_and_nothing_else(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    running.window.go(Place("review", tag="dog"))
    review = running.window.page("review")
    qtbot.waitUntil(lambda: review.queue.place == (1, 6) and review.shown is not None, timeout=LONG)
    review.refuse.setFocus(Qt.FocusReason.TabFocusReason)
    assert review.refuse.hasFocus()
    qtbot.keyClick(review.refuse, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(running, "dog")[0] is TagState.REJECTED, timeout=LONG)
    assert review.queue.place == (2, 6), "no is no, and only once"
    review.setFocus()
    qtbot.keyClick(review, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: states(running, "dog")[1] is TagState.ACCEPTED, timeout=LONG)


def test_keys_of_the_window_mean_what_is_shown_and_not_what_is_chosen_behind_it(
    qtbot: QtBot, open_window: Opener, library: Path
) -> None:
    running = open_window(works=False)
    window, known = running.window, running.assistant.library
    hidden = known.item_ids()[-2:]
    window.library.grid.selection.set_all(hidden)
    assert window.chosen_ids() == tuple(sorted(hidden))
    window.go(Place("review", tag="dog"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    item_id = review.shown.item.id
    assert item_id not in hidden and window.chosen_ids() == (item_id,)
    qtbot.keyClick(review, Qt.Key.Key_4, CONTROL)
    qtbot.waitUntil(lambda: known.ratings([item_id]) == {item_id: 4}, timeout=LONG)
    for page in ("history", "duplicates", "tags", "map", "settings"):
        window.go(Place(page))
        assert window.chosen_ids() == (), page
        qtbot.keyClick(window, Qt.Key.Key_5, CONTROL)
    window.go(Place("review", tag="dog"))
    qtbot.waitUntil(lambda: window.chosen_ids() == (item_id,), timeout=LONG)
    qtbot.keyClick(review, Qt.Key.Key_E, CONTROL)
    assert [each.item_id for each in running.desk.examples.examples.plus] == [item_id]
    assert window.inspector.isVisible() and window.inspector.alike.isVisible(), "what is like it is seen"
    assert window.chosen_ids() == tuple(sorted(hidden))
    assert not known.ratings(hidden)


@pytest.mark.parametrize("width", [1280, 1000], ids=["wide", "narrow"])
def test_what_is_like_an_item_of_another_page_is_seen_until_something_is_chosen(
    qtbot: QtBot, open_window: Opener, library: Path, width: int
) -> None:
    running = open_window(works=False, size=(width, 800))
    window = running.window
    assert window.is_narrow == (width == 1000)
    window.go(Place("review", tag="dog"))
    review = window.page("review")
    qtbot.waitUntil(lambda: review.shown is not None, timeout=LONG)
    with qtbot.waitSignal(window.library.selection_changed, timeout=LONG):
        qtbot.keyClick(review, Qt.Key.Key_E, CONTROL)
    assert window.inspector.alike.isVisible(), "also when the library has arrived, and nothing in it is chosen"
    qtbot.waitUntil(lambda: not running.desk.examples.is_looking, timeout=LONG)
    window.library.grid.selection.set_all(running.assistant.library.item_ids()[:1])
    qtbot.waitUntil(lambda: window.inspector.item_id != 0 and not window.inspector.alike.isVisible(), timeout=LONG)
