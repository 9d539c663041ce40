"""Scrolling 100,000 items: how long a frame takes and how late a 5 ms timer is, idle and while a worker analyses.

The library has pictures, days, 10,000 albums and 9,000 folders; the grid, the grid in groups and the list are scrolled by
a wheel's step at every tick of a 60 Hz timer, the grid also by pages, which shows new pictures all the time. A frame is
the scroll and the whole paint that follows it. For the second half a worker of the program understands real files over
and over. The first argument is how many seconds each is scrolled (15 unless given; 60 is what the target speaks of),
the next ones name looks (`grid`, `pages`, `album`, `list`, `folder`; all unless given), and `alone` or `working` picks a
half. Of the timer's latest ticks it is told how long the window's thread worked since the one before, and how long it
waited for a core that others had (Linux).
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import as_window  # noqa: F401  before Qt and NumPy
import psutil
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter

from media_assistant.assistant import Assistant
from media_assistant.items.item import Captured, DateSource, Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.rubbish import Rubbish
from media_assistant.ui.startup.running import Running

ITEMS = 100_000
PICTURES = 200
FRAME_MS, TICK_MS = 16, 5
SIZE = (1440, 900)
MOST_TOLD = 3
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


class Look(NamedTuple):
    """A way to see the library; `word` picks it."""

    word: str
    name: str
    is_list: bool = False
    group: str = ""
    is_paged: bool = False


LOOKS = (
    Look("grid", "grid"),
    Look("pages", "grid by pages", is_paged=True),
    Look("album", "grid by album", group="album"),
    Look("list", "list", is_list=True),
    Look("folder", "list by folder", is_list=True, group="folder"),
)


def fill(paths: Paths) -> None:
    """Items of every kind whose files are not there, but whose pictures are."""
    kinds = tuple(Kind)
    library = Library.open(paths.library)
    for start in range(0, ITEMS, 5000):
        library.add_items([_item(at, kinds[at % len(kinds)]) for at in range(start, start + 5000)])
    made = paths.library_cache / "pictures"
    made.mkdir(parents=True)
    for at in range(PICTURES):
        picture = QImage(QSize(512, 288), QImage.Format.Format_RGB32)
        picture.fill(QColor.fromHsv(at * 360 // PICTURES, 120, 160))
        painter = QPainter(picture)
        for line in range(0, 512, 9):
            painter.fillRect(line, (line * at) % 288, 7, 90, QColor.fromHsv((at * 7 + line) % 360, 180, 220))
        painter.end()
        picture.save(str(made / f"{at}.jpg"))
    for item_id in library.item_ids():
        folder = paths.library_cache / "previews" / str(item_id)
        folder.mkdir(parents=True)
        os.link(made / f"{item_id % PICTURES}.jpg", folder / "thumbnail")
    library.close()


def _item(at: int, kind: Kind) -> NewItem:
    captured = Captured(f"20{at % 25:02}-{at % 12 + 1:02}-{at % 28 + 1:02}T10:00:00", None, DateSource.EXIF)
    tags = FileTags(album=f"Album {at % 10_000}", artist=f"Artist {at % 400}")
    facts = Facts(duration_ms=at * 10 if at % 2 else 0, tags=tags, captured=captured)
    title = f"石头 {at} 海边" if at % 3 == 0 else f"A film of the sea, number {at}"
    return NewItem(kind, f"/nowhere/{at % 9000:04}/{at:06}.mp4", title, 1000 + at, 1, f"{at:032x}", facts)


class Used(NamedTuple):
    """What the window's thread had until now, in ms: work, and waiting for a core that others had."""

    worked: float
    waited: float


class Clock:
    """Tells `Used` of the thread that makes it, without letting go of Python's lock: looking must not make it late."""

    def __init__(self) -> None:
        self._file = open("/proc/thread-self/schedstat", "rb") if sys.platform == "linux" else None  # noqa: SIM115
        self._read = ctypes.PyDLL(None).pread if self._file is not None else None
        if self._read is not None:
            self._read.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_longlong)
        self._buffer = ctypes.create_string_buffer(64)

    def now(self) -> Used:
        """`waited` is 0 where the system does not tell."""
        waited = 0.0
        if self._read is not None and self._file is not None:
            self._read(self._file.fileno(), self._buffer, len(self._buffer), 0)
            waited = int(self._buffer.value.split()[1]) / 1e6
        return Used(time.thread_time() * 1000, waited)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Late(NamedTuple):
    """A tick: how many ms late, and what of the time since the last one the thread worked and waited for a core."""

    by: float
    worked: float
    waited: float


class Lateness:
    """How late a timer of 5 ms comes."""

    def __init__(self) -> None:
        self.ticks: list[Late] = []
        self._reader = Clock()
        self._used = self._reader.now()
        self._clock = QElapsedTimer()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._reader.close()

    def _tick(self) -> None:
        by, used, before = self._clock.nsecsElapsed() / 1e6 - TICK_MS, self._reader.now(), self._used
        self.ticks.append(Late(max(0.0, by), used.worked - before.worked, used.waited - before.waited))
        self._used = used
        self._clock.restart()


def stolen_ms() -> float:
    """For how long the machine's own host let none of its cores run, until now; 0 where the system does not tell."""
    return psutil.cpu_times().steal * 1000 if sys.platform == "linux" else 0.0


def live(seconds: float, step: Callable[[], None] | None = None) -> tuple[list[float], list[float], list[Late]]:
    """Let the window live, `step` at every frame; gives the frames' ms, what of these the processor worked for them, and
    the timer's lateness.
    """
    frames: list[float] = []
    used_ms: list[float] = []
    loop, ticks, late = QEventLoop(), QTimer(), Lateness()
    ticks.setTimerType(Qt.TimerType.PreciseTimer)
    ticks.setInterval(FRAME_MS)

    def frame() -> None:
        began, used = time.perf_counter(), time.thread_time()
        step()  # type: ignore[misc]
        frames.append((time.perf_counter() - began) * 1000)
        used_ms.append((time.thread_time() - used) * 1000)

    if step is not None:
        ticks.timeout.connect(frame)
        ticks.start()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    late.start()
    loop.exec()
    late.stop()
    ticks.stop()
    return frames, used_ms, late.ticks


def share(values: list[float]) -> dict[str, float]:
    """p50, p99 and the largest."""
    ordered = sorted(values)
    places = {"p50": 0.5, "p99": 0.99}
    found = {name: round(ordered[int(place * (len(ordered) - 1))], 2) for name, place in places.items()}
    return {**found, "max": round(ordered[-1], 2)}


def wait(is_so: Callable[[], bool]) -> None:
    """Until something is so."""
    loop, ticks = QEventLoop(), QTimer()
    ticks.timeout.connect(lambda: loop.quit() if is_so() else None)
    ticks.start(10)
    loop.exec()


def scroll(running: Running, seconds: float, *, page: bool) -> tuple[list[float], list[float], list[Late]]:
    """From where it is downwards, and back at the end."""
    grid = running.window.library.grid
    bar, window = grid.verticalScrollBar(), running.window
    way = [grid.viewport().height() if page else 120]

    def step() -> None:
        if not 0 <= bar.value() + way[0] <= bar.maximum():
            way[0] = -way[0]
        bar.setValue(bar.value() + way[0])
        QCoreApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest)

    return live(seconds, step)


def tell_late(ticks: list[Late], idle: list[Late]) -> dict[str, object]:
    """What a line says of the 5 ms timer."""
    latest = sorted(ticks, reverse=True)[:MOST_TOLD]
    return {
        "timer_late_ms": share([tick.by for tick in ticks]),
        "timer_late_idle_ms": share([tick.by for tick in idle]),
        "late_over_33_ms": sum(tick.by > 33 for tick in ticks),
        "latest_ms": [{name: round(value, 1) for name, value in tick._asdict().items()} for tick in latest],
        "waited_for_a_core_ms": round(sum(tick.waited for tick in ticks)),
    }


def measure(running: Running, seconds: float, wanted: Sequence[str], *, is_working: bool) -> None:
    library = running.window.library
    bar = library.view_bar
    *_, idle = live(min(seconds, 10))
    for look in (look for look in LOOKS if look.word in wanted):
        began = time.perf_counter()
        if bar.state.order.group != look.group:
            bar.group_by(look.group)
            wait(lambda look=look: library.items.listing.grouped_by == look.group)
        grouped_s = time.perf_counter() - began
        bar.show_as(is_list=look.is_list)
        live(0.3)
        stolen = stolen_ms()
        frames, used, ticks = scroll(running, seconds, page=look.is_paged)
        line = {
            "bench": "scroll",
            "look": look.name,
            "is_working": is_working,
            "items": ITEMS,
            "groups": len(library.items.listing.groups),
            "grouped_s": round(grouped_s, 2),
            "frames": len(frames),
            "frame_ms": share(frames),
            "frame_cpu_ms": share(used),
            "over_33_ms": sum(frame > 33 for frame in frames),
            **tell_late(ticks, idle),
            "stolen_from_the_machine_ms": round(stolen_ms() - stolen),
            "target": "frame p99 <= 16.7, max <= 33; timer p99 <= idle + 4, max <= 33",
            "platform": os.environ["QT_QPA_PLATFORM"],
            "load_of_the_machine": round(os.getloadavg()[0], 1),
            "command": f"python3 build/dev.py bench scroll {' '.join(sys.argv[1:])}".strip(),
        }
        print(json.dumps(line, ensure_ascii=False), flush=True)


def keep_working(assistant: Assistant, folder: Path, end: list[bool]) -> None:
    """Real files are understood, and again when they are done."""
    shutil.copytree(SAMPLES, folder)
    report = assistant.import_paths([folder]).result()

    def again(_done: Future[object] | None = None) -> None:
        if not end:
            assistant.redo_analysis(report.added).result()
            assistant.when_idle().add_done_callback(again)

    again()


def main() -> None:
    """Print the JSON lines."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    words = sys.argv[2:]
    wanted = [look.word for look in LOOKS if look.word in words] or [look.word for look in LOOKS]
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEDIA_ASSISTANT_HOME"] = home
        application = prepare_application()
        paths = find_paths()
        fill(paths)
        assistant = Assistant.open(paths, Settings(language="en", theme="dark"), works=False)
        running = Running.whole(application, assistant)
        Rubbish(running.window)  # as the program has it
        running.window.resize(*SIZE)
        running.window.show()
        wait(lambda: running.window.library.items.rowCount() == ITEMS)
        if "working" not in words:
            measure(running, seconds, wanted, is_working=False)
        if "alone" not in words:
            end: list[bool] = []
            assistant._queue.start()
            keep_working(assistant, Path(home) / "films", end)
            measure(running, seconds, wanted, is_working=True)
            end.append(True)
        running.close()
        assistant.close()


if __name__ == "__main__":
    main()
