"""Photos that the window has no reader for, such as HEIC, AVIF, JPEG 2000 and PSD: a worker decodes them, and sends pixels.

The worker's side, and the program's. One worker stays for as long as such photos are looked at; it is started anew when
it dies. Its log has its name from playing: what was opened can be forgotten (see `keeping.remembering`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant.jobs.messages import MAX_DATA
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess

log = logging.getLogger(__name__)

_LIMITS = Limits(time_s=60.0, silence_s=60.0, goodbye_s=0.5)


@dataclass(frozen=True, slots=True)
class Pixels:
    """An upright picture: `rgb` is row after row, without gaps."""

    width: int
    height: int
    rgb: bytes


def answer_photo(request: dict[str, Any], send: Callable[..., None]) -> None:
    """What the worker does: one `size`, then `rows` from the top to the bottom."""
    from PIL import Image

    from media_assistant.media.photo import Photo
    from media_assistant.media.preview import fit

    photo = Photo(Path(request["path"]), [])
    size = width, height = fit(photo.width, photo.height, request["side"])
    image = photo.image(width, height)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    send({"is": "size", "width": width, "height": height})
    rows = MAX_DATA // (3 * width)
    for top in range(0, height, rows):
        send({"is": "rows"}, image.crop((0, top, width, min(height, top + rows))).tobytes())


class Photos:
    """A part of playing. One photo is decoded at a time."""

    def __init__(self, logs: Path) -> None:
        self._worker = WorkerProcess(logs / "player-photos.log")
        self._turn = threading.Lock()
        self._is_closing = False

    def decode(self, path: Path, side: int, is_wanted: Callable[[], bool] = lambda: True) -> Pixels | None:
        """The photo, at most `side` pixels wide or high; None where no reader of ours can read it, or when its turn comes it
        is not wanted any more. On a thread that may wait; `is_wanted` is called on it.
        """
        with self._turn:
            if self._is_closing or not is_wanted():
                return None
            width = height = 0
            parts: list[bytes] = []
            request = {"do": "photo", "path": str(path), "side": side}, b""
            try:
                for header, data in self._worker.request([request], _LIMITS, is_closing=lambda: self._is_closing):
                    if header["is"] == "size":
                        width, height = header["width"], header["height"]
                    elif header["is"] == "rows":
                        parts.append(data)
            except WorkerDied as died:
                log.warning("a photo was not decoded: %s", died)
                return None
            rgb = b"".join(parts)
            return Pixels(width, height, rgb) if rgb and len(rgb) == 3 * width * height else None

    def close(self) -> None:
        """End the worker, in the middle of a photo too."""
        self._is_closing = True
        with self._turn:
            self._worker.close()
