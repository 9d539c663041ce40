"""What share of the processor a process got of what it could have used: the rest had others.

A figure that is kept must not depend on what else the computer did in the minute in which it was measured.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Turns:
    """Seconds that threads have run, and that they stood in line for a processor."""

    ran_s: float = 0.0
    waited_s: float = 0.0

    def __add__(self, other: Turns) -> Turns:
        return Turns(self.ran_s + other.ran_s, self.waited_s + other.waited_s)

    def since(self, before: Turns) -> float:
        """The share of the time since `before` in which they ran, of that in which they could have (0..1)."""
        ran, waited = max(0.0, self.ran_s - before.ran_s), max(0.0, self.waited_s - before.waited_s)
        return ran / (ran + waited) if ran > 0 else 1.0


def turns(pid: int | None, *, without_main: bool = False) -> Turns:
    """Of all threads of a process. `without_main` leaves out its first one, which has a window to show.

    Linux tells it (`/proc/<pid>/task/*/schedstat`, two numbers in nanoseconds); elsewhere it is nothing.
    """
    ran = waited = 0
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            if without_main and task.name == str(pid):
                continue
            with contextlib.suppress(OSError, ValueError, IndexError):
                numbers = (task / "schedstat").read_text("ascii").split()
                ran, waited = ran + int(numbers[0]), waited + int(numbers[1])
    return Turns(ran / 1e9, waited / 1e9)


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work would have taken, had this process had the processor whenever it wanted."""
    before, started = turns(os.getpid()), time.perf_counter()
    work()
    took_s = time.perf_counter() - started
    return took_s * turns(os.getpid()).since(before)
