"""A library rebuilt from an open export: all of it, or the file that was there before stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.whereabouts import Found
from media_assistant.jobs.claim import claim_library
from media_assistant.library.export.export_records import MAJOR, PARTS, SCHEMA
from media_assistant.library.export.rebuild import Rebuild
from media_assistant.library.library import Library, Location
from media_assistant.media.identity import quick_hash
from media_assistant.paths import Paths
from media_assistant.workflows.intake.relinking import is_away, look_in_folder
from media_assistant.workflows.keeping.exporting import Progress, read_manifest

_LONGEST = 64 * 1024 * 1024
"""Bytes of a line; ours are far below."""
_STEP = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`missing` items have no file where one was or near it; `found` ones had moved within their folders."""

    library: Path
    items: int
    missing: int
    found: int


def rebuild_library(
    folder: Path,
    paths: Paths,
    *,
    progress: Progress = lambda _done, _all: None,
    should_stop: Callable[[], bool] = bool,
) -> Rebuilt:
    """Make the library that an export holds at `paths`, where there is none yet or an empty one.

    Raises Cancelled, and UserFixable: `workflows.rebuild_not_empty`, `workflows.export_not_whole`,
    `workflows.export_newer`, `workflows.export_line` with the number of a line that is broken, and the library's own.
    """
    target = Path(os.path.abspath(paths.library))
    try:
        manifest = read_manifest(folder)
    except OSError as fault:
        raise UserFixable("workflows.export_not_whole", folder=str(folder), file=folder.name) from fault
    _check_manifest(folder, manifest)
    assert manifest is not None
    claim = claim_library(target)
    try:
        _check_empty(target)
        new = target.with_name(target.name + ".rebuilding")
        rebuild = Rebuild(new)
        try:
            _read_all(rebuild, folder, manifest["files"], progress, should_stop)
            _stop_if(should_stop)
            items, missing, found = _settle(new, should_stop)
            _stop_if(should_stop)
            _put(new, target)
            # Pictures of another library that once lay here.
            shutil.rmtree(paths.previews, ignore_errors=True)
        finally:
            rebuild.discard()
    finally:
        claim.release()
    return Rebuilt(target, items, missing, found)


def _stop_if(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Cancelled


def _check_manifest(folder: Path, manifest: dict[str, Any] | None) -> None:
    if manifest is None:
        raise UserFixable("workflows.export_not_whole", folder=str(folder), file="manifest.json")
    _check_version(folder, manifest.get("version"))
    for part in PARTS:
        if not isinstance(manifest["files"].get(f"{part}.jsonl"), dict) or not (folder / f"{part}.jsonl").is_file():
            raise UserFixable("workflows.export_not_whole", folder=str(folder), file=f"{part}.jsonl")


def _check_version(folder: Path, version: object) -> None:
    major = str(version).partition(".")[0]
    if not major.isdecimal() or not 0 < int(major[:9]) <= MAJOR:
        raise UserFixable("workflows.export_newer", folder=str(folder), version=str(version)[:20], known=MAJOR)


def _check_empty(target: Path) -> None:
    """Raises UserFixable("workflows.rebuild_not_empty") for a library in which there is anything."""
    if not target.exists() or not target.stat().st_size:
        return
    try:
        with closing(Library.open(target, read_only=True)) as library:
            if library.is_blank():
                return
    except UserFixable as fault:
        if fault.code == "library.absent":
            return
        if fault.code != "library.older":
            raise
    raise UserFixable("workflows.rebuild_not_empty", library=str(target))


# Lines


def _read_all(
    rebuild: Rebuild,
    folder: Path,
    files: dict[str, Any],
    progress: Progress,
    should_stop: Callable[[], bool],
) -> None:
    told = [files[f"{part}.jsonl"].get("lines") for part in PARTS]
    total = sum(lines for lines in told if isinstance(lines, int))
    done = 0
    for part in PARTS:
        file = folder / f"{part}.jsonl"
        for number, plain in _lines(file, part, files[file.name].get("sha256")):
            try:
                if number == 1:
                    rebuild.set_last_ids(plain.get("last_ids") or {})
                else:
                    rebuild.put(part, plain)
            except ValueError as fault:
                _refuse(file, number, fault)
            done += 1
            if done % _STEP == 0:
                progress(done, max(done, total))
                _stop_if(should_stop)
    progress(done, max(done, total))
    try:
        rebuild.finish(should_stop)
    except ValueError as fault:
        raise UserFixable("workflows.export_not_whole", folder=str(folder), file=str(fault)) from fault


def _lines(file: Path, part: str, sha256: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line but the last, which says how many there are. Raises UserFixable for a file that is not as it was written."""
    digest = hashlib.sha256()
    number = 0
    end: dict[str, Any] | None = None
    try:
        with file.open("rb") as opened:
            while data := opened.readline(_LONGEST):
                digest.update(data)
                number += 1
                try:
                    plain = _parse(data)
                    if end is not None:
                        raise ValueError("it comes after the end")
                    if number == 1:
                        _check_header(file, plain, part)
                except ValueError as fault:
                    _refuse(file, number, fault)
                if plain["type"] == "end":
                    end = plain
                else:
                    yield number, plain
    except OSError as fault:
        raise UserFixable("workflows.export_not_whole", folder=str(file.parent), file=file.name) from fault
    if end is None or end.get("lines") != number - 2 or digest.hexdigest() != sha256:
        raise UserFixable("workflows.export_not_whole", folder=str(file.parent), file=file.name)


def _parse(data: bytes) -> dict[str, Any]:
    if not data.endswith(b"\n"):
        raise ValueError("it has no end")
    try:
        plain = json.loads(data.decode(), parse_constant=_no_number)
    except (UnicodeDecodeError, RecursionError) as fault:
        raise ValueError("no JSON") from fault
    if not isinstance(plain, dict) or not isinstance(plain.get("type"), str):
        raise ValueError("no object with a type")
    return plain


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _check_header(file: Path, plain: dict[str, Any], part: str) -> None:
    if plain["type"] != "header" or plain.get("schema") != SCHEMA or plain.get("part") != part:
        raise ValueError("not the header of this file")
    _check_version(file.parent, plain.get("version"))


def _refuse(file: Path, number: int, fault: ValueError) -> NoReturn:
    raise UserFixable(
        "workflows.export_line", file=str(file), number=number, why=" ".join(str(fault).split())[:200]
    ) from fault


# Files


def _settle(new: Path, should_stop: Callable[[], bool]) -> tuple[int, int, int]:
    """See where the items' files are now: (items, missing ones, those that had moved)."""
    with closing(Library.open(new)) as library:
        gone: list[str] = []
        away: list[str] = []
        back: list[str] = []
        roots = [path for path, _ in library.root_paths()]
        for place in library.locations():
            _stop_if(should_stop)
            is_there = _is_there(place)
            if is_there and place.is_missing:
                back.append(place.path)
            elif not is_there and not place.is_missing:
                (away if is_away(place.path, roots) else gone).append(place.path)
        library.mark_present(back)
        library.mark_missing(gone)
        library.mark_missing(away, is_offline=True)
        found = 0
        lost = library.lost_items()
        for root in roots if lost else ():
            near: tuple[Found, ...] = look_in_folder(library, Path(root), should_stop=should_stop).found
            if near:
                library.relink(near)
                found += len(near)
        return len(library.item_ids()), len(library.lost_items()), found


def _is_there(place: Location) -> bool:
    """Whether the file that lies there is the item's: by size and time as when it was read, else by its content."""
    try:
        about = os.stat(place.path)
        if about.st_size != place.size_bytes:
            return False
        return about.st_mtime_ns == place.modified_ns or quick_hash(Path(place.path)) == place.quick_hash
    except (OSError, ValueError, UserFixable):
        return False


def _put(new: Path, target: Path) -> None:
    try:
        with new.open("rb+") as opened:
            os.fsync(opened.fileno())
        if target.exists():
            # What an empty library had not yet written to its file must not be taken for a part of the new one.
            for ending in ("-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    target.with_name(target.name + ending).unlink()
        os.replace(new, target)
    except OSError as fault:
        raise UserFixable("library.cannot_open", library=str(target)) from fault
