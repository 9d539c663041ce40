"""Films that are damaged, and films that lie about their length, their size and their time."""

from __future__ import annotations

import random
import struct
import tempfile
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.e2e.odd_files import film, no_streams
from tests.stress.hostile_corpus import Corpus
from tests.stress.hostile_sounds import tone

CONTAINERS = {
    # form: (ending, picture codec, sound codec or "")
    "mp4": (".mp4", "libx264", "aac"),
    "mov": (".mov", "mpeg4", "pcm_s16le"),
    "matroska": (".mkv", "libx264", "libopus"),
    "webm": (".webm", "libvpx", "libopus"),
    "avi": (".avi", "mpeg4", "libmp3lame"),
    "transport stream": (".ts", "mpeg2video", "mp2"),
    "program stream": (".mpg", "mpeg1video", "mp2"),
    "flash": (".flv", "flv", "libmp3lame"),
    "asf": (".wmv", "wmv2", "wmav2"),
    "mxf": (".mxf", "mpeg2video", ""),
    "ivf": (".ivf", "libvpx-vp9", ""),
    "y4m": (".y4m", "rawvideo", ""),
    "bare h264": (".h264", "libx264", ""),
    "mjpeg": (".avi", "mjpeg", ""),
    "ffv1": (".mkv", "ffv1", "flac"),
}


def whole_film(form: str, seconds: float = 0.8) -> bytes:
    """A small film of three colours with a tone."""
    suffix, codec, sound_codec = CONTAINERS[form]
    size = (128, 96) if codec != "mpeg2video" else (176, 144)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"film{suffix}"
        with av.open(str(path), "w") as out:
            stream = out.add_stream(codec, rate=25)
            stream.width, stream.height = size
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.codec_context.thread_count = 1
            sound = out.add_stream(sound_codec, rate=48_000, layout="stereo") if sound_codec else None
            if sound is not None:
                sound.codec_context.bit_rate = 128_000
            for number in range(round(seconds * 25)):
                picture = np.full((size[1], size[0], 3), (30 * (number % 8), 90, 200 - 9 * number), np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=stream.pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
            if sound is not None:
                for frame in tone(sound, seconds):
                    out.mux(sound.encode(frame))
                out.mux(sound.encode(None))
        return path.read_bytes()


def put_films(corpus: Corpus) -> None:
    """Every container damaged in every way, then the lies."""
    for form, (suffix, _, _) in CONTAINERS.items():
        corpus.put_damaged("film", form, suffix, whole_film(form))
    corpus.put("film", "no streams", ".mp4", no_streams)
    corpus.put("film", "one frame", ".mp4", lambda file: film(file, 1, corpus.seed))
    _put_lying_mp4(corpus)
    _put_lying_matroska(corpus)
    _put_odd_times(corpus)
    _put_huge(corpus)
    _put_polyglots(corpus)


def patched(data: bytes, name: bytes, at: int, new: bytes) -> bytes:
    """`data` with `new` at `at` behind the name of each box called `name`."""
    found = bytearray(data)
    place = data.find(name)
    while place >= 0:
        found[place + 4 + at : place + 4 + at + len(new)] = new
        place = data.find(name, place + 4)
    return bytes(found)


def _put_lying_mp4(corpus: Corpus) -> None:
    whole = whole_film("mp4")
    most, half, none = b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4)
    lies: dict[str, bytes] = {
        "lasts for ever": patched(patched(whole, b"mvhd", 16, most), b"mdhd", 16, most),
        "lasts 20 hours": patched(patched(whole, b"mvhd", 16, struct.pack(">I", 72_000_000)), b"tkhd", 20, half),
        "lasts less than nothing": patched(whole, b"mvhd", 16, b"\x80\0\0\0"),
        "has no time scale": patched(patched(whole, b"mvhd", 12, none), b"mdhd", 12, none),
        "one tick is a second": patched(patched(whole, b"mvhd", 12, b"\0\0\0\1"), b"mdhd", 12, b"\0\0\0\1"),
        "four billion ticks a second": patched(whole, b"mdhd", 12, most),
        "says 65535 by 65535": patched(whole, b"avc1", 24, b"\xff\xff\xff\xff"),
        "says 16384 by 16384": patched(whole, b"avc1", 24, struct.pack(">HH", 16384, 16384)),
        "says 0 by 0": patched(whole, b"avc1", 24, none),
        "each frame lasts a day": patched(whole, b"stts", 12, struct.pack(">I", 86_400 * 12_800)),
        "each frame lasts for ever": patched(whole, b"stts", 12, most),
        "two billion frames": patched(whole, b"stts", 8, half),
        "two billion sizes": patched(whole, b"stsz", 8, half),
        "frames of two gigabytes": patched(whole, b"stsz", 12, half),
        "two billion chunks": patched(whole, b"stsc", 4, half),
        "data before the file": patched(whole, b"stco", 8, most),
        "edited to the future": patched(whole, b"elst", 12, half),
        "edited to the past": patched(whole, b"elst", 12, b"\x80\0\0\0"),
        "sound of no rate": patched(whole, b"mp4a", 24, none),
        "sound of 65535 channels": patched(whole, b"mp4a", 16, b"\xff\xff"),
        "turned by nonsense": patched(whole, b"tkhd", 40, b"\x7f\xff\xff\xff" * 9),
        "boxes in boxes": _nested(20_000),
        "boxes of no size": whole[:32] + bytes(8) * 4000 + whole[32:],
        "two gigabyte box": whole[:28] + b"\x7f\xff\xff\xffmoov" + whole[36:],
        "negative long box": whole[:28] + b"\0\0\0\1moov" + b"\xff" * 8 + whole[44:],
    }
    for what, data in lies.items():
        corpus.put("film", f"mp4 {what}", ".mp4", data + corpus.random(what).randbytes(7))
    for what, chapters in (("a thousand chapters", 1000), ("three thousand chapters", 3000)):
        corpus.put("film", f"matroska of {what}", ".mkv", lambda file, count=chapters: _chaptered(file, count))  # type: ignore[misc]


def _nested(depth: int) -> bytes:
    """`moov` in `trak` in `mdia` and so on, each of the size that is left."""
    data = struct.pack(">I4s", 24, b"ftyp") + b"isom\0\0\2\0isommp41"
    names = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
    inner = b"".join(struct.pack(">I4s", 8 * (depth - at), names[min(at, 4)]) for at in range(depth))
    return data + inner


def _chaptered(file: Path, count: int) -> None:
    with av.open(str(file), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.set_chapters(
            [
                {
                    "id": number,
                    "start": number * 10,
                    "end": number * 10 + 10,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": f"{number} 章节 " + "long title " * 25},
                }
                for number in range(count)
            ]
        )
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))


def _put_lying_matroska(corpus: Corpus) -> None:
    whole = whole_film("matroska")
    at = whole.find(b"\x44\x89\x88")  # Duration, a double
    scale = whole.find(b"\x2a\xd7\xb1\x83")  # TimecodeScale, three bytes
    cluster = whole.find(b"\x1f\x43\xb6\x75")
    stamp = whole.find(b"\xe7", cluster)
    lies: dict[str, bytes] = {}
    if at >= 0:
        for name, value in (
            ("infinity", float("inf")),
            ("no number", float("nan")),
            ("minus one", -1.0),
            ("1e300", 1e300),
        ):
            lies[f"lasts {name}"] = whole[: at + 3] + struct.pack(">d", value) + whole[at + 11 :]
        lies["lasts 20 hours"] = whole[: at + 3] + struct.pack(">d", 72_000_000.0) + whole[at + 11 :]
    if scale >= 0:
        lies["has no time scale"] = whole[: scale + 4] + bytes(3) + whole[scale + 7 :]
        lies["has a wild time scale"] = whole[: scale + 4] + b"\xff\xff\xff" + whole[scale + 7 :]
    if stamp > 0:
        size = whole[stamp + 1] & 0x7F
        lies["begins far away"] = whole[: stamp + 2] + b"\x7f" * size + whole[stamp + 2 + size :]
    lies["tracks in tracks"] = whole[:200] + b"\xae\xff" * 50_000 + whole[200:]
    for what, data in lies.items():
        corpus.put("film", f"matroska {what}", ".mkv", data + corpus.random(what).randbytes(7))


def _put_odd_times(corpus: Corpus) -> None:
    """Pictures and sound that are far from each other, go backwards, or come a year later."""
    day = 86_400_000
    for what, times in {
        "a day between frames": [number * day for number in range(12)],
        "a year between frames": [number * 365 * day for number in range(12)],
        "a million years between frames": [number * 31_556_952_000_000 for number in range(6)],
        "times that go back": [2000 - 100 * number for number in range(12)],
        "times below nothing": [100 * number - day for number in range(12)],
        "all at once": [5] * 12,
    }.items():
        for suffix in (".mkv", ".mp4"):
            corpus.put("film", f"{what} {suffix[1:]}", suffix, lambda file, times=times: _timed(file, times))  # type: ignore[misc]


def _timed(file: Path, times: list[int]) -> None:
    """A film whose packets say these times in ms, whatever the muxer thinks of them."""
    codec = av.CodecContext.create("mpeg4", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 48, "yuv420p"
    codec.time_base, codec.framerate, codec.gop_size = Fraction(1, 1000), Fraction(25), 1
    with av.open(str(file), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.gop_size = 1
        packets = []
        for number in range(len(times)):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * number % 250, np.uint8), "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame.reformat(format="yuv420p"))
        packets += stream.encode(None)
        for packet, at_ms in zip(packets, times, strict=False):
            packet.time_base = Fraction(1, 1000)
            packet.pts = packet.dts = at_ms
            try:
                out.mux(packet)
            except (av.error.FFmpegError, ValueError):
                break  # the muxer has had enough: what is there is odd already


def png_picture(width: int, height: int) -> bytes:
    """A PNG of so many grey pixels, whole, of a few hundred kilobytes at most."""

    def piece(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(width + 1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", header) + piece(b"IDAT", packed) + piece(b"IEND", b"")


def _put_huge(corpus: Corpus) -> None:
    """Frames of 16k by 16k, for real, in a film of a few megabytes."""
    huge = png_picture(16_384, 16_384)
    for what, frames in (("one frame of 16k by 16k", 1), ("five frames of 16k by 16k", 5)):
        corpus.put("film", what, ".mov", lambda file, frames=frames: _of_packets(file, huge, frames))  # type: ignore[misc]


def _of_packets(file: Path, data: bytes, count: int) -> None:
    """A film of the same PNG packet again and again."""
    with av.open(str(file), "w") as out:
        stream = out.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        for number in range(count):
            packet = av.Packet(data)
            packet.stream = stream
            packet.time_base = Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.duration = 1
            packet.is_keyframe = True
            out.mux(packet)


def _put_polyglots(corpus: Corpus) -> None:
    whole = whole_film("mp4")
    dice: Callable[[str], random.Random] = corpus.random
    corpus.put("film", "mp4 that is a web page too", ".mp4", whole + b"<html><script>fetch('x')</script></html>")
    corpus.put("film", "mp4 called mp3", ".mp3", whole + dice("a").randbytes(9))
    corpus.put("film", "mp4 called jpg", ".jpg", whole + dice("b").randbytes(9))
    corpus.put("film", "mp4 called exe", ".exe", whole + dice("c").randbytes(9))
    corpus.put("film", "mp4 of no name", "", whole + dice("d").randbytes(9))
    corpus.put("film", "list in disguise", ".mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n")
    corpus.put("film", "concat in disguise", ".mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n")
    xml = '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{}</BaseURL></MPD>'
    corpus.put("film", "dash in disguise", ".mp4", xml.format(corpus.address).encode())
    reference = struct.pack(">I4s", 0, b"url ") + corpus.address.encode() + b"/x\0"
    corpus.put("film", "mov that keeps its data elsewhere", ".mov", patched(whole, b"url ", 0, reference[4:]))
