"""The process that fits heads and forms groups: it has the libraries that are slow to load, and stays while it is asked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from media_assistant.jobs.threads import Later
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.paths import Paths

if TYPE_CHECKING:
    from media_assistant.learning.ground import Ground
    from media_assistant.learning.tag_heads import Learnt, Part

log = logging.getLogger(__name__)

_PIECE = 60_000
"""Bytes of a question that travel at once."""
_LIMITS = Limits(memory_mb=2048, time_s=60.0, silence_s=60.0, goodbye_s=1.0)
_IDLE_S = 180.0
"""So long it stays after the last question."""


class LearningWorker:
    """`fit` is called by one thread, `stop` and `warm_up` by any. It starts when it is first needed."""

    def __init__(self, paths: Paths, is_closing: Callable[[], bool], name: str = "teaching") -> None:
        self._process = WorkerProcess(paths.logs / f"worker-{name}.log", folders=paths.worker_folders)
        self._is_closing = is_closing
        self._busy = threading.Lock()
        self._idle = Later(self._rest, is_put_off=True)

    def fit(self, parts: Mapping[str, Part], grounds: Mapping[str, Ground]) -> Learnt:
        """The heads that come of a tag's examples in each sense. A likeness is told here and at once; whatever needs more,
        and a worker that fails, falls back on it.
        """
        from media_assistant.learning.tag_heads import ask, heard, learn, needs_a_worker

        if not needs_a_worker(parts):
            return learn(parts, ("likeness",), grounds)
        try:
            return heard(self._request(ask(parts)))
        except (WorkerDied, ValueError, OSError):
            log.warning("learnt without the worker", exc_info=True)
            return learn(parts, ("likeness",), grounds)

    def ask(self, data: bytes, do: str = "learn") -> bytes:
        """What a worker makes of a question of any kind. Raises WorkerDied, ValueError."""
        return self._request(data, do)

    def warm_up(self) -> None:
        """Load what takes a second, before it is waited for."""
        from media_assistant.learning.tag_heads import ask

        try:
            self._request(ask({}))
        except (WorkerDied, ValueError, OSError):
            log.warning("the learning worker did not start", exc_info=True)

    def stop(self) -> None:
        """Give up what is being fitted."""
        self._idle.close()
        self._process.stop_request()

    def close(self) -> None:
        """End it; the thread that fits has ended."""
        self._process.close()

    def _request(self, data: bytes, do: str = "learn") -> bytes:
        """Raises WorkerDied, ValueError."""
        pieces = [({"do": "piece"}, data[start : start + _PIECE]) for start in range(0, len(data), _PIECE)]
        found = b""
        self._idle.ask(_IDLE_S)
        with self._busy:
            answers = self._process.request([*pieces, ({"do": do}, b"")], _LIMITS, is_closing=self._is_closing)
            for header, body in answers:
                if header["is"] == "learnt":
                    found = body
                elif header["is"] == "end" and (header.get("error") or header.get("report")):
                    raise ValueError(str(header.get("error") or header.get("report")))
        if not found:
            raise ValueError("nothing was learnt")
        return found

    def _rest(self) -> None:
        """Nobody has asked for a while."""
        if self._busy.acquire(blocking=False):
            try:
                self._process.close()
            finally:
                self._busy.release()
