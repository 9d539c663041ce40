"""What the lanes of a timeline hold, from what is known of an item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media_assistant.items.answers import Details
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import TimeSpan
from media_assistant.ui.words import Words

Times = tuple[int, int]
"""From and to, in ms."""


class Block(NamedTuple):
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

    What has no picture has no lanes for what could be seen. Call it on a reading thread: thousands of lines take a while.
    """
    held = _sorted_out((*details.labels, *details.lines))
    marked = _sorted_out(moment for moment in found if moment.layer is not Layer.MARK)
    lanes = [Lane(None, _blocks(_sorted_out(details.shots).get(Sense.SEEN, {}), {}, words))]
    for sense in Sense:
        chosen = marked.get(sense, {})
        lanes.append(Lane(sense, _blocks({**chosen, **held.get(sense, {})}, chosen, words)))
    is_blind = details.item.kind is Kind.MUSIC
    return tuple(lane for lane in lanes if lane.blocks or not is_blind or lane.sense in (Sense.SAID, Sense.HEARD))


def make_marks(details: Details, words: Words) -> tuple[Block, ...]:
    """What the person marked, in order."""
    return tuple(
        Block(mark.span.start_ms, mark.span.end_ms, mark.text or words.say("ui.mark.bare"))
        for mark in details.marks
        if isinstance(mark.span, TimeSpan)
    )


def _sorted_out(moments: Iterable[Moment]) -> dict[Sense, dict[Times, list[Moment]]]:
    """By sense and time; what has no time is left out."""
    by_sense: dict[Sense, dict[Times, list[Moment]]] = {}
    for moment in moments:
        span = moment.span
        if isinstance(span, TimeSpan):
            by_sense.setdefault(moment.sense, {}).setdefault((span.start_ms, span.end_ms), []).append(moment)
    return by_sense


def _blocks(held: Mapping[Times, list[Moment]], found: Collection[Times], words: Words) -> tuple[Block, ...]:
    separator = words.say("ui.list_separator")
    return tuple(
        Block(*times, _text(group, separator, words), times in found)
        for times, group in sorted(held.items(), key=_first)
    )


def _first(pair: tuple[Times, list[Moment]]) -> Times:
    return pair[0]


def _text(group: list[Moment], separator: str, words: Words) -> str:
    """The best three of what is at one time."""
    if group[0].layer is Layer.SHOT:
        return ""
    best = sorted(group, key=lambda moment: -moment.score)[:3] if len(group) > 1 else group
    names = [words.concept(moment.concept) if moment.concept else moment.text for moment in best]
    return separator.join(dict.fromkeys(names))
