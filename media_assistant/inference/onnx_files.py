"""Which files an ONNX graph keeps its weights in, read from the protobuf itself without loading anything.

A graph may name any path as the home of its weights (`external_data`, onnx.proto), so a hostile one could name a
file that is none of its business. Field numbers: github.com/onnx/onnx, onnx/onnx.proto.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

# message → {field number: message it holds}; what is not listed cannot lead to a tensor and is skipped.
_CHILDREN: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Sparse"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Sparse", 23: "Sparse"},
    "Sparse": {1: "Tensor", 2: "Tensor"},
    "Tensor": {13: "Entry"},
}


def external_files(model: Path) -> frozenset[str]:
    """The file names that the graph in `model` names for its weights, as written there. Raises ValueError if it is no ONNX file."""
    size = model.stat().st_size
    if size == 0:
        raise ValueError("empty file")
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            # Nearly any bytes make some protobuf; a model is one with a graph in it.
            if all(_CHILDREN["Model"].get(number) != "Graph" for number, _, _ in _fields(data, 0, size)):
                raise ValueError("no graph")
            return frozenset(_locations(data, 0, size, "Model", 0))
        except IndexError as fault:
            raise ValueError("ends in the middle") from fault


def _locations(data: mmap.mmap, start: int, end: int, message: str, depth: int) -> Iterator[str]:
    if depth > 64:
        raise ValueError("nested too deeply")
    children = _CHILDREN[message]
    for number, begin, stop in _fields(data, start, end):
        child = children.get(number)
        if child == "Entry":
            pair = {field: data[a:b] for field, a, b in _fields(data, begin, stop)}
            if pair.get(1) == b"location":
                yield pair.get(2, b"").decode("utf-8", "surrogateescape")
        elif child is not None:
            yield from _locations(data, begin, stop, child, depth + 1)


def _fields(data: mmap.mmap, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(field number, start, end) of every length-delimited field."""
    while position < end:
        key, position = _varint(data, position)
        kind = key & 7
        if kind == 0:
            _, position = _varint(data, position)
        elif kind == 1:
            position += 8
        elif kind == 5:
            position += 4
        elif kind == 2:
            length, position = _varint(data, position)
            if position + length > end:
                raise ValueError("a field is longer than its message")
            yield key >> 3, position, position + length
            position += length
        else:
            raise ValueError("not a protobuf")
    if position != end:
        raise ValueError("ends in the middle")


def _varint(data: mmap.mmap, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("not a protobuf")
