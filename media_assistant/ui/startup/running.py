"""A window at work on a library: what the panels share, built once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.ui.desk import Desk
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.item_models.examples_model import ExamplesModel
from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.library_events import LibraryEvents
from media_assistant.ui.look.icons import icon_file
from media_assistant.ui.notices import Notices
from media_assistant.ui.qt_words import QtWords
from media_assistant.ui.screens import bring_onto_screen
from media_assistant.ui.startup.first_sight import FirstSight
from media_assistant.ui.tray import Tray
from media_assistant.ui.widgets.grid.accessible import install_accessible_grid
from media_assistant.ui.widgets.painted_accessible import install_accessible_painted
from media_assistant.ui.widgets.timeline.accessible import install_accessible_timeline
from media_assistant.ui.work_watch import WorkWatch


class Running:
    """A window on a library, with everything it needs; closed in the right order."""

    def __init__(self, assistant: Assistant, sight: FirstSight) -> None:
        """Take over what was in the window first; `furnish` makes it whole."""
        install_accessible_grid(sight.grid)
        install_accessible_timeline()
        install_accessible_painted()
        notices = Notices(sight.look, sight.words)
        bridge = JobBridge(lambda fault: notices.warn(sight.words.fault(fault)))
        events = LibraryEvents(bridge)
        self.assistant = assistant
        self.desk = Desk(
            assistant,
            bridge,
            events,
            sight.words,
            sight.look,
            sight.thumbnails,
            sight.storyboards,
            notices,
            Downloads(assistant, bridge),
            sight.keys,
            ExamplesModel(assistant, bridge, events),
        )
        self._unsubscribe = (
            assistant.subscribe(events.take_changes),
            assistant.on_progress(events.take_progress),
            assistant.backups.on_made(bridge.on_main(self._tell_backup)),
        )
        self._backup_fault = ""
        self.window = sight.window
        sight.grid.canvas.show_signs()
        sight.grid.viewport().update()
        self.watch: WorkWatch | None = None

    @classmethod
    def whole(cls, application: QApplication, assistant: Assistant) -> Self:
        """The whole window at once, for whoever can wait."""
        running = cls(assistant, FirstSight(application, assistant.paths, assistant.settings))
        for _step in running.furnish():
            pass
        return running

    def furnish(self) -> Iterator[None]:
        """Build the panels, a short step at a time."""
        QApplication.setWindowIcon(QIcon(str(icon_file("app"))))
        yield from self.window.furnish(self.desk)
        yield
        QtWords(self.desk.words, self.window)
        self.watch = WorkWatch(self.desk, self.window)
        self.tray = Tray(self.desk, self.window)
        QApplication.instance().screenRemoved.connect(self._screen_went)  # type: ignore[union-attr]

    def _screen_went(self, _screen: object) -> None:
        """Another one takes the window, once the system has said which ones are left."""
        QTimer.singleShot(0, self.window, lambda: bring_onto_screen(self.window))

    def _tell_backup(self, fault: UserFixable | None) -> None:
        """Nobody asked for it, so a fault is said once and not again until one was made."""
        code = fault.code if fault is not None else ""
        if fault is not None and code != self._backup_fault:
            self.desk.notices.warn(self.desk.words.fault(fault))
        self._backup_fault = code

    def close(self) -> None:
        """Close the window and let go of the engine's events; the assistant stays open."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.desk.notices.leave()
        self.desk.look.leave()
        if self.watch is not None:
            QApplication.instance().screenRemoved.disconnect(self._screen_went)  # type: ignore[union-attr]
            self.watch.close()
        self.window.closes_at_once = True
        self.window.quit()
        for timer in self.window.findChildren(QTimer):
            # It may still live for a while; what it would ask later nobody is there to answer.
            timer.stop()
        self.window.deleteLater()
        self.desk.bridge.close()
        self.desk.thumbnails.close()
        self.desk.storyboards.close()
