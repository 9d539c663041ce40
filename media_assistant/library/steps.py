"""A step of a person: edits that are carried out together, are in the journal as one, and what they changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from media_assistant.items.changes import LibraryChanges
from media_assistant.library import history_store, taking_back
from media_assistant.library.database import now
from media_assistant.library.history_store import Done, Edit


@dataclass(slots=True)
class OpenStep:
    """A step that more comes into as it happens: one undo takes all of it back. `step` is 0 until something was done.

    Once it was undone, or taken back alone, it `is_over`: nothing more comes into it.
    """

    verb: str
    step: int = 0
    is_over: bool = False

    def takes_more(self, connection: sqlite3.Connection) -> bool:
        """Whether it still stands; asked within each transaction that would add to it."""
        if self.step and (
            not history_store.stands(connection, self.step) or self.step in taking_back.taken_back(connection)
        ):
            self.is_over = True
        return not self.is_over


def perform(
    connection: sqlite3.Connection, verb: str, edits: Sequence[Edit], into: OpenStep | None = None
) -> LibraryChanges:
    """Carry them out, now. `verb` names the step in the journal, unless they come `into` one that has its own name; no
    changes if nothing was to be done.
    """
    if into is None:
        return changes_of(history_store.perform(connection, verb, now(), edits))
    if not into.takes_more(connection):
        return LibraryChanges()
    done = history_store.perform(connection, into.verb, now(), edits, into=into.step)
    into.step = done.step or into.step
    return changes_of(done)


def changes_of(done: Done) -> LibraryChanges:
    """What a step changed. An edit names what it is about: an `item` or `items`, a `collection`, a `group`, a `root`, or a `concept`
    alone.
    """
    ids: dict[str, list[int]] = {"restore": [], "remove": [], "files": [], "": []}
    kinds = {"bring_in": "restore", "take_out": "remove"}
    for edit in done.edits:
        kind = kinds.get(edit["do"], edit["do"])
        ids[kind if kind in ids else ""] += edit.get("items", [edit["item"]] if "item" in edit else [])
    return LibraryChanges(
        added=tuple(dict.fromkeys(ids["restore"])),
        removed=tuple(dict.fromkeys(ids["remove"])),
        changed=tuple(dict.fromkeys(ids["files"])),
        moments=tuple(dict.fromkeys(ids[""])),
        jobs=bool(ids["restore"] or ids["remove"]),
        journal=bool(done.edits),
        tags=any("concept" in edit and "item" not in edit for edit in done.edits),
        collections=any("collection" in edit or "group" in edit for edit in done.edits),
        folders=any("root" in edit for edit in done.edits),
        step=done.step,
    )
