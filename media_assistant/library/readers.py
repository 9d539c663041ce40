"""A library's read-only connections: one for each thread that asks, and what they cache, for as long as they are used."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from weakref import ref

IDLE_S = 20.0
"""A connection that was not asked for as long as this gives back the pages that it holds, up to 16 MB each."""


@dataclass(slots=True, eq=False)
class _Reader:
    thread: threading.Thread
    connection: sqlite3.Connection
    used_at: float
    holds: bool = True
    """Whether it was asked since its pages were given back."""


class Readers:
    """Connections by thread. Safe to use from any thread.

    `open_one` opens a connection that every thread may use; `also_gives_back` is called as often as idle ones are looked
    for. That is done by a thread of its own, which begins with the first connection: one that is busy with a long
    statement keeps whoever looks at it waiting.
    """

    def __init__(self, open_one: Callable[[], sqlite3.Connection], also_gives_back: Callable[[], None]) -> None:
        self._open_one = open_one
        self._also_gives_back = also_gives_back
        self._local = threading.local()
        self._all: list[_Reader] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._keeper: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._all)

    def mine(self) -> sqlite3.Connection:
        """The calling thread's."""
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = _Reader(threading.current_thread(), self._open_one(), time.monotonic())
            self._local.reader = reader
            with self._lock:
                ended = [each for each in self._all if not each.thread.is_alive()]
                self._all = [each for each in self._all if each.thread.is_alive()]
                self._all.append(reader)
                # Where SQLite does not take turns by itself, nobody else may touch a connection.
                if self._keeper is None and sqlite3.threadsafety == 3 and not self._closing.is_set():
                    name = "library-caches"
                    self._keeper = threading.Thread(
                        target=_keep, args=(ref(self), self._closing), name=name, daemon=True
                    )
                    self._keeper.start()
            for each in ended:
                each.connection.close()
        reader.used_at, reader.holds = time.monotonic(), True
        return reader.connection

    def close(self) -> None:
        """Close all of them. None may be asked for afterwards."""
        self._closing.set()
        with self._lock:
            for each in self._all:
                with suppress(sqlite3.Error):
                    each.connection.close()
            self._all.clear()
        if self._keeper is not None:
            self._keeper.join()

    def give_back(self) -> None:
        """Let go of the pages of connections that nobody asks for."""
        idle_since = time.monotonic() - IDLE_S
        with self._lock:
            idle = [each for each in self._all if each.holds and each.used_at < idle_since]
        for each in idle:
            each.holds = False
            with suppress(sqlite3.Error):
                each.connection.execute("PRAGMA shrink_memory")
        if idle:
            self._also_gives_back()


def _keep(of: ref[Readers], closing: threading.Event) -> None:
    """Until they are closed, or nobody holds them any more."""
    while not closing.wait(IDLE_S / 2):
        readers = of()
        if readers is None:
            return
        readers.give_back()
        del readers
