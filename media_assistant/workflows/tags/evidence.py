"""Where a tag comes from, for showing it: the seconds, the picture, or the very words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from media_assistant.items.moment import Layer, Moment
from media_assistant.items.ranking import overlap
from media_assistant.items.span import Whole
from media_assistant.library.library import Library

LONGEST_QUOTE = 240


@dataclass(frozen=True, slots=True)
class Evidence:
    """A moment that carries the tag, with the words that stand or are said there, if any."""

    moment: Moment
    quote: str = ""


def evidence_of(library: Library, item_id: int, concept_id: str, limit: int = 12) -> list[Evidence]:
    """Of one tag of one item, strongest first."""
    moments = library.evidence(item_id, concept_id, limit)
    if all(isinstance(moment.span, Whole) for moment in moments):
        return [Evidence(moment, _short(moment.text)) for moment in moments]
    return with_quotes(moments, library.moments(item_id, Layer.LINE))


def with_quotes(moments: Iterable[Moment], lines: Sequence[Moment]) -> list[Evidence]:
    """Each with the line that is in its place."""
    return [Evidence(moment, _quote(moment, lines)) for moment in moments]


def _quote(moment: Moment, lines: Sequence[Moment]) -> str:
    if moment.text:
        return _short(moment.text)
    if isinstance(moment.span, Whole):
        return ""
    same = [line for line in lines if line.sense is moment.sense and overlap(line.span, moment.span) > 0.5]
    return _short(" ".join(line.text for line in same))


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[:LONGEST_QUOTE].rstrip()}…"
