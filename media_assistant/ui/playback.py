"""Playing: one player for the whole window, whose frames any widget may paint.

Frames come through a QVideoSink, because QVideoWidget cannot be painted over or grabbed. Playing backwards is done by
seeking, for Qt's player only goes forward. A file is given to it only after a worker has read it without harm.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind

FASTEST = 8.0
BACK_EVERY_MS = 200
NO_PICTURE_AFTER_MS = 2500
_READY = (
    QMediaPlayer.MediaStatus.LoadedMedia,
    QMediaPlayer.MediaStatus.BufferedMedia,
    QMediaPlayer.MediaStatus.BufferingMedia,
)


class Playback(QObject):
    """Signals: `loaded()` another item or none; `framed(QVideoFrame)`; `moved(int)` position in ms; `switched()` playing,
    paused or another rate; `picture_missing()` the film plays but no picture comes; `failed()` it cannot be played.
    """

    loaded = Signal()
    framed = Signal(QVideoFrame)
    moved = Signal(int)
    switched = Signal()
    picture_missing = Signal()
    failed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.item: Item | None = None
        self._sound = QAudioOutput(self)
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        self._player.setAudioOutput(self._sound)
        self._player.setVideoSink(self._sink)
        self._wanted_ms = -1
        self._wants_play = False
        self._has_picture = False
        self._backwards = 0.0
        self._back_timer = QTimer(self)
        self._back_timer.setInterval(BACK_EVERY_MS)
        self._back_timer.timeout.connect(self._go_back)
        self._picture_timer = QTimer(self)
        self._picture_timer.setSingleShot(True)
        self._picture_timer.setInterval(NO_PICTURE_AFTER_MS)
        self._picture_timer.timeout.connect(self._look_for_picture)
        self._sink.videoFrameChanged.connect(self._take_frame)
        self._player.positionChanged.connect(self._take_position)
        self._player.playbackStateChanged.connect(lambda _state: self.switched.emit())
        self._player.mediaStatusChanged.connect(self._take_status)
        self._player.errorOccurred.connect(lambda _error, _text: self.failed.emit())

    # ── what is played ────────────────────────────────────────────────────────────────────────────────────────────

    def load(self, item: Item | None) -> None:
        """Make an item ready without playing it; None lets go of the file."""
        if item is not None and self.item is not None and item.id == self.item.id:
            self.item = item
            return
        self._stop_back()
        self._picture_timer.stop()
        self._wanted_ms, self._wants_play, self._has_picture = -1, False, False
        self._player.stop()
        self.item = item
        self._player.setPlaybackRate(1.0)
        self._player.setSource(QUrl.fromLocalFile(item.path) if item is not None else QUrl())
        if item is not None:
            self._player.pause()  # a stopped player shows no picture, a paused one its first
        self.loaded.emit()

    def close(self) -> None:
        """Let go of the file; needed before the application ends."""
        self.load(None)
        self._player.setVideoSink(None)  # type: ignore[arg-type]
        self._player.setAudioOutput(None)  # type: ignore[arg-type]

    @property
    def position_ms(self) -> int:
        """Where the player is, or will be as soon as it can."""
        return self._wanted_ms if self._wanted_ms >= 0 else int(self._player.position())

    @property
    def duration_ms(self) -> int:
        """By the player, or by the item's own facts until it knows."""
        known = int(self._player.duration())
        return known if known > 0 else (self.item.facts.duration_ms if self.item else 0)

    @property
    def is_playing(self) -> bool:
        """Forwards or backwards."""
        return (
            self._wants_play
            or self._backwards > 0
            or self._player.playbackState() is QMediaPlayer.PlaybackState.PlayingState
        )

    @property
    def rate(self) -> float:
        """1 is as it was filmed, negative is backwards."""
        return -self._backwards if self._backwards else float(self._player.playbackRate())

    @property
    def is_muted(self) -> bool:
        """Whether the sound is off."""
        return bool(self._sound.isMuted())

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """From here."""
        if self.item is None:
            return
        self._stop_back()
        if self._player.mediaStatus() in _READY or self._player.mediaStatus() is QMediaPlayer.MediaStatus.EndOfMedia:
            self._player.play()
        else:
            self._wants_play = True
            self._player.play()
        if self.item.kind is Kind.VIDEO and not self._has_picture:
            self._picture_timer.start()
        self.switched.emit()

    def pause(self) -> None:
        """Stay here."""
        self._stop_back()
        self._wants_play = False
        self._player.pause()
        self.switched.emit()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            if self.rate != 1.0:
                self._player.setPlaybackRate(1.0)
            self.play()

    def seek(self, ms: int) -> None:
        """To a time; kept until the file is open."""
        ms = max(0, min(ms, max(0, self.duration_ms - 1)) if self.duration_ms else ms)
        if self._player.mediaStatus() in _READY and self._player.isSeekable():
            self._wanted_ms = -1
            self._player.setPosition(ms)
        elif self._player.mediaStatus() is QMediaPlayer.MediaStatus.EndOfMedia:
            self._wanted_ms = -1
            self._player.pause()
            self._player.setPosition(ms)
        else:
            self._wanted_ms = ms
        self.moved.emit(ms)

    def step(self, frames: int) -> None:
        """By single pictures, paused."""
        rate = self.item.facts.frame_rate if self.item and self.item.facts.frame_rate > 0 else 25.0
        self.pause()
        self.seek(round(self.position_ms + frames * 1000 / rate))

    def shuttle(self, direction: int) -> None:
        """J and L: again is faster, the other way first stops."""
        now = self.rate if self.is_playing else 0.0
        if direction > 0:
            if now < 0:
                self.pause()
                return
            self._player.setPlaybackRate(1.0 if now == 0 else min(FASTEST, now * 2))
            self.play()
        elif now > 0:
            self.pause()
        elif self.item is not None:
            self._player.pause()
            self._wants_play = False
            self._backwards = 1.0 if self._backwards == 0 else min(FASTEST, self._backwards * 2)
            self._back_timer.start()
        self.switched.emit()

    def set_muted(self, *, is_muted: bool) -> None:
        """Sound off or on."""
        self._sound.setMuted(is_muted)
        self.switched.emit()

    # ── what the player says ──────────────────────────────────────────────────────────────────────────────────────

    def _go_back(self) -> None:
        to = self.position_ms - round(BACK_EVERY_MS * self._backwards)
        self.seek(max(0, to))
        if to <= 0:
            self.pause()

    def _stop_back(self) -> None:
        self._back_timer.stop()
        self._backwards = 0.0

    def _take_frame(self, frame: QVideoFrame) -> None:
        if frame.isValid():
            self._has_picture = True
            self.framed.emit(frame)

    def _take_position(self, ms: int) -> None:
        if self._wanted_ms < 0:
            self.moved.emit(int(ms))

    def _take_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if status in _READY and self._wanted_ms >= 0 and self._player.isSeekable():
            wanted, self._wanted_ms = self._wanted_ms, -1
            self._player.setPosition(wanted)
        if status in _READY and self._wants_play:
            self._wants_play = False
            self._player.play()
        if status is QMediaPlayer.MediaStatus.InvalidMedia:
            self._wants_play = False
            self.failed.emit()
        self.switched.emit()

    def _look_for_picture(self) -> None:
        if self.item is not None and self.is_playing and not self._has_picture:
            self.picture_missing.emit()
