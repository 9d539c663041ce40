"""One library over all the labelled media, understood once by the real networks, for every test of right answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from media_assistant.assistant import Assistant
from media_assistant.items.answers import Details
from media_assistant.paths import Paths
from media_assistant.settings import Settings

PATIENCE_S = 900


@dataclass(frozen=True)
class Understood:
    """The assistant, the labels, and where each labelled file went."""

    assistant: Assistant
    labels: list[dict[str, Any]]
    ids: dict[str, int]

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The labelled files of one kind of the index."""
        return [label for label in self.labels if label["kind"] == kind]

    def details(self, label: dict[str, Any]) -> Details:
        """All that the library knows of a labelled file."""
        return self.assistant.library.details(self.ids[label["file"]])


def fingerprints(folder: Path) -> dict[str, str]:
    """Every file's content, to be compared afterwards (promise 1)."""
    return {
        str(file.relative_to(folder)): hashlib.blake2b(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def open_assistant(home: Path, model_folders: tuple[Path, ...] = ()) -> Assistant:
    """A person's program in a home of its own, working at full speed."""
    library = home / "data" / "library.sqlite"
    paths = Paths(home / "data", home / "cache", home / "config", home / "logs", library, model_folders)
    return Assistant.open(paths, Settings(), is_foreground=True)


@pytest.fixture(scope="session")
def understood(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Understood]:
    """All media of the test material in a library, after the queue ran empty."""
    media = material / "media"
    labels = [json.loads(line) for line in (media / "index.jsonl").read_text("utf-8").splitlines()]
    before = fingerprints(media)
    assistant = open_assistant(tmp_path_factory.mktemp("understood"), (material / "models",))
    try:
        report = assistant.import_paths([media]).result(timeout=120)
        assert not report.failed
        assistant.when_idle().result(timeout=PATIENCE_S)
        ids = {}
        for item in assistant.library.items(list(assistant.library.item_ids())):
            ids[f"media/{Path(item.path).relative_to(media).as_posix()}"] = item.id
        yield Understood(assistant, labels, ids)
    finally:
        assistant.close()
    assert fingerprints(media) == before, "an original was changed"
