"""Know a file by its content, so that a moved or renamed one keeps everything that is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from media_assistant.errors import Cancelled
from media_assistant.media.faults import reading

_CHUNK = 64 * 1024
_DIGEST_BYTES = 20
_WHOLE_BYTES = 256 << 20
"""So much is compared byte by byte, in a second or a few."""
_BLOCK = 1 << 20
"""So much of one file is read, then of the other: a disk that turns is not sent to and fro all the time."""
_SAMPLES = 1024
"""Stretches of `_CHUNK` that are compared of what is longer."""


def quick_hash(path: Path) -> str:
    """BLAKE2b of the size and of 64 KiB at the head, the middle and the tail; of everything when it is that short.

    Three reads, whatever the size. Different files may agree, such as recordings with silence at those places:
    `is_same_content` tells them apart. Raises UserFixable when the file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES, person=b"quick")
    with reading(), path.open("rb", buffering=0) as file:
        size = file.seek(0, 2)
        digest.update(size.to_bytes(8, "little"))
        if size <= 3 * _CHUNK:
            starts, length = [0], size
        else:
            starts, length = [0, (size - _CHUNK) // 2, size - _CHUNK], _CHUNK
        for start in starts:
            file.seek(start)
            missing = length
            while missing and (part := file.read(missing)):
                digest.update(part)
                missing -= len(part)
    return digest.hexdigest()


def is_same_content(one: Path, other: Path, *, should_stop: Callable[[], bool] = bool) -> bool:
    """Whether two files of the same `quick_hash` hold the same: every byte is compared up to 256 MB, and of longer ones a
    thousand stretches, evenly spread. Raises UserFixable when one cannot be read, and Cancelled after `should_stop`.
    """
    # Buffered, for only so a read gives all that was asked for: networks and other programs' file systems give less.
    with reading(), one.open("rb") as first, other.open("rb") as second:
        size = first.seek(0, 2)
        if size != second.seek(0, 2):
            return False
        if size <= 3 * _CHUNK:
            # All of it is in the hash.
            return True
        if size <= _WHOLE_BYTES:
            starts: Sequence[int] = range(0, size, _BLOCK)
            length = _BLOCK
        else:
            starts, length = [number * (size - _CHUNK) // (_SAMPLES - 1) for number in range(_SAMPLES)], _CHUNK
        for start in starts:
            if should_stop():
                raise Cancelled
            first.seek(start)
            second.seek(start)
            if first.read(length) != second.read(length):
                return False
    return True


def full_hash(path: Path) -> str:
    """BLAKE2b of every byte. Raises UserFixable when the file cannot be read."""
    with reading(), path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
