"""Where an item is shown large: a film, a sound with its cover, a photo or a text, each in its own widget."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import TextSpan
from media_assistant.ui.desk import Desk
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.playing import can_play, read_photo
from media_assistant.ui.widgets.player.audio_view import AudioView
from media_assistant.ui.widgets.player.photo_view import PhotoView
from media_assistant.ui.widgets.player.text_reader import TextReader
from media_assistant.ui.widgets.player.video_surface import VideoSurface

Stamp = tuple[str, int, int]
"""Where a file lies, its size, and when it was written."""


@dataclass(slots=True)
class _ShownPhoto:
    """What is there of the photo that is shown, from when it is turned to until another one is."""

    item_id: int
    path: str = ""
    seen: Stamp | None = None
    """As the file was when it was read, whether that went well or not; None before."""
    is_still: bool = True
    """Whether the small picture stands for it."""
    is_reading: bool = False
    is_wanted_again: bool = False
    """Whether something may have changed since the reading began."""


class PlayerStage(QStackedWidget):
    """Holds the four; `surface` is there from `use_playback` on."""

    surface: VideoSurface

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shown: _ShownPhoto | None = None
        self.photo = PhotoView(desk.look, desk.words)
        self.reader = TextReader(desk.look, desk.words)
        self.audio = AudioView(desk.look, desk.words)
        for stage in (self.photo, self.reader, self.audio):
            self.addWidget(stage)

    def use_playback(self, playback: Playback) -> None:
        """Take the window's player."""
        self.surface = VideoSurface(playback, self._desk.look)
        self._desk.words.bind(self.surface, VideoSurface.setAccessibleName, "ui.picture.name")
        self.addWidget(self.surface)

    def show_blank(self, kind: Kind) -> None:
        """Nothing yet of an item of this kind."""
        self._shown = None
        self.photo.show_picture(QImage())
        self.surface.show_still(QImage())
        self.reader.show_text((), ())
        self.audio.show_peaks(b"")
        self._turn_to(kind)

    def show_item(self, details: Details, still: QImage, found: Sequence[Moment], terms: Sequence[str]) -> None:
        """Show an item; `still` stands for it until it moves, `found` are the moments of the search."""
        item = details.item
        self._turn_to(item.kind)
        for stage in (self.photo, self.surface):
            stage.setAccessibleDescription(" ".join(item.title.split()))
        match item.kind:
            case Kind.VIDEO:
                self.surface.stands_for = item.kind.value
                self.surface.show_still(still)
            case Kind.MUSIC:
                self.audio.show_item(item, still)
            case Kind.PHOTO:
                self._show_photo(details, still)
            case Kind.TEXT:
                spans = [each.span for each in found if isinstance(each.span, TextSpan)]
                marked = [each.span for each in details.marks if isinstance(each.span, TextSpan)]
                self.reader.show_text(details.lines, terms, found=spans, marked=marked)

    def show_note(self, text: str) -> None:
        """Why it does not play; empty for nothing."""
        self.surface.show_note(text)
        self.audio.show_note(text)

    def _turn_to(self, kind: Kind) -> None:
        stages = {Kind.PHOTO: self.photo, Kind.TEXT: self.reader, Kind.MUSIC: self.audio}
        self.setCurrentWidget(stages.get(kind, self.surface))

    def _show_photo(self, details: Details, still: QImage) -> None:
        item = details.item
        if self._shown is None or self._shown.item_id != item.id:
            self._shown = _ShownPhoto(item.id)
        photo = self._shown
        photo.path = item.path
        if photo.is_still:
            self.photo.show_picture(still, is_same=True)
        if not can_play(details):
            return  # once it can be, it is shown again
        if photo.is_reading:
            photo.is_wanted_again = True
        else:
            self._read_photo(photo)

    def _read_photo(self, photo: _ShownPhoto) -> None:
        """The photo itself, unless the file is as it was when it was read last."""
        photo.is_reading, photo.is_wanted_again = True, False
        assistant, path, seen = self._desk.assistant, photo.path, photo.seen

        def read() -> tuple[Stamp | None, QImage | None]:
            now = _stamp(path)
            if seen is not None and now in (seen, None):
                return seen, None  # known already, or away: what was seen of it stays
            return now, read_photo(assistant, Path(path), is_wanted=lambda: self._shown is photo)

        def take(found: tuple[Stamp | None, QImage | None]) -> None:
            photo.is_reading = False
            if self._shown is not photo:
                return
            photo.seen, image = found
            if image is not None:
                photo.is_still = image.isNull()
                if not photo.is_still:
                    self.photo.show_picture(image, is_same=True)
            if photo.is_wanted_again:
                self._read_photo(photo)

        self._desk.bridge.read_disk(read, take, owner=self)


def _stamp(path: str) -> Stamp | None:
    """By which a file that was written anew is told; None where it cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return path, found.st_size, found.st_mtime_ns
