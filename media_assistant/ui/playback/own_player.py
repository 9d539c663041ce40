"""Plays what Qt cannot: a worker decodes, pictures come through shared memory, sound goes to the sound card from here.

What is heard is the clock; without sound, or without a device for it, a clock of our own runs. A picture is shown when
its time has come, so both stay in step at every speed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from media_assistant.items.item import Item
from media_assistant.items.sentence import Sentence
from media_assistant.ui.playback.backend import PlayerBackend
from media_assistant.ui.playback.sound_card import SoundCard
from media_assistant.workflows.playback.streaming import Stream, Streams

TICK_MS = 8
SOUND_UP_TO = 4.0
"""Faster than this nothing is to be understood, and nothing is decoded for the ear."""
_FIRST_BOX = (960, 540)


@dataclass(frozen=True, slots=True)
class _Waiting:
    slot: int
    at_ms: int
    end_ms: int
    width: int
    height: int


class OwnPlayer(PlayerBackend):
    """See `PlayerBackend`. Signals of its own: `_heard` and `_failed` are emitted on a thread of the engine."""

    _heard = Signal(object, object, object)
    _failed = Signal(object, object)

    def __init__(self, streams: Callable[[], Streams], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._streams = streams
        self._stream: Stream | None = None
        self._item: Item | None = None
        self._card = SoundCard(self)
        self._card.changed.connect(self.switched)
        self._box = _FIRST_BOX
        self._is_playing = False
        self._rate = 1.0
        self._turn = 0
        self._frames: deque[_Waiting] = deque()
        self._shown: tuple[int, int] | None = None
        self._has_stepped = False
        self._start_ms = 0
        self._base_ms = 0.0
        self._is_by_ear: bool | None = None
        """Whether the sound card is the clock of this turn; None until it is known whether there is sound."""
        self._timer = QElapsedTimer()
        self._opened: dict[str, Any] | None = None
        self._length_ms = 0
        self._end_ms = -1
        self._ticks = QTimer(self)
        self._ticks.setTimerType(Qt.TimerType.PreciseTimer)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._heard.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._take_fault, Qt.ConnectionType.QueuedConnection)

    # ── what is played ────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, item: Item | None, *, start_ms: int = 0) -> None:
        """See `PlayerBackend`."""
        self._let_go()
        self._item = item
        self._is_playing, self._rate, self._length_ms = False, 1.0, 0
        self._owed, self._span = 0, None
        if item is not None:
            self._begin(start_ms)

    def _begin(self, start_ms: int) -> None:
        item = self._item
        assert item is not None
        self._restart_turn(start_ms)
        told: list[Stream | None] = [None]
        self._stream = told[0] = self._streams().open(
            Path(item.path),
            lambda header, data: self._heard.emit(told, header, data),
            lambda sentence: self._failed.emit(told, sentence),
            size=(max(16, item.facts.width), max(16, item.facts.height)),
            box=self._box,
            start_ms=start_ms,
            wants_sound=self._wants_sound(),
        )

    def _let_go(self) -> None:
        self._ticks.stop()
        self._card.stop()
        if self._stream is not None:
            self._stream.close()
        self._stream, self._opened = None, None
        self._frames.clear()
        self._shown = None

    def close(self) -> None:
        """See `PlayerBackend`."""
        self.open(None)

    @property
    def can_be_heard(self) -> bool:
        """Whether there is a device for sound at all."""
        return self._card.is_there

    @property
    def position_ms(self) -> int:
        """See `PlayerBackend`."""
        now_ms = round(self._clock_ms()) if self._is_playing and self._ticks.isActive() else self._start_ms
        # A window that is late looks at the clock after the end.
        return min(now_ms, self._end_ms) if self._end_ms >= 0 else now_ms

    @property
    def duration_ms(self) -> int:
        """See `PlayerBackend`."""
        return self._length_ms

    @property
    def is_playing(self) -> bool:
        """See `PlayerBackend`."""
        return self._is_playing

    @property
    def is_settled(self) -> bool:
        """See `PlayerBackend`."""
        return self._shown is not None or not self._has_picture()

    @property
    def rate(self) -> float:
        """See `PlayerBackend`."""
        return self._rate

    # ── verbs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def play(self) -> None:
        """See `PlayerBackend`."""
        if self._item is None:
            return
        if self._stream is None:
            self._begin(self._start_ms)  # its worker has died, or could not read the file yet
        if 0 <= self._end_ms <= self.position_ms + 1:
            self.seek(0)
        elif self._has_stepped:
            self.seek(self._start_ms)  # the sound that waits is of where the steps began
        self._is_playing = True
        self._run_clock()
        self.switched.emit()

    def pause(self) -> None:
        """See `PlayerBackend`."""
        if self._is_playing:
            self._start_ms = self.position_ms
            self._is_playing = False
            self._ticks.stop()
            self._card.pause()
            heard_ms = self._card.heard_ms * self._rate if self._is_by_ear else 0.0
            self._base_ms = self._start_ms - heard_ms
            self._timer.invalidate()
        self.switched.emit()

    def _seek(self, ms: int) -> None:
        self._restart_turn(ms)
        if self._stream is not None:
            self._stream.seek(ms, turn=self._turn, rate=self._rate, wants_sound=self._wants_sound())
        self.moved.emit(ms)

    def set_rate(self, rate: float) -> None:
        """See `PlayerBackend`."""
        if rate != self._rate:
            at_ms = self.position_ms
            self._rate = rate
            if self._stream is not None:
                self.seek(at_ms)  # the sound that waits was made for the old speed
        self.switched.emit()

    def set_muted(self, *, is_muted: bool) -> None:
        """See `PlayerBackend`."""
        self._card.set_muted(is_muted=is_muted)

    def fit(self, width: int, height: int) -> None:
        """See `PlayerBackend`."""
        if (width, height) != self._box:
            self._box = width, height
            if self._stream is not None:
                self._stream.fit(width, height)

    def _restart_turn(self, ms: int) -> None:
        """Everything under way is of the past."""
        self._turn += 1
        for waiting in self._frames:
            self._free(waiting)
        self._frames.clear()
        self._shown, self._has_stepped = None, False
        self._start_ms, self._base_ms, self._end_ms = ms, float(ms), -1
        self._is_by_ear = None
        self._timer.invalidate()
        self._ticks.stop()
        self._card.restart()

    def _wants_sound(self) -> bool:
        return self._rate <= SOUND_UP_TO and self._card.is_there

    def _has_picture(self) -> bool:
        return bool(self._opened["has_picture"]) if self._opened else bool(self._item and self._item.facts.width)

    def _has_sound(self) -> bool:
        return bool(self._opened and self._opened["has_sound"]) and self._wants_sound()

    # ── the clock ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _run_clock(self) -> None:
        """Let time pass once there is something to show or to hear of this turn."""
        if not self._is_playing or self._opened is None or (self._has_picture() and self._shown is None):
            return
        if self._is_by_ear is None:
            self._is_by_ear = self._has_sound()
        if self._is_by_ear:
            self._card.play()
        else:
            self._timer.start()
        self._ticks.start()

    def _clock_ms(self) -> float:
        if self._is_by_ear and self._card.is_dry:
            # The sound ended before the picture: a clock of our own goes on from there.
            self._base_ms += self._card.heard_ms * self._rate
            self._is_by_ear = False
            self._timer.start()
        if self._is_by_ear:
            return self._base_ms + self._card.heard_ms * self._rate
        return self._base_ms + (self._timer.elapsed() * self._rate if self._timer.isValid() else 0.0)

    def _tick(self) -> None:
        taken = self._card.feed()
        if taken and self._stream is not None:
            self._stream.take_pieces(taken)
        clock_ms = self._clock_ms()
        newest: _Waiting | None = None
        while self._frames and self._frames[0].at_ms <= clock_ms:
            if newest is not None:
                self._free(newest)
            newest = self._frames.popleft()
        if newest is not None:
            self._show(newest)
            self.moved.emit(newest.at_ms)
        elif not self._has_picture():
            self.moved.emit(self.position_ms)
        limit_ms = self._end_ms if self._end_ms >= 0 else (0 if self._has_picture() else self._length_ms)
        if limit_ms and not self._frames and clock_ms >= limit_ms:
            self.pause()
            self.ended.emit()

    # ── what the worker sends ─────────────────────────────────────────────────────────────────────────────────────

    def _take(self, told: list[Stream | None], header: dict[str, Any], data: bytes) -> None:
        stream = self._stream
        if stream is None or told[0] is not stream:
            return
        match header["is"]:
            case "opened":
                self._opened = header
                known_ms = self._item.facts.duration_ms if self._item is not None else 0
                self._length_ms = header["duration_ms"] or known_ms
                # What was asked for while the worker was starting.
                stream.fit(*self._box)
                stream.seek(self._start_ms, turn=self._turn, rate=self._rate, wants_sound=self._wants_sound())
                self._run_clock()
                self.switched.emit()
            case "frame":
                waiting = _Waiting(header["slot"], header["at_ms"], header["end_ms"], header["width"], header["height"])
                if header["turn"] != self._turn:
                    self._free(waiting)
                elif self._shown is None:
                    self._show(waiting)
                    self._run_clock()
                else:
                    self._frames.append(waiting)
                    self._pay()
            case "sound" if header["turn"] == self._turn:
                self._card.put(data)
            case "sound_over" if header["turn"] == self._turn:
                self._card.finish()
            case "ran_out" if header["turn"] == self._turn:
                # Where there is no device nothing of a sound was decoded.
                self._end_ms = header["end_ms"] or self._length_ms
                self._length_ms = max(self._length_ms, self._end_ms)
                self._card.finish()
                self.switched.emit()

    def _take_fault(self, told: list[Stream | None], sentence: Sentence) -> None:
        if self._stream is None or told[0] is not self._stream:
            return
        at_ms = self.position_ms
        self._let_go()
        self._start_ms, self._is_playing = at_ms, False
        self.troubled.emit(sentence)
        self.switched.emit()

    def _show(self, waiting: _Waiting) -> None:
        stream = self._stream
        if stream is None:
            return
        held = stream.picture(waiting.slot, 4 * waiting.width * waiting.height)
        if held is not None:
            image = QImage(held, waiting.width, waiting.height, 4 * waiting.width, QImage.Format.Format_RGB32).copy()
            held.release()
            self._shown = waiting.at_ms, waiting.end_ms
            self.framed.emit(image, float(waiting.at_ms), float(waiting.end_ms))
        self._free(waiting)
        self._take_span(float(waiting.at_ms), float(waiting.end_ms))

    def _pay(self) -> None:
        """A step forward takes the picture that waits already; backwards it is a jump."""
        if self._owed > 0 and self._shown is not None and not self._is_playing:
            if self._frames:
                self._owed -= 1
                waiting = self._frames.popleft()
                self._start_ms, self._has_stepped = waiting.at_ms, True
                self.moved.emit(waiting.at_ms)
                self._show(waiting)
            elif self._end_ms >= 0:
                self._owed = 0
            return
        super()._pay()

    def _free(self, waiting: _Waiting) -> None:
        if self._stream is not None:
            self._stream.free(waiting.slot, round(self._clock_ms()) if self._is_playing else -1)
