"""Nearest vectors, exactly.

SQLite holds the truth (table `vectors`); this is a copy in memory, one float32 matrix per space, read when a space is
first asked and then kept up: new rows are fetched by their rising id, and every answer is checked against the table
before it is given, so that a vector is found as soon as it is committed and gone as soon as it is deleted, whoever
wrote it. How strongly one fits is `strengths`' to say.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from media_assistant.items.span import WHOLE, Span, TextSpan, TimeSpan
from media_assistant.library.background import Background, draw_rows
from media_assistant.library.strengths import Ground

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Number = TypeVar("Number", np.float32, np.int64)

_BLOCK = 65_536
"""Rows per product: at width 512 a block and its scores stay near the caches, and memory stays flat."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A vector near a query: where it lies, its cosine (-1..1), and its strength in standard deviations."""

    item_id: int
    span: Span
    cosine: float
    strength: float


@dataclass(slots=True)
class _Space:
    dimension: int
    matrix: Floats
    ids: Ints
    """Row id in the table; -1 marks a row whose vector was deleted."""
    items: Ints
    spans: Ints
    """(kind, a, b, c) as `_span` reads them."""
    count: int = 0
    last_id: int = 0
    settled: int = 0
    """`count` when it was last made sure that most rows are alive."""
    ground: Ground | None = None
    drawn_at: int = 0
    """`count` when `ground` was drawn."""
    ground_is_stale: bool = False
    """Vectors were deleted since, maybe some that it stands on."""


class VectorStore:
    """All spaces of one library. Safe to ask from several threads.

    `connection` gives a read connection that the calling thread may use.
    """

    def __init__(self, connection: Callable[[], sqlite3.Connection]) -> None:
        self._connection = connection
        self._spaces: dict[str, _Space] = {}
        self._lock = threading.RLock()

    def spaces(self) -> dict[str, int]:
        """The spaces that hold vectors, with their widths."""
        connection = self._connection()
        found: dict[str, int] = {}
        space = ""
        # From one space to the next along the index: a library has a few spaces and a million vectors.
        while (row := connection.execute(_NEXT_SPACE, (space,)).fetchone()) and row[0] is not None:
            space = row[0]
            found[space] = connection.execute(_WIDTH, (space,)).fetchone()[0] // 4
        return found

    def count(self, space: str) -> int:
        """How many vectors a space holds."""
        return int(self._connection().execute(_COUNT, (space,)).fetchone()[0])

    def has_probes(self, space: str) -> bool:
        """Whether `set_probes` was called for the space since this store was made."""
        with self._lock:
            found = self._fresh(space)
            return found is not None and _ground(found).probes is not None

    def set_probes(self, space: str, probes: Floats) -> None:
        """Give unit vectors `[m, d]` of unrelated queries, the background that strengths are measured against."""
        with self._lock:
            found = self._fresh(space)
            if found is not None and probes.shape[1:] == (found.dimension,):
                _ground(found).hear_probes(probes)

    def nearest(
        self, space: str, query: Floats, k: int, items: Collection[int] | None = None, *, is_example: bool = False
    ) -> list[Neighbour]:
        """The `k` vectors of the highest cosine with `query` `[d]`, strongest first; exact.

        `items` narrows inside the scan. `is_example`: the query is no words but a vector of the same kind as the stored
        ones, and probes, which are words, say nothing about it. An unknown space, a zero query or one of another width finds nothing.
        """
        with self._lock:
            found = self._fresh(space)
            query = np.ascontiguousarray(query, np.float32).reshape(-1)
            length = float(np.linalg.norm(query))
            if found is None or found.count == 0 or k <= 0 or len(query) != found.dimension or length < 1e-6:
                return []
            query = query / length
            alive = found.ids[: found.count] >= 0
            wanted = alive if items is None else alive & _among(found.items[: found.count], items)
            rows = np.flatnonzero(wanted)
            if not len(rows):
                return []
            # A narrow filter multiplies only its own rows; a wide one the whole blocks, which are contiguous.
            narrow = len(rows) * 4 < found.count
            cosines = _product(found.matrix, query, rows) if narrow else _product_all(found, query)[rows]
            while True:
                best = _top(cosines, k)
                best = best[np.isfinite(cosines[best])]
                gone = self._gone(space, found, rows[best])
                if not len(gone):
                    break
                cosines[np.isin(rows, gone)] = -np.inf
            vectors = found.matrix[rows[best]]
            strengths = _ground(found).strengths(query, vectors, cosines[best], is_example=is_example)
            return [
                Neighbour(int(found.items[row]), _span(found.spans[row]), float(cosine), float(strength))
                for row, cosine, strength in zip(rows[best], cosines[best], strengths, strict=True)
            ]

    def of_item(self, space: str, item_id: int) -> list[tuple[Span, Floats]]:
        """The vectors `[d]` of one item with their spans, in order."""
        return self.of_items(space, [item_id]).get(item_id, [])

    def of_items(self, space: str, item_ids: Collection[int]) -> dict[int, list[tuple[Span, Floats]]]:
        """As `of_item`, for many."""
        with self._lock:
            found = self._fresh(space)
            if found is None:
                return {}
            wanted = (found.ids[: found.count] >= 0) & _among(found.items[: found.count], item_ids)
            rows = np.flatnonzero(wanted)
            rows = np.setdiff1d(rows, self._gone(space, found, rows), assume_unique=True)
            answer: dict[int, list[tuple[Span, Floats]]] = {}
            for row in rows:
                answer.setdefault(int(found.items[row]), []).append((_span(found.spans[row]), found.matrix[row].copy()))
            return answer

    def background(self, space: str) -> Background:
        """Cosines of pairs of vectors of different items, drawn evenly and the same way each time."""
        with self._lock:
            found = self._fresh(space)
            return _ground(found).pairs if found else Background(float("nan"), float("nan"), 0)

    def forget(self, space: str | None = None) -> None:
        """Drop the copy in memory; the next question reads it again."""
        with self._lock:
            if space is None:
                self._spaces.clear()
            else:
                self._spaces.pop(space, None)

    def _fresh(self, space: str) -> _Space | None:
        """The space with every committed row; None if it has none."""
        found = self._spaces.get(space)
        connection = self._connection()
        rows = connection.execute(_SELECT_NEW, (space, found.last_id if found else 0))
        while chunk := rows.fetchmany(8192):
            if found is None:
                found = self._spaces[space] = _empty(len(chunk[0][-1]) // 4)
            _append(found, chunk)
        if found is not None and found.count > 2 * found.settled + 4096:
            if self.count(space) < 0.75 * found.count:
                # Analysed again and again, it is mostly made of vectors that were replaced: read it anew.
                del self._spaces[space]
                return self._fresh(space)
            found.settled = found.count
        return found

    def _gone(self, space: str, found: _Space, rows: Ints) -> Ints:
        """Those of `rows` whose vector is no longer in the table; they are marked and never asked again."""
        if not len(rows):
            return rows
        connection = self._connection()
        ids = found.ids[rows]
        known: set[int] = set()
        for start in range(0, len(ids), 500):
            part = [int(row_id) for row_id in ids[start : start + 500]]
            marks = ",".join("?" * len(part))
            known.update(row[0] for row in connection.execute(_SELECT_KNOWN.format(marks=marks), part))
        gone = rows[[int(row_id) not in known for row_id in ids]]
        if len(gone) > 64:
            # Many at once: look at all of them, rather than find them a handful at a time.
            there = np.array([row[0] for row in connection.execute(_SELECT_IDS, (space,))], np.int64)
            gone = np.flatnonzero((found.ids[: found.count] >= 0) & ~np.isin(found.ids[: found.count], there))
        found.ids[gone] = -1
        found.ground_is_stale |= len(gone) > 0
        if len(gone) and (found.ids[: found.count] < 0).mean() > 0.25:
            # The caller's row numbers must stay good until it has answered, so the packing waits for the next question.
            self._spaces.pop(space, None)
        return gone


_TIME, _TEXT = 1, 2


def _ground(found: _Space) -> Ground:
    """The space's background, drawn anew when the space has grown by a tenth."""
    if found.ground is None or not found.drawn_at <= found.count <= 1.1 * found.drawn_at or found.ground_is_stale:
        drawn = draw_rows(np.flatnonzero(found.ids[: found.count] >= 0))
        probes = found.ground.probes if found.ground else None
        found.ground = Ground(found.matrix[drawn], found.items[drawn], probes)
        found.drawn_at, found.ground_is_stale = found.count, False
    return found.ground


_NEXT_SPACE = "SELECT min(space) FROM vectors WHERE space > ?"
_WIDTH = 'SELECT length("values") FROM vectors WHERE space = ? ORDER BY id LIMIT 1'
_SELECT_NEW = 'SELECT id, item_id, span_kind, span_a, span_b, span_c, "values" FROM vectors WHERE space = ? AND id > ? ORDER BY id'
_COUNT = "SELECT count(*) FROM vectors WHERE space = ?"
_SELECT_IDS = "SELECT id FROM vectors WHERE space = ?"
_SELECT_KNOWN = "SELECT id FROM vectors WHERE id IN ({marks})"


def _empty(dimension: int) -> _Space:
    return _Space(
        dimension,
        np.empty((0, dimension), np.float32),
        np.empty(0, np.int64),
        np.empty(0, np.int64),
        np.empty((0, 4), np.int64),
    )


def _append(found: _Space, rows: Sequence[tuple[int, int, int, int, int, int, bytes]]) -> None:
    found.last_id = rows[-1][0]
    # A row of another width is a fault of whoever wrote it and must not take the whole space down.
    good = [row for row in rows if len(row[-1]) == 4 * found.dimension]
    if not good:
        return
    end = found.count + len(good)
    if end > len(found.matrix):
        room = max(end, len(found.matrix) * 3 // 2, 256)
        found.matrix = _grown(found.matrix, room)
        found.ids, found.items, found.spans = (_grown(a, room) for a in (found.ids, found.items, found.spans))
    part = slice(found.count, end)
    values = np.frombuffer(b"".join(row[-1] for row in good), "<f4").reshape(len(good), found.dimension)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    # Cosine is wanted whatever the space says of its lengths; what is not finite is as good as nothing.
    units = np.divide(values, lengths, out=np.zeros_like(values, np.float32), where=lengths > 1e-12)
    found.matrix[part] = np.nan_to_num(units, nan=0.0, posinf=0.0, neginf=0.0)
    found.ids[part] = [row[0] for row in good]
    found.items[part] = [row[1] for row in good]
    found.spans[part] = [[part or 0 for part in row[2:6]] for row in good]
    found.count = end


def _grown(array: NDArray[Number], room: int) -> NDArray[Number]:
    bigger = np.empty((room, *array.shape[1:]), array.dtype)
    bigger[: len(array)] = array
    return bigger


def _span(plain: Ints) -> Span:
    kind, a, b, c = (int(part) for part in plain)
    return TimeSpan(a, b) if kind == _TIME else TextSpan(a, b, c) if kind == _TEXT else WHOLE


def _product(matrix: Floats, query: Floats, rows: Ints) -> Floats:
    scores = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        scores[part] = matrix[rows[part]] @ query
    return scores


def _product_all(found: _Space, query: Floats) -> Floats:
    scores = np.empty(found.count, np.float32)
    for start in range(0, found.count, _BLOCK):
        part = slice(start, min(start + _BLOCK, found.count))
        np.dot(found.matrix[part], query, out=scores[part])
    return scores


def _top(scores: Floats, k: int) -> Ints:
    """Indices of the `k` highest scores, highest first, equals in the order of their rows."""
    if k < len(scores):
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        above, level = np.flatnonzero(scores > edge), np.flatnonzero(scores == edge)
        chosen = np.concatenate([above, level[: k - len(above)]])
    else:
        chosen = np.arange(len(scores))
    return chosen[np.lexsort((chosen, -scores[chosen]))].astype(np.int64)


def _among(values: Ints, wanted: Collection[int]) -> NDArray[np.bool_]:
    return np.isin(values, np.fromiter(wanted, np.int64, len(wanted)))
