"""Many rows of four-bit numbers, multiplied with one row of floats: a network of one layer.

ONNX Runtime multiplies such weights as those of language models, whose words come one at a time: it reads them as fast
as the memory gives them, where a library that takes row by row for itself waits for each row's sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.onnx_writer import Graph

Floats = NDArray[np.float32]
Nibbles = NDArray[np.uint8]

_BLOCKS = (256, 128, 64)
"""Numbers of a row that share a factor: the fewer blocks the quicker, and the row's width is a multiple."""
_IN_WHOLE_NUMBERS = 4
"""The row of floats is rounded to int8 for each block, and whole numbers are multiplied."""
NOUGHT = 8
"""The number from 0 to 15 that stands for nothing."""


class FourBitFault(Exception):
    """ONNX Runtime cannot do it, or not now: it lacks the layer, or memory."""


class FourBitRows:
    """Rows `[n, d]`, `d` a multiple of 64, of numbers from -8 to 7, each row with a factor. Held in n × d / 2 bytes, and
    safe to use from several threads, each of which does its own work.
    """

    def __init__(self, numbers: Nibbles, factors: Floats) -> None:
        """`numbers` `[n, d / 2]` two in a byte, the first one in its lower half, counted from `NOUGHT`; `factors` `[n]`.

        Raises FourBitFault.
        """
        try:
            import onnxruntime

            from media_assistant.inference.onnx_faults import FAULTS
        except (ImportError, OSError) as fault:
            raise FourBitFault(str(fault)) from fault
        self._faults: tuple[type[BaseException], ...] = (*FAULTS, MemoryError)
        onnxruntime.disable_telemetry_events()  # where the system collects them, on Windows
        count, width = len(numbers), 2 * numbers.shape[1]
        block = _block_of(width)
        graph = Graph()
        fed = graph.take("row", np.float32, [1, width])
        weights = graph.table(numbers.reshape(count, width // block, block // 2))
        scales = graph.table(np.repeat(factors, width // block))
        found = graph.add(
            "MatMulNBits",
            fed,
            weights,
            scales,
            domain="com.microsoft",
            K=width,
            N=count,
            bits=4,
            block_size=block,
            accuracy_level=_IN_WHOLE_NUMBERS,
        )
        graph.give(found, "products", [1, count])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_cpu_mem_arena = False
        try:
            self._session: Any = onnxruntime.InferenceSession(
                graph.model(), options, providers=["CPUExecutionProvider"]
            )
        except self._faults as fault:
            raise FourBitFault(str(fault)) from fault
        # It keeps what it was made of, to make itself again on another device: the same numbers once more.
        self._session._model_bytes = None  # noqa: SLF001

    def products(self, row: Floats) -> Floats:
        """The inner products `[n]` with `row` `[d]`. Other threads run meanwhile. Raises FourBitFault."""
        try:
            found: Floats = self._session.run(None, {"row": row[None]})[0][0]
        except self._faults as fault:
            raise FourBitFault(str(fault)) from fault
        return found


def rounding_of(row: Floats) -> float:
    """The length of what rounding it for `products` does to `row` `[d]`, at most: evenly spread errors of a step."""
    largest = np.abs(row.reshape(-1, _block_of(len(row)))).max(axis=1) / 127
    return float(np.sqrt((largest * largest).sum() * _block_of(len(row)) / 12))


def _block_of(width: int) -> int:
    """How many numbers of a row of this width share a factor."""
    return next(block for block in _BLOCKS if width % block == 0)
