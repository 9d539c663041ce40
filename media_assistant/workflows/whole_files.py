"""Files that are written whole or not at all, and never in the place of one that the library knows."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media_assistant.library.library import Library

DRAFT = ".tmp"
"""How the name of a file ends that is not yet whole."""


def write_whole(file: Path, data: bytes, *, is_private: bool = False) -> None:
    """Whoever looks, also after a crash or on a full disk, finds what was there before or all of this. Raises OSError.

    Others may read it as they may any new file of this person, unless it `is_private`.
    """
    temporary = file.with_name(f".{secrets.token_hex(8)}{DRAFT}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    # Made with its rights at once: to ask for the umask is to change it under the other threads.
    handle = os.open(temporary, flags, 0o600 if is_private else 0o666)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(data)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def is_original(library: Library, file: Path) -> bool:
    """Whether the library knows this file, also by another way that leads to it."""
    ways = {os.path.abspath(file), os.path.realpath(file)}
    return any(library.find_by_path(way) is not None for way in ways)
