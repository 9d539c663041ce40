"""The one place that knows both threads and Qt: futures come in, callbacks run on the window's thread.

Whatever happens, exactly one of `done` and `failed` is called for each future, on the main thread, unless the owner
is gone by then. What was cancelled calls neither, but `cancelled`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.jobs.threads import UnwaitedPool, make_pool

Answer = TypeVar("Answer")
DISK_READERS = 6
"""So many disks may be asked that do not answer before what lies on others has to wait."""
log = logging.getLogger(__name__)


class JobBridge(QObject):
    """Brings answers of the engine's threads to the window's.

    Signals: `_arrived(object)` is emitted on any thread and handled on the main one.
    """

    _arrived = Signal(object)

    def __init__(self, show_fault: Callable[[BaseException], None], *, readers: int = 2) -> None:
        super().__init__()
        self._show_fault = show_fault
        self._readers = make_pool(readers, "window-reader")
        self._disk_readers = UnwaitedPool(DISK_READERS, "window-disk-reader")
        self.is_closed = False
        """Whether the window is gone: nobody has to ask anything any more."""
        self._arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def when_done(
        self,
        future: Future[Answer],
        done: Callable[[Answer], None],
        *,
        owner: QObject,
        failed: Callable[[BaseException], None] | None = None,
        cancelled: Callable[[], None] = lambda: None,
    ) -> Future[Answer]:
        """Call `done` with the answer on the main thread; faults go to `failed`, or are shown."""

        def settle(finished: Future[Answer]) -> None:
            def deliver() -> None:
                if not shiboken6.isValid(owner):
                    return
                try:
                    fault = finished.exception()
                except CancelledError:
                    cancelled()
                    return
                if fault is None:
                    done(finished.result())
                    return
                if isinstance(fault, Cancelled):
                    cancelled()
                    return
                if not isinstance(fault, UserFixable):
                    log.error("an answer is a fault of ours", exc_info=fault)
                (failed or self._show_fault)(fault)

            self._post(deliver)

        future.add_done_callback(settle)
        return future

    def read(
        self,
        question: Callable[[], Answer],
        done: Callable[[Answer], None],
        *,
        owner: QObject,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Future[Answer]:
        """Ask the library on a reader thread. There are few of them and everything shown comes through them: what asks
        other disks than the library's, or waits for the engine, goes to `read_disk`.
        """
        if self.is_closed:
            return _cancelled()
        return self.when_done(self._readers.submit(question), done, owner=owner, failed=failed)

    def read_disk(
        self,
        question: Callable[[], Answer],
        done: Callable[[Answer], None],
        *,
        owner: QObject,
        failed: Callable[[BaseException], None] | None = None,
    ) -> Future[Answer]:
        """Ask what may take long or never come back (folders, originals), on a thread that nobody waits for."""
        if self.is_closed:
            return _cancelled()
        return self.when_done(self._disk_readers.submit(question), done, owner=owner, failed=failed)

    def on_main(self, call: Callable[..., None]) -> Callable[..., None]:
        """`call`, wrapped so that it may be called on any thread and runs on the main one."""

        def posted(*arguments: Any) -> None:
            self._post(lambda: call(*arguments))

        return posted

    def close(self) -> None:
        """Answers that arrive from now on are dropped. No disk is waited for."""
        self.is_closed = True
        self._disk_readers.close()
        self._readers.shutdown(wait=True, cancel_futures=True)

    def _post(self, call: Callable[[], None]) -> None:
        if not self.is_closed and shiboken6.isValid(self):
            self._arrived.emit(call)

    def _run(self, call: Callable[[], None]) -> None:
        if self.is_closed:
            return
        try:
            call()
        except Exception as fault:  # the border between engine and window: shown, logged, and the window lives on
            log.exception("an answer could not be shown")
            self._show_fault(fault)


def _cancelled() -> Future[Any]:
    future: Future[Any] = Future()
    future.cancel()
    return future
