"""Tells whoever listens what writes have changed, gathered for a moment so that a flood of them is one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from media_assistant.items.changes import LibraryChanges

log = logging.getLogger(__name__)

GATHER_S = 0.05


class Feed:
    """`publish` from any thread; listeners are called on the feed's own thread, one after another."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[LibraryChanges], None]] = []
        self._gathered: list[LibraryChanges] = []
        self._news = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._tell, name="engine-feed", daemon=True)
        self._thread.start()

    def subscribe(self, listener: Callable[[LibraryChanges], None]) -> Callable[[], None]:
        """Returns what ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, changes: LibraryChanges) -> None:
        """Never blocks, never raises."""
        if changes:
            with self._news:
                self._gathered.append(changes)
                self._news.notify()

    def close(self) -> None:
        """Tell what is still untold, then end."""
        with self._news:
            self._is_closed = True
            self._news.notify()
        self._thread.join(5.0)

    def _tell(self) -> None:
        while True:
            with self._news:
                while not self._gathered and not self._is_closed:
                    self._news.wait()
                if not self._is_closed:
                    self._news.wait(GATHER_S)
                gathered, self._gathered = self._gathered, []
                is_last = self._is_closed
            if gathered:
                changes = LibraryChanges.union(gathered)
                for listener in tuple(self._listeners):
                    try:
                        listener(changes)
                    except Exception:  # the border between the engine and whoever listens
                        log.exception("a listener could not take the news")
            if is_last and not self._gathered:
                return
