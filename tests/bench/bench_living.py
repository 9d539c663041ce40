"""The window at work with 100,000 items: what it weighs, and how late a 5 ms timer comes while it does what takes long.

Three things that a person does while they go on looking: 10,000 files are brought in, a query is typed letter by
letter, and a transcript of 20,000 words is opened, scrolled and followed while it plays. Each is told beside the same
timer in the same window when nothing happens. `memory_mb` is the window's process alone, as the system counts what is
resident, and `private_mb` what of it is not the library's file, which SQLite maps and the system takes back when it
needs the room; a bare PySide6 window in a process of its own stands beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
from bench_scroll import ITEMS, SIZE, Late, fill, live, tell_late, wait

from media_assistant.assistant import Assistant
from media_assistant.items.findings import Finding
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.span import TimeSpan
from media_assistant.library.library import NewItem
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.rubbish import Rubbish
from media_assistant.ui.startup.running import Running

FILES = 10_000
WORDS, LINE = 20_000, 8
SPEECH = Source("speech")
QUERIES = ("lighthouse", "a film of the sea", "石头海边", "album number", "said:tide")
BARE = """
import psutil
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(["bare", "-platform", "offscreen"])
window = QMainWindow()
window.resize(1440, 900)
window.show()
application.processEvents()
print(psutil.Process().memory_info().rss)
"""


def tell(what: str, late: list[Late], idle: list[Late], **more: object) -> None:
    """One JSON line."""
    line = {
        "bench": "living",
        "what": what,
        **tell_late(late, idle),
        "target": "p99 <= idle + 4, max <= 33",
        "items": ITEMS,
        "platform": os.environ["QT_QPA_PLATFORM"],
        "load_of_the_machine": round(os.getloadavg()[0], 1),
        **more,
        "command": "python3 build/dev.py bench living",
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def memory() -> dict[str, int]:
    """Of this process, in millions of bytes."""
    used = psutil.Process().memory_full_info()
    return {"memory_mb": round(used.rss / 1e6), "private_mb": round(used.uss / 1e6)}


def while_waiting(is_done: object) -> list[Late]:
    """The timer's lateness until a future is done."""
    late: list[Late] = []
    while not is_done():  # type: ignore[operator]
        late += live(0.25)[2]
    return late


def bring_in(running: Running, folder: Path, idle: list[Late]) -> None:
    """Small texts, for bringing in is what is timed, not reading."""
    folder.mkdir()
    for at in range(FILES):
        (folder / f"note {at:05}.txt").write_text(f"Note {at} about the sea and the light over it, number {at * 7}.")
    report = running.assistant.import_paths([folder], analyse=False)
    late = while_waiting(report.done)
    late += live(1.0)[2]
    tell("bringing 10,000 files in", late, idle, added=len(report.result().added))


def type_queries(running: Running, idle: list[Late]) -> None:
    """A letter every 120 ms, as fast as people type."""
    field = running.window.library.search.field
    field.setFocus()
    late: list[Late] = []
    for query in QUERIES:
        field.clear()
        for at in range(1, len(query) + 1):
            field.setText(query[:at])
            late += live(0.12)[2]
        late += live(0.6)[2]
    field.clear()
    tell("typing", late, idle, letters=sum(map(len, QUERIES)))


def read_transcript(running: Running, film: int, idle: list[Late]) -> None:
    """Opened, scrolled from end to end, then followed line by line as playing does."""
    running.window.library.search.field.clear()
    late: list[Late] = []
    running.window.open_item(film)
    late += live(2.0)[2]
    lines = WORDS // LINE
    for at in range(0, lines, 25):
        running.window.playback.moved.emit(at * 3000)
        late += live(0.02)[2]
    tell("a transcript of 20,000 words", late, idle, lines=lines)
    running.window.close_item()


def add_film(assistant: Assistant) -> int:
    """An item with the transcript."""
    new = NewItem(
        Kind.VIDEO, "/nowhere/long.mp4", "A long film", 9, 1, "f" * 32, Facts(duration_ms=WORDS // LINE * 3000)
    )
    ids, _ = assistant.library.add_items([new])
    findings: list[Finding] = []
    for at in range(WORDS // LINE):
        start = at * 3000
        words = tuple(
            Word(start + each * 350, start + each * 350 + 300, f"word{at * LINE + each}", 0.9) for each in range(LINE)
        )
        text = " ".join(word.text for word in words)
        span = TimeSpan(start, start + 2900)
        findings.append(
            Moment(span, Sense.SAID, Layer.LINE, text=text, score=0.9, language="en", words=words, source=SPEECH)
        )
    assistant.library.save_findings(ids[0], "speech", 1, "", "", findings, is_first_chunk=True)
    return ids[0]


def main() -> None:
    """Print the JSON lines."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["MEDIA_ASSISTANT_HOME"] = home
        application = prepare_application()
        paths = find_paths()
        fill(paths)
        assistant = Assistant.open(paths, Settings(language="en", theme="dark"), works=False)
        film = add_film(assistant)
        running = Running.whole(application, assistant)
        Rubbish(running.window)  # as the program has it
        running.window.resize(*SIZE)
        running.window.show()
        wait(lambda: running.window.library.items.rowCount() > ITEMS)
        idle = live(5)[2]
        bare = int(subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True).stdout)
        tell(
            "nothing",
            live(5)[2],
            idle,
            **memory(),
            bare_window_mb=round(bare / 1e6),
            memory_target="<= 300 MB",
        )
        bring_in(running, Path(home) / "notes", idle)
        type_queries(running, idle)
        read_transcript(running, film, idle)
        tell("nothing, at the end", live(3)[2], idle, **memory())
        running.close()
        assistant.close()


if __name__ == "__main__":
    main()
