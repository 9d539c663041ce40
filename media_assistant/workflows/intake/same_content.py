"""Which item a file is, of those of its quick hash: recordings that agree at head, middle and tail have that in common, and
are told apart by what can be read of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.library.library import Location
from media_assistant.media.identity import is_same_content, quick_hash


def places_of(
    places: Sequence[Location],
    file: Path,
    digest: str,
    *,
    moved: Mapping[str, str] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> list[Location]:
    """The places of the item whose content this file has. `places` are those of its quick hash: what can be read there is
    compared, and an item of which nothing can is taken for it, as where a file was moved; of several the one that was
    called so. `moved`: where files have gone since `places` were asked for.

    Raises Cancelled after `should_stop`.
    """
    unread: list[list[Location]] = []
    for item_id in dict.fromkeys(place.item_id for place in places):
        mine = [place for place in places if place.item_id == item_id]
        is_other = False
        for place in mine:
            lies_at = (moved or {}).get(place.path, place.path)
            same = is_same(Path(lies_at), file, digest, should_stop)
            if same:
                return mine
            is_other |= same is False
        if not is_other:
            unread.append(mine)
    return next((mine for mine in unread if is_called_so(mine, file)), unread[0] if unread else [])


def is_called_so(places: Sequence[Location], file: Path) -> bool:
    """Whether a file of these had this file's name."""
    return any(os.path.basename(place.path) == file.name for place in places)


def is_same(path: Path, file: Path, digest: str, should_stop: Callable[[], bool] = bool) -> bool | None:
    """Whether what lies at `path` holds the same as the file of this quick hash. None where it cannot be said: it cannot be
    read, or is not what it was when it came in. Raises Cancelled after `should_stop`.
    """
    if path == file:
        return True
    try:
        return is_same_content(path, file, should_stop=should_stop) if quick_hash(path) == digest else None
    except UserFixable:
        return None
