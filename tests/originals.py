"""Promise 1 for every test: what a library was given is, byte for byte, what lies there afterwards.

The material and the samples are hashed before the first test and after the last. What a test brings into a library is
noted when it comes in and looked at when the test is over. What the test itself writes to, moves or deletes, as a person
would, may change; what any line of the program as much as opens for writing is a fault at once, whether it changes or
not. A test that changes such a file past Python, by a program or a library, is marked `touches_originals`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from media_assistant.library.item_store import NewItem
from media_assistant.library.library import Library

TOUCHES = "touches_originals"

Print = tuple[str, int, int]
"""Content, rights, and when it was written last (ns)."""


def fingerprint(file: Path) -> Print | None:
    """None for what is no file."""
    try:
        state = file.stat()
        with file.open("rb") as data:
            return hashlib.file_digest(data, "blake2b").hexdigest(), state.st_mode, state.st_mtime_ns
    except OSError:
        return None


def fingerprints(folders: Iterable[Path]) -> dict[Path, Print | None]:
    """Of every file below these folders."""
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return {file: fingerprint(file) for file in sorted(files)}


class Originals:
    """What came into libraries while it listened, and who laid hands on it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._known: dict[str, Print] = {}
        self._by_test: set[str] = set()
        self._by_program: set[str] = set()
        add = Library.add_items

        def add_and_note(library: Library, new: Sequence[NewItem], *rest: object, **named: object) -> object:
            for each in new:
                self._note(os.path.abspath(each.path))
            return add(library, new, *rest, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Library, "add_items", add_and_note)

    def changed(self) -> list[str]:
        """Those that the program opened for writing, and those that are not what they were and the test did not touch."""
        gone = {file for file, before in tuple(self._known.items()) if fingerprint(Path(file)) != before}
        return sorted(self._by_program | (gone - self._by_test))

    def touched(self, path: str, *, is_all_below: bool) -> None:
        """Somebody is about to write to this file, or to move or delete it, or a folder with all that is below it."""
        below = path.rstrip("/") + "/"
        known = tuple(self._known)  # an import may note one more, on its own thread
        files = {file for file in known if file == path or (is_all_below and file.startswith(below))}
        if files:
            (self._by_program if _is_program() else self._by_test).update(files)

    def _note(self, file: str) -> None:
        if file not in self._known and os.path.isfile(file) and (found := fingerprint(Path(file))):
            self._known[file] = found


_listening: list[Originals] = []
_PROGRAM = f"{os.sep}media_assistant{os.sep}"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_BY_PATH = {"os.rename", "os.remove", "os.rmdir", "os.truncate", "os.utime", "os.chmod", "shutil.rmtree", "shutil.move"}


def listen(found: Originals) -> None:
    """From now on; the last test's ended."""
    if not _listening:
        sys.addaudithook(_hear)
    _listening[:] = [found]


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    """Called by Python before whatever it does that matters to anybody's safety, on any thread."""
    is_open = event == "open"
    if not (is_open or event in _BY_PATH) or (
        is_open and not (isinstance(arguments[2], int) and arguments[2] & _WRITING)
    ):
        return
    path = arguments[0]
    if isinstance(path, str | bytes | os.PathLike):
        _listening[0].touched(os.path.abspath(os.fsdecode(path)), is_all_below=not is_open)


def _is_program() -> bool:
    """Whether a line of the program stands anywhere on this thread's stack."""
    frame = sys._getframe(2)
    while frame is not None:
        if _PROGRAM in frame.f_code.co_filename:
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


BEFORE = pytest.StashKey[dict[Path, Print | None]]()


def note_before(config: pytest.Config, folders: Iterable[Path]) -> None:
    """Once for the whole run, in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        config.stash[BEFORE] = fingerprints(folders)


def changed_since(config: pytest.Config) -> list[Path]:
    """What is not what it was before the first test, or gone; empty where nobody noted anything."""
    before = config.stash.get(BEFORE, {})
    return [file for file, known in before.items() if fingerprint(file) != known]
