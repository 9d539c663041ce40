"""Duplicates for window and command line: found in the background, decided on by a person."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.duplicates import Group
from media_assistant.jobs.threads import Later, make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.workflows.duplicates.comparing import rounds_of_worker
from media_assistant.workflows.duplicates.duplicate_groups import read_groups
from media_assistant.workflows.duplicates.finding_duplicates import Progress
from media_assistant.workflows.feed import Feed

log = logging.getLogger(__name__)

_GATHER_S, _RESTS = 4.0, 15
"""The delay after an analysis until it is compared, and after a comparison that took long the pause, as a multiple of its
time: an import is compared in a few rounds, and a worker is not started for every file.
"""


class Duplicates:
    """Held by the assistant. Futures are settled on threads of the engine; `progress` is called on one of them."""

    def __init__(
        self,
        library: Library,
        paths: Paths,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        feed: Feed,
        *,
        is_foreground: bool,
    ) -> None:
        """`is_foreground`: a person waits for it, so the worker takes the whole machine."""
        self._library = library
        self._paths = paths
        self._is_gentle = not is_foreground
        self._write = write
        self._feed = feed
        self._work = make_pool(1, "engine-duplicates")
        self._is_closing = threading.Event()
        self._later = Later(self._look)
        self._took_s = 0.0
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """From now on what is analysed is compared by itself."""
        self._unsubscribe = self._feed.subscribe(self._changed)
        self._plan()

    def close(self) -> None:
        """A comparison in work is given up; the rounds of it that were saved stand, and the next one goes on there."""
        self._is_closing.set()
        self._unsubscribe()
        self._later.close()
        self._work.shutdown(wait=True, cancel_futures=True)

    def find(self, progress: Progress = lambda _done, _all: None) -> Future[LibraryChanges]:
        """Compare what was not compared yet, in a worker. What a round of it found is saved and told at once."""

        def work() -> LibraryChanges:
            changes = LibraryChanges()
            if not self._library.uncompared():
                return changes
            started = time.monotonic()
            rounds = rounds_of_worker(self._paths, progress, self._is_closing.is_set, is_gentle=self._is_gentle)
            with suppress(Cancelled), closing(rounds):
                for found in rounds:
                    saved = self._library.save_pairs(found.compared, found.pairs)
                    self._feed.publish(saved)
                    changes |= saved
            self._took_s = time.monotonic() - started
            return changes

        return self._work.submit(work)

    def groups(self) -> list[Group]:
        """On the caller's thread: the groups on which the person has not decided, the surest first."""
        return read_groups(self._library)

    def keep(self, kept: int, others: Sequence[int]) -> Future[LibraryChanges]:
        """Take `others` out of the library for `kept`, which takes over what the person said of them. No file is touched."""
        return self._write(lambda: self._library.keep_item(kept, others))

    def part(self, item_ids: Sequence[int]) -> Future[LibraryChanges]:
        """These are no duplicates of each other; they are never proposed again."""
        return self._write(lambda: self._library.part_items(item_ids))

    def _changed(self, changes: LibraryChanges) -> None:
        if changes.jobs:
            self._plan()

    def _plan(self) -> None:
        self._later.ask(max(_GATHER_S, _RESTS * self._took_s))

    def _look(self) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self.find().add_done_callback(_log_fault)


def _log_fault(future: Future[LibraryChanges]) -> None:
    fault = None if future.cancelled() else future.exception()
    if isinstance(fault, UserFixable):
        log.warning("duplicates were not looked for (%s)", fault.code)
    elif fault is not None:
        log.error("duplicates were not looked for", exc_info=fault)
