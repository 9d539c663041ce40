"""Keeps where each film or sound was left off, seldom: on a pause, on another item, at the end, and twice a minute."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from media_assistant.items.answers import Details
from media_assistant.items.item import Item
from media_assistant.ui.playback.playback import Playback
from media_assistant.workflows.playback.playing import Playing

LONG_ENOUGH_MS = 60_000
"""Nobody goes back into the middle of what is shorter."""
WATCHED_MS = 5000
"""What was looked into for less than this was not left off there."""
NEAR_END = 0.97
EVERY_MS = 30_000


def worth_going_back(position_ms: int, duration_ms: int) -> bool:
    """Whether there is enough before and after this place. `duration_ms` is 0 when nobody knows."""
    return position_ms >= WATCHED_MS and (
        not duration_ms or (duration_ms >= LONG_ENOUGH_MS and position_ms < NEAR_END * duration_ms)
    )


class PositionKeeper(QObject):
    """Listens to the player; writes through the engine. Keeps what was written, for details may be older."""

    def __init__(self, playback: Playback, playing: Playing, parent: QObject) -> None:
        super().__init__(parent)
        self._playback = playback
        self._playing = playing
        self._item: Item | None = None
        self._last_ms = 0
        self._watched_ms = 0
        self._kept: dict[int, int] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._keep)
        # The player says that it is at the beginning when it lets go of a file.
        playback.leaving.connect(self._keep)
        playback.loaded.connect(self._another)
        playback.moved.connect(self._moved)
        playback.switched.connect(self._switched)

    def position(self, details: Details) -> int:
        """Where this item was left off, in ms; 0 for nowhere worth going back to."""
        found = self._kept.get(details.item.id, details.left_off_ms)
        return found if worth_going_back(found, details.item.facts.duration_ms) else 0

    def forget(self) -> None:
        """Something was forgotten: the library knows what is left."""
        self._kept.clear()
        self._watched_ms = 0

    def _another(self) -> None:
        self._keep()
        self._timer.stop()
        self._item = self._playback.item
        self._last_ms, self._watched_ms = 0, 0

    def _moved(self, ms: int) -> None:
        step = ms - self._last_ms
        self._last_ms = ms
        if 0 < step < 2000 * max(1.0, self._playback.rate) and self._playback.is_playing:
            self._watched_ms += step
        elif step:
            self._watched_ms = 0  # somebody jumped: what is watched begins here

    def _switched(self) -> None:
        if self._playback.is_playing:
            if not self._timer.isActive():
                self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self._keep()

    def _keep(self) -> None:
        item = self._item
        if item is None or self._watched_ms < WATCHED_MS:
            return
        length_ms = item.facts.duration_ms
        if length_ms and length_ms < LONG_ENOUGH_MS:
            return
        kept = self._last_ms if worth_going_back(self._last_ms, length_ms) else 0
        if self._kept.get(item.id) != kept:
            self._kept[item.id] = kept
            self._playing.keep_position(item.id, kept)
