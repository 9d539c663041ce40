"""The store against sqlite-vec's exact search, and against an HNSW graph whose answers are filtered afterwards."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from measure import in_turn, report
from numpy.typing import NDArray
from vector_material import PER_ITEM, SPACE, WIDTH, draw, make_library, opened, queries, ready, tell

Floats = NDArray[np.float32]
K = 100
PAIRS = 15

_SQLITE_VEC = """
import sqlite3, statistics, struct, sys, time
connection = sqlite3.connect(sys.argv[1]); connection.enable_load_extension(True)
connection.load_extension(sys.argv[2])
connection.execute("ATTACH ? AS lib", (sys.argv[3],))
connection.execute("PRAGMA synchronous = OFF"); connection.execute("PRAGMA cache_size = -65536")
if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'v'").fetchone():
    connection.execute("CREATE VIRTUAL TABLE v USING vec0(embedding float[512] distance_metric=cosine)")
    connection.execute('INSERT INTO v(rowid, embedding) SELECT id, "values" FROM lib.vectors WHERE space = ?', ("bench",))
    connection.commit()
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    rows = connection.execute("SELECT rowid FROM v WHERE embedding MATCH ? AND k = 100", (bytes.fromhex(line),)).fetchall()
    print(time.perf_counter() - start, flush=True)
"""


def against_sqlite_vec(file: Path, kind: str, count: int) -> None:
    extension = next(
        (Path(each) / "sqlite_vec" / "vec0" for each in sys.path if (Path(each) / "sqlite_vec").is_dir()), None
    )
    loads = 'import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)'
    pythons = ("/usr/bin/python3", "python3.13", "python3.12", "python3.11", sys.executable)
    able = next(
        (each for each in pythons if subprocess.call([each, "-c", loads], stderr=subprocess.DEVNULL) == 0), None
    )
    if extension is None or able is None:
        tell("vectors against sqlite-vec", skipped="no sqlite-vec, or no Python that loads it")
        return
    asked = queries(kind, 40)
    command = [able, "-c", _SQLITE_VEC, str(file.with_suffix(".vec")), str(extension), str(file)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with opened(file) as store, subprocess.Popen(command, text=True, **pipes) as peer:  # type: ignore[call-overload]
        peer.stdout.readline()
        ready(store, asked[0])
        for query in asked:
            store.nearest(SPACE, query, K)
        turn = itertools.cycle(asked)

        def theirs() -> None:
            peer.stdin.write(next(turn).tobytes().hex() + "\n")
            peer.stdin.flush()
            peer.stdout.readline()

        times = in_turn(lambda: store.nearest(SPACE, next(turn), K), theirs, pairs=7)
        peer.stdin.close()
    report(
        "vectors against sqlite-vec", *times, target="≤0.125", peer=f"sqlite-vec f32, {able}", kind=kind, count=count
    )


def against_hnsw(file: Path, kind: str, _count: int) -> None:
    try:
        from usearch.index import Index
    except ImportError:
        tell("vectors against hnsw", skipped="no usearch")
        return
    count = 100_000
    small = file.with_name(f"{kind}-{count}.sqlite")
    make_library(small, kind, count)
    every = np.concatenate(list(draw(kind, count)))
    index = Index(ndim=WIDTH, metric="cos", dtype="i8")
    start = time.perf_counter()
    index.add(np.arange(count), every, threads=2)
    built_s = round(time.perf_counter() - start, 1)
    rng = np.random.default_rng(2)
    chosen = {int(item) for item in 1 + rng.choice(count // PER_ITEM, count // PER_ITEM // 100, replace=False)}
    allowed = np.isin(1 + np.arange(count) // PER_ITEM, list(chosen))
    rows = np.flatnonzero(allowed)
    asked = queries(kind, 50)

    def theirs(query: Floats) -> NDArray[np.int64]:
        ask = 100 * K // 10
        while True:
            keys = index.search(query, ask).keys.astype(np.int64)
            kept = keys[allowed[keys]]
            if len(kept) >= K or ask >= count:
                return np.asarray(kept[:K])
            ask *= 4

    with opened(small) as store:
        ready(store, asked[0])
        for query in asked:
            store.nearest(SPACE, query, K)
        turn = itertools.cycle(asked)
        times = in_turn(
            lambda: store.nearest(SPACE, next(turn), K, items=chosen), lambda: theirs(next(turn)), pairs=PAIRS
        )
        hits = {"ours": 0, "theirs": 0}
        for query in asked:
            best = set(rows[np.argsort(-(every[rows] @ query))[:K]].tolist())
            near = store.nearest(SPACE, query, K, items=chosen)
            hits["ours"] += len(best & {each.span.start_ms // 1000 for each in near})  # type: ignore[union-attr]
            hits["theirs"] += len(best & set(theirs(query).tolist()))
        recall = {f"recall_{who}": round(number / (K * len(asked)), 4) for who, number in hits.items()}
        report(
            "vectors filter of 1 %", *times, target="<1", peer="usearch HNSW i8, post-filter", built_s=built_s, **recall
        )
