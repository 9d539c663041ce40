"""When a list is asked for anew because the library has changed: soon, and not with each change."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from media_assistant.ui.asking import Asking

RENEWED_MS, RENEWED_LATEST_MS = 250, 2000
"""How soon the list follows what has changed in the library."""
_RESTS, _RESTS_LONGEST_MS = 5, 10_000
"""An answer that took long is asked for anew only so many times later: the library may change every moment."""


class Renewing(QObject):
    """Signals: `due()`."""

    due = Signal()

    def __init__(self, asking: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self._asking = asking
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.renew)

    def want(self, rows: int, took_ms: float) -> None:
        """Something has changed. `rows` are shown, and `took_ms` it took to find them (0: that does not matter)."""
        # The longer the list, the longer it takes to put another in its place.
        soon_ms = min(RENEWED_LATEST_MS, max(RENEWED_MS, rows // 100))
        if self._asking.is_under_way and self._asking.is_early:
            # Networks that run answer within this; those that start take half a minute, and nobody waits that long.
            soon_ms = RENEWED_LATEST_MS
        after_ms = max(soon_ms, min(_RESTS_LONGEST_MS, int(_RESTS * took_ms)))
        if not self._timer.isActive() or self._timer.remainingTime() > after_ms:
            self._timer.start(after_ms)

    def renew(self) -> None:
        """Now, unless an answer is on its way that is as good as one asked for now."""
        if self._asking.is_under_way and not self._asking.is_early:
            # Asked anew with each change, what takes longer than the changes are apart would never be answered.
            self._timer.start(RENEWED_LATEST_MS)
        else:
            self.due.emit()
