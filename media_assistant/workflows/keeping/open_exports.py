"""The open export and the rebuild as a person asks for them: one at a time, on a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.jobs.threads import make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths

if TYPE_CHECKING:
    from media_assistant.workflows.keeping.exporting import Exported
    from media_assistant.workflows.keeping.rebuilding import Rebuilt

Progress = Callable[[int, int], None]


def _unheard(_done: int, _all: int) -> None:
    pass


class OpenExports:
    """A part of the assistant; `language` is the one that tags are named in."""

    def __init__(self, library: Library, language: Callable[[], str]) -> None:
        self._library = library
        self._language = language
        self._stop = threading.Event()
        self._is_closed = False

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        return make_pool(1, "engine-export")

    def export(self, folder: Path, progress: Progress = _unheard) -> Future[Exported]:
        """As `exporting.export_library`; `progress` is called on the engine's thread."""

        def work() -> Exported:
            from media_assistant.workflows.keeping.exporting import export_library

            language = self._language()
            return export_library(
                self._library, folder, language=language, progress=progress, should_stop=self._should_stop
            )

        self._stop.clear()
        return self._thread.submit(work)

    def rebuild(self, folder: Path, paths: Paths, progress: Progress = _unheard) -> Future[Rebuilt]:
        """As `rebuilding.rebuild_library`, into another file than the one that is open."""

        def work() -> Rebuilt:
            from media_assistant.workflows.keeping.rebuilding import rebuild_library

            return rebuild_library(folder, paths, progress=progress, should_stop=self._should_stop)

        self._stop.clear()
        return self._thread.submit(work)

    def cancel(self) -> None:
        """Stop what runs; it leaves everything as it was."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait until it has stopped."""
        self._is_closed = True
        if "_thread" in self.__dict__:
            self._thread.shutdown(wait=True, cancel_futures=True)

    def _should_stop(self) -> bool:
        return self._is_closed or self._stop.is_set()
