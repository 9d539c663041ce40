"""What stands in the history, in a person's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from media_assistant import sentences
from media_assistant.items.history import Step, Understood
from media_assistant.ui.words import Words

LONGEST = 60
"""Characters of a title or a subject within a sentence."""


def what(words: Words, entry: Step | Understood) -> str:
    """`Accepted the tag “dog” on “tide.mp4”`, as one line."""
    if isinstance(entry, Understood):
        code = "ui.history.understood" if entry.found else "ui.history.looked_at"
        analysis, title = words.analyser(entry.analyser), _short(entry.title)
        return words.say(code, analysis=analysis, title=title, count=entry.found)
    if entry.takes_back and entry.older_verb:
        older = replace(entry, verb=entry.older_verb, takes_back=0)
        return words.say("ui.history.takes_back", what=what(words, older))
    subject = words.concept(entry.concept) if entry.concept is not None else entry.subject
    on = (
        words.say("ui.history.one_item", title=_short(entry.title))
        if entry.item_count == 1
        else words.say("ui.history.items", count=entry.item_count)
    )
    key = f"ui.history.did.{entry.verb}"
    known = key if key in sentences.load_sentences(words.language) else "ui.history.did.other"
    return words.say(known, what=_short(subject), on=on)


def who(words: Words, entry: Step | Understood) -> str:
    """The person, a model, or the program itself."""
    if isinstance(entry, Step):
        return words.say("ui.history.you")
    return words.say("ui.history.model", name=_short(entry.model)) if entry.model else words.say("ui.history.program")


def when(words: Words, at: str) -> str:
    """On this computer's clock; what is no time is shown as it stands."""
    try:
        return words.at(datetime.fromisoformat(at))
    except ValueError:
        return at


def state(words: Words, entry: Step | Understood) -> str:
    """Whether it holds no more; empty if it does."""
    if isinstance(entry, Understood):
        return ""
    if entry.is_undone:
        return words.say("ui.history.undone")
    return words.say("ui.history.taken_back") if entry.taken_back_by else ""


def whole(words: Words, entry: Step | Understood) -> str:
    """All of it, for a screen reader."""
    by = words.say("ui.history.by", who=who(words, entry), at=when(words, entry.at))
    said = state(words, entry)
    if said:
        return words.say("ui.history.row_state", what=what(words, entry), by=by, state=said)
    return words.say("ui.history.row", what=what(words, entry), by=by)


def verbs_called(words: Words, text: str) -> tuple[str, ...]:
    """The verbs whose sentence holds these letters, in the language that is shown."""
    begin, wanted = "ui.history.did.", text.casefold()
    found = sentences.load_sentences(words.language)
    return tuple(
        key.removeprefix(begin) for key in found if key.startswith(begin) and wanted in str(found[key]).casefold()
    )


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"
