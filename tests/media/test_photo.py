from __future__ import annotations

import io
import shutil
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media_assistant.errors import UserFixable
from media_assistant.items.item import Captured, DateSource
from media_assistant.items.kind import Kind
from media_assistant.media.photo import Photo
from media_assistant.media.probe import probe
from media_assistant.media.registry import open_source
from media_assistant.media.sniff import Sniffed, sniff
from media_assistant.media.source import Sound
from tests.media.conftest import COLOURS


def quarters(width: int = 120, height: int = 80) -> Image.Image:
    """Bright top left quarter on blue."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:] = (20, 30, 160)
    picture[: height // 2, : width // 2] = 250
    return Image.fromarray(picture)


def shown(path: Path) -> Photo:
    (frame,) = open_source(path, Kind.PHOTO).play(frames=True, sound=True)
    assert isinstance(frame, Photo)
    assert not isinstance(frame, Sound)
    return frame


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "tiff"])
def test_upright(tmp_path: Path, orientation: int, form: str) -> None:
    upright = quarters()
    stored_by = {
        2: "FLIP_LEFT_RIGHT",
        3: "ROTATE_180",
        4: "FLIP_TOP_BOTTOM",
        5: "TRANSPOSE",
        6: "ROTATE_90",
        7: "TRANSVERSE",
        8: "ROTATE_270",
    }
    stored = upright.transpose(Image.Transpose[stored_by[orientation]]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{form}"
    stored.save(path, form, exif=exif)
    frame = shown(path)
    assert (frame.width, frame.height) == (120, 80)
    facts = probe(path, Kind.PHOTO)
    assert (facts.width, facts.height) == (120, 80)
    small = frame.grey(12, 8).astype(int)
    assert small[1:3, 1:5].mean() > 200
    assert small[5:7, 7:11].mean() < 80


def test_jpeg_is_decoded_no_larger_than_asked(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (500, 800, 3), np.uint8)).resize((8000, 5000)).save(path)
    frame = shown(path)
    assert frame.image(256, 160).size == (1000, 625)
    assert frame.rgb(512, 320).shape == (320, 512, 3)
    assert frame.rgb(2000, 1250).shape == (1250, 2000, 3)


def test_8k_photo(tmp_path: Path) -> None:
    path = tmp_path / "8k.png"
    Image.new("RGB", (7680, 4320), (9, 120, 60)).save(path, compress_level=1)
    frame = shown(path)
    assert (frame.width, frame.height) == (7680, 4320)
    assert frame.rgb(224, 224)[100, 100].tolist() == [9, 120, 60]


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unpacks to gigabytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_decompression_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(60_000, 60_000))
    tracemalloc.start()
    with pytest.raises(UserFixable) as caught:
        open_source(path, Kind.PHOTO)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()
    assert caught.value.code == "media.photo_too_large"
    assert caught.value.parameters["megapixels"] == 3600


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    assert shown(path).rgb(4, 4)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_modes(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.tiff"
    if mode == "I;16":
        picture = Image.fromarray(np.full((20, 20), 40_000, np.uint16))
    elif mode == "F":
        picture = Image.fromarray(np.linspace(0, 9, 400, dtype=np.float32).reshape(20, 20))
    else:
        picture = quarters(20, 20).convert(mode)
    picture.save(path)
    assert 100 < shown(path).rgb(10, 10)[:5, :5].mean() <= 255 or mode == "F"


def test_clear_glass_is_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(path)
    assert shown(path).rgb(2, 2).min() == 255


def test_truncated_photo_shows_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(np.random.default_rng(2).integers(0, 255, (400, 400, 3), np.uint8)).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    source = open_source(path, Kind.PHOTO)
    frame = source.frame_at(0)
    assert frame is not None
    assert frame.grey(40, 40)[:15].std() > 2
    assert source.problems == ["media.truncated"]


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0\x08\0\0\0", b"BM" + bytes(40)]
)
def test_damaged_photos(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(UserFixable) as caught:
        shown(path).rgb(8, 8)
    assert caught.value.code == "media.photo_damaged"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_when_and_where_from_exif(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "IMG_20200101_000000.jpg"
    exif = Image.Exif()
    exif[0x010E] = "晚霞".encode(encoding)
    details = exif.get_ifd(0x8769)
    details[0x9003], details[0x9011] = "2024:05:12 15:30:09", "+08:00"
    position = exif.get_ifd(0x8825)
    position[1], position[2], position[3], position[4] = "S", (33.0, 51.0, 25.2), "E", (151.0, 12.0, 54.0)
    position[5], position[6] = b"\0", 58.0
    quarters().save(path, exif=exif)
    facts = probe(path, Kind.PHOTO)
    assert facts.captured == Captured("2024-05-12T15:30:09", 480, DateSource.EXIF)
    assert facts.place is not None
    assert (facts.place.latitude, facts.place.longitude) == pytest.approx((-33.857, 151.215), abs=1e-3)
    assert facts.place.altitude_m == 58.0
    assert facts.tags.comment == "晚霞"


def test_zone_from_the_satellites(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:05:12 15:30:09"
    exif.get_ifd(0x8825)[29] = "2024:05:12"
    exif.get_ifd(0x8825)[7] = (13.0, 30.0, 2.0)
    quarters().save(path, exif=exif)
    assert probe(path, Kind.PHOTO).captured == Captured("2024-05-12T15:30:09", 120, DateSource.EXIF)


def test_broken_exif_is_survived(tmp_path: Path) -> None:
    path = tmp_path / "2019-08-07 10.11.12.jpg"
    file = io.BytesIO()
    quarters().save(file, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x90\x03\0\x02\0\0\0\xff\0\0\xff\xff" * 3)
    path.write_bytes(file.getvalue())
    facts = probe(path, Kind.PHOTO)
    assert facts.captured == Captured("2019-08-07T10:11:12", None, DateSource.NAME)
    assert shown(path).rgb(4, 4).shape == (4, 4, 3)


@pytest.mark.parametrize("form", ["jpeg", "mpo", "png", "gif", "tiff", "jpeg2000", "webp", "bmp", "ppm", "avif"])
def test_whatever_is_known_for_a_photo_opens(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a"
    quarters().save(path, form)
    found = sniff(path)
    assert found is not None and found.kind is Kind.PHOTO
    assert shown(path).rgb(120, 80).shape == (80, 120, 3)


def test_a_layered_picture_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    path.write_bytes(b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 80, 120, 8, 3) + bytes(14) + bytes(3 * 80 * 120))
    assert sniff(path) == Sniffed(Kind.PHOTO, "psd")
    assert shown(path).rgb(120, 80).shape == (80, 120, 3)


def test_heic(tmp_path: Path) -> None:
    """`drawn.heic` is the films' first picture, encoded once: encoders of HEVC are not everywhere, decoders are."""
    path = tmp_path / "IMG_0001.HEIC"
    shutil.copy(Path(__file__).parents[1] / "data" / "drawn.heic", path)
    assert sniff(path) == Sniffed(Kind.PHOTO, "heic")
    frame = shown(path)
    assert (frame.width, frame.height) == (160, 96)
    assert frame.grey(10, 6)[0, 0] > 220
    assert np.abs(frame.rgb(160, 96)[60, 120].astype(int) - COLOURS[0]).max() < 30


def test_promise_12_a_picture_of_hundreds_of_scans_is_refused_in_time(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (2000, 2000), "red").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rfind(b"\xff\xda")
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:last] + data[last:-2] * 2000 + data[-2:])
    started = time.thread_time()
    with pytest.raises(UserFixable) as caught:
        Photo(path, []).rgb(64, 64)
    assert caught.value.code == "media.photo_damaged"
    assert time.thread_time() - started < 2
    path.write_bytes(data)
    assert Photo(path, []).rgb(64, 64).shape == (64, 64, 3)


@pytest.mark.parametrize("behind", [b"\xff\xda" * 200, b"\0\0\0\x18ftypmp42" + b"\xff\xda\0\x02" * 200])
def test_a_film_behind_a_photo_is_none_of_its_scans(tmp_path: Path, behind: bytes) -> None:
    """As phones write a photo that moves; and a small picture in EXIF has scans and an end of its own."""
    small, file = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (16, 16), "blue").save(small, "JPEG")
    exif = Image.Exif()
    exif[0x010E] = small.getvalue().decode("latin-1")
    Image.new("RGB", (200, 100), "red").save(file, "JPEG", progressive=True, exif=exif)
    path = tmp_path / "PXL_1.MP.jpg"
    path.write_bytes(file.getvalue() + behind)
    problems: list[str] = []
    assert Photo(path, problems).rgb(64, 32)[0, 0, 0] > 200
    assert problems == []


@pytest.mark.parametrize("part", [b"\xff\xfe\0\x04\xff\xd9", b"\xff\xfe\0\2"])
def test_promise_12_what_stands_before_hundreds_of_scans_hides_none(tmp_path: Path, part: bytes) -> None:
    file = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rfind(b"\xff\xda")
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:2] + part * 10_000 + data[2:last] + (part * 20 + data[last:-2]) * 500 + data[-2:])
    started = time.thread_time()
    with pytest.raises(UserFixable) as caught:
        Photo(path, []).rgb(64, 64)
    assert caught.value.code == "media.photo_damaged"
    assert time.thread_time() - started < 2


def test_promise_12_a_photo_of_gigabytes_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    Image.new("RGB", (8, 8)).save(path)
    with path.open("r+b") as file:
        file.truncate(2 << 30)
    with pytest.raises(UserFixable) as caught:
        Photo(path, [])
    assert caught.value.code == "media.photo_file_too_large"
