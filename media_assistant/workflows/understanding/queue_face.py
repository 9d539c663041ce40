"""What a person asks of the queue: how far it is, in which order, and when it is to rest."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from media_assistant.items.answers import Analysis, InProgress, QueueProgress
from media_assistant.library.library import Library
from media_assistant.workflows.understanding.analysing import Queue

log = logging.getLogger(__name__)


class QueueFace:
    """A part of `Assistant`.

    What fills, empties and orders the queue is done in turn on a thread of its own, for planning a large library takes
    seconds: nothing else that a person asks for waits for that.
    """

    library: Library
    _queue: Queue
    _edits: ThreadPoolExecutor
    _plans: ThreadPoolExecutor
    _progress_feed: list[Callable[[QueueProgress], None]]

    def on_progress(self, callback: Callable[[QueueProgress], None]) -> Callable[[], None]:
        """Call `callback` on a thread of the engine whenever the queue got on, a few times a second at most, until what this
        returns is called.
        """
        self._progress_feed.append(callback)
        return lambda: self._progress_feed.remove(callback)

    def _tell_progress(self, progress: QueueProgress) -> None:
        for callback in tuple(self._progress_feed):
            try:
                callback(progress)
            except Exception:  # the border between the engine and whoever looks on
                log.exception("a listener could not take how far it is")

    def progress(self) -> QueueProgress:
        """How far the queue is, now."""
        return self._queue.progress()

    def pause(self) -> Future[None]:
        """Stop the work at its next checkpoint; also after a restart it stays stopped."""
        return self._edits.submit(self._queue.pause)

    def resume(self) -> Future[None]:
        """Go on."""
        return self._edits.submit(self._queue.resume)

    def cancel(self, item_ids: Sequence[int] | None = None, analysers: Sequence[str] = ()) -> Future[None]:
        """Take these items' (None: all) waiting and running analyses (none named: all) out of the queue; what was found stays."""
        return self._plans.submit(self._queue.cancel, item_ids, analysers)

    def retry(
        self, item_ids: Sequence[int] | None = None, analysers: Sequence[str] = (), *, only_failed: bool = False
    ) -> Future[None]:
        """Try failed and, unless `only_failed`, cancelled analyses again."""
        return self._plans.submit(self._queue.retry, item_ids, analysers, only_failed=only_failed)

    def hold(self, item_id: int, stage: int, *, is_held: bool) -> Future[None]:
        """Hold one stage of an item back, or let it go again; also after a restart."""
        return self._plans.submit(self._queue.hold, item_id, stage, is_held=is_held)

    def move_in_queue(self, item_id: int, stage: int, before: tuple[int, int] | None) -> Future[None]:
        """Do one stage of an item just before that of another one (item and stage), or with None last."""
        return self._plans.submit(self._queue.move, item_id, stage, before)

    def in_progress(self) -> tuple[InProgress, ...]:
        """What each worker does now, how fast and on what. From memory alone: quick on any thread."""
        return self._queue.in_progress()

    def set_playing(self, *, is_playing: bool) -> Future[None]:
        """Something plays: the work steps back for it, if the person has not switched that off."""
        return self._edits.submit(self._queue.set_playing, is_playing=is_playing)

    def understand_first(self, item_ids: Sequence[int]) -> Future[None]:
        """Before everything else."""
        return self._plans.submit(self._queue.first, item_ids)

    def show_in_sight(self, item_ids: Sequence[int]) -> None:
        """These are looked at now: each stage of the work begins with them, after what was asked for first."""
        self._queue.in_sight = tuple(item_ids)

    def analyse(
        self, item_ids: Sequence[int] | None = None, analysers: Sequence[str] = (), *, redo: bool = False
    ) -> Future[int]:
        """Queue what these items (None: all) still lack, or with `redo` all of it anew; gives the number queued."""
        return self._plans.submit(self._queue.plan, item_ids, analysers, redo=redo)

    def redo_analysis(self, item_ids: Sequence[int], analysers: Sequence[str] = ()) -> Future[int]:
        """Analyse again; the old findings stand until the new ones come."""
        return self.analyse(item_ids, analysers, redo=True)

    def jobs(self, states: Sequence[str] = ("waiting", "running", "failed"), limit: int = 1000) -> list[Analysis]:
        """Rows of the queue in the order of work. Quick: read on the caller's thread."""
        return self.library.jobs(states, limit)

    def when_idle(self) -> Future[QueueProgress]:
        """Settled as soon as nothing waits or runs."""
        return self._queue.when_idle()
