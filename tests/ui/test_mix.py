"""Mixes and groups in the real window: from an item's menu to a kept collection; groups kept and hidden, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.items.mix import Mix, MixStep
from media_assistant.items.span import WHOLE
from media_assistant.library.library import Library
from media_assistant.paths import find_paths
from media_assistant.ui.item_menu import build_item_menu
from media_assistant.ui.panels.mix_panel import MixPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.sidebar.nav_list import PLACE
from tests.cli.test_mix import music
from tests.films import make_sound
from tests.ui.test_player import bring_in
from tests.workflows.finding import add

Opener = Callable[..., Running]
LONG = 30_000


@pytest.fixture
def running(home: object, tmp_path: Path, open_window: Opener, qtbot: QtBot) -> Running:
    for number in range(60):
        (tmp_path / f"Song {number}").write_bytes(bytes(1000 + number))
    library = Library.open(find_paths().library)
    music(library, folder=str(tmp_path))
    library.finding.close()
    library.close()
    opened = open_window(works=False)
    qtbot.waitUntil(lambda: opened.window.library.items.rowCount() == 60, timeout=LONG)
    return opened


def test_a_mix_from_the_menu_is_changed_and_kept(qtbot: QtBot, running: Running) -> None:
    window, desk = running.window, running.desk
    ids = window.library.items.listing.ids
    menu = build_item_menu(window, desk, (ids[0], ids[1]))
    said = {action.text().partition("\t")[0]: action for action in menu.actions()}
    said["Mix from these…"].trigger()
    panel = window.page("mix")
    assert isinstance(panel, MixPanel)
    qtbot.waitUntil(lambda: panel.mix.total_ms == 40 * 60_000, timeout=LONG)
    assert panel.table.rowCount() == 10 and panel.table.item(1, 5).text()
    assert not panel.wishes.steps.isVisible()
    panel.wishes.minutes.setValue(0)
    assert panel.wishes.steps.isVisible(), "of any length, it is so many items"
    panel.wishes.minutes.setValue(40)
    assert not panel.wishes.steps.isVisible()
    # A step is locked by Space, another one is taken out by Delete, and both are heeded when it is made again.
    first = [step.item.id for step in panel.mix.steps]
    panel.table.setFocus()
    panel.table.go_to(2)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.table.locked() == {2: first[2]}
    panel.table.go_to(4)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert panel.table.rowCount() == 9
    left = [*first[:4], *first[5:]]
    told = running.assistant.mixes.told_again(left).result(timeout=60)
    assert told.steps[4].why != panel.mix.steps[4].why
    qtbot.waitUntil(lambda: panel.mix.steps[4].why == told.steps[4].why, timeout=LONG)
    assert [step.item.id for step in panel.mix.steps] == left and panel.table.locked() == {2: first[2]}
    assert panel.table.currentRow() == 4
    panel.wishes.key.setCurrentIndex(2)
    panel.wishes.again.click()
    qtbot.waitUntil(lambda: len({step.key for step in panel.mix.steps}) == 1 or bool(panel.mix.says), timeout=LONG)
    again = [step.item.id for step in panel.mix.steps]
    assert again[2] == first[2] and first[4] not in again
    panel.wishes.key.setCurrentIndex(0)
    panel.wishes.again.click()
    qtbot.waitUntil(lambda: panel.mix.total_ms == 40 * 60_000 and not panel.mix.says, timeout=LONG)
    before = [step.item.id for step in panel.mix.steps]
    panel.table.go_to(6)
    panel.swap_button.click()
    qtbot.waitUntil(lambda: panel.mix.steps[6].item.id != before[6], timeout=LONG)
    after = [step.item.id for step in panel.mix.steps]
    assert [each for at, each in enumerate(after) if at != 6] == [each for at, each in enumerate(before) if at != 6]
    panel.keep_button.click()
    library = running.assistant.library
    qtbot.waitUntil(lambda: len(library.collections()) == 1, timeout=LONG)
    assert list(library.collection_items(library.collections()[0].id)) == after
    played: list[tuple[int, int]] = []
    panel.opened.disconnect()
    panel.opened.connect(lambda item_id, ms: played.append((item_id, ms)))
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert played == [(after[6], 0)] and panel._playing == 6
    window.open_item(after[6])
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(panel.isVisible, timeout=LONG)
    assert panel._playing == -1, "what is played from elsewhere leads to no next step"
    desk.words.speak("zh_CN")
    assert panel.table.horizontalHeaderItem(1).text() == "标题"


def test_a_mix_from_a_collection_a_group_and_a_tag(qtbot: QtBot, running: Running) -> None:
    window, desk, sidebar = running.window, running.desk, running.window.sidebar
    ids = window.library.items.listing.ids
    collections = running.assistant.collections
    collections.create("Evening", ids[:6]).result(timeout=60)
    collections.create("Later").result(timeout=60)
    collections.save_search("Jazzy", "tag:jazz").result(timeout=60)
    qtbot.waitUntil(lambda: len(sidebar.collections.known) == 3, timeout=LONG)
    known = {each.name: each for each in sidebar.collections.known}

    def mix_from(menu: QMenu) -> None:
        next(action for action in menu.actions() if action.text() == "Mix from this…").trigger()

    evening = Place(collection=known["Evening"].id, name="Evening")
    mix_from(sidebar.collections.menu(evening))
    panel = window.page("mix")
    qtbot.waitUntil(lambda: bool(panel.mix.steps), timeout=LONG)
    assert panel.source.text() == "Mix from the collection “Evening”"
    # Made again it goes on from what the collection holds then, under the name that it has then.
    collections.rename(evening.collection, "Night").result(timeout=60)
    collections.remove(evening.collection, ids[:6]).result(timeout=60)
    qtbot.waitUntil(lambda: any(each.name == "Night" for each in sidebar.collections.known), timeout=LONG)
    panel.wishes.again.click()
    qtbot.waitUntil(lambda: panel._nothing_title.text() == "“Night” holds nothing", timeout=LONG)
    assert not panel.table.isVisible() and panel.wishes.again.isVisible() and not panel.keep_button.isVisible()
    collections.add(evening.collection, ids[:6]).result(timeout=60)
    panel.wishes.again.click()
    qtbot.waitUntil(lambda: panel.table.isVisible() and bool(panel.mix.steps), timeout=LONG)
    # A saved search, by what it finds.
    mix_from(sidebar.collections.menu(Place(collection=known["Jazzy"].id, name="Jazzy", query="tag:jazz")))
    qtbot.waitUntil(lambda: bool(panel.mix.steps), timeout=LONG)
    assert panel.source.text() == "Mix from the saved search “Jazzy”"
    # A tag: from the sidebar, from the page of tags by its key, and by the window's key where its items are shown.
    qtbot.waitUntil(lambda: sidebar.tags.model().rowCount() == 3, timeout=LONG)
    tag = next(
        place for row in range(3) if (place := sidebar.tags.model().index(row, 0).data(PLACE)).tag_name == "rock"
    )
    mix_from(sidebar.tag_menu(tag))
    qtbot.waitUntil(lambda: bool(panel.mix.steps), timeout=LONG)
    assert panel.source.text() == "Mix from the tag “rock”"
    desk.words.speak("zh_CN")
    assert panel.source.text() == "从标签“摇滚”开始的混播"
    desk.words.speak("en")
    window.go(Place("tags", tag=tag.tag))
    tags = window.page("tags")
    qtbot.waitUntil(lambda: tags.tree.current is not None, timeout=LONG)
    assert tags.details.buttons["mix"].isEnabled()
    QTest.keyClick(tags.tree, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: panel.isVisible() and bool(panel.mix.steps), timeout=LONG)
    window.go(tag)
    window.library.grid.selection.clear()
    QTest.keyClick(window, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: panel.isVisible() and bool(panel.mix.steps), timeout=LONG)
    assert panel.source.text() == "Mix from the tag “rock”"
    # A group, kept as a collection under what it was made from.
    running.assistant.groups.form().result(timeout=60)
    qtbot.waitUntil(lambda: len(sidebar.groups.known) == 3, timeout=LONG)
    group = sidebar.groups.list.model().index(0, 0).data(PLACE)
    mix_from(sidebar.groups.menu(group))
    qtbot.waitUntil(lambda: bool(panel.mix.steps), timeout=LONG)
    assert panel.source.text() == f"Mix from the group “{group.name}”"
    panel.keep_button.click()
    library = running.assistant.library
    qtbot.waitUntil(lambda: panel.source.text() in {each.name for each in library.collections()}, timeout=LONG)


def test_nothing_known_of_a_collection_is_said_on_the_page(qtbot: QtBot, running: Running, tmp_path: Path) -> None:
    window, library = running.window, running.assistant.library
    unheard = [add(library, f"Unheard {number}", Kind.MUSIC, folder=str(tmp_path)) for number in range(2)]
    place = Place(collection=library.create_collection("Unheard", item_ids=unheard)[0], name="Unheard")
    window.sidebar.collections.mix_wanted.emit(window.sidebar.collections.mix_source(place))
    panel = window.page("mix")
    qtbot.waitUntil(lambda: panel._nothing_title.text() == "There is no mix yet", timeout=LONG)
    assert "Let them be analysed first" in panel._nothing_why.text()
    assert panel.wishes.again.hasFocus() and not panel.table.isVisible()


def test_a_path_between_two(qtbot: QtBot, running: Running) -> None:
    window = running.window
    ids = window.library.items.listing.ids
    menu = build_item_menu(window, running.desk, (ids[0], ids[7]))
    next(action for action in menu.actions() if action.text().startswith("Path")).trigger()
    panel = window.page("mix")
    qtbot.waitUntil(lambda: len(panel.mix.steps) > 2, timeout=LONG)
    assert (panel.mix.steps[0].item.id, panel.mix.steps[-1].item.id) == (ids[0], ids[7])
    assert (
        not panel.wishes.minutes.isVisible() and panel.wishes.steps.isVisible() and panel.wishes.steps.maximum() == 50
    )
    assert panel.table.hasFocus()
    before = [step.item.id for step in panel.mix.steps]
    # The ends stay: they are neither let go, nor taken out, nor exchanged.
    last = len(before) - 1
    for at in (0, last):
        panel.table.go_to(at)
        QTest.keyClick(panel.table, Qt.Key.Key_Space)
        QTest.keyClick(panel.table, Qt.Key.Key_Delete)
        assert not panel.swap_button.isEnabled() and not panel.remove_button.isEnabled()
    assert panel.table.locked() == {} and panel.table.rowCount() == len(before)
    # Another one in the place of one step, and nothing else moves.
    panel.table.go_to(2)
    panel.swap_button.click()
    qtbot.waitUntil(lambda: panel.mix.steps[2].item.id != before[2], timeout=LONG)
    swapped = [step.item.id for step in panel.mix.steps]
    assert [each for at, each in enumerate(swapped) if at != 2] == [each for at, each in enumerate(before) if at != 2]
    assert swapped[2] not in before and panel.table.currentRow() == 2
    assert panel.mix.steps[2].why and panel.mix.steps[3].why
    # What is locked holds when the path is made again, and what was exchanged does not come back.
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert panel.table.locked() == {2: swapped[2]}
    made = panel.mix
    panel.wishes.again.click()
    qtbot.waitUntil(lambda: panel.mix is not made, timeout=LONG)
    again = [step.item.id for step in panel.mix.steps]
    assert swapped[2] in again and before[2] not in again and (again[0], again[-1]) == (before[0], before[-1])
    assert set(panel.table.locked().values()) == {swapped[2]}


def test_where_there_is_no_other_step_it_stays(qtbot: QtBot, running: Running) -> None:
    window = running.window
    ids = window.library.items.listing.ids
    window.go(Place("mix"))
    panel = window.page("mix")
    for begin in (lambda: panel.begin_path(ids[0], ids[7]), lambda: panel.begin(ids[:2])):
        begin()
        qtbot.waitUntil(lambda: len(panel.mix.steps) > 3, timeout=LONG)
        before = panel.mix
        panel._without = set(ids) - {step.item.id for step in before.steps}
        panel.table.go_to(2)
        panel.swap_button.click()
        qtbot.waitUntil(lambda: "Nothing else fits" in panel.note.text(), timeout=LONG)
        assert panel.mix is before and before.steps[2].item.id not in panel._without


def test_groups_stand_in_the_sidebar_and_are_kept_or_hidden(qtbot: QtBot, running: Running) -> None:
    window, section = running.window, running.window.sidebar.groups
    assert not section.isVisible()
    running.assistant.groups.form().result(timeout=60)
    qtbot.waitUntil(lambda: len(section.known) == 3, timeout=LONG)
    assert section.isVisible()
    place = section.list.model().index(0, 0).data(PLACE)
    assert isinstance(place, Place) and place.group
    section.chosen.emit(place)
    library_panel = window.library
    qtbot.waitUntil(lambda: library_panel.items.rowCount() == 20, timeout=LONG)
    assert "20 of 20 here, 20 in the library" in library_panel.found_line.hint.text()
    section.keep(place, place.name)
    qtbot.waitUntil(lambda: len(section.known) == 2, timeout=LONG)
    (kept,) = running.assistant.library.collections()
    assert kept.name == place.name and kept.count == 20
    running.assistant.undo().result(timeout=60)
    qtbot.waitUntil(lambda: len(section.known) == 3, timeout=LONG)
    section.refuse(place)
    qtbot.waitUntil(lambda: len(section.known) == 2, timeout=LONG)
    hidden = running.assistant.library.journal()[0]
    assert hidden.verb == "refuse_group"
    qtbot.waitUntil(lambda: place.name in running.desk.notices.text, timeout=LONG)
    running.assistant.library.mark(1, WHOLE, "a later edit")
    (button,) = running.desk.notices.card.findChildren(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(section.known) == 3, timeout=LONG)
    assert running.assistant.library.details(1).marks, "nothing else was taken back"


def test_with_a_group_open_the_search_box_searches_in_it(qtbot: QtBot, running: Running) -> None:
    window, section, library = running.window, running.window.sidebar.groups, running.window.library
    running.assistant.groups.form().result(timeout=60)
    qtbot.waitUntil(lambda: len(section.known) == 3, timeout=LONG)
    places = [section.list.model().index(row, 0).data(PLACE) for row in range(3)]
    jazz = next(place for place in places if place.name == "jazz")
    box = library.search
    assert not box.scope.isVisible()
    section.chosen.emit(jazz)
    qtbot.waitUntil(lambda: library.items.rowCount() == 20, timeout=LONG)
    members = set(library.items.listing.ids)
    box.ask("song")
    qtbot.waitUntil(lambda: library.answer is not None and library.items.rowCount() == 20, timeout=LONG)
    assert set(library.items.listing.ids) == members
    assert box.scope.isVisible() and box.scope.text() == "jazz"
    assert ("jazz", 20) in window.sidebar.offers()["group"]
    # A choice is as a whole in it.
    box.ask("song OR kind:music")
    qtbot.waitUntil(lambda: library.items.rowCount() == 20, timeout=LONG)
    # What is kept goes by its name, which holds in both languages, and through a new forming of the groups.
    box.ask("song")
    window.gathering.keep_search()
    qtbot.waitUntil(lambda: bool(running.assistant.library.collections()), timeout=LONG)
    (kept,) = running.assistant.library.collections()
    assert kept.query == "song group:jazz"
    for query in (kept.query, "group:爵士", "分组：JAZZ", f"group:{jazz.group}"):
        hits = running.assistant.search(query, 100, is_half_typed=False).result(timeout=60).hits
        assert {hit.item.id for hit in hits} == members, query
    hits = running.assistant.search("song -group:jazz", 100, is_half_typed=False).result(timeout=60).hits
    assert len(hits) == 40 and not members.intersection(hit.item.id for hit in hits)
    none = running.assistant.search("song group:waltz", 100).result(timeout=60)
    assert not none.hits and none.hints[0].code == "query.no_group"
    # What left the library is in no group, though groups were not formed anew since.
    gone = min(members)
    running.assistant.remove_items([gone]).result(timeout=60)
    hits = running.assistant.search("group:jazz", 100).result(timeout=60).hits
    assert {hit.item.id for hit in hits} == members - {gone}
    # The cross leads to the same words everywhere, by mouse and by keyboard.
    assert "jazz" in box.scope.accessibleName()
    box.scope.setFocus()
    QTest.keyClick(box.scope, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: library.items.rowCount() == 59, timeout=LONG)
    assert box.text == "song" and not box.scope.isVisible() and box.field.hasFocus()


def test_whatever_narrows_a_search_is_said_in_the_box(qtbot: QtBot, running: Running) -> None:
    window, box = running.window, running.window.library.search
    running.desk.words.speak("zh_CN")
    qtbot.waitUntil(lambda: running.window.sidebar.tags.model().rowCount() == 3, timeout=LONG)
    tag = running.window.sidebar.tags.model().index(0, 0).data(PLACE)
    for place, said in (
        (Place(kind=Kind.MUSIC), "音频"),
        (Place(collection=7, name="夜晚"), "夜晚"),
        (Place(folder="/media/ann/Songs"), "Songs"),
        (tag, tag.name),
        (Place(is_recent=True), ""),
        (Place(), ""),
    ):
        window.go(place)
        assert (box.scope.text(), box.scope.isVisible()) == (said, bool(said))
    window.go(Place(kind=Kind.MUSIC))
    running.desk.words.speak("en")
    assert box.scope.text() == "Audio"


def test_a_mix_plays_to_its_end_past_what_cannot_be_played(
    qtbot: QtBot, home: object, tmp_path: Path, open_window: Opener
) -> None:
    running = open_window()
    window, library, playback = running.window, running.assistant.library, running.window.playback
    files = [make_sound(tmp_path / f"{name}.flac", seconds=0.5 + number / 10) for number, name in enumerate("abcde")]
    ids = [bring_in(qtbot, running, file) for file in files]
    gone, unmeasured = ids[1], ids[2]
    files[1].unlink()
    running.desk.events.take_changes(library.mark_missing([str(files[1])]))
    items = {item.id: item for item in library.items(ids)}
    library.set_facts(unmeasured, items[unmeasured].facts._replace(duration_ms=0))
    window.go(Place("mix"))
    panel = window.page("mix")
    assert isinstance(panel, MixPanel)
    panel._seeds = tuple(ids)
    panel._take(Mix(tuple(MixStep(item, 0.0, "", "", ()) for item in library.items(ids))), 0)
    assert [step.item.id for step in panel.mix.steps] == ids
    playback.load(items[ids[4]])  # something waits to be played that was shown before
    played: list[int] = []
    playback.loaded.connect(lambda: played.append(playback.item.id) if playback.item is not None else None)
    panel.play(0)
    qtbot.waitUntil(lambda: played == [ids[0], *ids[2:]], timeout=4 * LONG)
    assert gone not in played and "“b” cannot be played" in running.desk.notices.text
    qtbot.waitUntil(lambda: not playback.is_playing, timeout=LONG)
    # Whoever turns to something else is not taken back to the mix.
    panel.play(2)
    qtbot.waitUntil(lambda: playback.item is not None and playback.item.id == ids[2], timeout=LONG)
    ended: list[int] = []
    playback.ended.connect(lambda: ended.append(playback.item.id if playback.item is not None else 0))
    window.open_item(ids[0], play_ms=0)
    qtbot.waitUntil(lambda: ids[0] in ended, timeout=LONG)
    qtbot.wait(50)
    assert playback.item is not None and playback.item.id == ids[0]
