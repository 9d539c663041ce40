"""A truncated singular value decomposition of a large sparse matrix, with numpy alone.

Source: Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Sparse:
    """Compressed rows: row `i` holds `values[starts[i]:starts[i+1]]` in `columns[…]`."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: Floats

    @staticmethod
    def of(rows: NDArray[np.int32], columns: NDArray[np.int32], values: Floats, count: int) -> Sparse:
        """From coordinates in any order."""
        order = np.argsort(rows, kind="stable")
        starts = np.searchsorted(rows[order], np.arange(count + 1))
        return Sparse(starts, columns[order], values[order])

    def times(self, dense: Floats) -> Floats:
        """`[rows, k]` = this matrix times `dense` `[columns, k]`."""
        count = len(self.starts) - 1
        out = np.zeros((count, dense.shape[1]), np.float32)
        for first in range(0, count, _ROWS_AT_ONCE):
            last = min(count, first + _ROWS_AT_ONCE)
            begin, end = self.starts[first], self.starts[last]
            if begin == end:
                continue
            products = self.values[begin:end, None] * dense[self.columns[begin:end]]
            filled = np.flatnonzero(self.starts[first + 1 : last + 1] > self.starts[first:last])
            out[first + filled] = np.add.reduceat(products, (self.starts[first:last] - begin)[filled], axis=0)
        return out


def right_singular(matrix: Sparse, transposed: Sparse, rank: int, *, rounds: int = 2) -> tuple[Floats, Floats]:
    """(`[columns, rank]` right singular vectors, `[rank]` singular values), largest first. The seed is fixed."""
    generator = np.random.default_rng(20_13)
    columns = len(transposed.starts) - 1
    sketch = matrix.times(generator.standard_normal((columns, rank + 16)).astype(np.float32))
    for _ in range(rounds):
        basis, _ = np.linalg.qr(sketch)
        basis, _ = np.linalg.qr(transposed.times(basis))
        sketch = matrix.times(basis)
    basis, _ = np.linalg.qr(sketch)
    vectors, values, _ = np.linalg.svd(transposed.times(basis), full_matrices=False)
    return vectors[:, :rank], values[:rank]
