"""The first look at very many rows in four bits: what it rules out is not among the nearest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_assistant.inference.four_bits import FourBitFault, FourBitRows
from media_assistant.library.vectors import matrix, nibble_rows, scanning
from media_assistant.library.vectors.nibble_rows import NibbleQuery
from media_assistant.library.vectors.scanning import to_bytes
from media_assistant.library.vectors.vector_store import VectorStore
from tests.library.test_vector_store import SPACE, Table, fill, units

WIDTH = 128
STRETCH = 1024
COUNT = 6 * STRETCH + 100


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "v.sqlite")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some thousand rows go the ways of a million, on any processor."""
    monkeypatch.setattr(matrix, "_WORTH_WRITING", 50)
    monkeypatch.setattr(matrix, "PEAK_OF", STRETCH)
    monkeypatch.setattr(scanning, "PEAK_OF", STRETCH)
    monkeypatch.setattr(matrix, "_NIBBLES_FROM", 4)
    monkeypatch.setattr(scanning, "_FIRST_ROWS", 256)
    monkeypatch.setattr(matrix, "can_have_nibbles", lambda width: width % 64 == 0)


@pytest.fixture
def ruled_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each stretch that was looked at first, how many rows need not be looked at again."""
    counts: list[int] = []
    reached = NibbleQuery.reached

    def watched(self: NibbleQuery, rows: nibble_rows.NibbleRows, edge: float, deviations: float) -> np.ndarray:
        found = reached(self, rows, edge, deviations)
        counts.append(len(rows.errors) - len(found))
        return found

    monkeypatch.setattr(NibbleQuery, "reached", watched)
    return counts


def like_a_network(count: int, seed: int = 1) -> np.ndarray:
    """A common direction, a few parts that outweigh all others, topics, and near twins."""
    rng = np.random.default_rng(seed)
    shape = np.random.default_rng(7)
    common = shape.standard_normal(WIDTH)
    common[[3, 77]] *= 12
    topics = shape.standard_normal((40, WIDTH))
    drawn = common + topics[rng.integers(0, 40, count)] + 0.7 * rng.standard_normal((count, WIDTH))
    drawn[1::9] = drawn[::9][: len(drawn[1::9])] + 0.02 * rng.standard_normal((len(drawn[1::9]), WIDTH))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn.astype(np.float32)


def kept(table: Table, folder: Path) -> VectorStore:
    """A store whose stretches are held in four bits."""
    store = VectorStore(table.reader, folder)
    store.nearest(SPACE, units(1, WIDTH)[0], 1)
    store.keep()
    return store


def assert_right(store: VectorStore, vectors: np.ndarray, query: np.ndarray, k: int = 10) -> None:
    """Row `i` of `vectors` is item `1 + i // 3`; a row of noughts is gone."""
    cosines = np.where(vectors.any(axis=1), vectors @ query, -np.inf)
    best = np.argsort(-cosines, kind="stable")[:k]
    near = store.nearest(SPACE, query, k)
    assert np.allclose([each.cosine for each in near], cosines[best], atol=2e-6)
    assert {each.item_id for each in near} == {1 + int(i) // 3 for i in best}


def anything(count: int, seed: int) -> np.ndarray:
    return units(count, WIDTH, seed)


@pytest.mark.parametrize("draw", [anything, like_a_network])
def test_cosines_are_right_on_average_and_no_further_off_than_is_said(
    draw: Callable[[int, int], np.ndarray],
) -> None:
    vectors, query = draw(4000, 2), draw(1, 3)[0]
    rows = nibble_rows.nibble_rows(to_bytes(vectors)[0])
    assert rows is not None
    asked = NibbleQuery(query)
    true = vectors @ query
    for edge in np.quantile(true, (0.5, 0.9, 0.99)):
        found = asked.reached(rows, float(edge), 4.5)
        assert set(np.flatnonzero(true > edge)) <= set(found.tolist())
    # Without any allowance about half of what lies at the edge is missed, and little that lies far below is found.
    found = asked.reached(rows, float(np.quantile(true, 0.9)), 0.0)
    assert 200 < len(found) < 800
    assert np.quantile(true, 0.7) < np.quantile(true[found], 0.1)


def test_what_four_bits_rule_out_is_not_among_the_nearest(table: Table, tmp_path: Path, ruled_out: list[int]) -> None:
    for number, vectors in enumerate((units(COUNT, WIDTH), like_a_network(COUNT))):
        table.writer.execute("DELETE FROM vectors")
        fill(table, vectors)
        store = kept(table, tmp_path / f"m{number}")
        ruled_out.clear()
        for query in (*units(5, WIDTH, seed=9), *like_a_network(10, seed=10), *vectors[::1500]):
            assert_right(store, vectors, query)
        store.close()
        assert sum(ruled_out) > 0.5 * 5 * STRETCH, "hardly anything was ruled out"


def test_what_comes_and_goes_afterwards_is_found_and_gone(table: Table, tmp_path: Path, ruled_out: list[int]) -> None:
    vectors = units(COUNT, WIDTH)
    fill(table, vectors)
    store = kept(table, tmp_path / "m")
    query = units(1, WIDTH, seed=9)[0]
    more = np.concatenate([query[None], units(2, WIDTH, seed=4)])
    fill(table, more, first_item=1 + (COUNT + 2) // 3)
    padding = np.zeros((-COUNT % 3, WIDTH), np.float32)
    vectors = np.concatenate([vectors, padding, more])
    assert_right(store, vectors, query)
    for item in {each.item_id for each in store.nearest(SPACE, query, 5)}:
        table.remove(item)
        vectors[3 * (item - 1) : 3 * item] = 0
    assert_right(store, vectors, query)
    assert ruled_out
    # Most of them go: the rows are packed, and what was known of their places with them.
    gone = np.arange(1, len(vectors) // 6)
    table.writer.executemany("DELETE FROM vectors WHERE item_id = ?", [(int(item),) for item in gone])
    table.writer.commit()
    vectors[: 3 * gone[-1]] = 0
    ruled_out.clear()
    for each in units(3, WIDTH, seed=12):
        assert_right(store, vectors, each, k=400)
    store.keep()
    store.nearest(SPACE, query, 1)
    store.keep()
    for each in units(3, WIDTH, seed=13):
        assert_right(store, vectors, each)
    assert ruled_out, "the packed rows have no first look"
    store.close()


def test_a_filter_stays_exact(table: Table, tmp_path: Path, ruled_out: list[int]) -> None:
    vectors = like_a_network(COUNT)
    fill(table, vectors)
    store = kept(table, tmp_path / "m")
    items = set(range(1, COUNT // 3, 2))
    allowed = np.isin(1 + np.arange(COUNT) // 3, list(items))
    ruled_out.clear()
    for query in like_a_network(6, seed=10):
        cosines = np.where(allowed, vectors @ query, -2)
        near = store.nearest(SPACE, query, 10, items=items)
        assert np.allclose([each.cosine for each in near], np.sort(cosines)[::-1][:10], atol=2e-6)
    assert ruled_out
    store.close()


def test_where_all_are_alike_the_first_look_is_given_up(table: Table, tmp_path: Path, ruled_out: list[int]) -> None:
    rng = np.random.default_rng(5)
    vectors = units(1, WIDTH) + 0.0005 * rng.standard_normal((COUNT, WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[::500] = 0
    fill(table, vectors)
    store = kept(table, tmp_path / "m")
    query = units(1, WIDTH, seed=9)[0]
    ruled_out.clear()
    near = store.nearest(SPACE, query, 10)
    cosines = np.where(vectors.any(axis=1), vectors @ query, 0)
    assert np.allclose([each.cosine for each in near], np.sort(cosines)[::-1][:10], atol=2e-6)
    assert len(ruled_out) <= 3, "it was tried again and again"
    store.close()


def test_where_onnx_runtime_fails_all_is_looked_at_as_before(
    table: Table, tmp_path: Path, ruled_out: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = units(COUNT, WIDTH)
    fill(table, vectors)
    store = kept(table, tmp_path / "m")
    query = units(1, WIDTH, seed=9)[0]

    def fails(*_: object) -> None:
        raise FourBitFault("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(FourBitRows, "products", fails)
        ruled_out.clear()
        assert_right(store, vectors, query)
        assert not ruled_out
    assert_right(store, vectors, query)
    assert ruled_out, "the next question looks first again"
    store.close()
    # Rows that cannot be held in four bits at all.
    monkeypatch.setattr(FourBitRows, "__init__", fails)
    store = kept(table, tmp_path / "other")
    ruled_out.clear()
    assert_right(store, vectors, query)
    assert not ruled_out
    assert not store._spaces[SPACE].matrix._lacks_nibbles, "it is not tried again and again"
    store.close()
