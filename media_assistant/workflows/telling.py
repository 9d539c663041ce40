"""A step of the journal in a person's words, for window and command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from media_assistant import sentences
from media_assistant.items.history import Step

LONGEST = 60
"""Characters of a title or a subject within a sentence."""


def tell_step(step: Step, language: str, say: Callable[..., str]) -> str:
    """`Accepted the tag “dog” on “tide”`, in one line."""
    if step.takes_back and step.older_verb:
        older = replace(step, verb=step.older_verb, takes_back=0)
        return say("ui.history.takes_back", what=tell_step(older, language, say))
    subject = step.concept.name(language) if step.concept is not None else step.subject
    on = (
        say("ui.history.one_item", title=shorten(step.title))
        if step.item_count == 1
        else say("ui.history.items", count=step.item_count)
    )
    key = f"ui.history.did.{step.verb}"
    known = key if key in sentences.load_sentences(language) else "ui.history.did.other"
    return say(known, what=shorten(subject), on=on)


def shorten(text: str) -> str:
    """On one line, and no longer than a sentence takes."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
