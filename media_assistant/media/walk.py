"""Every file under the paths that a person dropped, once, whatever loops and lists lie in the way."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from media_assistant.errors import why_of
from media_assistant.items.sentence import Sentence
from media_assistant.media.endings import PLAYED
from media_assistant.media.playlist import PLAYLISTS, read_playlist
from media_assistant.paths import absolute

_SUBTITLES = frozenset((".srt", ".vtt", ".lrc", ".ass", ".ssa"))
_ALWAYS_BESIDE = frozenset((".xmp", ".nfo", ".aae", ".thm"))
_SYSTEM_NAMES = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db", "$recycle.bin", "system volume information"))
_PACKAGE_SUFFIXES = (
    ".app .photoslibrary .photolibrary .aplibrary .migratedphotolibrary .fcpbundle .imovielibrary .theater .tvlibrary "
    ".musiclibrary .logicx .band .bundle .framework .plugin"
)
_PACKAGES = frozenset(_PACKAGE_SUFFIXES.split())
"""Folders that macOS shows as one file each: a program, or what a program keeps in an order of its own."""
_PROTECTED = 0x2 | 0x4
"""Hidden and the system's own: Windows says both of names such as `My Music`, which lead to where older programs look and
may not be read.
"""
_OF_THE_KERNEL = ("/proc", "/sys", "/dev") if sys.platform == "linux" else ()
"""No files of anybody: what looks like folders there leads to the whole disk again."""
_EXPORT = ("manifest.json", "library.jsonl", "findings.jsonl")
"""What lies in an open export of a library, which is no person's media."""


class Walked(NamedTuple):
    """A file that was met. A tuple, for a hundred thousand of these are made in one walk."""

    path: Path
    size_bytes: int
    modified_ns: int
    inode: int


class Ignored(NamedTuple):
    """Something that was met and left alone, with the reason."""

    path: Path
    reason: Sentence


_Identity = tuple[int, int | str]


def _identity(path: str, found: os.stat_result) -> _Identity:
    """Whichever way leads to it: device and inode; on drives that number nothing, as some on Windows, where it really lies."""
    return found.st_dev, found.st_ino or os.path.normcase(os.path.realpath(path))


class _Seen:
    """What the walk has been to: folders and playlists by their identity, so that no loop is walked twice; and where
    it does not go.
    """

    def __init__(self, own: Iterable[Path] = ()) -> None:
        self.own = frozenset(os.path.realpath(path) for path in own)
        # By the folder that they lie in, for they may come and go; whichever way leads to it.
        self.own_in: dict[_Identity, set[str]] = {}
        for path in self.own:
            folder, name = os.path.split(path)
            with suppress(OSError):
                self.own_in.setdefault(_identity(folder, os.stat(folder)), set()).add(name)
        self.own_folders: set[_Identity] = set()
        for path in self.own:
            with suppress(OSError):
                self.own_folders.add(_identity(path, os.stat(path)))
        self.folders: set[_Identity] = set()
        self.playlists: set[_Identity] = set()
        self.named: set[str] = set()
        # Where these are plain folders, as in a system inside another one, they lie on the disk itself.
        disk = {os.stat(os.sep).st_dev} if _OF_THE_KERNEL else set()
        self.kernel = {os.stat(folder).st_dev for folder in _OF_THE_KERNEL if os.path.isdir(folder)} - disk

    def is_own(self, path: str) -> bool:
        """Whether it is the program's own or lies in what is, by whatever way it was met."""
        return bool(self.own) and not self.own.isdisjoint(_and_above(os.path.realpath(path)))

    def is_own_folder(self, folder: str, identity: _Identity) -> bool:
        """As `is_own`, of one that was met within another that is not: only a link leads from there into the midst of it."""
        if identity in self.own_folders:
            return True
        return bool(self.own) and os.path.islink(folder) and self.is_own(folder)


def walk(paths: Iterable[Path], own: Iterable[Path] = ()) -> Iterator[Walked | Ignored]:
    """Files at and under `paths` in the order of their names, folders after the files beside them; none of the program's
    `own`, which would feed it with what it made itself.

    Symbolic links are followed, each real folder once. Playlists (m3u, m3u8) are opened up, relative entries and all.
    Nothing raises: what cannot be read is yielded as `Ignored`.
    """
    seen = _Seen(own)
    for path in paths:
        yield from _named(Path(absolute(path)), seen)


def _named(path: Path, seen: _Seen) -> Iterator[Walked | Ignored]:
    """A path that a person named."""
    if (text := str(path)) in seen.named:
        return
    seen.named.add(text)
    try:
        found = path.stat()
    except OSError as error:
        yield Ignored(path, _refusal(error))
        return
    if seen.is_own(text):
        yield Ignored(path, Sentence("ignored.media.own"))
        return
    if stat.S_ISDIR(found.st_mode):
        yield from _folder(path, found, seen)
    elif path.suffix.lower() in PLAYLISTS:
        yield from _playlists(path, found, seen)
    else:
        yield _file(path, found)


def _and_above(path: str) -> Iterator[str]:
    yield path
    yield from map(str, Path(path).parents)


def _file(path: Path, found: os.stat_result) -> Walked | Ignored:
    if not stat.S_ISREG(found.st_mode):
        return Ignored(path, Sentence("ignored.media.not_a_file"))
    return Walked(path, found.st_size, found.st_mtime_ns, found.st_ino)


def _folder(top: Path, found: os.stat_result, seen: _Seen) -> Iterator[Walked | Ignored]:
    pending: list[tuple[str, os.stat_result | None]] = [(str(top), found)]
    while pending:
        folder, known = pending.pop()
        try:
            met = known or os.stat(folder)
            identity = _identity(folder, met)
            if met.st_dev in seen.kernel or identity in seen.folders:
                continue
            seen.folders.add(identity)
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=attrgetter("name"))
        except OSError as error:
            yield Ignored(Path(folder), _refusal(error))
            continue
        if why := _why_unopened(folder, identity, entries, seen):
            yield Ignored(Path(folder), Sentence(why))
            continue
        own = seen.own_in.get(identity, ())
        played: set[str] | None = None
        below: list[tuple[str, os.stat_result | None]] = []
        for entry in entries:
            name = entry.name
            if why := _why_left(entry, own):
                yield Ignored(Path(entry.path), Sentence(why))
                continue
            try:
                if entry.is_dir():
                    below += () if _leads_up(entry) else ((entry.path, None),)
                    continue
                about = entry.stat()
                if sys.platform == "win32":
                    about = os.stat(entry.path)  # there a directory entry knows no inode
            except OSError as error:
                yield Ignored(Path(entry.path), _refusal(error))
                continue
            dot = name.rfind(".")
            suffix = name[dot:].lower() if dot > 0 else ""
            if suffix in _SUBTITLES or suffix in _ALWAYS_BESIDE:
                if played is None:
                    played = {stem for other in entries if (stem := played_stem(other.name))}
                if suffix in _ALWAYS_BESIDE or _is_beside(name, played):
                    yield Ignored(Path(entry.path), Sentence("ignored.media.sidecar"))
                    continue
            if suffix in PLAYLISTS:
                yield from _playlists(Path(entry.path), about, seen)
            else:
                yield _file(Path(entry.path), about)
        pending.extend(reversed(below))


def _why_unopened(folder: str, identity: _Identity, entries: Sequence[os.DirEntry[str]], seen: _Seen) -> str:
    """The code of the reason for which what lies in a folder stays out; empty for none."""
    if seen.is_own_folder(folder, identity):
        return "ignored.media.own"
    return "ignored.media.export" if sum(entry.name in _EXPORT for entry in entries) == len(_EXPORT) else ""


def _why_left(entry: os.DirEntry[str], own: Container[str]) -> str:
    """The code of the reason for which it stays out whatever is in it; empty for none."""
    name = entry.name
    if name[0] == "." or name.lower() in _SYSTEM_NAMES or _is_of_system(entry):
        return "ignored.media.hidden"
    return "ignored.media.own" if name in own else ""


def _is_of_system(entry: os.DirEntry[str] | Path) -> bool:
    """Whether this system keeps it from people, or shows a folder as one file."""
    if sys.platform == "darwin":
        return os.path.splitext(entry.name)[1].lower() in _PACKAGES and entry.is_dir()
    if sys.platform == "win32":
        with suppress(OSError):
            return entry.stat(follow_symlinks=False).st_file_attributes & _PROTECTED == _PROTECTED
    return False


def played_stem(name: str) -> str:
    """The name without its ending, in small letters, of what is called like a film or a sound; else empty."""
    stem, suffix = os.path.splitext(name)
    return stem.lower() if suffix.lower() in PLAYED else ""


def _is_beside(name: str, played: set[str]) -> bool:
    """Whether `film.srt`, `film.zh.srt` or `film.zh-Hans.forced.srt` lies beside a `film` that plays."""
    stem = os.path.splitext(name)[0].lower()
    for _ in range(3):
        if stem in played:
            return True
        stem, suffix = os.path.splitext(stem)
        if not suffix:
            return False
    return False


def is_passed_over(path: str, top: str) -> bool:
    """Whether a walk through the folder `top` would pass this file or folder over: hidden, the system's, or a sidecar, or in an export."""
    parts = os.path.relpath(path, top).split(os.sep)
    if path != top and any(part[:1] == "." or part.lower() in _SYSTEM_NAMES for part in parts):
        return True
    if path != top and any(_is_of_system(Path(top, *parts[: depth + 1])) for depth in range(len(parts))):
        return True
    if any(_is_export(os.path.join(top, *parts[:depth])) for depth in range(len(parts))):
        return True
    folder, name = os.path.split(path)
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in _SUBTITLES:
        return suffix in _ALWAYS_BESIDE
    try:
        return _is_beside(name, {stem for other in os.listdir(folder) if (stem := played_stem(other))})
    except OSError:
        return True


def _is_export(folder: str) -> bool:
    return all(os.path.isfile(os.path.join(folder, name)) for name in _EXPORT)


def _leads_up(folder: os.DirEntry[str]) -> bool:
    """Whether it is a link to a folder in which it lies itself, be it the whole disk: a link brings in no more than that."""
    if not folder.is_symlink():
        return False
    target = os.path.realpath(folder.path).rstrip(os.sep) + os.sep
    return (os.path.realpath(os.path.dirname(folder.path)) + os.sep).startswith(target)


def _playlists(path: Path, found: os.stat_result, seen: _Seen) -> Iterator[Walked | Ignored]:
    """The files that a list names, and those of the lists that it names, be there a thousand one after the other.

    A folder in a list is not walked: a list of one line would bring in the whole disk.
    """
    opened = [_playlist(path, found, seen)]
    while opened:
        for met in opened[-1]:
            if isinstance(met, Ignored):
                yield met
            elif (text := str(met)) not in seen.named:
                seen.named.add(text)
                try:
                    about = met.stat()
                except OSError as error:
                    yield Ignored(met, _refusal(error))
                    continue
                if stat.S_ISDIR(about.st_mode):
                    yield Ignored(met, Sentence("ignored.media.folder_in_list"))
                elif seen.is_own(text):
                    yield Ignored(met, Sentence("ignored.media.own"))
                elif met.suffix.lower() in PLAYLISTS:
                    opened.append(_playlist(met, about, seen))
                    break
                else:
                    yield _file(met, about)
        else:
            opened.pop()


def _playlist(path: Path, found: os.stat_result, seen: _Seen) -> Iterator[Path | Ignored]:
    """What one list names; nothing for one that was read before."""
    if (identity := _identity(str(path), found)) in seen.playlists:
        return
    seen.playlists.add(identity)
    try:
        playlist = read_playlist(path)
    except OSError as error:
        yield Ignored(path, _refusal(error))
        return
    if playlist.refusal:
        yield Ignored(path, playlist.refusal)
        return
    for address in playlist.elsewhere:
        yield Ignored(path, Sentence("ignored.media.network", {"address": address[:200]}))
    yield from playlist.entries


def _refusal(error: OSError) -> Sentence:
    if isinstance(error, FileNotFoundError):
        return Sentence("error.media.vanished")
    if isinstance(error, PermissionError):
        return Sentence("error.media.unreadable")
    return Sentence("error.media.read_failed", {"why": why_of(error)})
