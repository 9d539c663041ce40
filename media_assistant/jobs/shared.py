"""Memory that two processes share, so that pictures need not go through a pipe."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

_ONE_AT_A_TIME = threading.Lock()


def make_memory(size_bytes: int) -> SharedMemory:
    """New memory; the other process attaches to its `name`. Whoever made it unlinks it as soon as that has happened, so
    that nothing stays behind whichever of the two is killed. Raises OSError when there is no room.
    """
    return _open(None, size_bytes)


def attach_memory(name: str) -> SharedMemory:
    """Memory that another process made. Raises OSError when it is gone."""
    return _open(name, 0)


def unlink_memory(memory: SharedMemory) -> None:
    """Take its name away; it lives until both sides have closed it."""
    with contextlib.suppress(OSError), _untracked():
        memory.unlink()


def _open(name: str | None, size_bytes: int) -> SharedMemory:
    with _untracked():
        return SharedMemory(name, create=name is None, size=size_bytes)


@contextlib.contextmanager
def _untracked() -> Iterator[None]:
    """Keep Python's tracker out of it: it would start a process of its own, and take the memory away from under one side
    when the other ends. (`track=False` came with Python 3.13.)
    """
    with _ONE_AT_A_TIME:
        kept = resource_tracker.register, resource_tracker.unregister
        resource_tracker.register = lambda _name, _kind: None  # type: ignore[assignment]
        resource_tracker.unregister = lambda _name, _kind: None  # type: ignore[assignment]
        try:
            yield
        finally:
            resource_tracker.register, resource_tracker.unregister = kept
