"""What a write changed, so that whoever shows the library knows what to draw again."""

from __future__ import annotations

from dataclasses import dataclass


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
        def union(ours: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(dict.fromkeys((*ours, *theirs)))

        return LibraryChanges(
            union(self.added, other.added),
            union(self.changed, other.changed),
            union(self.removed, other.removed),
            union(self.moments, other.moments),
            self.jobs or other.jobs,
            self.journal or other.journal,
            self.tags or other.tags,
            self.collections or other.collections,
            self.folders or other.folders,
            self.past or other.past,
            self.forgotten or other.forgotten,
            max(self.step, other.step),
            self.steps + other.steps,
        )

    def __bool__(self) -> bool:
        return self != LibraryChanges()
