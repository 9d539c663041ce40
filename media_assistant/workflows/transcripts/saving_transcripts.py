"""Transcripts as files: beside the media or in a folder, never over a file that this program did not write.

What was written is remembered with its hash, also where the person named the file: what was heard is no news of what is
said when it lies beside the film. What came of the person's own subtitles is, corrected or not: it is theirs. Only where
the file still is what we wrote for this very item is it renewed; else a name with a number is taken: `film.en.srt`,
`film.en.2.srt`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.items.item import Item
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.sentence import Sentence
from media_assistant.items.transcript import can_be_written, is_spoken
from media_assistant.library.library import Library
from media_assistant.library.written_files import WrittenFile
from media_assistant.media.identity import full_hash
from media_assistant.media.subtitles import find_sidecars
from media_assistant.paths import absolute
from media_assistant.whole_files import is_stream, write_new, write_whole
from media_assistant.workflows.originals import is_original
from media_assistant.workflows.transcripts.transcripts import format_lines, is_half, spoken_lines

Progress = Callable[[int, int], None]
_READ, _HEARD = "subtitles", "speech"
"""Analysers: whether what is said was read in a file, or heard."""


@dataclass(frozen=True, slots=True)
class Saved:
    """`silent` counts the items without a transcript; `failed` are pairs of title and reason."""

    written: tuple[Path, ...] = ()
    silent: int = 0
    failed: tuple[tuple[str, Sentence], ...] = ()


def save_transcripts(
    library: Library,
    item_ids: Sequence[int],
    to: str,
    *,
    folder: Path | None = None,
    language: str = "",
    progress: Progress = lambda _done, _all: None,
    should_stop: Callable[[], bool] = bool,
) -> Saved:
    """Write each item's transcript beside its file, or into `folder`. One that cannot be written, or is not whole yet,
    stops no other.

    Raises UserFixable("workflows.unknown_format") and Cancelled.
    """
    written: list[Path] = []
    failed: list[tuple[str, Sentence]] = []
    silent = 0
    for done, item in enumerate(library.items(item_ids)):
        progress(done, len(item_ids))
        if should_stop():
            raise Cancelled
        lines = spoken_lines(library, item.id, language)
        if not lines:
            silent += 1
            continue
        if is_being_heard(library, item.id, lines):
            failed.append((item.title, Sentence("error.workflows.half_transcript")))
            continue
        if not can_be_written(lines, to):
            failed.append((item.title, Sentence("error.workflows.no_times")))
            continue
        # Plain words alone are told by their name, as subtitles are, but no player reads them.
        spoken = next((line.language for line in lines if line.language), "")
        path = Path(item.path)
        stem = f"{path.stem}.{spoken}" if spoken else path.stem
        try:
            written.append(_write_spared(library, item, folder or path.parent, stem, to, lines, written))
        except OSError as fault:
            why = Sentence("error.workflows.not_written", {"folder": str(folder or path.parent), "why": why_of(fault)})
            failed.append((item.title, why))
    progress(len(item_ids), len(item_ids))
    return Saved(tuple(written), silent, tuple(failed))


def save_as(library: Library, item_id: int, to: str, target: Path, language: str = "") -> Path:
    """Write an item's transcript to a file that the person named, and who agreed that what was there goes.

    Raises UserFixable: "workflows.no_transcript", "workflows.half_transcript" for one that is still being written down,
    "workflows.no_times" for words that are to have times and have none, "workflows.is_original" for a file of the library,
    "workflows.not_written".
    """
    lines = spoken_lines(library, item_id, language)
    if not lines:
        raise UserFixable("workflows.no_transcript")
    if is_being_heard(library, item_id, lines):
        raise UserFixable("workflows.half_transcript")
    if not can_be_written(lines, to):
        raise UserFixable("workflows.no_times")
    if is_original(library, target):
        raise UserFixable("workflows.is_original", file=target.name)
    try:
        write_whole(target, format_lines(lines, to).encode("utf-8", "replace"))
    except OSError as fault:
        raise UserFixable("workflows.not_written", folder=str(target.parent), why=why_of(fault)) from fault
    remember_saved(library, item_id, target, lines)
    return target


def is_being_heard(library: Library, item_id: int, lines: Sequence[Moment]) -> bool:
    """Whether these lines are half of what will be there. Where listening was called off, or failed, nothing will come."""
    return is_half(library, item_id, lines) and any(
        analysis.analyser == _HEARD and analysis.state in ("waiting", "running", "paused")
        for analysis in library.details(item_id).analyses
    )


def remember_saved(library: Library, item_id: int, target: Path, lines: Iterable[Moment]) -> None:
    """These lines of the item's were written there. A pipe keeps nothing. A library that is only read learns it where its
    file can be written, and was not moved away meanwhile.
    """
    if not target.is_file() or is_stream(target):
        return
    was_read = any(line.source.analyser == _READ for line in lines)
    with suppress(UserFixable) if library.is_read_only else nullcontext():
        library.remember_written(WrittenFile(Path(absolute(target)), full_hash(target), was_read), item_id)


def heard_and_written(library: Library, item_id: int) -> frozenset[str]:
    """The hashes of what was written of what was heard in an item: its analysis passes these files over.

    None where all that is shown was read: then what lies beside the film is where it comes from.
    """
    hashes = frozenset(file.hash for file in library.written_for(item_id) if not file.was_read)
    if not hashes:
        return hashes
    sources = {line.source.analyser for line in library.moments(item_id, Layer.LINE) if is_spoken(line)}
    return frozenset() if _READ in sources and _HEARD not in sources else hashes


def is_their_subtitle(library: Library, film: Path, target: Path) -> bool:
    """Whether the file lies beside the film as its subtitles, and is not what this program wrote there, or not any more."""
    try:
        if not any(os.path.samefile(sidecar.path, target) for sidecar in find_sidecars(film)):
            return False
    except OSError:
        return False  # it is not there
    path = absolute(target)
    try:
        return library.written_at([path]).get(path) != full_hash(target)
    except (UserFixable, OSError):
        return True


def _write_spared(
    library: Library,
    item: Item,
    folder: Path,
    stem: str,
    to: str,
    lines: Sequence[Moment],
    just_written: Sequence[Path],
) -> Path:
    data = format_lines(lines, to).encode("utf-8", "replace")
    taken = set(just_written)
    for number in count(1):
        target = folder / (f"{stem}.{to}" if number == 1 else f"{stem}.{number}.{to}")
        if target in taken:
            continue
        if os.path.lexists(target):
            if _is_theirs_alike(library, target, data):
                return target
            if not _is_ours(library, item.id, target):
                continue
            write_whole(target, data)
        else:
            try:
                write_new(target, data)
            except FileExistsError:
                continue
        remember_saved(library, item.id, target, lines)
        return target
    raise AssertionError("numbers do not end")


def _is_ours(library: Library, item_id: int, target: Path) -> bool:
    """Whether the file is what we wrote for this item, and nobody changed it, or made it an item of its own."""
    known = library.written_for(item_id)
    if not known or target.is_symlink() or not target.is_file() or is_original(library, target):
        return False
    try:
        now = full_hash(target)
        return any(_is_it(file, target) for file in known if file.hash == now)
    except (UserFixable, OSError):
        return False


def _is_it(file: WrittenFile, target: Path) -> bool:
    """Whether `target`, of the same content, is that file: it was moved if it lies no more where it was written. What was
    read before may as well be the person's own, of which ours was a copy.
    """
    if os.path.lexists(file.path):
        return os.path.samefile(file.path, target)
    return not file.was_read


def _is_theirs_alike(library: Library, target: Path, data: bytes) -> bool:
    """Whether somebody else's file says the very same already: there is nothing to write, and it stays theirs."""
    try:
        holds = target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False
    return holds and not library.written_at([absolute(target)])
