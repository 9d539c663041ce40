"""What a soak reads off a program that runs for hours; no gauge may itself grow."""

from __future__ import annotations

import gc
import math
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

TICK_MS = 5
_BINS_A_MS, _LONGEST_MS = 20, 2000
_MIB = 1 << 20


class Lateness(QObject):
    """How late a timer of 5 ms comes, counted in steps of a twentieth of a millisecond: hours take no more room than
    seconds. What the trial itself does in the window's thread, `aside`, is no lateness of the program's.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aside_ns, self._is_aside = 0, False
        self._counts = array("Q", bytes(8 * (_BINS_A_MS * _LONGEST_MS + 1)))
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._aside_ns = 0
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Whatever happens in here is taken off the lateness of the next tick; no events may be handled in here."""
        if self._is_aside:
            yield
            return
        self._is_aside, began = True, time.perf_counter_ns()
        try:
            yield
        finally:
            self._is_aside = False
            self._aside_ns += time.perf_counter_ns() - began

    def _tick(self) -> None:
        late_ms = (self._clock.nsecsElapsed() - self._aside_ns) / 1e6 - TICK_MS
        self._aside_ns = 0
        self._clock.restart()
        self._counts[min(max(0, int(late_ms * _BINS_A_MS)), len(self._counts) - 1)] += 1

    def take(self) -> LateShare:
        """What was counted since the last time, which is then forgotten."""
        found = LateShare(self._counts)
        self._counts = array("Q", bytes(8 * len(self._counts)))
        return found


class LateShare:
    """A distribution of lateness; those of several stretches of time can be added."""

    def __init__(self, counts: array[int]) -> None:
        self._counts = counts

    def __add__(self, other: LateShare) -> LateShare:
        return LateShare(array("Q", map(int.__add__, self._counts, other._counts)))

    @property
    def ticks(self) -> int:
        return sum(self._counts)

    def at(self, share: float) -> float:
        """So late at most, in ms, was this share of the ticks; nan where there was none."""
        left = math.ceil(share * self.ticks)
        for place, count in enumerate(self._counts):
            left -= count
            if left <= 0 and count:
                return (place + 1) / _BINS_A_MS
        return math.nan

    def over(self, ms: float) -> int:
        return sum(self._counts[int(ms * _BINS_A_MS) :])

    def told(self) -> dict[str, float]:
        """For a JSON line."""
        return {
            "p50": self.at(0.5),
            "p99": self.at(0.99),
            "max": self.at(1.0),
            "over_33_ms": self.over(33),
            "ticks": self.ticks,
        }


class Reading(NamedTuple):
    """The program at rest. Memory in MiB: `resident` and `private` (resident less what other processes and files on the
    disk could give back) of the window's process, `family` the private memory of the processes it started. `connections` to
    a library are counted apart from the other `handles`: each thread opens its own at its first question and keeps it.
    """

    minute: float
    resident: float
    private: float
    family: float
    handles: int
    connections: int
    threads: int
    processes: int
    widgets: int
    objects: int

    @classmethod
    def take(cls, minute: float) -> Reading:
        """Of this process, now."""
        gc.collect()
        mine = psutil.Process()
        # First of all: to read the other gauges takes memory too.
        resident, private = mine.memory_info().rss, _own_bytes(mine)
        children = mine.children(recursive=True)
        of_libraries = Counter(
            Path(each.path).suffix for each in mine.open_files() if each.path.endswith((".sqlite", ".sqlite-wal"))
        )
        family = 0
        for child in children:
            try:
                family += _own_bytes(child)
            except (psutil.Error, OSError):
                continue  # It ended between the two looks.
        return cls(
            round(minute, 2),
            round(resident / _MIB, 1),
            round(private / _MIB, 1),
            round(family / _MIB, 1),
            (mine.num_fds() if hasattr(mine, "num_fds") else mine.num_handles()) - of_libraries.total(),
            of_libraries[".sqlite"],
            mine.num_threads(),
            len(children),
            len(QApplication.allWidgets()),
            len(gc.get_objects()),
        )


def _own_bytes(process: psutil.Process) -> int:
    """What a process has written and nobody else sees. Pages of a library that it alone has mapped are not counted where the
    system tells them apart: they would come and go with every other Python on the machine.
    """
    if sys.platform == "linux":
        # The kernel's own sum: a list of all mappings would be megabytes in the process that is measured.
        rows = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii").splitlines()
        return next(1024 * int(row.split()[1]) for row in rows if row.startswith("Private_Dirty:"))
    return int(process.memory_full_info().uss)


def kinds_of_objects() -> Counter[str]:
    """How many of each type Python holds, to say what grew."""
    return Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())


def grown(before: Counter[str], after: Counter[str], *, most: int = 12) -> dict[str, int]:
    """The types that became more, most first."""
    more = Counter({name: count - before[name] for name, count in after.items() if count > before[name]})
    return dict(more.most_common(most))
