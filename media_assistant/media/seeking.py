"""Single pictures by jumping: for previews, and for a frame that somebody points at."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import av.error
from av.codec.context import ThreadType
from av.container import InputContainer
from av.video.stream import VideoStream

from media_assistant.errors import UserFixable
from media_assistant.media.container import duration_ms, find_picture, open_container, start_of
from media_assistant.media.frames import Converter, FrameClock, Picture

# A group of pictures may be minutes long; nobody waits for more frames than this.
_MAX_FRAMES = 1500
_LIGHT_PIXELS = 100_000_000
_IN_VAIN_S = 3.0
"""After a jump that led to no picture for so long no other is tried: in a hole of gigabytes each reads to the end."""
_TAIL = 2
"""So many times the usual way from one key frame to the next lies behind an index's last entry at most."""

_Skipped = Literal["DEFAULT", "NONKEY"]


class Seeker:
    """An open file to jump about in. One thread at a time; a lock sees to it."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        self._threads = threads
        self._container, self._stream = self._open()
        self._origin_s: Fraction = start_of(self._container)
        self._converter = Converter(threads)
        self._lock = threading.Lock()
        self._is_stuck = False
        self.duration_ms = duration_ms(self._container)

    def _open(self) -> tuple[InputContainer, VideoStream]:
        container = open_container(self._path)
        picture = find_picture(container)
        if picture is None:
            container.close()
            raise UserFixable("media.no_streams")
        picture.codec_context.thread_count = self._threads
        picture.codec_context.thread_type = ThreadType.SLICE
        return container, picture

    def _leave_out(self, which: _Skipped) -> None:
        context = self._stream.codec_context
        if context.name == "libdav1d" and context.is_open and context.skip_frame != which:
            # It decides once, when it is opened, what it leaves out.
            opened = self._open()
            self._container.close()
            self._container, self._stream = opened
        self._stream.codec_context.skip_frame = which

    def frame_at(self, at_ms: int) -> Picture | None:
        """The frame shown at `at_ms`: exact, at the price of decoding from the key frame before. The last one beyond the end."""
        with self._lock:
            self._leave_out("DEFAULT")
            last: Picture | None = None
            for count, picture in enumerate(self._from(at_ms)):
                last = picture
                if picture.end_ms > at_ms or count > _MAX_FRAMES:
                    break
            return last

    def key_frame_at(self, at_ms: int) -> Picture | None:
        """The key frame at or before `at_ms`, or what the file has near it: one picture decoded."""
        with self._lock:
            self._leave_out("NONKEY")
            clock = self._clock()
            frame = next(self._decoded(at_ms), None)
            return clock.alone(frame) if frame is not None else None

    def key_frames(self) -> Iterator[Picture]:
        """All key frames in order; nothing else is decoded. Finish with it before the next jump."""
        self._leave_out("NONKEY")
        clock = self._clock()
        for frame in self._decoded(0):
            yield clock.alone(frame)

    def frames(self) -> Iterator[Picture]:
        """All frames in order. Finish with it before the next jump."""
        self._leave_out("DEFAULT")
        return self._from(0)

    @property
    def is_light(self) -> bool:
        """Whether decoding all pictures is a matter of half a second."""
        context, rate = self._stream.codec_context, self._stream.average_rate or 25
        return self.duration_ms / 1000 * float(rate) * context.width * context.height < _LIGHT_PIXELS

    def count_key_frames(self) -> int:
        """How many key frames the container's index lists; 0 where it has none that reaches to the end.

        What has no index of its own lists what was met so far: the first seconds, and the places of earlier jumps.
        """
        entries = self._stream.index_entries
        keys = sum(entry.is_keyframe for entry in entries)
        if not keys or not self._stream.time_base:
            return keys
        last_ms = (entries[-1].timestamp * self._stream.time_base - self._origin_s) * 1000
        return keys if last_ms >= self.duration_ms * (1 - _TAIL / keys) else 0

    def _clock(self) -> FrameClock:
        return FrameClock(self._stream, self._origin_s, self._converter, is_jump=True)

    def _from(self, at_ms: int) -> Iterator[Picture]:
        clock = self._clock()
        for frame in self._decoded(at_ms):
            if (picture := clock.push(frame)) is not None:
                yield picture
        if (last := clock.finish()) is not None:
            yield last

    def _decoded(self, at_ms: int) -> Iterator[av.VideoFrame]:
        """Frames from the key frame before `at_ms` on; ends quietly where the file breaks off."""
        target = round((self._origin_s + Fraction(at_ms, 1000)) / (self._stream.time_base or Fraction(1, 1000)))
        if self._is_stuck:
            return
        began = time.monotonic()
        has_shown = False
        try:
            self._container.seek(target, backward=True, stream=self._stream)
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.FFmpegError:
                    continue
                for frame in frames:
                    if isinstance(frame, av.VideoFrame):
                        has_shown = True
                        yield frame
        except (av.error.FFmpegError, OSError):
            pass
        if not has_shown and time.monotonic() - began > _IN_VAIN_S:
            self._is_stuck = True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._container.close()
