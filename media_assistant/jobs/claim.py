"""One program writes to a library at a time. The system releases the claim of a program that dies."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import BinaryIO

from media_assistant.errors import UserFixable, why_of

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
"""Of drives, most of them on a network, whose servers know no locks."""


class Claim:
    """Held until `release`, or until the process ends however it ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let another program in. The lock file stays: removing it would let two in at once."""
        self._file.close()


def claim_library(library: Path) -> Claim:
    """Claim the library for this process. Raises UserFixable: `jobs.library_in_use`, `jobs.no_locks`, `jobs.folder_not_writable`."""
    lock = library.with_name(library.name + ".lock")
    try:
        file = _open(lock)
    except OSError as error:
        raise UserFixable("jobs.folder_not_writable", folder=str(lock.parent), why=why_of(error)) from error
    try:
        _lock(file)
    except OSError as error:
        file.close()
        if error.errno in _NO_LOCKS:
            raise UserFixable("jobs.no_locks", library=str(library)) from error
        raise UserFixable("jobs.library_in_use", library=str(library)) from error
    return Claim(file)


def claim_file(lock: Path) -> Claim:
    """Claim whatever this lock file stands for. Raises BlockingIOError when another process has it, and another OSError
    where it cannot be had.
    """
    file = _open(lock)
    try:
        _lock(file)
    except PermissionError as error:
        # So Windows says it, of a file that it has just opened for us.
        file.close()
        raise BlockingIOError(error.errno, error.strerror) from error
    except OSError:
        file.close()
        raise
    return Claim(file)


def _open(lock: Path) -> BinaryIO:
    lock.parent.mkdir(parents=True, exist_ok=True)
    return lock.open("ab")


def _lock(file: BinaryIO) -> None:
    """Raises OSError when another process has it."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0, os.SEEK_END)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
