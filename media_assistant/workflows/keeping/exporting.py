"""The open export: a folder that holds the library for any program to read, and that it can be rebuilt from.

It is written beside its place and put there when it is whole. What lies there before goes only if it is an earlier
export of ours in which nobody put or changed anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.jobs.claim import claim_library
from media_assistant.library.export.export_forms import to_json
from media_assistant.library.export.export_records import MAJOR, MINOR, PARTS, SCHEMA
from media_assistant.library.library import Library
from media_assistant.paths import bundled
from media_assistant.workflows.keeping.sidecars import write_sidecars

MANIFEST = "manifest.json"
SIDECARS = "sidecars"
LIST = "sidecars.jsonl"
PAGES = ("README.md", "schema.json")
"""What the lines mean; copied along, so that an export explains itself."""

MADE_ANEW = ("preview",)
"""Analysers that make files in the cache, which no export holds."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """`nameless` sidecars have a name that this disk cannot hold; what they say is in the lines all the same."""

    folder: Path
    items: int
    lines: int
    sidecars: int
    nameless: int


def export_library(
    library: Library,
    folder: Path,
    *,
    language: str = "en",
    progress: Progress = lambda _done, _all: None,
    should_stop: Callable[[], bool] = bool,
) -> Exported:
    """Write the open export to `folder`; tags in sidecars have their names in `language`.

    Raises Cancelled, and UserFixable: `workflows.export_is_drive`, `workflows.export_foreign`,
    `workflows.export_in_work`, `workflows.export_not_written`.
    """
    place = Path(os.path.realpath(folder))
    if not place.name or os.path.ismount(place):
        # It is written beside its place, and beside a whole drive there is nothing of that drive.
        raise UserFixable("workflows.export_is_drive", folder=str(place))
    unfinished, replaced = (_beside(place, what) for what in ("unfinished", "replaced"))
    try:
        if replaced.exists() and not place.exists():
            os.rename(replaced, place)  # killed between two renames
        _check_place(place)
        with ExitStack() as held:
            try:
                claim = claim_library(unfinished)
            except UserFixable as fault:
                if fault.code == "jobs.library_in_use":
                    raise UserFixable("workflows.export_in_work", folder=str(place)) from fault
                why = fault.parameters["why"]
                raise UserFixable("workflows.export_not_written", folder=str(place), why=why) from fault
            held.callback(_let_go, claim, unfinished)
            _clear(unfinished)
            held.callback(_clear, unfinished)
            unfinished.mkdir()
            exported = _write(library, unfinished, language, progress, should_stop)
            _check_place(place)  # writing took its time
            _put(unfinished, place, replaced)
    except OSError as fault:
        why = why_of(fault)
        raise UserFixable("workflows.export_not_written", folder=str(place), why=why) from fault
    return Exported(place, *exported)


def _beside(place: Path, what: str) -> Path:
    """A hidden folder that belongs to this place alone. Of a long name the head is enough for people, and fits."""
    digest = hashlib.blake2b(os.fsencode(place.name), digest_size=4).hexdigest()
    return place.with_name(f".{place.name[:30]}-{digest}.{what}-export")


def _let_go(claim: Any, unfinished: Path) -> None:
    claim.release()
    with suppress(OSError):
        unfinished.with_name(unfinished.name + ".lock").unlink()


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _write(
    library: Library, folder: Path, language: str, progress: Progress, should_stop: Callable[[], bool]
) -> tuple[int, int, int, int]:
    """Into a new folder; (items, lines, sidecars, nameless ones)."""
    files: dict[str, dict[str, object]] = {}
    for name in PAGES:
        data = (bundled("resources") / "open-export" / name).read_bytes()
        _keep(folder / name, data)
        files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with library.snapshot():
        items = len(library.item_ids())
        total = library.export_size() + items
        done = 0

        def step(by: int) -> None:
            nonlocal done
            done += by
            if done % 200 == 0 or by == 0:
                progress(done, total)
                if should_stop():
                    raise Cancelled

        step(0)
        for part in PARTS:
            name = f"{part}.jsonl"
            files[name] = _write_lines(folder / name, library.export_lines(part, MADE_ANEW), step)
        lines = done
        counts = [0, 0]
        files[LIST] = _write_lines(
            folder / LIST, _sidecar_lines(library, folder, language, counts, step), lambda _by: None
        )
    manifest = {"schema": SCHEMA, "version": f"{MAJOR}.{MINOR}", "files": files}
    _keep(folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    step(0)
    return items, lines, counts[0], counts[1]


def _sidecar_lines(
    library: Library, folder: Path, language: str, counts: list[int], step: Callable[[int], None]
) -> Iterator[dict[str, Any]]:
    for items, sidecars in write_sidecars(library, folder / SIDECARS, language):
        for sidecar in sidecars:
            counts[not sidecar.path] += 1
            if sidecar.path:
                yield {"file": _shown(sidecar.path), "sha256": sidecar.sha256, "item": sidecar.item_id}
        step(items or 0)


def _shown(path: str) -> str | dict[str, str]:
    """A path in JSON, with `/` between its parts."""
    stored = os.fsencode(path.replace(os.sep, "/"))
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return {"bytes": stored.hex()}


def _write_lines(file: Path, lines: Iterator[dict[str, Any]], step: Callable[[int], None]) -> dict[str, object]:
    digest = hashlib.sha256()
    count = size = 0
    with file.open("xb") as out:
        for line in lines:
            data = to_json(line).encode() + b"\n"
            out.write(data)
            digest.update(data)
            size += len(data)
            count += 1
            if line.get("type") not in ("header", "end"):
                step(1)
        out.flush()
        os.fsync(out.fileno())
    return {"bytes": size, "lines": count, "sha256": digest.hexdigest()}


def _keep(file: Path, data: bytes) -> None:
    with file.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


# The place


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What an export says of itself; None where there is none. Raises OSError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        return None
    is_ours = (
        isinstance(manifest, dict) and manifest.get("schema") == SCHEMA and isinstance(manifest.get("files"), dict)
    )
    return manifest if is_ours else None


def _check_place(place: Path) -> None:
    """Raises UserFixable("workflows.export_foreign") for a folder that holds anything but an export as we wrote it."""
    if not os.path.lexists(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        return
    if not place.is_dir():
        raise UserFixable("workflows.export_foreign", folder=str(place), file=place.name)
    with os.scandir(place) as entries:
        first = min((entry.name for entry in entries), default="")
    if not first:
        return
    manifest = read_manifest(place)
    if manifest is None:
        raise UserFixable("workflows.export_foreign", folder=str(place), file=first)
    ours = {MANIFEST, LIST, SIDECARS, *PAGES, *(f"{part}.jsonl" for part in PARTS)}
    with os.scandir(place) as entries:
        foreign = sorted(entry.name for entry in entries if entry.name not in ours)
    strange = foreign[0] if foreign else _changed_part(place, manifest["files"]) or _strange_sidecar(place)
    if strange:
        raise UserFixable("workflows.export_foreign", folder=str(place), file=strange)


def _changed_part(place: Path, files: dict[str, Any]) -> str:
    """A file that is not as the manifest says; empty if all are. Earlier versions said nothing of their pages."""
    for name in (*(f"{part}.jsonl" for part in PARTS), LIST, *(page for page in PAGES if page in files)):
        try:
            with (place / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != files[name]["sha256"]:
                    return name
        except (FileNotFoundError, LookupError, TypeError):
            return name
    return ""


def _strange_sidecar(place: Path) -> str:
    """A file among the sidecars that is not as we wrote it; empty if there is none."""
    known: set[bytes] = set()
    with (place / LIST).open("rb") as lines:
        for line in lines:
            try:
                told = json.loads(line)
                path = told["file"]
                stored = bytes.fromhex(path["bytes"]) if isinstance(path, dict) else path.encode()
                known.add(_mark(stored, told["sha256"]))
            except (ValueError, LookupError, TypeError, AttributeError):
                return LIST
    top = place / SIDECARS
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            stored = os.fsencode(os.path.relpath(path, top).replace(os.sep, "/"))
            if os.path.islink(path):
                return name
            with open(path, "rb") as file:
                if _mark(stored, hashlib.file_digest(file, "sha256").hexdigest()) not in known:
                    return name
    return ""


def _mark(path: bytes, content: str) -> bytes:
    """Short, for there may be a million of them."""
    return hashlib.blake2b(path + b"\0" + content.encode(), digest_size=8).digest()


def _put(unfinished: Path, place: Path, replaced: Path) -> None:
    """The whole export takes its place; what was there goes after that."""
    _clear(replaced)
    if place.is_dir():
        try:
            place.rmdir()  # an empty one
        except OSError:
            os.rename(place, replaced)
    try:
        os.rename(unfinished, place)
    except OSError:
        if replaced.exists():
            os.rename(replaced, place)
        raise
    _clear(replaced)
