"""The answer to an older question, that came last, is not shown."""

from __future__ import annotations

from concurrent.futures import Future

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from media_assistant.ui.awaited import Awaited
from media_assistant.ui.job_bridge import JobBridge


def test_the_older_of_two_answers_comes_last_and_is_not_taken(bridge: JobBridge, qtbot: QtBot) -> None:
    awaited, taken, failed, owner = Awaited(), [], [], QObject()
    questions: list[Future[str]] = [Future(), Future(), Future()]
    for question in questions[:2]:
        awaited.drop()
        bridge.when_done(question, awaited.only(taken.append), owner=owner, failed=awaited.only(failed.append))
    bridge.when_done(questions[2], lambda _: taken.append("all came"), owner=owner)
    questions[1].set_result("the newer")
    questions[0].set_exception(OSError("the older"))
    questions[2].set_result("")
    qtbot.waitUntil(lambda: "all came" in taken)
    assert taken == ["the newer", "all came"]
    assert not failed


def test_two_questions_may_be_awaited_together_and_are_dropped_together() -> None:
    awaited, taken = Awaited(), []
    one, other = awaited.only(taken.append), awaited.only(taken.append)
    is_dropped = awaited.whether_dropped()
    one(1)
    other(2)
    assert not is_dropped()
    awaited.drop()
    one(3)
    assert taken == [1, 2]
    assert is_dropped()
    assert not awaited.whether_dropped()()
