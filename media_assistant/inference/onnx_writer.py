"""Writes small ONNX files without the `onnx` package, which the program does not bring along.

Only what the program itself writes: stand-ins, a trial of the hardware, rows of four bits. Field numbers:
github.com/onnx/onnx, onnx/onnx.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_IR_VERSION, _OPSET = 9, 17
_REAL, _UINT8, _INT8, _LONG = 1, 2, 3, 7
_TYPES = {np.dtype(np.float32): _REAL, np.dtype(np.uint8): _UINT8, np.dtype(np.int8): _INT8, np.dtype(np.int64): _LONG}
_FLOAT_ATTRIBUTE, _INT_ATTRIBUTE, _INTS_ATTRIBUTE = 1, 2, 7


@dataclass(slots=True)
class Graph:
    """Nodes and tables in the order in which they were added. `save` writes one file."""

    _nodes: list[bytes] = field(default_factory=list)
    _tables: list[bytes] = field(default_factory=list)
    _inputs: list[bytes] = field(default_factory=list)
    _outputs: list[bytes] = field(default_factory=list)
    _domains: set[str] = field(default_factory=set)
    _count: int = 0

    def add(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: float | int | Sequence[int]
    ) -> Any:
        """A node, of ONNX's own kinds or of another `domain`; gives the name of its output, or a tuple of names."""
        self._count += 1
        names = [f"{kind}_{self._count}_{number}" for number in range(outputs)]
        node = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in names)
        node += _text(4, kind) + b"".join(_block(5, _attribute(name, value)) for name, value in attributes.items())
        if domain:
            node += _text(7, domain)
            self._domains.add(domain)
        self._nodes.append(node)
        return names[0] if outputs == 1 else tuple(names)

    def table(self, values: NDArray[Any]) -> str:
        """Constant values; gives their name."""
        self._count += 1
        name = f"table_{self._count}"
        lengths = b"".join(_number(1, length) for length in values.shape)
        data = np.ascontiguousarray(values).tobytes()
        self._tables.append(lengths + _number(2, _TYPES[values.dtype]) + _text(8, name) + _block(9, data))
        return name

    def take(self, name: str, kind: type[np.generic], shape: Sequence[int | str]) -> str:
        """An input of the graph; a length that is a word is free."""
        self._inputs.append(_port(name, kind, shape))
        return name

    def give(self, inner: str, name: str, shape: Sequence[int | str]) -> None:
        """The value `inner` leaves the graph under `name`, as real numbers."""
        self._nodes.append(_text(1, inner) + _text(2, name) + _text(4, "Identity"))
        self._outputs.append(_port(name, np.float32, shape))

    def save(self, file: Path) -> None:
        """Write the model; raises OSError."""
        file.write_bytes(self.model())

    def model(self) -> bytes:
        """What `save` writes."""
        parts = [_block(1, node) for node in self._nodes] + [_text(2, "graph")]
        parts += [_block(5, table) for table in self._tables]
        parts += [_block(11, port) for port in self._inputs] + [_block(12, port) for port in self._outputs]
        opsets = _block(8, _text(1, "") + _number(2, _OPSET))
        opsets += b"".join(_block(8, _text(1, domain) + _number(2, 1)) for domain in sorted(self._domains))
        return _number(1, _IR_VERSION) + _block(7, b"".join(parts)) + opsets


def _port(name: str, kind: type[np.generic], shape: Sequence[int | str]) -> bytes:
    lengths = b"".join(
        _block(1, _number(1, length) if isinstance(length, int) else _text(2, length)) for length in shape
    )
    tensor = _number(1, _TYPES[np.dtype(kind)]) + _block(2, lengths)
    return _text(1, name) + _block(2, _block(1, tensor))


def _attribute(name: str, value: float | int | Sequence[int]) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _key(2, 5) + struct.pack("<f", value) + _number(20, _FLOAT_ATTRIBUTE)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT_ATTRIBUTE)
    return _text(1, name) + b"".join(_number(8, each) for each in value) + _number(20, _INTS_ATTRIBUTE)


def _key(field_number: int, kind: int) -> bytes:
    return _varint(field_number << 3 | kind)


def _number(field_number: int, value: int) -> bytes:
    return _key(field_number, 0) + _varint(value & (1 << 64) - 1)


def _text(field_number: int, value: str) -> bytes:
    return _block(field_number, value.encode())


def _block(field_number: int, value: bytes) -> bytes:
    return _key(field_number, 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
