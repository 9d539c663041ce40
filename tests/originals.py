"""Promise 1 for every test: what a library was given is, byte for byte, what lies there afterwards.

The material and the samples are hashed before the first test and after the last. What a test brings into a library is
noted when it comes in and looked at when the test is over. A test that changes, moves or deletes such a file itself, as
a person would, is marked `touches_originals`; nothing is looked at then.
"""

from __future__ import annotations

import hashlib
import os
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
    """What came into libraries while it listened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._known: dict[Path, Print] = {}
        add = Library.add_items

        def add_and_note(library: Library, new: Sequence[NewItem], *rest: object, **named: object) -> object:
            for each in new:
                self._note(Path(each.path))
            return add(library, new, *rest, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Library, "add_items", add_and_note)

    def changed(self) -> list[str]:
        """Those that are not what they were when they came in, or are gone."""
        return [str(file) for file, before in self._known.items() if fingerprint(file) != before]

    def _note(self, file: Path) -> None:
        if file not in self._known and os.path.isfile(file) and (found := fingerprint(file)):
            self._known[file] = found


BEFORE = pytest.StashKey[dict[Path, Print | None]]()


def note_before(config: pytest.Config, folders: Iterable[Path]) -> None:
    """Once for the whole run, in the process that starts the others."""
    if not hasattr(config, "workerinput"):
        config.stash[BEFORE] = fingerprints(folders)


def changed_since(config: pytest.Config) -> list[Path]:
    """What is not what it was before the first test, or gone; empty where nobody noted anything."""
    before = config.stash.get(BEFORE, {})
    return [file for file, known in before.items() if fingerprint(file) != known]
