"""How long the queue will still take, from how long it took so far on this very computer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

_FADE = 0.9
_LEAST_S = 2.0
"""Work that must have been seen before a guess is worth saying."""

Sort = tuple[int, str]
"""A stage, and the kind of what is worked on: a second of film costs other than a photo."""


@dataclass(slots=True)
class _Seen:
    worked_s: float = 0.0
    units: float = 0.0


class Pace:
    """Seconds of work for each second of media (and for each photo and text), by stage and kind; what was recent counts
    more. May be used from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[Sort, _Seen] = {}
        self._all_s = 0.0

    def learn(self, sort: Sort, worked_s: float, units: float) -> None:
        """So much media took so long."""
        if units <= 0:
            return
        with self._lock:
            seen = self._seen.setdefault(sort, _Seen())
            seen.worked_s = seen.worked_s * _FADE + worked_s
            seen.units = seen.units * _FADE + units
            self._all_s += worked_s

    def left_s(self, units: Mapping[Sort, float], lanes: int) -> float | None:
        """Seconds for what waits, on that many workers; None until enough has been seen.

        What was never seen yet is taken to cost what its stage does with other kinds, or what all do on average.
        """
        with self._lock:
            if self._all_s < _LEAST_S or not self._seen:
                return None
            return sum(self._rate(sort) * waiting for sort, waiting in units.items()) / max(1, lanes)

    def _rate(self, sort: Sort) -> float:
        near = (
            [self._seen[sort]]
            if sort in self._seen
            else [seen for (stage, _), seen in self._seen.items() if stage == sort[0]] or list(self._seen.values())
        )
        return sum(seen.worked_s for seen in near) / sum(seen.units for seen in near)
