"""What the lanes of a timeline hold, from what is known of an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.ui.words import Words


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of one lane."""

    start_ms: int
    end_ms: int
    text: str
    is_found: bool = False
    """The search found it."""


@dataclass(frozen=True, slots=True)
class Lane:
    """`sense` is None for the shots."""

    sense: Sense | None
    blocks: tuple[Block, ...]


def make_lanes(details: Details, found: Sequence[Moment], words: Words) -> tuple[Lane, ...]:
    """The lanes of an item. Found moments are marked, and added where the details do not hold them.

    What has no picture has no lanes for what could be seen.
    """
    found = [moment for moment in found if moment.layer is not Layer.MARK]
    marked = {(moment.sense, moment.span) for moment in found}
    is_blind = details.item.kind is Kind.MUSIC
    lanes = [Lane(None, tuple(_blocks(details.shots, frozenset(), words)))]
    for sense in Sense:
        held = [moment for moment in (*details.labels, *details.lines) if moment.sense is sense]
        spans = {moment.span for moment in held}
        held += [moment for moment in found if moment.sense is sense and moment.span not in spans]
        chosen = frozenset(span for kept, span in marked if kept is sense)
        lanes.append(Lane(sense, tuple(_blocks(held, chosen, words))))
    return tuple(lane for lane in lanes if lane.blocks or not is_blind or lane.sense in (Sense.SAID, Sense.HEARD))


def make_marks(details: Details, words: Words) -> tuple[Block, ...]:
    """What the person marked, in order."""
    return tuple(
        Block(mark.span.start_ms, mark.span.end_ms, mark.text or words.say("ui.mark.bare"))
        for mark in details.marks
        if isinstance(mark.span, TimeSpan)
    )


def _blocks(moments: Sequence[Moment], found: frozenset[object], words: Words) -> list[Block]:
    by_span: dict[TimeSpan, list[Moment]] = {}
    for moment in moments:
        if isinstance(moment.span, TimeSpan):
            by_span.setdefault(moment.span, []).append(moment)
    blocks = []
    for span, group in sorted(by_span.items()):
        best = sorted(group, key=lambda moment: -moment.score)[:3]
        names = [words.concept(moment.concept) if moment.concept else moment.text for moment in best]
        text = "" if group[0].layer is Layer.SHOT else words.say("ui.list_separator").join(dict.fromkeys(names))
        blocks.append(Block(span.start_ms, span.end_ms, text, span in found))
    return blocks
