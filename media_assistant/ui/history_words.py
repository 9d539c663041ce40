"""What stands in the history, in a person's words."""

from __future__ import annotations

from datetime import datetime

from media_assistant import sentences
from media_assistant.items.history import Step, Understood
from media_assistant.ui.words import Words
from media_assistant.workflows.telling import shorten, tell_step


def what(words: Words, entry: Step | Understood) -> str:
    """`Accepted the tag “dog” on “tide.mp4”`, as one line."""
    if isinstance(entry, Understood):
        code = "ui.history.understood" if entry.found else "ui.history.looked_at"
        analysis, title = words.analyser(entry.analyser), shorten(entry.title)
        return words.say(code, analysis=analysis, title=title, count=entry.found)
    return tell_step(entry, words.language, words.say)


def who(words: Words, entry: Step | Understood) -> str:
    """The person, a model, or the program itself."""
    if isinstance(entry, Step):
        return words.say("ui.history.you")
    return words.say("ui.history.model", name=shorten(entry.model)) if entry.model else words.say("ui.history.program")


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
    known, wanted = sentences.load_sentences(words.language), text.casefold()
    places = {key: key.rpartition(".") for key in known}
    return tuple(
        verb for key, (room, _, verb) in places.items() if room == "ui.history.did" and wanted in known[key].casefold()
    )
