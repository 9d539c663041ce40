"""Files that a person may have and nobody wishes for, each made here with the very libraries that write such files."""

from __future__ import annotations

import os
import socket
import struct
import wave
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

GBK_TEXT = "从前有一座山，山上有一座庙，庙里有个老和尚在给小和尚讲故事。" * 20
ODD_NAMES = {
    "emoji": "🎬 holiday 👩‍👩‍👧 🏖️.jpg",
    "right to left": "\u202egpj.שלום مرحبا.jpg",
    "newline": "first line\nsecond line\t\x1b[31mred.jpg",
    "250 bytes": "长" * 82 + ".jpg",
    "no text": b"caf\xe9 \xff\xfe.jpg".decode("utf-8", "surrogateescape"),
    "looks like an option": "--json.jpg",
    "format": "{0} {name} %s %(x)d.jpg",
}


def photo(file: Path, seed: int = 0, size: tuple[int, int] = (320, 200)) -> Path:
    """A small photo of its own content."""
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1] // 20, size[0] // 20, 3), np.uint8)
    Image.fromarray(pixels).resize(size).save(file, "JPEG", quality=80)
    return file


def film(file: Path, frames: int, seed: int = 0) -> Path:
    """A film without sound."""
    random = np.random.default_rng(seed)
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(random.integers(0, 255, (96, 160, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = number * 100, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file


def song(file: Path, length_s: float) -> Path:
    """A sine in a WAVE file."""
    tone = np.sin(np.arange(int(length_s * 16_000)) * 0.1) * 9000
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(tone.astype("<i2").tobytes())
    return file


def bomb(file: Path, side: int = 30_000) -> Path:
    """A PNG of a few kilobytes that unpacks to gigabytes."""

    def piece(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + piece(b"IHDR", header)
        + piece(b"IDAT", zlib.compress(bytes(1_000_000)))
        + piece(b"IEND", b"")
    )
    return file


def locked_pdf(file: Path) -> Path:
    """A PDF with the standard security handler, revision 2, whose password is not empty."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        b"<< /Filter /Standard /V 1 /R 2 /O <" + b"ab" * 32 + b"> /U <" + b"cd" * 32 + b"> /P -44 >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    ids = b"<" + b"ef" * 16 + b">"
    data += b"trailer << /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [" + ids + ids + b"] >>\n"
    file.write_bytes(data + b"startxref\n%d\n%%%%EOF\n" % start)
    return file


def no_streams(file: Path) -> Path:
    """An MP4 whose index lists no track."""

    def box(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(data), name) + data

    header = struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80)
    file.write_bytes(box(b"ftyp", b"isom\0\0\2\0isomiso2mp41") + box(b"moov", box(b"mvhd", header)))
    return file


def cut(whole: Path, file: Path, share: float) -> Path:
    """The beginning of `whole`."""
    data = whole.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    return file


def streamed_song(file: Path) -> Path:
    """WAVE as written into a pipe: the length says "all ones"."""
    song(file, 2.0)
    data = bytearray(file.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    file.write_bytes(data)
    return file


def odd_files(folder: Path, samples: Path) -> dict[str, Path]:
    """One of each, by what is odd about it."""
    folder.mkdir(parents=True)
    whole_film, whole_photo = samples / "journey.mp4", photo(folder / "fine.jpg", 1)
    made: dict[str, Path] = {"fine": whole_photo}

    def put(what: str, name: str, make: Callable[[Path], Path]) -> None:
        made[what] = make(folder / name)

    def text(data: bytes) -> Callable[[Path], Path]:
        def write(file: Path) -> Path:
            file.write_bytes(data)
            return file

        return write

    for suffix in ("mp4", "mp3", "jpg", "pdf", "txt", "docx"):
        put(f"0 bytes {suffix}", f"nothing.{suffix}", text(b""))
    put("video cut in its middle", "cut.mp4", lambda file: cut(whole_film, file, 0.5))
    put("video cut in its data", "cut.mkv", lambda file: cut(remuxed(whole_film, folder / "whole.mkv"), file, 0.6))
    put("photo cut", "cut.jpg", lambda file: cut(photo(folder / "whole.jpg", 2, (1600, 1200)), file, 0.5))
    put("pdf cut", "cut.pdf", lambda file: cut(locked_pdf(folder / "whole.pdf"), file, 0.4))
    put("photo called mp4", "photo.mp4", lambda file: photo(file, 3))
    put("film called txt", "film.txt", lambda file: cut(whole_film, file, 1.0))
    put("text called mp3", "text.mp3", text(b"This is plain text, whatever the name of the file may say about it.\n"))
    put("program called mp4", "program.mp4", text(b"\x7fELF" + bytes(range(256)) * 40))
    put("no streams", "no streams.mp4", no_streams)
    put("sound without length", "streamed.wav", streamed_song)
    put("sound of no samples", "silent.wav", lambda file: song(file, 0.0))
    put("one frame", "one frame.mp4", lambda file: film(file, 1))
    put("8k photo", "8k.jpg", lambda file: photo(file, 4, (7680, 4320)))
    put("bomb", "bomb.png", bomb)
    put("locked pdf", "locked.pdf", locked_pdf)
    put("50 MB line", "line.txt", text(b"word and another " * (50_000_000 // 17)))
    put("broken utf-8", "broken.txt", text(b"Half of this is broken: \xe4\xbd\xc3\x28\xff\xfe\x80 and on it goes.\n"))
    put("gbk", "gbk.txt", text(GBK_TEXT.encode("gbk")))
    for number, (what, name) in enumerate(ODD_NAMES.items()):
        put(f"name: {what}", name, lambda file, number=number: photo(file, 100 + number))  # type: ignore[misc]
    for name in ("whole.mkv", "whole.jpg", "whole.pdf"):
        (folder / name).unlink()
    put("dead link", "dead link.jpg", lambda file: linked(file, folder / "gone.jpg"))
    put("link to itself", "self.jpg", lambda file: linked(file, file))
    put("loop", "loop", lambda file: linked(file, folder))
    put("pipe", "pipe.mp4", piped)
    put("socket", "s.mp4", bound)
    put("device", "zero.mp3", lambda file: linked(file, Path("/dev/zero")))
    return made


def remuxed(whole: Path, file: Path) -> Path:
    """The pictures of `whole` in a container that needs no index at its end."""
    with av.open(str(whole)) as source, av.open(str(file), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    return file


def linked(file: Path, target: Path) -> Path:
    """A symbolic link."""
    file.symlink_to(target)
    return file


def piped(file: Path) -> Path:
    """A named pipe that nobody writes into: whoever opens it waits for ever."""
    os.mkfifo(file)
    return file


def bound(file: Path) -> Path:
    """A socket in the file system."""
    here = os.getcwd()
    os.chdir(file.parent)  # the path of a socket may have a hundred bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(file.name)
    finally:
        os.chdir(here)
    return file
