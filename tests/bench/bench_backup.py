"""Backups of a library with vectors: how large and how long beside a copy of the whole file, how long a writer waits
meanwhile, and how long a restore takes.

    python3 build/dev.py bench backup [20000]

Targets: a backup at most a quarter of the whole; no write waits more than 100 ms longer than without one.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding, Trait, Vector
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense, Word
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.library import backup
from media_assistant.library.library import JobRow, Library
from media_assistant.library.putting_back import put_back
from tests.library.making import new_item

WORDS = [
    "the",
    "sea",
    "was",
    "calm",
    "that",
    "morning",
    "and",
    "we",
    "walked",
    "along",
    "the",
    "shore",
    "until",
    "the",
    "light",
    "came",
    "up",
    "over",
    "the",
    "hills",
]
CONCEPTS = [Concept(f"thing{number}", f"thing {number}") for number in range(300)]


def fill(file: Path, count: int) -> None:
    """Three photos of four items, a song, and a film of five minutes with a transcript of every tenth."""
    chance = random.Random(7)
    numbers = np.random.default_rng(7)

    def point(space: str, span: object, width: int) -> Vector:
        return Vector(space, span, numbers.standard_normal(width).astype("<f4").tobytes())  # type: ignore[arg-type]

    def label(span: object) -> Moment:
        return Moment(span, Sense.SEEN, Layer.LABEL, chance.choice(CONCEPTS), score=chance.random())  # type: ignore[arg-type]

    library = Library.open(file)
    for start in range(0, count, 500):
        kinds = [_kind(number) for number in range(start, min(start + 500, count))]
        ids, _ = library.add_items([new_item(start + at, kind=kind) for at, kind in enumerate(kinds)])
        with library._database.transaction():
            for item_id, kind in zip(ids, kinds, strict=True):
                for analyser, found in _findings(kind, point, label, chance):
                    library.enqueue([JobRow(item_id, analyser, 1)])
                    library.save_findings(item_id, analyser, 1, "a-network", "r1", found, is_first_chunk=True)
                    library.finish_analysis(item_id, analyser, 1, "a-network", "r1", 0.1)
    library.close()


def _kind(number: int) -> Kind:
    return Kind.VIDEO if number % 10 == 0 else Kind.MUSIC if number % 4 == 1 else Kind.PHOTO


def _findings(kind, point, label, chance):  # type: ignore[no-untyped-def]
    spans = [TimeSpan(at * 10_000, at * 10_000 + 10_000) for at in range(30)]
    found: dict[str, list[Finding]] = {}
    if kind is Kind.MUSIC:
        found["sounds"] = [point("sounds", span, 1024) for span in spans[:20]] + [label(spans[0])]
        found["music"] = [point("timbre", WHOLE, 40), Trait("tempo_bpm", 120.0), Trait("loudness_lufs", -9.0)]
        return found.items()
    over = spans if kind is Kind.VIDEO else [WHOLE]
    found["sights"] = [point("clip", span, 512) for span in over] + [label(span) for span in over for _ in range(4)]
    found["pictures"] = [point("perceptual-hash", span, 64) for span in over] + [Trait("brightness", 0.5)]
    if kind is Kind.VIDEO:
        lines: list[Finding] = []
        for at in range(60):
            said = [chance.choice(WORDS) for _ in range(12)]
            words = tuple(
                Word(at * 5000 + 400 * n, at * 5000 + 400 * n + 300, each, 0.9) for n, each in enumerate(said)
            )
            span = TimeSpan(at * 5000, at * 5000 + 4900)
            lines += [
                Moment(span, Sense.SAID, Layer.LINE, text=" ".join(said), language="en", words=words),
                point("words", span, 384),
            ]
        found["speech"] = lines
    return found.items()


def wait_of_a_writer(library: Library, work: object) -> tuple[float, float, int]:
    """Longest and 99th of how long small writes took, in ms, while `work` runs; and how many there were."""
    took: list[float] = []
    is_over = threading.Event()

    def write() -> None:
        item_id = library.item_ids()[0]
        while not is_over.is_set():
            started = time.perf_counter()
            library.keep_position(item_id, len(took))
            took.append((time.perf_counter() - started) * 1000)
            time.sleep(0.004)

    thread = threading.Thread(target=write)
    thread.start()
    work()  # type: ignore[operator]
    is_over.set()
    thread.join()
    return round(max(took), 1), round(sorted(took)[len(took) * 99 // 100], 1), len(took)


def main() -> None:
    """One JSON line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "library.sqlite"
        fill(file, count)
        told: dict[str, object] = {"bench": "backup", "items": count, "library_mb": _mb(file)}
        library = Library.open(file)
        quiet = wait_of_a_writer(library, lambda: time.sleep(5))
        whole = Path(folder) / "whole.sqlite"
        held = library._database.hold()
        started = time.perf_counter()
        backup.copy(held, whole)
        assert not backup.check(whole)
        told["whole_s"] = round(time.perf_counter() - started, 2)
        told["whole_mb"] = _mb(whole)
        held.close()
        whole.unlink()
        made: list[Path] = []
        started = time.perf_counter()
        made.append(library.backup())
        told["backup_s"] = round(time.perf_counter() - started, 2)
        told["backup_mb"] = _mb(made[0])
        told["share"] = round(made[0].stat().st_size / file.stat().st_size, 3)
        meanwhile = wait_of_a_writer(library, lambda: made.append(library.backup()))
        told |= {"writer_quiet_ms": quiet, "writer_meanwhile_ms": meanwhile}
        library.close()
        started = time.perf_counter()
        done = put_back(made[0], file)
        told["restore_s"] = round(time.perf_counter() - started, 2)
        assert done.restore_point is not None
        told["lacking_after_restore"] = _lacking(file)
        alone = Path(folder) / "alone" / "library.sqlite"
        started = time.perf_counter()
        put_back(made[0], alone)
        told["restore_alone_s"] = round(time.perf_counter() - started, 2)
        told["lacking_alone"] = _lacking(alone)
        started = time.perf_counter()
        put_back(done.restore_point.file, file)
        told["back_again_s"] = round(time.perf_counter() - started, 2)
    print(json.dumps(told))


def _mb(file: Path) -> float:
    return round(file.stat().st_size / 1e6, 1)


def _lacking(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM runs WHERE is_stale = 2").fetchone()[0])


if __name__ == "__main__":
    main()
