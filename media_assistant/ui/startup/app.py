"""Opens the window on a library and runs it until it is closed."""

from __future__ import annotations

import sys

from PySide6.QtCore import QLoggingCategory, QSettings
from PySide6.QtWidgets import QApplication

from media_assistant.paths import APP_NAME, Paths, keep_private
from media_assistant.settings import Settings
from media_assistant.ui.startup.endings import Endings
from media_assistant.ui.startup.enter_presses import EnterPresses
from media_assistant.ui.startup.shell import Shell
from media_assistant.ui.startup.single import Wish, hand_over

SWITCH_S = 0.0002
"""How long a thread of the engine may keep Python while the window waits for it; by itself Python leaves it 25 times as
long, which is seen when something moves."""


def prepare_application() -> QApplication:
    """The one QApplication, named."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    sys.setswitchinterval(SWITCH_S)
    # Of what Qt has to say only warnings, and not what it could have used besides. They go to standard error, as they do by
    # themselves: a listener of ours would need Python, for which a thread of Qt's can wait for ever, as the window's may hold
    # it and wait for that thread.
    QLoggingCategory.setFilterRules("*.debug=false\n*.info=false\nqt.multimedia.symbolsresolver=false")
    # As an argument, for setStyle would wrap the style and all of its enumerations before the first paint.
    application = QApplication([*sys.argv[:1], "-style", "fusion"])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName("media-assistant")
    EnterPresses(application)
    return application


def run_app(paths: Paths, settings: Settings, *, wish: Wish | None = None) -> int:
    """Open the window, or hand the wish to the one that runs already. Returns the exit status."""
    # What Qt's own dialogs remember lies with what else the program remembers, and goes with it.
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(paths.config))
    keep_private(paths)
    wish = wish or Wish()
    if hand_over(paths, wish):
        return 0
    application = prepare_application()
    shell = Shell(application, paths, settings)
    endings = Endings()
    endings.asked.connect(shell.end)
    if sys.platform == "darwin":
        from media_assistant.ui.startup.file_events import FileEvents

        FileEvents(application).wished.connect(shell.take)
    if getattr(sys, "frozen", False):
        from media_assistant.ui.startup.replaced import Replaced

        Replaced(application, sys.executable).found.connect(shell.tell_replaced)
    shell.start(wish)
    status = application.exec()
    shell.close()
    endings.leave()
    return status
