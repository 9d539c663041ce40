"""Where each item lies on the map, on disk, so that the next start finds it as it was. All of it may be deleted.

One small file beside the other derived ones of a library, replaced by one rename: a JSON line, the ids, the spots, and
their check sum. Nothing here knows the truth: whoever loads it looks whether it goes with the library.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from media_assistant.library.vectors.scanning import Floats, Ints

_FORMAT = 1
_NAME = "layout"


@dataclass(frozen=True, slots=True)
class Layout:
    """`ids` `[n]` rise, `spots` `[n, 2]`; `laid` of them were laid out together, the others put beside, and `fit` is how
    well it went with what is alike when it was (0..1).
    """

    ids: Ints
    spots: Floats
    laid: int
    fit: float

    def without(self, gone: Ints) -> Layout:
        """The others stay where they are."""
        kept = ~np.isin(self.ids, gone)
        return Layout(self.ids[kept], self.spots[kept], self.laid, self.fit)


def load_layout(folder: Path) -> Layout | None:
    """What is kept there; None if there is nothing whole."""
    try:
        head, _, body = (folder / _NAME).read_bytes().partition(b"\n")
        told = json.loads(head)
        count = int(told["count"])
        if told["format"] != _FORMAT or len(body) != count * 16 or told["sum"] != zlib.crc32(body):
            return None
        ids = np.frombuffer(body, "<i8", count).astype(np.int64)
        spots = np.frombuffer(body, "<f4", offset=8 * count).reshape(count, 2).astype(np.float32)
        found = Layout(ids, spots, int(told["laid"]), float(told["fit"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if bool((np.diff(ids) > 0).all()) and bool(np.isfinite(spots).all()) else None


def keep_layout(folder: Path, layout: Layout) -> None:
    """Put it in the place of what is there. Raises OSError."""
    body = layout.ids.astype("<i8").tobytes() + layout.spots.astype("<f4").tobytes()
    told = {
        "format": _FORMAT,
        "count": len(layout.ids),
        "sum": zlib.crc32(body),
        "laid": layout.laid,
        "fit": layout.fit,
    }
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_NAME}-{uuid4().hex[:8]}"
    try:
        with fresh.open("wb") as out:
            out.write(json.dumps(told).encode() + b"\n" + body)
            out.flush()
            os.fsync(out.fileno())
        os.replace(fresh, folder / _NAME)
    finally:
        fresh.unlink(missing_ok=True)
