"""A tag that a person teaches: its examples, what was learnt of them, and what is honestly to be expected of that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Sense
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import WHOLE, Span

ANALYSER = "taught"
"""Who proposes what a person taught: the analyser and the model of such proposals."""

FEW = 4
"""Wanted examples below which what is expected is a guess."""


@dataclass(frozen=True, slots=True)
class TaughtExample:
    """An item, or a moment of it, that has the tag or (`is_counter`) has it not, by the person's word."""

    item_id: int
    span: Span = WHOLE
    is_counter: bool = False


@dataclass(frozen=True, slots=True)
class TaughtMoment:
    """Where the head says the tag is, and how surely (0..1)."""

    item_id: int
    span: Span
    sense: Sense
    chance: float


@dataclass(frozen=True, slots=True)
class Version:
    """What was learnt at one time. `report` is plain: see `Expectation.of`."""

    concept_id: str
    number: int
    made_at: str
    examples: tuple[TaughtExample, ...]
    report: dict[str, Any] = field(default_factory=dict)
    judged_id: int = 0
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many of ten proposals should be right, between `low` and `high` of ten; of `looked_at` that the person has
    judged since they were proposed, `kept` were right. `is_guess`: the examples are too few to measure anything.
    """

    proposals: int = 0
    right: float = 0.0
    low: float = 0.0
    high: float = 0.0
    looked_at: int = 0
    kept: int = 0
    is_guess: bool = True

    @classmethod
    def of(cls, report: dict[str, Any]) -> Expectation:
        """From a version's report; what is missing there is nought."""
        known = {name: report[name] for name in cls.__dataclass_fields__ if name in report}
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Question:
    """One to ask about (is this one too?): an item and the moment of it that was noticed most."""

    item_id: int
    span: Span
    chance: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that a teaching page shows of a tag."""

    concept: Concept
    is_taught: bool
    examples: tuple[TaughtExample, ...] = ()
    unknown: tuple[int, ...] = ()
    """Examples of which nothing is known yet: not analysed, or not by a network that is there now."""
    versions: tuple[Version, ...] = ()
    """The newest first."""
    expectation: Expectation = Expectation()
    advice: str = ""
    """The code of a sentence: what would help most now; empty for nothing."""
    sampled: tuple[Sentence, ...] = ()
    """Of how many examples some were drawn; nothing where all are learnt of."""
