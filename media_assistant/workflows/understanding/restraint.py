"""When the work steps back further than usual: while something plays, and on battery."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from media_assistant.jobs.power import is_on_battery
from media_assistant.settings import Settings

SLOW = 1.0
"""Seconds of rest for each second of work."""

_LOOK_EVERY_S = 20.0


class Restraint:
    """`playing` may be set and `reason` asked from any thread. `look` says whether the computer lives on its battery."""

    def __init__(self, look: Callable[[], bool] = is_on_battery) -> None:
        self.playing = False
        self._look = look
        self._lock = threading.Lock()
        self._is_on_battery = False
        self._looked_at = -_LOOK_EVERY_S

    def reason(self, settings: Settings, *, is_foreground: bool = False) -> str:
        """`battery_rest` (do nothing), `battery` or `playing` (go gently), or nothing.

        Somebody who waits for a command is never made to wait longer; nor is the night's work slowed by what plays.
        """
        if is_foreground:
            return ""
        if settings.on_battery != "full" and self._on_battery():
            return "battery_rest" if settings.on_battery == "rest" else "battery"
        if self.playing and settings.slow_while_playing and not settings.overnight:
            return "playing"
        return ""

    def _on_battery(self) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._looked_at >= _LOOK_EVERY_S:
                self._looked_at = now
                self._is_on_battery = self._look()
            return self._is_on_battery
