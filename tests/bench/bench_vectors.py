"""Nearest vectors at scale, against what the memory gives and what else there is.

    python3 build/dev.py bench vectors [N] [--kind random|clustered] [--part PART …] [--folder DIR] [--peers DIR]

N vectors of 512 numbers (1,000,000), ten of an item, in a library under DIR (out/bench-vectors), which stays for the next
run. PEERS is a `site-packages` with whatever of usearch, faiss-cpu, simsimd, onnx and sqlite-vec is to be compared;
sqlite-vec needs a Python on the machine that loads SQLite's extensions, and is looked for. Parts:

- kernels: one int8 query against all rows, by every library that is there, beside reading the bytes once (BW: two
  threads, 64-bit xor-reduce in numpy, the fastest of several that were tried)
- exact: the store's 100 nearest against BW of the int8 bytes and against numpy f32 (`X @ q`, argpartition); recall;
  and what fetching 100 vectors from SQLite after a scan takes of BW
- filter: items that hold 1 % of the vectors against none, as who types behind a filter asks, and with a new filter each
  time; recall
- visible: vectors that another process commits, and deletes
- opening: until the first answer of a new process, what it reads for that, and its memory
- cost: saving vectors into this library against one of 1,000
- sqlite-vec: its exact search over the same vectors
- hnsw: usearch's HNSW with the filter applied to what it finds; of 100,000 vectors, for it takes minutes to build
"""

from __future__ import annotations

import argparse
import itertools
import json
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from measure import in_turn, report
from numpy.typing import NDArray
from vector_kernels import compare_kernels, read_bytes
from vector_material import PER_ITEM, SPACE, WIDTH, draw, make_library, opened, queries, ready, tell
from vector_peers import against_hnsw, against_sqlite_vec

from media_assistant.items.findings import Vector
from media_assistant.items.kind import Kind
from media_assistant.items.span import TimeSpan
from media_assistant.library.item_set import ItemSet
from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library
from media_assistant.library.vectors import vector_table
from media_assistant.library.vectors.vector_store import VectorStore

Floats = NDArray[np.float32]
ROOT = Path(__file__).resolve().parents[2]
PARTS = ("kernels", "exact", "filter", "visible", "opening", "cost", "sqlite-vec", "hnsw")
K = 100
PAIRS = 15


def warmed(store: VectorStore, asked: Floats, items: ItemSet | None) -> Iterator[Floats]:
    """Some queries over and over, each asked before: what they find is in the system's memory, as what they are compared
    with is. Too many for SQLite's own cache.
    """
    for query in asked[:40]:
        store.nearest(SPACE, query, K, items=items)
    return itertools.cycle(asked[:40])


def exact(file: Path, kind: str, count: int) -> None:
    every = np.empty((count, WIDTH), np.float32)
    start = 0
    for part in draw(kind, count):
        every[start : start + len(part)] = part
        start += len(part)
    asked = queries(kind, 200)
    with opened(file) as store, ThreadPoolExecutor(2) as pool:
        ready(store, asked[0])
        bytes_once = np.random.default_rng(1).integers(-127, 128, (count, WIDTH), np.int8)
        turn = warmed(store, asked, None)
        ask = lambda: store.nearest(SPACE, next(turn), K)  # noqa: E731
        once = partial(read_bytes, pool, bytes_once)
        report("vectors exact", *in_turn(ask, once, pairs=PAIRS), target="≤1.25", peer="BW, int8 bytes", kind=kind)
        fetch_after_reading(file, once)
        del bytes_once, once
        where = next(file.with_suffix(".matrices").glob("*.rows"))
        once = partial(read_bytes, pool, np.memmap(where, np.int8, "r").view(np.ndarray))
        peer = "BW, int8 bytes of the mapped file"
        report("vectors exact", *in_turn(ask, once, pairs=PAIRS), target="≤1.25", peer=peer, kind=kind)

        def by_numpy() -> NDArray[np.int64]:
            scores = every @ next(turn)
            best = np.argpartition(-scores, K)[:K]
            return np.asarray(best[np.argsort(-scores[best])])

        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(PAIRS):
            for way, kept in zip((ask, by_numpy), times, strict=True):
                for _ in range(5):
                    way()  # After the pause the processor is asleep, and so are the threads of both.
                begun = time.perf_counter()
                way()
                kept.append(time.perf_counter() - begun)
                # The threads that multiplied go on looking for work for a while, at the cost of whoever comes next.
                time.sleep(0.2)
        report("vectors exact", *times, target="≤0.25", peer="numpy f32", kind=kind)
        found = {10: 0, K: 0}
        for query in asked:
            scores = every @ query
            best = np.argpartition(-scores, K)[:K]
            best = best[np.argsort(-scores[best])]
            near = [each.span.start_ms // 1000 for each in store.nearest(SPACE, query, K)]  # type: ignore[union-attr]
            for k in found:
                found[k] += len(set(best[:k].tolist()) & set(near[:k]))
        recall = {f"recall@{k}": hits / (k * len(asked)) for k, hits in found.items()}
        tell("vectors recall", kind=kind, count=count, queries=len(asked), **recall, target="recall@10 ≥0.999")


def fetch_after_reading(file: Path, once: Callable[[], None]) -> None:
    """What no scan saves: the vectors that are compared in full, out of the library, after so many bytes went by."""
    rng = np.random.default_rng(3)
    reading, fetching = [], []
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        last = connection.execute("SELECT max(id) FROM vectors").fetchone()[0]
        ids = np.sort(1 + rng.choice(last, K, replace=False))
        for _ in range(PAIRS + 1):
            begun = time.perf_counter()
            once()
            read = time.perf_counter()
            vector_table.fetch(connection, ids, WIDTH)
            reading.append(read - begun)
            fetching.append(time.perf_counter() - read)
    # The first came from the drive.
    report("vectors fetch of 100", fetching[1:], reading[1:], target="none", peer="BW, int8 bytes")


def filtered(file: Path, kind: str, count: int) -> None:
    asked = queries(kind, 200)
    rng = np.random.default_rng(2)
    items = count // PER_ITEM
    chosen = {int(item) for item in 1 + rng.choice(items, max(1, items // 100), replace=False)}
    rows = [row for row in range(count) if 1 + row // PER_ITEM in chosen]
    wanted = set(rows)
    part = np.empty((len(rows), WIDTH), np.float32)
    place = start = 0
    for drawn in draw(kind, count):
        here = [row - start for row in range(start, start + len(drawn)) if row in wanted]
        part[place : place + len(here)] = drawn[here]
        place, start = place + len(here), start + len(drawn)
    allowed = ItemSet.of(chosen)  # As filters are answered.
    with opened(file) as store:
        ready(store, asked[0])
        turn, turn_of_all = warmed(store, asked, allowed), warmed(store, asked, None)
        matrix = store._spaces[SPACE].matrix
        assert matrix is not None
        for what, is_new in (("vectors filter of 1 %", False), ("vectors filter of 1 %, a new one each time", True)):

            def ask(is_new: bool = is_new) -> None:
                if is_new:
                    matrix._among = None
                store.nearest(SPACE, next(turn), K, items=allowed)

            ours, theirs = in_turn(ask, lambda: store.nearest(SPACE, next(turn_of_all), K), pairs=PAIRS)
            report(what, ours, theirs, target="≤0.2", peer="unfiltered", kind=kind, count=count)
        hits = 0
        for query in asked:
            best = np.argsort(-(part @ query))[:K]
            near = store.nearest(SPACE, query, K, items=allowed)
            hits += len({rows[i] for i in best} & {each.span.start_ms // 1000 for each in near})  # type: ignore[union-attr]
        tell("vectors filter recall", kind=kind, count=count, recall=hits / (K * len(asked)), target=1.0)


_WRITER = """
import sqlite3, sys, time
sys.path.insert(0, sys.argv[2])
import numpy as np
from vector_material import insert
connection = sqlite3.connect(sys.argv[1], timeout=30)
connection.execute("PRAGMA synchronous = NORMAL")
for line in sys.stdin:
    number, vectors = int(line), None
    if number:
        rng = np.random.default_rng(number)
        vectors = rng.standard_normal((10, 512)).astype(np.float32)
        insert(connection, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), 10**7 + 10 * number, 1)
    else:
        connection.execute("DELETE FROM vectors WHERE span_a >= 10000000000 AND space = 'bench' AND item_id = 1")
    connection.commit()
    print(time.monotonic_ns(), flush=True)
"""


def visible(file: Path, kind: str, count: int) -> None:
    """Another process commits ten vectors; a question asked at once must know them. Late: not in the first answer."""
    with opened(file) as store:
        ready(store, queries(kind, 1)[0])
        command = [sys.executable, "-c", _WRITER, str(file), str(Path(__file__).parent)]
        waited: dict[str, list[float]] = {"after insert": [], "after delete": [], "usual": []}
        late = 0
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
            assert writer.stdin is not None
            assert writer.stdout is not None
            for number in range(1, 31):
                vectors = np.random.default_rng(number).standard_normal((10, WIDTH)).astype(np.float32)
                for what in ("after insert", "after delete"):
                    writer.stdin.write(f"{number if what == 'after insert' else 0}\n")
                    writer.stdin.flush()
                    writer.stdout.readline()
                    start = time.perf_counter()
                    best = store.nearest(SPACE, vectors[3], 1)[0]
                    waited[what].append(time.perf_counter() - start)
                    late += (best.cosine > 0.9999) is not (what == "after insert")
                start = time.perf_counter()
                store.nearest(SPACE, vectors[3], 1)
                waited["usual"].append(time.perf_counter() - start)
            writer.stdin.close()
        usual = statistics.median(waited["usual"])
        more = {
            f"{what}_more_ms": round(1000 * (statistics.median(times) - usual), 2) for what, times in waited.items()
        }
        tell(
            "vectors visible",
            count=count,
            late=late,
            usual_ms=round(1000 * usual, 2),
            **more,
            target="≤10 ms, none late",
        )


_OPENING = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import psutil
from vector_material import SPACE, queries
asked = queries(sys.argv[3], 60)
from media_assistant.library.library import Library
from media_assistant.library.vectors import vector_table
from media_assistant.library.vectors.vector_store import VectorStore
import media_assistant.library.vectors.vector_store
def memory():
    found = psutil.Process().memory_info()
    return {"rss_mb": round(found.rss / 1e6), "without_mapped_mb": round((found.rss - found.shared) / 1e6)}
start = time.perf_counter()
before = psutil.Process().io_counters().read_chars
library = Library.open(Path(sys.argv[1]), read_only=True)
library.finding.matrices = Path(sys.argv[1]).with_suffix(".matrices")
store = library.finding.vectors
store._fresh(SPACE)
told = {"opened_s": round(time.perf_counter() - start, 3), "then": memory(),
        "read_mb": round((psutil.Process().io_counters().read_chars - before) / 1e6, 1)}
library.finding.vectors.nearest(SPACE, asked[0], 100)
told["first_answer_s"] = round(time.perf_counter() - start, 3)
for query in asked:
    store.nearest(SPACE, query, 100)
told["after_60"] = memory()
for query in asked * 5:
    store.nearest(SPACE, query, 100)
told["after_360"] = memory()
library.finding.close()
print(json.dumps(told))
"""


def opening(file: Path, kind: str, count: int) -> None:
    with opened(file) as store:
        ready(store, queries(kind, 1)[0])
    command = [sys.executable, "-c", _OPENING, str(file), str(Path(__file__).parent), kind]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    tell("vectors opening", kind=kind, count=count, **told, target="≤1200 MB")


def cost(file: Path, kind: str, _count: int) -> None:
    small = file.with_name(f"{kind}-1000.sqlite")
    make_library(small, kind, 1000)
    rng = np.random.default_rng(4)
    drawn = rng.standard_normal((200, WIDTH)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    findings = [
        Vector(SPACE, TimeSpan(100 * i, 100 * i + 90), row.astype("<f4").tobytes()) for i, row in enumerate(drawn)
    ]
    libraries = [Library.open(file), Library.open(small)]
    numbers = itertools.count(int(time.time()))
    made: list[list[int]] = [[], []]

    def save(which: int) -> None:
        library = libraries[which]
        for _ in range(5):
            number = next(numbers)
            new = NewItem(Kind.VIDEO, f"/bench/{number}.mp4", "bench", 1, 1, f"bench {number}")
            item = library.add_items([new])[0][0]
            made[which].append(item)
            library.save_findings(item, "sights", 1, "bench", "1", findings)

    ours, theirs = in_turn(lambda: save(0), lambda: save(1), pairs=PAIRS)
    report("vectors cost of saving", ours, theirs, target="≤1.15", peer="1,000 vectors", vectors=5 * len(findings))
    for library in libraries:
        library.close()
    for name, items in zip((file, small), made, strict=True):
        connection = sqlite3.connect(name)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executemany("DELETE FROM items WHERE id = ?", [(item,) for item in items])
        connection.commit()
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=("random", "clustered"), default="random")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--folder", type=Path, default=ROOT / "out" / "bench-vectors")
    parser.add_argument("--peers", type=Path)
    asked = parser.parse_args()
    if asked.peers:
        sys.path.append(str(asked.peers))
    file = asked.folder / f"{asked.kind}-{asked.count}.sqlite"
    parts: dict[str, Callable[[Path, str, int], None]] = {
        "exact": exact,
        "filter": filtered,
        "visible": visible,
        "opening": opening,
        "cost": cost,
        "sqlite-vec": against_sqlite_vec,
        "hnsw": against_hnsw,
    }
    for part in asked.part:
        if part == "kernels":
            compare_kernels(asked.count, WIDTH, tell)
            continue
        if part != "hnsw":
            make_library(file, asked.kind, asked.count)
        parts[part](file, asked.kind, asked.count)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
