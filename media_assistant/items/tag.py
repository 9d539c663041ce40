"""A concept on an item, with who proposed it and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Moment, Source


class TagState(StrEnum):
    """`SUGGESTED` by a model; `ACCEPTED` or `REJECTED` by a person, which no model ever overwrites."""

    SUGGESTED = "suggested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Tag:
    """`evidence` are the moments that carry the concept, strongest first; empty for a tag of the person's own."""

    item_id: int
    concept: Concept
    state: TagState
    score: float
    source: Source
    evidence: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A tag that a model proposes for an item and that waits for the person's word."""

    item_id: int
    concept: Concept
    score: float
