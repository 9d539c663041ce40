"""What the engine's tests share: files to work on, and an assistant in folders of its own."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from media_assistant.assistant import Assistant
from media_assistant.paths import Paths, find_paths
from media_assistant.settings import Settings
from tests.films import shorten

_SAMPLES = (
    "journey.mp4",
    "bright-morning.flac",
    "waves.ogg",
    "balloon.jpg",
    "lighthouse.md",
    "night-sky.txt",
    "灯塔与大海.txt",
)
_FILM_S = 7.0

Findings = dict[tuple[str, str], list[tuple[object, ...]]]


BRISK = Settings(switched_off=("writing",))
"""For tests of the queue: looking for writing in pictures takes more than all else together, and they ask for none."""


def open_assistant(paths: Paths | None = None, settings: Settings | None = None, **options: bool) -> Assistant:
    """An assistant on the test's own home."""
    return Assistant.open(paths or find_paths(), settings or Settings(), **options)


def wait_for(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Poll until it is true; a test that waits for ever says nothing."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)


def make_media(samples: Path, folder: Path, copies: int = 1) -> Path:
    """Samples of every kind, each several times with content of its own: bytes after the end change the file and nothing
    in it. The film ends in its second shot, for each picture costs processor.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for file in (samples / name for name in _SAMPLES):
        for number in range(copies):
            copied = folder / f"{file.stem} {number}{file.suffix}"
            if file.suffix == ".mp4":
                shorten(file, copied, _FILM_S)
            else:
                shutil.copy(file, copied)
            if number:
                with copied.open("ab") as end:
                    end.write(b" " * number)
    return folder


def read_findings(library: Path) -> Findings:
    """What the library holds by item title and analyser, without ids: equal for equal work however often interrupted."""
    found: Findings = {}
    with sqlite3.connect(library) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        names = dict(connection.execute("SELECT item_id, shown FROM locations"))
        rows = connection.execute(
            "SELECT moments.item_id, analyser, span_a, span_b, layer, concept_id, text, round(score, 3) FROM moments"
            " JOIN runs ON runs.id = run_id ORDER BY 1, 2, 3, 4, 5, 6, 7"
        )
        for item_id, analyser, *rest in rows:
            found.setdefault((Path(names[item_id]).name, analyser), []).append(tuple(rest))
        rows = connection.execute(
            "SELECT vectors.item_id, analyser, space, span_a, count(*) FROM vectors JOIN runs ON runs.id = run_id"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )
        for item_id, analyser, *rest in rows:
            found.setdefault((Path(names[item_id]).name, f"{analyser} vectors"), []).append(tuple(rest))
    connection.close()
    return found
