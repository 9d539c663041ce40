"""Somebody uses the program for hours: does it stay as light and as quick as it was?

    python3 build/dev.py stress soak [--minutes M] [--warm-up M] [--every M] [--seed S] [--media FOLDER] [--models FOLDER]

The real program with its real window: files come and go, are played, searched, corrected, tagged, reviewed and removed at
random by keys and clicks, while the workers understand what came. At first that goes in a hurry, until every page was open
and what is kept for the next time has come to its bound. Then every few minutes everything comes to rest: the library
is again what it was, nothing plays, nothing works. What is read off then (memory, handles, threads, processes, widgets)
must not grow; how late a timer of 5 ms comes is counted all the time. One JSON line for each rest, and one at the end,
which also compares every original with what it was. Exit status 1 where a promise is broken.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from media_assistant import __main__ as program

os.environ.update(program.ENVIRONMENT)
# As the program has it: by itself PySide reads the source of whatever is imported later, and twenty megabytes of lines stay.
program.import_qt()

import psutil
from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.screenshots import let_pass, wait_until
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.shell import Shell
from media_assistant.ui.startup.single import Wish
from tests.conftest import MATERIAL
from tests.stress.soaking.gauges import Lateness, LateShare, Reading, grown, kinds_of_objects
from tests.stress.soaking.person import NotSo, Person

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "resources" / "samples"
PATIENCE_MS = 1_800_000
MOST_GROWTH, MOST_LATE_MS, LEAST_DONE = 0.02, 4.0, 0.95
QUIET_S = 20
COUNTED = ("handles", "threads", "processes", "widgets")
OF_THE_MACHINE = ("qt.multimedia", "qt.qpa", "qt.core.qfuture", "default")


class Faults:
    """What nobody was to see: exceptions in slots and threads, and warnings of Qt's."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        sys.excepthook = self._raised
        threading.excepthook = lambda args: self._note(args.exc_type, args.exc_value)
        qInstallMessageHandler(self._said)

    def _raised(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        self._note(kind, fault)
        sys.__excepthook__(kind, fault, trace)

    def _note(self, kind: type[BaseException], fault: BaseException | None) -> None:
        self.seen[f"{kind.__name__}: {fault}"[:200]] += 1

    def _said(self, kind: QtMsgType, context: Any, message: str) -> None:
        category = getattr(context, "category", None) or ""
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not category.startswith(OF_THE_MACHINE):
            self.seen[f"{category}: {message}"[:200]] += 1


def fingerprints(files: Sequence[Path]) -> dict[Path, tuple[int, int, bytes]]:
    """Size, time of change and content of the originals."""
    return {file: (file.stat().st_size, file.stat().st_mtime_ns, file.read_bytes()) for file in files}


def soak(asked: argparse.Namespace, home: Path) -> int:
    """One long stay; the exit status."""
    dice = random.Random(asked.seed)
    media = Path(shutil.copytree(asked.media, home / "media", ignore=shutil.ignore_patterns("*.json", "*.jsonl")))
    originals = sorted(file for file in media.rglob("*") if file.is_file())
    before = fingerprints(originals)
    new = home / "new"
    new.mkdir()
    faults, application = Faults(), prepare_application()
    threads_at_first = psutil.Process().num_threads()
    shell = Shell(application, find_paths(), Settings(language="en", theme="dark"))
    shell.start(Wish())
    wait_until(lambda: shell.is_whole, longest_ms=60_000)
    shell.window.resize(1440, 900)
    running = shell.opening.running
    assert running is not None
    began = time.monotonic()
    running.assistant.import_paths([media]).result(600)
    idle_future = running.assistant.when_idle()
    wait_until(idle_future.done, longest_ms=PATIENCE_MS)
    items = len(running.assistant.library.item_ids())
    tell("understood", items=items, minutes=round((time.monotonic() - began) / 60, 1))

    late = Lateness()
    person = Person(running, dice, originals, new, late)
    person.forgoes_impossible()
    person.comes_to_rest()
    late.start()
    let_pass(QUIET_S * 1000)
    idle = late.take()
    late.stop()
    person.is_hurried = True
    began = time.monotonic()
    while time.monotonic() - began < asked.warm_up * 60:
        with contextlib.suppress(NotSo):
            person.next_deed()()
    person.is_hurried = False
    person.comes_to_rest()
    late.start()
    late.take()
    began, ends_at, rests_at = time.monotonic(), asked.minutes * 60, asked.every * 60
    whole: LateShare | None = None
    by_deed: dict[str, LateShare] = {}
    readings = [Reading.take(0)]
    kinds_at_first = kinds_of_objects()
    tell("rest", **readings[-1]._asdict())
    done: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    stolen = psutil.cpu_times().steal if sys.platform == "linux" else 0.0
    while time.monotonic() - began < ends_at:
        at_work = None
        while time.monotonic() - began < min(rests_at * len(readings), ends_at):
            deed = person.next_deed()
            try:
                deed()
                done[deed.__name__] += 1
            except NotSo:
                failed[deed.__name__] += 1
            person.thinks()
            share = late.take()
            by_deed[deed.__name__] = share + by_deed[deed.__name__] if deed.__name__ in by_deed else share
            at_work = share if at_work is None else at_work + share
        if at_work is not None:
            whole = at_work if whole is None else whole + at_work
        late.stop()
        person.comes_to_rest()
        readings.append(Reading.take((time.monotonic() - began) / 60))
        tell("rest", **readings[-1]._asdict(), late_ms=at_work.told() if at_work else {}, deeds=sum(done.values()))
        late.start()
        late.take()
    late.stop()
    more = grown(kinds_at_first, kinds_of_objects())
    library_file = running.assistant.paths.library
    person = running = None  # type: ignore[assignment]
    shell.close()
    let_pass(1500)
    left_over = psutil.Process().children(recursive=True)
    broken = verdict(readings, idle.at(0.99), whole.at(0.99) if whole else 0.0, done, failed)
    broken += [f"a fault was seen {count} times: {fault}" for fault, count in faults.seen.items()]
    broken += [f"a process stayed: {child}" for child in left_over]
    broken += [f"an original changed: {file}" for file, was in fingerprints(originals).items() if was != before[file]]
    broken += [] if is_whole(library_file) else ["the library file is damaged"]
    tell(
        "soak",
        minutes=asked.minutes,
        seed=asked.seed,
        items=items,
        deeds=dict(done),
        not_done=dict(failed),
        **growth(readings),
        late_ms=whole.told() if whole else {},
        late_idle_ms=idle.told(),
        late_p99_and_max_ms={name: [share.at(0.99), share.at(1.0)] for name, share in sorted(by_deed.items())},
        threads_at_first_and_end=[threads_at_first, psutil.Process().num_threads()],
        grown_objects=more,
        stolen_from_the_machine_s=round((psutil.cpu_times().steal if sys.platform == "linux" else 0.0) - stolen, 1),
        load_of_the_machine=round(os.getloadavg()[0], 1),
        target="memory <= +2 % after the warm-up, no more handles, threads, processes; p99 <= idle + 4 ms",
        broken=broken,
        command=f"python3 build/dev.py stress soak --minutes {asked.minutes:g} --warm-up {asked.warm_up:g} --seed {asked.seed}",
    )
    return 1 if broken else 0


def growth(readings: Sequence[Reading]) -> dict[str, Any]:
    """From the first third of what was read to the last one, each by its median."""
    third = max(1, len(readings) // 3)
    first, last = readings[:third], readings[-third:]

    def both(name: str) -> tuple[float, float]:
        return statistics.median(getattr(each, name) for each in first), statistics.median(
            getattr(each, name) for each in last
        )

    told = {name: list(both(name)) for name in Reading._fields if name != "minute"}
    grew = {f"{name}_growth": round(told[name][1] / told[name][0] - 1, 4) for name in ("resident", "private")}
    return {**told, **grew}


def verdict(
    readings: Sequence[Reading], idle_ms: float, late_ms: float, done: Counter[str], failed: Counter[str]
) -> list[str]:
    """What of the promises does not hold, in words."""
    told = growth(readings)
    # Resident is what a task manager shows. Private is most of it: what one grows by, the other does, so it is only told.
    broken = [f"memory grew by {told['resident_growth']:.1%}"] if told["resident_growth"] > MOST_GROWTH else []
    # Workers come and go, so what is counted sways by one or two; a leak goes past all that was seen at first.
    most = {name: max(getattr(each, name) for each in readings[: max(1, len(readings) // 3)]) for name in COUNTED}
    broken += [
        f"{name} grew from {most[name]:g} at most to {told[name][1]:g}"
        for name in COUNTED
        if told[name][1] > most[name]
    ]
    if told["connections"][1] > told["threads"][1]:
        broken.append(f"{told['connections'][1]:g} connections to libraries for {told['threads'][1]:g} threads")
    if late_ms > idle_ms + MOST_LATE_MS:
        broken.append(f"the timer was {late_ms} ms late, {idle_ms} when nothing happened")
    if done.total() < LEAST_DONE * (done.total() + failed.total()):
        broken.append(f"{failed.total()} of {done.total() + failed.total()} deeds could not be done: {dict(failed)}")
    return broken


def is_whole(library: Path) -> bool:
    """What SQLite says of the file when the program has ended."""
    import sqlite3

    with sqlite3.connect(library) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def tell(what: str, **more: object) -> None:
    """One JSON line."""
    print(json.dumps({"stress": "soak", "what": what, **more}, ensure_ascii=False), flush=True)


def main(words: Sequence[str]) -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="stress soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--warm-up", type=float, default=15, metavar="M", help="minutes of hurry before them")
    parser.add_argument("--every", type=float, default=5, metavar="M", help="minutes from one rest to the next")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--media", type=Path, default=MATERIAL / "media" if MATERIAL else SAMPLES)
    parser.add_argument("--models", type=Path, default=MATERIAL / "models" if MATERIAL else None)
    asked = parser.parse_args(words)
    faulthandler.enable()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.models is not None:
        os.environ["MEDIA_ASSISTANT_MODELS"] = str(asked.models)
    with tempfile.TemporaryDirectory(prefix="stress-soak-", ignore_cleanup_errors=True) as folder:
        os.environ["MEDIA_ASSISTANT_HOME"] = str(Path(folder) / "home")
        return soak(asked, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
