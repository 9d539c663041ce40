"""The training pack comes in, on a click or from a folder or archive that was carried here, and goes again.

What arrives lies beside, in a folder of its own, until it is whole and has trained a tiny network on this very computer;
then it is put in place in one step. Wheels of a download that was stopped, or killed, are used the next time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from media_assistant.archives import open_archive
from media_assistant.errors import Cancelled, UserFixable, is_no_room, why_of
from media_assistant.inference.install import check_space
from media_assistant.inference.model_pack import UNREADABLE
from media_assistant.items.training import Phase
from media_assistant.jobs.claim import claim_file
from media_assistant.jobs.limits import choose_threads
from media_assistant.paths import Paths, bundled
from media_assistant.training.backbones import FOLDER as WEIGHTS
from media_assistant.training.backbones import MOST_BYTES, check_weights, is_of_backbone
from media_assistant.training.pack import (
    ARRIVING,
    MARK,
    NAME,
    SITE,
    Pack,
    Wheel,
    key_of,
    offered_pack,
    this_python,
    this_system,
)
from media_assistant.training.unpacking import clear
from media_assistant.workflows.training.training_worker import LIMITS, ask

LIST = "training_packs.toml"
"""Of the program's resources: the packs of all systems."""
# Nothing of it is worth waiting for when the program is closed.
_LIMITS = replace(LIMITS, time_s=3600.0, silence_s=600.0, goodbye_s=2.0)
_BLOCK_BYTES = 1 << 20
_SURE_AFTER_S = 2.0
_SURE_BYTES = 1 << 20

Progress = Callable[[Phase], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class PackState:
    """What there is of the training pack on this computer."""

    offer: Pack | None = None
    """None: nobody made one for this system."""
    site: Path | None = None
    """Where the packages lie; None unless the pack of this very program is installed."""
    is_other: bool = False
    """A pack is installed, but of another version of the program."""
    arrived_bytes: int = 0
    """On the disk, of what was not ended: wheels of a download, and what a killed program was unpacking."""


NO_PACK = PackState()


def look(paths: Paths) -> PackState:
    """Quick: reads two small files."""
    offer, site = offered_pack(bundled("resources") / LIST), paths.training_pack / SITE
    key = key_of(site)
    is_right = offer is not None and key == offer.key
    arrived = _bytes_in(paths.training_pack / ARRIVING)
    return PackState(offer, site if is_right else None, bool(key) and not is_right, arrived)


def install(
    paths: Paths, pack: Pack | None, source: Path | None, mirror: str, progress: Progress, should_stop: ShouldStop
) -> None:
    """Bring in a pack, from `source` (a folder of its wheels, or an archive) or else by a download, and put it in place.

    Raises UserFixable("training.pack_…", "training.…", "download.…", "jobs.…") and Cancelled; what was there before is
    untouched then, and what a download brought is kept.
    """
    if source is not None and (weights := _weights_in(source)):
        take_weights(paths, weights)
        if not _holds_wheels(source):
            return
    if pack is None:
        raise UserFixable("training.pack_none", system=this_system(), python=this_python())
    arriving = paths.training_pack / ARRIVING
    try:
        claim = claim_file(paths.training_pack / ".lock")
    except OSError as fault:
        code = "training.pack_busy" if paths.training_pack.is_dir() else "training.pack_not_written"
        raise UserFixable(code, why=why_of(fault)) from fault
    try:
        clear(arriving / SITE)
        clear(arriving / "copied")
        wheels = gather(paths, pack, source, mirror, progress, should_stop)
        unpack_and_try(paths, wheels, progress, should_stop)
        put_in_place(paths, pack)
    except OSError as fault:
        raise UserFixable("training.pack_not_written", why=why_of(fault)) from fault
    finally:
        clear(arriving / SITE)
        clear(arriving / "copied")
        claim.release()


def gather(
    paths: Paths, pack: Pack, source: Path | None, mirror: str, progress: Progress, should_stop: ShouldStop
) -> list[Path]:
    """Every wheel of the pack as a file that is the right one, byte for byte. Raises as `install`."""
    arriving = paths.training_pack / ARRIVING
    if source is None:
        return _fetch(pack, _wheels_folder(paths), mirror, progress, should_stop)
    source = _archive_in(source)
    if source.is_dir():
        _check_room(arriving, pack.unpacked_bytes)
        return _check_folder(pack, source, progress, should_stop)
    _check_room(arriving, pack.unpacked_bytes + pack.size_bytes)
    wheels = _copy_archive(pack, source, arriving / "copied", progress, should_stop)
    take_weights(paths, _copy_weights(source, arriving / "copied"))
    return wheels


def unpack_and_try(paths: Paths, wheels: list[Path], progress: Progress, should_stop: ShouldStop) -> None:
    """By a worker process within walls: into the arriving site, and see whether it trains. Raises as `install`."""
    arriving, log_file = paths.training_pack / ARRIVING, paths.logs / "worker-training.log"
    arriving.mkdir(parents=True, exist_ok=True)
    told = {"wheels": [str(wheel) for wheel in wheels], "site": str(arriving / SITE), "scratch": str(arriving)}
    ask({"do": "unpack", **told}, log_file, (arriving,), progress, should_stop, _LIMITS)
    try:
        threads = choose_threads(whole_machine=True)
        ask({"do": "try", "threads": threads, **told}, log_file, (arriving,), progress, should_stop, _LIMITS)
    except UserFixable as fault:
        if not fault.code.startswith("jobs."):
            raise
        # It ended the worker: made for a processor that can more, or against a system library that this one lacks.
        raise UserFixable("training.pack_does_not_run") from fault


def put_in_place(paths: Paths, pack: Pack) -> None:
    """The arriving site becomes the one that is used; an older one makes room. Raises OSError."""
    arriving, site = paths.training_pack / ARRIVING, paths.training_pack / SITE
    mark = {"key": pack.key, "system": pack.system, "python": pack.python}
    (arriving / SITE / MARK).write_text(json.dumps(mark), "utf-8")
    gone = _put_aside(site)
    os.replace(arriving / SITE, site)
    clear(gone)
    clear(arriving)


def remove(paths: Paths) -> None:
    """Everything of the pack, also what a stopped download left. Raises UserFixable("training.pack_not_written")."""
    try:
        # A site that is only half deleted must not be imported from.
        _put_aside(paths.training_pack / SITE)
        if paths.training_pack.exists():
            shutil.rmtree(paths.training_pack)
    except OSError as fault:
        raise UserFixable("training.pack_not_written", why=why_of(fault)) from fault


def take_weights(paths: Paths, files: list[Path]) -> None:
    """Copy what trainings begin with to where they look for it. Raises UserFixable("training.weights_broken", …)."""
    folder = paths.user_models / WEIGHTS
    for file in files:
        check_weights(file)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside = folder / f".{file.name}.new"
            shutil.copyfile(file, beside)
            os.replace(beside, folder / file.name)
        except OSError as fault:
            raise UserFixable("training.pack_not_written", why=why_of(fault)) from fault


def _bytes_in(folder: Path) -> int:
    """0 where it is not there; what goes away meanwhile is not counted."""
    found = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):
            found += file.stat().st_size if file.is_file() else 0
    return found


def _wheels_folder(paths: Paths) -> Path:
    return paths.training_pack / ARRIVING / "wheels"


def _put_aside(site: Path) -> Path:
    """Where it is now, if there was one."""
    gone = site.with_name(".removed")
    clear(gone)
    if site.exists():
        os.replace(site, gone)
    return gone


def _check_room(arriving: Path, needed_bytes: int) -> None:
    try:
        check_space(arriving, "", needed_bytes)
    except UserFixable as fault:
        raise UserFixable("training.pack_no_room", **fault.parameters) from fault


# ── by a download ─────────────────────────────────────────────────────────────────────────────────────────────────


def _fetch(pack: Pack, folder: Path, mirror: str, progress: Progress, should_stop: ShouldStop) -> list[Path]:
    from media_assistant.inference.download import RemoteFile, fetch_known
    from media_assistant.workflows.models.installing import seldom

    _check_room(folder, pack.unpacked_bytes + max(0, pack.size_bytes - _bytes_in(folder)))
    base = mirror.rstrip("/")
    files = [
        RemoteFile(wheel.file, wheel.size_bytes, wheel.sha256, f"{base}/{wheel.file}" if base else wheel.url)
        for wheel in pack.wheels
    ]
    began: list[tuple[float, int]] = []

    def tell(done: int, total: int) -> None:
        if not began:
            began.append((time.monotonic(), done))
        took_s, came = time.monotonic() - began[0][0], done - began[0][1]
        is_sure = took_s > _SURE_AFTER_S and came > _SURE_BYTES
        progress(Phase("fetch", done, total, (total - done) * took_s / came if is_sure else None))

    try:
        return fetch_known(files, folder, progress=seldom(tell), should_stop=should_stop)
    except UserFixable as fault:
        match fault.code:
            case "download.not_found":
                raise UserFixable("training.pack_not_there", file=str(fault.parameters["file"])) from fault
            case "download.not_writable":
                raise UserFixable("training.pack_not_written", why=fault.parameters["reason"]) from fault
            case _:
                raise


# ── from a folder or an archive ───────────────────────────────────────────────────────────────────────────────────


def _archive_in(source: Path) -> Path:
    """A folder that holds an archive of a pack, such as that of the installer, stands for the archive."""
    if source.is_dir() and not any(source.glob("*.whl")):
        found = sorted(source.glob(f"{NAME}-*.zip"))
        fitting = [file for file in found if this_system() in file.name] or found
        return fitting[0] if fitting else source
    return source


def _weights_in(source: Path) -> list[Path]:
    """Those that trainings begin with; a folder may hold networks of others beside them."""
    return sorted(file for file in source.glob("*.pth") if is_of_backbone(file.name)) if source.is_dir() else []


def _holds_wheels(source: Path) -> bool:
    return any(source.glob("*.whl")) or any(source.glob(f"{NAME}-*.zip"))


def _check_names(pack: Pack, names: set[str], where: str) -> None:
    """Raise UserFixable unless every wheel of the pack is among them."""
    missing = [wheel.file for wheel in pack.wheels if wheel.file not in names]
    if not missing:
        return
    if not any(name.startswith("torch-") and name.endswith(".whl") for name in names):
        raise UserFixable("training.pack_not_one", source=where)
    if any(name.startswith("torch-") for name in missing):
        # There is a PyTorch, but another: for another Python, another system, another version of this program.
        raise UserFixable("training.pack_other", source=where, python=this_python(), system=this_system())
    some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
    raise UserFixable("training.pack_incomplete", source=where, missing=some)


def _check_folder(pack: Pack, folder: Path, progress: Progress, should_stop: ShouldStop) -> list[Path]:
    _check_names(pack, {file.name for file in folder.glob("*.whl")}, folder.name)
    reader = _Reader(pack.size_bytes, progress, should_stop)
    for wheel in pack.wheels:
        with _readable(folder.name), (folder / wheel.file).open("rb") as data:
            reader.read(wheel, data)
    return [folder / wheel.file for wheel in pack.wheels]


def _copy_archive(pack: Pack, archive: Path, folder: Path, progress: Progress, should_stop: ShouldStop) -> list[Path]:
    """Wheels within an archive cannot be unpacked where they lie."""
    folder.mkdir(parents=True)
    reader = _Reader(pack.size_bytes, progress, should_stop)
    with _readable(archive.name), open_archive(archive) as opened:
        _check_names(pack, set(opened.namelist()), archive.name)
        for wheel in pack.wheels:
            with opened.open(wheel.file) as data, (folder / wheel.file).open("wb") as sink:
                reader.read(wheel, data, sink)
    return [folder / wheel.file for wheel in pack.wheels]


def _copy_weights(archive: Path, folder: Path) -> list[Path]:
    with _readable(archive.name), open_archive(archive) as opened:
        names = [name for name in opened.namelist() if is_of_backbone(name)]
        for name in names:
            with opened.open(name) as data, (folder / name).open("wb") as sink:
                while block := data.read(_BLOCK_BYTES):
                    sink.write(block)
                    if sink.tell() > MOST_BYTES:
                        raise UserFixable("training.pack_half", source=archive.name)
    return [folder / name for name in names]


@contextlib.contextmanager
def _readable(source: str) -> Iterator[None]:
    """What is wrong with a folder or an archive that a person gave becomes a sentence."""
    try:
        yield
    except UNREADABLE as fault:
        raise UserFixable("training.pack_half", source=source) from fault
    except OSError as fault:
        if is_no_room(fault):
            raise
        raise UserFixable("training.pack_unreadable", source=source, why=why_of(fault)) from fault


class _Reader:
    """Reads wheels to their ends and knows whether each is the right one; tells how far it is in all of them."""

    def __init__(self, total_bytes: int, progress: Progress, should_stop: ShouldStop) -> None:
        self._done, self._total = 0, total_bytes
        self._progress, self._should_stop = progress, should_stop

    def read(self, wheel: Wheel, data: IO[bytes], sink: IO[bytes] | None = None) -> None:
        """Raises UserFixable("training.pack_broken") and Cancelled."""
        digest, left = hashlib.sha256(), wheel.size_bytes
        while block := data.read(_BLOCK_BYTES):
            if self._should_stop():
                raise Cancelled
            left -= len(block)
            if left < 0:  # perhaps without an end
                raise UserFixable("training.pack_broken", file=wheel.file)
            digest.update(block)
            if sink is not None:
                sink.write(block)
            self._done += len(block)
            self._progress(Phase("read", min(self._done, self._total), self._total))
        if digest.hexdigest() != wheel.sha256:
            raise UserFixable("training.pack_broken", file=wheel.file)
