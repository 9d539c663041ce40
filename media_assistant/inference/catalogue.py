"""`models/catalogue.toml`: models that the program can fetch. It only names them; nothing in code does.

Each entry holds what a person wants to know before a download (size, licence, what it is for), where the files are,
and the card that the folder gets.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.inference.card import card_from, confine


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model on the hub."""

    id: str
    task: str
    repo: str
    """`owner/name` on the Hugging Face Hub."""
    revision: str
    """A commit, or `main` where none could be pinned yet."""
    files: tuple[str, ...]
    """The files to fetch; those under `optional_files` too, where the repository has them."""
    optional_files: tuple[str, ...]
    size_bytes: int
    """0 where it is not known yet; then the hub is asked before the download."""
    licence: str
    languages: tuple[str, ...]
    is_checked: bool
    """Whether revision, files, size and licence were read at their source. The program says so when not."""
    suits: str
    """`small`, `good` or `gpu`: the least computer that it is meant for."""
    about: Mapping[str, str] = field(default_factory=dict)
    """One sentence for a person by language (`en`, `zh`)."""
    card: Mapping[str, Any] = field(default_factory=dict)
    """What `model.toml` will hold besides the hashes."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    level: str = ""
    """`quick`, `standard`, `exact` or `best`: what a person reads instead of a name."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """Of its network (the one that looks, of two), so that its speed can be reckoned before it is here."""
    text_shape: Mapping[str, Any] = field(default_factory=dict)
    """Of the network that reads, where there are two."""

    def hashes_of(self, names: Collection[str]) -> dict[str, str]:
        """Those that are known of these of its files."""
        return {name: digest for name, digest in self.sha256.items() if name in names}


def load_catalogue(file: Path) -> dict[str, CatalogueEntry]:
    """Entries by id, in the file's order. Raises UserFixable("model.card_unreadable" or "model.card_incomplete")."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise UserFixable("model.card_unreadable", file=str(file), reason=str(fault)) from fault
    return {entry.id: entry for entry in (_entry(table, file) for table in found.get("model", []))}


def _entry(table: Mapping[str, Any], file: Path) -> CatalogueEntry:
    missing = [key for key in ("id", "repo", "revision", "files", "licence", "card") if not table.get(key)]
    if missing:
        keys = ", ".join(missing)
        raise UserFixable("model.card_incomplete", file=f"{file} ({table.get('id', '?')})", keys=keys)
    card = {"id": table["id"], "licence": table["licence"], "revision": table["revision"], **table["card"]}
    checked = card_from(card, file.parent / table["id"])
    for name in (*table["files"], *table.get("optional_files", ())):
        confine(checked.folder, name, checked.id)
    return CatalogueEntry(
        id=table["id"],
        task=checked.task,
        repo=table["repo"],
        revision=table["revision"],
        files=tuple(table["files"]),
        optional_files=tuple(table.get("optional_files", ())),
        size_bytes=int(table.get("size_bytes", 0)),
        licence=table["licence"],
        languages=checked.languages,
        is_checked=bool(table.get("checked", False)),
        suits=str(table.get("suits", "good")),
        about=dict(table.get("about", {})),
        card=card,
        sha256=dict(table.get("sha256", {})),
        level=str(table.get("level", "")),
        shape=dict(table.get("shape", {})),
        text_shape=dict(table.get("text_shape", {})),
    )
