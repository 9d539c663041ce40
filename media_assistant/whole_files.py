"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

DRAFT = ".tmp"
"""How the name of a file ends that is not yet whole."""
_IN_WORK_S = 60.0
_MOST_LINKS = 40


def write_whole(file: Path, data: bytes, *, is_private: bool = False) -> None:
    """Whoever looks, also after a crash or on a full disk, finds what was there before or all of this. Raises OSError.

    Others may read it as they may any new file of this person, unless it `is_private`. A link stays one: what it leads to
    is written. A stream takes the bytes as they come.
    """
    place = _behind_links(file)
    if place is None:
        with open(file, "ab") as stream:
            stream.write(data)
        return
    with _draft_of(place, data, mode=0o600 if is_private else 0o666) as draft:
        os.replace(draft, place)


def is_stream(file: Path) -> bool:
    """Whether it is a device, a pipe, or what this program writes to already (`/dev/stdout`): no file in whose place another
    one could be put.
    """
    try:
        return _behind_links(file) is None
    except OSError:
        return False


def write_new(file: Path, data: bytes) -> None:
    """As `write_whole`, but whoever else takes the name meanwhile keeps it. Raises FileExistsError, OSError."""
    with _draft_of(file, data, mode=0o666) as draft:
        if sys.platform == "win32":
            os.rename(draft, file)  # which takes no name away there
            return
        try:
            os.link(draft, file)
        except FileExistsError:
            raise
        except OSError:
            # No second names on this file system, as on a memory card: an empty file holds the name for an instant.
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            try:
                os.replace(draft, file)
            except OSError:
                with contextlib.suppress(OSError):
                    file.unlink()
                raise


def forget_drafts(folder: Path) -> None:
    """Remove what a program that was killed in the middle of writing left here; what another one writes now stays."""
    for draft in folder.glob(f".{'[0-9a-f]' * 16}{DRAFT}"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _IN_WORK_S:
                draft.unlink()


def _behind_links(file: Path) -> Path | None:
    """The file itself; None for a stream. Raises OSError where links lead in a circle."""
    place = os.path.abspath(file)
    for _ in range(_MOST_LINKS):
        if not os.path.islink(place):
            break
        folder = os.path.realpath(os.path.dirname(place))
        if folder.startswith("/proc/"):
            return None  # a number of an open file, be it one on the disk
        place = os.path.join(folder, os.readlink(place))
    else:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    try:
        kind = stat.S_IFMT(os.stat(place).st_mode)
    except OSError:
        return Path(place)  # to be made, or the writing says why not
    return Path(place) if kind in (stat.S_IFREG, stat.S_IFDIR) else None


@contextlib.contextmanager
def _draft_of(file: Path, data: bytes, *, mode: int) -> Iterator[Path]:
    """All of it beside the file, gone afterwards. Made with its rights at once: to ask for the umask is to change it under
    the other threads.
    """
    draft = file.with_name(f".{os.urandom(8).hex()}{DRAFT}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(data)
        yield draft
    finally:
        with contextlib.suppress(OSError):
            os.unlink(draft)
