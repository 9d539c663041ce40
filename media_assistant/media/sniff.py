"""What a file is, from its first bytes and, where these are ambiguous, from a cheap look at its tracks.

Pure Python on a few kilobytes: safe in any process, never by the name alone. To add a kind of file: one line in
`_MAGIC` (or a branch in `_by_structure`), a reader if none fits, and a test with a real file.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media_assistant.archives import check_directory
from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media import tracks
from media_assistant.media.faults import check_file, reading

_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`format` is a short lower-case name such as `mp4`, `mp3`, `jpeg`, `pdf`."""

    kind: Kind
    format: str


# (offset, bytes, kind, format), first match wins.
_MAGIC: tuple[tuple[int, bytes, Kind, str], ...] = (
    (0, b"\xff\xd8\xff", Kind.PHOTO, "jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", Kind.PHOTO, "png"),
    (0, b"GIF87a", Kind.PHOTO, "gif"),
    (0, b"GIF89a", Kind.PHOTO, "gif"),
    (0, b"II*\0", Kind.PHOTO, "tiff"),
    (0, b"MM\0*", Kind.PHOTO, "tiff"),
    (0, b"II+\0", Kind.PHOTO, "tiff"),
    (0, b"MM\0+", Kind.PHOTO, "tiff"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Kind.PHOTO, "jpeg2000"),
    (0, b"8BPS\0\x01", Kind.PHOTO, "psd"),
    (0, b"fLaC", Kind.MUSIC, "flac"),
    (0, b"caff\0\x01", Kind.MUSIC, "caf"),
    (0, b"#!AMR", Kind.MUSIC, "amr"),
    (0, b"MAC ", Kind.MUSIC, "ape"),
    (0, b"wvpk", Kind.MUSIC, "wavpack"),
    (0, b"TTA1", Kind.MUSIC, "tta"),
    (0, b"MPCK", Kind.MUSIC, "musepack"),
    (0, b"MP+", Kind.MUSIC, "musepack"),
    (0, b"DSD ", Kind.MUSIC, "dsf"),
    (0, b".snd\0\0\0", Kind.MUSIC, "au"),
    (0, b"\x7f\xfe\x80\x01", Kind.MUSIC, "dts"),
    (0, b"\0\0\x01\xba", Kind.VIDEO, "mpeg-ps"),
    (0, b"\0\0\x01\xb3", Kind.VIDEO, "mpeg-video"),
    (0, b"\0\0\0\x01\x67", Kind.VIDEO, "h264"),
    (0, b"\0\0\x01\x67", Kind.VIDEO, "h264"),
    (0, b"\0\0\0\x01\x40\x01", Kind.VIDEO, "hevc"),
    (0, b".RMF", Kind.VIDEO, "realmedia"),
    (0, b"DKIF\0\0", Kind.VIDEO, "ivf"),
    (0, b"YUV4MPEG2 ", Kind.VIDEO, "y4m"),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", Kind.VIDEO, "mxf"),
)

# Camera raw: Fujifilm, Olympus, Panasonic and Canon say so themselves.
_RAW_MAGIC = (
    b"FUJIFILMCCD-RAW ",
    b"IIRO\x08\0\0\0",
    b"IIRS\x08\0\0\0",
    b"MMOR\0\0\0\x08",
    b"IIU\0",
    b"II*\0\x10\0\0\0CR",
)
_TIFF = (b"II*\0", b"MM\0*")
_RAW_SUFFIXES = ".nef .nrw .dng .cr2 .arw .sr2 .srf .pef .srw .3fr .fff .iiq .erf .mef .mos .dcr .kdc .rwl"
_RAW = frozenset(_RAW_SUFFIXES.split())

_STILL_BRANDS = {b"avif": "avif", b"avis": "avif"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "heic"
)
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ")
_BMFF_FIRST = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")

# Written for machines: text by its bytes, but nothing a person reads in a media library.
_MACHINE_SUFFIXES = (
    ".json .jsonl .ndjson .xml .xmp .svg .css .js .mjs .ts .tsx .jsx .py .pyi .c .h .cc .cpp .hpp .cs .java .kt .rs .go .rb .php .pl .sh .bash "
    ".bat .cmd .ps1 .sql .ini .cfg .conf .toml .yaml .yml .properties .lock .map .log .csv .tsv .plist .reg .url .desktop .torrent .cue .m3u .m3u8 "
    ".pls .xspf .nfo .sfv .md5 .sha1 .sha256 .obj .mtl .gltf .ply .stl .ps .eps .rtf .vcf .ics .eml .mbox .pem .crt .key .tex .bib .diff .patch"
)
_MACHINE_TEXT = frozenset(_MACHINE_SUFFIXES.split())
_BEFORE_HTML = re.compile(rb"\s+|<\?xml[^>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_OTHER_MARKUP = re.compile(rb"^\s*(?:<\?xml|<!doctype|<svg|<rss|\{\\rtf|%!PS|#EXTM3U)", re.IGNORECASE)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\f\r\x1b") + b"\x7f"


def sniff(path: Path) -> Sniffed | None:
    """What `path` holds, or None when it is of no kind that the library reads.

    Raises UserFixable: `media.empty`, `media.unreadable`, `media.vanished`, `media.not_a_file`, `media.read_failed`,
    `media.camera_raw`.
    """
    check_file(path)
    with reading(), path.open("rb", buffering=0) as file:
        head = file.read(_HEAD)
        if _is_camera_raw(head, path.suffix.lower()):
            raise UserFixable("media.camera_raw")
        return _by_magic(head) or _by_structure(head, file, path.suffix.lower())


def _is_camera_raw(head: bytes, suffix: str) -> bool:
    """Whether what a camera's sensor saw is in it. Most are TIFF by their first bytes, with the camera's small picture where
    a photo would be: their names tell.
    """
    return head.startswith(_RAW_MAGIC) or head[4:12] == b"ftypcrx " or (head.startswith(_TIFF) and suffix in _RAW)


_PDF = re.compile(rb"(?<![ -~])%PDF-\d\.\d")
"""At the start of a line, maybe behind what another program put before it; a text that speaks of it does so in a line."""
_PNM = re.compile(rb"P([1-6])\s+(?:#[^\n]*\n\s*)*\d+\s+\d+\s")
_REMARK = re.compile(rb"#[^\n]*")


def _by_magic(head: bytes) -> Sniffed | None:
    for offset, magic, kind, name in _MAGIC:
        if head.startswith(magic, offset) and not (_is_word(magic) and _is_all_text(head)):
            return Sniffed(kind, name)
    return None


def _is_word(magic: bytes) -> bool:
    """Whether people write so, too: "MAC addresses", "DSD is"."""
    return len(magic) <= 4 and magic.isascii()


def _is_all_text(head: bytes) -> bool:
    """Whether nothing follows but text: behind the letters that name a format there are numbers."""
    return b"\0" not in head and looks_like_text(head)


def _by_structure(head: bytes, file: BinaryIO, suffix: str) -> Sniffed | None:
    if (head[4:8] == b"ftyp" or head[4:8] in _BMFF_FIRST) and not _is_all_text(head):
        return _iso_media(head, file)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        name = "webm" if b"webm" in head[:80] else "mkv"
        return Sniffed(_moving(tracks.matroska(file)), name)
    if head.startswith(b"OggS") and not _is_all_text(head):
        return Sniffed(_moving(tracks.ogg(head)), "ogg")
    if head.startswith(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"):
        has_picture = tracks.asf(file)
        return Sniffed(_moving(has_picture), "wma" if has_picture is False else "wmv")
    if head.startswith(b"FLV\x01"):
        return Sniffed(Kind.VIDEO if len(head) > 4 and head[4] & 1 else Kind.MUSIC, "flv")
    if head[:4] in (b"RIFF", b"RF64", b"BW64", b"FORM", b"riff") and (found := _chunked(head)):
        return found
    if head.startswith(b"BM") and head[14:18] in (
        b"\x28\0\0\0",
        b"\x6c\0\0\0",
        b"\x7c\0\0\0",
        b"\x0c\0\0\0",
        b"\x38\0\0\0",
    ):
        return Sniffed(Kind.PHOTO, "bmp")
    if _is_pnm(head):
        return Sniffed(Kind.PHOTO, "pnm")
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, file)
    if _PDF.search(head[:1024]):
        return Sniffed(Kind.TEXT, "pdf")
    if packet := tracks.transport_packet(head):
        return Sniffed(_moving(tracks.transport(file, packet)), "ts")
    return _bare_sound(head, file) or _plain_text(head, suffix)


def _is_pnm(head: bytes) -> bool:
    """Whether a picture's numbers follow: as digits in the first three kinds, as bytes in the others."""
    if (found := _PNM.match(head)) is None:
        return False
    if found[1] in b"123":
        return re.fullmatch(rb"[\d\s]*", _REMARK.sub(b"", head[found.end() :])) is not None
    return not _is_all_text(head)


def _moving(has_picture: bool | None) -> Kind:
    """Music when the tracks are known to be sound alone; otherwise a video, until the probe says better."""
    return Kind.MUSIC if has_picture is False else Kind.VIDEO


def _iso_media(head: bytes, file: BinaryIO) -> Sniffed:
    brands: list[bytes] = []
    if head[4:8] == b"ftyp":
        size = min(int.from_bytes(head[:4], "big"), len(head))
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
        if brands[0] in _STILL_BRANDS:
            named = [_STILL_BRANDS[brand] for brand in brands if brand in _STILL_BRANDS]
            return Sniffed(Kind.PHOTO, "avif" if "avif" in named else named[0])
    has_picture = tracks.iso_media(file)
    if has_picture is None and brands and brands[0] in _SOUND_BRANDS:
        has_picture = False
    if has_picture is False:
        return Sniffed(Kind.MUSIC, "m4a")
    return Sniffed(Kind.VIDEO, "mov" if not brands or brands[0] == b"qt  " else "mp4")


def _chunked(head: bytes) -> Sniffed | None:
    """RIFF, RF64 and AIFF name themselves at byte 8."""
    match head[8:12]:
        case b"WAVE":
            return Sniffed(Kind.MUSIC, "wav")
        case b"AVI ":
            return Sniffed(_moving(tracks.avi(head)), "avi")
        case b"WEBP":
            return Sniffed(Kind.PHOTO, "webp")
        case b"AIFF" | b"AIFC":
            return Sniffed(Kind.MUSIC, "aiff")
        case _:
            return None


def _zipped(head: bytes, file: BinaryIO) -> Sniffed | None:
    """EPUB says so in its first member; a Word file by what it holds."""
    if b"mimetypeapplication/epub+zip" in head[:256]:
        return Sniffed(Kind.TEXT, "epub")
    try:
        check_directory(file)
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        # Broken off before its directory; the first member still tells.
        return Sniffed(Kind.TEXT, "docx") if b"word/" in head else None
    if "word/document.xml" in names:
        return Sniffed(Kind.TEXT, "docx")
    return Sniffed(Kind.TEXT, "epub") if "META-INF/container.xml" in names else None


def _bare_sound(head: bytes, file: BinaryIO) -> Sniffed | None:
    """MP3, ADTS AAC and AC-3 have no file header: two frames in a row that agree are one."""
    body = head
    if head.startswith((b"ID3\2", b"ID3\3", b"ID3\4")) and len(head) > 10:
        size = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(size)
        body = file.read(_HEAD)
        if body.startswith(b"fLaC"):
            return Sniffed(Kind.MUSIC, "flac")
        if body.startswith(b"TTA1"):
            return Sniffed(Kind.MUSIC, "tta")
        return Sniffed(Kind.MUSIC, tracks.bare_sound(body) or "mp3")
    name = tracks.bare_sound(body)
    return Sniffed(Kind.MUSIC, name) if name else None


def _plain_text(head: bytes, suffix: str) -> Sniffed | None:
    if _looks_like_html(head.lstrip(b"\xef\xbb\xbf")):
        return Sniffed(Kind.TEXT, "html")
    if suffix in _MACHINE_TEXT or _OTHER_MARKUP.match(head.lstrip(b"\xef\xbb\xbf")) or not looks_like_text(head):
        return None
    return Sniffed(Kind.TEXT, "md" if suffix in (".md", ".markdown", ".mdown") else "txt")


def _looks_like_html(head: bytes) -> bool:
    """Whether a page's first tag stands behind nothing but space, declarations and comments.

    One after the other: a single pattern would try every way to part them.
    """
    at = 0
    while found := _BEFORE_HTML.match(head, at):
        at = found.end()
    return _HTML.match(head, at) is not None


def looks_like_text(head: bytes) -> bool:
    """Whether bytes read like text in some encoding: next to no control characters, or UTF-16 with its zeros in step."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        wide = head[2:].decode("utf-16-le" if head.startswith(b"\xff\xfe") else "utf-16-be", "replace")
        return _few_oddities(wide)
    if b"\0" in head:
        from media_assistant.media.text import find_encoding

        encoding = find_encoding(head)
        return encoding.startswith("utf-16") and _few_oddities(head.decode(encoding, "replace"))
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls * 200 <= len(head)


def _few_oddities(text: str) -> bool:
    odd = sum(not character.isprintable() and character not in "\t\n\r\f\ufeff" for character in text[:4096])
    return odd * 50 <= len(text[:4096])


def sniff_bytes(data: bytes, suffix: str = "") -> Sniffed | None:
    """As `sniff`, for a file that is in memory."""
    return _by_magic(data[:_HEAD]) or _by_structure(data[:_HEAD], io.BytesIO(data), suffix) if data else None
