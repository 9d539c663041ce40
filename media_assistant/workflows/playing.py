"""What playing asks of the engine: where an item was left off, and what the person marks in it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.span import Span
from media_assistant.library.library import Library

log = logging.getLogger(__name__)


class Playing:
    """A part of the assistant. Writes are queued with the other edits, so that there is one writer."""

    def __init__(self, library: Library, edits: Executor, tell: Callable[[LibraryChanges], None]) -> None:
        self._library = library
        self._edits = edits
        self._tell = tell

    def mark(self, item_id: int, span: Span, note: str | None = "") -> Future[LibraryChanges]:
        """Mark a moment, with a note or without; None takes the mark away. Can be undone."""

        def work() -> LibraryChanges:
            changes = self._library.mark(item_id, span, None if note is None else " ".join(note.split()))
            self._tell(changes)
            return changes

        return self._edits.submit(work)

    def keep_position(self, item_id: int, position_ms: int) -> None:
        """Playing stopped here; 0 forgets it. Nobody waits for it, and what cannot be written is not worth a word."""
        if not self._library.is_read_only:
            self._edits.submit(self._keep, item_id, position_ms)

    def _keep(self, item_id: int, position_ms: int) -> None:
        try:
            self._library.keep_position(item_id, position_ms)
        except UserFixable:
            log.warning("the position in item %d was not kept", item_id, exc_info=True)
