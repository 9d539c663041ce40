"""A film decoded by a worker, for a window that plays it: what is asked of it, and what comes of it.

One worker stays for as long as films are played through it; it is started anew when it dies.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.sentence import Sentence, sentence_from_plain, sentence_of
from media_assistant.jobs.shared import make_memory, unlink_memory
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess

log = logging.getLogger(__name__)

SLOTS = 5
LARGEST = 2560 * 1440
"""Pixels of a picture at most: what is larger comes scaled."""
_LIMITS = Limits(memory_mb=3072, time_s=float("inf"), silence_s=30.0, goodbye_s=1.0)

Plain = dict[str, Any]


class Stream:
    """One film being played. `hear(message, data)` and `fail(sentence)` are called on a thread of the engine."""

    def __init__(self, path: Path, hear: Callable[[Plain, bytes], None], fail: Callable[[Sentence], None]) -> None:
        """Use `Streams.open`."""
        self.path = path
        self._hear = hear
        self._fail = fail
        self._lock = threading.Lock()
        self._memory: SharedMemory | None = None
        self._worker: WorkerProcess | None = None
        self._is_closed = False
        self.slot_bytes = 0

    def seek(self, ms: int, *, turn: int, rate: float, wants_sound: bool) -> None:
        """Everything from now on is of this turn, from `ms` on; sound comes `rate` times as fast, or not at all."""
        self._steer({"to": "seek", "ms": ms, "turn": turn, "rate": rate, "wants_sound": wants_sound})

    def free(self, slot: int, clock_ms: int) -> None:
        """The picture in this slot was taken; the player is at `clock_ms`."""
        self._steer({"to": "free", "slot": slot, "clock": clock_ms})

    def take_pieces(self, pieces: int) -> None:
        """So many pieces of sound went on to the sound card."""
        self._steer({"to": "took", "pieces": pieces})

    def fit(self, width: int, height: int) -> None:
        """Pictures are shown this large, in device pixels."""
        self._steer({"to": "fit", "width": width, "height": height})

    def picture(self, slot: int, size_bytes: int) -> memoryview | None:
        """The bytes in a slot; None when the stream is closed. To be copied before the slot is freed."""
        with self._lock:
            buffer = self._memory.buf if self._memory is not None and not self._is_closed else None
            if buffer is None:
                return None
            return buffer[slot * self.slot_bytes : slot * self.slot_bytes + size_bytes]

    def close(self) -> None:
        """Nothing is heard of it any more."""
        with self._lock:
            self._is_closed = True
            worker = self._worker
        if worker is not None:
            worker.stop_request()

    def _steer(self, said: Plain) -> None:
        with self._lock:
            worker = None if self._is_closed else self._worker
        if worker is not None:
            worker.steer(said)

    def _run(self, worker: WorkerProcess, request: Plain, size: tuple[int, int]) -> None:
        """Runs on the engine's thread until the film is closed or the worker is gone."""
        try:
            with self._lock:
                if self._is_closed:
                    return
                self.slot_bytes = 4 * min(LARGEST, max(16 * 16, size[0] * size[1]))
                self._memory = make_memory(SLOTS * self.slot_bytes)
                self._worker = worker
            request = {**request, "memory": self._memory.name, "slots": SLOTS, "slot_bytes": self.slot_bytes}
            for header, data in worker.request([(request, b"")], _LIMITS, is_closing=lambda: self._is_closed):
                if header["is"] == "opened":
                    unlink_memory(self._memory)
                self._take(header, data)
        except WorkerDied as died:
            log.warning("the worker that played ended: %s", died)
            self._tell(Sentence("error.media.player_died"))
        except UserFixable as fault:
            self._tell(sentence_of(fault))
        except OSError:
            log.exception("no memory to share")
            self._tell(Sentence("error.media.player_died"))
        finally:
            self._let_go()

    def _take(self, header: Plain, data: bytes) -> None:
        if self._is_closed:
            return
        if header["is"] != "end":
            self._hear(header, data)
        elif "error" in header:
            self._tell(sentence_from_plain(header["error"]))
        elif not header.get("stopped"):
            self._tell(Sentence("error.media.player_died"))

    def _tell(self, sentence: Sentence) -> None:
        if not self._is_closed:
            self._fail(sentence)

    def _let_go(self) -> None:
        with self._lock:
            self._is_closed = True
            memory, self._memory, self._worker = self._memory, None, None
        if memory is not None:
            unlink_memory(memory)
            with contextlib.suppress(BufferError):
                memory.close()


class Streams:
    """The worker that decodes what is played, one film at a time."""

    def __init__(self, logs: Path) -> None:
        self._worker = WorkerProcess(logs / "player.log")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine-player")
        self._current: Stream | None = None

    def open(
        self,
        path: Path,
        hear: Callable[[Plain, bytes], None],
        fail: Callable[[Sentence], None],
        *,
        size: tuple[int, int],
        box: tuple[int, int],
        start_ms: int = 0,
        rate: float = 1.0,
        wants_sound: bool = True,
    ) -> Stream:
        """Begin to decode a film of `size` for a box of so many pixels; the one before is closed."""
        self.close_current()
        stream = Stream(path, hear, fail)
        self._current = stream
        request = {
            "do": "play",
            "path": str(path),
            "width": box[0],
            "height": box[1],
            "start_ms": start_ms,
            "rate": rate,
            "wants_sound": wants_sound,
        }
        self._thread.submit(stream._run, self._worker, request, size)  # noqa: SLF001 - the two halves of one thing
        return stream

    def close_current(self) -> None:
        """Stop what is decoded now; the worker stays for the next film."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def close(self) -> None:
        """End the worker."""
        self.close_current()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._worker.close()
