"""How window and worker process talk: length-prefixed messages over pipes, small and plain.

A message is 4 bytes little-endian length of the header, 4 bytes length of the data, a JSON header, raw data. The header
stays under `MAX_HEADER` so that no JSON parse holds the interpreter's lock long enough to be seen in the window.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

MAX_HEADER = 64 * 1024
MAX_DATA = 4 * 1024 * 1024
_PREFIX = struct.Struct("<II")


def write_message(stream: IO[bytes], header: dict[str, Any], data: bytes = b"") -> None:
    """Write one message and flush. Raises ValueError if it is too large, OSError if the other side is gone."""
    encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")
    if len(encoded) > MAX_HEADER or len(data) > MAX_DATA:
        raise ValueError(f"message too large: {len(encoded)} and {len(data)} bytes")
    stream.write(_PREFIX.pack(len(encoded), len(data)) + encoded + data)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message, or None when the other side has closed. Raises ValueError for anything that is not one."""
    prefix = _read_exactly(stream, _PREFIX.size)
    if not prefix:
        return None
    header_size, data_size = _PREFIX.unpack(prefix)
    if header_size > MAX_HEADER or data_size > MAX_DATA:
        raise ValueError("not a message: absurd length")
    header = json.loads(_read_exactly(stream, header_size).decode("utf-8", "surrogateescape"))
    if not isinstance(header, dict):
        raise ValueError("not a message: header is no object")
    return header, _read_exactly(stream, data_size) if data_size else b""


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    """`size` bytes; empty at a clean end. Raises ValueError when the stream ends in the middle."""
    parts: list[bytes] = []
    missing = size
    while missing:
        part = stream.read(missing)
        if not part:
            if missing == size:
                return b""
            raise ValueError("the other side went away in the middle of a message")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
