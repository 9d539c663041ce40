"""What the two ways of playing have in common: Qt's player, and our own decoding for what that cannot show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from media_assistant.items.item import Item
from media_assistant.items.sentence import Sentence

MOST_OWED = 12
"""Single steps that may wait for pictures: a key that is held must not go on for long after it was let go."""


class PlayerBackend(QObject):
    """Plays one item at a time, forwards.

    Signals: `framed(QImage, float, float)` a picture and when it begins and ends in ms; `moved(int)` position in ms;
    `switched()` playing, paused, another rate, or its length became known; `ended()` it ran out; `gave_up()` this way
    does not play it; `troubled(Sentence)` why it stopped.
    """

    framed = Signal(QImage, float, float)
    moved = Signal(int)
    switched = Signal()
    ended = Signal()
    gave_up = Signal()
    troubled = Signal(Sentence)

    keeps_pitch = True
    """Whether voices stay as high as they are at other speeds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._owed = 0
        self._span: tuple[float, float] | None = None

    def open(self, item: Item | None, *, start_ms: int = 0) -> None:
        """Make an item ready, paused and showing its picture at `start_ms`; None lets go of the file."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of everything; nothing is asked of it afterwards."""
        raise NotImplementedError

    @property
    def position_ms(self) -> int:
        """Where it is, or will be as soon as it can."""
        raise NotImplementedError

    @property
    def duration_ms(self) -> int:
        """Its length as far as this way of playing knows; 0 if it does not."""
        raise NotImplementedError

    @property
    def is_playing(self) -> bool:
        """Or about to."""
        raise NotImplementedError

    @property
    def is_settled(self) -> bool:
        """Whether the picture of the last jump has come."""
        raise NotImplementedError

    @property
    def rate(self) -> float:
        """1 is as it was recorded."""
        raise NotImplementedError

    def play(self) -> None:
        """From here."""
        raise NotImplementedError

    def pause(self) -> None:
        """Stay here."""
        raise NotImplementedError

    def seek(self, ms: int) -> None:
        """To the picture shown at `ms`."""
        self._owed = 0
        self._seek(ms)

    def _seek(self, ms: int) -> None:
        raise NotImplementedError

    def set_rate(self, rate: float) -> None:
        """Faster or slower."""
        raise NotImplementedError

    def set_muted(self, *, is_muted: bool) -> None:
        """Sound off or on."""
        raise NotImplementedError

    def step(self, frames: int) -> None:
        """By single pictures, paused. Each is shown before the next is asked for, so that none is passed over."""
        self._owed = max(-MOST_OWED, min(MOST_OWED, self._owed + frames))
        self._pay()

    def _take_span(self, start_ms: float, end_ms: float) -> None:
        """A picture is on the screen now; go on with the steps that wait for it."""
        self._span = start_ms, end_ms
        self._pay()

    def _pay(self) -> None:
        if not self._owed or self._span is None or not self.is_settled:
            return
        start_ms, end_ms = self._span
        half_ms = max(0.5, (end_ms - start_ms) / 2)
        one = 1 if self._owed > 0 else -1
        self._owed -= one
        to_ms = end_ms + half_ms if one > 0 else start_ms - half_ms
        if to_ms < 0 or (self.duration_ms and to_ms >= self.duration_ms):
            self._owed = 0
        else:
            self._seek(int(to_ms))

    def fit(self, width: int, height: int) -> None:
        """How large it is shown, in device pixels; a way of playing that does not scale passes over it."""
