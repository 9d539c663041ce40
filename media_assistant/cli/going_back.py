"""The verbs that look back and go back: `history`, `undo` and `redo`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from media_assistant.cli import past
from media_assistant.cli.desk import Desk, Said, wait
from media_assistant.cli.wording import printable
from media_assistant.items.history import Page, Step, Who
from media_assistant.workflows.telling import tell_step

Plain = dict[str, Any]


def history(desk: Desk) -> Said:
    """What the person did, or with `--played` what they played, opened and searched for; the newest first."""
    if desk.asked.played:
        return past.played(desk)
    page = desk.assistant.library.history(Page(Who.PERSON, size=desk.asked.limit or 50))
    steps = [each for each in page.entries if isinstance(each, Step)]
    lines = [_line(desk, step) for step in steps] or [desk.say("cli.no_history")]
    return Said({"steps": [_document(desk, step) for step in steps]}, lines)


def undo(desk: Desk) -> Said:
    """The last step, one older step alone, or with `--back-to` that one and all that came after it."""
    assistant, step = desk.assistant, desk.asked.step
    if step is None:
        changes = wait(assistant.undo())
    elif desk.asked.back_to:
        changes = wait(assistant.undo_to(step))
    else:
        changes = wait(assistant.take_back(step))
    return _turned(desk, step or changes.step, "cli.undone", "cli.nothing_to_undo", is_done=bool(changes))


def redo(desk: Desk) -> Said:
    """The step that was undone last."""
    changes = wait(desk.assistant.redo())
    return _turned(desk, changes.step, "cli.redone", "cli.nothing_to_redo", is_done=bool(changes))


def _turned(desk: Desk, number: int, code: str, nothing: str, *, is_done: bool) -> Said:
    step = desk.assistant.library.step(number) if is_done else None
    if step is None:
        return Said({"step": None}, [desk.say(nothing)])
    return Said({"step": _document(desk, step)}, [desk.say(code, what=printable(_told(desk, step)))])


def _told(desk: Desk, step: Step) -> str:
    def say(code: str, **parameters: Any) -> str:
        """With the number as the window's sentences name it."""
        return desk.say(code, **{"n": parameters.get("count", ""), **parameters})

    return tell_step(step, desk.language, say)


def _line(desk: Desk, step: Step) -> str:
    at = datetime.fromisoformat(step.at).astimezone().strftime("%Y-%m-%d %H:%M")
    state = "undone" if step.is_undone else "taken_back" if step.taken_back_by else ""
    said = f" ({desk.say(f'ui.history.{state}')})" if state else ""
    return f"{step.number:>6}  {at}  {printable(_told(desk, step))}{said}"


def _document(desk: Desk, step: Step) -> Plain:
    return {
        "step": step.number,
        "at": step.at,
        "who": "you",
        "verb": step.verb,
        "text": _told(desk, step),
        "items": list(step.item_ids),
        "item_count": step.item_count,
        "undone": step.is_undone,
        "taken_back_by": step.taken_back_by or None,
        "takes_back": step.takes_back or None,
    }
