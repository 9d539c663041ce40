"""The int8 rows of one space on disk, so that the next start need not make them anew. All of it may be deleted.

Three files: the rows one behind the other, a record for each (id, item, scale), and a small one that says what of
those two counts. The first two only grow, and what was added counts when the third was replaced, by one rename: a
process that dies in between leaves the state before. What is written anew gets new names. A lock lets one process write
at a time; whoever finds that another has written says so with `Displaced`.

Nothing here knows the truth: whoever loads it compares it with the library.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from media_assistant.jobs.claim import claim_file
from media_assistant.library.drives import is_on_network
from media_assistant.library.vectors.scanning import Bytes, Floats, Ints

_FORMAT = 1
_RECORD = np.dtype([("id", "<i8"), ("item", "<i8"), ("scale", "<f4"), ("zero", "<u4")])
PART = 65_536
"""So many rows have a check sum of their own."""
_SPARE_BYTES = 256 << 20
"""Left free on the drive: a cache never takes the last room."""


class Displaced(Exception):
    """Another process has written since; what is known here of the files is out of date."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the files counts: so many rows of this width under these names, and their check sums."""

    space: str
    width: int
    count: int
    name: str
    parts: tuple[int, ...]
    """CRC-32 of the rows, `PART` at a time."""
    records: int
    """CRC-32 of the records."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Int8 rows `[n, d]`, and of each its id (rising), item and scale (NaN: the vector was deleted)."""

    bytes: Bytes
    ids: Ints
    items: Ints
    scales: Floats


class MatrixFile:
    """The files of one space in a folder. For one thread at a time."""

    def __init__(self, folder: Path, space: str) -> None:
        self._folder = folder
        self._space = space
        self._stem = stem_of(space)
        self._kept: Kept | None = None

    @property
    def count(self) -> int:
        """How many rows the files hold, as far as is known here."""
        return self._kept.count if self._kept else 0

    def load(self) -> Rows | None:
        """What the files hold, the rows mapped and not read; None if there is nothing whole."""
        self._kept = kept = self._read()
        if kept is None:
            return None
        try:
            raw = self._file(kept, "records").read_bytes()[: kept.count * _RECORD.itemsize]
            records = np.frombuffer(raw, _RECORD)
            ids = records["id"].astype(np.int64)
            if len(records) == kept.count and zlib.crc32(raw) == kept.records and bool((np.diff(ids) > 0).all()):
                return Rows(self._map(kept), ids, records["item"].astype(np.int64), records["scale"].astype(np.float32))
        except (OSError, ValueError):
            pass
        self.drop()
        return None

    def append(self, added: Rows) -> Bytes:
        """Write rows behind those that are there; gives all of them, mapped. Raises OSError and Displaced."""
        with self._writing():
            kept = self._kept or Kept(self._space, added.bytes.shape[1], 0, f"{self._stem}-{uuid4().hex[:12]}", (), 0)
            written = self._write(kept, added)
            self._settle(written)
        return self._map(written)

    def replace(self, pieces: Iterable[Rows]) -> Bytes | None:
        """Write these rows in the place of all that is there; gives them mapped. Raises OSError and Displaced."""
        with self._writing():
            written: Kept | None = None
            try:
                for piece in pieces:
                    start = written or Kept(
                        self._space, piece.bytes.shape[1], 0, f"{self._stem}-{uuid4().hex[:12]}", (), 0
                    )
                    written = self._write(start, piece)
            except BaseException:
                if written is not None:
                    self._delete(written.name)
                raise
            if written is None:
                self._drop()
                return None
            self._settle(written)
        return self._map(written)

    def is_whole(self, should_stop: Callable[[], bool]) -> bool:
        """Whether every row is as it was written. Reads all of them."""
        kept = self._kept
        if kept is None:
            return True
        try:
            with self._file(kept, "rows").open("rb") as file:
                for number, mark in enumerate(kept.parts):
                    if should_stop():
                        return True
                    part = file.read(min(PART, kept.count - number * PART) * kept.width)
                    if zlib.crc32(part) != mark:
                        return False
        except OSError:
            return False
        return True

    def drop(self) -> None:
        """Delete the files, as far as they can be, and know of none."""
        with suppress(OSError, Displaced), self._writing():
            self._drop()
        self._kept = None

    def _drop(self) -> None:
        self._kept = None
        self._folder.joinpath(f"{self._stem}.json").unlink(missing_ok=True)
        self._sweep()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """As the only process, with the files as they are known here. Raises OSError and Displaced."""
        claim = claim_file(self._folder / f"{self._stem}.lock")
        try:
            if self._read() != self._kept:
                raise Displaced
            yield
        finally:
            claim.release()

    def _write(self, kept: Kept, added: Rows) -> Kept:
        """The rows behind those of `kept`; they do not count yet."""
        records = np.zeros(len(added.ids), _RECORD)
        records["id"], records["item"], records["scale"] = added.ids, added.items, added.scales
        rows = np.ascontiguousarray(added.bytes).data.cast("B")
        if shutil.disk_usage(self._folder).free < len(rows) + records.nbytes + _SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._folder))
        _write_at(self._file(kept, "rows"), kept.count * kept.width, rows)
        _write_at(self._file(kept, "records"), kept.count * _RECORD.itemsize, records.tobytes())
        parts = list(kept.parts)
        place = 0
        while place < len(added.ids):
            number, begun = divmod(kept.count + place, PART)
            end = min(place + PART - begun, len(added.ids))
            mark = zlib.crc32(rows[place * kept.width : end * kept.width], parts[number] if begun else 0)
            parts[number:] = [mark]
            place = end
        count = kept.count + len(added.ids)
        mark = zlib.crc32(records.tobytes(), kept.records)
        return Kept(kept.space, kept.width, count, kept.name, tuple(parts), mark)

    def _settle(self, written: Kept) -> None:
        """From now on this counts."""
        text = json.dumps({"format": _FORMAT, **asdict(written)}, ensure_ascii=False)
        file = self._folder / f"{self._stem}.json"
        _write_at(file.with_suffix(".new"), 0, _sealed(text))
        os.replace(file.with_suffix(".new"), file)
        self._kept = written
        self._sweep()

    def _sweep(self) -> None:
        """Delete files of this space that no longer count. One that is still mapped elsewhere may stay for now."""
        for file in self._folder.glob(f"{self._stem}-*"):
            if self._kept is None or not file.name.startswith(self._kept.name):
                with suppress(OSError):
                    file.unlink()

    def _delete(self, name: str) -> None:
        for file in self._folder.glob(f"{name}*"):
            with suppress(OSError):
                file.unlink()

    def _read(self) -> Kept | None:
        """What counts on disk now; None if nothing whole does."""
        try:
            text, _, seal = (self._folder / f"{self._stem}.json").read_bytes().rpartition(b"\n")
            told = json.loads(text) if _seal(text) == seal else {}
            if told.pop("format", 0) != _FORMAT or told.get("space") != self._space:
                return None
            kept = Kept(**{**told, "parts": tuple(told["parts"])})
            # A shorter file would end the program where it is read past its end.
            is_long_enough = (
                kept.count > 0
                and self._file(kept, "rows").stat().st_size >= kept.count * kept.width
                and self._file(kept, "records").stat().st_size >= kept.count * _RECORD.itemsize
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return kept if is_long_enough else None

    def _map(self, kept: Kept) -> Bytes:
        file, shape = self._file(kept, "rows"), (kept.count, kept.width)
        if is_on_network(file):
            # A mapped file of a server that goes away would end the program.
            return np.fromfile(file, np.int8, kept.count * kept.width).reshape(shape)
        mapped: NDArray[np.int8] = np.memmap(file, np.int8, "r", shape=shape)
        return mapped.view(np.ndarray)

    def _file(self, kept: Kept, what: str) -> Path:
        return self._folder / f"{kept.name}.{what}"


def stem_of(space: str) -> str:
    """How the names of a space's files begin."""
    return hashlib.blake2b(space.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def sweep_spaces(folder: Path, spaces: Iterable[str]) -> None:
    """Delete the files of all other spaces: of models that the library no longer has anything of."""
    known = {stem_of(space) for space in spaces}
    with suppress(OSError):
        for file in list(folder.iterdir()):
            if file.name[:16] not in known:
                with suppress(OSError):
                    file.unlink()


def _write_at(file: Path, place: int, data: memoryview | bytes) -> None:
    """Write through to the drive, at this place and not behind what a process that died left there."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as out:
        out.seek(place)
        left = memoryview(data)
        while left:
            left = left[out.write(left) :]
        if out.tell() < os.fstat(out.fileno()).st_size:
            out.truncate()
        os.fsync(out.fileno())


def _seal(text: bytes) -> bytes:
    return b"%08x" % zlib.crc32(text)


def _sealed(text: str) -> bytes:
    data = text.encode()
    return data + b"\n" + _seal(data)
