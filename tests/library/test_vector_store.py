import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.span import WHOLE, TextSpan, TimeSpan
from media_assistant.library.vectors.vector_store import VectorStore

SPACE = "test-space"


class Table:
    """A library's `vectors` table with a writer of its own, as the library has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = sqlite3.connect(path, check_same_thread=False)
        self.writer.execute("PRAGMA journal_mode = WAL")
        self.writer.execute(
            "CREATE TABLE vectors (id INTEGER PRIMARY KEY AUTOINCREMENT, item_id INTEGER NOT NULL, space TEXT NOT NULL,"
            ' span_kind INTEGER NOT NULL, span_a INTEGER NOT NULL DEFAULT 0, span_b INTEGER NOT NULL DEFAULT 0, span_c INTEGER NOT NULL DEFAULT 0, "values" BLOB NOT NULL)'
        )
        self.writer.commit()
        self._local = threading.local()
        self.store = VectorStore(self.reader)

    def reader(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        return self._local.connection

    def add(self, item_id: int, values: np.ndarray, span: tuple[int, ...] = (0, 0, 0, 0), space: str = SPACE) -> int:
        row = self.writer.execute(
            'INSERT INTO vectors (item_id, space, span_kind, span_a, span_b, span_c, "values") VALUES (?,?,?,?,?,?,?)',
            (item_id, space, *span, values.astype("<f4").tobytes()),
        )
        self.writer.commit()
        return row.lastrowid or 0

    def remove(self, item_id: int) -> None:
        self.writer.execute("DELETE FROM vectors WHERE item_id = ?", (item_id,))
        self.writer.commit()


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "v.sqlite")


def units(count: int, width: int, seed: int = 1) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def fill(table: Table, matrix: np.ndarray, first_item: int = 1) -> None:
    table.writer.executemany(
        'INSERT INTO vectors (item_id, space, span_kind, span_a, span_b, span_c, "values") VALUES (?,?,1,?,?,0,?)',
        [(first_item + i // 3, SPACE, 1000 * i, 1000 * i + 900, row.tobytes()) for i, row in enumerate(matrix)],
    )
    table.writer.commit()


def test_the_nearest_are_exactly_those_of_a_full_product(table: Table) -> None:
    matrix = units(5_000, 48)
    fill(table, matrix)
    for query in units(5, 48, seed=2):
        expected = np.argsort(-(matrix @ query), kind="stable")[:20]
        near = table.store.nearest(SPACE, query, 20)
        assert [each.span for each in near] == [TimeSpan(1000 * int(i), 1000 * int(i) + 900) for i in expected]
        assert np.allclose([each.cosine for each in near], (matrix @ query)[expected], atol=1e-5)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5])
def test_a_filter_is_exact_whether_narrow_or_wide(table: Table, share: float) -> None:
    matrix = units(3_000, 32)
    fill(table, matrix)
    query = units(1, 32, seed=3)[0]
    items = set(np.random.default_rng(4).choice(1000, max(1, int(1000 * share)), replace=False) + 1)
    rows = np.array([i for i in range(3_000) if 1 + i // 3 in items])
    expected = rows[np.argsort(-(matrix[rows] @ query), kind="stable")[:15]]
    near = table.store.nearest(SPACE, query, 15, items={int(i) for i in items})
    assert [each.item_id for each in near] == [1 + int(i) // 3 for i in expected]


def test_inserts_and_deletes_are_visible_at_once(table: Table) -> None:
    matrix = units(300, 16)
    fill(table, matrix)
    query = matrix[30]
    assert table.store.nearest(SPACE, query, 1)[0].item_id == 11
    table.add(999, query)
    assert {each.item_id for each in table.store.nearest(SPACE, query, 2)} == {11, 999}
    table.remove(11)
    near = table.store.nearest(SPACE, query, 5)
    assert len(near) == 5
    assert near[0].item_id == 999
    assert 11 not in {each.item_id for each in near}
    assert table.store.of_item(SPACE, 11) == []
    for item_id in range(1, 95):
        table.remove(item_id)
    assert {each.item_id for each in table.store.nearest(SPACE, query, 50)} <= {*range(95, 101), 999}
    assert table.store.count(SPACE) == 300 - 94 * 3 + 1


def test_vectors_replaced_over_and_over_do_not_pile_up(table: Table) -> None:
    matrix = units(600, 8)
    for _ in range(20):
        for item_id in range(1, 201):
            table.writer.execute("DELETE FROM vectors WHERE item_id = ?", (item_id,))
        fill(table, matrix)
        assert table.store.nearest(SPACE, matrix[3], 1)[0].item_id == 2
    assert table.store._spaces[SPACE].count < 9_000


def test_spans_come_back_as_they_were(table: Table) -> None:
    values = units(3, 8)
    table.add(1, values[0], (0, 0, 0, 0))
    table.add(1, values[1], (1, 500, 900, 0))
    table.add(1, values[2], (2, 3, 10, 20))
    assert [span for span, _ in table.store.of_item(SPACE, 1)] == [WHOLE, TimeSpan(500, 900), TextSpan(3, 10, 20)]
    assert np.allclose(table.store.of_item(SPACE, 1)[1][1], values[1], atol=1e-6)


def test_what_cannot_be_compared_finds_nothing(table: Table) -> None:
    table.add(1, units(1, 8)[0])
    table.writer.execute(
        'INSERT INTO vectors (item_id, space, span_kind, "values") VALUES (2, ?, 0, ?)', (SPACE, b"broken")
    )
    table.writer.commit()
    table.add(3, np.full(8, np.nan, np.float32))
    store = table.store
    assert store.nearest("unknown", units(1, 8)[0], 5) == []
    assert store.nearest(SPACE, np.zeros(8, np.float32), 5) == []
    assert store.nearest(SPACE, units(1, 9)[0], 5) == []
    assert store.nearest(SPACE, units(1, 8)[0], 5, items=[]) == []
    assert store.nearest(SPACE, units(1, 8)[0], 5)[0].item_id == 1
    assert store.spaces() == {SPACE: 8}


def test_strengths_of_different_spaces_share_one_scale(table: Table) -> None:
    """Two networks see the same library; one spreads its cosines wide, the other squeezes them around 0.8."""
    rng = np.random.default_rng(5)
    topics = units(20, 64, seed=6)
    wide = units(2_000, 64, seed=7) + 1.0 * topics[rng.integers(0, 20, 2_000)]
    shift = 4.0 * units(1, 64, seed=8)[0]
    for space, offset in (("wide", 0.0), ("squeezed", shift)):
        rows = wide + offset
        table.writer.executemany(
            'INSERT INTO vectors (item_id, space, span_kind, "values") VALUES (?, ?, 0, ?)',
            [(i + 1, space, row.astype("<f4").tobytes()) for i, row in enumerate(rows)],
        )
        table.writer.commit()
        probes = units(100, 64, seed=9) + offset
        table.store.set_probes(space, (probes / np.linalg.norm(probes, axis=1, keepdims=True)).astype(np.float32))
    noise = units(1, 64, seed=10)[0]
    best: dict[tuple[str, str], float] = {}
    cosine: dict[str, float] = {}
    for space, offset in (("wide", 0.0), ("squeezed", shift)):
        best[space, "topic"] = table.store.nearest(space, topics[0] + offset, 1)[0].strength
        best[space, "noise"] = table.store.nearest(space, noise + offset, 1)[0].strength
        cosine[space] = table.store.nearest(space, noise + offset, 1)[0].cosine
    assert cosine["squeezed"] > cosine["wide"] + 0.3
    for space in ("wide", "squeezed"):
        assert best[space, "topic"] > best[space, "noise"] + 1
    assert abs(best["wide", "noise"] - best["squeezed", "noise"]) < 1.5


def test_background_tells_random_pairs(table: Table) -> None:
    assert np.isnan(table.store.background(SPACE).mean)
    fill(table, units(600, 64))
    background = table.store.background(SPACE)
    assert abs(background.mean) < 0.02
    assert abs(background.deviation - 1 / 8) < 0.02


def test_many_threads_may_ask_while_one_writes(table: Table) -> None:
    matrix = units(900, 16)
    fill(table, matrix)
    faults: list[BaseException] = []

    def ask() -> None:
        try:
            for row in matrix[::10]:
                assert table.store.nearest(SPACE, row, 3)[0].cosine > 0.999
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(50):
        table.add(5_000 + i, units(1, 16, seed=100 + i)[0])
    for thread in threads:
        thread.join()
    assert faults == []
