"""Know a file by its content, so that a moved or renamed one keeps everything that is known of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from media_assistant.media.faults import reading

_CHUNK = 64 * 1024
_DIGEST_BYTES = 20


def quick_hash(path: Path) -> str:
    """BLAKE2b of the size and of 64 KiB at the head, the middle and the tail; of everything when it is that short.

    Three reads, whatever the size. Two different files agree only if they were made to: `full_hash` settles it.
    Raises UserFixable when the file cannot be read.
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


def full_hash(path: Path) -> str:
    """BLAKE2b of every byte. Raises UserFixable when the file cannot be read."""
    with reading(), path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
