"""One int8 query against all rows, by every library that is there, beside reading the bytes once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.four_bits import FourBitRows
from media_assistant.library.vectors import products, scanning
from media_assistant.library.vectors.nibble_rows import nibble_rows
from media_assistant.library.vectors.scanning import Scanner, View

Bytes = NDArray[np.int8]
K = 100
_BLOCK = 65_536


def read_bytes(pool: ThreadPoolExecutor, rows: Bytes) -> None:
    """Every byte once: 64-bit xor, two threads. Nothing else that was tried reads faster."""
    words = rows.reshape(-1).view(np.uint64)
    middle = len(words) // 2
    list(pool.map(np.bitwise_xor.reduce, (words[:middle], words[middle:])))


def compare_kernels(count: int, width: int, tell: Callable[..., None]) -> None:
    """A line for each: the median of five, and the median of its ratios to BW measured beside it."""
    rng = np.random.default_rng(0)
    rows = rng.integers(-127, 128, (count, width), np.int8)
    query = rng.integers(-127, 128, width, np.int8)
    with ThreadPoolExecutor(2) as pool:
        for name, make in _CANDIDATES.items():
            try:
                run = make(rows, query, pool)
                run()
            except (ImportError, NotImplementedError) as error:
                tell("vectors kernel", kernel=name, skipped=str(error))
                continue
            ours, limits = [], []
            for _ in range(5):
                for way, kept in ((run, ours), (lambda: read_bytes(pool, rows), limits)):
                    start = time.perf_counter()
                    way()
                    kept.append(time.perf_counter() - start)
            ratio = statistics.median(a / b for a, b in zip(ours, limits, strict=True))
            tell(
                "vectors kernel",
                kernel=name,
                ms=round(1000 * statistics.median(ours), 1),
                bw_ms=round(1000 * statistics.median(limits), 1),
                ratio=round(ratio, 2),
            )
            del run


Run = Callable[[], Any]


def _in_blocks(pool: ThreadPoolExecutor, rows: Bytes, work: Callable[[Bytes], Any], block: int = _BLOCK) -> Run:
    starts = range(0, len(rows), block)
    return lambda: list(pool.map(lambda start: work(rows[start : start + block]), starts))


def _ours(rows: Bytes, query: Bytes, _pool: ThreadPoolExecutor, *, first_look: bool = False) -> Run:
    numbers = np.arange(len(rows), dtype=np.int64)
    scanner = Scanner()
    floats = query.astype(np.float32)
    floats /= np.linalg.norm(floats)
    scales = np.full(len(rows), 1 / 1660, np.float32)
    starts = range(scanning.PEAK_OF, len(rows) - scanning.PEAK_OF, scanning.PEAK_OF) if first_look else ()
    nibbles = (None, *(nibble_rows(rows[start : start + scanning.PEAK_OF]) for start in starts))
    view = View((rows,), numbers, numbers, scales, scanning.peaks_of(scales), nibbles)
    return lambda: scanner.candidates(view, floats, K)


def _numkong(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    import numkong

    return _in_blocks(pool, rows, lambda part: numkong.cdist(query[None], part, "dot"))


def _numkong_half(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    import numkong

    # Two numbers in a byte, as the library lays them out for itself; what they are does not matter for the time.
    halves = rows[:, : rows.shape[1] // 2].view(np.uint8)
    packs = [numkong.dots_pack(halves[at : at + _BLOCK], dtype="int4") for at in range(0, len(rows), _BLOCK)]
    asked = halves[:1].copy()
    return lambda: list(pool.map(lambda pack: numkong.dots_packed(asked, pack), packs))


def _numkong_planes(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    import numkong

    # Two bits of every number against four of the query's: eight Hamming distances, weighed (Horner) and added up.
    width, block = rows.shape[1] // 8, 16_384
    planes = [rows[:, start : start + width].copy().view(np.uint8) for start in (0, width)]
    starts = range(0, len(rows), block)
    packs = [[numkong.hammings_pack(plane[at : at + block]) for plane in planes] for at in starts]
    asked = planes[0][:4].copy()

    def work(pair: list[Any]) -> Any:
        total = None
        for pack in pair:
            *low, part = np.asarray(numkong.hammings_packed(asked, pack))
            for bits in reversed(low):
                part += part
                part += bits
            total = part if total is None else total + total + part
        return total

    return lambda: list(pool.map(work, packs))


def _onnx_half(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    halves, factors = rows[:, : rows.shape[1] // 2].view(np.uint8), np.ones(len(rows), np.float32)
    starts = range(0, len(rows), scanning.PEAK_OF)
    parts = [slice(start, start + scanning.PEAK_OF) for start in starts]
    made = [FourBitRows(halves[part], factors[part]) for part in parts]
    asked = query.astype(np.float32)
    return lambda: list(pool.map(lambda each: each.products(asked), made))


def _simsimd(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    import simsimd

    return _in_blocks(pool, rows, lambda part: simsimd.cdist(query[None], part, "dot"))


def _usearch(rows: Bytes, query: Bytes, _pool: ThreadPoolExecutor) -> Run:
    from usearch.index import MetricKind, search

    return lambda: search(rows, query, K, MetricKind.IP, exact=True, threads=2, dtype="i8")


def _faiss(rows: Bytes, query: Bytes, _pool: ThreadPoolExecutor) -> Run:
    import faiss

    faiss.omp_set_num_threads(2)
    kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
    index = faiss.IndexScalarQuantizer(rows.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    for start in range(0, len(rows), 50_000):
        index.add(rows[start : start + 50_000].astype(np.float32))
    asked = query[None].astype(np.float32)
    return lambda: index.search(asked, K)


def _faiss_bits(rows: Bytes, _query: Bytes, _pool: ThreadPoolExecutor) -> Run:
    import faiss

    index = faiss.IndexBinaryFlat(rows.shape[1])
    bits = np.packbits(rows > 0, axis=1)
    index.add(bits)
    return lambda: index.search(bits[:1], 10 * K)


def _faiss_rabitq(rows: Bytes, query: Bytes, _pool: ThreadPoolExecutor) -> Run:
    import faiss

    index = faiss.IndexRaBitQ(rows.shape[1], faiss.METRIC_INNER_PRODUCT)
    index.train(rows[:20_000].astype(np.float32))
    for start in range(0, len(rows), 50_000):
        index.add(rows[start : start + 50_000].astype(np.float32))
    asked = query[None].astype(np.float32)
    return lambda: index.search(asked, 10 * K)


def _onnx(first: str) -> Callable[[Bytes, Bytes, ThreadPoolExecutor], Run]:
    def make(rows: Bytes, query: Bytes, _pool: ThreadPoolExecutor) -> Run:
        import onnxruntime
        from onnx import TensorProto, helper

        kind = TensorProto.INT8 if first == "int8" else TensorProto.UINT8
        graph = helper.make_graph(
            [helper.make_node("MatMulInteger", ["rows", "query"], ["scores"])],
            "product",
            [
                helper.make_tensor_value_info("rows", kind, ["n", rows.shape[1]]),
                helper.make_tensor_value_info("query", TensorProto.INT8, [rows.shape[1], 1]),
            ],
            [helper.make_tensor_value_info("scores", TensorProto.INT32, ["n", 1])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        feed = {"rows": rows.view(first), "query": query[:, None]}
        return lambda: session.run(None, feed)

    return make


def _numpy_bytes(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    def work(part: Bytes) -> None:
        products.products_by_numpy(query[None], part, np.empty(len(part), np.float32))

    return _in_blocks(pool, rows, work)


def _numpy_bits(rows: Bytes, query: Bytes, pool: ThreadPoolExecutor) -> Run:
    words = np.packbits(rows > 0, axis=1).view(np.uint64)
    asked = np.packbits(query > 0).view(np.uint64)
    starts = range(0, len(words), 8192)
    return lambda: list(
        pool.map(lambda at: np.bitwise_count(words[at : at + 8192] ^ asked).sum(axis=1, dtype=np.uint16), starts)
    )


_CANDIDATES: dict[str, Callable[[Bytes, Bytes, ThreadPoolExecutor], Run]] = {
    "ours: the scan with its candidates": _ours,
    "ours, after a first look at four bits": partial(_ours, first_look=True),
    "numkong int8 dot, two threads": _numkong,
    "numkong int4 dot, packed, two threads": _numkong_half,
    "onnxruntime MatMulNBits, four bits, two threads": _onnx_half,
    "bits: numkong, two planes against four of the query, two threads": _numkong_planes,
    "simsimd int8 dot, two threads": _simsimd,
    "onnxruntime MatMulInteger s8s8": _onnx("int8"),
    "onnxruntime MatMulInteger u8s8": _onnx("uint8"),
    "numpy int8 to f32 in blocks, two threads": _numpy_bytes,
    "bits: numpy bitwise_count, two threads": _numpy_bits,
    "usearch exact i8, top 100": _usearch,
    "faiss SQ8 direct, top 100": _faiss,
    "bits: faiss binary flat, top 1000": _faiss_bits,
    "bits: faiss RaBitQ, top 1000": _faiss_rabitq,
}
