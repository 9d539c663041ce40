"""What the window says of an answer: another spelling, and what was typed alone with one click."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from media_assistant.items.answers import SearchAnswer
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.order import Order
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.ui import asking, collecting, renewing
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from tests.ui.person import Person

Opener = Callable[..., Running]


def test_a_typo_is_searched_for_as_it_was_meant_and_one_click_searches_what_was_typed(
    qtbot: QtBot, open_window: Opener
) -> None:
    running = open_window(works=False)
    library = running.assistant.library
    lines = ("the lighthouse stands on the cliff", "a song of the lighthousf")
    new = [NewItem(Kind.MUSIC, f"/nowhere/{at}", f"n{at}", 9, 1, f"{at:032x}") for at in range(2)]
    ids, changes = library.add_items(new)
    for item_id, text in zip(ids, lines, strict=True):
        said = Moment(TimeSpan(0, 2000), Sense.SAID, Layer.LINE, text=text)
        library.save_findings(item_id, "speech", 1, "", "", [said], is_first_chunk=True)
    running.desk.events.take_changes(changes)
    person = Person(qtbot, running)
    person.waits(lambda: len(person.titles()) == 2)
    panel = running.window.library

    person.asks("lihgthouse")
    person.waits(lambda: person.titles() == ["n0"])
    assert panel.found_line.only_typed.isVisible()
    assert person.sees("lighthouse”")
    person.clicks(panel.found_line.only_typed)
    person.waits(lambda: person.sees("Nothing fits"))
    assert not panel.found_line.only_typed.isVisible()

    person.asks("lighthouse")
    person.waits(lambda: person.titles() == ["n0"])
    assert not panel.found_line.only_typed.isVisible()


def filled(qtbot: QtBot, running: Running, count: int, kind: Kind = Kind.PHOTO) -> Person:
    # Looked for on the disk, they would be found missing: a change more, at a time of the machine's choosing.
    running.window.library.grid.looked_at.disconnect(running.assistant.relinking.check)
    new = [NewItem(kind, f"/nowhere/{at:04}", f"n{at:04}", 9, 1, f"{at:032x}") for at in range(count)]
    running.desk.events.take_changes(running.assistant.library.add_items(new)[1])
    person = Person(qtbot, running)
    person.waits(lambda: running.window.library.items.rowCount() == count)
    return person


def test_typing_is_answered_with_some_and_who_rests_has_all(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 40)
    running = open_window(works=False)
    person, panel = filled(qtbot, running, 150), running.window.library
    shown: list[tuple[int, bool]] = []
    panel.asking.answered.connect(lambda answer: shown.append((len(answer.hits), person.sees("nothing more"))))

    person.asks("kind:photo")
    person.waits(lambda: len(shown) == 2)
    assert shown == [(40, False), (150, True)]
    assert not panel.found_line.more.isVisible(), "nothing fits less well"
    panel.view_bar.state = panel.view_bar.state._replace(found=Order("name", is_descending=True))
    panel._order_changed()
    assert person.titles()[:2] == ["n0149", "n0148"]
    person.presses(Qt.Key.Key_Tab)
    panel.grid.setFocus()
    person.presses(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(panel.grid.selection.chosen) == 150

    # What changes meanwhile does not make it short again.
    shown.clear()
    panel.refresh()
    person.waits(lambda: shown)
    assert shown[0][0] == 150
    person.asks("kind:photo -kind:video")
    person.waits(lambda: len(shown) > 2)
    assert [count for count, _ in shown[1:3]] == [40, 150]


def test_what_takes_long_to_show_is_shown_to_who_goes_to_the_end(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 40)
    monkeypatch.setattr(asking, "MOST_AT_REST", 90)
    running = open_window(works=False)
    person, panel = filled(qtbot, running, 150), running.window.library
    person.asks("kind:photo")
    person.waits(lambda: panel.items.rowCount() == 90)
    qtbot.wait(2 * asking.RESTS_MS)
    assert panel.items.rowCount() == 90
    assert person.sees("more further down")
    bar = panel.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    person.waits(lambda: panel.items.rowCount() == 150)
    assert person.sees("nothing more that fits")
    person.asks("kind:photo -kind:video")
    person.waits(lambda: panel.items.rowCount() == 90)
    panel.view_bar.state = panel.view_bar.state._replace(found=Order("name", is_descending=True))
    panel._order_changed()
    person.waits(lambda: person.titles()[:1] == ["n0149"])

    # Changes that come faster than an answer do not keep it from coming.
    shown: list[int] = []
    panel.asking.answered.connect(lambda answer: shown.append(len(answer.hits)))
    panel.refresh()
    for _ in range(5):
        panel._renewing.renew()
    person.waits(lambda: shown)
    assert shown == [150]
    person.waits(lambda: len(shown) == 2)


@pytest.fixture
def cut(qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Before 150 photos of which a search shows 90 to who does not go to the end."""
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 40)
    monkeypatch.setattr(asking, "MOST_AT_REST", 90)
    person = filled(qtbot, open_window(works=False), 150)
    person.asks("kind:photo")
    person.waits(lambda: person.window.library.items.rowCount() == 90)
    person.window.library.grid.setFocus()
    return person


def test_who_chooses_all_has_also_what_the_limit_kept_back(cut: Person) -> None:
    panel = cut.window.library
    cut.presses(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(panel.grid.selection) == 90
    assert cut.sees("will be selected as they arrive")
    cut.waits(lambda: len(panel.grid.selection) == 150)

    cut.asks("kind:photo -kind:video")
    cut.waits(lambda: panel.items.rowCount() == 90)
    panel.grid.setFocus()
    panel.grid.go_to(20)
    cut.presses(Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    cut.waits(lambda: len(panel.grid.selection) == 130)
    assert panel.grid.selection.current == panel.items.listing.ids[-1]


def test_what_was_chosen_before_stays_chosen_beside_all_to_the_end(cut: Person) -> None:
    panel = cut.window.library
    panel.grid.go_to(3)
    panel.grid.go_to(20, Qt.KeyboardModifier.ControlModifier)
    panel.grid.selection.toggle(panel.items.id_at(20))
    cut.presses(Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
    assert len(panel.grid.selection) == 71
    cut.waits(lambda: len(panel.grid.selection) == 131)
    assert panel.items.id_at(3) in panel.grid.selection


def test_another_choice_or_another_place_is_another_wish(cut: Person) -> None:
    panel = cut.window.library
    cut.presses(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    shown: list[int] = []
    panel.asking.answered.connect(lambda answer: shown.append(len(answer.hits)))
    panel.show_place(Place(kind=Kind.PHOTO))
    cut.waits(lambda: shown[:1] == [40])
    cut.waits(lambda: panel.items.rowCount() == 90)
    assert len(panel.grid.selection) == 90
    cut.presses(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    panel.grid.go_to(3)
    cut.waits(lambda: panel.items.rowCount() == 150)
    assert len(panel.grid.selection) == 1


def test_a_kept_order_is_the_order_of_all_that_fits_in_another_place_too(cut: Person) -> None:
    panel = cut.window.library
    panel.view_bar.sort_by("name")
    panel.view_bar.sort_by("name")
    cut.waits(lambda: cut.titles()[:1] == ["n0149"])
    shown: list[int] = []
    panel.asking.answered.connect(lambda answer: shown.append(len(answer.hits)))
    panel.show_place(Place(kind=Kind.PHOTO))
    cut.waits(lambda: len(shown) == 2)
    assert shown == [40, 150]
    assert cut.titles()[:2] == ["n0149", "n0148"]


def test_that_there_is_more_is_said_beside_what_held_the_search_back(cut: Person) -> None:
    cut.asks("kind:photo OR collection:Nowhere")
    cut.waits(lambda: cut.sees("Nowhere”") and cut.window.library.items.rowCount() == 90)
    assert cut.sees("more further down")


def test_a_library_that_changes_without_rest_does_not_keep_an_answer_short(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_AT_ONCE", 40)
    person = filled(qtbot, open_window(works=False), 150)
    panel = person.window.library
    shown: list[int] = []
    panel.asking.answered.connect(lambda answer: shown.append(len(answer.hits)))
    person.asks("kind:photo")
    person.waits(lambda: shown[:1] == [40])
    changing = QTimer(panel)
    changing.timeout.connect(panel.refresh)
    changing.start(asking.RESTS_MS // 4)
    person.waits(lambda: panel.items.rowCount() == 150)


def test_while_networks_start_the_answer_follows_the_library(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_window(works=False)
    person, panel, assistant = filled(qtbot, running, 3), running.window.library, running.assistant
    really = assistant.search

    def search(query: str, most: int, *, patience_s: float | None, **how: Any) -> Future[SearchAnswer]:
        answered: Future[SearchAnswer] = Future()
        if patience_s is not None:
            answer = really(query, most, patience_s=patience_s, **how).result()
            answered.set_result(replace(answer, hints=(Sentence("search.meaning_starting"),)))
        return answered

    monkeypatch.setattr(assistant, "search", search)
    person.asks("kind:photo")
    person.waits(lambda: panel.asking.is_early and panel.asking.is_under_way)
    gone = panel.items.id_at(0)
    with monkeypatch.context() as patched:
        patched.setattr(renewing, "RENEWED_LATEST_MS", 200_000)  # it goes before the next answer
        running.desk.events.take_changes(assistant.library.remove_items([gone]))
        person.waits(lambda: gone not in panel.items.listing.ids)
    new = NewItem(Kind.PHOTO, "/nowhere/new", "new", 9, 1, "f" * 32)
    running.desk.events.take_changes(assistant.library.add_items([new])[1])
    person.waits(lambda: "new" in person.titles())


def test_a_sense_that_is_switched_off_hides_its_moments_and_not_what_has_none(
    qtbot: QtBot, open_window: Opener
) -> None:
    running = open_window(works=False)
    person, panel = filled(qtbot, running, 2, Kind.VIDEO), running.window.library
    first, second = (panel.items.id_at(row) for row in range(2))
    library = running.assistant.library
    for at in range(12):
        line = Moment(TimeSpan(at * 1000, at * 1000 + 500), Sense.SAID, Layer.LINE, text="the tide")
        library.save_findings(first, f"speech{at}", 1, "", "", [line], is_first_chunk=True)
    sign = Moment(TimeSpan(90_000, 95_000), Sense.WRITTEN, Layer.LINE, text="tide tables, and more than that")
    library.save_findings(first, "writing", 1, "", "", [sign], is_first_chunk=True)
    said = next(chip for chip in panel.search.chips if chip.sense is Sense.SAID)

    person.asks("kind:video")
    person.waits(lambda: panel.answer and len(panel.answer.hits) == 2)
    person.clicks(said)
    qtbot.wait(400)
    assert panel.items.rowCount() == 2, "they fit by their kind"
    assert not person.sees("Nothing fits")
    person.asks("tide")
    person.waits(lambda: panel.answer and [hit.item.id for hit in panel.answer.hits] == [first])
    hit = panel.items.hit(first)
    assert hit is not None
    assert [moment.sense for moment in hit.moments] == [Sense.WRITTEN]
    assert second


def test_a_kept_search_shows_what_it_holds(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    person, panel = filled(qtbot, running, 2, Kind.MUSIC), running.window.library
    library = running.assistant.library
    item_id = panel.items.id_at(0)
    said = Moment(TimeSpan(0, 2000), Sense.SAID, Layer.LINE, text="the lighthouse")
    library.save_findings(item_id, "speech", 1, "", "", [said], is_first_chunk=True)
    person.asks("lighth")
    person.waits(lambda: panel.answer and [hit.item.id for hit in panel.answer.hits] == [item_id])
    panel.search.clear()
    running.desk.events.take_changes(library.create_collection("whole words", "lighth")[1])
    (kept,) = library.collections()
    running.window.go(Place(collection=kept.id, name=kept.name, query=kept.query))
    person.waits(lambda: person.sees("Nothing fits"))
    assert not library.finding.saying("lighth")


def test_the_words_of_a_kept_search_and_of_a_corrected_one_stand_out(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    person, window = filled(qtbot, running, 2, Kind.MUSIC), running.window
    panel, library = window.library, running.assistant.library
    said = Moment(TimeSpan(0, 2000), Sense.SAID, Layer.LINE, text="at the lighthouse")
    library.save_findings(panel.items.id_at(0), "speech", 1, "", "", [said], is_first_chunk=True)
    person.asks("lighthuose")
    person.waits(lambda: panel.answer and panel.answer.corrected)
    assert panel.terms == ("lighthuose", "lighthouse")
    panel.search.clear()
    running.desk.events.take_changes(library.create_collection("towers", "lighthouse")[1])
    (kept,) = library.collections()
    window.go(Place(collection=kept.id, name=kept.name, query=kept.query))
    person.waits(lambda: panel.answer and len(panel.answer.hits) == 1)
    assert panel.terms == panel.grid.canvas._terms == ("lighthouse",)
    panel.grid.setFocus()
    panel.grid.go_to(0)
    assert window.inspector._terms == ("lighthouse",)


def test_a_collection_that_is_renamed_or_deleted_while_it_is_shown(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    person, panel, desk = filled(qtbot, running, 3), running.window.library, running.desk
    library = running.assistant.library
    ids = [panel.items.id_at(row) for row in range(3)]
    desk.events.take_changes(library.create_collection("Sea", item_ids=ids[:2])[1])
    (sea,) = library.collections()
    place = Place(collection=sea.id, name=sea.name)
    running.window.go(place)
    person.waits(lambda: panel.items.rowCount() == 2)
    person.asks("kind:photo")
    person.waits(lambda: panel.answer and len(panel.answer.hits) == 2)
    collecting.rename_collection(desk, place=place, name="Ocean", owner=running.window)
    person.waits(lambda: panel.place.name == "Ocean")
    person.waits(lambda: panel.search.scope.text() == "Ocean")
    person.waits(lambda: panel.answer and len(panel.answer.hits) == 2 and not panel.answer.hints)
    panel.search.clear()
    collecting.delete_collection(desk, place=place, owner=running.window)
    person.waits(lambda: panel.place == Place() and panel.items.rowCount() == 3)
    assert not panel.search.scope.isVisible()
