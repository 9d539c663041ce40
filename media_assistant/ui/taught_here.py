"""What a person did on the page that teaches: it is taken back from there, whatever was done elsewhere since."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from PySide6.QtCore import QObject

from media_assistant.items.changes import LibraryChanges
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk


class _Done(NamedTuple):
    item_id: int
    """The item that was asked about, or 0."""
    written: Future[LibraryChanges] | None
    """Where it is being written; its answer knows which step of the journal it is. None for a skip."""
    begins: bool
    """Whether another tag was begun with it, which is shown once it is written."""


class TaughtHere:
    """`may_ask` hears of each item that may be asked about again."""

    def __init__(self, desk: Desk, owner: QObject, may_ask: Callable[[int], None]) -> None:
        self._desk = desk
        self._owner = owner
        self._may_ask = may_ask
        self._done: list[_Done] = []

    def add(self, written: Future[LibraryChanges] | None, *, item_id: int = 0, begins: bool = False) -> None:
        """Done last."""
        # Of what is learnt of as well only the writing is waited for: its step is there long before all is learnt.
        self._done.append(_Done(item_id, getattr(written, "written", written), begins))

    def turn(self, *, to_another: bool) -> None:
        """A tag is shown: of another one before it nothing is taken back any more, but of what it was just begun with."""
        self._done = [each._replace(begins=False) for each in self._done if each.begins or not to_another]

    def undo(self) -> None:
        """Take back what was done last and still stands; what was asked may be asked again."""
        if not self._done:
            self._desk.tell("ui.nothing_to_undo")
            return
        item_id, written, _ = self._done.pop()

        def take_back(changes: LibraryChanges) -> None:
            self._may_ask(item_id)
            if changes.step:
                actions.undo(self._desk, owner=self._owner, step=changes.step, instead=self.undo)
            else:
                self.undo()  # it was the same as before

        if written is None:
            self._may_ask(item_id)
        else:
            # Why it went wrong was said then.
            self._desk.bridge.when_done(written, take_back, owner=self._owner, failed=lambda _fault: self.undo())
