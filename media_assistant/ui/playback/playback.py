"""Playing: one player for the whole window, whose pictures any widget may paint.

Qt's player plays what it can. What shows no picture there, and what is so large that making a picture of each frame would
be felt in the window, is decoded by a worker of ours (`own_player`). Playing backwards is done by jumps, for both only go
forward. A file is given to them only after a worker has read it without harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.ui.playback.backend import PlayerBackend
from media_assistant.ui.playback.own_player import OwnPlayer
from media_assistant.ui.playback.qt_player import QtPlayer
from media_assistant.ui.playback.reaching import Reach, at_once
from media_assistant.workflows.playback.streaming import Streams

RATES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)
"""What a person chooses from; J and L go on to `FASTEST`."""
FASTEST = 8.0
BACK_EVERY_MS = 120
SHORTEST_LOOP_MS = 200
LARGEST_BY_QT = 1920 * 1200
"""Pixels. A picture of more takes the window's thread longer than may be felt."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What is played again and again, `SHORTEST_LOOP_MS` at least; without an end it goes to the end of the item."""

    start_ms: int
    end_ms: int | None = None

    def __post_init__(self) -> None:
        # A jump to the start is told of at once: with the end right there it would lead to itself, for ever.
        if self.end_ms is not None and self.end_ms < self.start_ms + SHORTEST_LOOP_MS:
            object.__setattr__(self, "end_ms", self.start_ms + SHORTEST_LOOP_MS)


class Playback(QObject):
    """Signals: `leaving()` the item is about to be let go of; `loaded()` another item or none; `framed(QImage)`;
    `moved(int)` position in ms; `switched()` playing, paused, another rate or length; `looped()` another loop or none;
    `ended()` it was played to its end, and nothing plays it again; `troubled(Sentence)` why it does not play;
    `refused(int)` the item that was opened cannot be played.
    """

    leaving = Signal()
    loaded = Signal()
    framed = Signal(QImage)
    moved = Signal(int)
    switched = Signal()
    looped = Signal()
    ended = Signal()
    troubled = Signal(Sentence)
    refused = Signal(int)

    def __init__(
        self, streams: Callable[[], Streams], parent: QObject | None = None, *, reach: Reach = at_once
    ) -> None:
        """`reach` finds out whether a drive answers."""
        super().__init__(parent)
        self.item: Item | None = None
        self.loop: Loop | None = None
        self._qt = QtPlayer(self, reach=reach)
        self._own = OwnPlayer(streams, self)
        self._backend: PlayerBackend = self._qt
        self._unplayable: set[str] = set()
        self._doubted = ""
        self._is_muted = False
        self._backwards = 0.0
        self._frame_span: tuple[float, float] | None = None
        self.frame = QImage()
        """The newest picture, for whatever shows it from now on; null before the first."""
        self._back_timer = QTimer(self)
        self._back_timer.setInterval(BACK_EVERY_MS)
        self._back_timer.timeout.connect(self._go_back)
        self._loop_timer = QTimer(self)
        self._loop_timer.setSingleShot(True)
        self._loop_timer.timeout.connect(lambda: self._keep_in_loop(self.position_ms))
        for backend in (self._qt, self._own):
            self._listen(backend)
        self._qt.gave_up.connect(self._use_own)
        self._own.switched.connect(self.switched)

    def _listen(self, backend: PlayerBackend) -> None:
        def if_used(handle: Callable[..., None]) -> Callable[..., None]:
            return lambda *values: handle(*values) if self._backend is backend else None

        backend.framed.connect(if_used(self._take_frame))
        backend.moved.connect(if_used(self._take_position))
        if backend is self._qt:  # ours also says that a sound device came or went
            backend.switched.connect(if_used(self.switched.emit))
        backend.ended.connect(if_used(self._take_end))
        backend.troubled.connect(if_used(self.troubled.emit))

    # ── what is played ────────────────────────────────────────────────────────────────────────────────────────────

    def load(self, item: Item | None) -> None:
        """Make an item ready without playing it; None lets go of the file."""
        if item is not None and self._has_file_of(item):
            self.item = item
            return
        if self.item is not None:
            self.leaving.emit()
        self._stop_back()
        self.set_loop(None)
        self._backend.open(None)
        self._doubted = ""
        self.item = item
        self._frame_span, self.frame = None, QImage()
        self._backend = self._qt if item is None or self._is_for_qt(item) else self._own
        self._backend.set_muted(is_muted=self._is_muted)
        self._backend.open(item)
        self.loaded.emit()

    def refuse(self, item: Item) -> None:
        """An item is shown that cannot be played now. What plays of it goes on, unless its file is away or another one took its
        place: neither can be looked at any more.
        """
        if self.item is not None and self.item.id == item.id:
            if self._has_file_of(item) and not item.is_missing:
                return
            self.load(None)
        self.refused.emit(item.id)

    def _has_file_of(self, item: Item) -> bool:
        """Whether it is loaded, and its file still the one that was opened, by its length."""
        mine = self.item
        return mine is not None and (mine.id, mine.path, mine.size_bytes) == (item.id, item.path, item.size_bytes)

    def _is_for_qt(self, item: Item) -> bool:
        if item.kind is not Kind.VIDEO:
            return True
        return item.facts.width * item.facts.height <= LARGEST_BY_QT and self._codec(item) not in self._unplayable

    @staticmethod
    def _codec(item: Item) -> str:
        return item.facts.codecs[0] if item.facts.codecs else ""

    def _use_own(self) -> None:
        """Qt does not play it as it should: go on by ourselves from where it was, and begin so with the next film of its kind."""
        item = self.item
        if item is None or self._backend is self._own:
            return
        self._doubted = self._codec(item)
        at_ms, rate, was_playing = self._qt.position_ms, self._qt.rate, self._qt.is_playing
        self._qt.open(None)
        self._backend = self._own
        self._own.set_muted(is_muted=self._is_muted)
        self._own.open(item, start_ms=at_ms)
        if rate != 1.0:
            self._own.set_rate(rate)
        if was_playing:
            self._own.play()
        self.switched.emit()

    def close(self) -> None:
        """Let go of the file; needed before the application ends."""
        self.load(None)
        self._own.close()
        self._qt.close()

    @property
    def is_own(self) -> bool:
        """Whether a worker of ours decodes what is played."""
        return self._backend is self._own

    @property
    def can_be_heard(self) -> bool:
        """Whether this computer has a device for sound."""
        return self._own.can_be_heard

    @property
    def keeps_pitch(self) -> bool:
        """Whether voices stay as high as they are at other speeds."""
        return self._backend.keeps_pitch

    @property
    def position_ms(self) -> int:
        """Where the player is, or will be as soon as it can."""
        return self._backend.position_ms

    @property
    def duration_ms(self) -> int:
        """By the player, or by the item's own facts until it knows or where it only guesses; 0 if nobody does."""
        is_guessed = self._backend is self._qt and self._qt.is_length_guessed
        told_ms = 0 if is_guessed else self._backend.duration_ms
        return told_ms or (self.item.facts.duration_ms if self.item else 0)

    @property
    def is_playing(self) -> bool:
        """Forwards or backwards."""
        return self._backwards > 0 or self._backend.is_playing

    @property
    def rate(self) -> float:
        """1 is as it was filmed, negative is backwards."""
        return -self._backwards if self._backwards else self._backend.rate

    @property
    def is_muted(self) -> bool:
        """Whether the sound is off."""
        return self._is_muted

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """From here."""
        if self.item is not None:
            self._stop_back()
            self._backend.play()

    def pause(self) -> None:
        """Stay here."""
        self._stop_back()
        self._backend.pause()

    def toggle(self) -> None:
        """Play or pause; the chosen speed stays."""
        if self.is_playing:
            self.pause()
        else:
            if self._backend.rate > RATES[-1]:
                self._backend.set_rate(1.0)
            self.play()

    def seek(self, ms: int) -> None:
        """To a time; kept until the file is open."""
        if self.item is None:
            return
        length_ms = self.duration_ms
        self._backend.seek(max(0, min(ms, length_ms - 1)) if length_ms else max(0, ms))

    def step(self, frames: int) -> None:
        """By single pictures, paused. Without a picture by tenths of a second."""
        if self.item is None:
            return
        self.pause()
        if self.item.kind is Kind.VIDEO:
            self._backend.step(frames)
        else:
            self.seek(self.position_ms + 100 * frames)

    def set_rate(self, rate: float) -> None:
        """A speed of `RATES`, kept until another item is loaded."""
        self._stop_back()
        self._backend.set_rate(rate)
        self.switched.emit()

    def step_rate(self, direction: int) -> None:
        """The next faster or slower one."""
        now = self._backend.rate
        choices = [rate for rate in RATES if (rate > now + 0.01 if direction > 0 else rate < now - 0.01)]
        if choices:
            self.set_rate(choices[0] if direction > 0 else choices[-1])

    def shuttle(self, direction: int) -> None:
        """J and L: again is faster, the other way first stops."""
        now = self.rate if self.is_playing else 0.0
        if direction > 0:
            if now < 0:
                self.pause()
                return
            self._backend.set_rate(1.0 if now == 0 else min(FASTEST, max(1.0, now) * 2))
            self.play()
        elif now > 0:
            self.pause()
            self._backend.set_rate(1.0)
        elif self.item is not None:
            self._backend.pause()
            self._backwards = 1.0 if self._backwards == 0 else min(FASTEST, self._backwards * 2)
            self._back_timer.start()
        self.switched.emit()

    def set_loop(self, loop: Loop | None) -> None:
        """Play a stretch again and again; None plays on."""
        if loop != self.loop:
            self.loop = loop
            self._loop_timer.stop()
            self.looped.emit()

    def set_muted(self, *, is_muted: bool) -> None:
        """Sound off or on."""
        self._is_muted = is_muted
        self._backend.set_muted(is_muted=is_muted)
        self.switched.emit()

    def fit(self, width: int, height: int) -> None:
        """The largest size at which a widget shows the picture now, in device pixels."""
        self._own.fit(width, height)

    # ── what the player says ──────────────────────────────────────────────────────────────────────────────────────

    def _go_back(self) -> None:
        if self._backend.is_settled:
            to_ms = self.position_ms - round(BACK_EVERY_MS * self._backwards)
            self._backend.seek(max(0, to_ms))
            if to_ms <= 0:
                self.pause()

    def _stop_back(self) -> None:
        self._back_timer.stop()
        self._backwards = 0.0

    def _take_frame(self, image: QImage, start_ms: float, end_ms: float) -> None:
        self._frame_span, self.frame = (start_ms, end_ms), image
        if self._doubted and self._backend is self._own:
            self._unplayable.add(self._doubted)  # Qt showed nothing, and we do: so it is the codec, not the file
            self._doubted = ""
        self.framed.emit(image)

    def _take_position(self, ms: int) -> None:
        self.moved.emit(ms)
        if self.loop is not None:
            self._keep_in_loop(ms)

    def _keep_in_loop(self, ms: int) -> None:
        """Back to the start as soon as the end is reached; a timer sees to it between two positions."""
        loop = self.loop
        if loop is None or loop.end_ms is None or not self._backend.is_playing:
            self._loop_timer.stop()
            return
        left_ms = (loop.end_ms - ms) / max(0.1, self._backend.rate)
        if left_ms <= 1:
            self._loop_timer.stop()
            self._backend.seek(loop.start_ms)
        elif not self._loop_timer.isActive() or self._loop_timer.remainingTime() > left_ms:
            self._loop_timer.start(max(1, round(left_ms)))

    def _take_end(self) -> None:
        if self.loop is not None:
            self._backend.seek(self.loop.start_ms)
            self._backend.play()
        else:
            self.switched.emit()
            self.ended.emit()
