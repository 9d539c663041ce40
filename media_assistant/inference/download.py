"""Fetches models of the catalogue from the Hugging Face Hub or a mirror of it, and wheels for training. The only module that opens a socket.

It is called only when a person clicked. What arrives lies in a work folder, file by file and part by part; a stopped
download goes on where it was. Each file is checked against the hub's own hash, and the model's folder appears when
all of it is right.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from media_assistant.errors import Cancelled, MediaAssistantError, UserFixable, why_of
from media_assistant.inference.card import ModelCard, load_card
from media_assistant.inference.catalogue import CatalogueEntry
from media_assistant.inference.install import (
    Progress,
    ShouldStop,
    check_space,
    finish,
    parts_folder,
    take_over,
    work_folder,
)
from media_assistant.inference.verify import sha256_of

DEFAULT_SERVER = "https://huggingface.co"
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the hub describes it. `etag` is a sha256 for large files and git's sha1 for small ones."""

    name: str
    size_bytes: int
    etag: str
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a download would fetch, to be shown before it starts."""

    entry: CatalogueEntry
    revision: str
    """The commit that the hub has for the entry's revision; every file comes from it."""
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        """All files together."""
        return sum(file.size_bytes for file in self.files)


def plan(entry: CatalogueEntry, server: str = "", should_stop: ShouldStop | None = None) -> Plan:
    """Ask the hub for sizes and hashes. Raises UserFixable("download.offline", "…not_found", "…refused", "…failed"), Cancelled."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import EntryNotFoundError

    endpoint = server.rstrip("/") or DEFAULT_SERVER
    revision = entry.revision
    files: list[RemoteFile] = []
    for name in (*entry.files, *entry.optional_files):
        if should_stop is not None and should_stop():
            raise Cancelled
        with _plain_faults(entry, endpoint, name):
            url = hf_hub_url(entry.repo, name, revision=revision, endpoint=endpoint)
            try:
                told = get_hf_file_metadata(url, token=False, timeout=20, endpoint=endpoint)
            except EntryNotFoundError:
                if name in entry.optional_files:
                    continue
                raise
            # From the first answer on, one commit: a repository may change while it is fetched.
            revision = told.commit_hash or revision
            files.append(RemoteFile(name, told.size or 0, told.etag or "", told.location or url))
    return Plan(entry, revision, tuple(files))


def download(
    entry: CatalogueEntry,
    user_folder: Path,
    *,
    server: str = "",
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
    repairs: bool = False,
) -> ModelCard:
    """Fetch a model into `user_folder/<id>`. `server` is a mirror's address, empty for the hub itself.

    With `repairs` a model that is there is mended: only its files that are missing or wrong are fetched, from the
    commit that it came from, and the old folder stays until the new one is whole.

    Raises UserFixable ("download.…", "model.exists", and what `Verifier.check` raises) and Cancelled; what has arrived
    is kept and used the next time, save a file that is not what the hub says it is.
    """
    endpoint = server.rstrip("/") or DEFAULT_SERVER
    there = user_folder / entry.id
    if there.exists() and not repairs:
        raise UserFixable("model.exists", model=entry.id)
    old = _readable_card(there) if repairs else None
    if old is not None and old.revision and old.sha256:
        entry = dataclasses.replace(entry, revision=old.revision)
    wanted = plan(entry, server, should_stop)
    work = work_folder(user_folder, entry.id)
    parts = parts_folder(work)
    try:
        for folder in (work, parts):
            folder.mkdir(parents=True, exist_ok=True)
        if repairs:
            take_over(there, work, [file.name for file in wanted.files], old.sha256 if old is not None else {})
    except OSError as fault:
        raise _not_writable(user_folder, fault) from fault
    arrived = sum(file.stat().st_size for folder in (work, parts) for file in folder.rglob("*") if file.is_file())
    check_space(user_folder, entry.id, max(0, wanted.size_bytes - arrived))
    done = 0
    for file in wanted.files:
        counter = _Counter(done, wanted.size_bytes, progress, should_stop)
        with _plain_faults(entry, endpoint, file.name):
            _fetch(file, work, parts, counter, entry.sha256.get(file.name, ""))
        done += file.size_bytes
    keep = {file.name for file in wanted.files}
    for left in [file for file in work.rglob("*") if file.is_file() and file.relative_to(work).as_posix() not in keep]:
        left.unlink()
    told = {**entry.card, "revision": wanted.revision, "sha256": entry.hashes_of(keep)}
    card = finish(work, user_folder, told, replaces=repairs)
    shutil.rmtree(parts, ignore_errors=True)
    return card


def fetch_file(
    url: str,
    folder: Path,
    name: str,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Path:
    """Fetch one file that is no model of the catalogue into `folder`; a part that is there is gone on with.

    Whether it is the right one is for the caller to say. Raises UserFixable("download.…") and Cancelled.
    """
    from huggingface_hub import get_hf_file_metadata

    stands_for = CatalogueEntry(name, "", url, "", (name,), (), 0, "", (), is_checked=True, suits="small")
    parts = folder / ".parts"
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _not_writable(folder, fault) from fault
    with _plain_faults(stands_for, url, name):
        told = get_hf_file_metadata(url, token=False, timeout=20)
        file = RemoteFile(name, told.size or 0, told.etag or "", told.location or url)
        check_space(folder, name, file.size_bytes)
        _fetch(file, folder, parts, _Counter(0, file.size_bytes, progress, should_stop), "")
    shutil.rmtree(parts, ignore_errors=True)
    return folder / name


def fetch_known(
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> list[Path]:
    """Fetch files of which size and SHA-256 (as their `etag`) are known beforehand into `folder`; what is there stays.

    Raises UserFixable("download.…") and Cancelled; what has arrived is kept and gone on with the next time.
    """
    parts = folder / ".parts"
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise _not_writable(folder, fault) from fault
    done, total = 0, sum(file.size_bytes for file in files)
    for file in files:
        stands_for = CatalogueEntry(
            file.name, "", file.url, "", (file.name,), (), file.size_bytes, "", (), is_checked=True, suits="small"
        )
        with _plain_faults(stands_for, file.url, file.name):
            _fetch(file, folder, parts, _Counter(done, total, progress, should_stop), file.etag)
        done += file.size_bytes
    shutil.rmtree(parts, ignore_errors=True)
    return [folder / file.name for file in files]


def _readable_card(folder: Path) -> ModelCard | None:
    try:
        return load_card(folder)
    except UserFixable:
        return None


def _fetch(file: RemoteFile, work: Path, parts: Path, counter: _Counter, sha256: str) -> None:
    """One file into `work`, from the part that is there already if it is a part of the very same file."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils.tqdm import disable_progress_bars

    # Its own 10 MB would make progress, and "cancel", wait for minutes on a slow line.
    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK_BYTES

    target = work / file.name
    if target.is_file() and target.stat().st_size == file.size_bytes and _is_right(target, file.etag, sha256):
        counter.add(file.size_bytes)
        return
    key = hashlib.sha256(f"{file.name}\n{file.etag}".encode()).hexdigest()[:24]
    part = parts / key
    disable_progress_bars()
    with part.open("ab") as out:
        have = out.tell()
        if have > file.size_bytes:
            out.truncate(0)
            have = 0
        counter.add(have)
        if have < file.size_bytes or file.size_bytes == 0:
            watched = cast("BinaryIO", _Watched(out, counter))
            http_get(file.url, watched, resume_size=have, expected_size=file.size_bytes or None)
    if not _is_right(part, file.etag, sha256):
        part.unlink()
        raise UserFixable("download.broken", file=file.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(part, target)


def _is_right(file: Path, etag: str, sha256: str) -> bool:
    """Whether the bytes are those of the catalogue's hash, or else of the hub's (sha256, or git's sha1 of a blob)."""
    etag = etag.strip('"')
    wanted = sha256 or etag
    if re.fullmatch(r"[0-9a-f]{64}", wanted):
        return sha256_of(file) == wanted
    if re.fullmatch(r"[0-9a-f]{40}", wanted):
        blob = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
        with file.open("rb") as data:
            return hashlib.file_digest(data, lambda: blob).hexdigest() == wanted
    # A server that tells no hash: its length was checked, and the folder's hashes start from what arrived.
    return True


class _Counter:
    """Tells how far the download is, and stops it when asked."""

    def __init__(self, done: int, total: int, progress: Progress | None, should_stop: ShouldStop | None) -> None:
        self._done, self._total = done, total
        self._progress, self._should_stop = progress, should_stop

    def add(self, count: int) -> None:
        """`count` more bytes are here. Raises Cancelled."""
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self._total)
        if self._should_stop is not None and self._should_stop():
            raise Cancelled


class _Watched:
    """A file that counts what is written to it."""

    def __init__(self, file: BinaryIO, counter: _Counter) -> None:
        self._file, self._counter = file, counter

    def write(self, data: bytes) -> int:
        """As a file's, then counted, so that a cancelled download keeps this block too."""
        written = self._file.write(data)
        self._counter.add(written)
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def _plain_faults(entry: CatalogueEntry, endpoint: str, name: str) -> Iterator[None]:
    """The border to the hub's client: whatever it raises becomes a sentence."""
    from huggingface_hub import errors

    try:
        yield
    except MediaAssistantError:
        raise
    except errors.GatedRepoError as fault:
        raise UserFixable("download.refused", repo=entry.repo) from fault
    except (errors.EntryNotFoundError, errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as fault:
        raise UserFixable("download.not_found", repo=entry.repo, revision=entry.revision, file=name) from fault
    except Exception as fault:
        kinds = {kind.__name__ for kind in type(fault).__mro__}
        # The client's HTTP library has changed its name before; its exceptions have kept theirs.
        if kinds & {"TransportError", "OfflineModeIsEnabled", "ConnectionError", "LocalEntryNotFoundError"}:
            raise UserFixable("download.offline", server=endpoint) from fault
        if isinstance(fault, OSError) and fault.errno is not None:
            raise UserFixable("download.not_writable", folder=entry.id, reason=why_of(fault)) from fault
        reason = (str(fault).splitlines() or [type(fault).__name__])[0][:300]
        raise UserFixable("download.failed", model=entry.id, reason=reason) from fault


def _not_writable(folder: Path, fault: OSError) -> UserFixable:
    return UserFixable("download.not_writable", folder=str(folder), reason=why_of(fault))
