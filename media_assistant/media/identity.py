"""Know a file by its content, so that a moved or renamed one keeps everything that is known of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from media_assistant.media.faults import reading

_CHUNK = 64 * 1024
_DIGEST_BYTES = 20
_WHOLE_BYTES = 256 << 20
"""So much is compared byte by byte, in a second or a few."""
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


def is_same_content(one: Path, other: Path) -> bool:
    """Whether two files of the same `quick_hash` hold the same: every byte is compared up to 256 MB, and of longer ones a
    thousand stretches, evenly spread. Raises UserFixable when one cannot be read.
    """
    with reading(), one.open("rb", buffering=0) as first, other.open("rb", buffering=0) as second:
        size = first.seek(0, 2)
        if size != second.seek(0, 2):
            return False
        if size <= 3 * _CHUNK:
            # All of it is in the hash.
            return True
        count = -(-size // _CHUNK) if size <= _WHOLE_BYTES else _SAMPLES
        for number in range(count):
            start = (
                min(number * _CHUNK, size - _CHUNK) if size <= _WHOLE_BYTES else number * (size - _CHUNK) // (count - 1)
            )
            first.seek(start)
            second.seek(start)
            if first.read(_CHUNK) != second.read(_CHUNK):
                return False
    return True


def full_hash(path: Path) -> str:
    """BLAKE2b of every byte. Raises UserFixable when the file cannot be read."""
    with reading(), path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
