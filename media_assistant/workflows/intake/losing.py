"""Files that are gone from where they were. A few are marked missing; many at once are a question to the person.

An empty folder where a drive was, half of a folder gone: perhaps they were moved or deleted, perhaps a drive is not
connected or not whole. Until the person says which it is they only count as away, nothing is forgotten, and whatever is
there again is whole again. Nothing is ever removed but by the person's own word.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Loss
from media_assistant.library.library import Library, Location
from media_assistant.workflows.intake.standing import is_still_there

LEAST = 20
"""So many files of a folder that are gone at once are a question…"""
SHARE = 0.25
"""…if they are as much as this of all that is known in it; and any number if nothing at all is left in the folder."""
AT_ONCE = timedelta(minutes=1)
"""What goes within this time goes at once: news of a folder that is being emptied comes in pieces."""


def mark_gone(library: Library, root: str, paths: Sequence[str]) -> LibraryChanges:
    """These lie no longer in `root` or below it: missing, or away until the person says what became of them. Files that
    were brought in alone have no root.
    """
    if not paths or not root:
        return library.mark_missing(paths)
    since = (datetime.now(UTC) - AT_ONCE).isoformat(timespec="microseconds")
    gone = set(paths)
    just_gone = [path for path in library.gone_since(root, since) if path not in gone]
    # Of a question that was not answered yet only a part may have been looked at.
    at_once = len(gone.union(just_gone, library.away_paths(root)))
    total = library.count_places(root)
    if _is_empty(root) or (at_once >= LEAST and at_once >= SHARE * total):
        return library.mark_missing([*paths, *just_gone], is_offline=True)
    return library.mark_missing(paths)


def check_places(library: Library, root: str, places: Sequence[Location]) -> LibraryChanges:
    """Known places in `root`, which can be reached, or in none: mark what is gone, and what is there again. Asks the disk."""
    gone: list[str] = []
    back: list[Location] = []
    for place in places:
        try:
            os.stat(place.path)
        except (FileNotFoundError, NotADirectoryError):
            # One that was marked while the whole folder was away: now it is known to be gone.
            if not place.is_missing or place.is_offline:
                gone.append(place.path)
            continue
        except OSError:
            continue  # there, but not for us: nothing is known
        if place.is_missing:
            # Another file of its size and time may lie there by now.
            is_doubtful = library.has_twin(place.item_id, place.size_bytes, place.modified_ns)
            if not _is_anothers(library, place) and is_still_there(place, is_read=is_doubtful):
                back.append(place)
    changes = bring_back(library, back)
    return changes | mark_gone(library, root, gone)


def _is_anothers(library: Library, place: Location) -> bool:
    """Whether an item of the same content has the file: two would take it from each other at every look."""
    here = library.find_by_path(place.path)
    return (
        here is not None
        and not here.is_missing
        and here.item_id != place.item_id
        and here.quick_hash == place.quick_hash
    )


def bring_back(library: Library, places: Sequence[Location]) -> LibraryChanges:
    """These files are there again; what failed because they were away is tried again."""
    changes = LibraryChanges()
    for place in places:
        changes |= library.add_location(place.item_id, place.path, place.size_bytes, place.modified_ns)
    return changes | library.retry_unread([place.item_id for place in places]) if places else changes


def losses(library: Library) -> list[Loss]:
    """The folders that can be reached and of which many files cannot be found: what the person is asked about.

    Asks the disk for each folder of the library that has files away.
    """
    return [loss for loss in library.losses() if os.path.isdir(loss.root)]


def _is_empty(root: str) -> bool:
    """Whether nothing at all lies in it, as in the place of a drive that is not connected."""
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except OSError:
        return False
