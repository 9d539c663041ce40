"""A row of the page that a person passes over steps back: it stands there on fewer pages, and at once again when it is used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from media_assistant.items.slate import Outcome, Slate
from media_assistant.workflows.for_you.taste import shows

STEPS_BACK = "different"
"""The row that promises something else than what a person likes; the others promise what they like, and learn to."""
_PATIENCE, _LONGEST = 3, 6
"""For every three pages on which the row was passed over it is left out of one more, of six in a row at most: it is never
gone for good.
"""
KEPT = 80
_USED = {Outcome.OPENED, Outcome.PLAYED, Outcome.FINISHED, Outcome.LIKED}


class Turn(NamedTuple):
    """A page that the person opened something from: whether the row stood there, and whether it was used."""

    stood: bool
    was_used: bool


def turns_of(slates: Iterable[Slate]) -> list[Turn]:
    """Pages that nothing was opened from say nothing of a row."""
    turns = []
    for slate in slates:
        if shows(slate) and any(each.outcome in _USED for each in slate.proposals):
            own = [each.outcome in _USED for each in slate.proposals if each.row == STEPS_BACK]
            turns.append(Turn(bool(own), any(own)))
    return turns


def rests(turns: Sequence[Turn]) -> bool:
    """Whether it stays away from the next page."""
    passed_over = away = 0
    for turn in turns:
        if turn.stood:
            passed_over, away = (0 if turn.was_used else passed_over + 1), 0
        else:
            away += 1
    return away < min(passed_over // _PATIENCE, _LONGEST)
