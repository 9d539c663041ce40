"""What a file says of itself: title, artist, album; in readable letters, whatever wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from av.container import InputContainer

from media_assistant.items.item import FileTags
from media_assistant.media.text import decode, find_legacy_chinese

_KEYS = {
    "title": ("title", "tit2", "inam", "©nam"),
    "artist": ("artist", "album_artist", "albumartist", "author", "composer", "iart"),
    "album": ("album", "talb", "iprd"),
    "date": ("date", "year", "tyer", "tdrc", "originaldate", "icrd"),
    "genre": ("genre", "ignr"),
    "comment": ("comment", "description", "synopsis", "icmt"),
}
_MAX_CHARACTERS = 2000


def gather(container: InputContainer) -> dict[str, str]:
    """All tags of the container and its streams by lower-case key, repaired; the container's word comes first."""
    found: dict[str, str] = {}
    for metadata in (container.metadata, *(stream.metadata for stream in container.streams)):
        for key, value in metadata.items():
            if value and value.strip("\0 "):
                found.setdefault(key.lower(), value)
    return repair(found)


def read_tags(found: Mapping[str, str]) -> FileTags:
    """The tags that the library keeps, from what `gather` found."""

    def first(name: str) -> str:
        for key in _KEYS[name]:
            if value := " ".join(found.get(key, "").replace("\0", " ").split()):
                return value[:_MAX_CHARACTERS]
        return ""

    track = re.match(r"\s*(\d{1,4})", found.get("track", ""))
    return FileTags(
        title=first("title"),
        artist=first("artist"),
        album=first("album"),
        date=first("date"),
        genre=first("genre"),
        comment=first("comment"),
        track=int(track[1]) if track and int(track[1]) else None,
    )


def repair(found: Mapping[str, str]) -> dict[str, str]:
    """Mend tags whose bytes were written in another encoding than they claim.

    Old ID3 tags claim Latin-1 and hold GBK, Big5 or UTF-8; others are bytes that libav could not read as UTF-8 at all. One
    file was written by one program, so all its tags are judged together.
    """
    latin = [value for value in found.values() if _is_claimed_latin(value)]
    encoding = _find_encoding([value.encode("latin-1") for value in latin]) if latin else ""
    broken = b"\n".join(_raw(value) for value in found.values() if _has_raw(value))
    return {key: _mend(value, encoding, broken) for key, value in found.items()}


def _find_encoding(values: list[bytes]) -> str:
    """What claimed Latin-1 is in truth; empty if it is Latin-1. UTF-8 of any length is hardly ever so by chance."""
    try:
        b"\n".join(values).decode("utf-8")
    except UnicodeDecodeError:
        return find_legacy_chinese(values)
    return "utf-8"


def _mend(value: str, encoding: str, broken: bytes) -> str:
    if _has_raw(value):
        legacy = find_legacy_chinese([broken])
        if legacy:
            return _raw(value).decode(legacy, "replace")
        # Too few bytes to tell code pages apart: plain letters with some accents are Western.
        is_western = sum(byte >= 0x80 for byte in broken) * 3 < len(broken)
        return _raw(value).decode("cp1252", "replace") if is_western else decode(_raw(value))
    if encoding and _is_claimed_latin(value):
        return value.encode("latin-1").decode(encoding, "replace")
    return value


def mend_values(values: Iterable[str]) -> list[str]:
    """As `repair`, for tags without keys."""
    return list(repair({str(index): value for index, value in enumerate(values)}).values())


def _is_claimed_latin(value: str) -> bool:
    return not value.isascii() and all(ord(character) < 0x100 for character in value)


def _has_raw(value: str) -> bool:
    return any(0xDC80 <= ord(character) <= 0xDCFF for character in value)


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
