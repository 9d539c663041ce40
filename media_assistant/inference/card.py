"""A model's card: `model.toml` in the model's folder. What is written there is all that the program knows of a model.

Required keys: `id`, `task`, `session`, `languages`, `licence`, and `model`, or `image_model` with `text_model`; a card
that embeds also names its `space` and `dimension`. Everything else is optional; keys that nobody knows are kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from media_assistant.errors import UserFixable

CARD_NAME = "model.toml"
EMBEDDING_TASKS = frozenset({"image-text-embedding", "text-embedding", "audio-text-embedding"})
_FILE_KEYS = ("model", "image_model", "text_model", "tokenizer", "preprocessor", "labels")
_REQUIRED = ("id", "task", "session", "languages", "licence")
_TABLES = ("thresholds", "input", "output", "sha256")
_ID = re.compile(r"[\w][\w.+-]{0,119}")
_KNOWN = {*_REQUIRED, *_FILE_KEYS, *_TABLES, "space", "dimension", "priority", "revision"}


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model. File names are relative to `folder` and never lead out of it."""

    folder: Path
    id: str
    task: str
    session: str
    """`onnx` or `faster-whisper`."""
    languages: tuple[str, ...]
    """ISO 639-1; empty where language plays no part, `*` for any."""
    licence: str
    model: str = ""
    image_model: str = ""
    text_model: str = ""
    tokenizer: str = ""
    preprocessor: str = ""
    labels: str = ""
    space: str = ""
    dimension: int = 0
    priority: int = 0
    """Larger is preferred among models that fit equally."""
    revision: str = ""
    """Stored with each finding: of the weights, or of the hashes when the card names none."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Lower-case hex digest by file name."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys that the program does not know, as they stand."""

    def path(self, name: str) -> Path:
        """The file `name` of this model. Raises UserFixable("model.outside") if it leads out of the folder."""
        return confine(self.folder, name, self.id)

    def named_files(self) -> tuple[str, ...]:
        """Every file that the card names, once, in the card's order; a folder (`.`) is left out."""
        named = (self.model, self.image_model, self.text_model, self.tokenizer, self.preprocessor, self.labels)
        return tuple(dict.fromkeys(name for name in (*named, *self.sha256) if name not in {"", "."}))

    def speaks(self, language: str) -> bool:
        """Whether `language` (`en`, `zh`, `zh_CN`) is among the card's, or language plays no part."""
        return not self.languages or "*" in self.languages or language.replace("_", "-").split("-")[0] in self.languages


def load_card(folder: Path) -> ModelCard:
    """Read and check `folder/model.toml`. The weights are not touched.

    Raises UserFixable: "model.no_card", "model.card_unreadable", "model.card_incomplete", "model.outside".
    """
    file = folder / CARD_NAME
    try:
        return _read_card(folder, file.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise UserFixable("model.no_card", folder=str(folder)) from fault
    except (OSError, ValueError, RecursionError) as fault:
        raise UserFixable("model.card_unreadable", file=str(file), reason=str(fault)) from fault


@lru_cache(maxsize=256)
def _read_card(folder: Path, written: bytes) -> ModelCard:
    """Kept, for the cards are asked for before every file of the queue, and parsing one holds the other threads up."""
    return card_from(tomllib.loads(written.decode("utf-8-sig")), folder)


def card_from(found: Mapping[str, Any], folder: Path) -> ModelCard:
    """A card from its parsed keys. Raises as `load_card`."""
    missing = [key for key in _REQUIRED if key not in found]
    if not found.get("model") and not (found.get("image_model") and found.get("text_model")):
        missing.append("model")
    if str(found.get("task")) in EMBEDDING_TASKS:
        missing += [key for key in ("space", "dimension") if not found.get(key)]
    if missing:
        raise UserFixable("model.card_incomplete", file=str(folder / CARD_NAME), keys=", ".join(missing))
    wrong = _wrongly_typed(found)
    if wrong:
        raise UserFixable("model.card_wrong", file=str(folder / CARD_NAME), keys=", ".join(wrong))
    tables = {name: dict(found.get(name, {})) for name in _TABLES}
    hashes = {str(name): str(digest).lower() for name, digest in tables["sha256"].items()}
    card = ModelCard(
        folder=folder,
        id=found["id"],
        task=found["task"],
        session=found["session"],
        languages=tuple(found["languages"]),
        licence=found["licence"],
        **{key: found.get(key, "") for key in _FILE_KEYS},
        space=found.get("space", ""),
        dimension=found.get("dimension", 0),
        priority=found.get("priority", 0),
        revision=found.get("revision", "") or _revision(hashes),
        thresholds={name: float(value) for name, value in tables["thresholds"].items()},
        input=tables["input"],
        output=tables["output"],
        sha256=hashes,
        extra={key: value for key, value in found.items() if key not in _KNOWN},
    )
    for name in card.named_files():
        card.path(name)
    return card


def confine(folder: Path, name: str, model_id: str) -> Path:
    """`folder/name`, but only if that lies inside `folder`, links followed. Raises UserFixable("model.outside")."""
    parts = (*PurePosixPath(name).parts, *PureWindowsPath(name).parts)
    is_rooted = PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).root
    target = folder / name
    if is_rooted or ".." in parts or "\0" in name or not target.resolve().is_relative_to(folder.resolve()):
        raise UserFixable("model.outside", model=model_id, file=name)
    return target


def _wrongly_typed(found: Mapping[str, Any]) -> list[str]:
    wrong = [
        key for key in ("id", "task", "session", "licence", *_FILE_KEYS) if not isinstance(found.get(key, ""), str)
    ]
    if "id" not in wrong and not _ID.fullmatch(found["id"]):
        wrong.append("id")
    languages = found["languages"]
    if not isinstance(languages, list) or not all(isinstance(language, str) for language in languages):
        wrong.append("languages")
    wrong += [key for key in ("space", "revision") if not isinstance(found.get(key, ""), str)]
    for key in ("dimension", "priority"):
        value = found.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or (key == "dimension" and value < 0):
            wrong.append(key)
    wrong += [name for name in _TABLES if not isinstance(found.get(name, {}), dict)]
    thresholds = found.get("thresholds", {})
    if isinstance(thresholds, dict) and not all(isinstance(value, int | float) for value in thresholds.values()):
        wrong.append("thresholds")
    hashes = found.get("sha256", {})
    if isinstance(hashes, dict) and not all(
        isinstance(digest, str) and re.fullmatch(r"[0-9a-fA-F]{64}", digest) for digest in hashes.values()
    ):
        wrong.append("sha256")
    return wrong


def _revision(hashes: Mapping[str, str]) -> str:
    """Twelve hex digits that change with any of the files."""
    import hashlib

    if not hashes:
        return ""
    joined = "\n".join(f"{name} {digest}" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
