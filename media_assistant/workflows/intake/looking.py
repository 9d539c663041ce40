"""Look through the library's folders again: what came, moved, changed or went, and whether they can be reached at all.

Nothing is ever removed here. A file that is gone is marked missing; a folder that cannot be reached (a drive that was
unplugged) marks all that lies in it, until it is back. What a person took out of the library stays out.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library, OpenStep
from media_assistant.media.walk import is_passed_over
from media_assistant.paths import absolute, bundled
from media_assistant.workflows.intake.importing import Plan, import_paths
from media_assistant.workflows.intake.losing import check_places, mark_gone

Tell = Callable[[LibraryChanges], None]


def is_here(root: str) -> bool:
    """Whether a folder can be reached. May take long where a network does not answer: never ask on the window's thread."""
    try:
        with os.scandir(root):
            return True
    except OSError:
        return False


def reach(root: str) -> tuple[bool, bool, int]:
    """Whether a folder can be reached, whether anything lies in it, and the number of the drive that it is on: whatever of
    it changes, the folder may be another one than before. As slow as `is_here`.
    """
    try:
        with os.scandir(root) as entries:
            return True, next(entries, None) is not None, os.stat(root).st_dev
    except OSError:
        return False, False, 0


def adopt(library: Library, paths: Sequence[Path], into: OpenStep | None = None) -> LibraryChanges:
    """Folders that a person brings in are looked after from now on; those that come with the program are not. `into`: the
    step of theirs.
    """
    changes = LibraryChanges()
    for path in paths:
        if os.path.isdir(path) and not path.absolute().is_relative_to(bundled("resources")):
            changes |= library.add_root(absolute(path), into=into)
    return changes


def look_through(
    library: Library, folder: str, *, plan: Plan | None, tell: Tell, should_stop: Callable[[], bool] = bool
) -> None:
    """A whole folder: take in what is new or changed, find what moved, mark what is gone."""
    if not is_here(folder):
        tell(library.mark_missing_below(folder))
        return
    _take_in(library, [Path(folder)], plan=plan, tell=tell, should_stop=should_stop)
    check_known(library, folder, tell=tell, should_stop=should_stop)


def look_at(
    library: Library, paths: Sequence[str], *, plan: Plan | None, tell: Tell, should_stop: Callable[[], bool] = bool
) -> None:
    """Files and folders in which something happened, and nothing else."""
    roots = [root for root, _ in library.root_paths()]
    there = [Path(path) for path in paths if os.path.lexists(path) and not _is_left_alone(path, roots)]
    # First what is there: a moved file is found in its new place before its old one is marked.
    _take_in(library, there, plan=plan, tell=tell, should_stop=should_stop)
    gone: dict[str, list[str]] = {}
    for path in paths:
        if should_stop():
            return
        if not os.path.lexists(path):
            root = _root_of(path, roots)
            known = [place.path for place in library.locations_below(path) if not place.is_missing]
            here = library.find_by_path(path)
            gone.setdefault(root, []).extend([*known, *([path] if here and not here.is_missing else [])])
    for root, lost in gone.items():
        if root and not is_here(root):
            tell(library.mark_missing(lost, is_offline=True))
        else:
            tell(mark_gone(library, root, lost))


def check_known(library: Library, folder: str, *, tell: Tell, should_stop: Callable[[], bool] = bool) -> None:
    """Mark what is gone from a folder and what is there again, without taking in anything."""
    places = library.locations_below(folder)
    if not should_stop():
        roots = [root for root, _ in library.root_paths()]
        tell(check_places(library, _root_of(folder, roots) or folder, places))


def _take_in(
    library: Library, paths: Sequence[Path], *, plan: Plan | None, tell: Tell, should_stop: Callable[[], bool]
) -> None:
    if paths:
        import_paths(library, paths, plan=plan, tell=tell, should_stop=should_stop, brings_back=False)


def _is_left_alone(path: str, roots: Sequence[str]) -> bool:
    """As a walk through the root that it lies in would leave it alone."""
    root = _root_of(path, roots)
    return not root or is_passed_over(put_below(root, below(path, root) or ""), root)


def _root_of(path: str, roots: Sequence[str]) -> str:
    """The nearest root that it lies in, or that it is; "" if none."""
    return max((root for root in roots if below(path, root) is not None), key=len, default="")


def below(path: str, folder: str) -> str | None:
    """The rest of a path behind a folder that it lies in, empty for the folder itself; None if it lies elsewhere.

    macOS may tell of `é` as `e` and an accent (NFD) where a person named the folder with the letter (NFC), and counts them
    as one. The rest stays as it was told: so the disk has it, and so a walk finds it.
    """
    top = folder.rstrip(os.sep)
    if path == folder or path.startswith(top + os.sep):
        return path[len(top) :] if path != folder else ""
    if sys.platform == "darwin" and not (path.isascii() and folder.isascii()):
        parts, depth = path.split(os.sep), top.count(os.sep) + 1
        if unicodedata.normalize("NFC", os.sep.join(parts[:depth])) == unicodedata.normalize("NFC", top):
            return "".join(os.sep + part for part in parts[depth:])
    return None


def put_below(folder: str, rest: str) -> str:
    """What `below` gave, in the folder as the library calls it."""
    return folder.rstrip(os.sep) + rest if rest else folder
