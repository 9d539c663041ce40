"""What finding duplicates costs in a large library: `bench duplicates --scale [COUNT]`.

A library of photos, a tenth of it music of four minutes and a twentieth films of twenty pictures, of which one in twenty
is a poorer copy of another. Measured from the program's process: how long the worker takes for all, for all again after
it was killed midway, for a single new photo, and with its files lost; what that process needs meanwhile, and how late a
thread of it wakes that only wants to sleep for a millisecond.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.items.query_tree import Is
from media_assistant.library.library import Library, NewItem
from media_assistant.paths import Paths
from media_assistant.workflows.duplicates.duplicate_groups import read_groups
from media_assistant.workflows.duplicates.duplicates import Duplicates
from media_assistant.workflows.feed import Feed

COPIES = 20
APART = 7


def add(library: Library, kind: Kind, forms: Sequence[tuple[str, bytes]], start: int) -> list[int]:
    """Items with a fingerprint each."""
    facts = Facts() if kind is Kind.PHOTO else Facts(duration_ms=240_000)
    new = [
        NewItem(kind, f"/p/{start + n}.x", f"{start + n}", 9, start + n, f"p{start + n}", facts)
        for n in range(len(forms))
    ]
    ids, _ = library.add_items(new)
    with library._database.transaction() as connection:
        connection.executemany(
            "INSERT INTO runs (item_id, analyser, version, model, revision, is_complete) VALUES (?, 'fingerprints', 1, '', '', 1)",
            [(item_id,) for item_id in ids],
        )
        connection.executemany(
            "INSERT INTO fingerprints (item_id, run_id, form, start_ms, marks) SELECT item_id, id, ?, 0, ? FROM runs"
            " WHERE item_id = ?",
            [(form, marks, item_id) for item_id, (form, marks) in zip(ids, forms, strict=True)],
        )
    return ids


def build(file: Path, media: Path, count: int) -> None:
    """Runs in a process of its own, whose memory is gone then."""
    import cv2
    import numpy as np

    from media_assistant.analysis import sight_prints, sound_prints
    from media_assistant.analysis.sight_prints import LOOK, SIDE, SightPrint, make_print, pack

    files = sorted(each for each in media.rglob("*") if each.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    greys = [cv2.imdecode(np.frombuffer(each.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE) for each in files]
    seen = [make_print(cv2.resize(each, (LOOK, LOOK)), 0).picture for each in greys if each is not None]
    draw = np.random.default_rng(1)
    large = Library.open(file)

    def picture() -> np.ndarray:
        # Mixtures of parts of real photos: as smooth and as uneven as those, and none like another.
        parts = [seen[at][:: draw.choice((1, -1)), :: draw.choice((1, -1))] for at in draw.integers(0, len(seen), 3)]
        parts = [np.roll(part, draw.integers(0, SIDE, 2), (0, 1)).astype(np.float32) for part in parts]
        return np.clip(sum(w * part for w, part in zip(draw.dirichlet((1, 1, 1)), parts, strict=True)), 0, 255)

    def song() -> np.ndarray:
        turns = draw.random((1875, 32)) < 0.2  # most bits stay from one word to the next
        bits = (np.cumsum(turns, 0) + draw.integers(0, 2, 32)) & 1
        return (bits.astype(np.uint32) << np.arange(32, dtype=np.uint32)).sum(1, dtype=np.uint32)

    def film() -> np.ndarray:
        return np.stack([picture() for _ in range(20)])

    def poorer(one: np.ndarray) -> np.ndarray:
        if one.dtype == np.uint32:
            flips = draw.random((len(one), 32)) < 0.12
            return one ^ (flips.astype(np.uint32) << np.arange(32, dtype=np.uint32)).sum(1, dtype=np.uint32)
        return np.clip(one + draw.normal(0, 3, one.shape), 0, 255)

    def packed(one: np.ndarray) -> tuple[str, bytes]:
        if one.dtype == np.uint32:
            return sound_prints.FORM, one.astype("<u4").tobytes()
        pictures = one.reshape(-1, SIDE, SIDE).astype(np.uint8)
        return sight_prints.FORM, pack([SightPrint(4000 * n, (0, 0, 0, 0), each) for n, each in enumerate(pictures)], 0)

    done = 0
    for kind, make, share in ((Kind.PHOTO, picture, 0.85), (Kind.MUSIC, song, 0.1), (Kind.VIDEO, film, 0.05)):
        last: list[np.ndarray] = []
        forms = []
        for number in range(round(count * share)):
            last = [*last[-APART:], poorer(last[-APART]) if number % COPIES == COPIES - 1 else make()]
            forms.append(packed(last[-1]))
            if len(forms) == 5000:
                add(large, kind, forms, done)
                done, forms = done + len(forms), []
        add(large, kind, forms, done)
        done += len(forms)
    large.close()


def rss_mb() -> float:
    """Of this process, now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


@contextmanager
def watched(told: dict[str, object], name: str) -> Iterator[None]:
    """How long it takes, what this process needs meanwhile, and how late its other threads are."""
    late: list[float] = []
    most = [rss_mb()]
    ends = threading.Event()

    def look() -> None:
        while not ends.is_set():
            before = time.perf_counter()
            time.sleep(0.001)
            late.append(1000 * (time.perf_counter() - before) - 1)
            if not len(late) % 64:
                most.append(rss_mb())

    thread = threading.Thread(target=look)
    thread.start()
    started = time.perf_counter()
    yield
    told[f"{name}_s"] = round(time.perf_counter() - started, 2)
    ends.set()
    thread.join()
    late.sort()
    told[f"{name}_late_ms"] = [round(late[int(0.99 * (len(late) - 1))], 2), round(late[-1], 2)]
    told[f"{name}_process_mb"] = round(max(most))


def at_scale(media: Path, count: int, command: str, kept: Path | None) -> None:
    """Print a JSON line."""
    folder = kept or Path(tempfile.mkdtemp(prefix="bench-duplicates-"))
    file = folder / "large.sqlite"
    if not file.exists():
        maker = multiprocessing.get_context("spawn").Process(target=build, args=(file, media, count))
        maker.start()
        maker.join()
    paths = Paths(folder / "data", folder / "cache", folder / "config", folder / "logs", file)
    large = Library.open(file)
    with large._database.transaction() as connection:
        connection.execute("DELETE FROM compared_items")
        connection.execute("DELETE FROM likely_pairs")
    told: dict[str, object] = {"bench": "duplicates: scale", "items": count, "bare_process_mb": round(rss_mb())}
    edits = ThreadPoolExecutor(1)

    def opened() -> Duplicates:
        return Duplicates(large, paths, edits.submit, Feed(), is_foreground=True)

    duplicates = opened()
    stopped = threading.Event()
    found = duplicates.find(lambda done, total: stopped.set() if done > total // 2 else None)
    while not stopped.wait(0.1) and not found.done():
        pass
    with watched(told, "stop"):
        duplicates.close()
    told["left_after_stop"] = len(large.uncompared())
    duplicates = opened()
    with watched(told, "rest_of_all"):
        duplicates.find().result()
    with watched(told, "groups"):
        groups = read_groups(large)
    told["groups"] = len(groups)
    with watched(told, "is_duplicate"):
        large.finding.fitting(Is("duplicate"))
    firsts = {(pair.first_id, pair.second_id) for pair in large.likely_pairs()}
    starts = (0, round(count * 0.85), round(count * 0.95), count)
    copies = {
        (start + n - APART + 1, start + n + 1)
        for start, end in pairwise(starts)
        for n in range(COPIES - 1, end - start, COPIES)
    }
    told["copies_found"], told["pairs"] = f"{len(copies & firsts)}/{len(copies)}", len(firsts)
    form, marks = next((row.form, row.marks) for row in large.fingerprints(("sight-32-1",), [4]))
    late = add(large, Kind.PHOTO, [(form, marks)], count + int(time.time()))
    with watched(told, "one_new"):
        duplicates.find().result()
    told["one_new_found"] = any(late[0] in (p.first_id, p.second_id) for p in large.likely_pairs())
    for each in paths.prints.iterdir():
        each.unlink() if each.is_file() else None
    add(large, Kind.PHOTO, [(form, marks)], count + int(time.time()) + 1)
    with watched(told, "one_new_files_lost"):
        duplicates.find().result()
    told["worker_peak_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    told["files_mb"] = sum(each.stat().st_size for each in paths.prints.iterdir() if each.is_file()) >> 20
    told["command"] = command
    print(json.dumps(told), flush=True)
    duplicates.close()
    edits.shutdown()
    large.close()
    sys.stdout.flush()
