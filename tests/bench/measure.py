"""Times two ways of doing the same in turn, and prints one JSON line: ours, theirs, their ratio and its spread.

The machine's speed drifts, so only pairs measured beside each other are compared; the figure to quote is the median of
the ratios of the pairs. Nothing here fails a build: a benchmark tells, a person judges.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def in_turn(
    ours: Callable[[], object], theirs: Callable[[], object], *, pairs: int = 5, warm_up: bool = True
) -> tuple[list[float], list[float]]:
    """Seconds of each of `pairs` runs of both, A B A B …, after one uncounted run of each."""
    if warm_up:
        ours()
        theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for way, kept in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            way()
            kept.append(time.perf_counter() - start)
    return times


def report(name: str, ours: list[float], theirs: list[float], *, target: str, peer: str, **more: Any) -> float:
    """Print the JSON line and return the median ratio ours / theirs (of time: below 1 is faster)."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ratios)
    line = {
        "bench": name,
        "ours_s": round(statistics.median(ours), 4),
        "theirs_s": round(statistics.median(theirs), 4),
        "peer": peer,
        "ratio": round(ratio, 3),
        "spread": [round(min(ratios), 3), round(max(ratios), 3)],
        "target": target,
        "pairs": len(ratios),
        **more,
        "command": "python3 build/dev.py bench " + sys.argv[0].rsplit("bench_", 1)[-1].removesuffix(".py"),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return ratio


def largest_child_mb() -> int:
    """The memory of the largest of this process's children at its height; 0 where the system does not tell. What it tells
    of children that have ended counts what this process had when it started them.
    """
    found = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            told = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines() if ":" in line)
            if int(told["PPid"]) == os.getpid() and "VmHWM" in told:
                found = max(found, int(told["VmHWM"].split()[0]) >> 10)
    return found
