"""Whether tagging disturbs what plays: the pictures of a film that come to the screen, alone and while workers analyse.

A 1080p film is played for some seconds through Qt (H.264) and through our own decoding (AV1): first alone, then while the
program analyses other 1080p films as it does when something plays, then at full speed as it does when told not to step
back. Every picture carries its number, so each one that is missing is counted, and how long one stood still is timed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import itertools

from bench_seek import RATE, film, number_of
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage

from media_assistant.assistant import Assistant
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.media.probe import examine
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.startup.app import prepare_application

PLAYED_S, FILMS = 6.0, 8
ANALYSERS = ("preview", "shots", "pictures", "writing")


class Watcher:
    """Notes the number of each picture and when it came."""

    def __init__(self, playback: Playback) -> None:
        self.came: list[tuple[int, float]] = []
        playback.framed.connect(self._take)

    def _take(self, image: QImage) -> None:
        self.came.append((number_of(image), time.perf_counter()))


def live(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def play(assistant: Assistant, path: Path) -> dict[str, object]:
    playback = Playback(lambda: assistant.playing.streams)
    watcher = Watcher(playback)
    playback.set_muted(is_muted=True)
    playback.fit(1280, 720)
    playback.load(Item(1, Kind.VIDEO, str(path), path.name, path.stat().st_size, "", examine(path, Kind.VIDEO).facts))
    while not watcher.came:
        live(0.1)
    live(0.5)
    watcher.came.clear()
    assistant.set_playing(is_playing=True).result(10)
    playback.play()
    live(PLAYED_S)
    restraint = assistant.progress().restraint
    playback.pause()
    assistant.set_playing(is_playing=False).result(10)
    way = "own decoding" if playback.is_own else "Qt"
    playback.close()
    numbers = [number for number, _ in watcher.came]
    times = [at for _, at in watcher.came]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    expected = numbers[-1] - numbers[0] + 1
    return {
        "way": way,
        "restraint": restraint,
        "pictures": len(set(numbers)),
        "of": expected,
        "in_order": numbers == sorted(numbers),
        "speed": round(expected / RATE / (times[-1] - times[0]), 3),
        "longest_still_ms": round(1000 * max(gaps)),
    }


def main() -> None:
    prepare_application()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["MEDIA_ASSISTANT_HOME"] = str(folder / "home")
        films = {codec: film(folder, codec) for codec in ("h264", "av1")}
        others = folder / "others"
        others.mkdir()
        for at in range(FILMS):
            copy = Path(shutil.copy(films["h264"], others / f"{at}.mp4"))
            with copy.open("ab") as end:
                end.write(b" " * (at + 1))
        settings = Settings()
        assistant = Assistant.open(find_paths(), settings)
        ids = assistant.import_paths([others], analyse=False).result(120).added
        for codec, path in films.items():
            for what in ("alone", "analysing, stepped back", "analysing, full speed"):
                assistant.set_settings(settings._replace(slow_while_playing=what != "analysing, full speed")).result(10)
                if what != "alone":
                    assistant.analyse(ids, ANALYSERS, redo=True).result(60)
                    live(1.5)
                line = {
                    "bench": f"playing 1080p {codec}",
                    "what": what,
                    **play(assistant, path),
                    "load": round(os.getloadavg()[0], 1),
                    "command": "python3 build/dev.py bench playing",
                }
                print(json.dumps(line), flush=True)
                assistant.cancel(ids).result(60)
        assistant.close()


if __name__ == "__main__":
    main()
