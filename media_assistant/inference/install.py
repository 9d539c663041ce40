"""Puts models into the user's model folder and takes them out again. A model is there whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.inference.card import CARD_NAME, ModelCard, load_card
from media_assistant.inference.catalogue import CatalogueEntry
from media_assistant.inference.verify import Verifier, sha256_of

_BLOCK_BYTES = 1 << 20
_SPARE_BYTES = 64 << 20

Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""
ShouldStop = Callable[[], bool]


def work_folder(user_folder: Path, model_id: str) -> Path:
    """Where a model is put together. Kept when a download stops, so that it goes on from there."""
    return user_folder / ".arriving" / model_id


def parts_folder(work: Path) -> Path:
    """Beside it: files that are on their way."""
    return work.with_name(f"{work.name}.parts")


def check_space(user_folder: Path, model_id: str, needed_bytes: int) -> None:
    """Raise UserFixable("download.no_space") unless that many bytes and some spare ones fit on the drive."""
    present = next(folder for folder in (user_folder, *user_folder.parents) if folder.exists())
    free_bytes = shutil.disk_usage(present).free
    if needed_bytes + _SPARE_BYTES > free_bytes:
        needed_mb, free_mb = -(-(needed_bytes + _SPARE_BYTES) // 2**20), free_bytes // 2**20
        raise UserFixable("download.no_space", model=model_id, needed_mb=needed_mb, free_mb=free_mb)


def finish(work: Path, user_folder: Path, card: Mapping[str, Any], *, replaces: bool = False) -> ModelCard:
    """Write the card with its hashes and those of what else arrived, check it, and move the folder to its place in one step.

    With `replaces` a folder that is there makes room. Raises UserFixable as `Verifier.check`, "model.exists", "download.not_writable".
    """
    model_id = str(card["id"])
    target = user_folder / model_id
    given = dict(card.get("sha256", {}))
    names = sorted(file.relative_to(work).as_posix() for file in work.rglob("*") if file.is_file())
    hashes = {name: given.get(name) or sha256_of(work / name) for name in names if name != CARD_NAME}
    try:
        # What has a hash and did not arrive is lacking: the check says so.
        (work / CARD_NAME).write_text(to_toml({**card, "sha256": {**given, **hashes}}), encoding="utf-8")
        Verifier(user_folder).check(load_card(work), afresh=True)
        if target.exists():
            if not replaces:
                raise UserFixable("model.exists", model=model_id)
            _make_room(target, user_folder)
        os.replace(work, target)
    except OSError as fault:
        raise _not_writable(user_folder, fault) from fault
    return load_card(target)


def import_folder(
    source: Path,
    user_folder: Path,
    catalogue: Mapping[str, CatalogueEntry],
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    replaces: bool = False,
) -> ModelCard:
    """Copy a model from a folder that a person brought along. The folder itself is left as it is.

    It holds a `model.toml`, or the files of an entry of the catalogue (a repository fetched by other means). With
    `replaces` one that is here makes room.
    Raises UserFixable: "model.no_card", "model.exists", "download.no_space", "download.not_writable", and what
    `load_card` and `Verifier.check` raise; Cancelled.
    """
    card, names = _what_to_copy(source, catalogue)
    model_id = str(card["id"])
    if not replaces and (user_folder / model_id).exists():
        raise UserFixable("model.exists", model=model_id)
    sizes = {name: (source / name).stat().st_size for name in names}
    check_space(user_folder, model_id, sum(sizes.values()))
    work = work_folder(user_folder, model_id).with_name(f"{model_id}.copy")
    try:
        shutil.rmtree(work, ignore_errors=True)
        done, total = 0, sum(sizes.values())
        for name in names:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            with (source / name).open("rb") as old, (work / name).open("wb") as new:
                while block := old.read(_BLOCK_BYTES):
                    if should_stop is not None and should_stop():
                        raise Cancelled
                    new.write(block)
                    done += len(block)
                    if progress is not None:
                        progress(done, total)
        made = finish(work, user_folder, card, replaces=replaces)
        forget_download(user_folder, model_id)
        return made
    except OSError as fault:
        raise _not_writable(user_folder, fault) from fault
    finally:
        shutil.rmtree(work, ignore_errors=True)


def remove(folder: Path, user_folder: Path, model_id: str) -> None:
    """Delete a model from the user's own folder. Raises UserFixable("model.not_removable", "download.not_writable")."""
    if folder.parent.resolve() != user_folder.resolve():
        raise UserFixable("model.not_removable", model=model_id, folder=str(folder))
    try:
        _make_room(folder, user_folder)
    except OSError as fault:
        raise _not_writable(user_folder, fault) from fault
    forget_download(user_folder, model_id)


def forget_download(user_folder: Path, model_id: str) -> bool:
    """Delete what a download of this model left that was given up: nobody else would. Says whether there was any."""
    work = work_folder(user_folder, model_id)
    left = [folder for folder in (work, parts_folder(work)) if folder.is_dir()]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return bool(left)


def take_over(folder: Path, work: Path, names: Iterable[str], sha256: Mapping[str, str]) -> None:
    """Bring the files of a model that are right, or not known to be wrong, into its work folder, so that only the others
    are fetched anew.

    They are linked where the drive can, else copied; the model's own folder stays as it is. Raises OSError.
    """
    for name in names:
        source, target = folder / name, work / name
        if not source.is_file() or (name in sha256 and sha256_of(source) != sha256[name]):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)


def _make_room(folder: Path, user_folder: Path) -> None:
    gone = user_folder / f".removed-{folder.name}"
    shutil.rmtree(gone, ignore_errors=True)
    # A folder that is only half deleted must not look like a model.
    os.replace(folder, gone)
    shutil.rmtree(gone)


def to_toml(table: Mapping[str, Any]) -> str:
    """Strings, numbers, truth values, lists and tables as TOML; tables come last, as the format wants it."""

    def value(found: Any) -> str:
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, int | float):
            return repr(found)
        if isinstance(found, list | tuple):
            return f"[{', '.join(value(part) for part in found)}]"
        # JSON's escapes are TOML's, but TOML forbids a bare delete.
        return json.dumps(str(found), ensure_ascii=False).replace("\x7f", "\\u007f")

    def key(name: str) -> str:
        return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else value(name)

    lines = [f"{key(name)} = {value(found)}" for name, found in table.items() if not isinstance(found, Mapping)]
    for name, found in table.items():
        if isinstance(found, Mapping):
            lines += ["", f"[{key(name)}]", *(f"{key(inner)} = {value(what)}" for inner, what in found.items())]
    return "\n".join(lines) + "\n"


def _what_to_copy(source: Path, catalogue: Mapping[str, CatalogueEntry]) -> tuple[dict[str, Any], list[str]]:
    """(card, files): from the folder's own card, or from the entry of the catalogue whose files these are."""
    inside = [
        file.relative_to(source).as_posix()
        for file in sorted(source.rglob("*"))
        if file.is_file()
        and not file.is_symlink()
        and not any(part[0] == "." for part in file.relative_to(source).parts)
    ]
    if (source / CARD_NAME).exists():
        import tomllib

        load_card(source)
        return tomllib.loads((source / CARD_NAME).read_bytes().decode("utf-8-sig")), inside
    entries = [entry for entry in catalogue.values() if all((source / name).is_file() for name in entry.files)]
    # Many speech models hold files of the same names; then the folder's name decides.
    named = [entry for entry in entries if source.name.lower() in {entry.id.lower(), entry.repo.split("/")[-1].lower()}]
    if not named and len(entries) != 1:
        raise UserFixable("model.no_card", folder=str(source))
    entry = (named or entries)[0]
    names = [*entry.files, *(name for name in entry.optional_files if (source / name).is_file())]
    return {**entry.card, "sha256": entry.hashes_of(names)}, names


def _not_writable(folder: Path, fault: OSError) -> UserFixable:
    return UserFixable("download.not_writable", folder=str(folder), reason=why_of(fault))
