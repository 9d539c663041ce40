from __future__ import annotations

import gc
import io
import os
import struct
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import EpsImagePlugin, Image, ImageFont

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media import seeking
from media_assistant.media.av_source import AvSource
from media_assistant.media.drawing import draw_page, wrap_text
from media_assistant.media.frames import FrameClock, Picture
from media_assistant.media.preview import STORYBOARD_TILES, storyboard, thumbnail, waveform
from media_assistant.media.registry import open_source
from media_assistant.media.waveform import measure_peaks
from tests import films
from tests.media.conftest import COLOURS, Maker, picture_of, tone
from tests.media.test_document import make_epub, make_pdf


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def black_at_first(number: int) -> np.ndarray:
    return picture_of(number) if number >= 70 else np.zeros((96, 160, 3), np.uint8)


def test_film_shows_what_is_not_black(make_film: Maker) -> None:
    path = make_film("a.mp4", frames=100, picture=black_at_first, sound=tone(10.0))
    source = open_source(path, Kind.VIDEO)
    image = opened(thumbnail(source))
    assert image.format == "JPEG"
    assert image.size == (160, 96)
    assert np.asarray(image).mean() > 60


def test_all_black_is_black(make_film: Maker) -> None:
    path = make_film("a.mp4", frames=3, picture=lambda _: np.zeros((96, 160, 3), np.uint8))
    assert opened(thumbnail(open_source(path, Kind.VIDEO))).size == (160, 96)


def test_film_is_upright(make_film: Maker) -> None:
    path = make_film("a.mp4", rotation=-90, size=(640, 384))
    assert opened(thumbnail(open_source(path, Kind.VIDEO), 320)).size == (192, 320)


@pytest.mark.parametrize("keys_every", [5, 250])
def test_storyboard_is_evenly_spaced(make_film: Maker, keys_every: int) -> None:
    path = make_film("a.mp4", frames=20, keys_every=keys_every)
    strip = opened(storyboard(open_source(path, Kind.VIDEO), 48))
    assert strip.size == (80 * STORYBOARD_TILES, 48)
    pixels = np.asarray(strip).astype(int)
    for tile in range(STORYBOARD_TILES):
        at_frame = int((tile + 0.5) / STORYBOARD_TILES * 20)
        assert np.abs(pixels[30, tile * 80 + 60] - COLOURS[at_frame // 5]).max() < 40


def test_a_storyboard_of_av1_shows_more_than_key_frames_also_after_a_thumbnail(tmp_path: Path) -> None:
    source = open_source(films.make_film(tmp_path / "a.mp4", "av1", seconds=2, gop=50, has_sound=False), Kind.VIDEO)
    thumbnail(source)
    strip = np.asarray(opened(storyboard(source)))
    tiles = np.split(strip, STORYBOARD_TILES, axis=1)
    expected = [int((tile + 0.5) / STORYBOARD_TILES * 50) for tile in range(STORYBOARD_TILES)]
    assert [films.read_number(tile) for tile in tiles] == expected
    assert isinstance(source, AvSource)
    frame = source.frame_at(1000)
    assert frame is not None and films.read_number(frame.rgb(320, 180)) == 25
    # And the other way round, only key frames again.
    assert [picture.at_ms for picture in source.seeker.key_frames()] == [0]
    source.close()


def test_storyboard_by_jumps(make_film: Maker) -> None:
    path = make_film("a.mkv", frames=600, keys_every=5)
    strip = opened(storyboard(open_source(path, Kind.VIDEO), 48))
    pixels = np.asarray(strip).astype(int)
    for tile in range(STORYBOARD_TILES):
        at_frame = int((tile + 0.5) / STORYBOARD_TILES * 600)
        assert np.abs(pixels[30, tile * 80 + 60] - COLOURS[at_frame // 5 % 4]).max() < 40


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.ts", {}), ("a.mp4", {"movflags": "frag_keyframe+empty_moov"}), ("a.webm", {"live": "1"}), ("a.mkv", {})],
)
def test_promise_12_a_long_film_has_its_storyboard_of_a_few_pictures(
    make_film: Maker, monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, str]
) -> None:
    """After a jump the index lists what was met on the way: a recording of hours looked like a film of a few key frames,
    and all of them were kept, at 25 MB each for 4K.
    """
    codec = "libvpx-vp9" if name == "a.webm" else "libx264"
    film = make_film(name, codec=codec, frames=1000, rate=10, keys_every=2, options=options)
    made, most_kept = 0, 0
    alone = FrameClock.alone

    def counted(clock: FrameClock, frame: VideoFrame) -> Picture:
        nonlocal made, most_kept
        made += 1
        if made % 8 == 0:  # A look at everything takes long in a process that has run many tests.
            most_kept = max(most_kept, sum(isinstance(each, Picture) for each in gc.get_objects()))
        return alone(clock, frame)

    monkeypatch.setattr(FrameClock, "alone", counted)
    monkeypatch.setattr(seeking, "_LIGHT_PIXELS", 0)  # as a longer film or a larger picture
    source = open_source(film, Kind.VIDEO)
    thumbnail(source)
    pixels = np.asarray(opened(storyboard(source, 48))).astype(int)
    assert made <= 4 * STORYBOARD_TILES
    assert most_kept <= 4
    for tile in range(STORYBOARD_TILES):
        at_frame = int((tile + 0.5) / STORYBOARD_TILES * 1000)
        near = [COLOURS[(at_frame + off) // 5 % 4] for off in (-1, 0, 1)]
        assert min(np.abs(pixels[30, tile * 80 + 60] - colour).max() for colour in near) < 40, tile


def test_one_frame_has_a_storyboard(make_film: Maker) -> None:
    assert opened(storyboard(open_source(make_film("a.mp4", frames=1), Kind.VIDEO))).width % STORYBOARD_TILES == 0


def test_song_with_cover(make_sound: Maker) -> None:
    path = make_sound("a.mp3", "libmp3lame", cover=Image.new("RGB", (800, 800), (240, 120, 20)))
    image = opened(thumbnail(open_source(path, Kind.MUSIC)))
    assert image.size == (512, 512)
    assert np.abs(np.asarray(image).reshape(-1, 3).mean(axis=0) - (240, 120, 20)).max() < 12


def test_song_without_cover_shows_its_waveform(make_sound: Maker) -> None:
    loud_at_the_end = tone(4.0) * np.repeat([0.02, 0.02, 0.02, 1.0], 44_100)
    path = make_sound("a.flac", "flac", loud_at_the_end.astype(np.float32))
    source = open_source(path, Kind.MUSIC)
    peaks = measure_peaks(source, 40)
    assert peaks[:29].max() < 0.1
    assert peaks[31:].min() > 0.9
    image = np.asarray(opened(thumbnail(source))).astype(int)
    assert image[180, 400:460].max() > image[180, 50:300].max() + 50
    drawn = np.asarray(opened(waveform(source, 300, 60)))
    assert drawn.shape == (60, 300, 4)
    assert drawn[5, 250:, 3].max() == 255
    assert drawn[5, :200, 3].max() == 0


def test_a_sound_that_ends_before_the_pictures_is_drawn_under_those_it_belongs_to(make_film: Maker) -> None:
    film = make_film("a.mkv", frames=80, sound=tone(2.0), sound_codec="flac")
    peaks = measure_peaks(open_source(film, Kind.VIDEO), 80)
    assert peaks[:19].min() > 0.9
    assert peaks[21:].max() == 0


def test_long_sound_is_sampled(make_sound: Maker) -> None:
    rate_hz = 8000
    long = tone(700.0, rate_hz, channels=1) * np.where(np.arange(700 * rate_hz) < 350 * rate_hz, 1.0, 0.05).astype(
        np.float32
    )
    source = open_source(make_sound("a.flac", "flac", long, rate_hz), Kind.MUSIC)
    peaks = measure_peaks(source, 64)
    assert peaks[:30].min() > 0.9
    assert peaks[34:].max() < 0.2


@pytest.mark.parametrize("seconds", [20.0, 700.0])
def test_listening_through_can_be_stopped(make_sound: Maker, tmp_path: Path, seconds: float) -> None:
    path = make_sound("a.flac", "flac", tone(seconds, 8000, channels=1), 8000)
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) == 3

    with pytest.raises(Cancelled):
        measure_peaks(open_source(path, Kind.MUSIC), 64, should_stop)
    assert len(asked) == 3


def test_silence_has_a_waveform(make_sound: Maker) -> None:
    source = open_source(make_sound("a.wav", "pcm_s16le", np.zeros((1, 44_100), np.float32)), Kind.MUSIC)
    assert opened(waveform(source)).size == (1200, 120)
    assert opened(thumbnail(source)).size == (512, 512)


def test_film_without_sound_has_no_waveform(make_film: Maker) -> None:
    assert waveform(open_source(make_film("a.mp4"), Kind.VIDEO)) == b""


@pytest.mark.parametrize(
    "text",
    [
        "Plain words.\n" * 50,
        "望远镜观测到遥远的星系，那里的恒星在几十亿年前发出了光。" * 9,
        "",
        "\u202eright\u202c to left \U0001f600 \x00\x07",
        "x" * 10_000,
        "שלום עולם\n" * 5,
    ],
)
def test_text_shows_its_first_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text or "\n", "utf-8")
    image = opened(thumbnail(open_source(path, Kind.TEXT)))
    assert image.size == (384, 512)
    assert (np.asarray(image).min() < 120) == bool(text.strip())


def test_pdf_shows_its_first_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    make_pdf(path)
    image = np.asarray(opened(thumbnail(open_source(path, Kind.TEXT))))
    assert image.shape[0] == 512
    assert image[40:110].min() < 100
    assert image[200:].min() > 240


def test_book_shows_its_cover_or_its_words(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub())
    assert opened(thumbnail(open_source(path, Kind.TEXT))).size == (384, 512)
    cover = io.BytesIO()
    Image.new("RGB", (300, 400), "red").save(cover, "JPEG")
    package = make_epub_package_with_cover()
    path.write_bytes(make_epub(**{"O/p.opf": package, "O/c.jpg": cover.getvalue()}))
    image = opened(thumbnail(open_source(path, Kind.TEXT)))
    assert image.size == (300, 400)
    assert np.asarray(image)[..., 0].mean() > 240


def test_promise_12_a_book_with_a_cover_of_16k_by_16k_shows_its_words(tmp_path: Path) -> None:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = part(b"IHDR", struct.pack(">IIBBBBB", 16384, 16384, 8, 2, 0, 0, 0))
    cover = b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub(**{"O/p.opf": make_epub_package_with_cover(), "O/c.jpg": cover}))
    assert opened(thumbnail(open_source(path, Kind.TEXT))).size == (384, 512)


@pytest.mark.skipif(sys.platform == "win32", reason="what stands for Ghostscript is a script of the shell")
def test_no_cover_starts_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ghostscript = tmp_path / "gs"
    ghostscript.write_text(f"#!/bin/sh\necho started >> '{tmp_path}/started'\n", "utf-8")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    cover = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(OSError, match=r"broken|truncated|cannot|unable|identify|No such"):
        opened(cover)
    assert (tmp_path / "started").exists(), "Pillow does so when it is left to it"
    (tmp_path / "started").unlink()
    book = tmp_path / "a.epub"
    book.write_bytes(make_epub(**{"O/p.opf": make_epub_package_with_cover(), "O/c.jpg": cover}))
    assert opened(thumbnail(open_source(book, Kind.TEXT))).size == (384, 512)
    photo = tmp_path / "a.jpg"
    photo.write_bytes(cover)
    with pytest.raises(UserFixable, match=r"media\.photo_damaged"):
        open_source(photo, Kind.PHOTO)
    assert not (tmp_path / "started").exists()


def test_promise_12_a_cover_of_hundreds_of_scans_is_passed_over_in_time(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (3000, 3000), "red").save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    last = whole.rindex(b"\xff\xda")
    path = tmp_path / "a.epub"
    cover = whole[:-2] + whole[last:-2] * 500 + whole[-2:]
    path.write_bytes(make_epub(**{"O/p.opf": make_epub_package_with_cover(), "O/c.jpg": cover}))
    started = time.thread_time()
    assert opened(thumbnail(open_source(path, Kind.TEXT))).size == (384, 512)
    assert time.thread_time() - started < 2


def make_epub_package_with_cover() -> bytes:
    return (
        b"<package xmlns='http://www.idpf.org/2007/opf'><metadata/><manifest><item id='c' href='c.jpg' media-type='image/jpeg' properties='cover-image'/>"
        b"<item id='b' href='b.xhtml'/></manifest><spine><itemref idref='b'/></spine></package>"
    )


def test_photo(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (3000, 2000), "teal").save(path)
    assert opened(thumbnail(open_source(path, Kind.PHOTO))).size == (512, 341)
    Image.new("RGB", (30, 1), "teal").save(path)
    assert opened(thumbnail(open_source(path, Kind.PHOTO))).size == (30, 1)


def test_promise_12_a_title_of_a_megabyte_is_drawn_in_time() -> None:
    started = time.thread_time()
    assert draw_page("A walk", "# A walk #\n\nBy the sea.", 512) == draw_page("A walk", "By the sea.", 512)
    assert draw_page("A walk", "A walk home", 512) != draw_page("A walk", "", 512)
    assert draw_page("long title " * 90_000, "words", 512).size == (384, 512)
    assert time.thread_time() - started < 2


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_quote() -> None:
    text = "每天傍晚，太阳落到“海面”以下之前，守塔人都要爬上灯塔（很高），把灯点亮。" * 3
    font = ImageFont.load_default(10)
    for width in range(30, 200, 3):
        lines = wrap_text(text, width, font)
        assert "".join(lines) == text
        assert all(font.getlength(line) <= width for line in lines)
        assert not any(line[0] in "，。”）" or line[-1] in "“（" for line in lines)
