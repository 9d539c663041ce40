"""The review in the real window: what is taken back in it, and what comes while somebody answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from media_assistant.items.kind import Kind
from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.ui import review_queue
from media_assistant.ui.panels.review_panel import ReviewPanel
from media_assistant.ui.places import Place
from media_assistant.ui.startup.running import Running
from tests.library.making import DOG, label, new_item

Opener = Callable[..., Running]
LONG = 20_000
YES, NO, WAITS = TagState.ACCEPTED, TagState.REJECTED, TagState.SUGGESTED
SHIFT = Qt.KeyboardModifier.ShiftModifier


def add_photos(running: Running, count: int) -> list[int]:
    new = [new_item(number, path=f"/m/{number}", kind=Kind.PHOTO) for number in range(count)]
    return running.assistant.library.add_items(new)[0]


def proposes(running: Running, item_id: int, score: float | None) -> None:
    """What a model says of one item now, in place of what it said before; with None it says nothing any more."""
    found = [] if score is None else [label(DOG, score, WHOLE)]
    library = running.assistant.library
    changes = library.save_findings(item_id, "sights", 1, "net", "r", found, is_first_chunk=True)
    running.desk.events.take_changes(changes)


def open_review(qtbot: QtBot, running: Running) -> ReviewPanel:
    running.window.go(Place("review", tag=DOG.id))
    review = running.window.page("review")
    assert isinstance(review, ReviewPanel)
    qtbot.waitUntil(lambda: review.queue.current is not None, timeout=LONG)
    return review


def states(running: Running) -> list[TagState | None]:
    library = running.assistant.library
    tags = [library.details(item_id).tags for item_id in sorted(library.item_ids())]
    return [next((tag.state for tag in each if tag.concept.id == DOG.id), None) for each in tags]


def asks(review: ReviewPanel, item_id: int) -> bool:
    return review.queue.current is not None and review.queue.current.item_id == item_id


def test_undo_takes_back_what_was_said_of_very_many_at_once_before_what_was_said_earlier(
    qtbot: QtBot, open_window: Opener
) -> None:
    running = open_window(works=False)
    ids = add_photos(running, 6)
    for place, item_id in enumerate(ids):
        proposes(running, item_id, 0.9 - place / 10)
    review = open_review(qtbot, running)
    qtbot.keyClick(review, Qt.Key.Key_A)
    qtbot.keyClick(review, Qt.Key.Key_S)
    qtbot.keyClick(review, Qt.Key.Key_A, SHIFT)
    qtbot.waitUntil(lambda: asks(review, ids[3]), timeout=LONG)
    assert states(running) == [YES, YES, YES, WAITS, WAITS, WAITS]
    qtbot.keyClick(review, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: asks(review, ids[2]), timeout=LONG)
    assert states(running) == [YES, WAITS, WAITS, WAITS, WAITS, WAITS]
    assert review.queue.place == (3, 6)
    qtbot.keyClick(review, Qt.Key.Key_U)
    assert asks(review, ids[1]), "which was passed over"
    qtbot.keyClick(review, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: asks(review, ids[0]), timeout=LONG)
    assert states(running) == [WAITS] * 6
    assert not review.undo.isEnabled()

    qtbot.mouseClick(review.refuse_rest, Qt.MouseButton.LeftButton)
    assert review.undo.isEnabled()
    qtbot.waitUntil(review.end_title.isVisible, timeout=LONG)
    assert states(running) == [NO] * 6
    qtbot.keyClick(review, Qt.Key.Key_U)
    qtbot.waitUntil(lambda: asks(review, ids[0]) and review.queue.place == (1, 6), timeout=LONG)
    assert states(running) == [WAITS] * 6


def test_what_is_proposed_while_somebody_answers_is_asked_too(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_queue, "RENEWS_MS", 1)
    running = open_window(works=False)
    ids = add_photos(running, 4)
    for place, item_id in enumerate(ids[:2]):
        proposes(running, item_id, 0.6 - place / 10)
    review = open_review(qtbot, running)
    qtbot.waitUntil(lambda: review.queue.place == (1, 2), timeout=LONG)
    proposes(running, ids[2], 0.9)
    qtbot.waitUntil(lambda: review.queue.place == (1, 3), timeout=LONG)
    proposes(running, ids[2], None)
    qtbot.waitUntil(lambda: review.queue.place == (1, 2), timeout=LONG)
    proposes(running, ids[2], 0.8)
    qtbot.waitUntil(lambda: review.queue.place == (1, 3), timeout=LONG)
    assert asks(review, ids[0]), "nothing comes between a question and its answer"
    for _ in range(3):
        qtbot.keyClick(review, Qt.Key.Key_A)
    assert review.end_title.isVisible()
    qtbot.waitUntil(lambda: states(running) == [YES, YES, YES, None], timeout=LONG)
    proposes(running, ids[3], 0.7)
    qtbot.waitUntil(lambda: asks(review, ids[3]), timeout=LONG)
    assert review.queue.place == (4, 4) and not review.end_title.isVisible()
    qtbot.keyClick(review, Qt.Key.Key_X)
    assert review.end_title.isVisible() and "3 accepted, 1 refused" in review.end_text.text()
    assert not review.again.isVisible(), "nothing was passed over"


def test_what_becomes_surer_than_what_was_fetched_last_is_asked_at_the_end(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_queue, "PAGE", 4)
    monkeypatch.setattr(review_queue, "AHEAD", 3)
    monkeypatch.setattr(review_queue, "RENEWS_MS", 1)
    running = open_window(works=False)
    ids = add_photos(running, 8)
    for place, item_id in enumerate(ids[:7]):
        proposes(running, item_id, 0.9 - place / 10)
    review = open_review(qtbot, running)
    proposes(running, ids[7], 0.95)
    proposes(running, ids[6], 0.94)

    def all_are_answered() -> bool:
        if review.queue.current is not None:
            review.queue.decide(YES)
        return states(running) == [YES] * 8

    qtbot.waitUntil(all_are_answered, timeout=LONG)
