"""What other programs read beside an open export: subtitles, lyrics, playlists and XMP, in a tree like that of the media.

`files` below the folder mirrors the paths of the media, so that it can be laid over them; `collections` holds a playlist
for each one that was gathered by hand.
"""

from __future__ import annotations

import errno
import hashlib
import ntpath
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from media_assistant.items.concept import Concept
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer
from media_assistant.items.transcript import has_times, is_spoken, tracks
from media_assistant.library.library import Library
from media_assistant.media.playlist import Entry, write_playlist
from media_assistant.media.xmp import write_xmp
from media_assistant.workflows.transcripts.saving_transcripts import is_being_heard
from media_assistant.workflows.transcripts.transcripts import format_lines

TRANSCRIPTS = ("srt", "vtt", "lrc")
_CHUNK = 500
_MOST_PARENTS = 16
_NO_SUCH_NAME = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EILSEQ})
"""The disk has no place of this name; whatever else goes wrong concerns the whole export."""
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
"""What Windows takes for no file, whatever its ending."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A file that was written; `path` is relative to the folder. An empty one stands for one that has no possible name."""

    path: str
    sha256: str
    item_id: int = 0


def write_sidecars(library: Library, folder: Path, language: str) -> Iterator[tuple[int, list[Sidecar]]]:
    """Write them all below `folder`, which is new; gives (items done, sidecars) after each few. Raises OSError.

    Tags have their names in `language`.
    """
    known = {concept.id: concept for concept in library.concepts()}
    ids = [int(item_id) for item_id in library.item_ids()]
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        tags, stars = library.accepted_tags(part), library.ratings(part)
        for item in library.items(part):
            xmp = _xmp(item, tags.get(item.id, []), stars.get(item.id), known, language)
            yield 1, _of_item(library, item, xmp, folder)
    for collection in library.collections():
        if not collection.is_search:
            yield 0, [_playlist(library, collection.id, collection.name, folder)]


def _xmp(item: Item, tags: list[Concept], stars: int | None, known: Mapping[str, Concept], language: str) -> str:
    names = [tag.name(language) for tag in tags]
    return write_xmp(item.title, names, [_line_of(tag, known, language) for tag in tags], stars)


def _of_item(library: Library, item: Item, xmp: str, folder: Path) -> list[Sidecar]:
    stem, suffix = os.path.splitext(Path("files", _mirrored(item.path)))
    written: list[Sidecar] = []
    written.append(_write(folder, f"{stem}{suffix}.xmp", xmp, item.id))
    if suffix and not os.path.exists(folder / f"{stem}.xmp"):  # another file of this name has it already
        written.append(_write(folder, f"{stem}.xmp", xmp, item.id))
    if item.kind in (Kind.VIDEO, Kind.MUSIC):
        spoken = [line for line in library.moments(item.id, Layer.LINE) if is_spoken(line)]
        for tongue, said in sorted(tracks(spoken).items()):
            # Laid over the media, half a transcript would be read as the whole one.
            if is_being_heard(library, item.id, said) or not has_times(said):
                continue
            head = f"{stem}.{tongue}" if tongue else stem
            written += [_write(folder, f"{head}.{to}", format_lines(said, to), item.id) for to in TRANSCRIPTS]
    return written


def _mirrored(path: str, *, is_windows: bool = os.name == "nt") -> str:
    """A path as one below another folder: `/films/x.mp4` → `films/x.mp4`, and a drive's letter becomes a folder.

    On Windows it may be of a library from elsewhere: both separators part it, and no name is one that cannot be there.
    """
    if is_windows:
        drive, rest = ntpath.splitdrive(path)
        parts = re.split(r"[\\/]", drive.replace(":", "") + rest)
    else:
        parts = path.split("/")
    parts = [part for part in parts if part not in ("", ".", "..")]
    return os.path.join(*map(_possible, parts) if is_windows else parts) if parts else "nameless"


def _possible(name: str) -> str:
    """The name as one that every system can hold."""
    plain = "".join("_" if letter in '<>:"/\\|?*' or ord(letter) < 32 else letter for letter in name).rstrip(" .")
    return f"_{plain}" if not plain or _DEVICE.match(plain) else plain


def _has_no_place(fault: OSError, *, is_windows: bool = os.name == "nt") -> bool:
    """Whether the disk has no place of this name. Windows says of a path that is too long that there is none."""
    return fault.errno in _NO_SUCH_NAME or (is_windows and fault.errno == errno.ENOENT)


def _line_of(tag: Concept, known: Mapping[str, Concept], language: str) -> list[str]:
    """The tag below its first parents, from the top."""
    line = [tag]
    while line[0].parents and len(line) < _MOST_PARENTS:
        above = known.get(line[0].parents[0])
        if above is None or above in line:
            break
        line.insert(0, above)
    return [concept.name(language) for concept in line]


def _playlist(library: Library, collection_id: int, name: str, folder: Path) -> Sidecar:
    entries = [
        Entry(item.path, item.title, item.facts.duration_ms)
        for item in library.items(library.collection_items(collection_id))
    ]
    # Of a long name the head is enough: a number tells it from others.
    return _write(
        folder, f"collections/{_possible(name.strip(' .')[:60])}.m3u8", write_playlist(name, entries, folder), 0
    )


def _write(folder: Path, path: str, text: str, item_id: int) -> Sidecar:
    """Never over another one: then with a number before the ending."""
    data = text.encode("utf-8", "replace")
    stem, suffix = os.path.splitext(path)
    for number in count(1):
        tried = path if number == 1 else f"{stem}.{number}{suffix}"
        target = folder / tried
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.write(data)
        except FileExistsError:
            if not os.path.exists(target):
                return Sidecar("", "", item_id)  # a file lies where its folder would be
            continue
        except OSError as fault:
            if _has_no_place(fault):
                return Sidecar("", "", item_id)
            raise
        return Sidecar(tried, hashlib.sha256(data).hexdigest(), item_id)
    raise AssertionError("numbers do not end")
