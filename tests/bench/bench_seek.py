"""From a click on a moment to its picture on the screen, 1080p: Qt's player with H.264, our own decoding with AV1.

Both films have a key frame every two seconds, pictures that move everywhere, and their number painted in. A click is
counted from the moment's being sought to the first picture that carries the right number; the window shows 1280×720 of it.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.media.probe import examine
from media_assistant.ui.look.theme import Look
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.widgets.player.video_surface import VideoSurface
from media_assistant.workflows.playback.streaming import Streams
from tests.films import draw_number, make_film, read_number

RATE, SECONDS, GOP = 30, 10, 60
CLICKS = 60
LONGEST_S = 5.0
OPTIONS = {"h264": {"preset": "veryfast", "crf": "23"}, "av1": {"preset": "8", "crf": "20"}}


@lru_cache(maxsize=1)
def moving() -> NDArray[np.uint8]:
    """`[2160, 3840, 3]` of soft noise for the film to wander over."""
    from PIL import Image

    noise = np.random.default_rng(1).normal(128, 40, (270, 480, 3)).clip(0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(noise).resize((3840, 2160), Image.Resampling.BICUBIC))


def draw(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """One picture: its number over a piece of the noise. A function of the module, for the AV1 encoder's own process."""
    x, y = number * 4 % 1900, number * 2 % 1000
    picture = moving()[y : y + height, x : x + width].copy()
    picture[: height // 3] = draw_number(number, width, height)[: height // 3]
    return picture


def film(folder: Path, codec: str) -> Path:
    path = folder / f"{codec}.mp4"
    return make_film(
        path, codec, seconds=SECONDS, rate=RATE, width=1920, height=1080, gop=GOP, draw=draw, options=OPTIONS[codec]
    )


class Clicker:
    """Seeks, and waits for the picture that belongs there to be on the surface."""

    def __init__(self, playback: Playback, surface: VideoSurface) -> None:
        self.playback = playback
        self.surface = surface
        self.wanted = -1
        self.came = 0.0
        self.loop = QEventLoop()
        self.patience = QTimer()
        self.patience.setSingleShot(True)
        self.patience.setInterval(round(1000 * LONGEST_S))
        self.patience.timeout.connect(self.loop.quit)
        playback.framed.connect(self._take)

    def _take(self, _image: QImage) -> None:
        if self.came:
            return
        at = time.perf_counter()
        if number_of(self.surface.frame) == self.wanted:
            self.came = at
            self.loop.quit()

    def wait(self) -> None:
        self.patience.start()
        self.loop.exec()
        self.patience.stop()

    def click(self, ms: int) -> float:
        self.wanted, self.came = (ms * RATE + RATE // 2) // 1000, 0.0  # times are whole milliseconds, rounded
        began = time.perf_counter()
        self.playback.seek(ms)
        if not self.came:
            self.wait()
        return (self.came or began + LONGEST_S) - began


def number_of(image: QImage) -> int:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return read_number(rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3))


def measure(path: Path, folder: Path) -> dict[str, object]:
    streams = Streams(folder)
    playback = Playback(lambda: streams)
    surface = VideoSurface(playback, Look(prepare_application(), "dark"))
    surface.resize(1280, 720)
    surface.show()
    probed = examine(path, Kind.VIDEO)
    clicker = Clicker(playback, surface)
    playback.load(Item(1, Kind.VIDEO, str(path), path.name, path.stat().st_size, "", probed.facts))
    clicker.wanted = 0
    clicker.wait()
    draw = random.Random(7)
    clicker.click(1000)
    took = sorted(clicker.click(draw.randrange(0, 1000 * SECONDS - 100)) for _ in range(CLICKS))
    is_own = playback.is_own
    playback.close()
    surface.close()
    streams.close()
    return {
        "way": "own decoding" if is_own else "Qt",
        "p50_ms": round(1000 * statistics.median(took)),
        "p95_ms": round(1000 * took[int(0.95 * len(took))]),
        "max_ms": round(1000 * took[-1]),
        "missed": sum(each >= LONGEST_S for each in took),
    }


def main() -> None:
    prepare_application()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for codec in ("h264", "av1"):
            line = {
                "bench": f"seek to a moment, 1080p {codec}",
                **measure(film(folder, codec), folder),
                "target": "p95 <= 150 ms",
                "clicks": CLICKS,
                "key_frame_every_s": GOP / RATE,
                "load": round(os.getloadavg()[0], 1),
                "command": "python3 build/dev.py bench seek",
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
