"""Two questions to the library at once: SQLite keeps a core busy with each, and Python none meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


class AtOnce:
    """Of one thread, and of another one of `pool`. Within either, one question comes after the other: the pool need have
    no third thread.
    """

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._is_parted = False

    def both(self, one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
        """What both give."""
        if self._is_parted:
            return one(), other()
        self._is_parted = True
        try:
            asking = self._pool.submit(other)
            return one(), asking.result()
        finally:
            self._is_parted = False
