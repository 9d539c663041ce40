"""Threads beside the window's, which never keep it waiting for a core."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

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
