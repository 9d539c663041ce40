"""Scrolling 100,000 items: how long a frame takes and how late a 5 ms timer is, idle and while a worker analyses.

The library has pictures, days, 10,000 albums and 9,000 folders; the grid, the grid in groups and the list are scrolled by
a wheel's step at every tick of a 60 Hz timer, the grid also by pages, which shows new pictures all the time. A frame is the scroll and the whole paint
that follows it. For the second half a worker of the program understands real files over and over. The first argument
is how many seconds each is scrolled (15 unless given; 60 is what the target speaks of).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter

from media_assistant.assistant import Assistant
from media_assistant.items.item import Captured, DateSource, Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from media_assistant.ui.app import prepare_application
from media_assistant.ui.rubbish import Rubbish
from media_assistant.ui.running import Running

ITEMS = 100_000
PICTURES = 200
FRAME_MS, TICK_MS = 16, 5
SIZE = (1440, 900)
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


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


class Lateness:
    """How late a timer of 5 ms comes, in ms."""

    def __init__(self) -> None:
        self.late: list[float] = []
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

    def _tick(self) -> None:
        self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - TICK_MS))
        self._clock.restart()


def live(seconds: float, step: Callable[[], None] | None = None) -> tuple[list[float], list[float], list[float]]:
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
    return frames, used_ms, late.late


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


def scroll(running: Running, seconds: float, *, page: bool) -> tuple[list[float], list[float], list[float]]:
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


def measure(running: Running, seconds: float, *, is_working: bool) -> None:
    library = running.window.library
    bar = library.view_bar
    *_, idle = live(min(seconds, 10))
    looks = (("grid", False, "", False), ("grid by pages", False, "", True), ("grid by album", False, "album", False), ("list", True, "", False), ("list by folder", True, "folder", False))  # fmt: skip
    for name, is_list, group, page in looks:
        began = time.perf_counter()
        if bar.state.order.group != group:
            bar.group_by(group)
            wait(lambda group=group: library.items.listing.grouped_by == group)
        grouped_s = time.perf_counter() - began
        bar.show_as(is_list=is_list)
        live(0.3)
        frames, used, late = scroll(running, seconds, page=page)
        line = {
            "bench": "scroll",
            "look": name,
            "is_working": is_working,
            "items": ITEMS,
            "groups": len(library.items.listing.groups),
            "grouped_s": round(grouped_s, 2),
            "frames": len(frames),
            "frame_ms": share(frames),
            "frame_cpu_ms": share(used),
            "over_33_ms": sum(frame > 33 for frame in frames),
            "timer_late_ms": share(late),
            "timer_late_idle_ms": share(idle),
            "target": "frame p99 <= 16.7, max <= 33; timer p99 <= idle + 4, max <= 33",
            "platform": os.environ["QT_QPA_PLATFORM"],
            "load_of_the_machine": round(os.getloadavg()[0], 1),
            "command": f"python3 build/dev.py bench scroll {seconds:g}",
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
        measure(running, seconds, is_working=False)
        end: list[bool] = []
        assistant._queue.start()
        keep_working(assistant, Path(home) / "films", end)
        measure(running, seconds, is_working=True)
        end.append(True)
        running.close()
        assistant.close()


if __name__ == "__main__":
    main()
