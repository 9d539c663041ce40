"""What a write changed, so that whoever shows the library knows what to draw again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any


@dataclass(frozen=True, slots=True)
class LibraryChanges:
    """Item ids by what became different. A tuple of ids may be long; a reader asks the library for what it shows."""

    added: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    """File facts, locations, previews or state."""
    removed: tuple[int, ...] = ()
    moments: tuple[int, ...] = ()
    """Items with other moments, tags or transcript than before."""
    jobs: bool = False
    journal: bool = False
    tags: bool = False
    """A tag itself is another than before: its names, colour, parents or threshold, or that it exists."""
    collections: bool = False
    """A collection or saved search came, went, or holds something else."""
    folders: bool = False
    """A folder that the library looks after came, went, is watched or no longer, can be reached or no longer."""
    past: bool = False
    """Something was played, searched or proposed, or recording was paused or goes on."""
    forgotten: bool = False
    """Some of the past was forgotten: whoever learnt from it learns anew."""
    step: int = 0
    """The step of the journal that this was, the last one if it was several; 0 for none."""
    steps: int = 0
    """How many steps were gone back or forward at once; 0 for what was none of that."""

    def __or__(self, other: LibraryChanges) -> LibraryChanges:
        return LibraryChanges.union((self, other))

    @classmethod
    def union(cls, parts: Iterable[LibraryChanges]) -> LibraryChanges:
        """All of these as one, in linear time: each id once, in the order in which they came."""
        told = tuple(parts)
        joined: dict[str, Any] = {}
        for field in fields(cls):
            values = [getattr(each, field.name) for each in told]
            if field.name == "step":
                joined["step"] = max(values, default=0)
            elif field.name == "steps":
                joined["steps"] = sum(values)
            elif isinstance(field.default, tuple):
                joined[field.name] = tuple(dict.fromkeys(chain.from_iterable(values)))
            else:
                joined[field.name] = any(values)
        return cls(**joined)

    def __bool__(self) -> bool:
        return self != LibraryChanges()
