"""Photos that are damaged, and photos that lie about their size, their pages and their tags."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.e2e.odd_files import bomb
from tests.stress.hostile_corpus import Corpus
from tests.stress.hostile_films import png_picture

FORMS = {
    "jpeg": (".jpg", "JPEG", {"quality": 85}),
    "progressive jpeg": (".jpg", "JPEG", {"quality": 85, "progressive": True}),
    "png": (".png", "PNG", {}),
    "gif": (".gif", "GIF", {}),
    "webp": (".webp", "WEBP", {}),
    "lossless webp": (".webp", "WEBP", {"lossless": True}),
    "tiff": (".tif", "TIFF", {"compression": "tiff_lzw"}),
    "jpeg in tiff": (".tif", "TIFF", {"compression": "jpeg"}),
    "bmp": (".bmp", "BMP", {}),
    "pnm": (".ppm", "PPM", {}),
    "jpeg 2000": (".jp2", "JPEG2000", {}),
    "avif": (".avif", "AVIF", {}),
}
_HEIC = Path(__file__).resolve().parent.parent / "data" / "drawn.heic"


def whole_photo(form: str, side: int = 96) -> bytes:
    """A small picture with smooth colours and an edge."""
    _, name, options = FORMS[form]
    across = np.linspace(0, 255, side, dtype=np.uint8)
    pixels = np.stack(
        [np.tile(across, (side, 1)), np.tile(across[:, None], (1, side)), np.full((side, side), 90, np.uint8)], -1
    )
    pixels[side // 3 : side // 2] = 255
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, name, **options)
    return out.getvalue()


def animated(frames: int, side: int = 40) -> bytes:
    """A GIF of so many pictures."""
    out = io.BytesIO()
    pictures = [Image.new("P", (side, side), number % 250) for number in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=20, loop=0)
    return out.getvalue()


def put_photos(corpus: Corpus) -> None:
    """Every format damaged in every way, then the lies."""
    for form, (suffix, _, _) in FORMS.items():
        corpus.put_damaged("photo", form, suffix, whole_photo(form))
    corpus.put_damaged("photo", "heic", ".heic", _HEIC.read_bytes())
    corpus.put_damaged("photo", "animated gif", ".gif", animated(12))
    _put_png_lies(corpus)
    _put_jpeg_lies(corpus)
    _put_exif_lies(corpus)
    _put_other_lies(corpus)


def _piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _put_png_lies(corpus: Corpus) -> None:
    whole = whole_photo("png")
    corpus.put("photo", "bomb of 30000 by 30000", ".png", bomb)
    corpus.put("photo", "16k by 16k for real", ".png", lambda file: file.write_bytes(png_picture(16_384, 16_384)))
    corpus.put("photo", "60000 by 1", ".png", png_picture(60_000, 1))
    corpus.put("photo", "1 by 60000", ".png", png_picture(1, 60_000))
    for what, width, height in (
        ("0 by 0", 0, 0),
        ("2 billion by 1", 2**31 - 1, 1),
        ("4 billion by 4 billion", 2**32 - 1, 2**32 - 1),
    ):
        corpus.put(
            "photo",
            f"png of {what}",
            ".png",
            whole[:8] + _piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + whole[33:],
        )
    packed = zlib.compress(bytes(200_000_000), 9)
    for name, head in (("zTXt", b"x\0\0"), ("iTXt", b"x\0\1\0\0\0"), ("iCCP", b"x\0\0")):
        corpus.put(
            "photo",
            f"png with 200 MB in {name}",
            ".png",
            whole[:33] + _piece(name.encode(), head + packed) + whole[33:],
        )
    animation = _piece(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    corpus.put("photo", "png of two billion frames", ".png", whole[:33] + animation + whole[33:])
    corpus.put(
        "photo",
        "png of a hundred thousand pieces",
        ".png",
        whole[:33] + _piece(b"tEXt", b"a\0b") * 100_000 + whole[33:],
    )
    corpus.put("photo", "png that is a zip too", ".png", whole + b"PK\x03\x04" + bytes(60))


def _put_jpeg_lies(corpus: Corpus) -> None:
    whole = whole_photo("jpeg")
    frame = whole.find(b"\xff\xc0")

    def sized(width: int, height: int) -> bytes:
        return whole[: frame + 5] + struct.pack(">HH", height, width) + whole[frame + 9 :]

    corpus.put("photo", "jpeg that says 65500 by 65500", ".jpg", sized(65_500, 65_500))
    corpus.put("photo", "jpeg that says 16384 by 16384", ".jpg", sized(16_384, 16_384))
    corpus.put("photo", "jpeg that says 0 by 0", ".jpg", sized(0, 0))
    corpus.put("photo", "jpeg with a tail of megabytes", ".jpg", whole + bytes(3_000_000))
    corpus.put("photo", "jpeg of comments", ".jpg", whole[:2] + (b"\xff\xfe\xff\xff" + bytes(65_533)) * 100 + whole[2:])
    corpus.put(
        "photo", "jpeg with a script", ".jpg", whole[:2] + b"\xff\xfe\0\x22<script>alert('x')</script>   " + whole[2:]
    )
    # Each further scan of a large progressive picture costs as much as the first one.
    out = io.BytesIO()
    Image.new("RGB", (4000, 4000), "red").save(out, "JPEG", progressive=True)
    large = out.getvalue()
    last = large.rfind(b"\xff\xda")
    corpus.put("photo", "progressive jpeg of 500 scans", ".jpg", large[:last] + large[last:-2] * 500 + large[-2:])
    bomb_xmp = b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    packet = b"http://ns.adobe.com/xap/1.0/\0" + bomb_xmp + b"]><x>&j;</x>"
    corpus.put(
        "photo",
        "jpeg with an entity bomb in its XMP",
        ".jpg",
        whole[:2] + b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + whole[2:],
    )


def _put_exif_lies(corpus: Corpus) -> None:
    whole = whole_photo("jpeg")

    def with_exif(tiff: bytes) -> bytes:
        body = b"Exif\0\0" + tiff
        return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + whole[2:]

    def directory(entries: list[tuple[int, int, int, bytes]], following: int = 0, extra: bytes = b"") -> bytes:
        rows = b"".join(struct.pack("<HHI4s", tag, kind, count, value) for tag, kind, count, value in entries)
        return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + rows + struct.pack("<I", following) + extra

    def long(value: int) -> bytes:
        return struct.pack("<I", value)

    text = 8 + 2 + 12 + 4
    lies = {
        "directories in a circle": directory([(0x0112, 3, 1, long(1))], following=8),
        "an Exif directory that is the first one": directory([(0x8769, 4, 1, long(8)), (0x8825, 4, 1, long(8))]),
        "a directory behind the file": directory([(0x8769, 4, 1, long(2**31))]),
        "four billion values": directory([(0x9003, 2, 2**32 - 1, long(8)), (0x010E, 2, 2**31, long(8))]),
        "orientation 99": directory([(0x0112, 3, 1, long(99))]),
        "orientation in words": directory([(0x0112, 2, 4, b"six\0")]),
        "a title of large numbers": directory([(0x9C9B, 3, 8, long(text))], extra=b"\xff\x7f" * 8),
        "a title of fractions": directory([(0x9C9B, 5, 2, long(text))], extra=struct.pack("<IIII", 1, 0, 7, 2)),
        "a title of one number": directory([(0x9C9B, 4, 1, long(2**31))]),
        "an author of doubles": directory([(0x013B, 12, 2, long(text))], extra=struct.pack("<dd", float("nan"), 1e308)),
        "a day that never was": directory([(0x0132, 2, 20, long(text))], extra=b"2024:13:45 99:99:99\0"),
        "a day of many digits": directory([(0x0132, 2, 6000, long(text))], extra=b"9" * 5990 + b":1:1:1:1:1"),
        "a day as a number": directory([(0x0132, 4, 1, long(2**31))]),
        "a place over zero": directory(
            [(0x8825, 4, 1, long(text))],
            extra=struct.pack("<H", 2)
            + struct.pack("<HHII", 2, 5, 3, text + 40)
            + struct.pack("<HHII", 4, 5, 3, text + 40)
            + bytes(60),
        ),
        "unknown types": directory([(0x0112, 77, 5, long(3)), (0x8769, 2, 4, b"abc\0")]),
        "60000 entries": b"II*\0\x08\0\0\0\x60\xea",
    }
    for what, tiff in lies.items():
        corpus.put("photo", f"exif with {what}", ".jpg", with_exif(tiff) + corpus.random(what).randbytes(5))


def _put_other_lies(corpus: Corpus) -> None:
    gif, webp, bmp = whole_photo("gif"), whole_photo("webp"), whole_photo("bmp")
    corpus.put("photo", "gif that says 65535 by 65535", ".gif", gif[:6] + b"\xff" * 4 + gif[10:])
    corpus.put("photo", "gif of ten thousand frames", ".gif", animated(10_000, 2))
    corpus.put(
        "photo", "webp that says 16k by 16k", ".webp", webp[:26] + struct.pack("<HH", 16_383, 16_383) + webp[30:]
    )
    canvas = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + b"\xff" * 6 + b"ANIM\x06\0\0\0" + bytes(6)
    corpus.put("photo", "webp with a canvas of 16M by 16M", ".webp", canvas)
    for what, width, height in (("below zero", -96, -(2**31)), ("of two billion", 2**31 - 1, 2**31 - 1)):
        corpus.put("photo", f"bmp {what}", ".bmp", bmp[:18] + struct.pack("<ii", width, height) + bmp[26:])
    corpus.put("photo", "pnm of 1e9 by 1e9", ".ppm", b"P6 999999999 999999999 255\n" + bytes(100))
    corpus.put("photo", "pnm of a long number", ".ppm", b"P6 " + b"9" * 5000 + b" 1 255\n" + bytes(100))
    corpus.put("photo", "pnm of comments", ".ppm", b"P6 " + b"#\n" * 100_000 + b"1 1 255\n\0\0\0")
    corpus.put("photo", "plain pnm of nothing", ".pbm", b"P1 30000 30000 " + b"0 " * 1000)

    def tiff(entries: list[tuple[int, int, int, int]], following: int = 0, extra: bytes = b"") -> bytes:
        rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
        return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + rows + struct.pack("<I", following) + extra

    grey = [
        (256, 4, 1, 60_000),
        (257, 4, 1, 60_000),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, 60_000),
        (279, 4, 1, 10),
    ]
    corpus.put("photo", "tiff of 60000 by 60000", ".tif", tiff(grey))
    small = [(256, 4, 1, 16), (257, 4, 1, 16), *grey[2:]]
    corpus.put("photo", "tiff whose pages run in a circle", ".tif", tiff(small, following=8, extra=bytes(300)))
    corpus.put(
        "photo",
        "tiff of a billion strips",
        ".tif",
        tiff([*small[:5], (273, 4, 2**30, 8), *small[6:]], extra=bytes(300)),
    )
    corpus.put("photo", "big tiff that ends", ".tif", b"II+\0\x08\0\0\0" + b"\xff" * 40)
    psd = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(12) + b"\0\1"
    corpus.put("photo", "psd of 30000 by 30000", ".psd", psd + bytes(200))
    jp2 = whole_photo("jpeg 2000")
    at = jp2.find(b"\xff\x51")
    corpus.put(
        "photo",
        "jpeg 2000 of two billion",
        ".jp2",
        jp2[: at + 6] + struct.pack(">IIII", 2**31 - 1, 2**31 - 1, 0, 0) + jp2[at + 22 :],
    )
    corpus.put("photo", "jpeg 2000 of small tiles", ".jp2", jp2[: at + 22] + struct.pack(">II", 1, 1) + jp2[at + 30 :])
    for form, data in (("heic", _HEIC.read_bytes()), ("avif", whole_photo("avif"))):
        at = data.find(b"ispe")
        corpus.put(
            "photo",
            f"{form} that says 60000 by 60000",
            f".{form}",
            data[: at + 8] + struct.pack(">II", 60_000, 60_000) + data[at + 16 :],
        )
        at = data.find(b"iloc")
        corpus.put(
            "photo", f"{form} whose data lies elsewhere", f".{form}", data[: at + 12] + b"\xff" * 8 + data[at + 20 :]
        )
    corpus.put("photo", "photo called mp4", ".mp4", whole_photo("jpeg") + b"1")
    corpus.put("photo", "photo called pdf", ".pdf", whole_photo("png") + b"22")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{corpus.address}/x.png"/><script>alert(1)</script></svg>'
    )
    corpus.put("photo", "svg with a script", ".svg", svg.encode())
    corpus.put("photo", "svg called png", ".png", svg.encode() + b" ")
