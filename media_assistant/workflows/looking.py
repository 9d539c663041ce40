"""Look through the library's folders again: what came, moved, changed or went, and whether they can be reached at all.

Nothing is ever removed here. A file that is gone is marked missing; a folder that cannot be reached (a drive that was
unplugged) marks all that lies in it, until it is back. What a person took out of the library stays out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from media_assistant.items.changes import LibraryChanges
from media_assistant.library.library import Library, OpenStep
from media_assistant.media.walk import is_passed_over
from media_assistant.paths import bundled
from media_assistant.workflows.importing import Plan, import_paths

Tell = Callable[[LibraryChanges], None]


def is_here(root: str) -> bool:
    """Whether a folder can be reached. May take long where a network does not answer: never ask on the window's thread."""
    try:
        with os.scandir(root):
            return True
    except OSError:
        return False


def adopt(library: Library, paths: Sequence[Path], into: OpenStep | None = None) -> LibraryChanges:
    """Folders that a person brings in are looked after from now on; those that come with the program are not. `into`: the
    step of theirs.
    """
    changes = LibraryChanges()
    for path in paths:
        if path.is_dir() and not path.absolute().is_relative_to(bundled("resources")):
            changes |= library.add_root(os.path.abspath(path), into=into)
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
    for path in paths:
        if should_stop():
            return
        if not os.path.lexists(path):
            tell(library.mark_missing([path]) | library.mark_missing_below(path))


def check_known(library: Library, folder: str, *, tell: Tell, should_stop: Callable[[], bool] = bool) -> None:
    """Mark what is gone from a folder and what is there again, without taking in anything."""
    gone: list[str] = []
    back: list[str] = []
    for path, size_bytes, _modified_ns, is_missing in library.locations_below(folder):
        if should_stop():
            return
        try:
            found = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            gone.append(path)  # also one that was marked while the folder was away: now it is known to be gone
            continue
        except OSError:
            continue  # there, but not for us: nothing is known
        if is_missing and found.st_size == size_bytes:
            back.append(path)
    if gone:
        tell(library.mark_missing(gone))
    if back:
        changes = library.mark_present(back)
        tell(changes | library.retry_jobs(list(changes.changed)))


def _take_in(
    library: Library, paths: Sequence[Path], *, plan: Plan | None, tell: Tell, should_stop: Callable[[], bool]
) -> None:
    if paths:
        import_paths(library, paths, plan=plan, tell=tell, should_stop=should_stop, brings_back=False)


def _is_left_alone(path: str, roots: Sequence[str]) -> bool:
    """As a walk through the root that it lies in would leave it alone."""
    above = [root for root in roots if path == root or path.startswith(root.rstrip(os.sep) + os.sep)]
    return not above or is_passed_over(path, max(above, key=len))
