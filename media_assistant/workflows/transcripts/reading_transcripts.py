"""A transcript file becomes an item's transcript, as one step that can be undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from media_assistant.analysis.languages import language_of
from media_assistant.analysis.subtitles import SOURCE
from media_assistant.errors import UserFixable
from media_assistant.items.item import Item
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import Rewrite, aligned, is_spoken, span_of, tracks
from media_assistant.library.library import Library
from media_assistant.media.subtitles import Line
from media_assistant.media.transcript_files import read_transcript

_LEAST_LINE_MS = 400


def read_into(library: Library, item_id: int, file: Path) -> Rewrite:
    """What takes the place of the item's lines in the file's language; other languages stay beside it.

    Rows of plain text find their times in the transcript that is there, else they share the item's length by their
    letters. Raises UserFixable as `read_transcript` does, and "library.no_such_item".
    """
    found = read_transcript(file)
    details = library.details(item_id)
    said = [line for line in details.lines if is_spoken(line)]
    language = found.language or language_of("\n".join(line.text for line in found.lines[:400]))
    side_by_side = tracks(said)
    if language in side_by_side or not said:
        out = side_by_side.get(language, [])
    elif len(side_by_side) == 1 and (not language or not found.is_timed):
        out = next(iter(side_by_side.values()))
        language = language or next(iter(side_by_side))
    else:
        out = []
    lines = found.lines if found.is_timed else _timed(found.lines, out, details.item)
    put = tuple(
        Moment(
            TimeSpan(line.start_ms, max(line.start_ms, line.end_ms)),
            Sense.SAID,
            Layer.LINE,
            text=line.text,
            language=language,
            words=line.words,
            source=SOURCE,
        )
        for line in lines
        if line.text.strip()
    )
    if not put:
        raise UserFixable("media.subtitles_damaged")
    return _without_what_stays(Rewrite(item_id, tuple(out), put))


def _timed(rows: tuple[Line, ...], known: list[Moment], item: Item) -> list[Line]:
    texts = [row.text for row in rows]
    if not known:
        whole = TimeSpan(0, max(item.facts.duration_ms, len(rows) * _LEAST_LINE_MS))
        known = [Moment(whole, Sense.SAID, Layer.LINE, text="\n".join(texts))]
    spans = aligned(known, texts)
    lines = [
        Line(start_ms, max(end_ms, start_ms + _LEAST_LINE_MS), text, words)
        for (start_ms, end_ms, words), text in zip(spans, texts, strict=True)
    ]
    ends = [min(line.end_ms, max(line.start_ms, after.start_ms)) for line, after in pairwise(lines)]
    return [replace(line, end_ms=end_ms) for line, end_ms in zip(lines, [*ends, lines[-1].end_ms], strict=True)]


def _without_what_stays(rewrite: Rewrite) -> Rewrite:
    """Lines that the file has as they stand keep who said them, and what they know of their words."""
    new = {(span_of(line), line.text) for line in rewrite.put}
    kept = {(span_of(line), line.text) for line in rewrite.out} & new
    return replace(
        rewrite,
        out=tuple(line for line in rewrite.out if (span_of(line), line.text) not in kept),
        put=tuple(line for line in rewrite.put if (span_of(line), line.text) not in kept),
    )
