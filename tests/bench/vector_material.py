"""Libraries of many vectors for benchmarks, and vectors that are as hard to tell apart as real ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media_assistant.library.library import Library
from media_assistant.library.vectors.vector_store import VectorStore

Floats = NDArray[np.float32]

WIDTH = 512
SPACE = "bench"
PER_ITEM = 10
_CHUNK = 10_000


def draw(kind: str, count: int, seed: int = 1) -> Iterator[Floats]:
    """`count` unit vectors `[n, WIDTH]`, some at a time. `random`: every direction alike. `clustered`: as networks make
    them: a common direction, a few thousand topics of very different size, items within them, moments of an item that
    are nearly one, directions of unlike weight, and a few that are always large.
    """
    rng = np.random.default_rng(seed)
    shape = np.random.default_rng(7)
    weights = (1 / np.sqrt(1 + np.arange(WIDTH) / 40)).astype(np.float32)
    common = shape.standard_normal(WIDTH).astype(np.float32)
    common[shape.choice(WIDTH, 3, replace=False)] *= 8
    topics = shape.standard_normal((3000, WIDTH)).astype(np.float32)
    popular = 1 / np.arange(1, 3001)
    popular /= popular.sum()
    for start in range(0, count, _CHUNK):
        n = min(_CHUNK, count - start)
        if kind == "random":
            drawn = rng.standard_normal((n, WIDTH), dtype=np.float32)
        else:
            items = -(-n // PER_ITEM)
            centres = topics[rng.choice(3000, items, p=popular)]
            centres = centres + 0.8 * rng.standard_normal((items, WIDTH), dtype=np.float32)
            drawn = np.repeat(centres, PER_ITEM, axis=0)[:n]
            drawn = (drawn + 0.4 * rng.standard_normal((n, WIDTH), dtype=np.float32)) * weights + 0.7 * common
        yield drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def queries(kind: str, count: int) -> Floats:
    """Queries `[count, WIDTH]` of the same kind, none of them in the library."""
    return np.concatenate(list(draw(kind, count, seed=99)))[:count]


def make_library(file: Path, kind: str, count: int) -> None:
    """A library with `count` vectors, `PER_ITEM` of an item, if it is not there yet."""
    done = file.with_suffix(".done")
    if done.exists():
        # A newer program may have another schema.
        Library.open(file).close()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    for old in file.parent.glob(file.name + "*"):
        old.unlink()
    Library.open(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        items = -(-count // PER_ITEM)
        connection.executemany(
            "INSERT INTO items (id, kind, title, size_bytes, quick_hash, added_at, facts, sort_name, duration_ms, captured_at)"
            " VALUES (?, 'video', '', 1, ?, '2026-01-01', '{}', '', 0, '')",
            ((item, f"hash {item}") for item in range(1, items + 1)),
        )
        connection.executemany(
            "INSERT INTO runs (id, item_id, analyser, version, model, revision, is_complete)"
            " VALUES (?, ?, 'sights', 1, 'bench', '1', 1)",
            ((item, item) for item in range(1, items + 1)),
        )
        connection.commit()
        number = 0
        for part in draw(kind, count):
            insert(connection, part, number)
            number += len(part)
            connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done.touch()


def insert(connection: sqlite3.Connection, vectors: Floats, first: int, item: int | None = None) -> None:
    """Put vectors in, the first being the library's `first`-th; of one item, if it is given."""
    connection.executemany(
        'INSERT INTO vectors (item_id, run_id, space, span_kind, span_a, span_b, span_c, "values") VALUES (?,?,?,1,?,?,0,?)',
        [
            (at, at, SPACE, 1000 * number, 1000 * number + 900, row.tobytes())
            for number, row in enumerate(vectors, first)
            for at in (item or 1 + number // PER_ITEM,)
        ],
    )


@contextmanager
def opened(file: Path) -> Iterator[VectorStore]:
    """The library's vectors, with their matrix beside it."""
    library = Library.open(file, read_only=True)
    library.finding.matrices = file.with_suffix(".matrices")
    store = library.finding.vectors
    try:
        yield store
    finally:
        library.finding.close()
        library.close()


def ready(store: VectorStore, query: Floats) -> None:
    """With everything done that is done once, in the background too."""
    store.nearest(SPACE, query, 100)
    store.keep()
    while (keeper := store._keeper) is not None and keeper.is_alive():
        keeper.join()


def tell(name: str, **what: object) -> None:
    print(json.dumps({"bench": name, **what}, ensure_ascii=False), flush=True)
