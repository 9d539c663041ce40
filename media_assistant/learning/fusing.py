"""One row of numbers for each item, of all that is known of it: its vectors in several spaces, and its labels.

As in `ground`, every block is scaled so that the dot product of two things says how alike they are in standard deviations
of what pairs drawn at random are: no space drowns another, and what two items have in common adds up over all that is
known of both. An item of which a space knows nothing has noughts there: it is neither like nor unlike the others in it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from media_assistant.learning.things import Floats, Ints

_PAIRED = 600
"""Rows whose pairs tell how widely dot products spread."""
_FEW = 8
_LEAST_SPREAD = 1e-3
_USUAL_SPREAD = 0.2


def scaled(block: Floats, worth: float | Floats = 1.0) -> Floats:
    """A block `[n, w]` of unit rows, or noughts, so that its dot products count as deviations times `worth` (of all, or
    of each row `[n]`; between two of other worth their geometric mean).
    """
    there = np.flatnonzero(np.abs(block).max(axis=1, initial=0.0) > 0)
    spread = _USUAL_SPREAD
    if len(there) >= _FEW:
        drawn = np.random.default_rng(len(there)).permutation(there)[:_PAIRED]
        alike = block[drawn] @ block[drawn].T
        spread = max(float(alike[np.triu_indices(len(drawn), 1)].std()), _LEAST_SPREAD)
    factor = np.sqrt(np.asarray(worth, np.float32) / np.float32(spread))
    return np.asarray(block * (factor[:, None] if factor.ndim else factor), np.float32)


def label_rows(count: int, rows: Ints, columns: Ints, width: int) -> Floats:
    """Unit rows `[count, width]` of labels (a row and a column for each), the rare ones counting most (inverse document
    frequency, Spärck Jones 1972). A row without labels is of noughts.
    """
    made = np.zeros((count, width), np.float32)
    if len(rows):
        borne = np.bincount(columns, minlength=width)
        rarity = np.log((count + 1) / np.maximum(borne, 1)).astype(np.float32)
        made[rows, columns] = np.maximum(rarity, math.log1p(1 / (count + 1)))[columns]
    return unit(made)


def joined(blocks: list[Floats]) -> Floats:
    """Blocks side by side, in rows of length 1; a row that is of noughts alone stays so. The blocks are given up, for of a
    large library they are as large as what comes of them.
    """
    rows = np.concatenate(blocks, axis=1)
    blocks.clear()
    return unit(rows, out=rows)


def unit(rows: Floats, out: Floats | None = None) -> Floats:
    """Rows of length 1; what is as good as nothing becomes nothing. `out` may be `rows` itself."""
    lengths: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    made: Floats = np.divide(rows, np.maximum(lengths, 1e-6), out=out)
    made[~(lengths[:, 0] > 1e-6)] = 0
    return made
