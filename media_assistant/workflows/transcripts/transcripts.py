"""The transcripts that the library has, and how other programs read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import FORMATS, is_spoken, tracks
from media_assistant.library.library import Library

_HEARD = "speech"
"""The analyser that listens."""


def spoken_lines(library: Library, item_id: int, language: str = "") -> tuple[Moment, ...]:
    """The transcript that the library has, in `language` if there are several. Empty if there is none."""
    return _one_transcript([line for line in library.details(item_id).lines if is_spoken(line)], language)


def is_half(library: Library, item_id: int, lines: Iterable[Moment]) -> bool:
    """Whether these lines of the item are what a recogniser has heard so far, and it has not come to the end."""
    if all(line.source.analyser != _HEARD for line in lines):
        return False
    run = library.run(item_id, _HEARD)
    return run is not None and not run.is_complete


def lines_in(said: Sequence[Moment], language: str) -> tuple[Moment, ...]:
    """One transcript of these lines: where a `language` is asked for that one or none."""
    return tuple(tracks(said).get(language, ())) if language else _one_transcript(said, language)


def _one_transcript(said: Sequence[Moment], language: str) -> tuple[Moment, ...]:
    """Of lines that may be there in several languages: one after the other they would be no transcript."""
    side_by_side = tracks(said)
    return tuple(side_by_side.get(language) or next(iter(side_by_side.values()), ()))


def format_lines(lines: Iterable[Moment], to: str) -> str:
    """Spoken moments in one of FORMATS. Raises UserFixable("workflows.unknown_format")."""
    from media_assistant.media import subtitles

    if to not in FORMATS:
        raise UserFixable("workflows.unknown_format", format=to)
    said = [line for line in lines if is_spoken(line)]
    language = next((line.language for line in said if line.language), "")
    timed = [
        subtitles.Line(line.span.start_ms, line.span.end_ms, line.text, line.words)
        for line in said
        if isinstance(line.span, TimeSpan)
    ]
    return subtitles.write(timed, to, language=language)
