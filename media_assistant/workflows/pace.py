"""How long the queue will still take, from how long it took so far on this very computer."""

from __future__ import annotations

import threading

_FADE = 0.97
_LEAST_S = 2.0
"""Work that must have been seen before a guess is worth saying."""


class Pace:
    """Seconds per analysis, measured; recent ones count more. `learn` and `left_s` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worked_s = 0.0
        self._count = 0.0
        self._all_s = 0.0

    def learn(self, worked_s: float, count: int) -> None:
        """`count` analyses took `worked_s` together."""
        with self._lock:
            for _ in range(min(count, 100)):
                self._worked_s *= _FADE
                self._count *= _FADE
            self._worked_s += worked_s
            self._count += count
            self._all_s += worked_s

    def left_s(self, waiting: int, lanes: int) -> float | None:
        """Seconds for `waiting` analyses on that many workers; None until enough has been seen."""
        with self._lock:
            if self._all_s < _LEAST_S or self._count <= 0:
                return None
            return waiting * self._worked_s / self._count / max(1, lanes)
