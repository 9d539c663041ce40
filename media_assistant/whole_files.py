"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

DRAFT = ".tmp"
"""How the name of a file ends that is not yet whole."""
_IN_WORK_S = 60.0


def write_whole(file: Path, data: bytes, *, is_private: bool = False) -> None:
    """Whoever looks, also after a crash or on a full disk, finds what was there before or all of this. Raises OSError.

    Others may read it as they may any new file of this person, unless it `is_private`.
    """
    with _draft_of(file, data, mode=0o600 if is_private else 0o666) as draft:
        os.replace(draft, file)


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
