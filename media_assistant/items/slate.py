"""What is proposed to a person, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What a person did with a proposal. `NONE`: nothing, as far as is known."""

    NONE = ""
    OPENED = "opened"
    PLAYED = "played"
    FINISHED = "finished"
    SKIPPED = "skipped"
    LIKED = "liked"
    NOT_NOW = "not_now"
    NOT_BECAUSE = "not_because"
    NEVER = "never"


class Liking(StrEnum):
    """A person's lasting word on whether an item is to be proposed."""

    LIKE = "like"
    NOT_NOW = "not_now"
    NOT_BECAUSE = "not_because"
    """Nothing is to be proposed because of it."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An item at a place (from 0) of a row of the page.

    `propensity`, above 0 and at most 1: how likely it was to be shown there; `expected` is what was expected of it, and
    `context` what was known of it then, float32, as whoever chose it understands it.
    """

    row: str
    place: int
    item_id: int
    propensity: float
    expected: float = 0.0
    context: bytes = b""
    outcome: Outcome = Outcome.NONE
    outcome_at: str = ""


@dataclass(frozen=True, slots=True)
class Slate:
    """What a person saw at once. `policy` names who chose, with its version; `id`, `at` and `session` are given to it."""

    policy: str
    proposals: tuple[Proposal, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    at: str = ""
    session: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A word of the person on an item. `until` (UTC) is empty where it stands for good."""

    item_id: int
    word: Liking
    until: str = ""
    at: str = ""
