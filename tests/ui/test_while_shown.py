"""A page that is open while something changes: the language, the theme, the library, what a file holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TextSpan
from media_assistant.sentences import say
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.folder_search import FolderSearch
from media_assistant.ui.widgets.player.text_reader import TextReader
from tests.library.making import DOG, label, new_item

Opener = Callable[..., Running]
LONG = 20_000


def passage(page: int, start: int, words: str) -> Moment:
    return Moment(TextSpan(page, start, start + len(words)), Sense.WRITTEN, Layer.LINE, text=words)


def test_what_is_searched_for_is_marked_behind_an_emoji_too(qtbot: QtBot, open_window: Opener) -> None:
    desk = open_window(works=False).desk
    reader = TextReader(desk.look, desk.words)
    qtbot.addWidget(reader)
    reader.show_text([passage(1, 0, "🌊 The tide 🐚, 𠮷 and the tides")], ("tide", "𠮷"))
    assert [mark.cursor.selectedText() for mark in reader.extraSelections()] == ["tide", "𠮷", "tides"]


def test_a_text_is_looked_through_once_for_what_is_searched(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    find = Marker.find

    def note(self: Marker, text: str) -> Iterator[tuple[int, int]]:
        looked.append(text)
        return find(self, text)

    monkeypatch.setattr(Marker, "find", note)
    desk = open_window(works=False).desk
    reader = TextReader(desk.look, desk.words)
    qtbot.addWidget(reader)
    lines = [passage(1, at * 100, f"a wave, number {at}") for at in range(50)]
    reader.show_text(lines, ("wave",))
    assert len(reader.extraSelections()) == 50 and len(looked) == 1
    for line in lines[:5]:
        assert isinstance(line.span, TextSpan)
        reader.show_moment(line.span)
        assert len(reader.extraSelections()) == 51
    assert len(looked) == 1
    reader.show_text(lines, ("number",))
    assert len(looked) == 2 and len(reader.extraSelections()) >= 50


def test_who_reads_stays_at_the_passage(qtbot: QtBot, open_window: Opener) -> None:
    desk = open_window(works=False).desk
    reader = TextReader(desk.look, desk.words)
    qtbot.addWidget(reader)
    reader.resize(600, 400)
    reader.show()
    text = "The tide comes in and the tide goes out, and nobody writes it down. " * 4
    pages = [[passage(page, at * 1000, f"{page} {at} {text}") for at in range(12)] for page in (1, 2)]
    reader.show_text(pages[1], ())
    assert reader.verticalScrollBar().value() == 0
    wanted = pages[1][6].span
    assert isinstance(wanted, TextSpan)
    reader.show_moment(wanted)

    def top() -> int:
        cursor = reader.textCursor()
        cursor.setPosition(reader._places[wanted][0])
        return reader.cursorRect(cursor).top()

    there = top()
    assert 0 < there < 400
    # A passage is found before it and another behind it, and a note is marked.
    reader.show_text((*pages[0], *pages[1], passage(2, 20_000, "the end")), ("tide",))
    assert abs(top() - there) <= 1
    reader.show_text((*pages[0], *pages[1]), (), marked=[wanted])
    assert abs(top() - there) <= 1
    desk.look.wear("light")
    assert abs(top() - there) <= 1
    assert "Page 1" in reader.toPlainText()
    desk.words.speak("zh_CN")
    assert abs(top() - there) <= 1
    assert "Page 1" not in reader.toPlainText()
    assert say("zh_CN", "ui.page", page="1") in reader.toPlainText()
    # Another text begins at its beginning.
    reader.show_text((), ())
    reader.show_text(pages[0], ())
    assert reader.verticalScrollBar().value() == 0


def test_a_page_speaks_the_language_that_is_chosen_while_it_is_open(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    running = open_window(works=False)
    desk, window, library = running.desk, running.window, running.assistant.library
    ids, changes = library.add_items([new_item(number) for number in range(3)])
    for item_id in ids:
        library.save_findings(item_id, "sights", 1, "net", "r", [label(DOG, 0.9, WHOLE)], is_first_chunk=True)
    desk.events.take_changes(changes)
    for place in (Place("foryou"), Place("tags"), Place("review", tag=DOG.id)):
        window.go(place)
    review, tags, for_you = (window.page(name) for name in ("review", "tags", "foryou"))
    qtbot.waitUntil(lambda: review.queue.current is not None, timeout=LONG)
    qtbot.waitUntil(lambda: for_you.verdict.text() == say("en", "ui.foryou.no_verdict"), timeout=LONG)
    search = FolderSearch(desk)
    qtbot.addWidget(search)
    search.say("ui.missing.nothing", folder=str(tmp_path))
    popup = window.library.search.completer.completer.popup()

    desk.words.speak("zh_CN")
    keys = desk.keys.shown("review.accept")
    what = say("zh_CN", "ui.keys.review.accept")
    assert review.accept.toolTip() == say("zh_CN", "ui.review.key", what=what, key=keys)
    shown = {verb: desk.keys.shown(f"review.{verb}") for verb in ("accept", "refuse", "play", "skip", "undo")}
    assert review.hint.text() == say("zh_CN", "ui.review.hint", **shown)
    assert say("zh_CN", "ui.keys.tags.delete") in tags.details.buttons["delete"].toolTip()
    assert for_you.verdict.text() == say("zh_CN", "ui.foryou.no_verdict")
    assert search.answer.text() == say("zh_CN", "ui.missing.nothing", folder=str(tmp_path))
    assert popup.accessibleName() == say("zh_CN", "ui.complete.name")


def test_a_page_is_renewed_while_changes_come_without_a_rest(qtbot: QtBot, open_window: Opener) -> None:
    running = open_window(works=False)
    running.window.go(Place("teach"))
    panel = running.window.page("teach")
    qtbot.waitUntil(panel.isVisible, timeout=LONG)
    qtbot.waitUntil(lambda: not panel._renewal.isActive(), timeout=LONG)
    panel._renewal.setInterval(300)
    renewed: list[bool] = []
    panel._renewal.timeout.connect(lambda: renewed.append(True))
    for _ in range(12):
        running.desk.events.take_changes(LibraryChanges(moments=(1,)))
        qtbot.wait(100)
    assert renewed
