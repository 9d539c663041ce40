"""What is asked of the library again and again while it changes, without ever keeping the readers from anybody else."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from media_assistant.ui import actions
from media_assistant.ui.awaited import Awaited
from media_assistant.ui.desk import Desk

RESTS = 4
"""So many times as long as an answer took nothing is asked, unless a person does."""
Answer = TypeVar("Answer")


class Timed(Generic[Answer]):
    """A question that knows how long its answer took by itself: what the window is late by, as while it starts, is no work of
    the readers, and nobody is to rest for it.
    """

    def __init__(self, question: Callable[[], Answer]) -> None:
        self._question = question
        self.took_ms = 0

    def __call__(self) -> Answer:
        """On a reader thread."""
        began = time.monotonic()
        try:
            return self._question()
        finally:
            self.took_ms = round((time.monotonic() - began) * 1000)


class Rereading(Generic[Answer]):
    """One question at a time, and after each answer a rest in proportion.

        self._rereading = Rereading(desk, self, self._question, self._take, gathers_ms=RENEWS_MS)
        self._rereading.now()   # a person asks
        self._rereading.want()  # something has changed

    `question` is called on the main thread and gives what a reader is to be asked, or None if nothing is to be known just
    now; then whoever gave it asks again when that changes. Changes are gathered for `gathers_ms` at least. `read` is how
    the bridge asks. A fault is shown, unless there is a `failed` for it.
    """

    def __init__(
        self,
        desk: Desk,
        owner: QObject,
        question: Callable[[], Callable[[], Answer] | None],
        take: Callable[[Answer], object],
        *,
        gathers_ms: int = 0,
        read: Callable[..., Any] | None = None,
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        self._desk, self._owner = desk, owner
        self._question = question
        self._take = take
        self._gathers_ms = gathers_ms
        self._read = read or desk.bridge.read
        self._failed: Callable[[BaseException], object] = failed or partial(_show_fault, desk)
        self._awaited = Awaited()
        self._is_reading = self._is_stale = self._is_urgent = False
        self._took_ms = 0
        self._rested = QElapsedTimer()
        self._rested.start()
        self._timer = QTimer(owner)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being asked, nor will be for what has changed until now."""
        return not self._is_reading and not self._timer.isActive()

    def want(self) -> None:
        """Something has changed: ask once what is being asked is answered, and after a rest."""
        self._is_stale = True
        if not self._is_reading and not self._timer.isActive():
            self._timer.start(max(self._gathers_ms, RESTS * self._took_ms - self._rested.elapsed()))

    def now(self) -> None:
        """A person asks: at once, or as soon as what is being asked is answered."""
        if self._is_reading:
            self._is_stale = self._is_urgent = True
        else:
            self._ask()

    def drop(self) -> None:
        """Something else is to be known from now on: no answer to what was asked until now is taken."""
        self._awaited.drop()

    def _ask(self) -> None:
        self._timer.stop()
        self._is_stale = self._is_urgent = False
        question = self._question()
        if question is None:
            return
        self._is_reading = True
        timed, is_dropped = Timed(question), self._awaited.whether_dropped()

        def come(answer: Answer) -> None:
            self._rest(timed.took_ms)
            if not is_dropped():
                self._take(answer)

        def fail(fault: BaseException) -> None:
            self._rest(timed.took_ms)
            if not is_dropped():
                self._failed(fault)

        self._read(timed, come, owner=self._owner, failed=fail)

    def _rest(self, took_ms: int) -> None:
        """What was asked is answered."""
        self._is_reading, self._took_ms = False, took_ms
        self._rested.start()
        if self._is_urgent:
            self._timer.start(0)
        elif self._is_stale:
            self.want()


def _show_fault(desk: Desk, fault: BaseException) -> None:
    actions.show_fault(desk, fault=fault)
