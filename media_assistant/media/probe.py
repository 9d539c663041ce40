"""Learn what a file is like without understanding it: a few packets, at most one picture decoded."""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from media_assistant.items.item import ChapterMark, Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.items.span import LATEST_MS
from media_assistant.media import capture, file_tags
from media_assistant.media.container import (
    check_streams,
    duration_ms,
    find_picture,
    find_sound,
    measure_duration_ms,
    open_container,
    start_of,
)
from media_assistant.media.frames import turn_of, upright_size

_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TRIED_PACKETS = 120
_FASTEST_SCREEN, _TIMED_PACKETS = 240, 60
_MOST_CHAPTERS, _LONGEST_TITLE = 1000, 300
_LONGEST_TAG = 2000
_MOST_FRAMES_S = 100_000


@dataclasses.dataclass(frozen=True, slots=True)
class Probed:
    """`kind` is the sniffed one, or a better one: a container whose only pictures are a cover is music."""

    kind: Kind
    facts: Facts


def probe(path: Path, kind: Kind) -> Facts:
    """What a file of the sniffed `kind` is like. Raises UserFixable as `open_source` does."""
    return examine(path, kind).facts


def examine(path: Path, kind: Kind) -> Probed:
    """As `probe`, with the kind corrected where the streams know better than the first bytes."""
    match kind:
        case Kind.VIDEO | Kind.MUSIC:
            probed = _played(path)
        case Kind.PHOTO:
            probed = Probed(kind, _photo(path))
        case Kind.TEXT:
            probed = Probed(kind, _text(path))
    said = probed.facts.captured
    captured = capture.with_zone_of_name(said, path.stem) if said else None
    captured = captured or capture.from_name(path.stem) or capture.from_file_time(path)
    return dataclasses.replace(probed, facts=_within_reason(probed.facts._replace(captured=captured)))


def _within_reason(facts: Facts) -> Facts:
    """Without numbers that no file can mean and words that nobody reads to their end: headers say anything."""
    said = facts.tags._asdict()
    words: dict[str, Any] = {name: _plain(word) for name, word in said.items() if isinstance(word, str)}
    return facts._replace(
        duration_ms=facts.duration_ms if 0 <= facts.duration_ms <= LATEST_MS else 0,
        width=_count(facts.width),
        height=_count(facts.height),
        frame_rate=facts.frame_rate if 0 <= facts.frame_rate <= _MOST_FRAMES_S else 0.0,
        channels=_count(facts.channels),
        sample_rate_hz=_count(facts.sample_rate_hz),
        pages=_count(facts.pages),
        tags=facts.tags._replace(**words),
        subtitle_languages=tuple(_plain(word)[:40] for word in facts.subtitle_languages[:100]),
        chapters=tuple(mark._replace(start_ms=min(mark.start_ms, LATEST_MS)) for mark in facts.chapters),
    )


def _count(number: int) -> int:
    return number if 0 <= number < 2**31 else 0


def _plain(text: str) -> str:
    """What can be stored and shown: no halves of letters, no zeros, no book in place of a title."""
    return text[:_LONGEST_TAG].encode("utf-8", "replace").decode().replace("\0", "")


def _played(path: Path) -> Probed:
    with open_container(path) as container:
        kind = check_streams(container)
        picture = find_picture(container) if kind is Kind.VIDEO else None
        sound = find_sound(container)
        found = file_tags.gather(container)
        # The picture is last: looking at it reads packets.
        width, height = _shown_size(container, picture) if picture is not None else (0, 0)
        rate = _frame_rate(container, picture) if picture is not None else 0.0
        heard = sound.codec_context if sound is not None else None
        located = (
            found.get("com.apple.quicktime.location.iso6709") or found.get("location") or found.get("location-eng")
        )
        return Probed(
            kind,
            Facts(
                duration_ms=duration_ms(container) or measure_duration_ms(path),
                width=width,
                height=height,
                frame_rate=rate,
                channels=heard.channels if heard is not None else 0,
                sample_rate_hz=heard.sample_rate if heard is not None else 0,
                codecs=tuple(stream.codec_context.name for stream in (picture, sound) if stream is not None),
                tags=file_tags.read_tags(found),
                captured=capture.from_container(found),
                place=capture.place_from_iso6709(located) if located else None,
                subtitle_languages=tuple(stream.language or "" for stream in container.streams.subtitles),
                chapters=_chapters(container),
            ),
        )


def _chapters(container: InputContainer) -> tuple[ChapterMark, ...]:
    """As the file names them, in their order; an absurd list counts as none."""
    origin_ms = start_of(container) * 1000
    marks = []
    for chapter in container.chapters():
        title = " ".join(str(chapter["metadata"].get("title", "")).split())
        start_ms = chapter["start"] * (chapter["time_base"] or 0) * 1000 - origin_ms
        marks.append(ChapterMark(max(0, round(start_ms)), *file_tags.mend_values((title[:_LONGEST_TITLE],))))
    marks.sort(key=lambda mark: mark.start_ms)
    return tuple(marks) if len(marks) <= _MOST_CHAPTERS else ()


def _shown_size(container: InputContainer, picture: VideoStream) -> tuple[int, int]:
    """Upright, with square pixels: the turn of a film is only told with its first picture."""
    context = picture.codec_context
    context.thread_count = 1
    try:
        for count, packet in enumerate(container.demux(picture)):
            try:
                decoded = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in decoded:
                if isinstance(frame, av.VideoFrame):
                    return upright_size(frame, picture, turn_of(frame))
            if count >= _TRIED_PACKETS:
                break
    except (av.error.FFmpegError, OSError):
        pass
    return context.width, context.height


def _frame_rate(container: InputContainer, picture: VideoStream) -> float:
    """Frames per second. What is told to be faster than screens are may be the clock alone, as in what browsers record:
    then by the usual time from one of the next packets to the one shown after it.
    """
    told = float(picture.average_rate or picture.guessed_rate or 0)
    if told <= _FASTEST_SCREEN:
        return round(told, 3)
    stamps: list[int] = []
    with contextlib.suppress(av.error.FFmpegError, OSError):
        packets = islice(container.demux(picture), _TIMED_PACKETS)
        stamps.extend(packet.pts for packet in packets if packet.pts is not None and packet.size)
    steps = [later - stamp for stamp, later in pairwise(sorted(stamps)) if later > stamp]
    return round(float(1 / (median(steps) * picture.time_base)), 3) if steps and picture.time_base else round(told, 3)


def _photo(path: Path) -> Facts:
    from media_assistant.media import photo

    with photo.open_image(path) as image, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        width, height = photo.upright_size(image)
        try:
            exif = image.getexif()
            tags: dict[int, object] = {**exif, **exif.get_ifd(_EXIF_IFD)}
            position: dict[int, object] = dict(exif.get_ifd(_GPS_IFD))
        except photo.PILLOW_FAULTS:
            tags, position = {}, {}
        return Facts(
            width=width,
            height=height,
            codecs=(str(image.format or "").lower(),),
            tags=_photo_tags(tags),
            captured=capture.from_exif(tags, position),
            place=capture.place_from_exif(position),
        )


def _photo_tags(tags: dict[int, object]) -> FileTags:
    said = (tags.get(key) for key in (0x9C9B, 0x013B, 0x010E))
    title, artist, caption = (value.strip("\0 ") if isinstance(value, str) else "" for value in said)
    encoded = tags.get(0x9C9B)
    if isinstance(encoded, tuple) and all(isinstance(each, int) and 0 <= each < 256 for each in encoded):
        encoded = bytes(encoded)
    if isinstance(encoded, bytes):
        title = encoded.decode("utf-16-le", "replace").strip("\0 ")
    title, artist, caption = file_tags.mend_values((title, artist, caption))
    return FileTags(title=title[:500], artist=artist[:500], comment=" ".join(caption.split())[:2000])


def _text(path: Path) -> Facts:
    from media_assistant.media.document import describe

    return describe(path)
