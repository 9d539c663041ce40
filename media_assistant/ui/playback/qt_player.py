"""Qt's own player: plays most films, with pitch kept at every speed where its backend can.

Frames come through a QVideoSink, because QVideoWidget cannot be painted over or grabbed. A frame is turned into a picture
once, here, however many widgets show it.

Whoever gives Qt another file waits until it has opened the one before, on the caller's thread. So a file is given to it only
once its drive has answered.
"""

from __future__ import annotations

from PySide6.QtCore import Q_ARG, QElapsedTimer, QGenericArgumentHolder, QMetaObject, QObject, Qt, QTimer, QUrl
from PySide6.QtMultimedia import QAudioOutput, QMediaDevices, QMediaPlayer, QVideoFrame, QVideoSink

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.ui.playback.backend import PlayerBackend
from media_assistant.ui.playback.reaching import Reach, at_once

NO_PICTURE_AFTER_MS = 1500
SOON_MS = 300
AGAIN_AFTER_MS = (1000, 2000, 4000)
"""Where a jump shows nothing, paused, Qt is told to jump again. That makes it begin anew at the key frame, so asking before
it had time for a long way makes the picture come later, not sooner.
"""
SHORTEST_MS = 14
"""Between two pictures on the screen."""
NO_SOFTWARE_DECODER = frozenset({"av1", "libdav1d", "libaom-av1"})
"""Codecs that Qt's libav decodes with a graphics card or not at all: there it is given less time to show something."""
_SAME_LENGTH, _SAME_LENGTH_MS = 0.02, 500
_READY = (
    QMediaPlayer.MediaStatus.LoadedMedia,
    QMediaPlayer.MediaStatus.BufferedMedia,
    QMediaPlayer.MediaStatus.BufferingMedia,
)


def _need_no_python(shared: QObject) -> None:
    """Let the threads of Qt's player connect to and disconnect from an object of ours without Python.

    The first of each asks Python whether the method was overridden, and does so with one of Qt's locks held, for which
    the window's thread may wait while it holds Python: then both wait for ever. The answer is kept from then on.
    """
    shared.objectNameChanged.connect(_ignore)
    shared.objectNameChanged.disconnect(_ignore)


def _ignore(_name: str) -> None:
    """Nothing is to be done."""


class QtPlayer(PlayerBackend):
    """See `PlayerBackend`. `gave_up` comes when a film is open and no picture has come of it, whatever Qt says, and when it
    is to jump about in a sound of which it only guesses the length.
    """

    def __init__(self, parent: QObject | None = None, *, reach: Reach = at_once) -> None:
        super().__init__(parent)
        self._reach = reach
        self._item: Item | None = None
        self._is_reaching = False
        """Whether the drive of the item is still waited for."""
        self._sound = QAudioOutput(self)
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self._follow_device)
        self._sink = QVideoSink(self)
        self._player = QMediaPlayer(self)
        for shared in (self._sound, self._sink, self._player):
            _need_no_python(shared)
        self._player.setAudioOutput(self._sound)
        self._player.setVideoSink(self._sink)
        self._wanted_ms = -1
        self._wants_play = False
        self._has_picture = False
        self._is_settled = True
        self._target_ms = 0
        self._tries = 0
        self._has_moved = True
        """Whether it has played since the last jump, so that Qt knows better where it is."""
        self._stale: tuple[QVideoFrame, float, float] | None = None
        self._painted = QElapsedTimer()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._settle)
        self._picture_timer = QTimer(self)
        self._picture_timer.setSingleShot(True)
        self._picture_timer.timeout.connect(self._look_for_picture)
        self._sink.videoFrameChanged.connect(self._take_frame)
        self._player.positionChanged.connect(self._take_position)
        self._player.playbackStateChanged.connect(lambda _state: self.switched.emit())
        self._player.mediaStatusChanged.connect(self._take_status)
        self._player.errorOccurred.connect(lambda _error, _text: self._give_up())
        availability = self._player.pitchCompensationAvailability()
        self.keeps_pitch = availability is not QMediaPlayer.PitchCompensationAvailability.Unavailable
        self._player.setPitchCompensation(True)

    # ── what is played ────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, item: Item | None, *, start_ms: int = 0) -> None:
        """See `PlayerBackend`."""
        self._picture_timer.stop()
        self._wants_play, self._has_picture, self._is_settled = False, False, True
        self._wanted_ms = start_ms if start_ms > 0 else -1
        self._owed, self._span, self._stale, self._has_moved = 0, None, None, True
        self._patience.stop()
        self._tell("stop")
        self._item = item
        self._tell("setPlaybackRate", Q_ARG(float, 1.0))
        self._tell("setSource", Q_ARG(QUrl, QUrl()))
        self._is_reaching = item is not None
        if item is not None:
            self._reach(item.path, lambda: self._begin(item))

    def _begin(self, item: Item) -> None:
        """Its drive has answered. What was asked for meanwhile is done as soon as Qt knows the file."""
        if self._item is not item or not self._is_reaching:
            return
        self._is_reaching = False
        self._tell("setSource", Q_ARG(QUrl, QUrl.fromLocalFile(item.path)))
        # A stopped player shows no picture, a paused one its first. What it is told last is what it does once it is open.
        self._tell("play" if self._wants_play else "pause")

    def close(self) -> None:
        """Let go of the file; needed before the application ends."""
        self.open(None)
        self._player.setVideoSink(None)  # type: ignore[arg-type]
        self._player.setAudioOutput(None)  # type: ignore[arg-type]

    def _tell(self, verb: str, *arguments: QGenericArgumentHolder) -> None:
        """Have Qt's player do it with Python let go, which calling it by its name does not: it may wait for its threads, and
        they for Python, to pass on a message.
        """
        QMetaObject.invokeMethod(self._player, verb, Qt.ConnectionType.DirectConnection, *arguments)

    @property
    def position_ms(self) -> int:
        """See `PlayerBackend`."""
        if self._wanted_ms >= 0:
            return self._wanted_ms
        return int(self._player.position()) if self._has_moved else self._target_ms

    @property
    def duration_ms(self) -> int:
        """See `PlayerBackend`."""
        return max(0, int(self._player.duration()))

    @property
    def is_length_guessed(self) -> bool:
        """Whether Qt takes a sound for longer or shorter than it is: it goes by the bit rate of what comes first, and so do
        its jumps, none of which leads beyond that end.
        """
        known_ms = self._item.facts.duration_ms if self._item is not None and self._item.kind is Kind.MUSIC else 0
        if not known_ms or not self.duration_ms:
            return False
        return abs(self.duration_ms - known_ms) > max(_SAME_LENGTH_MS, known_ms * _SAME_LENGTH)

    @property
    def is_playing(self) -> bool:
        """See `PlayerBackend`."""
        return self._wants_play or self._player.playbackState() is QMediaPlayer.PlaybackState.PlayingState

    @property
    def is_settled(self) -> bool:
        """See `PlayerBackend`."""
        return self._is_settled

    @property
    def rate(self) -> float:
        """See `PlayerBackend`."""
        return float(self._player.playbackRate())

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """See `PlayerBackend`."""
        if self._item is None:
            return
        self._has_moved = True
        status = self._player.mediaStatus()
        self._wants_play = status not in _READY and status is not QMediaPlayer.MediaStatus.EndOfMedia
        if not self._is_reaching:
            self._tell("play")
        self.switched.emit()

    def pause(self) -> None:
        """See `PlayerBackend`."""
        self._wants_play = False
        if not self._is_reaching:
            self._tell("pause")
        self.switched.emit()

    def _seek(self, ms: int) -> None:
        status = self._player.mediaStatus()
        if status is QMediaPlayer.MediaStatus.EndOfMedia:
            self._tell("pause")
        self._wanted_ms = ms
        if status in _READY or status is QMediaPlayer.MediaStatus.EndOfMedia:
            self._jump()
        self.moved.emit(ms)

    def _jump(self) -> None:
        """To where it is wanted, or where Qt would go somewhere else, let somebody else do it."""
        if self.is_length_guessed:
            self._give_up()
            return
        if not self._player.isSeekable():
            return
        ms, self._wanted_ms = self._wanted_ms, -1
        self._target_ms, self._has_moved = ms, False
        if self._has_picture:
            self._is_settled, self._stale = False, None
            self._tries = 0
            self._patience.start(AGAIN_AFTER_MS[0])
        # Where one picture ends and the next begins Qt shows the one that ends.
        self._tell("setPosition", Q_ARG("qlonglong", ms + 1))

    def set_rate(self, rate: float) -> None:
        """See `PlayerBackend`."""
        self._tell("setPlaybackRate", Q_ARG(float, rate))
        self.switched.emit()

    def set_muted(self, *, is_muted: bool) -> None:
        """See `PlayerBackend`."""
        self._sound.setMuted(is_muted)

    def _follow_device(self) -> None:
        """A device came or went: Qt stays with the one that was there when its output was made."""
        self._sound.setDevice(QMediaDevices.defaultAudioOutput())

    # ── what the player says ──────────────────────────────────────────────────────────────────────────────────────

    def _take_frame(self, frame: QVideoFrame) -> None:
        if not frame.isValid() or self._item is None:
            return
        self._has_picture = True
        self._picture_timer.stop()
        start_us, end_us = frame.startTime(), frame.endTime()
        start_ms = start_us / 1000 if start_us >= 0 else float(self._player.position())
        end_ms = end_us / 1000 if end_us > start_us >= 0 else start_ms + self._step_ms()
        if not self._is_settled and not start_ms - 1 <= self._target_ms < end_ms + 1:
            self._stale = QVideoFrame(frame), start_ms, end_ms  # from before the jump
        else:
            self._settle_with(frame, start_ms, end_ms)

    def _settle_with(self, frame: QVideoFrame, start_ms: float, end_ms: float) -> None:
        is_jump = not self._is_settled
        self._is_settled, self._stale = True, None
        self._patience.stop()
        if self.is_playing and not is_jump and self._painted.isValid() and self._painted.elapsed() < SHORTEST_MS:
            return  # at great speed more pictures come than anybody could see
        self._painted.start()
        image = frame.toImage()
        if not image.isNull():
            self.framed.emit(image, start_ms, end_ms)
            if self.is_playing and self._wanted_ms < 0:
                self.moved.emit(round(start_ms))
        self._take_span(start_ms, end_ms)

    def _settle(self) -> None:
        """The picture of a jump did not come: try again; beyond the last one what came is what there is."""
        self._tries += 1
        if not self._is_settled and self._stale is None and self._tries < len(AGAIN_AFTER_MS):
            self._patience.start(AGAIN_AFTER_MS[self._tries])
            if not self.is_playing:
                self._tell("setPosition", Q_ARG("qlonglong", self._target_ms + 1 + self._tries % 2))
        elif not self._is_settled:
            if self._stale is not None:
                self._settle_with(*self._stale)
            self._is_settled, self._owed = True, 0

    def _step_ms(self) -> float:
        rate = self._item.facts.frame_rate if self._item else 0.0
        return 1000 / rate if rate > 0 else 40.0

    def _take_position(self, ms: int) -> None:
        if self._wanted_ms < 0 and (self._has_moved or self.is_playing):
            self._has_moved = True
            self.moved.emit(int(ms))

    def _take_status(self, status: QMediaPlayer.MediaStatus) -> None:
        if self._item is None:
            return
        if status in _READY and self._wanted_ms >= 0:
            self._jump()
        if status in _READY and self._wants_play:
            self._wants_play = False
            self._tell("play")
        if status in _READY and self._item.kind is Kind.VIDEO and not self._has_picture:
            is_likely = NO_SOFTWARE_DECODER.isdisjoint(self._item.facts.codecs[:1])
            self._picture_timer.start(NO_PICTURE_AFTER_MS if is_likely else SOON_MS)
        if status in _READY and self._item.kind is Kind.MUSIC and not self._player.hasAudio():
            self._give_up()
        if status is QMediaPlayer.MediaStatus.InvalidMedia:
            self._give_up()
        if status is QMediaPlayer.MediaStatus.EndOfMedia:
            self.ended.emit()
        self.switched.emit()

    def _look_for_picture(self) -> None:
        if not self._has_picture:
            self._give_up()

    def _give_up(self) -> None:
        item = self._item
        # Queued: Qt's player must not be torn down in the middle of its own signal.
        QTimer.singleShot(0, self, lambda: self._tell_gave_up(item))

    def _tell_gave_up(self, item: Item | None) -> None:
        if item is not None and item is self._item:
            self.gave_up.emit()
