"""Folders that the library looks after, and those inside them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that was brought in as a whole. `count` is its items, subfolders included.

    A watched one is looked through again at the start and whenever something in it changes.
    """

    path: str
    is_watched: bool = False
    added_at: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with items in it or below it. `has_folders`: there are folders with items below it."""

    path: str
    name: str
    count: int
    has_folders: bool
