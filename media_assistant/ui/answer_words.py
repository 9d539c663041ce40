"""What is said of a search's answer: what held it back, and whether there is more."""

from __future__ import annotations

from collections.abc import Iterable

from media_assistant.items.answers import SearchAnswer
from media_assistant.items.query import Fault
from media_assistant.ui.asking import Asking
from media_assistant.ui.words import Words


def hints_of(words: Words, answer: SearchAnswer, faults: Iterable[Fault]) -> list[str]:
    """The hints of an answer without what the search box says already."""
    shown = {fault.says.code for fault in faults}
    return [words.sentence(hint) for hint in answer.hints if hint.code not in shown]


def say_end(words: Words, answer: SearchAnswer, faults: Iterable[Fault], asking: Asking) -> str:
    """Whether that is all, and what held the search back."""
    hints = words.say("ui.sentence_separator").join(hints_of(words, answer, faults))
    if asking.has_more:
        goes_on = words.say("ui.search.goes_on")
        return f"{goes_on} · {hints}" if hints else goes_on
    # A narrow window has no room for both.
    is_end = not answer.is_cut and not asking.shows_all
    return hints or (words.say("ui.search.ends") if is_end else "")
