"""What a person did with media, as it is noted: opened, played, searched. What they say of it is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from media_assistant.items.span import WHOLE, Span


class Verb(StrEnum):
    """What was done. A photo or a text is opened, what has a length is played."""

    OPENED = "opened"
    PLAYED = "played"
    SEARCHED = "searched"


class Ending(StrEnum):
    """How it ended. `LEFT`: neither to the end nor soon after the beginning."""

    LEFT = ""
    FINISHED = "finished"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that a person did; `item_id` is 0 for a search.

    `id` only rises, in the order in which it happened; `at` is ISO 8601, UTC, what the clock said when it began, and 0 and
    empty in what is still to be noted. `span` is from where to where it was played, `lasted_ms` how long that took.
    """

    verb: Verb
    item_id: int = 0
    span: Span = WHOLE
    lasted_ms: int = 0
    ending: Ending = Ending.LEFT
    is_again: bool = False
    """It had been finished before in the same session."""
    slate_id: int = 0
    """The proposals that it was chosen from; 0 for none."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Of a search its `words` and the number of items `found`."""
    id: int = 0
    at: str = ""
    session: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """How often an item was opened or played, how it ended, when it happened last (`at`, UTC), and as which happening."""

    item_id: int
    count: int
    finished: int
    skipped: int
    lasted_ms: int
    at: str
    last_id: int


class Met(NamedTuple):
    """That an item was opened or played: what suggestions need of a happening. `ending` is an `Ending` as its text."""

    id: int
    session: int
    item_id: int
    ending: str
    slate_id: int


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What of the past is to be forgotten: what began or was still going on from `since` on (UTC) and before `until`, what
    was done with some items, or with neither everything.
    """

    since: str = ""
    until: str = ""
    item_ids: tuple[int, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Also what was said for proposals: liked, not now, never."""
        return not (self.since or self.until or self.item_ids)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is gone. `left` are files that it could not be taken out of; empty if nothing of it remains."""

    happenings: int = 0
    slates: int = 0
    positions: int = 0
    likings: int = 0
    left: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.happenings or self.slates or self.positions or self.likings)


SESSION_PAUSE_S = 30 * 60
"""After so long without anything a new session begins."""

SKIPPED_BELOW_MS = 10_000
SKIPPED_SHARE = 0.1
"""What is left within this time, or within this share of its length, was skipped."""

FINISHED_SHARE = 0.92
"""What was played to here was played to its end: credits and fading notes are not watched by everybody."""


def ending_of(start_ms: int, end_ms: int, played_ms: int, duration_ms: int) -> Ending:
    """How it ended: played from `start_ms` until `end_ms`, `played_ms` of it, of something so long (0: not known).

    Whoever jumps to the last seconds has not finished it.
    """
    if (
        duration_ms > 0
        and end_ms >= duration_ms * FINISHED_SHARE
        and played_ms >= min(duration_ms - start_ms, duration_ms) / 2
    ):
        return Ending.FINISHED
    limit_ms = min(SKIPPED_BELOW_MS, duration_ms * SKIPPED_SHARE) if duration_ms > 0 else SKIPPED_BELOW_MS
    return Ending.SKIPPED if played_ms < limit_ms else Ending.LEFT
