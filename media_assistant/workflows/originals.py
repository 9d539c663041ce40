"""Whether a file is one that the library knows: nothing is ever written in its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media_assistant.library.library import Library


def is_original(library: Library, file: Path) -> bool:
    """Whether the library knows this file, also by another way that leads to it."""
    ways = {os.path.abspath(file), os.path.realpath(file)}
    return any(library.find_by_path(way) is not None for way in ways)
