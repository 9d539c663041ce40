"""How long groups take to form by themselves, and how much memory that takes.

    python3 build/dev.py bench groups [--items N …] [--home FOLDER]

A library of N items (20,000 and 100,000 if not said) as bench foryou builds it: four kinds, vectors of 128 numbers around
forty topics, tags that go with them. Formed from nothing; then, a twentieth of the items having left, carried on; then,
these having come back, carried on again; and looked up as the sidebar (`known`) and the search box (`find`) do. Seconds of
the processor, which a busy computer does not change, of the own process and of the worker, and by the clock; megabytes of
both at their height, each size in a process of its own. `share` is how many of the items are in a group, `kept` how many
groups of the first forming are there with their number after the last, and `same` how many of their members are in the
same one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_foryou import build
from measure import largest_child_mb

from media_assistant.assistant import Assistant
from media_assistant.paths import Paths
from media_assistant.settings import Settings

LEAVES = 20
"""One of so many items leaves, and comes back."""


def used_s(who: int) -> float:
    """Seconds of the processor that were used so far."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


class Bench:
    """One library; the assistant is opened for each step, so that its worker's time can be told."""

    def __init__(self, home: Path, items: int) -> None:
        file = home / f"groups-{items}.sqlite"
        caches = home / f"groups-{items}-caches"
        shutil.rmtree(caches, ignore_errors=True)
        self._paths = Paths(caches / "data", caches / "cache", caches / "config", caches / "logs", file)
        self.worker_mb = 0
        self.line: dict[str, Any] = {"bench": "groups", "items": items}

    def do(self, name: str, change: Callable[[Assistant], object] = lambda _assistant: None) -> dict[int, set[int]]:
        """Form groups after a change; gives the members of each by its number."""
        workers = used_s(resource.RUSAGE_CHILDREN)
        assistant = Assistant.open(self._paths, Settings(), works=False)
        try:
            change(assistant)
            own, start = used_s(resource.RUSAGE_SELF), time.perf_counter()
            assistant.groups.form().result()
            self.line[f"{name}_s"] = round(time.perf_counter() - start, 2)
            self.line[f"{name}_own_cpu_s"] = round(used_s(resource.RUSAGE_SELF) - own, 2)
            self.worker_mb = max(self.worker_mb, largest_child_mb())
            groups = {group.number: set(group.members) for group in assistant.groups.known()}
        finally:
            assistant.close()
        self.line[f"{name}_worker_cpu_s"] = round(used_s(resource.RUSAGE_CHILDREN) - workers, 2)
        return groups

    def look_up(self, number: int) -> None:
        """As the sidebar and the search box do."""
        assistant = Assistant.open(self._paths, Settings(), works=False)
        try:
            for name, look in (("known", assistant.groups.known), ("find", lambda: assistant.groups.find(str(number)))):
                times = []
                for _ in range(5):
                    start = time.thread_time()
                    look()
                    times.append(time.thread_time() - start)
                self.line[f"{name}_ms"] = round(1000 * min(times), 1)
        finally:
            assistant.close()


def measure(home: Path, items: int) -> None:
    """Print the line of one size."""
    bench = Bench(home, items)
    first = bench.do("form")
    bench.do("after_leaving", lambda one: one.remove_items(list(one.library.item_ids())[::LEAVES]).result())
    last = bench.do("after_coming", lambda one: one.undo().result())
    if last:
        bench.look_up(next(iter(last)))
    members = sum(len(each) for each in first.values())
    same = sum(len(each & last.get(number, set())) for number, each in first.items())
    bench.line |= {
        "groups": len(first),
        "share": round(members / items, 3),
        "kept": sum(number in last for number in first),
        "same": round(same / max(1, members), 3),
        "own_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "worker_mb": bench.worker_mb,
    }
    print(json.dumps(bench.line), flush=True)


def main() -> None:
    """Print the JSON lines."""
    asked = argparse.ArgumentParser(prog="bench groups")
    asked.add_argument("--items", type=int, nargs="+", default=[20_000, 100_000])
    asked.add_argument("--home", type=Path, help="where the libraries are kept; a temporary folder if none is")
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        for items in chosen.items:
            file = home / f"groups-{items}.sqlite"
            if not file.exists():
                _run_alone(build, file, items)
            _run_alone(measure, home, items)


def _run_alone(work: Callable[..., None], *arguments: object) -> None:
    """In a process of its own, whose memory is no other's."""
    alone = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    alone.start()
    alone.join()


if __name__ == "__main__":
    main()
