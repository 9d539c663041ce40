"""Bring hostile files in among good ones, let real workers analyse all of it, and judge what became of each."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from media_assistant.assistant import Assistant
from media_assistant.items.item import Item, ItemState, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from tests.e2e.understanding import open_assistant, plainly
from tests.stress.hostile_corpus import Hostile

OURS = {"error.jobs.bug", "error.analysis.fault"}
"""What is said where we are wrong: no file may bring that about."""
KILLED = {"error.jobs.crashed", "error.jobs.memory", "error.jobs.time", "error.jobs.silent"}
_LOOK_EVERY_S = 0.05
_HASHED_WHOLE = 32_000_000


@dataclass
class Outcome:
    """What became of one file: `understood`, `partly` (with a remark), `refused`, `left out`, `beside` or `followed`."""

    hostile: Hostile
    what: str
    says: str = ""
    code: str = ""
    seconds: float = 0.0
    peak_mb: int = 0


@dataclass
class Report:
    """All of it. `faults` are what must not be."""

    outcomes: list[Outcome] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: int = 0
    player: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        """A line a reader: how many, and what became of them."""
        rows: dict[str, Counter[str]] = {}
        for each in self.outcomes:
            rows.setdefault(each.hostile.reader, Counter())[each.what] += 1
        return "\n".join(f"{reader:10} {sum(row.values()):5}  {dict(row)}" for reader, row in rows.items())


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server of this computer's own, and what it was asked: nothing, if all is well."""
    asked: list[str] = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


class Watch:
    """Looks at the workers while they work: which item each has, for how long, and how much memory it took at most."""

    def __init__(self, assistant: Assistant) -> None:
        self._lanes = assistant._queue._lanes
        self.seconds: Counter[int] = Counter()
        self.peaks_mb: dict[int, int] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        before: dict[str, int] = {}
        while not self._is_over.wait(_LOOK_EVERY_S):
            for lane in self._lanes:
                work, pid = lane.in_work, lane.worker.pid
                if work is None or pid is None:
                    continue
                item_id = work.item.id
                self.seconds[item_id] += _LOOK_EVERY_S  # type: ignore[assignment]
                peak = _peak_mb(pid)
                if before.get(lane.name) != item_id:
                    before[lane.name] = item_id
                    with suppress(OSError):
                        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from now on
                self.peaks_mb[item_id] = max(self.peaks_mb.get(item_id, 0), peak)


def _peak_mb(pid: int) -> int:
    """The most that a process has held of the memory since that was last asked to count anew."""
    with suppress(OSError, IndexError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0


def stamps(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Size, time and content of every file: all of it, or of large ones both ends."""
    found = {}
    for top, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = os.path.join(top, name)
            about = os.lstat(path)
            digest = hashlib.blake2b()
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    digest.update(file.read(_HASHED_WHOLE))
                    file.seek(max(0, about.st_size - 1_000_000))
                    digest.update(file.read())
            found[os.fsdecode(path)] = about.st_size, about.st_mtime_ns, digest.hexdigest()
    return found


def scatter(samples: Path, folder: Path) -> dict[str, Path]:
    """The good files, one in each of the hostile folders."""
    folders = sorted(each for each in folder.iterdir() if each.is_dir())
    good = sorted(each for each in samples.iterdir() if each.suffix != ".json")
    return {
        file.name: Path(shutil.copy2(file, folders[number % len(folders)] / f"good {file.name}"))
        for number, file in enumerate(good)
    }


def understanding(assistant: Assistant, places: dict[str, Path]) -> dict[str, Any]:
    """What is known of these files, without what may differ from day to day."""
    known = {}
    for name, place in places.items():
        there = assistant.library.find_by_path(place)
        if there is None:
            known[name] = None
            continue
        details = assistant.library.details(there.item_id)
        known[name] = (
            details.item.kind,
            details.item.state,
            facts_to_plain(details.item.facts),
            sorted((moment.span, moment.text, moment.language) for moment in (*details.lines, *details.shots)),
            sorted((tag.concept.id, round(tag.score, 2)) for tag in details.tags),
            sorted(details.traits),
        )
    return known


def run(
    files: list[Hostile],
    folder: Path,
    home: Path,
    samples: Path,
    *,
    models: tuple[Path, ...] = (),
    patience_s: float = 3600,
    plays: int = 1,
) -> Report:
    """All through the real import and the real workers. `plays`: of what can be played, every so many is played as well."""
    report = Report()
    started = time.monotonic()
    good = scatter(samples, folder)
    alone = _alone(home / "alone", samples, models)
    before = stamps(folder)
    outside = set(os.listdir(folder.parent)) | {"home"}
    assistant = open_assistant(home / "mixed", models)
    try:
        watch = Watch(assistant)
        told = assistant.import_paths([folder]).result(timeout=patience_s)
        assistant.when_idle().result(timeout=patience_s)
        watch.stop()
        counts = assistant.library.job_counts()
        if counts.waiting or counts.running:
            report.faults.append(f"the queue still has {counts}")
        doors = dict((*told.failed, *told.ignored))
        for each in files:
            report.outcomes.append(_judge(assistant, each, doors, watch, report.faults))
        report.peak_mb = max(watch.peaks_mb.values(), default=0)
        limit_mb = assistant.settings.memory_limit_mb
        if report.peak_mb > limit_mb:
            report.faults.append(f"a worker took {report.peak_mb} MB and may take {limit_mb} MB")
        mixed = understanding(assistant, good)
        report.faults += [
            f"{name} was understood otherwise: {alone[name]} {mixed[name]}"
            for name in alone
            if alone[name] != mixed[name]
        ]
        _play(assistant, files, report, plays)
        _check_library(assistant.paths.library, report.faults)
    finally:
        assistant.close()
    after = stamps(folder)
    report.faults += [f"{path} was changed" for path in before if after.get(path) != before[path]]
    report.faults += [f"{path} was written" for path in after if path not in before]
    report.faults += [f"{name} escaped" for name in os.listdir(folder.parent) if name not in outside]
    report.faults += [
        f"{path} escaped" for path in (*folder.parent.rglob("hostile escaped*"), *Path("/tmp").glob("hostile escaped*"))
    ]
    report.seconds = time.monotonic() - started
    return report


def _alone(home: Path, samples: Path, models: tuple[Path, ...]) -> dict[str, Any]:
    places = scatter(samples, _made(home / "files" / "only"))
    assistant = open_assistant(home, models)
    try:
        assistant.import_paths(list(places.values())).result(timeout=60)
        assistant.when_idle().result(timeout=300)
        return understanding(assistant, places)
    finally:
        assistant.close()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder.parent


def _judge(
    assistant: Assistant, hostile: Hostile, doors: dict[str, Sentence], watch: Watch, faults: list[str]
) -> Outcome:
    where = f"{hostile.reader}: {hostile.what}"
    path = hostile.path.with_suffix(".wav") if hostile.reader == "subtitles" else hostile.path
    place = assistant.library.find_by_path(path)
    if place is None:
        said = doors.get(str(path))
        if said is None:
            if hostile.reader not in ("playlist", "place"):
                faults.append(f"{where}: nothing was said of it")
            return Outcome(hostile, "followed")
        return Outcome(hostile, "left out", _said(said, where, faults), said.code)
    item = assistant.library.item(place.item_id)
    assert item is not None
    seconds, peak = round(watch.seconds[item.id], 2), watch.peaks_mb.get(item.id, 0)
    says = _said(item.error, where, faults) if item.error else ""
    if item.state not in (ItemState.READY, ItemState.FAILED):
        faults.append(f"{where}: it is {item.state}")
    if item.state is ItemState.FAILED and not says:
        faults.append(f"{where}: refused without a reason")
    _check_details(assistant, item, hostile, faults)
    what = "refused" if item.state is ItemState.FAILED else "partly" if says else "understood"
    return Outcome(hostile, what, says, item.error.code, seconds, peak)


def _said(sentence: Sentence, where: str, faults: list[str]) -> str:
    if sentence.code in OURS:
        faults.append(f"{where}: {sentence.code}")
    try:
        return plainly(sentence)
    except (AssertionError, KeyError) as fault:
        faults.append(f"{where}: {sentence}: {fault}")
        return str(sentence)


def _check_details(assistant: Assistant, item: Item, hostile: Hostile, faults: list[str]) -> None:
    """What is shown of it can be read, and says what it must and nothing that it must not."""
    details = assistant.library.details(item.id)
    text = "\n".join(line.text for line in details.lines)
    if hostile.finds and hostile.finds not in text:
        faults.append(f"{hostile.reader}: {hostile.what}: {hostile.finds} was not found")
    if hostile.never and hostile.never in text:
        faults.append(f"{hostile.reader}: {hostile.what}: {hostile.never} was taken for text")
    if item.facts.duration_ms and not 0 <= item.facts.duration_ms < 10**12:
        faults.append(f"{hostile.reader}: {hostile.what}: lasts {item.facts.duration_ms} ms")
    for analysis in details.analyses:
        if analysis.error and analysis.error.code in OURS:
            faults.append(f"{hostile.reader}: {hostile.what}: {analysis.analyser}: {analysis.error.code}")
        if analysis.state in ("waiting", "running"):
            faults.append(f"{hostile.reader}: {hostile.what}: {analysis.analyser} is {analysis.state}")


def _play(assistant: Assistant, files: list[Hostile], report: Report, every: int) -> None:
    """The player's own look at what can be played: something comes, or a sentence; and how loud it is over time."""
    playable = []
    for each in files:
        place = assistant.library.find_by_path(each.path)
        item = assistant.library.item(place.item_id) if place else None
        if item is not None and item.kind in (Kind.VIDEO, Kind.MUSIC):
            playable.append((each, item))
    worker = WorkerProcess(Path(assistant.paths.logs) / "worker-peaks.log")
    limits = Limits(memory_mb=2048, time_s=120, silence_s=60)
    try:
        for hostile, item in playable[::every]:
            what = _first_of(assistant, item)
            report.player[what] += 1
            if what == "nothing":
                report.faults.append(f"{hostile.reader}: {hostile.what}: the player waits for ever")
            request = {"do": "peaks", "path": str(item.path), "kind": item.kind.value, "count": 200}
            try:
                for header, _ in worker.request([(request, b"")], limits):
                    if header.get("report"):
                        report.faults.append(f"{hostile.reader}: {hostile.what}: peaks: {header['report'][-400:]}")
            except WorkerDied as died:  # it is started again by the next one, as in the program
                report.player[f"peaks ended: {died.code}"] += 1
    finally:
        worker.close()


def _first_of(assistant: Assistant, item: Item) -> str:
    """What the player hears first: `frame`, `sound`, `ran_out`, `refused`, `died`; `nothing` after a minute."""
    heard: list[str] = []
    came = threading.Event()

    def hear(header: dict[str, Any], _data: bytes) -> None:
        if header["is"] in ("frame", "sound", "ran_out"):
            heard.append(header["is"])
            came.set()

    def fail(sentence: Sentence) -> None:
        heard.append("died" if sentence.code == "error.media.player_died" else "refused")
        plainly(sentence)
        came.set()

    size = item.facts.width or 320, item.facts.height or 180
    stream = assistant.playing.streams.open(Path(item.path), hear, fail, size=size, box=(320, 180))
    came.wait(60)
    stream.close()
    return heard[0] if heard else "nothing"


def _check_library(file: Path, faults: list[str]) -> None:
    with closing(sqlite3.connect(file)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            faults.append("the library's file is not whole")
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            faults.append("the library's rows do not fit together")
