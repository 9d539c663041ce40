"""What stands in the history, in a person's words."""

from __future__ import annotations

from datetime import datetime

from media_assistant import sentences
from media_assistant.items.clock import clock
from media_assistant.items.happening import Ending, Verb
from media_assistant.items.history import Entry, Happened, Step, Understood
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.ui.words import Words
from media_assistant.workflows.telling import shorten, tell_step


def what(words: Words, entry: Entry) -> str:
    """`Accepted the tag “dog” on “tide.mp4”`, as one line."""
    if isinstance(entry, Understood):
        code = "ui.history.understood" if entry.found else "ui.history.looked_at"
        analysis, title = words.analyser(entry.analyser), shorten(entry.title)
        return words.say(code, analysis=analysis, title=title, count=entry.found)
    if isinstance(entry, Happened):
        return happened(words, entry)
    return tell_step(entry, words.language, words.say)


def happened(words: Words, entry: Happened) -> str:
    """`Played “tide.mp4” from 0:10 to 3:20`."""
    one, title = entry.happening, shorten(entry.title)
    if one.verb is Verb.SEARCHED:
        found = int(one.detail.get("found", 0))
        return words.say("ui.past.searched", words=shorten(str(one.detail.get("words", ""))), count=found)
    if isinstance(one.span, TimeSpan):
        return words.say("ui.past.played", title=title, start=clock(one.span.start_ms), end=clock(one.span.end_ms))
    if isinstance(one.span, TextSpan) and one.span.page:
        return words.say("ui.past.read", title=title, page=words.number(one.span.page))
    return words.say("ui.past.opened", title=title)


def who(words: Words, entry: Entry) -> str:
    """The person, a model, or the program itself."""
    if not isinstance(entry, Understood):
        return words.say("ui.history.you")
    return words.say("ui.history.model", name=shorten(entry.model)) if entry.model else words.say("ui.history.program")


def when(words: Words, at: str) -> str:
    """On this computer's clock; what is no time is shown as it stands."""
    try:
        return words.at(datetime.fromisoformat(at))
    except ValueError:
        return at


def state(words: Words, entry: Entry) -> str:
    """Whether it holds no more; empty if it does. Of what was played how it ended."""
    if isinstance(entry, Happened):
        how = "again" if entry.happening.is_again else entry.happening.ending.value
        return words.say(f"ui.past.{how}") if how else ""
    if isinstance(entry, Understood):
        return ""
    if entry.is_undone:
        return words.say("ui.history.undone")
    return words.say("ui.history.taken_back") if entry.taken_back_by else ""


def is_faint(entry: Entry) -> bool:
    """Whether it holds no more, or was not wanted."""
    if isinstance(entry, Happened):
        return entry.happening.ending is Ending.SKIPPED
    return isinstance(entry, Step) and (entry.is_undone or bool(entry.taken_back_by))


def whole(words: Words, entry: Entry) -> str:
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
