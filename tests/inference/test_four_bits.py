"""Rows of four-bit numbers times a row of floats."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from media_assistant.inference import onnx_writer
from media_assistant.inference.four_bits import NOUGHT, FourBitRows, rounding_of


@pytest.mark.parametrize("width", [64, 384, 512, 768])
@pytest.mark.parametrize("count", [1, 7, 1000])
def test_products_are_those_of_the_numbers_and_their_factors(width: int, count: int) -> None:
    rng = np.random.default_rng(width + count)
    numbers = rng.integers(0, 16, (count, width), np.uint8)
    factors = rng.uniform(0.001, 0.1, count).astype(np.float32)
    row = rng.standard_normal(width).astype(np.float32)
    rows = FourBitRows(numbers[:, 0::2] | (numbers[:, 1::2] << 4), factors)
    centred = numbers.astype(np.float64) - NOUGHT
    found = rows.products(row)
    assert found.shape == (count,)
    # Each is off by what rounding the row did to it: no more than a few of its standard deviations.
    usual = rounding_of(row) * np.linalg.norm(centred, axis=1) / width**0.5 * factors
    assert np.all(np.abs(found - centred @ row * factors) <= 6 * usual + 1e-5)
    assert rounding_of(row) < 0.02 * np.linalg.norm(row)


def test_what_is_written_is_a_model_of_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    model = onnx_writer.Graph.model

    def watched(self: onnx_writer.Graph) -> bytes:
        written.append(model(self))
        return written[-1]

    monkeypatch.setattr(onnx_writer.Graph, "model", watched)
    FourBitRows(np.zeros((3, 32), np.uint8), np.ones(3, np.float32))
    parsed = onnx.load_from_string(written[0])
    onnx.checker.check_model(parsed)
    assert {each.domain: each.version for each in parsed.opset_import} == {"": 17, "com.microsoft": 1}
    assert {node.op_type: node.domain for node in parsed.graph.node} == {"MatMulNBits": "com.microsoft", "Identity": ""}
