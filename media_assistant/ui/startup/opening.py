"""From the first picture to the whole window: the engine is opened on a thread, the panels are built one by one.

What defines widgets is imported on the window's own thread, piece by piece. Qt asks an object for its class without
holding Python, and PySide finds none where another thread makes classes at that very moment, which ends the program;
and two threads that load parts of Qt at once can wait for each other for ever.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.ui.startup.first_sight import FirstSight
from media_assistant.ui.startup.rubbish import Rubbish

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant
    from media_assistant.ui.startup.running import Running

_NEEDED = (
    "media_assistant.ui.desk",
    "media_assistant.ui.widgets.timeline.timeline",
    "media_assistant.ui.startup.running",
    "media_assistant.ui.widgets.sidebar.nav_list",
    "media_assistant.ui.widgets.sidebar.folders_section",
    "media_assistant.ui.panels.sidebar_panel",
    "media_assistant.ui.widgets.search.box",
    "media_assistant.ui.panels.library_panel",
    "media_assistant.ui.playback.own_player",
    "media_assistant.ui.playback.playback",
    "media_assistant.ui.widgets.similar.examples_bar",
    "media_assistant.ui.widgets.similar.row",
    "media_assistant.ui.widgets.similar.view",
    "media_assistant.ui.widgets.tags.view",
    "media_assistant.ui.widgets.transcript.line_list",
    "media_assistant.ui.widgets.transcript.line_bar",
    "media_assistant.ui.widgets.transcript.view",
    "media_assistant.ui.widgets.item_tabs",
    "media_assistant.ui.panels.inspector_panel",
    "media_assistant.ui.panels.activity_panel",
)
"""In the order in which they need each other, so that each step is short."""


class Opening(QObject):
    """Begins as soon as the first picture is painted.

    Signals: `finished()` when the window is whole; `failed(object)` with the fault when the library cannot be opened.
    """

    finished = Signal()
    failed = Signal(object)
    _opened = Signal(object)

    def __init__(
        self,
        sight: FirstSight,
        paths: Paths,
        settings: Settings,
        *,
        is_read_only: bool = False,
        after: threading.Thread | None = None,
        may_begin: Callable[[], bool] | None = None,
    ) -> None:
        """`after`: what still closes this very library, left a moment ago. `may_begin` is asked once, behind the first picture."""
        super().__init__()
        self.sight, self.paths, self._settings = sight, paths, settings
        self._is_read_only = is_read_only
        self._after = after
        self._may_begin = may_begin
        self._thread = threading.Thread(target=self._work, name="opening", daemon=True)
        self._answer: Assistant | BaseException | None = None
        self._to_import = list(_NEEDED)
        self._is_opened = False
        self.has_file = False
        """Of a library that could not be opened: whether there is a file."""
        self.running: Running | None = None
        self._is_closed = False
        self._opened.connect(self._take)  # queued, as it is emitted on the thread
        sight.when_painted(self._begin)

    def close(self) -> None:
        """Close the window and the engine, whether they are whole by now or not."""
        assistant = self.leave()
        if assistant is not None:
            assistant.close()

    def leave(self) -> Assistant | None:
        """Close the window; gives the engine, which is still to be closed and may be slow about it."""
        self._is_closed = True
        if self._thread.ident is not None:
            self._thread.join()
        if self.running is not None:
            self.running.close()
        else:
            self.sight.leave()
        return None if isinstance(self._answer, BaseException) else self._answer

    def _begin(self) -> None:
        if self._may_begin is not None and not self._may_begin():
            return
        self._thread.start()
        QTimer.singleShot(0, self, self._import_next)

    def _import_next(self) -> None:
        if self._is_closed:
            return
        if self._to_import:
            importlib.import_module(self._to_import.pop(0))
            QTimer.singleShot(0, self, self._import_next)
        elif self._is_opened:
            self._run()

    def _work(self) -> None:
        """On the thread."""
        from media_assistant import logs
        from media_assistant.jobs.limits import share_memory

        share_memory()
        try:
            logs.start_logging(self.paths.logs)
            from media_assistant.assistant import Assistant

            if self._after is not None:
                self._after.join()
            self._answer = Assistant.open(self.paths, self._settings, is_read_only=self._is_read_only)
        except Exception as fault:  # noqa: BLE001 - the thread's border: whatever it is, the window has to say it
            self._answer = fault
            self.has_file = os.path.exists(self.paths.library)
        self._opened.emit(self._answer)
        # What the first letter needs.
        importlib.import_module("media_assistant.workflows.search.searching")

    def _take(self, answer: Assistant | BaseException) -> None:
        if self._is_closed:
            return
        if isinstance(answer, BaseException):
            self._end_start()
            self.failed.emit(answer)
            return
        self._is_opened = True
        if not self._to_import:
            self._run()

    def _run(self) -> None:
        """The library is open and everything is imported."""
        from media_assistant.assistant import Assistant
        from media_assistant.ui.startup.running import Running

        if self.running is not None or not isinstance(self._answer, Assistant):
            return
        self.running = Running(self._answer, self.sight)
        steps = self.running.furnish()

        def go_on() -> None:
            if self._is_closed:
                return
            if next(steps, self) is self:
                self._finish()
            else:
                QTimer.singleShot(0, self, go_on)

        go_on()

    def _finish(self) -> None:
        self._end_start()
        self.finished.emit()

    def _end_start(self) -> None:
        """Rubbish is looked for from now on, among what is still to come."""
        if self.sight.window.findChild(Rubbish) is None:
            Rubbish(self.sight.window)
