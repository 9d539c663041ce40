"""Small pictures of every kind of file: thumbnail, storyboard, waveform. Caches, never the truth."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media import drawing
from media_assistant.media.av_source import AvSource
from media_assistant.media.container import find_cover, open_container
from media_assistant.media.document import DocumentSource
from media_assistant.media.frames import Picture
from media_assistant.media.photo import PILLOW_FAULTS, PhotoSource, check_scans
from media_assistant.media.seeking import Seeker
from media_assistant.media.source import Frame, MediaSource, Sound
from media_assistant.media.waveform import measure_peaks

STORYBOARD_TILES = 40
"""Tiles of every storyboard, side by side; tile i shows the time (i + 0.5) / 40 of the film."""
_QUALITY = 82
# Where a film is looked into for a picture that shows something, as fractions of its length.
_TRIED = (0.1, 0.3, 0.5, 0.2, 0.7, 0.03, 0.9, 0.0)
_DARK, _FLAT = 24.0, 12.0
_MAX_COVER_PIXELS = 64 * 1024 * 1024
# What covers are made of. Pillow would hand others on to other programs, such as EPS to Ghostscript.
_COVER_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")


def thumbnail(source: MediaSource, long_side: int = 512) -> bytes:
    """JPEG of at most `long_side`, upright.

    A film's picture that is neither black nor flat; an audio's cover, else its waveform; a text's first page or lines.
    Raises UserFixable when the file cannot be read at all.
    """
    if isinstance(source, AvSource):
        return _film(source, long_side) if source.kind is Kind.VIDEO else _music(source, long_side)
    if isinstance(source, PhotoSource):
        width, height = fit(source.photo.width, source.photo.height, long_side)
        image = source.photo.image(width, height)
        return _jpeg(image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0))
    if isinstance(source, DocumentSource):
        return _jpeg(_text(source, long_side))
    raise TypeError(f"no reader of ours: {type(source).__name__}")


def fit(width: int, height: int, long_side: int) -> tuple[int, int]:
    """The size of a picture whose longer side is at most `long_side`; never enlarged, never less than one pixel."""
    scale = min(1.0, long_side / max(width, height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))


def storyboard(source: MediaSource, tile_height: int = 90) -> bytes:
    """JPEG strip of `STORYBOARD_TILES` tiles of equal width, evenly spaced in time; empty without moving pictures.

    Takes key frames only: one decoded picture a tile, at the key frame nearest before each time.
    """
    if not isinstance(source, AvSource) or source.kind is not Kind.VIDEO:
        return b""
    with_picture = source.seeker
    length_ms = max(with_picture.duration_ms, 1)
    times = [round((tile + 0.5) * length_ms / STORYBOARD_TILES) for tile in range(STORYBOARD_TILES)]
    strip: Image.Image | None = None
    tile_width = 0
    last: Image.Image | None = None
    for number, picture in enumerate(_at_times(with_picture, times)):
        if strip is None and picture is not None:
            aspect = min(max(picture.width / max(picture.height, 1), 0.4), 3.0)
            tile_width = max(1, min(round(tile_height * aspect), 65_000 // STORYBOARD_TILES))
            strip = Image.new("RGB", (tile_width * STORYBOARD_TILES, tile_height))
        if strip is not None:
            if picture is not None:
                last = Image.fromarray(picture.rgb(tile_width, tile_height))
            if last is not None:
                strip.paste(last, (number * tile_width, 0))
    return _jpeg(strip, 72) if strip is not None else b""


def _at_times(seeker: Seeker, times: list[int]) -> Iterator[Picture | None]:
    """The key frame before each time. Held are two at most: of 8K each takes 100 MB.

    A short film with few key frames is decoded whole for the true pictures; a longer one gives its key frames, in one go
    if they are few, else by jumps. An index may list but what was met so far: in one go come no more than few, whatever
    it says.
    """
    most = 2 * len(times)
    keys = seeker.count_key_frames()
    is_whole = keys < len(times) and seeker.is_light
    waiting = deque(times)
    if is_whole or 0 < keys <= most:
        last: Picture | None = None
        for count, picture in enumerate(seeker.frames() if is_whole else seeker.key_frames()):
            while waiting and waiting[0] < picture.at_ms:
                yield last or picture
                waiting.popleft()
            last = picture
            if not waiting or (count >= most and not is_whole):
                break
        else:
            yield from [last] * len(waiting)
            return
    for at_ms in waiting:
        yield seeker.key_frame_at(at_ms)


def waveform(source: MediaSource, width: int = 1200, height: int = 120) -> bytes:
    """PNG of the sound's loudness over time, transparent around; empty where there is no sound."""
    peaks = measure_peaks(source, width // 3)
    return _png(drawing.draw_waveform(peaks, width, height)) if peaks.size else b""


def cover(path: Path) -> Image.Image | None:
    """The picture that a sound file carries; None if it has none that can be read."""
    with open_container(path) as container:
        stream = find_cover(container)
        data = b""
        if stream is not None:
            data = next((bytes(packet) for packet in container.demux(stream) if packet.size), b"")
    return _decoded(data)


def _decoded(data: bytes) -> Image.Image | None:
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=_COVER_FORMATS) as image:
            if image.width * image.height > _MAX_COVER_PIXELS:
                return None
            check_scans(image)
            image.draft("RGB", (1024, 1024))
            return image.convert("RGB")
    except (*PILLOW_FAULTS, Image.DecompressionBombError, UserFixable):
        return None


def _film(source: AvSource, long_side: int) -> bytes:
    seeker = source.seeker
    best: Frame | None = None
    best_spread = -1.0
    for fraction in _TRIED:
        picture = seeker.key_frame_at(round(seeker.duration_ms * fraction))
        if picture is None:
            continue
        brightness, spread = _look(picture)
        if spread > best_spread:
            best, best_spread = picture, spread
        if brightness > _DARK and spread > _FLAT:
            best = picture
            break
    if best is None:
        best = next((shown for shown in source.play(frames=True, sound=False) if not isinstance(shown, Sound)), None)
    if best is None:
        raise UserFixable("media.damaged")
    return _jpeg(Image.fromarray(best.rgb(*fit(best.width, best.height, long_side))))


def _look(picture: Frame) -> tuple[float, float]:
    grey = picture.grey(*fit(picture.width, picture.height, 64)).astype(np.float32)
    return float(grey.mean()), float(grey.std())


def _music(source: AvSource, long_side: int) -> bytes:
    if (image := cover(source.path)) is not None:
        image.thumbnail((long_side, long_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        return _jpeg(image)
    return _jpeg(drawing.draw_sound_card(measure_peaks(source, 64), long_side))


def _text(source: DocumentSource, long_side: int) -> Image.Image:
    from media_assistant.media.sniff import sniff

    found = sniff(source.path)
    form = found.format if found else "txt"
    if form == "pdf":
        from media_assistant.media.pdf import render_page

        return render_page(source.path, long_side)
    if form == "epub":
        from media_assistant.media.packages import book_cover

        if (image := _decoded(book_cover(source.path))) is not None:
            image.thumbnail((long_side, long_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
            return image
    document = source.document()
    text = "\n".join(page.text[:4000] for page in document.pages[:2])
    return drawing.draw_page(document.title, text, long_side)


def _jpeg(image: Image.Image, quality: int = _QUALITY) -> bytes:
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality, optimize=False)
    return file.getvalue()


def _png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return file.getvalue()
