"""A model pack: several models in one archive, with their licences, for computers without a network.

It is an ordinary zip: a folder for each model as it lies in the models folder (`model.toml` with the hashes of all files,
`LICENCE.txt`), and `models.json` that says what is inside. Models that are here already are passed over.
"""

from __future__ import annotations

import errno
import json
import lzma
import os
import re
import shutil
import tomllib
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from media_assistant.archives import open_archive
from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.inference.card import CARD_NAME, ModelCard, confine, load_card
from media_assistant.inference.install import Progress, ShouldStop, check_space, finish, forget_download, work_folder

NAME = "media-assistant-models"
"""How the names of packs begin."""
LIST = "models.json"
_BLOCK_BYTES = 1 << 20
_MOST_LIST_BYTES = 1 << 20
_MOST_LICENCE_BYTES = 1 << 20
_MOST_BYTES = 1 << 50
"""No model is larger."""
UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    RuntimeError,  # a password is asked for, or a way of packing is not known
    ValueError,  # names that are no text, places that are none
    OverflowError,
    lzma.LZMAError,
    zlib.error,
)
"""What the standard library raises at an archive that is damaged, or made to do harm."""
_ID = re.compile(r"[A-Za-z0-9][\w.+-]{0,120}")


class PackedModel(NamedTuple):
    """What a pack says of one of its models."""

    id: str
    task: str
    licence: str
    size_bytes: int


def is_pack(path: Path) -> bool:
    """By its looks: a file that may be a pack."""
    with suppress(*UNREADABLE):
        return os.path.isfile(path) and zipfile.is_zipfile(path)
    return False


def packs_in(folders: Iterable[Path]) -> list[Path]:
    """The packs that lie in these folders, by their names, the newest version first."""
    found = {file for folder in folders if os.path.isdir(folder) for file in folder.glob(f"{NAME}-*.zip")}
    return sorted(found, key=lambda file: (file.name, str(file)), reverse=True)


def read_pack(pack: Path) -> tuple[PackedModel, ...]:
    """What is inside. Raises UserFixable("model.pack_half", "model.pack_unreadable", "model.pack_not_one")."""
    with _opened(pack) as archive:
        try:
            info = archive.getinfo(LIST)
        except KeyError:
            raise UserFixable("model.pack_not_one", file=pack.name) from None
        if info.file_size > _MOST_LIST_BYTES:
            raise UserFixable("model.pack_half", file=pack.name)
        said = b"".join(_blocks(archive, info, pack))
    try:
        models = [PackedModel(**model) for model in json.loads(said)["models"]]
        is_right = all(map(_is_right, models))
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise UserFixable("model.pack_half", file=pack.name) from fault
    if not is_right:
        raise UserFixable("model.pack_half", file=pack.name)
    return tuple(models)


def _is_right(model: PackedModel) -> bool:
    is_text = all(isinstance(each, str) for each in (model.id, model.task, model.licence))
    return (
        is_text
        and bool(_ID.fullmatch(model.id))
        and type(model.size_bytes) is int
        and 0 <= model.size_bytes <= _MOST_BYTES
    )


def import_pack(
    pack: Path,
    user_folder: Path,
    present: Collection[str],
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[ModelCard]:
    """Copy each model that is not among `present` into the user's folder: whole, checked by its hashes, or not at all.

    Raises UserFixable("model.pack_…", "download.no_space", "download.not_writable", and what `Verifier.check` raises) and
    Cancelled; models that came before that stay.
    """
    wanted = [model for model in read_pack(pack) if model.id not in present]
    total = sum(model.size_bytes for model in wanted)
    check_space(user_folder, pack.name, total)
    done = 0
    cards = []
    with _opened(pack) as archive:
        for model in wanted:
            work = work_folder(user_folder, model.id).with_name(f"{model.id}.copy")
            try:
                shutil.rmtree(work, ignore_errors=True)
                for block_bytes in _unpack(archive, model, work, user_folder, pack):
                    if should_stop is not None and should_stop():
                        raise Cancelled
                    done += block_bytes
                    if progress is not None:
                        progress(min(done, total), total)
                cards.append(_finish(work, user_folder, model, pack))
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return cards


def _unpack(archive: zipfile.ZipFile, model: PackedModel, work: Path, user_folder: Path, pack: Path) -> Iterator[int]:
    """Bytes of each block that was written. Raises UserFixable("model.pack_half") also for more of them than were told."""
    left = model.size_bytes + _MOST_LICENCE_BYTES
    for member, name in _files_of(archive, model.id):
        target = confine(work, name, model.id)
        if name == CARD_NAME and member.file_size > _MOST_LIST_BYTES:
            raise UserFixable("model.pack_half", file=pack.name)
        with _writable(user_folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as sink:
                for block in _blocks(archive, member, pack):
                    left -= len(block)
                    if left < 0:
                        raise UserFixable("model.pack_half", file=pack.name)
                    sink.write(block)
                    yield len(block)


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, pack: Path) -> Iterator[bytes]:
    with _readable(pack), archive.open(member) as source:
        while block := source.read(_BLOCK_BYTES):
            yield block


def _finish(work: Path, user_folder: Path, model: PackedModel, pack: Path) -> ModelCard:
    try:
        if load_card(work).id != model.id:
            raise UserFixable("model.pack_half", file=pack.name)
    except UserFixable as fault:
        if fault.code == "model.outside":
            raise
        raise UserFixable("model.pack_half", file=pack.name) from fault
    card = tomllib.loads((work / CARD_NAME).read_bytes().decode("utf-8-sig"))
    # One of this name that is there is broken, or else it were among those that are present.
    made = finish(work, user_folder, card, replaces=True)
    forget_download(user_folder, model.id)
    return made


def _files_of(archive: zipfile.ZipFile, model_id: str) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """(member, its name within the model's folder)."""
    for member in archive.infolist():
        folder, _, name = member.filename.partition("/")
        if folder == model_id and name and not member.is_dir():
            yield member, name


@contextmanager
def _opened(pack: Path) -> Iterator[zipfile.ZipFile]:
    with ExitStack() as stack:
        with _readable(pack):
            archive = stack.enter_context(open_archive(pack))
        yield archive


@contextmanager
def _readable(pack: Path) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as fault:
        raise UserFixable("model.pack_half", file=pack.name) from fault
    except OSError as fault:
        if fault.errno in (None, errno.EINVAL):  # a damaged table sends its reader to places before the file's start
            raise UserFixable("model.pack_half", file=pack.name) from fault
        raise UserFixable("model.pack_unreadable", file=pack.name, reason=why_of(fault)) from fault


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise UserFixable("download.not_writable", folder=str(folder), reason=why_of(fault)) from fault
