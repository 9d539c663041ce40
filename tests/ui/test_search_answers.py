"""What the window says of an answer: another spelling, and what was typed alone with one click."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_store import NewItem
from media_assistant.ui.running import Running
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
    assert panel.only_typed.isVisible()
    assert person.sees("lighthouse”")
    person.clicks(panel.only_typed)
    person.waits(lambda: person.sees("Nothing fits"))
    assert not panel.only_typed.isVisible()

    person.asks("lighthouse")
    person.waits(lambda: person.titles() == ["n0"])
    assert not panel.only_typed.isVisible()
