"""Open a container of pictures and sound with libav, safely, and choose the streams that matter."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.items.span import LATEST_MS
from media_assistant.media.faults import check_file, reading

# A file may name other files or addresses inside; none of these is ever followed.
_OPTIONS = {"protocol_whitelist": "file", "enable_drefs": "0"}
# To open, and for each step after that. In a hole of gigabytes libav looks for the next piece of the file to its end.
_PATIENCE_S = (60.0, 20.0)
_LONGEST_LOOK_S = 30.0
NO_INDEX = frozenset({"mp3", "aac", "ac3", "eac3", "dts", "amr"})
"""Formats without an index: a seek there lands on a guess, so we decode from the start and leave out (300× real time)."""
# Lists of other files: a playlist in disguise would lead anywhere.
_REFUSED_FORMATS = frozenset(
    {"hls", "dash", "concat", "imf", "ffmetadata", "tty", "image2", "lrc", "srt", "ass", "webvtt"}
)


def open_container(path: Path) -> InputContainer:
    """Open for reading. The caller closes it.

    Raises UserFixable: `media.empty`, `media.vanished`, `media.unreadable`, `media.damaged`, `media.unsupported`,
    `media.read_failed` where the drive does not answer.
    """
    check_file(path)
    with reading(), path.open("rb") as file:
        file.read(1)  # the system's own refusal, in its own words
    with decoding():
        container = av.open(
            str(path.absolute()),
            options=dict(_OPTIONS),
            timeout=_PATIENCE_S,
            metadata_errors="surrogateescape",  # keeps the bytes of tags in other encodings, to be repaired later
        )
    if _REFUSED_FORMATS & set(container.format.name.split(",")):
        container.close()
        raise UserFixable("media.unsupported")
    return container


@contextmanager
def decoding() -> Iterator[None]:
    """Say what libav's refusal means. It borrows the system's error numbers for damaged files, so none are told apart."""
    try:
        yield
    except (av.error.DecoderNotFoundError, av.error.PatchWelcomeError) as error:
        raise UserFixable("media.codec_unknown") from error
    except av.error.ExitError as error:  # our own patience
        raise UserFixable("media.read_failed", why="system.ETIMEDOUT") from error
    except (av.error.FFmpegError, UnicodeError, ValueError) as error:
        raise UserFixable("media.damaged") from error


def find_picture(container: InputContainer) -> VideoStream | None:
    """The stream of moving pictures that we can decode: the default one, else the largest; never a cover or a still."""
    streams = [stream for stream in container.streams.video if has_decoder(stream) and not _is_cover(stream)]
    return max(streams, key=_rank_picture, default=None)


def find_cover(container: InputContainer) -> VideoStream | None:
    """The largest attached picture."""
    streams = [stream for stream in container.streams.video if has_decoder(stream) and _is_cover(stream)]
    return max(streams, key=_area, default=None)


def find_sound(container: InputContainer) -> AudioStream | None:
    """The sound that would be heard and that we can decode: the default stream, else most channels, the first of equals."""
    streams = [
        stream for stream in container.streams.audio if has_decoder(stream) and stream.codec_context.channels > 0
    ]
    return max(streams, key=_rank_sound, default=None)


def has_decoder(stream: Stream) -> bool:
    """Whether this libav knows the codec; if not, a stream has no context at all, whatever its type says."""
    return getattr(stream, "codec_context", None) is not None


def check_streams(container: InputContainer) -> Kind:
    """Video if there are moving pictures that can be decoded, music if there is sound alone.

    Raises UserFixable: `media.codec_unknown` when neither can be decoded, `media.no_streams` when there is neither.
    """
    if find_picture(container) is not None:
        return Kind.VIDEO
    if find_sound(container) is not None:
        return Kind.MUSIC
    if container.streams.video or container.streams.audio:
        raise UserFixable("media.codec_unknown")
    raise UserFixable("media.no_streams")


def start_of(container: InputContainer) -> Fraction:
    """The container's start in seconds; everything is counted from there."""
    return Fraction(container.start_time or 0, av.time_base)


def has_no_index(container: InputContainer) -> bool:
    """Whether a time is only found by reading all that lies before it."""
    return bool(NO_INDEX & set(container.format.name.split(",")))


def duration_ms(container: InputContainer) -> int:
    """What the container says of its length, else what its streams say; 0 if nobody knows.

    Without an index it is reckoned from the bit rate of what comes first, which is wrong by half, or by ten times, where
    that varies: then nobody knows. But an MP3 may count its frames in the first one (Xing, LAME), and that one tells how
    late its sound sets in, too.
    """
    if has_no_index(container) and not container.start_time:
        return 0
    if container.duration and container.duration > 0:
        return round(container.duration * 1000 / av.time_base)
    known = [
        stream.duration * stream.time_base * 1000
        for stream in (*container.streams.video, *container.streams.audio)
        if stream.duration and stream.duration > 0 and stream.time_base and not _is_cover(stream)
    ]
    return round(max(known, default=Fraction(0)))


def measure_duration_ms(path: Path) -> int:
    """When the last packet of pictures and sound ends, for what does not say its length: a recording that was written as it
    came has no place for it. Packets are read from as near to the end as the file lets jump, and nothing is decoded.

    What takes longer than half a minute is reckoned by how far in the file that has come; 0 where packets have no times.
    """
    with open_container(path) as container:
        streams = [each for each in (find_picture(container), find_sound(container)) if each is not None]
        origin_s = start_of(container)
        if has_no_index(container):
            return max(0, round((_last_end_s(container, streams) - origin_s) * 1000))
        for goal_ms in (LATEST_MS, 0):
            with contextlib.suppress(av.error.FFmpegError):
                container.seek(int(origin_s * av.time_base) + goal_ms * 1000, backward=True)
            if end_s := _last_end_s(container, streams):
                return max(0, round((end_s - origin_s) * 1000))
    return 0


def set_threads(stream: VideoStream | AudioStream, threads: int) -> None:
    """Bound what the decoder uses: libav would take every core."""
    stream.codec_context.thread_count = threads
    stream.codec_context.thread_type = ThreadType.AUTO if threads > 1 else ThreadType.NONE


def _last_end_s(container: InputContainer, streams: Sequence[Stream]) -> Fraction:
    end_s = Fraction(0)
    until_s = time.monotonic() + _LONGEST_LOOK_S
    with contextlib.suppress(av.error.FFmpegError, OSError):
        for packet in container.demux(*streams):
            if packet.pts is not None and packet.size:
                end_s = max(end_s, (packet.pts + (packet.duration or 0)) * packet.time_base)
            if time.monotonic() > until_s:
                at, size = packet.pos or 0, container.size or 0
                return end_s * size / at if 0 < at < size else end_s
    return end_s


def _is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _area(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height


def _rank_picture(stream: VideoStream) -> tuple[bool, int, int]:
    return bool(stream.disposition & Disposition.default), _area(stream), -stream.index


def _rank_sound(stream: AudioStream) -> tuple[bool, int, int]:
    return bool(stream.disposition & Disposition.default), stream.codec_context.channels, -stream.index
