"""Files that are not where they were: noticed when they are looked at, found again by their content, put to their items.

A file that is gone is missing; one whose whole drive or folder is away is offline, and comes back by itself. A file
that a person points at is known by its content: the same one makes the item whole, another one is only used in its
place when the person says so. A folder is looked through for everything that is lost.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from itertools import product
from pathlib import Path

from media_assistant.errors import MediaAssistantError, UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.whereabouts import Found, Located, Loss, Lost, Match, Proposal, Reason
from media_assistant.jobs.threads import UnwaitedPool
from media_assistant.library.library import Library, Location, NewItem
from media_assistant.media.identity import quick_hash
from media_assistant.media.sniff import sniff
from media_assistant.media.walk import Walked, walk
from media_assistant.paths import absolute
from media_assistant.workflows.intake.losing import check_places, losses
from media_assistant.workflows.intake.same_content import is_same, places_of

log = logging.getLogger(__name__)

SEVERAL = 5
"""So many files that are gone from what is looked at make it worth while to look at the whole folder."""

_MOUNTS = (("/Volumes/", 1), ("/run/media/", 2), ("/media/", 2), ("/mnt/", 1))
"""Where drives appear, and how many names deep."""


def check_files(library: Library, item_ids: Sequence[int] | None) -> LibraryChanges:
    """Mark what is gone of these items' files (None: of all), what is away, and what is there again. Asks the disk: may take
    long where a network does not answer.
    """
    by_root: dict[str, list[Location]] = {}
    away: list[str] = []
    roots = [path for path, _ in library.root_paths()]
    for place in library.locations() if item_ids is None else library.places(item_ids):
        if not os.path.exists(place.path) and is_away(place.path, roots):
            if not place.is_offline:
                away.append(place.path)
        else:
            above = [root for root in roots if place.path.startswith(root.rstrip(os.sep) + os.sep)]
            by_root.setdefault(max(above, key=len, default=""), []).append(place)
    changes = library.mark_missing(away, is_offline=True) if away else LibraryChanges()
    for root, places in by_root.items():
        gone = sum(not place.is_missing and not os.path.exists(place.path) for place in places)
        # Where some are gone more may be, and only of all of them it can be told whether that is a question.
        is_many = bool(root) and item_ids is not None and gone >= SEVERAL
        changes |= check_places(library, root, library.locations_below(root) if is_many else places)
    return changes


def is_away(path: str, roots: Iterable[str]) -> bool:
    """Whether the whole folder that was brought in, or the whole drive, cannot be reached."""
    for root in roots:
        if path.startswith(root.rstrip(os.sep) + os.sep) and not _is_here(root):
            return True
    drive = _drive_of(path)
    return bool(drive) and not _is_here(drive, is_drive=True)


def _is_here(folder: str, *, is_drive: bool = False) -> bool:
    """A drive's place may stay behind as an empty folder."""
    try:
        with os.scandir(folder) as entries:
            return not is_drive or next(entries, None) is not None
    except OSError:
        return False


def _drive_of(path: str) -> str:
    if sys.platform == "win32":
        drive = os.path.splitdrive(path)[0]
        return drive + os.sep if drive else ""
    for mounts, depth in _MOUNTS:
        if path.startswith(mounts):
            names = path[len(mounts) :].split(os.sep)
            return mounts + os.sep.join(names[:depth]) if len(names) > depth else ""
    return ""


def locate(library: Library, item_id: int, path: Path) -> Located:
    """What this file is to the item. Nothing is changed. Raises UserFixable: `workflows.no_kind`, or why it cannot be read."""
    found = _look(path)
    alike = library.find_by_hash(found.quick_hash)
    own = [place for place in alike if place.item_id == item_id]
    others = [place for place in alike if place.item_id != item_id]
    file, digest = Path(found.path), found.quick_hash
    holder = next((place for place in others if is_same(Path(place.path), file, digest)), None)
    if holder is None and places_of(own, file, digest):
        return Located(Match.SAME, found.path)
    holder = holder or next(iter(places_of(others, file, digest)), None)
    return Located(Match.TAKEN, found.path, holder.item_id) if holder else Located(Match.OTHER, found.path)


def _look(path: Path) -> NewItem:
    """A file as it would come in."""
    whole = Path(absolute(path))
    kind = sniff(whole)
    if kind is None:
        raise UserFixable("workflows.no_kind", file=whole.name)
    about = os.stat(whole)
    return NewItem(kind.kind, str(whole), whole.stem, about.st_size, about.st_mtime_ns, quick_hash(whole))


def look_in_folder(
    library: Library,
    folder: Path,
    *,
    progress: Callable[[int], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> Proposal:
    """Everything lost that lies in a folder or below it: for certain, or as it seems by its name. Only files of a size that
    is looked for are read; `progress` hears how many were met.
    """
    lost = library.lost_items()
    by_size: dict[int, list[Lost]] = {}
    by_name: dict[str, list[Lost]] = {}
    for each in lost:
        by_size.setdefault(each.size_bytes, []).append(each)
        by_name.setdefault(os.path.basename(each.path).casefold(), []).append(each)
    found: dict[int, Found] = {}
    called: dict[str, list[Walked]] = {}
    held: list[Walked] = []
    for met, file in enumerate(each for each in walk([folder]) if isinstance(each, Walked)):
        if should_stop():
            break
        if progress is not None and met % 200 == 0:
            progress(met)
        alike = by_size.get(file.size_bytes, ())
        is_wanted = any(each.item_id not in found for each in alike)
        name = file.path.name.casefold()
        if not (is_wanted and _compare(file, alike, found, held)) and name in by_name:
            called.setdefault(name, []).append(file)
    for file in held:
        name = file.path.name.casefold()
        if not _compare(file, by_size[file.size_bytes], found) and name in by_name:
            called.setdefault(name, []).append(file)
    likely: list[Found] = []
    for name, files in called.items():
        free = [each for each in files if library.find_by_path(each.path) is None]
        likely += _guess(free, [each for each in by_name[name] if each.item_id not in found])
    return Proposal(
        str(folder),
        len(lost),
        tuple(found.values()),
        tuple(likely),
        tuple(_moved_roots(library, found.values())),
    )


def _compare(file: Walked, lost: Sequence[Lost], found: dict[int, Found], held: list[Walked] | None = None) -> bool:
    """Whether it is what one of these stands for. Of different contents with one quick hash each has one file: the one that
    is called so, if there is one. `held` is where files wait that are called as none of several.
    """
    try:
        digest = quick_hash(file.path)
    except UserFixable:
        return False
    alike = [each for each in lost if each.quick_hash == digest]
    free = [each for each in alike if each.item_id not in found]
    others = [found[each.item_id] for each in alike if each.item_id in found]
    if not free or any(is_same(Path(each.path), file.path, digest) for each in others):
        return False
    name = file.path.name.casefold()
    called_so = next((each for each in free if os.path.basename(each.path).casefold() == name), None)
    if called_so is None and len(free) > 1 and held is not None:
        held.append(file)
    else:
        same = called_so or free[0]
        found[same.item_id] = _found(file, same, Reason.CONTENT)
    return True


def _guess(files: Sequence[Walked], wanted: Sequence[Lost]) -> Iterator[Found]:
    """Files that are called as lost ones were and hold something else: each for one of them. One of its size is the better
    guess, then the one that has most of the path's end in common.
    """
    free = [(file, _folded_parts(str(file.path))) for file in files]
    left = [(each, _folded_parts(each.path)) for each in wanted]
    longest = max((len(parts) for _, parts in left), default=0)
    for reason, length in product((Reason.NAME_AND_SIZE, Reason.NAME), range(longest, 0, -1)):
        there: dict[tuple[int, tuple[str, ...]], list[Walked]] = {}
        for file, parts in reversed(free):
            there.setdefault((file.size_bytes * (reason is Reason.NAME_AND_SIZE), parts[-length:]), []).append(file)
        given: set[object] = set()
        for each, parts in left:
            if alike := there.get((each.size_bytes * (reason is Reason.NAME_AND_SIZE), parts[-length:])):
                file = alike.pop()
                given |= {file.path, each.item_id}
                yield _found(file, each, reason)
        free = [pair for pair in free if pair[0].path not in given]
        left = [pair for pair in left if pair[0].item_id not in given]


def _folded_parts(path: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in Path(path).parts)


def _found(file: Walked, lost: Lost, reason: Reason) -> Found:
    return Found(lost.item_id, str(file.path), file.size_bytes, file.modified_ns, reason, lost.path)


def _moved_roots(library: Library, found: Iterable[Found]) -> Iterator[tuple[str, str]]:
    """Folders of the library that are not there, and of whose files most were found at the same place below another
    folder: a drive with another letter, a folder with another name.
    """
    files = list(found)
    for root, _ in library.root_paths():
        inside = root.rstrip(os.sep) + os.sep
        lost = [each for each in files if each.was.startswith(inside)]
        if not lost or _is_here(root):
            continue
        places = Counter(
            each.path[: -len(rest)]
            for each in lost
            for rest in (os.sep + each.was[len(inside) :],)
            if each.path.endswith(rest)
        )
        now_at, count = places.most_common(1)[0] if places else ("", 0)
        if now_at and 2 * count > len(lost):
            yield root, now_at


class Relinking:
    """The person's verbs on lost files. `write` carries out an edit and tells of it; `plan` queues what items lack.

    Disks are asked on threads of its own: neither edits nor searches wait for a drive that does not answer.
    """

    def __init__(
        self,
        library: Library,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        plan: Callable[..., object],
        tell: Callable[[LibraryChanges], None],
    ) -> None:
        self._library = library
        self._write = write
        self._plan = plan
        self._tell = tell
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._wanted: tuple[int, ...] = ()
        self._is_checking = False

    @cached_property
    def _disks(self) -> UnwaitedPool:
        return UnwaitedPool(2, "engine-disks")

    def check(self, item_ids: Sequence[int]) -> None:
        """Look whether these items' files are there, soon; `LibraryChanges` tell what is different.

        One look at a time; of what is asked for meanwhile the latest counts.
        """
        with self._lock:
            is_busy, self._wanted = bool(self._wanted) or self._is_checking, tuple(item_ids)
        if not is_busy and not self._stop.is_set() and not self._library.is_read_only:
            self._disks.submit(self._check)

    def _check(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                wanted, self._wanted = self._wanted, ()
                self._is_checking = bool(wanted)
            if not wanted:
                return
            try:
                changes = check_files(self._library, wanted)
            except MediaAssistantError:
                log.exception("files were not looked for")
                continue
            if changes and not self._stop.is_set():
                self._tell(changes)

    def locate(self, item_id: int, path: Path) -> Future[Located]:
        """What this file is to the item; when it is its content, the item has it from now on."""

        def look() -> Located:
            located = locate(self._library, item_id, path)
            if located.match is Match.SAME:
                about = os.stat(located.path)
                found = Found(item_id, located.path, about.st_size, about.st_mtime_ns)
                return replace(located, step=self.relink([found]).result().step)
            return located

        return self._disks.submit(look)

    def look_in_folder(self, folder: Path, progress: Callable[[int], None] | None = None) -> Future[Proposal]:
        """What is lost and lies there. Nothing is changed; `progress` is called on the engine's thread."""
        return self._disks.submit(
            look_in_folder, self._library, folder, progress=progress, should_stop=self._stop.is_set
        )

    def relink(self, found: Sequence[Found], moved: Sequence[tuple[str, str]] = ()) -> Future[LibraryChanges]:
        """Take what was found: one step of undo. What failed because the file was away is tried again. `moved`: folders
        that are looked after at their new place from now on.
        """

        def edit() -> LibraryChanges:
            changes = self._library.relink(found, moved)
            return changes | self._library.retry_unread(list(changes.changed))

        return self._write(edit)

    def use_all_instead(self, found: Sequence[Found]) -> Future[LibraryChanges]:
        """These files take the lost ones' places, as `use_instead` of each: one step of undo. Those that became another
        item's meanwhile are left to it; no file and no content is given to two.
        """

        def edit() -> LibraryChanges:
            free: dict[int, NewItem] = {}
            given: set[str] = set()
            for each in found:
                new = _look(Path(each.path))
                if given.isdisjoint((new.path, new.quick_hash)) and not self._is_taken(each.item_id, new):
                    given |= {new.path, new.quick_hash}
                    free[each.item_id] = new
            changes = self._library.use_instead(free)
            self._plan(changes.changed, keeps_stale=True)
            return changes

        return self._write(edit)

    def check_all(self) -> Future[LibraryChanges]:
        """Look whether every file is where it was."""

        def look() -> LibraryChanges:
            changes = check_files(self._library, None)
            self._tell(changes)
            return changes

        return self._disks.submit(look)

    def losses(self) -> list[Loss]:
        """What the person is asked about. Reads the library and asks disks: call it on a thread that may hang."""
        return losses(self._library)

    def accept_loss(self, folder: str) -> Future[LibraryChanges]:
        """What cannot be found in this folder is gone: it is missing from now on. One step of undo."""
        return self._write(lambda: self._library.accept_loss(folder))

    def remove_lost(self, folder: str) -> Future[LibraryChanges]:
        """What cannot be found in this folder leaves the library. One step of undo; no file is touched."""
        return self._write(lambda: self._library.remove_items(self._library.away_items(folder)))

    def use_instead(self, item_id: int, path: Path) -> Future[LibraryChanges]:
        """Another file takes the lost one's place; the person's words stay, and it is understood anew.

        Raises UserFixable("workflows.file_taken") for one that is in the library as an item of its own.
        """

        def edit() -> LibraryChanges:
            new = _look(path)
            if self._is_taken(item_id, new):
                raise UserFixable("workflows.file_taken", file=path.name)
            changes = self._library.use_instead({item_id: new})
            self._plan(changes.changed, keeps_stale=True)
            return changes

        return self._write(edit)

    def _is_taken(self, item_id: int, new: NewItem) -> bool:
        known = (*self._library.find_by_hash(new.quick_hash), self._library.find_by_path(new.path))
        return any(
            place is not None
            and place.item_id != item_id
            and not place.is_missing
            and is_same(Path(place.path), Path(new.path), new.quick_hash) is not False
            for place in known
        )

    def close(self) -> None:
        """No disk is waited for."""
        self._stop.set()
        if "_disks" in self.__dict__:
            self._disks.close()
