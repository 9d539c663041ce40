"""Progress where the person looks when the window is covered: in its title everywhere, on its icon where the dock shows it.

Docks that show progress on an icon on Linux (Plasma, Ubuntu, Dash to Dock) listen for one signal of the session's bus.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

log = logging.getLogger(__name__)

DESKTOP_FILE = "application://media-assistant.desktop"
_PATH = "/com/canonical/unity/launcherentry/1"
_INTERFACE = "com.canonical.Unity.LauncherEntry"


class Taskbar:
    """`show` a part of 1, or None for nothing. Nothing happens where no dock listens."""

    def __init__(self) -> None:
        self._shown: float | None = None

    def show(self, part: float | None) -> None:
        """Tell the dock, at most once a percent."""
        rounded = None if part is None else round(part, 2)
        if rounded == self._shown:
            return
        self._shown = rounded
        if sys.platform.startswith("linux") and "DBUS_SESSION_BUS_ADDRESS" in os.environ:
            self._tell(rounded)

    def _tell(self, part: float | None) -> None:
        try:
            from PySide6.QtDBus import QDBusConnection, QDBusMessage
        except ImportError:  # a build without it
            return
        bus = QDBusConnection.sessionBus()
        if bus.isConnected():
            message = QDBusMessage.createSignal(_PATH, _INTERFACE, "Update")
            message.setArguments([DESKTOP_FILE, entry(part)])
            bus.send(message)


def entry(part: float | None) -> dict[str, Any]:
    """What the dock is told."""
    return {"progress": float(part or 0.0), "progress-visible": part is not None}
