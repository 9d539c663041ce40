"""The keys of the large view: what they do to whatever plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QKeyEvent

from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.shortcuts import Keys, key_of
from media_assistant.ui.widgets.player.controls import PlayerControls

JUMP_MS = 5000


class Player(Protocol):
    """What the keys need."""

    playback: Playback | None
    controls: PlayerControls

    def toggle(self) -> None:
        """Play or pause."""

    def toggle_full(self) -> None:
        """The picture alone, and back."""

    def step_moment(self, direction: int) -> None:
        """To another moment of the search."""

    def mark(self) -> None:
        """Mark what is shown."""

    def go_on(self) -> None:
        """To where it was left off."""


def press(event: QKeyEvent, player: Player, keys: Keys) -> bool:
    """Do what a key means; False if it means nothing here."""
    verb = keys.meant(event, "player")
    views: dict[str, Callable[[], None]] = {
        "full": player.toggle_full,
        "next": lambda: player.step_moment(1),
        "previous": lambda: player.step_moment(-1),
        "mark": player.mark,
    }
    if verb in views:
        views[verb]()
        return True
    playback = player.playback
    if playback is None or playback.item is None:
        return False
    controls = player.controls
    plays: dict[str, Callable[[], None]] = {
        "play": player.toggle,
        "backwards": lambda: playback.shuttle(-1),
        "forwards": lambda: playback.shuttle(1),
        "slower": lambda: playback.step_rate(-1),
        "faster": lambda: playback.step_rate(1),
        "frame_back": lambda: playback.step(-1),
        "frame_on": lambda: playback.step(1),
        "five_back": lambda: playback.seek(playback.position_ms - JUMP_MS),
        "five_on": lambda: playback.seek(playback.position_ms + JUMP_MS),
        "start": lambda: playback.seek(0),
        "end": lambda: playback.seek(playback.duration_ms - 1),
        "jump": lambda: playback.seek(playback.duration_ms * int(key_of(event)) // 10),
        "chapter_back": lambda: controls.step_chapter(-1),
        "chapter_on": lambda: controls.step_chapter(1),
        "loop_start": lambda: controls.set_loop_end(is_start=True),
        "loop_end": lambda: controls.set_loop_end(is_start=False),
        "loop_off": lambda: playback.set_loop(None),
        "go_on": player.go_on,
        "subtitles": controls.turn_subtitles,
        "mute": controls.turn_sound,
    }
    if verb in plays:
        plays[verb]()
        return True
    return False
