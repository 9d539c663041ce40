"""Threads beside the window's, which never keep it waiting for a core."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_NICE = 5


def make_pool(threads: int, name: str) -> ThreadPoolExecutor:
    """A pool whose threads stand behind the one that draws, where the system can tell threads apart (Linux).

    All of them alike: of two that want Python's lock, the one that holds it must not wait for the other's core.
    """
    return ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_stand_behind)


def _stand_behind() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            # To Linux a thread's number is a process's: this one alone steps back.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class UnwaitedPool:
    """A pool for work that may never come back, such as asking a disk that does not answer: nobody waits for it, not even
    the end of the program, which waits for every thread of a `ThreadPoolExecutor`.

    A thread is made when none is free, up to `threads`; so many may hang before the others have to wait.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._most = threads
        self._name = name
        self._told = threading.Condition()
        self._tasks: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._made = 0
        self._free = 0
        self._busy = 0
        self._is_closed = False

    def submit(self, work: Callable[..., Answer], /, *arguments: Any, **named: Any) -> Future[Answer]:
        """As of a `ThreadPoolExecutor`. Raises RuntimeError after `close`."""
        future: Future[Answer] = Future()
        with self._told:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            self._tasks.append((future, partial(work, *arguments, **named)))
            if len(self._tasks) > self._free and self._made < self._most:
                self._made += 1
                name = f"{self._name}_{self._made}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
            else:
                self._told.notify()
        return future

    def close(self, patience_s: float = 0.0) -> None:
        """So long it is waited for what was asked for. Then what has not begun is cancelled; what has is left to itself."""
        end = time.monotonic() + patience_s
        with self._told:
            self._is_closed = True
            while (self._tasks or self._busy) and (left_s := end - time.monotonic()) > 0:
                self._told.wait(left_s)
            left = list(self._tasks)
            self._tasks.clear()
            self._told.notify_all()
        for future, _ in left:
            future.cancel()

    def _work(self) -> None:
        _stand_behind()
        while (task := self._next()) is not None:
            future, work = task
            if future.set_running_or_notify_cancel():
                try:
                    answer = work()
                except BaseException as fault:  # noqa: BLE001 - whoever waits hears of all of it
                    future.set_exception(fault)
                else:
                    future.set_result(answer)
                    del answer
            # Whoever waits for the next task holds nothing of the last one.
            del future, work, task
            with self._told:
                self._busy -= 1
                if self._is_closed:
                    self._told.notify_all()

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._told:
            self._free += 1
            while not self._tasks and not self._is_closed:
                self._told.wait()
            self._free -= 1
            if not self._tasks:
                return None
            self._busy += 1
            return self._tasks.popleft()


class Later:
    """Does something on a thread of its own, a while after it was asked for; that thread is there only while it waits.

    Asked again meanwhile it stays with the first time, or is put off to the last one.
    """

    def __init__(self, act: Callable[[], object], *, is_put_off: bool = False) -> None:
        """`act` only hands on what is to be done, or does it: nobody hears what it raises."""
        self._act = act
        self._is_put_off = is_put_off
        self._told = threading.Condition()
        self._due: float | None = None
        self._is_closed = False

    def ask(self, wait_s: float) -> None:
        """In so many seconds; from any thread, and cheap however often. Nothing after `close`."""
        with self._told:
            if self._is_closed or (self._due is not None and not self._is_put_off):
                return
            waits = self._due is not None
            self._due = time.monotonic() + wait_s
            if not waits:
                threading.Thread(target=self._wait, name="later", daemon=True).start()

    def close(self) -> None:
        """What is due is not done any more; what has begun is not waited for."""
        with self._told:
            self._is_closed = True
            self._told.notify_all()

    def _wait(self) -> None:
        with self._told:
            while not self._is_closed and self._due is not None and (left := self._due - time.monotonic()) > 0:
                self._told.wait(left)
            self._due = None
            if self._is_closed:
                return
        self._act()
