"""Are these the files that the card means? A truncated, changed or foreign file is recognised before it is loaded.

Hashing gigabytes takes seconds, so the hash of a file is remembered with its size and modification time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.onnx_files import external_files
from media_assistant.paths import KEPT
from media_assistant.whole_files import forget_drafts, write_whole

_MEMORY_NAME = "checked.json"


class Verifier:
    """Remembers in `folder/.kept/checked.json`; works without memory where that cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._memory_file = folder / KEPT / _MEMORY_NAME
        self._lock = threading.Lock()
        self._known: dict[str, list[str | int]] = {}
        self._read_at = 0

    def look(self, card: ModelCard) -> None:
        """As `check`, by what a glance tells: are the files there, is the folder of a speech model whole, is no
        file remembered as another?
        """
        for name in card.named_files():
            if not card.path(name).is_file():
                raise UserFixable("model.file_missing", model=card.id, file=name)
        if card.session == "faster-whisper":
            self._check_speech_folder(card)
        for name, wanted in card.sha256.items():
            if self._found_before(card.path(name)) not in {"", wanted}:
                raise UserFixable("model.broken", model=card.id, file=name)

    def broken_files(self, card: ModelCard) -> tuple[str, ...]:
        """Those that are missing, and those that were read and are not what the card means. Nothing is hashed."""
        named = dict.fromkeys((*card.named_files(), *card.sha256))
        return tuple(
            name
            for name in named
            if not card.path(name).is_file()
            or (name in card.sha256 and self._found_before(card.path(name)) not in {"", card.sha256[name]})
        )

    def is_in_doubt(self, card: ModelCard) -> bool:
        """Whether a file has a hash that it should have and was not read since it was written."""
        return any(card.path(name).is_file() and not self._found_before(card.path(name)) for name in card.sha256)

    def check(self, card: ModelCard, *, afresh: bool = False) -> None:
        """Raise UserFixable unless every file of the model is there and is the one that the card means.

        "model.file_missing": a file is not there. "model.broken": its hash is another, or it is no ONNX file.
        "model.outside": an ONNX file keeps its weights outside the folder. `afresh` hashes even what is remembered.
        """
        names = card.named_files()
        for name in names:
            if not card.path(name).is_file():
                raise UserFixable("model.file_missing", model=card.id, file=name)
        if card.session == "faster-whisper":
            self._check_speech_folder(card)
        for name in names:
            if name in card.sha256:
                self._check_hash(card, name, afresh=afresh)
        for name in names:
            if name.endswith(".onnx"):
                self._check_graph(card, name)

    def _check_speech_folder(self, card: ModelCard) -> None:
        for name in ("model.bin", "config.json"):
            if not (card.path(card.model) / name).is_file():
                raise UserFixable("model.file_missing", model=card.id, file=name)

    def _check_hash(self, card: ModelCard, name: str, *, afresh: bool) -> None:
        file, wanted = card.path(name), card.sha256[name]
        try:
            found = "" if afresh else self._found_before(file)
            if not found:
                stat = file.stat()
                found = sha256_of(file)
                self._remember(str(file.resolve()), [found, stat.st_size, stat.st_mtime_ns])
        except OSError as fault:
            raise UserFixable("model.unreadable", model=card.id, file=name, reason=str(fault)) from fault
        if found != wanted:
            raise UserFixable("model.broken", model=card.id, file=name)

    def _found_before(self, file: Path) -> str:
        """The hash that this very file (same size, same time) had when it was read last, or an empty string."""
        stat = file.stat()
        match self._remembered().get(str(file.resolve())):
            case [str(found), stat.st_size, stat.st_mtime_ns]:
                return found
            case _:
                return ""

    def _check_graph(self, card: ModelCard, name: str) -> None:
        file = card.path(name)
        try:
            outside = external_files(file)
        except ValueError as fault:
            raise UserFixable("model.broken", model=card.id, file=name) from fault
        except OSError as fault:
            raise UserFixable("model.unreadable", model=card.id, file=name, reason=str(fault)) from fault
        beside = Path(name).parent
        for location in sorted(outside):
            # Relative to the graph, and inside the model's folder even when the graph lies deeper.
            if not card.path((beside / location).as_posix()).is_file():
                raise UserFixable("model.file_missing", model=card.id, file=location)

    def _remembered(self) -> dict[str, list[str | int]]:
        """Read again when another process, such as a worker that met a broken file, has written it."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            written_at = self._memory_file.stat().st_mtime_ns
            if written_at != self._read_at:
                known = json.loads(self._memory_file.read_text("utf-8"))
                self._read_at = written_at
                self._known = known if isinstance(known, dict) else {}
        return self._known

    def _remember(self, file: str, proof: list[str | int]) -> None:
        known = self._remembered()
        with self._lock, contextlib.suppress(OSError):
            known[file] = proof
            self._memory_file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._memory_file, json.dumps(known).encode())
            forget_drafts(self._memory_file.parent)


def sha256_of(file: Path) -> str:
    """Hex digest of a file's bytes."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()
