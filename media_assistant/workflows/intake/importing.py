"""Files come in. A file is known by its content: again is nothing new, moved is found again, changed is read again.

For each file that the walk meets, in this order:
known here with the same size and time → nothing to do · a transcript that we wrote there, as it was → left alone · of no
kind we read → left alone, with the reason · known here
with other content → the item gets the new content, and is analysed anew · content known elsewhere, and gone from there
→ moved · content known elsewhere and still there → a copy · otherwise new.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.answers import ImportReport
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence, sentence_of
from media_assistant.library.library import Library, Location, NewItem, OpenStep
from media_assistant.media.identity import full_hash, quick_hash
from media_assistant.media.sniff import sniff
from media_assistant.media.walk import Ignored, Walked, walk
from media_assistant.paths import absolute, find_paths
from media_assistant.workflows.intake.losing import bring_back
from media_assistant.workflows.intake.relinking import check_files
from media_assistant.workflows.intake.same_content import is_called_so, is_same, places_of
from media_assistant.workflows.intake.standing import is_renamed_to, is_still_there

Value = TypeVar("Value")
Plan = Callable[[Sequence[int]], object]
"""Queues what these items lack: nothing for those that are done, the rest of those that a killed program left behind."""

BATCH = 200
"""Files per transaction: few enough that the first ones show at once, enough that thousands go quickly."""
_FIRST_BATCH = 20


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many files were looked at, how many were new, and the file at hand."""

    seen: int
    added: int
    path: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A file whose content was looked at."""

    walked: Walked
    kind: Kind
    quick_hash: str


@dataclass(slots=True)
class _Tally:
    """What became of the files so far."""

    seen: int = 0
    added: list[int] = field(default_factory=list)
    known: int = 0
    moved: int = 0
    failed: list[tuple[str, Sentence]] = field(default_factory=list)
    ignored: list[tuple[str, Sentence]] = field(default_factory=list)
    is_stopped: bool = False

    def report(self) -> ImportReport:
        failed, ignored = tuple(self.failed), tuple(self.ignored)
        return ImportReport(tuple(self.added), self.known, self.moved, failed, ignored, is_stopped=self.is_stopped)


def import_paths(
    library: Library,
    paths: Iterable[Path],
    *,
    plan: Plan | None,
    tell: Callable[[LibraryChanges], None],
    progress: Callable[[ImportProgress], None] | None = None,
    should_stop: Callable[[], bool] = bool,
    brings_back: bool = True,
    into: OpenStep | None = None,
) -> ImportReport:
    """Bring in the files at and under `paths`. One bad file is one line of the report and stops nothing.

    `plan` queues the analyses that these items lack (None: not now; then what was found in a file that was replaced goes,
    for nobody is about to find anything else). Everything before a stop stays. `brings_back`:
    what a person took out of the library comes in again, for they ask for it; a look through a folder leaves it out.
    `into`: the step of the person that what is new belongs to.
    """
    tally = _Tally()
    for found in _batches(_files(paths, find_paths(library.file).own, tally)):
        if should_stop():
            tally.is_stopped = True
            break
        batch = found if brings_back else _without_removed(library, found)
        changes, met = _take_in(library, batch, tally, should_stop, brings_back=brings_back, into=into)
        if plan is not None and met:
            plan(met)
        elif met:
            changes |= _forget_stale(library, met)
        tell(changes)
        if progress is not None and batch:
            progress(ImportProgress(tally.seen, len(tally.added), str(batch[-1].path)))
    return tally.report()


def find_item(library: Library, word: str) -> Item | None:
    """An item by its id, or by the path of one of its files; a file's path wins."""
    known = library.find_by_path(absolute(word))
    if known is not None:
        return library.item(known.item_id)
    if word.isdecimal() and len(word) < 19 and not os.path.exists(word):
        return library.item(int(word))
    return None


def _files(paths: Iterable[Path], own: Iterable[Path], tally: _Tally) -> Iterator[Walked]:
    for met in walk(paths, own):
        if not isinstance(met, Ignored):
            yield met
        elif met.reason.code.startswith("error."):
            tally.failed.append((str(met.path), met.reason))
        else:
            tally.ignored.append((str(met.path), met.reason))


def _batches(files: Iterable[Value]) -> Iterator[list[Value]]:
    """Small ones first, so that something shows at once."""
    batch: list[Value] = []
    size = _FIRST_BATCH
    for file in files:
        batch.append(file)
        if len(batch) >= size:
            yield batch
            batch, size = [], BATCH
    if batch:
        yield batch


def _take_in(
    library: Library,
    batch: Sequence[Walked],
    tally: _Tally,
    should_stop: Callable[[], bool],
    *,
    brings_back: bool,
    into: OpenStep | None,
) -> tuple[LibraryChanges, list[int]]:
    """One batch: what changed, and the items that it is about, whose analyses may be lacking."""
    changes, read, met = _look_at(library, batch, tally, should_stop)
    # All of them before the first write: files that changed places must still find each other.
    known = [(each, library.find_by_path(each.walked.path), library.find_by_hash(each.quick_hash)) for each in read]
    # Of those that can be one of several, each that is called as before first: the others are what is left.
    known.sort(key=lambda met: bool(met[2]) and not is_called_so(met[2], met[0].walked.path))
    new: list[tuple[_Read, NewItem]] = []
    copies: list[tuple[_Read, _Read]] = []
    moved: dict[str, str] = {}
    try:
        for each, here, alike in known:
            places = places_of(alike, each.walked.path, each.quick_hash, moved=moved, should_stop=should_stop)
            if places:
                changes |= _put(library, places, each, here, tally, moved)
                met.append(places[0].item_id)
            elif twin := next((other for other, _ in new if _is_twin(other, each, should_stop)), None):
                copies.append((each, twin))
            else:
                coming, was_removed = _coming(library, each, should_stop)
                if here is not None:
                    item_id, changed = _replace(library, here, coming)
                    changes |= changed
                    met.append(item_id)
                    tally.known += 1
                elif brings_back or not was_removed:
                    new.append((each, coming))
    except Cancelled:
        tally.is_stopped = True
    if new:
        ids, added = library.add_items([coming for _, coming in new], into)
        changes |= added | _check_revived(library, ids, {coming.path for _, coming in new})
        tally.added += ids
        met += ids
        for each, twin in copies if ids else ():
            beside = library.find_by_path(twin.walked.path)
            changes |= _put(library, [beside], each, None, tally, moved) if beside else LibraryChanges()
    return changes, met


def _is_twin(one: _Read, other: _Read, should_stop: Callable[[], bool]) -> bool:
    if one.quick_hash != other.quick_hash:
        return False
    return is_same(one.walked.path, other.walked.path, other.quick_hash, should_stop) is True


def _coming(library: Library, read: _Read, should_stop: Callable[[], bool]) -> tuple[NewItem, bool]:
    """The file as it comes in, and whether its content was taken out of the library."""
    file = read.walked
    places = library.removed_places(read.quick_hash, file.size_bytes)
    removed = places_of(places, file.path, read.quick_hash, should_stop=should_stop)
    others = frozenset(place.item_id for place in places) - {place.item_id for place in removed}
    new = NewItem(
        read.kind,
        str(file.path),
        file.path.stem,
        file.size_bytes,
        file.modified_ns,
        read.quick_hash,
        unlike=others,
    )
    return new, bool(removed)


def _forget_stale(library: Library, item_ids: Sequence[int]) -> LibraryChanges:
    stale = [(run.item_id, run.analyser) for run in library.runs(item_ids) if run.is_stale]
    return library.forget_stale(stale) if stale else LibraryChanges()


def _check_revived(library: Library, item_ids: Sequence[int], paths: Container[str]) -> LibraryChanges:
    """What came back into the library knows places of before, and nobody looked after them meanwhile."""
    before = {place.item_id for place in library.places(item_ids) if place.path not in paths}
    return check_files(library, sorted(before)) if before else LibraryChanges()


def _without_removed(library: Library, batch: Sequence[Walked]) -> list[Walked]:
    """Those that are not the files of items that were taken out, without opening one."""
    removed = library.was_removed([(str(file.path), file.size_bytes, file.modified_ns) for file in batch])
    return [file for file in batch if str(file.path) not in removed]


def _look_at(
    library: Library, batch: Sequence[Walked], tally: _Tally, should_stop: Callable[[], bool]
) -> tuple[LibraryChanges, list[_Read], list[int]]:
    """The files of a batch that are not just as they were when they were last seen, and the items of those that are."""
    changes = LibraryChanges()
    read: list[_Read] = []
    met: list[int] = []
    known = library.known_as([(str(file.path), file.size_bytes, file.modified_ns) for file in batch])
    ours = library.written_at([str(file.path) for file, (here, _) in zip(batch, known, strict=True) if here is None])
    for file, (here, is_as_known) in zip(batch, known, strict=True):
        if should_stop():
            tally.is_stopped = True
            break
        tally.seen += 1
        if here is not None and is_as_known:
            tally.known += 1
            met.append(here.item_id)
            if here.is_missing:
                changes |= bring_back(library, [here])
        elif _holds(file.path, ours.get(str(file.path), "")):
            tally.ignored.append((str(file.path), Sentence("ignored.workflows.own_transcript")))
        elif (looked := _look(file, tally)) is not None:
            read.append(looked)
    return changes, read, met


def _holds(path: Path, content_hash: str) -> bool:
    try:
        return bool(content_hash) and full_hash(path) == content_hash
    except UserFixable:
        return False


def _look(file: Walked, tally: _Tally) -> _Read | None:
    """What the file is; None, with a line in the report, for one that does not come in."""
    try:
        found = sniff(file.path)
        if found is None:
            tally.ignored.append((str(file.path), Sentence("ignored.workflows.no_kind")))
            return None
        return _Read(file, found.kind, quick_hash(file.path))
    except UserFixable as fault:
        tally.failed.append((str(file.path), sentence_of(fault)))
        return None


def _put(
    library: Library,
    places: Sequence[Location],
    read: _Read,
    here: Location | None,
    tally: _Tally,
    moved: dict[str, str],
) -> LibraryChanges:
    """A known content at this place: only touched, moved here, or a copy. `moved` are the places that files of this batch
    have left, and where they went: of two copies that moved each left another.
    """
    file = read.walked
    item_id = places[0].item_id
    if here is None or here.item_id != item_id:
        lost = [
            place.path
            for place in places
            if place.item_id == item_id
            and place.path not in moved
            and (not is_still_there(place, is_read=True) or is_renamed_to(place.path, str(file.path)))
        ]
        if lost:
            tally.moved += 1
            moved[lost[0]] = str(file.path)
            return library.move_location(item_id, lost[0], file.path, file.size_bytes, file.modified_ns)
    tally.known += 1
    if here is not None and here.item_id == item_id and not here.is_missing and here.modified_ns == file.modified_ns:
        return LibraryChanges()
    return library.add_location(item_id, file.path, file.size_bytes, file.modified_ns)


def _replace(library: Library, here: Location, new: NewItem) -> tuple[int, LibraryChanges]:
    """Another content where a known one lay. Copies of the old one that are gone do not keep it alive."""
    gone = [
        place.path
        for place in library.locations(here.item_id)
        if place.path != here.path and not is_still_there(place, is_read=True)
    ]
    changes = library.mark_missing(gone) if gone else LibraryChanges()
    item_id, replaced = library.replace_content(here.item_id, new)
    return item_id, changes | replaced
