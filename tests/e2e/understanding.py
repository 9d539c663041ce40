"""What the tests of right answers share: the understood library and its labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant import sentences
from media_assistant.assistant import Assistant
from media_assistant.items.answers import Details
from media_assistant.items.sentence import Sentence
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


def plainly(sentence: Sentence) -> str:
    """The sentence in English, after a look at both languages: whole, short, one line, and no word of a machine."""
    assert sentence, "nothing was said"
    for language in sentences.LANGUAGES:
        said = sentences.say(language, sentence.code, **sentence.parameters)
        assert 5 < len(said) < 300
        assert said[-1] in ".。"
        assert "\n" not in said
        assert not any(word in said for word in ("Error", "Exception", "Errno", "Traceback", "{", "None", "0x"))
    return sentences.say("en", sentence.code, **sentence.parameters)
