"""Playlists (m3u, m3u8): read as they are found, written as UTF-8 for any player.

Extended M3U as players agree on it: `#EXTM3U`, `#PLAYLIST:title`, `#EXTINF:seconds,title` before each entry. An entry
is a path, relative to the list's own folder or whole, or a `file:` address.
"""

from __future__ import annotations

import hashlib
import ntpath
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from media_assistant.items.sentence import NOTHING, Sentence
from media_assistant.media.text import decode
from media_assistant.paths import absolute

PLAYLISTS = (".m3u", ".m3u8")
_MAX_BYTES = 16 * 1024 * 1024
_MOST_ENTRIES = 100_000
_LONGEST_ENTRY, _LONGEST_TITLE = 4096, 200
_OURS = "#Written by Media Assistant"
"""Behind it stands a digest of all other lines: what somebody changed since is theirs."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """`entries` are the files that it names, in order, there or not; `elsewhere` what lies on the network.

    `refusal` says why it was not read, if so.
    """

    title: str = ""
    entries: tuple[Path, ...] = ()
    elsewhere: tuple[str, ...] = ()
    refusal: Sentence = NOTHING


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to write; 0 ms where the length is not known or means nothing."""

    path: str
    title: str
    duration_ms: int = 0


def read_playlist(path: Path) -> Playlist:
    """What a list names, a hundred thousand files at most. Raises OSError when it cannot be read."""
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        return Playlist(refusal=Sentence("ignored.media.not_a_playlist"))
    lines = decode(path.read_bytes()).split("\n")
    if any(line.startswith("#EXT-X-") for line in lines):
        return Playlist(refusal=Sentence("ignored.media.stream_playlist"))
    title = next((line[10:].strip()[:_LONGEST_TITLE] for line in lines if line[:10].upper() == "#PLAYLIST:"), "")
    entries: list[Path] = []
    elsewhere: list[str] = []
    for line in lines:
        entry = line.strip().strip("\ufeff")
        if not entry or entry.startswith("#") or "\0" in entry or len(entry) > _LONGEST_ENTRY:
            continue
        if len(entries) + len(elsewhere) >= _MOST_ENTRIES:
            break
        if is_network_path(entry, str(path.parent)) or (local := _local(entry, path.parent)) is None:
            elsewhere.append(entry)
        else:
            entries.append(local)
    return Playlist(title, tuple(entries), tuple(elsewhere))


def is_network_path(entry: str, folder: str, *, is_windows: bool = os.name == "nt") -> bool:
    """Whether a line leads to another computer's share: only to look whether it is there would send this one's account
    to it. A list that lies on a share may name what lies there too.
    """
    if not is_windows:
        return False
    entry = entry[5:] if entry[:5].lower() == "file:" else entry
    share = ntpath.splitdrive(entry)[0].replace("/", "\\").lower()
    own = ntpath.splitdrive(folder)[0].replace("/", "\\").lower()
    return share.startswith("\\\\") and share != own


def _local(entry: str, folder: Path) -> Path | None:
    """The file that a line means; None for an address on the network."""
    if entry.lower().startswith("file:"):
        told = path_of_address(entry, str(folder))
        return None if told is None else Path(absolute(told))
    if "://" in entry:
        return None
    path = Path(absolute(folder / entry))
    if os.sep == "/" and "\\" in entry and not os.path.exists(path):
        path = Path(absolute(folder / entry.replace("\\", "/")))
    if "%" in entry and not os.path.exists(path):
        return _unquoted(entry, folder) or path
    return path


def path_of_address(address: str, folder: str, *, is_windows: bool = os.name == "nt") -> str | None:
    """The path that a `file:` address in a list means; None for one on the network, also where that shows only when it is
    decoded.
    """
    try:
        parts = urlsplit(address)
        told = os.fsdecode(unquote_to_bytes(parts.path))
    except ValueError:  # half an address, or on Windows no text
        return None
    if parts.netloc not in ("", "localhost") or "\0" in told:
        return None
    if is_windows:
        if told[2:3] == ":":  # /C:/…
            told = told[1:]
        # However many strokes it begins with, to Windows it is a share.
        bare = told.lstrip("/\\")
        share = f"//{bare}"
        if len(told) - len(bare) > 1 and (
            not ntpath.splitdrive(share)[0] or is_network_path(share, folder, is_windows=True)
        ):
            return None
    return told


def _unquoted(entry: str, folder: Path) -> Path | None:
    """The file that is there by a relative address, as VLC writes them; a file that is really called so comes first."""
    try:
        told = os.fsdecode(unquote_to_bytes(entry))
    except ValueError:
        return None
    if "\0" in told or is_network_path(told, str(folder)):
        return None
    path = Path(absolute(folder / told))
    return path if os.path.exists(path) else None


def write_playlist(title: str, entries: Iterable[Entry], folder: Path) -> str:
    """The text of a list that is to lie in `folder`: paths inside it are relative, others whole."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(title)}"]
    for entry in entries:
        seconds = round(entry.duration_ms / 1000) if entry.duration_ms else -1
        lines += [f"#EXTINF:{seconds},{_one_line(entry.title)}", _path_line(entry.path, folder)]
    lines.insert(1, f"{_OURS} {_digest(lines)}")
    return "\n".join(lines) + "\n"


def is_ours(path: Path) -> bool:
    """Whether this program wrote the list that lies there, just as it is."""
    try:
        with path.open("rb") as file:
            first, ours, *others = file.read(_MAX_BYTES).decode().removesuffix("\n").split("\n")
    except (OSError, ValueError):
        return False
    return ours == f"{_OURS} {_digest([first, *others])}"


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def _one_line(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _path_line(path: str, folder: Path, *, is_windows: bool = os.name == "nt") -> str:
    inside = str(folder).rstrip(os.sep) + os.sep
    line = path.removeprefix(inside)
    is_plain = line == line.strip() and not any(mark in line for mark in ("\n", "\r", "\ufeff", "://", "\\"))
    if is_plain and _is_text(line) and not line.startswith("#") and not line.lower().startswith("file:"):
        return line
    if is_windows:
        # No line begins like this where a drive comes first. What lies below in folders is relative as elsewhere.
        return path if line.startswith("#") or line != line.strip() or line.lower().startswith("file:") else line
    # What a line cannot hold as it is (a line break, bytes that are no text) goes as an address.
    return "file://" + quote_from_bytes(os.fsencode(path))


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
