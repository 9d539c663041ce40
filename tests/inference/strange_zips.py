"""Archives as nobody makes them by accident."""

from __future__ import annotations

import struct
from pathlib import Path

_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def with_a_password(archive: Path, made: Path) -> Path:
    """Every file is said to be locked."""
    return _changed(archive, made, flags=0x1)


def with_a_name_that_is_none(archive: Path, made: Path) -> Path:
    """Names are said to be UTF-8 and are not."""
    return _changed(archive, made, flags=0x800, first=0xFF)


def squeezed_with_nonsense(archive: Path, made: Path) -> Path:
    """What is only stored is said to be squeezed by LZMA."""
    return _changed(archive, made, method=14)


def with_a_place_before_its_start(archive: Path, made: Path) -> Path:
    """The table is said to lie where no file has anything."""
    data = bytearray(archive.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 16, 0xFFFF_FFF0)
    made.write_bytes(data)
    return made


def with_a_table_of_gigabytes(archive: Path, made: Path) -> Path:
    """As an archive of millions of parts has it, which would all be read at once."""
    data = bytearray(archive.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    (length,) = struct.unpack_from("<I", data, end + 12)
    more = bytes(20 << 20)
    data[end:end] = more
    struct.pack_into("<I", data, end + len(more) + 12, length + len(more))
    made.write_bytes(data)
    return made


def _changed(archive: Path, made: Path, *, flags: int = 0, method: int | None = None, first: int | None = None) -> Path:
    data = bytearray(archive.read_bytes())
    for mark, at_flags, at_name in ((_LOCAL, 6, 30), (_CENTRAL, 8, 46)):
        at = data.find(mark)
        while at >= 0:
            (old,) = struct.unpack_from("<H", data, at + at_flags)
            struct.pack_into("<H", data, at + at_flags, old | flags)
            if method is not None:
                struct.pack_into("<H", data, at + at_flags + 2, method)
            if first is not None:
                data[at + at_name] = first
            at = data.find(mark, at + 4)
    made.write_bytes(data)
    return made
