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
class Loss:
    """A folder of the library in which many items cannot be found, and how many there are in it."""

    root: str
    lost: int
    total: int


class Reason(StrEnum):
    """Why a file is thought to be an item's: only the first is certain."""

    CONTENT = "content"
    NAME_AND_SIZE = "name_and_size"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is an item's, or may be. `was` is where the item's file lay."""

    item_id: int
    path: str
    size_bytes: int
    modified_ns: int
    reason: Reason = Reason.CONTENT
    was: str = ""


class Match(StrEnum):
    """What a file that a person points at is to a lost item: its content, another one, or one that another item has."""

    SAME = "same"
    OTHER = "other"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Located:
    """`owner` is the item that has the content already, for `TAKEN`; `step` the step of the journal by which a file of the
    `SAME` content became the item's.
    """

    match: Match
    path: str
    owner: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What lies in a folder of what was looked for.

    `likely` ones hold something else, but are called as the lost ones were: better copies, or others altogether.
    `moved` are folders of the library whose files lie elsewhere now in the same order: (before, now).
    """

    folder: str
    looked_for: int
    found: tuple[Found, ...]
    likely: tuple[Found, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
