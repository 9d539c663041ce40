"""A film or a sound to be played elsewhere: pictures into slots of shared memory, sound in small pieces, steered meanwhile.

Runs in a worker, for films that the window's own player cannot show. Pictures and sound are demuxed together but decoded
each as there is room: a picture needs a free slot, a piece of sound needs that earlier ones were taken. So neither can
hold up the other, however badly the file interleaves them.

Every jump begins a new `turn`; what is sent carries its turn, and whoever plays passes over what is of an older one.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.packet import Packet
from av.stream import Stream

from media_assistant.media.av1 import ReferenceFinder
from media_assistant.media.container import (
    check_streams,
    duration_ms,
    find_picture,
    find_sound,
    open_container,
    set_threads,
    start_of,
)
from media_assistant.media.demuxer import SOUND_BEFORE_MS, Demuxer
from media_assistant.media.frames import Converter, FrameClock, Picture
from media_assistant.media.time_stretch import TimeStretch

Plain = dict[str, Any]

MOST_PIECES = 10
"""Pieces of sound that are on their way at most."""
_WAIT_S = 0.1
_SHOWN_AT_LEAST_EVERY_S = 0.12
_THREADS_AV1 = 4
_SHOWN_BEFORE = 3
"""Pictures before the one that is sought which are decoded like it, so that its time is sure."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be played, and where to: `slots` slots of `slot_bytes` each; pictures fit into `width`×`height`."""

    path: Path
    slots: int
    slot_bytes: int
    width: int
    height: int
    start_ms: int = 0
    rate: float = 1.0
    wants_sound: bool = True


def stream(
    wish: Wish,
    memory: memoryview,
    steering: queue.SimpleQueue[Plain],
    send: Callable[[Plain, bytes], None],
    should_stop: Callable[[], bool],
) -> None:
    """Play until stopped. `steering` takes `seek` (ms, with `turn`, `rate`, `wants_sound`), `free` (a slot; `clock` says
    where the player is), `took` (pieces of sound), `fit` (width, height).

    Sends `opened`, then `frame` (bgra in its slot), `sound` (stereo int16 at 48 kHz), `sound_over` and `ran_out`, each with
    its `turn`.
    Raises UserFixable as `open_container` does.
    """
    with open_container(wish.path) as container:
        check_streams(container)
        _Streaming(container, wish, memory, steering, send, should_stop).run()


class _Streaming:
    """One open file."""

    def __init__(
        self,
        container: av.container.InputContainer,
        wish: Wish,
        memory: memoryview,
        steering: queue.SimpleQueue[Plain],
        send: Callable[[Plain, bytes], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._container = container
        self._wish = wish
        self._memory = np.frombuffer(memory, np.uint8)
        self._steering = steering
        self._send = send
        self._should_stop = should_stop
        self._picture = find_picture(container)
        self._sound = find_sound(container) if wish.wants_sound else None
        self._streams: list[Stream] = [each for each in (self._picture, self._sound) if each is not None]
        self._origin_s: Fraction = start_of(container)
        self._converter = Converter(1)
        self._box = wish.width, wish.height
        self._free = list(range(wish.slots))
        self._under_way = 0
        self._turn = 0
        self._clock_ms = -1
        self._rate = wish.rate
        self._hears = True
        self._references: ReferenceFinder | None = None
        if self._picture is not None:
            if self._picture.codec_context.name == "libdav1d":
                # A jump decodes up to a whole group of pictures: with several under way that takes two thirds of the time.
                set_threads(self._picture, _THREADS_AV1)
                # It decides once, when it is opened, what it leaves out.
                self._references = ReferenceFinder(self._picture.codec_context.extradata)
            else:
                set_threads(self._picture, 2)
        if self._sound is not None:
            set_threads(self._sound, 1)
        self._even_until_ms = self._find_even_end()
        """Until when every picture is shown for the same time."""
        self._demuxer = Demuxer(container, self._streams, self._origin_s)
        self._jump(wish.start_ms)

    def run(self) -> None:
        """Until it is told to stop."""
        step_ms = self._clock.step_ms if self._clock is not None else 0.0
        self._send(
            {
                "is": "opened",
                "has_picture": self._picture is not None,
                "has_sound": self._sound is not None,
                "duration_ms": duration_ms(self._container),
                "step_ms": step_ms,
            },
            b"",
        )
        is_idle = False
        while not self._should_stop():
            self._listen(_WAIT_S if is_idle else 0.0)
            # The picture first after a jump, for that is what a person waits for; then the sound, which may never starve.
            steps = (self._show, self._sound_out) if self._shown == 0 else (self._sound_out, self._show)
            has_first, has_second = steps[0](), steps[1]()
            is_idle = not (has_first or has_second)
            self._tell_end()

    def _listen(self, wait_s: float) -> None:
        """Take what came in; of several jumps only the last one counts."""
        jump: Plain | None = None
        while True:
            try:
                said = self._steering.get(timeout=wait_s) if wait_s else self._steering.get_nowait()
            except queue.Empty:
                break
            wait_s = 0.0
            match said["to"]:
                case "seek":
                    jump = said
                case "free":
                    self._free.append(said["slot"])
                    self._clock_ms = said["clock"]
                case "took":
                    self._under_way -= said["pieces"]
                case "fit":
                    self._box = max(16, said["width"]), max(16, said["height"])
        if jump is not None:
            self._turn, self._rate, self._hears = jump["turn"], jump["rate"], jump["wants_sound"]
            self._under_way = 0
            self._jump(jump["ms"])

    def _jump(self, ms: int) -> None:
        self._start_ms = ms
        self._clock_ms = -1
        self._shown = 0
        self._shown_at = 0.0
        self._latest: Picture | None = None
        self._decoded: deque[Picture] = deque()
        self._is_over = {each.index: False for each in self._streams}
        self._is_told = False
        self._end_ms = 0
        self._clock = (
            FrameClock(self._picture, self._origin_s, self._converter, is_jump=True)
            if self._picture is not None
            else None
        )
        self._stretch = TimeStretch(self._origin_s, ms, self._rate)
        self._demuxer.jump(ms)

    # ── pictures ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self) -> bool:
        """One picture sent, one packet decoded or read, or nothing to do."""
        if self._picture is None or self._clock is None or not self._free:
            return False
        if self._decoded:
            self._put(self._decoded.popleft())
            return True
        if self._is_over[self._picture.index]:
            return False
        packet = self._demuxer.next_packet(self._picture)
        if packet is None:
            return self._demuxer.has_read
        is_last = packet.size == 0
        # What lies before the jump's picture is only decoded where others are made from it.
        is_before = self._is_before(packet)
        if self._references is None:
            self._picture.codec_context.skip_frame = "NONREF" if is_before else "DEFAULT"
        elif not self._references.is_needed(memoryview(packet)) and is_before:
            return True
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            frames = []
        for frame in frames:
            if isinstance(frame, av.VideoFrame) and (picture := self._clock.push(frame)) is not None:
                self._take(picture)
        if is_last:
            self._is_over[self._picture.index] = True
            last = self._clock.finish()
            if last is not None:
                self._take(last)
            if not self._shown and not self._decoded and self._latest is not None:
                self._decoded.append(self._latest)  # a jump beyond the end shows the last picture
        return True

    def _is_before(self, packet: Packet[Stream]) -> bool:
        """Whether it is a good while before the jump's picture; False where nobody can say how long pictures are shown."""
        if self._shown or packet.pts is None or not packet.duration or packet.time_base is None:
            return False
        until_ms = ((packet.pts + _SHOWN_BEFORE * packet.duration) * packet.time_base - self._origin_s) * 1000
        return until_ms < min(self._start_ms, self._even_until_ms)

    def _find_even_end(self) -> float:
        picture = self._picture
        if (
            picture is None
            or picture.average_rate != picture.base_rate
            or not picture.duration
            or not picture.time_base
        ):
            return 0.0
        return float(((picture.start_time or 0) + picture.duration) * picture.time_base - self._origin_s) * 1000

    def _take(self, picture: Picture) -> None:
        self._latest = picture
        self._end_ms = max(self._end_ms, picture.end_ms)
        if picture.end_ms <= self._start_ms:
            return
        is_late = picture.end_ms < self._clock_ms and time.monotonic() - self._shown_at < _SHOWN_AT_LEAST_EVERY_S
        if not is_late:
            self._decoded.append(picture)

    def _put(self, picture: Picture) -> None:
        width, height = fit(picture.width, picture.height, *self._box, self._wish.slot_bytes)
        slot = self._free.pop(0)
        start = slot * self._wish.slot_bytes
        self._memory[start : start + 4 * width * height] = picture.bgra(width, height).reshape(-1)
        self._shown += 1
        self._shown_at = time.monotonic()
        self._send(
            {
                "is": "frame",
                "turn": self._turn,
                "slot": slot,
                "at_ms": picture.at_ms,
                "end_ms": picture.end_ms,
                "width": width,
                "height": height,
            },
            b"",
        )

    # ── sound ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _sound_out(self) -> bool:
        if self._sound is None or self._is_over[self._sound.index]:
            return False
        if not self._hears:
            self._demuxer.pass_over(self._sound)
            self._is_over[self._sound.index] = self._demuxer.is_at_end
            return False
        if self._under_way >= MOST_PIECES:
            return False
        if self._send_sound():
            return True
        packet = self._demuxer.next_packet(self._sound)
        if packet is None:
            if self._demuxer.has_read or not self._demuxer.is_full:
                return self._demuxer.has_read
            self._stretch.pass_over()  # nothing is heard for minutes: waited for, the pictures would wait too, for ever
        elif packet.size and self._is_long_before(packet):
            return True
        else:
            self._hear(packet)
        self._send_sound()
        return True

    def _hear(self, packet: Packet[Stream]) -> None:
        try:
            for frame in packet.decode():
                if isinstance(frame, av.AudioFrame):
                    self._stretch.push(frame)
        except av.error.FFmpegError:
            pass  # a broken packet is a short gap
        if packet.size == 0:
            self._stretch.finish()

    def _send_sound(self) -> bool:
        """Whether there was something to send: what is ready, as far as it may be on its way."""
        assert self._sound is not None
        has_sent = False
        for at_ms, piece in self._stretch.take():
            has_sent = True
            self._under_way += 1
            self._end_ms = max(self._end_ms, self._stretch.end_ms)
            self._send({"is": "sound", "turn": self._turn, "at_ms": at_ms}, piece)
            if self._under_way >= MOST_PIECES:
                break
        if self._stretch.is_over:
            self._is_over[self._sound.index] = has_sent = True
            self._send({"is": "sound_over", "turn": self._turn}, b"")
        return has_sent

    def _is_long_before(self, packet: Packet[Stream]) -> bool:
        if packet.pts is None or packet.time_base is None:
            return False
        at_ms = (packet.pts * packet.time_base - self._origin_s) * 1000
        return at_ms < self._start_ms - SOUND_BEFORE_MS

    def _tell_end(self) -> None:
        if not self._is_told and not self._decoded and all(self._is_over.values()):
            self._is_told = True
            self._send({"is": "ran_out", "turn": self._turn, "end_ms": self._end_ms}, b"")


def fit(width: int, height: int, box_width: int, box_height: int, most_bytes: int) -> tuple[int, int]:
    """How large a picture is sent: inside the box, never enlarged, and four bytes a pixel have room."""
    scale = min(1.0, box_width / max(1, width), box_height / max(1, height))
    scale = min(scale, (most_bytes / (4 * max(1, width * height))) ** 0.5)
    return max(1, int(width * scale)), max(1, int(height * scale))
