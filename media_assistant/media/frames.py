"""Decoded pictures: upright, at their time, converted once per size."""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from media_assistant.items.span import LATEST_MS
from media_assistant.media.tiny import tiny_rgb

_AREA = Interpolation.AREA | Interpolation.ACCURATE_RND
_SMALL = 640 * 360
# AVColorSpace (ITU-T H.273 matrix coefficients) to what swscale calls them.
_COLORSPACES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.SMPTE170M,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """How a stored picture becomes upright: transposed first, then mirrored."""

    is_transposed: bool = False
    flip_x: bool = False
    flip_y: bool = False

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """`[h, w, …]` upright and contiguous."""
        if self.is_transposed:
            picture = picture.swapaxes(0, 1)
        if self.flip_x:
            picture = picture[:, ::-1]
        if self.flip_y:
            picture = picture[::-1]
        return np.ascontiguousarray(picture)


UPRIGHT = Turn()


def turn_of(frame: VideoFrame) -> Turn:
    """From the display matrix (ISO/IEC 14496-12, 16.16 fixed point), to the nearest quarter, mirrored or not."""
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if not isinstance(matrix, SideData) or len(raw := bytes(matrix)) < 36:
        return UPRIGHT
    a, b, _, c, d = struct.unpack("=9i", raw[:36])[:5]
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Turn(flip_x=a < 0, flip_y=d < 0)
    return Turn(is_transposed=True, flip_x=c < 0, flip_y=b < 0)


def upright_size(frame: VideoFrame, stream: VideoStream, turn: Turn) -> tuple[int, int]:
    """Width and height as shown: square pixels, turned."""
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio
    if aspect and aspect != 1 and Fraction(1, 10) < aspect < 10:
        if aspect > 1:
            width = round(width * aspect)
        else:
            height = round(height / aspect)
    return (height, width) if turn.is_transposed else (width, height)


class Converter:
    """Scaling contexts of one playback, one per size and format, kept from frame to frame."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._scalers: dict[tuple[int, int, str], VideoReformatter] = {}
        self._lock = threading.Lock()

    def convert(self, frame: VideoFrame, width: int, height: int, form: str) -> NDArray[np.uint8]:
        """`frame` as it is stored, at `width` and `height`; `form` is `rgb24`, `bgra` or `gray`."""
        if form == "rgb24" and (tiny := tiny_rgb(frame, width, height, _colorspace(frame))) is not None:
            return tiny
        with self._lock:
            scaler = self._scalers.setdefault((width, height, form), VideoReformatter())
            scaled = scaler.reformat(
                frame,
                width,
                height,
                form,
                src_colorspace=_colorspace(frame),
                dst_colorspace=_colorspace(frame),
                interpolation=_AREA,
                # Waking another thread takes longer than a small picture.
                threads=self._threads if frame.width * frame.height > _SMALL else 1,
            )
            made: NDArray[np.uint8] = np.asarray(scaled.to_ndarray(), np.uint8)
            return made


def _colorspace(frame: VideoFrame) -> Colorspace:
    """As the stream says; else by size, the way players guess."""
    return _COLORSPACES.get(frame.colorspace, Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601)


class Picture:
    """A `Frame` over a decoded video frame. Nothing is converted before somebody asks."""

    __slots__ = ("_converter", "_frame", "_made", "_turn", "at_ms", "end_ms", "height", "index", "is_key", "width")

    def __init__(
        self, frame: VideoFrame, stream: VideoStream, converter: Converter, *, index: int, at_ms: int, end_ms: int
    ) -> None:
        self.index = index
        self.at_ms = at_ms
        self.end_ms = end_ms
        self.is_key = bool(frame.key_frame)
        self._turn = turn_of(frame)
        self.width, self.height = upright_size(frame, stream, self._turn)
        self._frame = frame
        self._converter = converter
        self._made: dict[tuple[int, int, str], NDArray[np.uint8]] = {}

    def rgb(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width, 3]`. Shared between callers: do not write into it."""
        return self._convert(width, height, "rgb24")

    def grey(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width]` luma. Shared between callers: do not write into it."""
        return self._convert(width, height, "gray")

    def bgra(self, width: int, height: int) -> NDArray[np.uint8]:
        """`[height, width, 4]`, for a screen. Shared between callers: do not write into it."""
        return self._convert(width, height, "bgra")

    def _convert(self, width: int, height: int, form: str) -> NDArray[np.uint8]:
        wanted = (width, height, form)
        made = self._made.get(wanted)
        if made is None:
            stored = (height, width) if self._turn.is_transposed else (width, height)
            made = self._converter.convert(self._frame, *stored, form)
            if self._turn != UPRIGHT:
                made = self._turn(made)
            made.setflags(write=False)
            self._made[wanted] = made
        return made


class FrameClock:
    """Gives decoded frames their time, and each its end by the start of the next.

    Variable frame rates come through as they are. A frame without a time follows the one before; a clock that jumps
    back (a recording that was joined) goes on where it was. After a jump the first frame's number is a guess from its time.
    """

    def __init__(
        self,
        stream: VideoStream,
        origin_s: Fraction,
        converter: Converter,
        start_ms: int = 0,
        *,
        is_jump: bool = False,
    ) -> None:
        self._stream = stream
        self._converter = converter
        self._origin_ms = float(origin_s * 1000)
        self._start_ms = start_ms
        self._is_jump = is_jump or start_ms > 0
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        self.step_ms = min(max(1000 / float(rate), 1.0), 10_000.0) if rate > 0 else 40.0
        self._waiting: VideoFrame | None = None
        self._waiting_at_ms = 0
        self._last_ms = -1.0
        self._shift_ms = 0.0
        self._index = -1

    def push(self, frame: VideoFrame) -> Picture | None:
        """The frame before this one, now that its end is known; None while there is none from `start_ms` on."""
        at_ms = self._place(frame)
        done = self._take(at_ms)
        self._waiting, self._waiting_at_ms = frame, at_ms
        return done

    def finish(self) -> Picture | None:
        """The last frame."""
        if self._waiting is None:
            return None
        length = self._waiting.duration * self._waiting.time_base * 1000 if self._waiting.time_base else 0
        return self._take(self._waiting_at_ms + max(1, round(length or self.step_ms)))

    def alone(self, frame: VideoFrame) -> Picture:
        """A frame on its own, such as a key frame: its number is a guess from its time."""
        at_ms = self._place(frame)
        return Picture(
            frame,
            self._stream,
            self._converter,
            index=round(at_ms / self.step_ms),
            at_ms=at_ms,
            end_ms=at_ms + max(1, round(self.step_ms)),
        )

    @property
    def end_ms(self) -> int:
        """Where the pictures given so far end."""
        return round(self._last_ms + self.step_ms) if self._last_ms >= 0 else 0

    def _place(self, frame: VideoFrame) -> int:
        stamp = frame.pts if frame.pts is not None else frame.dts
        expected = self._last_ms + self.step_ms if self._last_ms >= 0 else None
        if stamp is None or frame.time_base is None:
            at_ms = expected if expected is not None else float(self._start_ms)
        else:
            base = frame.time_base
            at_ms = stamp * 1000 * base.numerator / base.denominator - self._origin_ms + self._shift_ms
            if at_ms > LATEST_MS:
                at_ms = expected if expected is not None else float(self._start_ms)
            if expected is not None and at_ms <= self._last_ms:
                if self._last_ms - at_ms > 500:
                    self._shift_ms += expected - at_ms
                at_ms = expected
        self._last_ms = max(at_ms, 0.0)
        return max(0, round(at_ms))

    def _take(self, end_ms: int) -> Picture | None:
        if self._waiting is None or self._waiting_at_ms < self._start_ms:
            self._waiting = None
            return None
        if self._index < 0:
            self._index = round(self._waiting_at_ms / self.step_ms) if self._is_jump else 0
        else:
            self._index += 1
        frame, self._waiting = self._waiting, None
        return Picture(
            frame,
            self._stream,
            self._converter,
            index=self._index,
            at_ms=self._waiting_at_ms,
            end_ms=max(end_ms, self._waiting_at_ms),
        )
