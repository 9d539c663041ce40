"""Playlists become collections, and collections playlists."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from media_assistant.errors import UserFixable, why_of
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.folding import fold
from media_assistant.library.library import Library, OpenStep
from media_assistant.media.playlist import PLAYLISTS, Entry, is_ours, read_playlist, write_playlist
from media_assistant.whole_files import is_stream, write_whole
from media_assistant.workflows.originals import is_original


def collect_playlists(library: Library, paths: Iterable[Path], into: OpenStep | None = None) -> LibraryChanges:
    """Each playlist among `paths`, whose files were brought in before, becomes a collection of its name, in its order.

    What it names twice is in it twice. Where a gathered collection of that name is there already, what it lacks is added
    at its end. `into`: the step of the person that they are a part of.
    """
    changes = LibraryChanges()
    for path in paths:
        if path.suffix.lower() not in PLAYLISTS:
            continue
        title, item_ids = _members(library, Path(os.path.abspath(path)))
        if not item_ids:
            continue
        gathered = (each for each in library.collections(is_counted=False) if not each.is_search)
        known = [each for each in gathered if fold(each.name) == fold(title)]
        if known:
            changes |= library.add_to_collection(known[0].id, item_ids, into)
        else:
            changes |= library.create_collection(title, item_ids=item_ids, into=into)[1]
    return changes


def save_playlist(
    library: Library, title: str, item_ids: Sequence[int], target: Path, *, may_replace: bool = False
) -> Path:
    """Write these items as an m3u8 list; gives the file. Whole or not at all.

    Raises UserFixable: `workflows.playlist_is_original` for a file of the library, `workflows.playlist_exists` for one
    that this program did not write, or that was changed since, unless it `may_replace` it, `workflows.playlist_not_written`.
    """
    if target.name in ("", ".."):  # a folder, or a whole drive
        why = why_of(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        raise UserFixable("workflows.playlist_not_written", file=str(target), why=why)
    passes_on = is_stream(target)
    if not target.suffix and not passes_on:
        # Whoever agreed to replace a file meant the one of the name that they gave.
        target, may_replace = target.with_suffix(".m3u8"), False
    place = Path(os.path.abspath(target))
    if is_original(library, place):
        raise UserFixable("workflows.playlist_is_original", file=str(place))
    if os.path.exists(place) and not (may_replace or passes_on or is_ours(place)):
        raise UserFixable("workflows.playlist_exists", file=str(place))
    entries = [Entry(item.path, item.title, item.facts.duration_ms) for item in library.items(item_ids)]
    text = write_playlist(title, entries, place.parent)
    try:
        write_whole(place, text.encode("utf-8", "replace"))
    except OSError as error:
        raise UserFixable("workflows.playlist_not_written", file=str(place), why=why_of(error)) from error
    return place


def _members(library: Library, path: Path) -> tuple[str, list[int]]:
    """A list's title and the items that it names, in order and as often; lists that it names are opened up, each once."""
    title = ""
    item_ids: list[int] = []
    opened: set[Path] = set()
    # What is still to be looked at, the next one last: lists may name each other a thousand deep.
    left = [path]
    while left:
        entry = left.pop()
        if entry.suffix.lower() not in PLAYLISTS:
            if (known := library.find_by_path(entry)) is not None:
                item_ids.append(known.item_id)
        elif entry not in opened:
            opened.add(entry)
            try:
                playlist = read_playlist(entry)
            except OSError:
                continue
            title = title or playlist.title or path.stem
            left.extend(reversed(playlist.entries))
    return title, item_ids
