"""Wheels become a folder that Python imports from. Run by a worker process, which may write nowhere else."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.items.training import Phase

_BLOCK_BYTES = 1 << 20
_TELL_EVERY_BYTES = 8 << 20
# What only who builds against PyTorch in C++ needs, and its makers' own trials of it: a quarter of all.
_LEFT_OUT = (
    "torch/include/",
    "torch/test/",
    "torch/bin/test_",
    "torch/bin/protoc",
    "torch/bin/upgrader_models/",
    "torch/share/",
    "onnx/backend/test/data/",
)
_LEFT_OUT_ENDS = (".lib", ".a")


def unpack(wheels: Sequence[Path], site: Path, tell: Callable[[Phase], None], should_stop: Callable[[], bool]) -> None:
    """All wheels into `site`, which is not there yet.

    Raises UserFixable("training.pack_broken", "training.pack_not_written") and Cancelled; what was written stays then.
    """
    site.mkdir(parents=True)
    done = told = 0
    try:
        opened = [(wheel, zipfile.ZipFile(wheel)) for wheel in wheels]
        total = sum(member.file_size for _, archive in opened for member, _ in _wanted(archive))
        for wheel, archive in opened:
            with archive:
                for member, place in _wanted(archive):
                    target = _inside(site, place, wheel)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(member) as source, target.open("wb") as sink:
                        _copy(source, sink, should_stop)
                    done += member.file_size
                    if done - told >= _TELL_EVERY_BYTES:
                        told = done
                        tell(Phase("unpack", done, total))
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as fault:
        raise UserFixable("training.pack_broken", file=wheels[0].parent.name) from fault
    except OSError as fault:
        raise UserFixable("training.pack_not_written", why=why_of(fault)) from fault
    tell(Phase("unpack", total, total))


def _wanted(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """(member, its place in the site). Scripts, headers and manuals are for environments, which this is not."""
    for member in archive.infolist():
        place = member.filename
        first, _, rest = place.partition("/")
        if first.endswith(".data"):
            scheme, _, place = rest.partition("/")
            if scheme not in ("purelib", "platlib"):
                continue
        if not member.is_dir() and not place.startswith(_LEFT_OUT) and not place.endswith(_LEFT_OUT_ENDS):
            yield member, place


def _inside(site: Path, place: str, wheel: Path) -> Path:
    parts = PurePosixPath(place).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in place or ":" in place:
        raise UserFixable("training.pack_broken", file=wheel.name)
    return site.joinpath(*parts)


def _copy(source: IO[bytes], sink: IO[bytes], should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled
    while block := source.read(_BLOCK_BYTES):
        sink.write(block)
        if should_stop():
            raise Cancelled


def clear(folder: Path) -> None:
    """Delete a folder with all that is in it; what cannot be deleted stays, for the next time."""
    shutil.rmtree(folder, ignore_errors=True)
