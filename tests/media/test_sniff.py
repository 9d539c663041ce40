from __future__ import annotations

import os
import struct
import time
import wave
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media.sniff import Sniffed, sniff
from tests.media.conftest import Maker, tone

FILMS = [
    ("a.mp4", "libx264", "mp4"),
    ("a.mov", "libx264", "mov"),
    ("a.mkv", "libx264", "mkv"),
    ("a.webm", "libvpx-vp9", "webm"),
    ("a.avi", "mpeg4", "avi"),
    ("a.ts", "libx264", "ts"),
    ("a.flv", "flv", "flv"),
    ("a.mpg", "mpeg2video", "mpeg-ps"),
    ("a.wmv", "wmv2", "wmv"),
]
SOUNDS = [
    ("a.mp3", "libmp3lame", "mp3", None),
    ("a.flac", "flac", "flac", None),
    ("a.ogg", "vorbis", "ogg", None),
    ("a.opus", "libopus", "ogg", None),
    ("a.wav", "pcm_s16le", "wav", None),
    ("a.m4a", "aac", "m4a", None),
    ("a.aac", "aac", "aac", "adts"),
    ("a.aiff", "pcm_s16be", "aiff", None),
    ("a.wma", "wmav2", "wma", None),
    ("only_sound.mp4", "aac", "m4a", "mp4"),
    ("only_sound.mkv", "aac", "mkv", None),
    ("only_sound.webm", "libopus", "webm", None),
    ("only_sound.ts", "aac", "ts", None),
    ("only_sound.avi", "pcm_s16le", "avi", None),
]


@pytest.mark.parametrize(("name", "codec", "form"), FILMS)
def test_films_by_content(make_film: Maker, tmp_path: Path, name: str, codec: str, form: str) -> None:
    rate = 25 if codec == "mpeg2video" else 10
    if codec == "mpeg2video" or codec in ("wmv2", "flv"):
        path = _old_film(tmp_path / name, codec)
    else:
        path = make_film(name, codec=codec, rate=rate)
    assert sniff(path) == Sniffed(Kind.VIDEO, form)
    liar = path.rename(tmp_path / "holiday.mp3")
    assert sniff(liar) == Sniffed(Kind.VIDEO, form)


def _old_film(path: Path, codec: str) -> Path:
    import av

    from tests.media.conftest import picture_of

    with av.open(str(path), "w") as out:
        video = out.add_stream(codec, rate=25)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        for number in range(10):
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture_of(number), "rgb24")))
        out.mux(video.encode(None))
    return path


@pytest.mark.parametrize(("name", "codec", "form", "muxer"), SOUNDS)
def test_sounds_by_content(
    make_sound: Maker, tmp_path: Path, name: str, codec: str, form: str, muxer: str | None
) -> None:
    rate_hz = 48_000 if codec == "libopus" else 44_100
    path = make_sound(name, codec, tone(1.5, rate_hz), rate_hz, form=muxer)
    assert sniff(path) == Sniffed(Kind.MUSIC, form)
    liar = path.rename(tmp_path / "holiday.jpg")
    assert sniff(liar) == Sniffed(Kind.MUSIC, form)


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "gif", "tiff", "bmp", "avif"])
def test_photos_by_content(tmp_path: Path, form: str) -> None:
    path = tmp_path / "no_ending"
    Image.new("RGB", (40, 30), "red").save(path, form)
    assert sniff(path) == Sniffed(Kind.PHOTO, form)


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
def test_heic_by_its_brand(tmp_path: Path, brand: bytes) -> None:
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(struct.pack(">I4s4sI4s4s", 24, b"ftyp", brand, 0, b"mif1", b"heic") + b"\0" * 64)
    assert sniff(path) == Sniffed(Kind.PHOTO, "heic")


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("a.txt", b"Plain words.\n", "txt"),
        ("a.md", b"# Heading\n\nWords.\n", "md"),
        ("no_ending", "第一章 天空很高。".encode(), "txt"),
        (
            "wide.txt",
            ("望远镜观测到遥远的一个星系，那里的恒星在几十亿年前发出了光。" * 8 + "\n").encode("utf-16-le"),
            "txt",
        ),
        (
            "wide.txt",
            ("望远镜观测到遥远的一个星系，那里的恒星在几十亿年前发出了光。" * 8 + "\n").encode("utf-16-be"),
            "txt",
        ),
        ("gbk.txt", "第一章 天空很高，白云很慢。".encode("gbk"), "txt"),
        ("wide.txt", "Wide words.\n".encode("utf-16"), "txt"),
        ("wide_bare.txt", ("Wide words without a mark. " * 20).encode("utf-16-le"), "txt"),
        ("song.mp3", b"This is in truth a letter.\n", "txt"),
        ("page.txt", b"\n<!-- x -->\n<!DOCTYPE html><html><body>hi</body></html>", "html"),
        ("page.bin", b"<?xml version='1.0'?><html xmlns='x'><body/></html>", "html"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "pdf"),
        ("late.pdf", b"junk before\n%PDF-1.4\n", "pdf"),
        ("a.txt", b"The free people of the coast.\n", "txt"),
        ("a.txt", b"The wide sea, and then nothing.\n", "txt"),
        ("a.txt", b"MAC addresses of our machines:\n", "txt"),
        ("notes.txt", b"A file that begins with %PDF-1.4 is a PDF.\n", "txt"),
        ("tags.txt", b"ID3 tags of the whole collection, by year\n", "txt"),
        ("parts.txt", b"P1 10 20 screws, and P2 of the longer ones\n", "txt"),
        ("bill.txt", b"P6 2024 12 and what it cost\n", "txt"),
        ("a.txt", b"DSD is a way to store sound.\n", "txt"),
        ("a.txt", b"OggS begins each page of an Ogg file.\n", "txt"),
        ("a.txt", b"FORM 10-K\nAnnual report.\n", "txt"),
        ("a.md", "FORMAT der Bücher: groß.\n".encode("cp1252"), "md"),
    ],
)
def test_texts_by_content(tmp_path: Path, name: str, data: bytes, form: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert sniff(path) == Sniffed(Kind.TEXT, form)


def test_books_and_word_files(tmp_path: Path) -> None:
    book, word, other = tmp_path / "a.zip", tmp_path / "b.bin", tmp_path / "c.docx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "just a zip")
    assert sniff(book) == Sniffed(Kind.TEXT, "epub")
    assert sniff(word) == Sniffed(Kind.TEXT, "docx")
    assert sniff(other) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("film.mp4", bytes(4096)),
        ("noise.mp3", os.urandom(50_000).replace(b"\xff", b"\xfe")),
        ("data.json", b'{"a": 1}'),
        ("picture.svg", b"<svg xmlns='x'/>"),
        ("program.exe", b"MZ\x90\0\x03\0\0\0" + bytes(100)),
        ("archive.zip", b"PK\x03\x04" + bytes(100)),
        ("one_byte.mp4", b"\0"),
        ("letter.rtf", b"{\\rtf1 hello}"),
        ("list.bin", b"#EXTM3U\nhttp://example.invalid/a.mp3\n"),
    ],
)
def test_what_is_no_kind_of_ours(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert sniff(path) is None


@pytest.mark.parametrize("name", ["DSC_1.NEF", "a.dng", "a.arw", "a.CR2", "renamed.tif", "IMG_1.CR3", "a.raf", "a.orf"])
def test_camera_raw_is_said_to_be_none_of_ours_yet(tmp_path: Path, name: str) -> None:
    """By its first bytes most of it is a TIFF, and what Pillow shows of it is as small as a stamp; CR3 looks like a film."""
    path = tmp_path / name
    Image.new("RGB", (160, 120), "red").save(path, "tiff")
    tiff = path.read_bytes()
    heads = {
        "renamed.tif": tiff[:4] + b"\x10\0\0\0CR\x02\0",
        "IMG_1.CR3": struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"crx ", 1, b"crx ", b"isom"),
        "a.raf": b"FUJIFILMCCD-RAW 0201",
        "a.orf": b"IIRO\x08\0\0\0",
    }
    path.write_bytes(heads.get(name, tiff) + tiff[12:])
    with pytest.raises(UserFixable) as caught:
        sniff(path)
    assert caught.value.code == "media.camera_raw"


def test_what_raw_is_called_like_is_read_all_the_same(tmp_path: Path) -> None:
    Image.new("RGB", (16, 12), "red").save(tmp_path / "a.dng", "jpeg")
    assert sniff(tmp_path / "a.dng") == Sniffed(Kind.PHOTO, "jpeg")
    (tmp_path / "words.nef").write_text("IIRO and IIRS are words here.")
    assert sniff(tmp_path / "words.nef") == Sniffed(Kind.TEXT, "txt")


def test_sound_behind_a_large_tag(make_sound: Maker, tmp_path: Path) -> None:
    bare = make_sound("bare.mp3", "libmp3lame").read_bytes()
    body = bare[bare.index(b"\xff\xfb") :]
    size = 70_000
    tag = b"ID3\x03\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + bytes(size)
    path = tmp_path / "tagged"
    path.write_bytes(tag + body)
    assert sniff(path) == Sniffed(Kind.MUSIC, "mp3")


def test_bad_at_the_door(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    pipe = tmp_path / "pipe.mp3"
    os.mkfifo(pipe)
    for path, code in (
        (empty, "empty"),
        (tmp_path / "gone.mp4", "vanished"),
        (pipe, "not_a_file"),
        (tmp_path, "not_a_file"),
    ):
        with pytest.raises(UserFixable) as caught:
            sniff(path)
        assert caught.value.code == f"media.{code}"


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        with pytest.raises(UserFixable) as caught:
            sniff(path)
    finally:
        if is_root:
            os.seteuid(0)
    assert caught.value.code == "media.unreadable"


def test_every_cut_of_a_file_is_survived(make_film: Maker, make_sound: Maker, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    for whole in (
        make_film("a.mkv"),
        make_film("b.mp4"),
        make_film("c.ts"),
        make_sound("d.mp3", "libmp3lame"),
        make_sound("e.wma", "wmav2"),
    ):
        data = whole.read_bytes()
        for length in (*range(1, 300, 7), *range(300, len(data), max(1, len(data) // 40))):
            cut.write_bytes(data[:length])
            sniff(cut)


def test_wave_of_no_known_length(tmp_path: Path) -> None:
    path = tmp_path / "live.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(8000))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert sniff(path) == Sniffed(Kind.MUSIC, "wav")


def test_promise_12_a_page_is_known_in_time_whatever_stands_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    for text, form in (
        ("<!---->" * 2200 + "<html>", "html"),
        ("<!---->" * 2200 + "x", "txt"),
        (" \n" * 8000 + "y", "txt"),
    ):
        path.write_text(text)
        started = time.thread_time()
        found = sniff(path)
        assert found is not None and found.format == form
        assert time.thread_time() - started < 2
