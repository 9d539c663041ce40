"""What a person did is noted in passing, and forgotten when they say so, wherever it could have left a trace.

The library and its copies are one such place (`library.forgetting`). The others are measured sounds, which are made when
an item is first opened, and logs and reports, in which a fault may have named what was played or searched for.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.happening import Forgetting, Forgotten, Happening
from media_assistant.paths import Paths

if TYPE_CHECKING:
    from media_assistant.library.library import Library
    from media_assistant.workflows.keeping.backing_up import BackingUp

log = logging.getLogger(__name__)


class Remembering:
    """A part of the assistant. Writes are queued with the other edits, so that there is one writer."""

    def __init__(
        self,
        library: Library,
        paths: Paths,
        edits: Executor,
        backups: BackingUp,
        tell: Callable[[LibraryChanges], None],
    ) -> None:
        self._library = library
        self._logs = paths.logs
        self._previews = paths.previews
        self._edits = edits
        self._backups = backups
        self._tell = tell
        self._forgetting: set[Future[Forgotten]] = set()

    def note(self, happening: Happening, began: str = "") -> None:
        """Note what the person did; `began` (UTC) is when. Nobody waits for it, and what cannot be written is not worth a
        word.
        """
        if not self._library.is_read_only:
            with suppress(RuntimeError):  # the program is closing
                self._edits.submit(self._note, happening, began)

    def _note(self, happening: Happening, began: str) -> None:
        try:
            changes = self._library.note_happening(happening, began=began)
        except UserFixable as fault:
            log.warning("what was done was not noted: %s", fault.code)
        else:
            if changes:
                self._tell(changes)

    def set_recording(self, is_recording: bool) -> Future[LibraryChanges]:
        """Note what happens from now on, or nothing of it until told otherwise; what is there stays."""

        def work() -> LibraryChanges:
            changes = self._library.set_recording(is_recording)
            self._tell(changes)
            return changes

        return self._edits.submit(work)

    def forget(self, what: Forgetting) -> Future[Forgotten]:
        """Forget it, everywhere. It cannot be undone. Copies that are being made, or that an edit before this one leaves to
        be made, are waited for, as they may hold it.
        """
        future: Future[Forgotten] = Future()
        future.set_running_or_notify_cancel()

        def work() -> None:
            try:
                gone, changes = self._library.forget(what)
                self._tell(changes)
                self._backups.submit(lambda: finish(gone))
            except BaseException as fault:  # noqa: BLE001 - a thread's border: raised again where it is awaited
                future.set_exception(fault)

        def finish(gone: Forgotten) -> None:
            try:
                future.set_result(self._finish(gone, what))
            except BaseException as fault:  # noqa: BLE001 - a thread's border: raised again where it is awaited
                future.set_exception(fault)

        self._edits.submit(work)
        self._forgetting.add(future)
        future.add_done_callback(self._forgetting.discard)
        return future

    def close(self) -> None:
        """What is to be forgotten is forgotten before the program ends."""
        wait(tuple(self._forgetting))

    def go_on(self) -> None:
        """What a program that was cut off has not finished forgetting."""
        if self._library.is_forgetting:
            self._backups.submit(self._finish_everywhere)

    def _finish(self, gone: Forgotten, what: Forgetting) -> Forgotten:
        self._forget_sounds(what)
        return replace(gone, left=self._finish_everywhere())

    def _finish_everywhere(self) -> tuple[str, ...]:
        """Gives what resisted. The library comes last: as long as it is not through, all of this is done again."""
        left = self._forget_logs()
        return (*self._library.finish_forgetting(), *left)

    def _forget_logs(self) -> tuple[str, ...]:
        """All of them, however little is forgotten: no line says whom it tells of. Gives those that stay."""
        from media_assistant.workflows.reporting import kept_reports

        reports = set(kept_reports(self._logs))
        left: list[str] = []
        for file in (*self._logs.glob("*.log*"), *reports):
            try:
                if file in reports:
                    file.unlink()
                else:
                    os.truncate(file, 0)
            except FileNotFoundError:
                pass
            except OSError:
                left.append(str(file))
        return tuple(left)

    def _forget_sounds(self, what: Forgetting) -> None:
        """How loud a sound is was measured when it was opened; it is measured again when it is opened next."""
        names = [str(item_id) for item_id in what.item_ids] or ["*"]
        for file in (file for name in names for file in self._previews.glob(f"{name}/peaks")):
            with suppress(OSError):
                if what.item_ids or _is_between(file, what):
                    file.unlink()


def _is_between(file: Path, what: Forgetting) -> bool:
    at = file.stat().st_mtime
    since = datetime.fromisoformat(what.since).timestamp() if what.since else 0.0
    return since <= at < (datetime.fromisoformat(what.until).timestamp() if what.until else float("inf"))
