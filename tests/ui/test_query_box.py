"""The search box as a person uses it: chips, faults under their characters, completions, help."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from media_assistant.items.concept import Concept
from media_assistant.items.item import Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.items.query import parse
from media_assistant.items.tag import TagState
from media_assistant.library.item_store import NewItem
from media_assistant.sentences import LANGUAGES, say
from media_assistant.ui.item_models.narrowing import narrow
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.search.field import SETTLES_MS, QueryField
from media_assistant.ui.widgets.search.help import EXAMPLES, QueryHelp

Opener = Callable[..., Running]
CONTROL = Qt.KeyboardModifier.ControlModifier


def until(qtbot: QtBot, is_so: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(is_so()), timeout=20_000)


@pytest.fixture
def running(qtbot: QtBot, open_window: Opener) -> Running:
    """A window on four items that nobody works on."""
    opened = open_window(works=False)
    library = opened.assistant.library
    facts = Facts(tags=FileTags(artist="Joni Mitchell", album="Blue"))
    new = [NewItem(Kind.PHOTO, f"/m/trip {n}/dog {n}.jpg", f"dog {n}", 1000 + n, 10**18, f"h{n}") for n in range(3)]
    new.append(NewItem(Kind.MUSIC, "/m/song/river.mp3", "river", 2000, 10**18, "s", facts))
    ids, changes = library.add_items(new)
    changes |= library.decide_tag(ids[:2], Concept("dog", "dog", "狗"), TagState.ACCEPTED)
    opened.desk.events.take_changes(changes)
    until(qtbot, lambda: opened.window.library.items.rowCount() == 4)
    until(qtbot, lambda: opened.window.sidebar.offers()["tag"])
    field = opened.window.library.search.field
    field.setFocus()
    return opened


def field_of(running: Running) -> QueryField:
    return running.window.library.search.field


def chips(field: QueryField) -> list[str]:
    return [field.text()[piece.start : piece.end] for piece in field.closed_chips]


def underlined(field: QueryField) -> list[str]:
    """What stands over a wave, by the formats that Qt paints."""
    return [
        field.text()[start : start + length] for start, length, look in field._formats if look.underlineStyle().value
    ]


def test_conditions_are_chips_that_go_as_a_whole_and_come_back(qtbot: QtBot, running: Running) -> None:
    field = field_of(running)
    qtbot.keyClicks(field, "dog kind:photo tag:dog ")
    assert chips(field) == ["kind:photo", "tag:dog"]
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "dog kind:photo "
    qtbot.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert field.text() == "dog kind:photo tag:dog "
    field.setCursorPosition(4)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert field.text() == "dog tag:dog "
    qtbot.keyClick(field, Qt.Key.Key_Z, CONTROL)
    qtbot.keyClick(field, Qt.Key.Key_A, CONTROL)
    qtbot.keyClick(field, Qt.Key.Key_C, CONTROL)
    assert QApplication.clipboard().text() == "dog kind:photo tag:dog "
    # Inside of one, letters go one by one.
    field.setCursorPosition(len("dog kind:photo"))
    assert chips(field) == ["tag:dog"]
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "dog kind:phot tag:dog "


def test_a_click_on_the_cross_takes_a_chip_away(qtbot: QtBot, running: Running) -> None:
    field, items = field_of(running), running.window.library.items
    running.window.library.search.ask("dog kind:music OR tag:dog ")
    running.window.library.grid.setFocus()
    until(qtbot, lambda: items.rowCount() == 2)
    places = dict(field._places())
    piece = next(piece for piece in field.closed_chips if piece.name == "kind")
    where = field._cross(places[piece]).center().toPoint()
    QTest.mouseMove(field, where)
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=where)
    assert field.text() == "dog OR tag:dog "
    until(qtbot, lambda: items.rowCount() == 3)


@pytest.mark.parametrize(
    "text",
    [
        "dog kind:photo said:“涨潮” x",
        "kind:photo " * 12 + "end",
        "שלום kind:photo עולם tag:dog ",
        "tag:dog",
        "🐶 𠮷 kind:photo tag:🐶 x",
    ],
)
def test_chips_lie_under_their_own_letters(qtbot: QtBot, running: Running, text: str) -> None:
    """Qt tells where its cursor is: at both ends of a chip it is at that end of the ground."""
    field = field_of(running)
    field.setText(text)
    for piece in [piece for piece in field.query.pieces if piece.role == "field"]:
        for end in (piece.start, piece.end):
            field.setCursorPosition(len(text[:end].encode("utf-16-le")) // 2)
            field.repaint()
            place: QRectF = dict(field._places())[piece]
            cursor = field.cursorRect().x() + 5
            assert min(abs(cursor - place.left()), abs(cursor - place.right())) <= 6


def test_letters_that_qt_counts_twice_are_counted_once(qtbot: QtBot, running: Running) -> None:
    field = field_of(running)
    field.setText("🐶 kind:video tag:🐶 𠮷 kinds:x ")
    assert chips(field) == ["kind:video", "tag:🐶"]
    field.settle()
    units = field.text().encode("utf-16-le")
    dressed = [units[2 * at : 2 * (at + length)].decode("utf-16-le") for at, length, _ in field._formats]
    assert dressed == ["kind:vide", "o", "tag:", "🐶", "kinds:"]
    for wanted in ("kind:video", "tag:🐶"):
        before = field.text()
        (piece,) = [each for each in field.closed_chips if before[each.start : each.end] == wanted]
        field.repaint()
        where = field._cross(dict(field._places())[piece]).center().toPoint()
        qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=where)
        assert field.text() == before.replace(f"{wanted} ", "")
    field.setText("🐶 tag:🐶 ")
    field.end(False)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "🐶 "
    field.setText("🐶🐶 tag:dog")
    field.setCursorPosition(5)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert field.text() == "🐶🐶"


def test_what_is_completed_behind_an_emoji_is_put_where_it_was_typed(qtbot: QtBot, running: Running) -> None:
    field, completer = field_of(running), running.window.library.search.completer
    field.setText("🐶 𠮷 ")
    qtbot.keyClicks(field, "art")
    until(qtbot, lambda: completer.is_open)
    choose(qtbot, running)
    assert field.text() == "🐶 𠮷 artist:"
    until(qtbot, lambda: popup_rows(running) == [("Joni Mitchell", "Joni Mitchell, 1")])
    choose(qtbot, running)
    assert field.text() == '🐶 𠮷 artist:"Joni Mitchell" '


def test_composing_leaves_text_and_chips_as_they_are(qtbot: QtBot, running: Running) -> None:
    field = field_of(running)
    qtbot.keyClicks(field, "kind:photo  tag:dog ")
    field.setCursorPosition(11)
    composing = QInputMethodEvent("gou", [])
    QApplication.sendEvent(field, composing)
    assert field.text() == "kind:photo  tag:dog "
    field.repaint()
    done = QInputMethodEvent()
    done.setCommitString("狗")
    QApplication.sendEvent(field, done)
    assert field.text() == "kind:photo 狗 tag:dog "
    assert chips(field) == ["kind:photo", "tag:dog"]
    assert field.cursorPosition() == 12
    qtbot.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert field.text() == "kind:photo  tag:dog "


def test_a_fault_is_underlined_and_said_once_the_person_rests(qtbot: QtBot, running: Running) -> None:
    field, search = field_of(running), running.window.library.search
    qtbot.keyClicks(field, "dog since:2024-02-30")
    assert underlined(field) == []
    assert not search.fault_line.isVisible()
    qtbot.waitUntil(search.fault_line.isVisible, timeout=SETTLES_MS + 10_000)
    assert underlined(field) == ["since:2024-02-30"]
    assert "2024-02-30" in search.fault_line.text()
    assert field.accessibleDescription() == search.fault_line.text()
    fault = field.fault_at(6)
    assert fault is not None
    assert field.explain(fault) == search.fault_line.text()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert underlined(field) == [], "who types on has not made a mistake yet"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.fault_at(6) is None
    assert not search.fault_line.isVisible()
    search.ask("(dog kinds:x")
    assert underlined(field) == ["(", "kinds:"]
    until(qtbot, lambda: running.window.library.items.rowCount() > 0 or "kinds" in search.fault_line.text())
    search.clear()
    assert not search.fault_line.isVisible()
    assert field.accessibleDescription() == ""


def popup_rows(running: Running) -> list[tuple[str, str]]:
    rows = running.window.library.search.completer.completer.model()
    return [
        (str(rows.index(n, 0).data()), str(rows.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole)))
        for n in range(rows.rowCount())
    ]


def choose(qtbot: QtBot, running: Running) -> None:
    popup = running.window.library.search.completer.completer.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)


def test_fields_and_their_values_are_completed_by_keyboard(
    qtbot: QtBot, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    field, completer = field_of(running), running.window.library.search.completer
    qtbot.keyClicks(field, "dog ar")
    assert not completer.is_open, "so many words begin"
    qtbot.keyClicks(field, "t")
    until(qtbot, lambda: completer.is_open)
    assert popup_rows(running) == [("artist:", "artist:, by an artist")]
    choose(qtbot, running)
    assert field.text() == "dog artist:"
    until(qtbot, lambda: popup_rows(running) == [("Joni Mitchell", "Joni Mitchell, 1")])
    choose(qtbot, running)
    assert field.text() == 'dog artist:"Joni Mitchell" '
    qtbot.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert field.text() == "dog artist:"
    field.clear()
    qtbot.keyClicks(field, "tag:d")
    until(qtbot, lambda: completer.is_open)
    assert popup_rows(running) == [("dog", "dog, 2")]
    field.clear()
    qtbot.keyClicks(field, "river -tag:(boat OR do")
    until(qtbot, lambda: popup_rows(running) == [("dog", "dog, 2")])
    choose(qtbot, running)
    assert field.text() == "river -tag:(boat OR dog "
    field.clear()
    qtbot.keyClicks(field, "artist:(jo")
    until(qtbot, lambda: popup_rows(running) == [("Joni Mitchell", "Joni Mitchell, 1")])
    choose(qtbot, running)
    assert field.text() == 'artist:("Joni Mitchell" '
    field.clear()
    qtbot.keyClicks(field, "(-in:trip")
    until(qtbot, lambda: [row[0] for row in popup_rows(running)] == ["trip 0", "trip 1", "trip 2"])
    field.clear()
    qtbot.keyClicks(field, "river like:do")
    until(qtbot, lambda: [row[0] for row in popup_rows(running)] == ["dog 2", "dog 1", "dog 0"])
    assert popup_rows(running)[0][1] == "dog 2, Photo"
    choose(qtbot, running)
    assert field.text() == 'river like:"dog 2" '
    field.clear()
    qtbot.keyClicks(field, 'like:"riv')
    until(qtbot, lambda: popup_rows(running) == [("river", "river, Audio")])
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Space, CONTROL)
    until(qtbot, lambda: len(popup_rows(running)) == 22)
    qtbot.keyClick(completer.completer.popup(), Qt.Key.Key_Escape)
    with monkeypatch.context() as on_macos:
        on_macos.setattr(sys, "platform", "darwin")
        qtbot.keyClick(field, Qt.Key.Key_I, CONTROL)
        until(qtbot, lambda: completer.is_open)
        qtbot.keyClick(completer.completer.popup(), Qt.Key.Key_Escape)
    for text in ("waves", '"so like', "lighthouse"):
        field.clear()
        qtbot.keyClicks(field, text)
        assert not completer.is_open, "plain words and phrases are left alone"


def test_values_are_completed_in_chinese(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False, language="zh_CN")
    field = field_of(running)
    running.window.library._header.show()
    offers = running.window.gathering._offers
    assert [offer.value for offer in offers.fields("标")] == ["标签："]
    assert [offer.value for offer in offers.fields("tag")] == ["tag:"]
    assert [offer.value for offer in offers.values("kind")] == ["视频", "音频", "文本", "照片"]
    assert [offers.values(name)[0].value for name in ("has", "is")] == ["文稿", "缺失"]
    assert offers.values("rated")[-1].value == "无"
    for name in ("has", "is", "since", "after", "until", "rated", "kind", "longer", "missing"):
        for offer in offers.values(name):
            assert parse(f"{name}:{offer.value}").faults == (), (name, offer)
    assert field.accessibleName()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("dog cat", "dog cat kind:photo"),
        ("dog OR cat", "(dog OR cat) kind:photo"),
        ("dog THEN cat", "kind:photo (dog THEN cat)"),
        ("(dog OR cat", "(dog OR cat) kind:photo"),
        ("dog) OR cat", "(dog OR cat) kind:photo"),
        ('dog "high tide', 'dog "high tide" kind:photo'),
        ("dog OR", "dog kind:photo"),
    ],
)
def test_a_place_narrows_the_whole_of_what_is_asked(text: str, meant: str) -> None:
    narrowed = parse(narrow(text, Place(kind=Kind.PHOTO)))
    assert set(narrowed.nodes) == set(parse(meant).nodes)
    assert narrowed.faults == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_the_help_says_is_understood_and_the_same_in_both_languages(name: str) -> None:
    found = [parse(say(language, f"ui.query.help.{name}.text")) for language in LANGUAGES]
    for query in found:
        assert query.nodes
        assert query.faults == query.remarks == ()
    assert sorted(type(node).__name__ for node in found[0].nodes) == sorted(
        type(node).__name__ for node in found[1].nodes
    )


@pytest.mark.parametrize("size", [(900, 600), (1440, 900)])
def test_the_help_opens_from_the_box_and_puts_an_example_there(
    qtbot: QtBot, open_window: Opener, size: tuple[int, int]
) -> None:
    running = open_window(works=False, size=size)
    window = running.window
    window.library._header.show()
    search = window.library.search
    until(qtbot, search.help_button.isVisible)
    qtbot.mouseClick(search.help_button, Qt.MouseButton.LeftButton)
    sheet = window.findChild(QueryHelp)
    assert sheet is not None
    assert window.rect().contains(window.mapFromGlobal(sheet.pos()))
    assert window.rect().contains(window.mapFromGlobal(sheet.pos() + QPoint(sheet.width(), sheet.height())))
    assert all(each.accessibleName() for each in sheet.rows)
    sheet.rows[0].setFocus()
    qtbot.keyClick(sheet.rows[0], Qt.Key.Key_Down)
    qtbot.keyClick(sheet.rows[1], Qt.Key.Key_Space)
    assert search.field.text() == '"high tide"'
    assert search.field.hasFocus()


def composed(text: str, whole: str = "") -> QInputMethodEvent:
    event = QInputMethodEvent(text, [])
    if whole:
        event.setCommitString(whole)
    return event


def test_chinese_that_is_typed_onto_the_grid_is_composed_in_the_box(qtbot: QtBot, running: Running) -> None:
    grid, field = running.window.library.grid, field_of(running)
    qtbot.keyClicks(field, "river")
    grid.setFocus()
    assert grid.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    asked = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled | Qt.InputMethodQuery.ImCursorRectangle)
    QApplication.sendEvent(grid, asked)
    assert asked.value(Qt.InputMethodQuery.ImEnabled)
    place = asked.value(Qt.InputMethodQuery.ImCursorRectangle).center()
    assert field.rect().contains(field.mapFromGlobal(grid.mapToGlobal(place))), "candidates stand under the box"
    QApplication.sendEvent(grid, composed(""))
    assert field.text() == "river", "nothing is composed yet"
    for begun in ("g", "go", "gou"):
        QApplication.sendEvent(grid, composed(begun))
        assert grid.hasFocus(), "an input method gives up what it composes when the keyboard goes"
    assert field._composed == "gou" and field.text() == ""
    QApplication.sendEvent(grid, composed("", "狗"))
    until(qtbot, field.hasFocus)
    assert field.text() == "狗" and not field.hasSelectedText()
    qtbot.keyClicks(field, "!")
    assert field.text() == "狗!"


def test_composing_on_the_grid_is_given_up_with_the_keyboard_and_a_sign_alone_only_opens_the_box(
    qtbot: QtBot, running: Running
) -> None:
    grid, field = running.window.library.grid, field_of(running)
    grid.setFocus()
    QApplication.sendEvent(grid, composed("go"))
    field.setFocus()
    assert field._composed == "" and field.text() == ""
    qtbot.keyClicks(field, "river")
    grid.setFocus()
    QApplication.sendEvent(grid, composed("", " "))
    assert grid.hasFocus()
    QApplication.sendEvent(grid, composed("", "、"))
    until(qtbot, field.hasFocus)
    assert field.text() == "river"
