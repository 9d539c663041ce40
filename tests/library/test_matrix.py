"""The files beside a library that its vectors are looked through in: whatever befalls them, no answer is wrong."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media_assistant.library.item_set import ItemSet
from media_assistant.library.vectors import matrix, products, scanning
from media_assistant.library.vectors.matrix_file import MatrixFile, stem_of
from media_assistant.library.vectors.vector_store import VectorStore
from tests.library.test_vector_store import SPACE, Table, fill, units

WIDTH = 24


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "v.sqlite")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hundred rows go the ways of a million."""
    monkeypatch.setattr(matrix, "_WORTH_WRITING", 50)
    monkeypatch.setattr(scanning, "_FIRST_ROWS", 32)
    monkeypatch.setattr(scanning, "PEAK_OF", 128)
    monkeypatch.setattr(matrix, "PEAK_OF", 128)


def opened(table: Table, folder: Path) -> VectorStore:
    return VectorStore(table.reader, folder)


def truth(table: Table, query: np.ndarray, k: int, space: str = SPACE) -> list[tuple[int, float]]:
    """(row, cosine) by the plain way: every vector of the table, in full."""
    rows = table.writer.execute(
        'SELECT item_id, "values" FROM vectors WHERE space = ? ORDER BY id', (space,)
    ).fetchall()
    vectors = np.array([np.frombuffer(row[1], "<f4") for row in rows]).reshape(len(rows), len(query))
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    cosines = vectors @ (query / np.linalg.norm(query))
    return [(rows[i][0], float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:k]]


def assert_right(store: VectorStore, table: Table, seed: int = 5, k: int = 12) -> None:
    for query in units(3, WIDTH, seed=seed):
        near = store.nearest(SPACE, query, k)
        everything = truth(table, query, 1 << 20)
        assert np.allclose([each.cosine for each in near], [cosine for _, cosine in everything[:k]], atol=1e-5)
        # Of equals any may come first.
        known = {(item, round(cosine * 1e4) + off) for item, cosine in everything for off in (-1, 0, 1)}
        assert all((each.item_id, round(each.cosine * 1e4)) in known for each in near)


def keep_and_close(table: Table, folder: Path) -> None:
    store = opened(table, folder)
    assert_right(store, table)
    store.keep()
    store.close()


def rows_file(folder: Path) -> Path:
    return next(folder.glob("*.rows"))


def manifest(folder: Path) -> Path:
    return folder / f"{stem_of(SPACE)}.json"


def test_a_second_start_reads_the_file_and_only_what_is_new(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(600, WIDTH))
    keep_and_close(table, folder)
    assert rows_file(folder).stat().st_size == 600 * WIDTH
    fill(table, units(20, WIDTH, seed=2), first_item=900)
    asked: list[str] = []
    table.reader().set_trace_callback(asked.append)
    store = opened(table, folder)
    assert_right(store, table)
    table.reader().set_trace_callback(None)
    newer = [sql for sql in asked if "id > " in sql and "ORDER BY id" in sql]
    assert "id > 600" in newer[0]
    store.close()


def truncate(folder: Path) -> None:
    file = rows_file(folder)
    os.truncate(file, file.stat().st_size // 2)


def truncate_records(folder: Path) -> None:
    file = next(folder.glob("*.records"))
    os.truncate(file, 100)


def empty(folder: Path) -> None:
    os.truncate(rows_file(folder), 0)


def lose_rows(folder: Path) -> None:
    rows_file(folder).unlink()


def flip_header(folder: Path) -> None:
    file = manifest(folder)
    data = bytearray(file.read_bytes())
    data[random.Random(3).randrange(len(data))] ^= 4
    file.write_bytes(data)


def claim_more(folder: Path) -> None:
    """A header that is whole in itself and says more than there is."""
    text, _, _ = manifest(folder).read_bytes().rpartition(b"\n")
    told = json.loads(text)
    told["count"] *= 3
    data = json.dumps(told).encode()
    manifest(folder).write_bytes(data + b"\n%08x" % zlib.crc32(data))


def flip_record(folder: Path) -> None:
    file = next(folder.glob("*.records"))
    data = bytearray(file.read_bytes())
    data[1000] ^= 1
    file.write_bytes(data)


def nonsense(folder: Path) -> None:
    for file in folder.iterdir():
        file.write_bytes(b"\x00\xff" * 4000)


@pytest.mark.parametrize(
    "damage",
    [truncate, truncate_records, empty, lose_rows, flip_header, claim_more, flip_record, nonsense],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_file_is_made_anew(table: Table, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    folder = tmp_path / "m"
    fill(table, units(600, WIDTH))
    keep_and_close(table, folder)
    damage(folder)
    store = opened(table, folder)
    assert_right(store, table)
    store.keep()
    store.close()
    loaded = MatrixFile(folder, SPACE).load()
    assert loaded is not None
    assert len(loaded.ids) == 600
    assert len(list(folder.glob("*.rows"))) == 1


@pytest.mark.parametrize("bit", range(0, 8 * 60, 7))
def test_no_flipped_bit_of_the_header_makes_a_wrong_answer(table: Table, tmp_path: Path, bit: int) -> None:
    folder = tmp_path / "m"
    fill(table, units(120, WIDTH))
    keep_and_close(table, folder)
    data = bytearray(manifest(folder).read_bytes())
    data[len(data) * bit // (8 * 60)] ^= 1 << (bit % 8)
    manifest(folder).write_bytes(data)
    store = opened(table, folder)
    assert_right(store, table)
    store.close()


def test_rows_that_rotted_are_found_in_the_background_and_made_anew(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(600, WIDTH))
    keep_and_close(table, folder)
    data = bytearray(rows_file(folder).read_bytes())
    # Not where the first look compares with the library.
    for row in range(31, 598):
        data[row * WIDTH + 3] ^= 0x40
    rows_file(folder).write_bytes(data)
    store = opened(table, folder)
    store.nearest(SPACE, units(1, WIDTH)[0], 1)
    store.keep()
    asked: list[str] = []
    table.reader().set_trace_callback(asked.append)
    assert_right(store, table)
    table.reader().set_trace_callback(None)
    # All of it was read again by whoever keeps the files; a question reads what came since, which is nothing.
    assert all("id > 600" in sql for sql in asked if "id > " in sql and "ORDER BY id" in sql)
    store.close()


def test_a_matrix_of_another_library_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    one, other = Table(tmp_path / "one.sqlite"), Table(tmp_path / "other.sqlite")
    fill(one, units(600, WIDTH))
    fill(other, units(600, WIDTH, seed=77))
    keep_and_close(one, folder)
    keep_and_close(other, folder)
    keep_and_close(one, folder)


def test_a_library_that_was_put_back_and_went_another_way_is_not_mistaken(tmp_path: Path) -> None:
    """Ids after the parting stand for other vectors; all before is the same."""
    folder = tmp_path / "m"
    table = Table(tmp_path / "v.sqlite")
    first = units(400, WIDTH)
    fill(table, first)
    copy = Table(tmp_path / "copy.sqlite")
    fill(copy, first)
    fill(table, units(100, WIDTH, seed=3), first_item=500)
    keep_and_close(table, folder)
    fill(copy, units(1, WIDTH, seed=4), first_item=500)
    store = opened(copy, folder)
    assert_right(store, copy)
    fill(copy, units(300, WIDTH, seed=6), first_item=600)
    assert_right(store, copy)
    store.close()
    keep_and_close(copy, folder)


def test_a_folder_that_cannot_be_written_leaves_the_vectors_in_memory(table: Table, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    fill(table, units(300, WIDTH))
    store = opened(table, blocked / "m")
    assert_right(store, table)
    store.keep()
    fill(table, units(300, WIDTH, seed=2), first_item=400)
    assert_right(store, table)
    store.close()


def test_a_full_disk_leaves_the_vectors_in_memory_and_no_half_file(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    folder = tmp_path / "m"
    fill(table, units(600, WIDTH))
    keep_and_close(table, folder)
    fill(table, units(600, WIDTH, seed=2), first_item=800)
    store = opened(table, folder)
    assert_right(store, table)
    # The system refuses to let a file grow past this, as a full disk does, in the middle of a write.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (800 * WIDTH, before[1]))
    try:
        store.keep()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert_right(store, table)
    store.close()
    keep_and_close(table, folder)
    assert rows_file(folder).stat().st_size == 1200 * WIDTH


def test_a_cache_does_not_take_the_last_room(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from media_assistant.library.vectors import matrix_file

    folder = tmp_path / "m"
    fill(table, units(300, WIDTH))
    monkeypatch.setattr(matrix_file, "_SPARE_BYTES", 1 << 60)
    keep_and_close(table, folder)
    assert not list(folder.glob("*.rows"))


def test_two_processes_at_once_answer_right_and_leave_one_whole_file(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(400, WIDTH))
    one, other = opened(table, folder), opened(table, folder)
    assert_right(one, table)
    assert_right(other, table)
    one.keep()
    other.keep()
    fill(table, units(200, WIDTH, seed=2), first_item=500)
    for store in (other, one):
        assert_right(store, table)
        store.keep()
        assert_right(store, table)
    one.close()
    other.close()
    keep_and_close(table, folder)
    assert len(list(folder.glob("*.rows"))) == 1


_VICTIM = """
import sqlite3, sys
from pathlib import Path
import numpy as np
from media_assistant.library.vectors import matrix
from media_assistant.library.vectors.vector_store import VectorStore
matrix._WORTH_WRITING = 1
file, folder, space, width = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
connection = sqlite3.connect(file)
writer = sqlite3.connect(file)
store = VectorStore(lambda: connection, folder)
print("on", flush=True)
number = 0
while True:
    number += 1
    writer.execute('INSERT INTO vectors (item_id, space, span_kind, "values")'
                   ' SELECT item_id + 7, space, 0, "values" FROM vectors ORDER BY random() LIMIT 5')
    if number % 3 == 0:
        writer.execute("DELETE FROM vectors WHERE id IN (SELECT id FROM vectors ORDER BY random() LIMIT 40)")
    writer.commit()
    store.nearest(space, np.ones(width, np.float32), 5)
    store.keep()
"""


def test_killed_at_any_moment_it_goes_on_right(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(300, WIDTH))
    keep_and_close(table, folder)
    for number in range(6):
        command = [sys.executable, "-c", _VICTIM, str(table.path), str(folder), SPACE, str(WIDTH)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as victim:
            assert victim.stdout is not None
            victim.stdout.readline()
            # Not a wait for something to happen: the moment is to be any.
            threading.Event().wait(0.02 + 0.03 * number)
            victim.kill()
        store = opened(table, folder)
        assert_right(store, table, seed=number)
        store.keep()
        assert_right(store, table, seed=number)
        store.close()


def test_many_deletes_shrink_the_file(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(900, WIDTH))
    keep_and_close(table, folder)
    table.writer.execute("DELETE FROM vectors WHERE item_id % 3 <> 0")
    table.writer.commit()
    store = opened(table, folder)
    for seed in range(12):
        assert_right(store, table, seed=seed, k=40)
    store.keep()
    fill(table, units(90, WIDTH, seed=8), first_item=2000)
    assert_right(store, table, k=40)
    store.keep()
    store.close()
    assert rows_file(folder).stat().st_size < 700 * WIDTH
    keep_and_close(table, folder)


def test_a_model_change_mixes_nothing_and_the_old_space_answers_meanwhile(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    old, new = units(300, WIDTH), units(300, 16, seed=9)
    fill(table, old)
    keep_and_close(table, folder)
    store = opened(table, folder)
    for item in range(1, 51):
        table.add(item, new[item], space="new model")
        if item % 10 == 0:
            assert_right(store, table)
    assert {each.item_id for each in store.nearest("new model", new[3], 100)} == set(range(1, 51))
    assert store.nearest(SPACE, new[3], 5) == []
    assert store.nearest("new model", old[3], 5) == []
    assert store.spaces() == {SPACE: WIDTH, "new model": 16}
    table.writer.execute("DELETE FROM vectors WHERE space = ?", (SPACE,))
    table.writer.commit()
    assert store.nearest(SPACE, old[3], 5) == []
    store.keep()
    assert not manifest(folder).exists()
    store.close()


def test_a_space_that_another_width_takes_over_answers_in_that_width(table: Table, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    fill(table, units(300, WIDTH))
    keep_and_close(table, folder)
    store = opened(table, folder)
    assert_right(store, table)
    wider = units(60, 2 * WIDTH, seed=3)
    for item, values in enumerate(wider[:30]):
        table.add(item, values)
    still_old = store.nearest(SPACE, units(1, WIDTH)[0], 1)
    assert still_old[0].item_id == 1
    table.writer.execute('DELETE FROM vectors WHERE length("values") = ?', (4 * WIDTH,))
    table.writer.commit()
    for item, values in enumerate(wider[30:], 30):
        table.add(item, values)
    assert store.nearest(SPACE, wider[12], 1)[0].item_id == 12
    store.keep()
    store.close()
    again = opened(table, folder)
    assert again.nearest(SPACE, wider[40], 1)[0].item_id == 40
    again.close()


@pytest.mark.parametrize("has_kernel", [True, False])
def test_hard_vectors_lose_none_of_the_nearest(table: Table, monkeypatch: pytest.MonkeyPatch, has_kernel: bool) -> None:
    """Near twins, one dimension that outweighs all others, and a few vectors with a single large part among them."""
    monkeypatch.setattr(products, "has_kernel", lambda: has_kernel)
    rng = np.random.default_rng(11)
    base = units(40, WIDTH)
    hard = np.repeat(base, 50, axis=0) + 0.01 * rng.standard_normal((2000, WIDTH)).astype(np.float32)
    hard[:, 5] += 3
    hard[::97] = np.eye(WIDTH, dtype=np.float32)[rng.integers(0, WIDTH, len(hard[::97]))]
    fill(table, hard.astype(np.float32))
    for query in np.concatenate([hard[::211], units(5, WIDTH, seed=4)]):
        near = table.store.nearest(SPACE, query, 25)
        expected = truth(table, query, 25)
        assert np.allclose([each.cosine for each in near], [cosine for _, cosine in expected], atol=2e-6)


Step = tuple[str, int]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "add many", "remove", "reopen", "keep", "ask", "ask some"]), st.integers(1, 60)
        ),
        min_size=3,
        max_size=25,
    )
)
def test_whatever_comes_and_goes_the_answer_is_that_of_a_full_product(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    place = tmp_path_factory.mktemp("any")
    table = Table(place / "v.sqlite")
    store = opened(table, place / "m")
    for number, (step, value) in enumerate(steps):
        match step:
            case "add":
                table.add(value, units(1, WIDTH, seed=1000 + number)[0])
            case "add many":
                fill(table, units(3 * value, WIDTH, seed=number), first_item=value)
            case "remove":
                for item in range(value, value + 10):
                    table.writer.execute("DELETE FROM vectors WHERE item_id = ?", (item,))
                table.writer.commit()
            case "reopen":
                store.close()
                store = opened(table, place / "m")
            case "keep":
                store.keep()
            case "ask":
                assert_right(store, table, seed=number, k=value)
            case _:
                query, items = units(1, WIDTH, seed=number)[0], set(range(value, value + 15))
                near = store.nearest(SPACE, query, 10, items=items)
                expected = [pair for pair in truth(table, query, 1 << 20) if pair[0] in items][:10]
                assert [each.item_id for each in near] == [item for item, _ in expected]
    assert_right(store, table)
    store.close()
    table.writer.close()


@pytest.mark.parametrize("in_file", [True, False])
def test_who_asks_behind_one_filter_again_is_told_what_came_and_went_meanwhile(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, in_file: bool
) -> None:
    monkeypatch.setattr(scanning, "_GATHERED", 16)
    fill(table, units(600, WIDTH))
    store = opened(table, tmp_path / "m") if in_file else VectorStore(table.reader)
    query = units(1, WIDTH, seed=5)[0]

    def assert_same(items: ItemSet) -> None:
        for _ in range(3):
            near = store.nearest(SPACE, query, 12, items=items)
            expected = [(item, cosine) for item, cosine in truth(table, query, 1 << 20) if item in items][:12]
            assert np.allclose([each.cosine for each in near], [cosine for _, cosine in expected], atol=1e-5)
            assert {each.item_id for each in near} == {item for item, _ in expected}

    narrow = ItemSet.of(range(3, 40))
    assert_same(narrow)
    held = store._spaces[SPACE].matrix._among
    assert held is not None and held.chosen.held is not None and len(held.chosen.held) == 37 * 3
    assert_same(ItemSet.of(range(3, 40)))
    assert store._spaces[SPACE].matrix._among is held, "the same items, however they were asked for"
    assert_same(ItemSet.of(range(3, 30)))
    assert_same(narrow)
    fill(table, np.stack([query, -query, query]), first_item=20)
    assert_same(narrow)
    assert store.nearest(SPACE, query, 1, items=narrow)[0].item_id == 20
    table.remove(20)
    assert_same(narrow)
    # Most of the others go: the rows are packed, and lie elsewhere.
    for item in range(60, 200):
        table.remove(item)
    store.nearest(SPACE, query, 300)
    store.keep()
    store.nearest(SPACE, query, 1)
    assert_same(narrow)
    store.close()
