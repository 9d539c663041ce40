"""Runs a victim and kills it at a moment: after some time, or at one of the points that its sting counts."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from tests.stress.killing.prepared import Place
from tests.stress.killing.standing import Seen, Witness, require
from tests.stress.killing.steps import Step

ROOT = Path(__file__).resolve().parents[3]
STING = Path(__file__).parent / "sting"
PATIENCE_S = 240.0
_GOODBYE_S = 60.0
"""How long what a killed program has started may take to notice."""
_PR_SET_CHILD_SUBREAPER = 36

By = Literal["time", "commit", "statement", "file", "message", "never"]
Role = Literal["main", "worker"]


@dataclass(frozen=True)
class Moment:
    """When a victim is killed, and what dies with it."""

    by: By = "never"
    at: float = 0.0
    """Seconds (of a worker: of its own life), or the number of the point."""
    tells: bool = False
    """Killed from outside, a little after the point is reached: in the middle of what comes next."""
    delay_s: float = 0.0
    together: bool = False
    """Its workers die at the same moment, as when the power goes."""

    def __str__(self) -> str:
        if self.by == "never":
            return "not at all"
        where = f"{self.at:.3f} s" if self.by == "time" else f"{self.by} {int(self.at)}"
        after = f" + {self.delay_s * 1000:.1f} ms" if self.tells else ""
        return f"at {where}{after}{', with its workers' if self.together else ''}"


@dataclass(frozen=True)
class Outcome:
    """What became of the victim."""

    status: int
    was_struck: bool
    took_s: float
    acknowledged: int
    """Steps of a script that it said were done."""
    points: dict[str, int]
    seen: Seen
    said: str
    """Its last words."""


def adopt_orphans() -> None:
    """What a killed program leaves running becomes this process's child, so that it can be waited for. Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run_victim(command: Sequence[str], place: Place, moment: Moment, role: Role, *, is_watched: bool) -> Outcome:
    """To its end, or to that of its worker and then its own. Raises Broken where a process outlives the program."""
    points = Path(tempfile.mkdtemp(dir=place.folder, prefix="points-"))
    told, tells = os.pipe()
    sting = {
        "role": role,
        "counts": str(points),
        "kind": moment.by,
        "at": int(moment.at) if moment.by not in ("time", "never") else 0,
        "tells": tells if moment.tells else 0,
    }
    environment = {
        **place.environment(),
        "PYTHONPATH": os.pathsep.join((str(STING), str(ROOT))),
        "MEDIA_ASSISTANT_STING": json.dumps(sting),
    }
    witness = Witness(place.library) if is_watched else None
    others = _own_workers()
    started = time.monotonic()
    acknowledged = 0
    with (place.folder / "said.txt").open("ab") as said:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=said,
            pass_fds=[tells] if moment.tells else [],
        )
    os.close(tells)

    def hear() -> None:
        nonlocal acknowledged
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(b"done "):
                acknowledged = int(line.split()[1])

    ear = threading.Thread(target=hear, daemon=True)
    ear.start()
    try:
        was_struck = _strike(process, moment, role, told)
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        _kill_all(process, together=True)
        require(False, f"the program ends within {PATIENCE_S:.0f} s")
    finally:
        os.close(told)
        if process.poll() is None:
            _kill_all(process, together=True)
        process.wait()
    took_s = time.monotonic() - started
    ear.join(PATIENCE_S)
    if process.stdout is not None:
        process.stdout.close()
    seen = witness.stop() if witness is not None else Seen()
    _wait_for_orphans(others)
    counted = {file.name: file.stat().st_size for file in points.iterdir()}
    has_stung = bool(counted.pop("struck", 0))
    was_struck = process.returncode == -signal.SIGKILL if role == "main" else was_struck or has_stung
    words = (place.folder / "said.txt").read_text("utf-8", "replace")[-3000:]
    return Outcome(process.returncode, was_struck, took_s, acknowledged, counted, seen, words)


def _strike(process: subprocess.Popen[bytes], moment: Moment, role: Role, told: int) -> bool:
    """Wait for the moment and kill; False where the victim was sooner, or kills itself."""
    if moment.by == "never" or (moment.by != "time" and not moment.tells):
        return False
    if moment.by != "time":
        # Readable when the point is told, and when nobody is left who could.
        select.select([told], [], [], PATIENCE_S)
        if not os.read(told, 1):
            return False
        time.sleep(moment.delay_s)
        return _kill_all(process, together=moment.together)
    if role == "main":
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment.at)
        return _kill_all(process, together=moment.together)
    worker = _find_worker(process)
    if worker is None:
        return False
    with contextlib.suppress(psutil.Error):
        worker.wait(moment.at)
    try:
        worker.kill()
    except psutil.Error:
        return False
    return True


def _kill_all(process: subprocess.Popen[bytes], *, together: bool) -> bool:
    if process.poll() is not None:
        return False
    others: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        others = psutil.Process(process.pid).children(recursive=True) if together else []
    process.kill()
    for other in others:
        with contextlib.suppress(psutil.Error):
            other.kill()
    return True


def _find_worker(process: subprocess.Popen[bytes]) -> psutil.Process | None:
    """The first one that the program starts; None when it starts none."""
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children():
                if "media_assistant.worker" in child.cmdline():
                    return child
        time.sleep(0.01)
    return None


def _own_workers() -> set[psutil.Process]:
    return {child for child in psutil.Process().children() if _is_worker(child)}


def _wait_for_orphans(others: set[psutil.Process]) -> None:
    """Workers notice that the program is gone, and end; `others` are of somebody else who lives on."""
    left = list(_own_workers() - others)
    _, left = psutil.wait_procs(left, _GOODBYE_S)
    # One that has ended counts as such, whoever is still to be told of it.
    alive = [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    for each in alive:
        with contextlib.suppress(psutil.Error):
            each.send_signal(signal.SIGKILL)
    require(not alive, "the workers end with the program", alive)


def _is_worker(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return "media_assistant.worker" in process.cmdline()
    return False


def scripted(
    place: Place, steps: Sequence[Step], *, is_window: bool, works: bool = True, files: Sequence[Path] = ()
) -> list[str]:
    """The command that runs a script (`tests.stress.killing.scripted`)."""
    file = place.folder / "script.json"
    script = {"steps": steps, "is_window": is_window, "works": works, "files": [str(each) for each in files]}
    file.write_text(json.dumps(script), "utf-8")
    return [sys.executable, "-m", "tests.stress.killing.scripted", str(file)]


def program(*words: str | Path) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "media_assistant", *map(str, words)]
