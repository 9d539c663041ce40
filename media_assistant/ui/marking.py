"""What a person marks: each is done at once, said in passing, and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from media_assistant.items.clock import clock
from media_assistant.items.moment import Moment
from media_assistant.items.span import Span, TimeSpan
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk


def mark(
    desk: Desk,
    *,
    item_id: int,
    span: Span,
    known: Sequence[Moment],
    owner: QObject,
    note: Callable[[Moment], None],
) -> None:
    """Mark it. Where there is a mark already (`known`), its note is asked for instead: `note(mark)`."""
    there = next((each for each in known if each.span == span), None)
    if there is not None:
        note(there)
        return
    future = desk.assistant.playing.mark(item_id, span)
    desk.bridge.when_done(future, lambda changes: _tell(desk, "ui.mark.done", span, owner, changes.step), owner=owner)


def note(desk: Desk, *, mark: Moment, note: str, owner: QObject) -> None:
    """Write a mark's note, or take it away."""
    future = desk.assistant.playing.mark(mark.item_id, mark.span, note)
    desk.bridge.when_done(
        future, lambda changes: _tell(desk, "ui.mark.noted", mark.span, owner, changes.step), owner=owner
    )


def unmark(desk: Desk, *, mark: Moment, owner: QObject) -> None:
    """Take a mark away."""
    future = desk.assistant.playing.mark(mark.item_id, mark.span, None)
    desk.bridge.when_done(
        future, lambda changes: _tell(desk, "ui.mark.gone", mark.span, owner, changes.step), owner=owner
    )


def _tell(desk: Desk, code: str, span: Span, owner: QObject, step: int) -> None:
    if isinstance(span, TimeSpan):
        desk.tell(f"{code}_at", at=clock(span.start_ms), undo=actions.undoing(desk, owner=owner, step=step))
    else:
        desk.tell(code, undo=actions.undoing(desk, owner=owner, step=step))
