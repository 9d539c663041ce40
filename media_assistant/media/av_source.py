"""Film and sound: one demux, one decode, pictures and sound interleaved as the file holds them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from media_assistant.errors import UserFixable
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.media.blocks import Blocks
from media_assistant.media.container import (
    check_streams,
    duration_ms,
    find_picture,
    find_sound,
    has_no_index,
    open_container,
    set_threads,
    start_of,
)
from media_assistant.media.frames import Converter, FrameClock, Picture
from media_assistant.media.seeking import Seeker
from media_assistant.media.source import Document, Frame, Sound

_SEEK_MARGIN_MS = 500
# A file that ends this much before what it promised has broken off.
_MISSING_MS, _MISSING_FRACTION = 1500, 0.02


def open_av(path: Path, look: Callable[[], Facts], *, threads: int = 2) -> AvSource:
    """A film or a sound file; which of the two, its streams decide. `look` finds its facts when they are asked for.

    Raises UserFixable: `media.no_streams`, `media.codec_unknown`, and what `open_container` raises.
    """
    with open_container(path) as container:
        return AvSource(path, check_streams(container), look, threads)


class AvSource:
    """A `MediaSource` over a container. Each `play` opens the file anew, so several may run at once."""

    def __init__(self, path: Path, kind: Kind, look: Callable[[], Facts], threads: int) -> None:
        self.path = path
        self._look = look
        self.kind = kind
        self.problems: list[str] = []
        self._threads = threads
        self._seeker: Seeker | None = None
        self._lock = threading.Lock()

    @cached_property
    def facts(self) -> Facts:
        """What a probe says; looked up once."""
        return self._look()

    def play(self, *, frames: bool, sound: bool, start_ms: int = 0) -> Iterator[Frame | Sound]:
        """See `MediaSource.play`. Each stream comes in its own order of time; the two as near as the file holds them."""
        with open_container(self.path) as container:
            picture = find_picture(container) if frames else None
            heard = find_sound(container) if sound else None
            if picture is None and heard is None:
                return
            yield from _Playback(container, picture, heard, start_ms, self._threads, self.problems).run()

    def frame_at(self, at_ms: int) -> Frame | None:
        """See `MediaSource.frame_at`."""
        return self.seeker.frame_at(at_ms) if self.kind is Kind.VIDEO else None

    @property
    def seeker(self) -> Seeker:
        """Jumps about in the pictures, apart from what is being played."""
        with self._lock:
            if self._seeker is None:
                self._seeker = Seeker(self.path, self._threads)
                self._seeker.duration_ms = self._seeker.duration_ms or self.facts.duration_ms
            return self._seeker

    def document(self) -> Document:
        """Films have no pages."""
        return Document(())

    def close(self) -> None:
        """Close what `frame_at` opened."""
        with self._lock:
            if self._seeker is not None:
                self._seeker.close()
                self._seeker = None


class _Playback:
    """One run through the file."""

    def __init__(
        self,
        container: InputContainer,
        picture: VideoStream | None,
        sound: AudioStream | None,
        start_ms: int,
        threads: int,
        problems: list[str],
    ) -> None:
        self._container = container
        self._picture = picture
        self._streams = [stream for stream in (picture, sound) if stream is not None]
        self._problems = problems
        self._origin_s: Fraction = start_of(container)
        self._start_ms = start_ms
        self._clock: FrameClock | None = None
        if picture is not None:
            set_threads(picture, threads)
            self._clock = FrameClock(picture, self._origin_s, Converter(threads), start_ms)
        if sound is not None:
            set_threads(sound, 1)
        self._blocks = Blocks(self._origin_s, start_ms)
        self._fed = 0
        self._decoded = 0
        self._failed = 0

    def run(self) -> Iterator[Picture | Sound]:
        self._seek()
        for packet in self._packets():
            yield from self._decode(packet)
        if self._clock is not None and (last := self._clock.finish()) is not None:
            yield last
        yield from self._blocks.finish()
        self._judge()

    def _seek(self) -> None:
        if not self._start_ms or has_no_index(self._container):
            return
        target_us = int(self._origin_s * av.time_base) + max(0, self._start_ms - _SEEK_MARGIN_MS) * 1000
        try:
            self._container.seek(target_us, backward=True)
        except av.error.FFmpegError:
            self._note("media.gaps")  # plays from the start, and what comes before start_ms is left out

    def _packets(self) -> Iterator[Packet[Stream]]:
        """Demux until the end or until the file breaks off; then packets that flush the decoders."""
        try:
            yield from self._container.demux(*self._streams)
        except (av.error.FFmpegError, OSError):
            self._note("media.truncated")
            for stream in self._streams:
                flush: Packet[Stream] = Packet(0)
                flush.stream = stream
                yield flush

    def _decode(self, packet: Packet[Stream]) -> Iterator[Picture | Sound]:
        self._fed += packet.size > 0
        try:
            decoded = packet.decode()
        except av.error.FFmpegError:
            self._failed += 1
            return
        for frame in decoded:
            self._decoded += 1
            if isinstance(frame, av.VideoFrame):
                if self._clock is not None and (picture := self._clock.push(frame)) is not None:
                    yield picture
            elif isinstance(frame, av.AudioFrame):
                try:
                    yield from self._blocks.push(frame)
                except (ValueError, av.error.FFmpegError):
                    self._failed += 1

    def _judge(self) -> None:
        """Tell what was missing, now that everything has come that will."""
        if not self._decoded:
            # A film's sound may be empty from beginning to end.
            is_empty = not self._fed and self._picture is None and find_picture(self._container) is not None
            if self._start_ms or (is_empty and not self._problems):
                return
            raise UserFixable("media.damaged")
        if self._failed:
            self._note("media.gaps")
        promised_ms = duration_ms(self._container)
        came_ms = max(self._clock.end_ms if self._clock else 0, self._blocks.end_ms)
        if promised_ms - came_ms > max(_MISSING_MS, promised_ms * _MISSING_FRACTION):
            self._note("media.truncated")

    def _note(self, problem: str) -> None:
        if problem not in self._problems:
            self._problems.append(problem)
