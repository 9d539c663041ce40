"""Where files are that were lost from sight, and what was found out about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Lost:
    """An item of which no file is there. `path` is the last known one."""

    item_id: int
    path: str
    size_bytes: int
    quick_hash: str


@dataclass(frozen=True, slots=True)
class Found:
    """A file that holds what an item is known by."""

    item_id: int
    path: str
    size_bytes: int
    modified_ns: int


class Match(StrEnum):
    """What a file that a person points at is to a lost item: its content, another one, or one that another item has."""

    SAME = "same"
    OTHER = "other"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Located:
    """`owner` is the item that has the content already, for `TAKEN`."""

    match: Match
    path: str
    owner: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What lies in a folder of what was looked for."""

    folder: str
    looked_for: int
    found: tuple[Found, ...]
