"""What playing asks of the engine: decoding that the window cannot do itself, how loud a sound is over time, where an
item was left off, and what the person marks in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.span import Span
from media_assistant.jobs.threads import make_pool
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.workflows.playback.photos import Photos
from media_assistant.workflows.playback.streaming import Streams
from media_assistant.workflows.understanding.previews import preview_file, write_preview

log = logging.getLogger(__name__)

PEAKS = 1200
"""Stretches of a sound that its loudness is measured in."""
_LIMITS = Limits(memory_mb=2048, time_s=600.0)


class Playing:
    """A part of the assistant. Writes are queued with the other edits, so that there is one writer."""

    def __init__(self, library: Library, paths: Paths, edits: Executor, tell: Callable[[LibraryChanges], None]) -> None:
        self._library = library
        self._logs = paths.logs
        self._previews = paths.library_cache / "previews"
        self._edits = edits
        self._tell = tell
        self._is_closing = False
        self.photos = Photos(paths.logs)

    @cached_property
    def streams(self) -> Streams:
        """What decodes for the window; its worker starts with the first film that needs it."""
        return Streams(self._logs)

    @cached_property
    def _measuring(self) -> ThreadPoolExecutor:
        return make_pool(1, "engine-peaks")

    def close(self) -> None:
        """End what decodes and measures."""
        self._is_closing = True
        self.photos.close()
        if "streams" in self.__dict__:
            self.streams.close()
        if "_measuring" in self.__dict__:
            self._measuring.shutdown(wait=True, cancel_futures=True)

    def peaks(self, item: Item) -> Future[bytes]:
        """How loud a film or a sound is: a byte for each of `PEAKS` equal stretches, 255 the loudest; empty where there
        is no sound. Measured by a worker when first asked for, and kept with the previews.
        """
        return self._measuring.submit(self._peaks, item)

    def _peaks(self, item: Item) -> bytes:
        name = f"peaks-{item.size_bytes}"  # of a file that took the place of another, those of the other are not
        known = preview_file(self._previews, item.id, name)
        if known is not None:
            return known.read_bytes()
        if not item.facts.channels:
            return b""
        worker = WorkerProcess(self._logs / "worker-peaks.log", environment={"MEDIA_ASSISTANT_WORKER_GENTLE": "1"})
        request = {"do": "peaks", "path": str(Path(item.path)), "kind": item.kind.value, "count": PEAKS}
        found, before = b"", _state_of(item.path)
        try:
            for header, data in worker.request([(request, b"")], _LIMITS, is_closing=lambda: self._is_closing):
                if header["is"] == "peaks":
                    found = data
        except WorkerDied as died:
            log.warning("a sound was not measured: %s", died)
        finally:
            worker.close(patience_s=0.5)
        if (
            found and before is not None and before == _state_of(item.path)
        ):  # else of a file that was replaced meanwhile
            try:
                write_preview(self._previews, item.id, name, found)
            except OSError:
                log.warning("a measured sound was not kept", exc_info=True)
        return found

    def mark(self, item_id: int, span: Span, note: str | None = "") -> Future[LibraryChanges]:
        """Mark a moment, with a note or without; None takes the mark away. Can be undone."""

        def work() -> LibraryChanges:
            changes = self._library.mark(item_id, span, None if note is None else " ".join(note.split()))
            self._tell(changes)
            return changes

        return self._edits.submit(work)

    def keep_position(self, item_id: int, position_ms: int) -> None:
        """Playing stopped here; 0 forgets it. Nobody waits for it, and what cannot be written is not worth a word."""
        if not self._library.is_read_only and not self._is_closing:
            self._edits.submit(self._keep, item_id, position_ms)

    def _keep(self, item_id: int, position_ms: int) -> None:
        try:
            self._library.keep_position(item_id, position_ms)
        except UserFixable:
            log.warning("a position was not kept", exc_info=True)


def _state_of(path: str) -> tuple[int, int] | None:
    """Size and time of a file; None where it is not there."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
