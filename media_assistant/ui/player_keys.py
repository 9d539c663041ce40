"""Space, J K L, comma and period, arrows, digits: what they do to whatever plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from media_assistant.ui.playback import Playback

JUMP_MS = 5000


class Player(Protocol):
    """What the keys need."""

    playback: Playback | None
    is_full: bool

    def toggle(self) -> None:
        """Play or pause."""

    def toggle_full(self) -> None:
        """The picture alone, and back."""

    def step_moment(self, direction: int) -> None:
        """To another moment of the search."""


def press(event: QKeyEvent, player: Player) -> bool:
    """Do what a key means; False if it means nothing here."""
    key = int(event.key())
    if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return False
    if key == Qt.Key.Key_Escape and not player.is_full:
        return False
    views: dict[int, Callable[[], None]] = {
        int(Qt.Key.Key_F): player.toggle_full,
        int(Qt.Key.Key_Escape): player.toggle_full,
        int(Qt.Key.Key_N): lambda: player.step_moment(1),
        int(Qt.Key.Key_P): lambda: player.step_moment(-1),
    }
    if key in views:
        views[key]()
        return True
    playback = player.playback
    if playback is None or playback.item is None:
        return False
    plays: dict[int, Callable[[], None]] = {
        int(Qt.Key.Key_Space): player.toggle,
        int(Qt.Key.Key_K): player.toggle,
        int(Qt.Key.Key_J): lambda: playback.shuttle(-1),
        int(Qt.Key.Key_L): lambda: playback.shuttle(1),
        int(Qt.Key.Key_Comma): lambda: playback.step(-1),
        int(Qt.Key.Key_Period): lambda: playback.step(1),
        int(Qt.Key.Key_Left): lambda: playback.seek(playback.position_ms - JUMP_MS),
        int(Qt.Key.Key_Right): lambda: playback.seek(playback.position_ms + JUMP_MS),
        int(Qt.Key.Key_Home): lambda: playback.seek(0),
    }
    if key in plays:
        plays[key]()
        return True
    digit = key - int(Qt.Key.Key_0)
    if 0 <= digit <= 9:
        playback.seek(playback.duration_ms * digit // 10)
        return True
    return False
