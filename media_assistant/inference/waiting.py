"""How long a process has waited for its turn on a processor: the share of a duration that others had.

A figure that is kept must not depend on what else the computer did in the minute in which it was measured.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path


def waited_s(pid: int | str, threads: int = 1, *, without_main: bool = False) -> float:
    """Seconds that this process (`"self"` for the caller's) has stood in line, on the average of its working threads.

    `without_main` leaves out its first thread, which has a window to show. Linux tells it (`/proc/<pid>/task/*/schedstat`, second number, nanoseconds); elsewhere it is 0.
    """
    total = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            if without_main and int(task.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text("ascii").split()[1])
    return total / 1e9 / max(1, threads)


def timed(work: Callable[[], object], threads: int = 1) -> float:
    """Seconds that the work took, without those that this process waited for a processor."""
    waited, started = waited_s("self", threads), time.perf_counter()
    work()
    took = time.perf_counter() - started
    return max(took / 20, took - (waited_s("self", threads) - waited))
