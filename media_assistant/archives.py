"""A zip archive's table of contents, measured before anybody builds it in memory: a small file may list millions of parts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 16 * 1024 * 1024
"""Of a table; that of a book of a thousand pictures takes a tenth of a megabyte."""
_END, _END_SIZE = b"PK\x05\x06", 22
_WIDE_LOCATOR, _WIDE_LOCATOR_SIZE = b"PK\x06\x07", 20
_WIDE_END, _WIDE_END_SIZE = b"PK\x06\x06", 56
_LONGEST_COMMENT = 65_535


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive whose table is not too long. Raises OSError, BadZipFile and whatever else `zipfile` meets in a table that is
    damaged.
    """
    with path.open("rb") as file:
        check_directory(file)
        with zipfile.ZipFile(file) as archive:
            yield archive


def check_directory(file: BinaryIO) -> None:
    """Raise BadZipFile for an archive without an end, or with a table longer than MOST_BYTES. Leaves `file` at its start.

    PKWARE's APPNOTE, 4.3.14 to 4.3.16: the end is in the last 64 KiB, before it may stand one with wider numbers.
    """
    size = file.seek(0, 2)
    start = max(0, size - _LONGEST_COMMENT - _END_SIZE - _WIDE_LOCATOR_SIZE - _WIDE_END_SIZE)
    file.seek(start)
    tail = file.read(size - start)
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise zipfile.BadZipFile("no end")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    locator = at - _WIDE_LOCATOR_SIZE
    wide = locator - _WIDE_END_SIZE
    if wide >= 0 and tail.startswith(_WIDE_LOCATOR, locator) and tail.startswith(_WIDE_END, wide):
        length = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if length > MOST_BYTES:
        raise zipfile.BadZipFile("a table of contents of too many parts")
