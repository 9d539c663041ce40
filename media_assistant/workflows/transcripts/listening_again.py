"""A stretch of an item, or all of it, is listened to again with another model or in another language.

What comes takes the place of what a model heard there before. Lines that a person wrote stay, and where they are
nothing new is put in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import PERSON, Rewrite, is_spoken, part_by_time, span_of, tracks
from media_assistant.library.library import Library
from media_assistant.library.stretches import Ground, Stretch
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.transcripts.transcribing import transcribe_file


def listen_again(
    library: Library,
    paths: Paths,
    settings: Settings,
    item_id: int,
    stretch: TimeSpan | None,
    *,
    track: str = "",
    language: str = "",
    model: str = "",
    progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] = bool,
) -> Rewrite:
    """What changes in the transcript. Without a `stretch` all of the item is listened to. `track` as in `tracks`.

    `progress(done_ms, all_ms)` counts within the stretch. Raises UserFixable as `transcribe_file` does, Cancelled, and
    "workflows.heard_nothing" where nobody speaks: then what was there stays.
    """
    item = library.item(item_id)
    if item is None:
        raise UserFixable("library.no_such_item", item=item_id)
    whole = stretch or TimeSpan(0, max(item.facts.duration_ms, 1))

    def tell(done_ms: int, _all_ms: int) -> None:
        if progress is not None:
            progress(max(0, done_ms - whole.start_ms), whole.end_ms - whole.start_ms)

    heard = transcribe_file(
        Path(item.path),
        paths,
        settings,
        language=language,
        model=model,
        names=library.spoken_names(),
        stretch=whole,
        progress=tell,
        should_stop=should_stop,
    )
    if not heard:
        raise UserFixable("workflows.heard_nothing")
    # Looked up only now: a person may have gone on writing while it was listened to.
    said = tracks([line for line in library.details(item_id).lines if is_spoken(line)])
    there = said.get(track) or next(iter(said.values()), [])
    return replacing(item_id, there, heard, whole)


def replacing(item_id: int, there: Sequence[Moment], heard: Sequence[Moment], stretch: TimeSpan) -> Rewrite:
    """The lines `heard` within `stretch` in the place of those that are there."""
    mine = [line for line in there if line.source == PERSON]
    inside = Ground([Stretch(Sense.SAID, "", stretch)])
    out: list[Moment] = []
    put: list[Moment] = []
    for line in there:
        if line.source == PERSON:
            continue
        parts = inside.parts(dataclasses.replace(line, language=""))
        if any(is_inside for _, is_inside in parts):
            out.append(line)
            put += [_again(part, line) for part, is_inside in parts if not is_inside]
    kept = Ground([Stretch(Sense.SAID, "", line.span) for line in mine])
    for line in heard:
        for part in _within(line, stretch):
            put += [_again(piece, line) for piece, is_covered in kept.parts(part) if not is_covered]
    return Rewrite(item_id, tuple(out), tuple(line for line in put if line.text.strip()))


def _again(part: Moment, line: Moment) -> Moment:
    return dataclasses.replace(part, language=line.language, id=0)


def _within(line: Moment, stretch: TimeSpan) -> Iterator[Moment]:
    """What of a line lies in the stretch. A recogniser may hear a little beyond its ends."""
    span = span_of(line)
    start_ms, end_ms = max(span.start_ms, stretch.start_ms), min(span.end_ms, stretch.end_ms)
    if end_ms <= start_ms:
        return
    if (start_ms, end_ms) == (span.start_ms, span.end_ms):
        yield line
        return
    parts: Iterable[tuple[Moment, bool]] = [(line, True)]
    if line.words:
        middles = [(word.start_ms + word.end_ms) // 2 for word in line.words]
        parts = part_by_time(line, [start_ms <= middle < end_ms for middle in middles])
    for part, is_inside in parts:
        if is_inside:
            begin = min(max(span_of(part).start_ms, start_ms), end_ms)
            yield dataclasses.replace(part, span=TimeSpan(begin, max(begin, min(span_of(part).end_ms, end_ms))))
