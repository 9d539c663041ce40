"""A file that another program hands over: shown as soon as it is in the library, played as soon as it was looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject

from media_assistant.items.answers import Details
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.kind import Kind
from media_assistant.ui.desk import Desk
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.playing import can_play


class Shows(Protocol):
    """What is needed of the window."""

    desk: Desk
    playback: Playback

    @property
    def player(self) -> Any:
        """The large view."""

    @property
    def is_playing_large(self) -> bool:
        """Whether it is shown."""
        ...

    def open_item(self, item_id: int) -> None:
        """Show an item large."""


class OpensFile(QObject):
    """Goes by itself: when the file plays, or when the person has turned to something else."""

    def __init__(self, window: Shows, file: Path, owner: QObject) -> None:
        super().__init__(owner)
        self._window = window
        self._file = file
        self._item_id = 0

    def find(self) -> None:
        """The file has come in, unless it could not be read."""
        library = self._window.desk.assistant.library

        def look() -> int:
            place = library.find_by_path(self._file)
            return place.item_id if place is not None else 0

        self._window.desk.bridge.read(look, self._show, owner=self)

    def _show(self, item_id: int) -> None:
        if not item_id:
            self.deleteLater()
            return
        self._item_id = item_id
        self._window.open_item(item_id)
        self._window.desk.events.changed.connect(self._changed)
        self._look()

    def _changed(self, changes: LibraryChanges) -> None:
        if self._item_id in changes.changed:
            self._look()

    def _look(self) -> None:
        library, item_id = self._window.desk.assistant.library, self._item_id
        self._window.desk.bridge.read(lambda: library.details(item_id), self._play, owner=self)

    def _play(self, details: Details) -> None:
        window = self._window
        is_still_wanted = window.is_playing_large and window.player.item_id == self._item_id
        is_played = details.item.kind in (Kind.VIDEO, Kind.MUSIC)
        if is_still_wanted and is_played and not can_play(details):
            return
        window.desk.events.changed.disconnect(self._changed)
        if is_still_wanted and is_played:
            window.playback.load(details.item)
            window.playback.play()
        self.deleteLater()
