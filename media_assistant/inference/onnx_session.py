"""One ONNX graph on the best device that takes it, with explicit threads; closed when idle, open again when asked.

Names, shapes and number types come from the graph. A run feeds only what the graph declares.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import CPU, Hardware, device_of
from media_assistant.inference.onnx_faults import FAULTS, first_line
from media_assistant.items.sentence import Sentence

log = logging.getLogger(__name__)

_CPU = "CPUExecutionProvider"
_OPTIONS: dict[str, dict[str, str]] = {
    # Trying every way of a convolution, as is usual, takes twice as long at each new shape as choosing by rules. Memory
    # that is doubled whenever it is short is not left for the other workers.
    "CUDAExecutionProvider": {"cudnn_conv_algo_search": "HEURISTIC", "arena_extend_strategy": "kSameAsRequested"},
}
_NUMPY = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output that the graph declares; a length that is free is None."""

    name: str
    dtype: type[np.generic]
    shape: tuple[int | None, ...]

    @property
    def is_float(self) -> bool:
        """Whether it holds real numbers."""
        return issubclass(self.dtype, np.floating)


class OnnxSession:
    """`card.path(name)` as a session. May be used from several threads; `free` lets go of the memory at any time."""

    def __init__(self, card: ModelCard, name: str, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Open the graph. Raises UserFixable("model.not_loadable", "model.unsupported")."""
        self.card = card
        self.notes: tuple[Sentence, ...] = ()
        self.device = CPU
        self.last_used = time.monotonic()
        self.thought_s = 0.0
        """Time spent in the graph, in all."""
        self._file = card.path(name)
        self._threads = max(1, threads)
        self._chain = list(hardware.onnx_providers) if hardware is not None else [_CPU]
        self._lock = threading.Lock()
        self._session: Any = None
        self.rows_on_card = 0
        """How many rows a graphics card is always given at once, those that lack filled up; 0: as many as there are. For
        each new shape of a convolution its way is sought afresh, which takes longer than the work."""
        session = self._opened()
        self.inputs = tuple(self._port(port) for port in session.get_inputs())
        self.outputs = tuple(self._port(port) for port in session.get_outputs())

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str]) -> list[NDArray[Any]]:
        """The named outputs. Arrays are converted to the declared type; those that are not declared are left out.

        Where the graph fixes its first length (a batch of 1), rows are run in pieces of that length.
        What fails on a graphics card (its memory is full, it is gone) is done again on the processor, which keeps the
        work until the next `free`; a note says so. Raises UserFixable("model.unsupported") if a declared input has no
        array, "model.failed" if the run fails on the processor too.
        """
        missing = [port.name for port in self.inputs if port.name not in feeds]
        if missing:
            raise self.unsupported(f"input {', '.join(missing)}")
        arrays = {port.name: np.ascontiguousarray(feeds[port.name], port.dtype) for port in self.inputs}
        session = self._opened()
        self.last_used = time.monotonic()
        started = time.perf_counter()
        try:
            try:
                return self._run_rows(session, arrays, list(outputs))
            except FAULTS as fault:
                if session.get_providers()[0] == _CPU:
                    raise
                return self._run_on_processor(arrays, list(outputs), first_line(fault))
        except FAULTS as fault:
            raise UserFixable("model.failed", model=self.card.id, reason=first_line(fault)) from fault
        finally:
            self.thought_s += time.perf_counter() - started
            self.last_used = time.monotonic()

    def free(self) -> None:
        """Close the session; the next run opens it again."""
        with self._lock:
            self._session = None

    def unsupported(self, what: str) -> UserFixable:
        """The error for a graph that lacks `what`."""
        return UserFixable("model.unsupported", model=self.card.id, what=what)

    def _run_on_processor(self, arrays: dict[str, NDArray[Any]], outputs: list[str], reason: str) -> list[NDArray[Any]]:
        """Where this fails too, it is not the card's fault, and the card keeps the work."""
        wanted = self.device
        session = self._session_on([_CPU])
        found = self._run_rows(session, arrays, outputs)
        log.warning("%s goes on without %s: %s", self.card.id, wanted, reason)
        with self._lock:
            self._session, self.device = session, CPU
            self.notes = (Sentence("hardware.card_gave_up", {"model": self.card.id, "reason": reason}),)
        return found

    def _run_rows(self, session: Any, arrays: dict[str, NDArray[Any]], outputs: list[str]) -> list[NDArray[Any]]:
        fixed = {port.shape[0] for port in self.inputs if len(port.shape) > 1 and port.shape[0] is not None}
        if not fixed and self.rows_on_card and session.get_providers()[0] != _CPU:
            fixed = {self.rows_on_card}
        rows = next(iter(arrays.values())).shape[0]
        if len(fixed) != 1 or (size := fixed.pop()) == rows:
            found: list[NDArray[Any]] = session.run(outputs, arrays)
            return found
        pieces: list[list[NDArray[Any]]] = []
        for start in range(0, rows, size):
            piece = {name: array[start : start + size] for name, array in arrays.items()}
            count = min(size, rows - start)
            if count < size:
                # The last piece is filled with copies of its last row, which are cut off again.
                piece = {name: np.concatenate([a, np.repeat(a[-1:], size - count, 0)]) for name, a in piece.items()}
            pieces.append([array[:count] for array in session.run(outputs, piece)])
        return [np.concatenate(parts) for parts in zip(*pieces, strict=True)]

    def _opened(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = self._open()
            return self._session

    def _open(self) -> Any:
        present = set(onnxruntime.get_available_providers())
        chain = [name for name in self._chain if name in present] or [_CPU]
        why = ""
        while True:
            try:
                session = self._session_on(chain)
                break
            except FAULTS as fault:
                if chain[0] == _CPU:
                    reason = first_line(fault)
                    raise UserFixable("model.not_loadable", model=self.card.id, reason=reason) from fault
                why = why or first_line(fault)
                log.warning("%s does not open on %s: %s", self.card.id, device_of(chain[0]), first_line(fault))
                chain = chain[1:]
        used = session.get_providers()[0]
        self.device, self.notes = device_of(used), ()
        if used != self._chain[0]:
            names = {"model": self.card.id, "wanted": device_of(self._chain[0]), "used": device_of(used)}
            lacks = (
                "its libraries cannot be loaded" if self._chain[0] in present else "not in this build of ONNX Runtime"
            )
            why = why or lacks
            self.notes = (Sentence("hardware.provider_fell_back", {**names, "reason": why}),)
        return session

    def _session_on(self, chain: Sequence[str]) -> Any:
        """Raises one of FAULTS where the first of `chain` cannot take the graph."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Several networks look at one film in turn: threads that spin between their turns take the cores from the others.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        providers = [(name, _OPTIONS.get(name, {})) for name in chain]
        # Its own way of falling back prints, and tells nobody.
        return onnxruntime.InferenceSession(str(self._file), options, providers=providers, enable_fallback=0)

    def _port(self, port: Any) -> Port:
        dtype = _NUMPY.get(port.type)
        if dtype is None:
            raise self.unsupported(f"{port.name} {port.type}")
        return Port(port.name, dtype, tuple(length if isinstance(length, int) else None for length in port.shape))


class OnnxNetwork:
    """A card and its sessions: what the cache of networks sees. The networks of this room are made of it."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None, threads: int) -> None:
        self.card = card
        self._hardware = hardware
        self._threads = threads
        self._sessions: list[OnnxSession] = []

    def open_graph(self, name: str) -> OnnxSession:
        """A session that is freed with this network."""
        session = OnnxSession(self.card, name, hardware=self._hardware, threads=self._threads)
        self._sessions.append(session)
        return session

    @property
    def last_used(self) -> float:
        """`time.monotonic()` of the last run."""
        return max(session.last_used for session in self._sessions)

    @property
    def device(self) -> str:
        """What most of it runs on."""
        return next((session.device for session in self._sessions if session.device != CPU), CPU)

    @property
    def thought_s(self) -> float:
        """Time spent in its graphs, in all."""
        return sum(session.thought_s for session in self._sessions)

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What runs on something slower than hoped."""
        return tuple(note for session in self._sessions for note in session.notes)

    def free(self) -> None:
        """Let go of the memory until the next use."""
        for session in self._sessions:
            session.free()


def pick_output(session: OnnxSession, rank: int, width: int, hints: Sequence[str]) -> Port | None:
    """The output of `rank` lengths whose last is `width` (or free), the one whose name fits the earliest hint first."""
    fitting = [
        port
        for port in session.outputs
        if port.is_float and len(port.shape) == rank and (width == 0 or port.shape[-1] in {width, None})
    ]

    def merit(port: Port) -> tuple[int, bool]:
        name = port.name.lower()
        hint = next((place for place, part in enumerate(hints) if part in name), len(hints))
        return hint, port.shape[-1] is None

    return min(fitting, key=merit, default=None)


def unit_rows(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Each row divided by its length; a row of zeros stays one."""
    rows = rows.astype(np.float32, copy=False)
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)
