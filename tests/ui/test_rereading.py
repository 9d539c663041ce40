"""One question at a time, a rest in proportion, and an answer in the end however fast things change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.rereading import RESTS, Rereading


class Library:
    """Answers with how often it was asked, as soon as it may; notes when, and how many ask at once."""

    def __init__(self, bridge: JobBridge) -> None:
        self.desk: Any = SimpleNamespace(bridge=bridge)
        self.owner = QObject()
        self.began: list[float] = []
        self.taken: list[int] = []
        self.at_once = self.most_at_once = 0
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.takes_s = 0.0
        self.is_broken = False

    def read(self) -> int:
        self.began.append(time.monotonic())
        number = len(self.began)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.may_answer.wait(120)
        time.sleep(self.takes_s)
        self.at_once -= 1
        if self.is_broken:
            raise OSError(f"number {number}")
        return number

    def rereading(self, question: Callable[[], Callable[[], int] | None] | None = None, **more: Any) -> Rereading[int]:
        return Rereading(self.desk, self.owner, question or (lambda: self.read), self.taken.append, **more)


def test_whatever_changes_meanwhile_one_is_asked_and_once_more_after_a_rest(bridge: JobBridge, qtbot: QtBot) -> None:
    library = Library(bridge)
    library.may_answer.clear()
    rereading = library.rereading()
    for _ in range(20):
        rereading.want()
        qtbot.wait(5)
    qtbot.waitUntil(lambda: bool(library.began), timeout=20_000)
    assert len(library.began) == 1
    qtbot.wait(100)
    library.may_answer.set()
    qtbot.waitUntil(lambda: library.taken == [1, 2] and rereading.is_at_rest, timeout=20_000)
    took_s = 0.1
    assert library.began[1] - library.began[0] >= (1 + RESTS) * took_s
    assert library.most_at_once == 1


def test_what_the_window_is_late_by_is_not_rested_for(bridge: JobBridge) -> None:
    library, around_ms = Library(bridge), list[float]()

    def read_and_come_late(question: Callable[[], int], come: Callable[[int], None], **_more: object) -> None:
        began = time.monotonic()
        answer = question()
        around_ms.append((time.monotonic() - began) * 1000)
        time.sleep(0.3)
        come(answer)

    rereading = library.rereading(read=read_and_come_late)
    rereading.now()
    rereading.want()
    assert library.taken == [1] and not rereading.is_at_rest
    assert rereading._timer.remainingTime() <= RESTS * (around_ms[0] + 1)


def test_a_person_waits_for_no_rest(bridge: JobBridge, qtbot: QtBot) -> None:
    library = Library(bridge)
    library.may_answer.clear()
    rereading = library.rereading(gathers_ms=60_000)
    rereading.now()
    rereading.want()
    rereading.now()
    library.may_answer.set()
    qtbot.waitUntil(lambda: library.taken == [1, 2], timeout=20_000)
    rereading.want()
    assert not rereading.is_at_rest
    rereading.now()
    qtbot.waitUntil(lambda: library.taken == [1, 2, 3] and rereading.is_at_rest, timeout=20_000)
    assert library.most_at_once == 1


def test_of_something_else_no_answer_is_taken(bridge: JobBridge, qtbot: QtBot) -> None:
    library = Library(bridge)
    library.may_answer.clear()
    rereading = library.rereading()
    rereading.now()
    rereading.drop()
    rereading.now()
    library.may_answer.set()
    qtbot.waitUntil(lambda: rereading.is_at_rest and bool(library.taken), timeout=20_000)
    assert library.taken == [2]


def test_changes_faster_than_the_rest_are_seen(bridge: JobBridge, qtbot: QtBot) -> None:
    library = Library(bridge)
    library.takes_s = 0.05
    rereading = library.rereading(gathers_ms=20)
    changing = QTimer(library.owner)
    changing.timeout.connect(rereading.want)
    changing.start(10)
    qtbot.waitUntil(lambda: len(library.taken) >= 3, timeout=20_000)
    changing.stop()
    assert library.most_at_once == 1


def test_after_a_fault_the_next_change_asks_again(bridge: JobBridge, qtbot: QtBot) -> None:
    library, failed = Library(bridge), list[BaseException]()
    library.is_broken = True
    rereading = library.rereading(failed=failed.append)
    rereading.now()
    qtbot.waitUntil(lambda: bool(failed), timeout=20_000)
    assert rereading.is_at_rest
    library.is_broken = False
    rereading.want()
    qtbot.waitUntil(lambda: library.taken == [2], timeout=20_000)


def test_nothing_is_asked_where_nothing_is_to_be_known(bridge: JobBridge, qtbot: QtBot) -> None:
    library, is_seen = Library(bridge), list[bool]()
    rereading = library.rereading(lambda: library.read if is_seen else None)
    rereading.want()
    qtbot.waitUntil(lambda: rereading.is_at_rest, timeout=20_000)
    rereading.now()
    assert not library.began
    is_seen.append(True)
    rereading.now()
    qtbot.waitUntil(lambda: library.taken == [1], timeout=20_000)
