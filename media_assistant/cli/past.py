"""What was played, opened and searched for, on the command line, and the verb `forget`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.wording import printable
from media_assistant.errors import UserFixable
from media_assistant.items.findings import span_to_plain
from media_assistant.items.happening import Forgetting, Forgotten, Verb
from media_assistant.items.history import Happened, Page, Who
from media_assistant.items.span import TimeSpan

Plain = dict[str, Any]


def played(desk: Desk) -> Said:
    """The newest first."""
    library = desk.assistant.library
    page = library.history(Page(Who.PAST, size=desk.asked.limit or 50))
    entries = [each for each in page.entries if isinstance(each, Happened)]
    lines = [_line(desk, each) for each in entries] or [desk.say("cli.no_past")]
    is_recording = not library.is_recording_paused
    if not is_recording:
        lines.append(desk.say("cli.past_paused"))
    return Said({"happenings": [_document(each) for each in entries], "recording": is_recording}, lines)


def forget(desk: Desk) -> Said:
    """Forget a time, items or everything, with `--yes`; or pause noting, and go on with it."""
    asked, assistant = desk.asked, desk.assistant
    if asked.what in (["pause"], ["resume"]):
        is_recording = asked.what == ["resume"]
        wait(assistant.past.set_recording(is_recording))
        return Said({"recording": is_recording}, [desk.say("cli.recording" if is_recording else "cli.past_paused")])
    what = _wanted(desk)
    would = assistant.library.would_forget(what)
    if not would:
        return Said({"forgotten": None}, [desk.say("cli.nothing_to_forget")])
    if not asked.yes:
        return Said({"would_forget": _counts(would)}, [desk.say("cli.would_forget", what=_told(desk, would))])
    gone = wait(assistant.past.forget(what))
    lines = [desk.say("cli.forgotten", what=_told(desk, gone))]
    if gone.left:
        files = desk.say("ui.list_separator").join(map(printable, gone.left))
        lines.append(desk.say("cli.forgotten_left", files=files))
    return Said({"forgotten": {**_counts(gone), "left": list(gone.left)}}, lines)


def _wanted(desk: Desk) -> Forgetting:
    """Raises UserFixable("cli.no_such_time")."""
    from media_assistant.workflows.intake.importing import find_item

    words, now = desk.asked.what, datetime.now().astimezone()
    if words == ["all"]:
        return Forgetting()
    if words == ["hour"]:
        return Forgetting(_utc(now - timedelta(hours=1)))
    if words == ["today"]:
        return Forgetting(_utc(datetime.combine(now.date(), time()).astimezone()))
    if len(words) == 1 and (day := _day(words[0])) is not None:
        return day
    items = [(word, find_item(desk.assistant.library, word)) for word in words]
    for word, item in items:
        if item is None:
            raise UserFixable("cli.no_such_time", what=word)
    return Forgetting(item_ids=tuple(item.id for _, item in items if item is not None))


def _day(word: str) -> Forgetting | None:
    """All of a day; None for what is none, or the last or first of all times."""
    try:
        day = date.fromisoformat(word)
        begin, end = (datetime.combine(day + timedelta(days=later), time()).astimezone() for later in (0, 1))
        return Forgetting(_utc(begin), _utc(end))
    except (ValueError, OverflowError, OSError):
        return None


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _counts(gone: Forgotten) -> Plain:
    return {name: getattr(gone, name) for name in ("happenings", "slates", "positions", "likings")}


def _told(desk: Desk, gone: Forgotten) -> str:
    return desk.say("ui.past.comma").join(
        desk.say(f"ui.past.count.{name}", count=count, n=count) for name, count in _counts(gone).items() if count
    )


def _line(desk: Desk, entry: Happened) -> str:
    one = entry.happening
    at = datetime.fromisoformat(one.at).astimezone().strftime("%Y-%m-%d %H:%M")
    how = "again" if one.is_again else one.ending.value
    said = f" ({desk.say(f'ui.past.{how}')})" if how else ""
    if one.verb is Verb.SEARCHED:
        found = int(one.detail.get("found", 0))
        text = desk.say("ui.past.searched", words=str(one.detail.get("words", "")), count=found, n=found)
    elif isinstance(one.span, TimeSpan):
        start, end = (f"{ms // 60_000}:{ms // 1000 % 60:02}" for ms in (one.span.start_ms, one.span.end_ms))
        text = desk.say("ui.past.played", title=entry.title, start=start, end=end)
    else:
        text = desk.say("ui.past.opened", title=entry.title)
    return f"{at}  {printable(text)}{said}"


def _document(entry: Happened) -> Plain:
    one = entry.happening
    return {
        "id": one.id,
        "at": one.at,
        "session": one.session,
        "did": one.verb.value,
        "item": one.item_id or None,
        "title": entry.title,
        "span": span_to_plain(one.span),
        "lasted_ms": one.lasted_ms,
        "ending": one.ending.value,
        "again": one.is_again,
        "detail": dict(one.detail),
    }
