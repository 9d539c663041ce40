"""Whether a file still lies where it was known: another one of its name and size is not it."""

from __future__ import annotations

import os
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.library.library import Location
from media_assistant.media.identity import quick_hash


def is_still_there(place: Location, *, is_read: bool = False) -> bool:
    """By its size and time; by its content where only the time is another one, or with `is_read` in any case. Asks the disk.

    A file that may not be read counts as there: nothing is known against it.
    """
    try:
        found = os.stat(place.path)
    except OSError:
        return False
    if found.st_size != place.size_bytes:
        return False
    if found.st_mtime_ns == place.modified_ns and not is_read:
        return True
    try:
        return quick_hash(Path(place.path)) == place.quick_hash
    except UserFixable:
        return True


def is_renamed_to(old: str, new: str) -> bool:
    """Whether two paths that differ in letters' case alone are one file under its new name, as on a disk that does not
    tell cases apart: both can be opened there, but only one of the names is in the list of the folder.
    """
    if old == new or old.casefold() != new.casefold():
        return False
    above, name = os.path.split(os.path.abspath(old))
    if not name:  # a whole drive or share, which lies in no list
        return False
    other_above = os.path.dirname(os.path.abspath(new))
    try:
        if not os.path.samefile(old, new):
            return False
        if above != other_above and is_renamed_to(above, other_above):
            return True
        return name not in os.listdir(above)
    except OSError:
        return False
