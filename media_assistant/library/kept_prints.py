"""What new fingerprints are compared with, on disk, so that nobody reads all fingerprints of the library again.

Of each kind of item two files: the rows one behind the other, and a record for each (whose it is, as of which
fingerprint). They only grow, and what was added counts when a third, small file was replaced. All of it may be deleted:
what is missing is made again from the library, and what the library no longer says so is passed over.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.library.drives import is_on_network

log = logging.getLogger(__name__)

_FORMAT = 1
RECORD = np.dtype([("item", "<i8"), ("print", "<i8"), ("at_ms", "<i8"), ("start", "<i8"), ("end", "<i8")])
"""`start` and `end` are places in the rows."""
_MOST_DEAD = 0.25
_SPARE_BYTES = 256 << 20
"""Left free on the drive: a cache never takes the last room."""


class KeptPrints:
    """`rows` `[n]` or `[n, width]`, mapped, and their `records`. For one process and one thread at a time."""

    def __init__(self, folder: Path | None, name: str, form: str, row: str, width: int = 0) -> None:
        """Without a folder it lives in memory alone. Rows of another `form` than these are thrown away."""
        self._folder = folder
        self._name = name
        self._form = form
        self._row = np.dtype(row)
        self._shape = (width,) if width else ()
        self.rows: NDArray[Any] = np.zeros((0, *self._shape), self._row)
        self.records: NDArray[Any] = np.zeros(0, RECORD)
        self.is_there = False
        """Whether the files were found whole."""
        self._load()

    def alive(self, prints: dict[int, int]) -> NDArray[np.int64]:
        """Of each record the item, or -1 where the library has another last fingerprint of it than this (or none)."""
        last = np.array([prints.get(item, -1) for item in self.records["item"].tolist()], np.int64)
        return np.where(last == self.records["print"], self.records["item"], -1)

    def is_worn(self, prints: dict[int, int]) -> bool:
        """Whether too much of it is dead."""
        return bool((self.alive(prints) < 0).sum() > _MOST_DEAD * len(self.records))

    def clear(self) -> None:
        """Begin anew."""
        self.rows, self.records = np.zeros((0, *self._shape), self._row), np.zeros(0, RECORD)
        if self._folder is not None:
            with suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                for what in ("rows", "records"):
                    _write_at(self._file(what), 0, b"")
            self._settle()

    def add(self, rows: NDArray[Any], records: NDArray[Any]) -> None:
        """Rows behind those that are there; `start` and `end` of their records count from the first of them."""
        if not len(records):
            return
        records = records.copy()
        records["start"] += len(self.rows)
        records["end"] += len(self.rows)
        try:
            self._write(rows, records)
        except OSError as fault:
            # Without the file it is as right, and takes memory.
            if self._folder is not None:
                log.warning("prints of duplicates are not kept: %s", fault)
            self._folder = None
            self.rows, self.records = np.concatenate([self.rows, rows]), np.concatenate([self.records, records])

    def _write(self, rows: NDArray[Any], records: NDArray[Any]) -> None:
        if self._folder is None:
            raise OSError(errno.ENOENT, "no folder")
        self._folder.mkdir(parents=True, exist_ok=True)
        data, told = np.ascontiguousarray(rows, self._row).tobytes(), records.tobytes()
        if shutil.disk_usage(self._folder).free < len(data) + len(told) + _SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
        _write_at(self._file("rows"), self.rows.nbytes, data)
        _write_at(self._file("records"), self.records.nbytes, told)
        count = len(self.rows) + len(rows)
        self.records = np.concatenate([self.records, records])
        self._settle(count)
        self.rows = self._map(count)

    def _settle(self, count: int = 0) -> None:
        """From now on so many rows count."""
        if self._folder is None:
            return
        told = {"format": _FORMAT, "form": self._form, "rows": count, "records": len(self.records)}
        with suppress(OSError):
            file = self._file("json")
            _write_at(file.with_suffix(".new"), 0, json.dumps(told).encode())
            os.replace(file.with_suffix(".new"), file)

    def _load(self) -> None:
        if self._folder is None:
            return
        try:
            told = json.loads(self._file("json").read_bytes())
            count, records = int(told["rows"]), int(told["records"])
            if told["format"] != _FORMAT or told["form"] != self._form:
                return
            found = np.fromfile(self._file("records"), RECORD, records)
            # A shorter file would end the program where it is read past its end.
            size = count * self._row.itemsize * int(np.prod(self._shape, dtype=np.int64))
            if len(found) != records or self._file("rows").stat().st_size < size:
                return
            ends = found["end"]
            if bool((found["start"] > ends).any()) or (records and int(ends.max()) > count):
                return
            self.rows, self.records, self.is_there = self._map(count), found, True
        except (OSError, ValueError, TypeError, KeyError):
            pass

    def _map(self, count: int) -> NDArray[Any]:
        file, shape = self._file("rows"), (count, *self._shape)
        if not count:
            return np.zeros(shape, self._row)
        if is_on_network(file):
            # A mapped file of a server that goes away would end the program.
            return np.fromfile(file, self._row, int(np.prod(shape))).reshape(shape)
        return np.memmap(file, self._row, "r", shape=shape).view(np.ndarray)

    def _file(self, what: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._name}.{what}"


def _write_at(file: Path, place: int, data: bytes) -> None:
    """Write through to the drive, at this place and not behind what a process that died left there."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as out:
        out.seek(place)
        left = memoryview(data)
        while left:
            left = left[out.write(left) :]
        out.truncate()
        os.fsync(out.fileno())
