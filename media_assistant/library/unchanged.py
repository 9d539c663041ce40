"""Answers that hold until somebody writes to the library, for what is asked again with every letter typed."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")


class Unchanged:
    """The last `most` answers. Safe to ask from several threads, each with a connection of its own."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[sqlite3.Connection, int, Any]] = OrderedDict()
        """By connection and question: the state of the library when it was asked, and the answer."""

    def get(
        self, connection: sqlite3.Connection, question: Hashable, read: Callable[[sqlite3.Connection], Value]
    ) -> Value:
        """What `read` gave last through this connection if nobody has written to the library since."""
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        key = id(connection), question
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] is connection and kept[1] == version:
                self._kept.move_to_end(key)
                value: Value = kept[2]
                return value
        value = read(connection)
        with self._lock:
            self._kept[key] = connection, version, value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
