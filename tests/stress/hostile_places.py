"""What is odd about a file's place: names, links, pipes, sockets, holes of gigabytes."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.odd_files import ODD_NAMES, bound, linked, photo, piped
from tests.stress.hostile_books import simple_pdf, zipped
from tests.stress.hostile_corpus import Corpus, Make
from tests.stress.hostile_films import whole_film
from tests.stress.hostile_photos import whole_photo
from tests.stress.hostile_sounds import wave_of, whole_sound

_NAMES = {
    "dots": "....jpg",
    "a dot at the end": "photo.jpg.",
    "a space at the end": "photo.jpg ",
    "only an ending": "\u202e.jpg",
    "many endings": "photo" + ".jpg" * 40,
    "a device of another system": "CON.jpg",
    "colons": "a:b?c*d|e<f>g.jpg",
    "quotes": "'; DROP TABLE items; --.jpg",
    "percent": "%00%2e%2e%2f.jpg",
    "backslashes": "..\\..\\windows.jpg",
    "tags": "<img src=x onerror=alert(1)>.jpg",
    "zero width": "a\u200b\u200d\ufeffb.jpg",
    "all in marks": "e" + "\u0301" * 60 + ".jpg",
    "controls": "a\x01\x02\x7f\x1b]0;x\x07.jpg",
    "line separators": "a\u2028b\u2029c\x85d.jpg",
    "home": "~.jpg",
    "dollar": "$HOME `id` $(id).jpg",
    "no text at all": b"\xff\xfe\x80.jpg".decode("utf-8", "surrogateescape"),
    "no text in a Chinese name": "电影.jpg".encode("gbk").decode("utf-8", "surrogateescape"),
}


def put_places(corpus: Corpus, *, is_long: bool) -> None:
    """Names, links and things that are no files; holes."""
    for number, (what, name) in enumerate({**ODD_NAMES, **_NAMES}.items()):
        corpus.put("place", f"name: {what}", "", lambda file, number=number: photo(file, 500 + number), name=name)  # type: ignore[misc]
    for suffix in [
        "mp4",
        "mkv",
        "avi",
        "mp3",
        "flac",
        "wav",
        "jpg",
        "png",
        "heic",
        "webp",
        "tif",
        "pdf",
        "epub",
        "docx",
        "txt",
        "md",
        "html",
        "srt",
        "m3u",
    ]:
        corpus.put("place", f"nothing {suffix}", f".{suffix}", b"")
        corpus.put("place", f"one byte {suffix}", f".{suffix}", b"\0")
    if sys.platform == "win32":
        return
    folder = corpus.folder / "place"
    deep = folder / Path(*["deep " * 9] * 40)
    deep.mkdir(parents=True)
    corpus.put("place", "far down", "", lambda file: photo(file, 900), name=str(deep.relative_to(folder) / "photo.jpg"))
    links: dict[str, Make] = {
        "dangling": lambda file: linked(file, folder / "nowhere"),
        "to itself": lambda file: linked(file, file),
        "there and back": lambda file: (linked(file, file.with_suffix(".b")), linked(file.with_suffix(".b"), file)),
        "to an endless device": lambda file: linked(file, Path("/dev/zero")),
        "to a random device": lambda file: linked(file, Path("/dev/urandom")),
        "to a file of the system": lambda file: linked(file, Path("/proc/self/environ")),
        "to a file without end": lambda file: linked(file, Path("/proc/kmsg")),
        "pipe": piped,
        "socket": bound,
    }
    for what, make in links.items():
        corpus.put("place", f"link {what}", ".jpg", make, name=f"l {len(corpus.files)}.jpg")
    for what, target in (
        ("the folder above", ".."),
        ("the folder itself", "."),
        ("the whole disk", "/"),
        ("processes", "/proc"),
    ):
        corpus.put("place", f"folder that is {what}", "", lambda file, target=target: file.symlink_to(target))  # type: ignore[misc]
    chain = folder / "links upon links"
    chain.mkdir()
    for number in range(60):
        (chain / f"{number}").symlink_to(f"{number + 1}")
    corpus.put("place", "end of links upon links", "", lambda file: file.symlink_to(chain / "0"))
    _put_holes(corpus, is_long=is_long)


def _put_holes(corpus: Corpus, *, is_long: bool) -> None:
    """Files of gigabytes that take no room on the disk: a true beginning, then nothing."""
    megabytes = corpus.hole_mb
    heads = {
        "mp4": whole_film("mp4")[:4000],
        "mkv": whole_film("matroska")[:4000],
        "ts": whole_film("transport stream"),
        "mp3": whole_sound("mp3"),
        "flac": whole_sound("flac")[:4000],
        "jpg": whole_photo("jpeg")[:1500],
        "png": whole_photo("png")[:400],
        "gif": whole_photo("gif")[:1500],
        "webp": whole_photo("webp"),
        "tif": whole_photo("tiff")[:1500],
        "pdf": simple_pdf(),
        "docx": zipped({"word/document.xml": "<x/>"}),
        "txt": b"A text and then nothing but a hole.\n" * 700,
        "html": b"<html><body>lighthouse",
        "bin": b"",
    }
    for suffix, head in heads.items():

        def hole(file: Path, head: bytes = head) -> None:
            with file.open("wb") as out:
                out.write(head)
                out.truncate(megabytes << 20)

        corpus.put("place", f"hole of {megabytes} MB in {suffix}", f".{suffix}", hole)
    if is_long:

        def long_sound(file: Path) -> None:
            with file.open("wb") as out:
                out.write(wave_of(bits=8, rate=8000, says=20 * 3600 * 8000))
                out.truncate(44 + 20 * 3600 * 8000)

        corpus.put("place", "20 hours of sound", ".wav", long_sound)
