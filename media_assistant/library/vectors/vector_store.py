"""Nearest vectors, exactly.

SQLite holds the truth (table `vectors`). Beside it every space has a matrix of int8 rows, a quarter of the size, which is
looked through for each question; what may be among the nearest is then compared in full, with the vectors as they stand
in the table at that moment. So every cosine is exact, a vector is found as soon as it is committed and gone as soon as
it is deleted, whoever wrote it, and a matrix that were wrong could hide a vector but not make one up. How strongly one
fits is `strengths`' to say.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from media_assistant.errors import MediaAssistantError
from media_assistant.items.span import Span
from media_assistant.library.vectors import sketches, vector_table
from media_assistant.library.vectors.background import Background, draw_rows
from media_assistant.library.vectors.chosen_rows import chosen_rows
from media_assistant.library.vectors.matrix import Matrix
from media_assistant.library.vectors.matrix_file import MatrixFile, sweep_spaces
from media_assistant.library.vectors.own_matrix import is_of_library
from media_assistant.library.vectors.scanning import Floats, Ints, Scanner, View, gathered, peaks_of
from media_assistant.library.vectors.strengths import Ground

log = logging.getLogger(__name__)

_MANY_GONE = 2048
_SOON_READ = 20_000
"""Vectors that are read in a tenth of a second or two."""
_ANY_ID = 2**63 - 1
_MORE = 8
"""Asked for beyond `k`, so that a few that turn out to be deleted do not cost a second look."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A vector near a query: where it lies, its cosine (-1..1), and its strength in standard deviations.

    `nearer_than` is the share (0..1) of the library that is less near to an example; 1 for words.
    """

    item_id: int
    span: Span
    cosine: float
    strength: float
    nearer_than: float = 1.0


@dataclass(slots=True)
class _Space:
    lock: threading.RLock = field(default_factory=threading.RLock)
    matrix: Matrix | None = None
    settled: int = 0
    """Rows when it was last made sure that most of them are alive."""
    ground: Ground | None = None
    drawn: tuple[int, int] = (0, 0)
    """Rows, and dead ones among them, when `ground` was drawn."""
    probes: Floats | None = None

    @property
    def count(self) -> int:
        """Rows in the matrix."""
        return self.matrix.count if self.matrix else 0


class VectorStore:
    """All spaces of one library. Safe to ask from several threads.

    `connection` gives a read connection that the calling thread may use. `folder` is where matrices are kept, which may
    be deleted at any time; None keeps them in memory.
    """

    def __init__(self, connection: Callable[[], sqlite3.Connection], folder: Path | None = None) -> None:
        self._connection = connection
        self._folder = folder
        self._spaces: dict[str, _Space] = {}
        self._lock = threading.Lock()
        self._scanner = Scanner()
        self._keeper: threading.Thread | None = None
        self._readers: dict[str, threading.Thread] = {}
        """By space, the thread that reads what somebody did not want to wait for."""
        self._is_closing = threading.Event()

    def close(self) -> None:
        """Stop what is done in the background. Nothing may be asked afterwards."""
        self._is_closing.set()
        with self._lock:
            others = [*self._readers.values(), *([self._keeper] if self._keeper is not None else [])]
        for other in others:
            other.join()
        self._scanner.close()

    def spaces(self) -> dict[str, int]:
        """The spaces that hold vectors, with their widths."""
        return vector_table.spaces(self._connection())

    def count(self, space: str) -> int:
        """How many vectors a space holds."""
        return vector_table.count(self._connection(), space)

    def has_probes(self, space: str) -> bool:
        """Whether `set_probes` was called for the space since this store was made."""
        return self._fresh(space) is not None and self._space(space).probes is not None

    def set_probes(self, space: str, probes: Floats) -> None:
        """Give unit vectors `[m, d]` of unrelated queries, the background that strengths are measured against."""
        matrix = self._fresh(space)
        if matrix is not None and probes.shape[1:] == (matrix.width,):
            held = self._space(space)
            with held.lock:
                held.probes = probes
                if held.ground is not None:
                    held.ground.hear_probes(probes)

    def nearest(
        self, space: str, query: Floats, k: int, items: Collection[int] | None = None, *, is_example: bool = False
    ) -> list[Neighbour]:
        """The `k` vectors of the highest cosine with `query` `[d]`, strongest first; exact.

        `items` narrows inside the scan. `is_example`: the query is no words but a vector of the same kind as the stored
        ones, and probes, which are words, say nothing about it. An unknown space, a zero query or one of another width
        finds nothing.
        """
        query = np.ascontiguousarray(query, np.float32).reshape(-1)
        length = float(np.linalg.norm(query))
        matrix = self._fresh(space) if k > 0 and 1e-6 <= length < np.inf else None
        if matrix is None or len(query) != matrix.width:
            return []
        query = query / length
        ground = self._ground(space, matrix)
        answered = self._scanner.beside(partial(ground.answers, query))
        known, cosines = self._best(space, matrix, query, k, items)
        if not len(known.ids):
            return []
        answers = answered()
        strengths = ground.strengths(query, known.units, cosines, is_example=is_example, answers=answers)
        shares = ground.nearer_than(answers, cosines) if is_example else np.ones(len(cosines), np.float32)
        columns = (cosines.tolist(), strengths.tolist(), shares.tolist())
        return [Neighbour(*each) for each in zip(known.items.tolist(), known.spans(), *columns, strict=True)]

    def of_item(self, space: str, item_id: int) -> list[tuple[Span, Floats]]:
        """The unit vectors `[d]` of one item with their spans, in order."""
        return self.of_items(space, [item_id]).get(item_id, [])

    def of_items(self, space: str, item_ids: Collection[int]) -> dict[int, list[tuple[Span, Floats]]]:
        """As `of_item`, for many."""
        found = vector_table.of_items(self._connection(), space, item_ids)
        answer: dict[int, list[tuple[Span, Floats]]] = {}
        for item_id, span, values in zip(found.items.tolist(), found.spans(), found.units, strict=True):
            answer.setdefault(item_id, []).append((span, values))
        return answer

    def timed_spaces(self, item_ids: Collection[int]) -> list[tuple[int, str, str]]:
        """(item, space, analyser) where an analyser gave an item of these at least two vectors with a time."""
        return vector_table.timed_spaces(self._connection(), item_ids)

    def rounded(self, space: str, item_ids: Collection[int], most: int) -> Floats:
        """The first vector `[n, d]` of each of the items that have at most so many, as good as int8 keeps it; from memory."""
        matrix = self._fresh(space)
        if matrix is None:
            return np.empty((0, 0), np.float32)
        view = matrix.view()
        chosen = chosen_rows(view.items, None, item_ids)
        if chosen.marks is not None:
            rows = np.flatnonzero(chosen.marks)
        else:
            rows = np.empty(0, np.int64) if chosen.numbers is None else np.sort(chosen.numbers)
        rows = rows[np.isfinite(view.scales[rows])]
        _, first, counts = np.unique(view.items[rows], return_index=True, return_counts=True)
        rows = np.sort(rows[first[counts <= most]])
        if not len(rows):
            return np.empty((0, matrix.width), np.float32)
        return gathered(view.parts, rows).astype(np.float32) * view.scales[rows, None]

    def most_like(self, space: str, query: Floats, k: int) -> tuple[list[tuple[int, Span]], Floats]:
        """Where the `k` vectors lie that have the largest dot product with `query` `[d]`, and those unit vectors `[k, d]`."""
        query = np.ascontiguousarray(query, np.float32).reshape(-1)
        length = float(np.linalg.norm(query))
        matrix = self._fresh(space) if 1e-6 <= length < np.inf else None
        if matrix is None or len(query) != matrix.width:
            return [], np.empty((0, len(query)), np.float32)
        known, _ = self._best(space, matrix, query / length, k, None)
        return list(zip(known.items.tolist(), known.spans(), strict=True)), known.units

    def draw_items(self, space: str, count: int) -> tuple[list[int], int]:
        """Up to `count` items that have vectors in a space, drawn evenly and the same way each time, and how many vectors
        there are.
        """
        matrix = self._fresh(space)
        if matrix is None:
            return [], 0
        view = matrix.view()
        alive = np.flatnonzero(np.isfinite(view.scales))
        drawn = np.random.default_rng(len(alive)).permutation(alive)[: 8 * count]
        return list(dict.fromkeys(view.items[drawn].tolist()))[:count], len(alive)

    def sketch(self, space: str, width: int) -> tuple[Ints, Floats]:
        """As `sketches.sketch`, of the space as it is now."""
        matrix = self._fresh(space)
        return sketches.sketch(None if matrix is None else matrix.view(), width)

    def leading(self, space: str, width: int) -> tuple[Ints, Floats]:
        """As `sketches.leading`, of the space as it is now."""
        matrix = self._fresh(space)
        return sketches.leading(None if matrix is None else matrix.view(), width)

    def is_ready(self, space: str) -> bool:
        """Whether the next question about a space need not wait until much is read, as after its file was lost. If it
        must, that is begun, in a thread of its own.
        """
        held = self._space(space)
        if held.lock.acquire(blocking=False):
            try:
                last = vector_table.last_id(self._connection(), space, _ANY_ID)
                if last - (held.matrix.last_id if held.matrix is not None else 0) <= _SOON_READ:
                    return True
            finally:
                held.lock.release()
        with self._lock:
            reader = self._readers.get(space)
            if not self._is_closing.is_set() and (reader is None or not reader.is_alive()):
                reader = threading.Thread(target=self._read, args=(space,), name="vectors-read", daemon=True)
                self._readers[space] = reader
                reader.start()
        return False

    def background(self, space: str) -> Background:
        """Cosines of pairs of vectors of different items, drawn evenly and the same way each time."""
        matrix = self._fresh(space)
        return self._ground(space, matrix).pairs if matrix else Background(float("nan"), float("nan"), 0)

    def forget(self, space: str | None = None) -> None:
        """Drop what is in memory; the next question reads it again."""
        with self._lock:
            if space is None:
                self._spaces.clear()
            else:
                self._spaces.pop(space, None)

    def keep(self) -> None:
        """Bring the files of all spaces that were asked up to date, now. Done in the background otherwise."""
        try:
            self._keep_all()
            if self._folder is not None and not self._is_closing.is_set():
                sweep_spaces(self._folder, self.spaces())
        except (sqlite3.Error, MediaAssistantError):
            # The library was closed or went away: whoever asks next is told.
            log.debug("the matrices stay as they are", exc_info=True)

    # What is asked

    def _best(
        self, space: str, matrix: Matrix, query: Floats, k: int, items: Collection[int] | None
    ) -> tuple[vector_table.Vectors, Floats]:
        """The `k` nearest vectors, nearest first and equals in the order of their ids, with their cosines `[k]`."""
        view, wanted = matrix.view_among(items)
        asked, gone = k + _MORE, 0
        least: float | None = None
        while True:
            candidates = self._scanner.candidates(view, query, asked, wanted, least)
            ids = view.ids[candidates.rows]
            known = vector_table.fetch(self._connection(), ids, matrix.width)
            # In float32 the sum of so many products is off by a few ten-millionths, which lie between neighbours too.
            cosines = np.einsum("ij,j->i", known.units.astype(np.float64), query.astype(np.float64))
            order = np.lexsort((known.ids, -cosines))[:k]
            if len(known.ids) < len(ids):
                gone += len(ids) - len(known.ids)
                if gone > _MANY_GONE:
                    # Many at once: look at all of them, rather than find them some at a time.
                    self._bury_gone(space, matrix)
                    (view, wanted), gone = matrix.view_among(items), 0
                    continue
                matrix.bury(np.setdiff1d(ids, known.ids, assume_unique=True), view)
            last = float(cosines[order[-1]]) if len(order) == k else None
            if candidates.edge == -np.inf or (last is not None and last >= candidates.edge):
                return known.take(order), np.asarray(cosines[order], np.float32)
            # With k in hand, whatever reaches the last of them settles it; with too few, for some are deleted, look on.
            asked, least = 2 * asked, last

    def _ground(self, space: str, matrix: Matrix) -> Ground:
        """The space's background, drawn anew when a tenth of the space came or went since."""
        held = self._space(space)
        with held.lock:
            count, dead = held.drawn
            changed = abs(matrix.count - count) + abs(matrix.dead - dead)
            if held.ground is None or changed > 0.1 * count or (changed and matrix.dead != dead and count < 256):
                ids = np.sort(draw_rows(matrix.alive()))
                drawn = vector_table.fetch(self._connection(), ids, matrix.width)
                held.ground = Ground(drawn.units, drawn.items)
                if held.probes is not None:
                    held.ground.hear_probes(held.probes)
                held.drawn = (matrix.count, matrix.dead)
            return held.ground

    # How the matrices keep up

    def _space(self, space: str) -> _Space:
        with self._lock:
            return self._spaces.setdefault(space, _Space())

    def _fresh(self, space: str) -> Matrix | None:
        """The space's matrix with every committed row; None if it has none."""
        held = self._space(space)
        connection = self._connection()
        with held.lock:
            matrix = held.matrix or self._open(space)
            if matrix is None:
                return None
            held.matrix = matrix
            has_others = False
            for new in vector_table.newer(connection, space, matrix.last_id, matrix.width):
                if self._is_closing.is_set():
                    return None
                matrix.add(new.ids, new.items, new.values, new.last_id)
                has_others |= new.has_others
                matrix.write_while_reading()
            if has_others and vector_table.width(connection, space) != matrix.width:
                # A model of another width has taken the space over.
                self.forget(space)
                return self._fresh(space)
            if matrix.count > 2 * held.settled + 4096:
                if self.count(space) < 0.75 * matrix.count:
                    self._bury_gone(space, matrix)
                held.settled = matrix.count
            matrix.pack()
        if matrix.wants_keeping:
            self._keep_soon()
        return matrix

    def _read(self, space: str) -> None:
        try:
            self._fresh(space)
        except (sqlite3.Error, MediaAssistantError):
            # The library was closed or went away: whoever asks next is told.
            log.debug("the matrix is not read", exc_info=True)

    def _open(self, space: str) -> Matrix | None:
        """From its file, if that is of this library as it is now."""
        connection = self._connection()
        width = vector_table.width(connection, space)
        if width < 1:
            return None
        if self._folder is None:
            return Matrix(width)
        file = MatrixFile(self._folder, space)
        loaded = file.load()
        if loaded is not None:
            view = View((loaded.bytes,), loaded.ids, loaded.items, loaded.scales, peaks_of(loaded.scales))
            if loaded.bytes.shape[1] == width and is_of_library(connection, space, view):
                return Matrix(width, file, loaded)
            log.warning("a matrix is of another library, or of another state of it: made anew")
            file.drop()
        return Matrix(width, file)

    def _bury_gone(self, space: str, matrix: Matrix) -> None:
        last = matrix.last_id
        matrix.bury_all_but(vector_table.all_ids(self._connection(), space), last)

    def _keep_soon(self) -> None:
        with self._lock:
            if self._is_closing.is_set() or (self._keeper is not None and self._keeper.is_alive()):
                return
            self._keeper = threading.Thread(target=self.keep, name="vectors-keep", daemon=True)
            self._keeper.start()

    def _keep_all(self) -> None:
        with self._lock:
            held = [(space, each, each.matrix) for space, each in self._spaces.items() if each.matrix is not None]
        for space, each, matrix in held:
            if matrix.wants_keeping and not matrix.keep(self._is_closing.is_set):
                # The old one answers until the new one is whole.
                renewed = self._made_anew(space)
                with each.lock:
                    if each.matrix is matrix:
                        each.matrix = renewed
            else:
                matrix.add_nibbles(self._is_closing.is_set)

    def _made_anew(self, space: str) -> Matrix | None:
        """The space's matrix, read from the library; None if there is nothing to read or no time left."""
        connection = self._connection()
        matrix = self._open(space)
        if matrix is not None:
            for new in vector_table.newer(connection, space, matrix.last_id, matrix.width):
                if self._is_closing.is_set():
                    return None
                matrix.add(new.ids, new.items, new.values, new.last_id)
                matrix.write_while_reading()
        return matrix
