"""Opens the window on a library and runs it until it is closed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from media_assistant.assistant import Assistant
from media_assistant.errors import UserFixable
from media_assistant.paths import APP_NAME, Paths
from media_assistant.settings import Settings
from media_assistant.ui.desk import Desk
from media_assistant.ui.downloads import Downloads
from media_assistant.ui.icons import icon_file
from media_assistant.ui.item_models.storyboards import Storyboards
from media_assistant.ui.item_models.thumbnails import Thumbnails
from media_assistant.ui.job_bridge import JobBridge
from media_assistant.ui.library_events import LibraryEvents
from media_assistant.ui.main_window import MainWindow
from media_assistant.ui.notices import Notices
from media_assistant.ui.shortcuts import Keys
from media_assistant.ui.theme import Look
from media_assistant.ui.widgets.grid_accessible import install_accessible_grid
from media_assistant.ui.words import Words

log = logging.getLogger(__name__)


class Running:
    """A window on a library, with everything it needs; closed in the right order."""

    def __init__(self, application: QApplication, assistant: Assistant) -> None:
        settings = assistant.settings
        words = Words(settings.language)
        look = Look(application, settings.theme)
        notices = Notices(look, words)
        bridge = JobBridge(lambda fault: notices.warn(words.fault(fault)))
        events = LibraryEvents(bridge)
        thumbnails = Thumbnails(assistant.preview)
        storyboards = Storyboards(assistant.preview)
        downloads = Downloads(assistant, bridge)
        self.assistant = assistant
        self.desk = Desk(
            assistant, bridge, events, words, look, thumbnails, storyboards, notices, downloads, Keys(settings.keys)
        )
        self._unsubscribe = (
            assistant.subscribe(events.take_changes),
            assistant.on_progress(events.take_progress),
        )
        self.window = MainWindow(self.desk)

    def close(self) -> None:
        """Close the window and let go of the engine's events; the assistant stays open."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.desk.notices.leave()
        self.window.close()
        self.window.deleteLater()
        self.desk.bridge.close()
        self.desk.thumbnails.close()
        self.desk.storyboards.close()


def prepare_application() -> QApplication:
    """The one QApplication, named and with its icon."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName("media-assistant")
    application.setWindowIcon(QIcon(str(icon_file("app"))))
    install_accessible_grid()
    return application


def run_app(paths: Paths, settings: Settings, *, open_paths: Sequence[Path] = ()) -> int:
    """Open the window; `open_paths` are imported at once. Returns the exit status.

    A library that another program has open, or that is of a newer version, is said in a window of one sentence: exit 1.
    """
    qInstallMessageHandler(_log_qt)
    application = prepare_application()
    try:
        assistant = Assistant.open(paths, settings)
    except UserFixable as fault:
        return _say_and_leave(application, settings, fault)
    try:
        running = Running(application, assistant)
        running.window.show()
        if open_paths:
            running.window.import_paths(list(open_paths))
        status = application.exec()
        running.close()
    finally:
        assistant.close()
    return status


def _say_and_leave(application: QApplication, settings: Settings, fault: UserFixable) -> int:
    from PySide6.QtWidgets import QMessageBox

    words = Words(settings.language)
    look = Look(application, settings.theme)
    box = QMessageBox(QMessageBox.Icon.Warning, words.say("ui.app"), words.fault(fault))
    box.exec()
    look.deleteLater()
    return 1


def _log_qt(kind: QtMsgType, context: object, message: str) -> None:
    """Qt's own messages go to the log, as ours do."""
    level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    log.log(level, "%s: %s", getattr(context, "category", "qt"), message)
