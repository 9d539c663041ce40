"""Opens the window on a library and runs it until it is closed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from media_assistant.errors import UserFixable
from media_assistant.paths import APP_NAME, Paths
from media_assistant.settings import Settings
from media_assistant.ui.first_sight import FirstSight
from media_assistant.ui.opening import Opening

log = logging.getLogger(__name__)


def prepare_application() -> QApplication:
    """The one QApplication, named."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    application = QApplication(sys.argv[:1])
    if application.style().objectName() != "fusion":
        application.setStyle("Fusion")
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName("media-assistant")
    return application


def run_app(paths: Paths, settings: Settings, *, open_paths: Sequence[Path] = ()) -> int:
    """Open the window; `open_paths` are imported at once. Returns the exit status.

    A library that another program has open, or that is of a newer version, is said in a window of one sentence: exit 1.
    """
    qInstallMessageHandler(_log_qt)
    application = prepare_application()
    sight = FirstSight(application, paths, settings)
    sight.window.show()
    opening = Opening(sight, paths, settings, open_paths)
    opening.failed.connect(lambda fault: application.exit(_say(sight, fault)))
    status = application.exec()
    opening.close()
    return status


def _say(sight: FirstSight, fault: BaseException) -> int:
    from PySide6.QtWidgets import QMessageBox

    if not isinstance(fault, UserFixable):
        raise fault
    sight.look.dress()
    QMessageBox(QMessageBox.Icon.Warning, sight.words.say("ui.app"), sight.words.fault(fault)).exec()
    return 1


def _log_qt(kind: QtMsgType, context: object, message: str) -> None:
    """Qt's own messages go to the log, as ours do."""
    level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    log.log(level, "%s: %s", getattr(context, "category", "qt"), message)
