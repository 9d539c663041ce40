"""Whether a library and its caches fit together, in words, and the repair of what can be made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.sentence import Sentence
from media_assistant.library.backup import Backup
from media_assistant.library.checking import Problem
from media_assistant.library.library import Library
from media_assistant.workflows.understanding.previews import forget_previews, preview_file

Stop = Callable[[], bool]

THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, or after a repair what is still there; then `repaired` is what was there before."""

    problems: tuple[Problem, ...] = ()
    strays: tuple[int, ...] = ()
    """Ids of which there are small pictures but no item."""
    bare: tuple[int, ...] = ()
    """Items whose small pictures are lost."""
    repaired: tuple[tuple[str, int], ...] = ()
    """(code, count) of what was mended."""
    backup: Backup | None = None
    """Made before the repair."""

    @property
    def found(self) -> tuple[tuple[str, int, bool], ...]:
        """(code, count, whether a repair mends it) of all that does not fit."""
        own = tuple((each.code, each.count, each.can_be_repaired) for each in self.problems)
        cached = (("pictures", self.bare), ("strays", self.strays))
        return (*own, *((code, len(ids), True) for code, ids in cached if ids))

    @property
    def is_whole(self) -> bool:
        """Whether everything fits together."""
        return not self.found

    @property
    def is_damaged(self) -> bool:
        """Whether the file itself is: then a backup has to take its place."""
        return any(each.code == "damaged" for each in self.problems)

    @property
    def needs_rewriting(self) -> bool:
        """Whether a repair ends with `backup` in the library's place, which is for whoever can close it."""
        return any(each.needs_rewriting for each in self.problems)

    @property
    def can_be_repaired(self) -> bool:
        """Whether a repair would mend something."""
        return not self.is_damaged and any(mends for _, _, mends in self.found)


def problem_sentence(code: str, count: int) -> Sentence:
    """What does not fit."""
    return Sentence(f"library.problem.{code}", {"count": count})


def repair_sentence(code: str) -> Sentence:
    """What a repair does about it, or what a person can do."""
    return Sentence(f"library.repair.{code}")


class LibraryCheck:
    """`tell` is called with what a repair changed."""

    def __init__(self, library: Library, previews: Path, tell: Callable[[LibraryChanges], None]) -> None:
        self._library = library
        self._previews = previews
        self._tell = tell

    def look(self, should_stop: Stop = bool) -> Checked:
        """Nothing is changed. Raises Cancelled."""
        problems = self._library.find_problems(should_stop=should_stop)
        return Checked(tuple(problems), self._find_strays(), self._find_bare())

    def repair(self, found: Checked, backup: Backup, should_stop: Stop = bool) -> Checked:
        """Make again what can be, and look once more. Raises Cancelled."""
        mendable: Sequence[Problem] = [each for each in found.problems if each.can_be_repaired]
        if mendable:
            self._tell(self._library.repair(mendable))
        forget_previews(self._previews, found.strays)
        if found.bare:
            self._tell(self._library.picture_again(found.bare))
        left = self.look(should_stop)
        repaired = tuple((code, count) for code, count, mends in found.found if mends)
        return replace(left, repaired=repaired, backup=backup)

    def _find_strays(self) -> tuple[int, ...]:
        """Small pictures of ids that the library never gave, or forgot."""
        try:
            names = [each.name for each in self._previews.iterdir()]
        except OSError:
            return ()
        ids = {int(name) for name in names if name.isascii() and name.isdigit()}
        return tuple(sorted(ids - self._library.known_ids())) if ids else ()

    def _find_bare(self) -> tuple[int, ...]:
        """Items that have no small picture, though one was made: somebody emptied the cache. A library that is only
        looked at has its pictures elsewhere.
        """
        if self._library.is_read_only:
            return ()
        try:
            ids = self._library.pictured_ids()
        except UserFixable:
            return ()  # damaged; that is told
        return tuple(each for each in ids if preview_file(self._previews, each, THUMBNAIL) is None)
