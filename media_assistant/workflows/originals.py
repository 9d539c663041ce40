"""Whether a file is one that the library knows: nothing is ever written in its place."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media_assistant.library.library import Library


def is_original(library: Library, file: Path) -> bool:
    """Whether the library knows this file, also by another way that leads to it."""
    ways = {os.path.abspath(file), os.path.realpath(file)}
    return any(library.find_by_path(way) is not None for way in ways) or _is_known_otherwise(library, file)


def _is_known_otherwise(library: Library, file: Path) -> bool:
    """Whether it is one of the library's by the disk's own word, whatever it is called here: `NOTES.TXT` may be
    `notes.txt`, and a drive have a second letter.
    """
    try:
        seen = file.stat()
    except OSError:
        return False  # it is not there
    for known in library.seen_as(seen.st_size, seen.st_mtime_ns):
        with suppress(OSError):
            if os.path.samestat(os.stat(known), seen):
                return True
    return False
