"""Teaching from the chosen items, and what is to be expected of a taught tag, in words."""

from __future__ import annotations

from typing import Any

from media_assistant.items.teaching import Lesson
from media_assistant.ui.places import Place
from media_assistant.ui.words import Words


def say_expectation(words: Words, lesson: Lesson) -> str:
    """How many proposals, how many of ten should be right, and how sure that is."""
    expected = lesson.expectation
    if not expected.proposals:
        return words.say("teach.expect.nothing")
    right = words.number(round(expected.right))
    if expected.is_guess:
        return words.say("teach.expect.guess", count=expected.proposals, right=right)
    low, high = words.number(int(expected.low)), words.number(-int(-expected.high // 1))
    said = words.say("teach.expect.measured", count=expected.proposals, right=right, low=low, high=high)
    if expected.looked_at:
        kept = words.number(expected.kept)
        said += words.say("ui.sentence_separator") + words.say("teach.expect.kept", count=expected.looked_at, kept=kept)
    return said


def teach_chosen(window: Any) -> None:
    """The items chosen in the main window are examples of a tag, which is asked for; without any, only a tag is."""
    chosen = window.chosen_ids()
    window.go(Place("teach"))
    if chosen:
        window.page("teach").begin(chosen)
