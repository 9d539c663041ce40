"""A step of a person: edits that are carried out together, are in the journal as one, and what they changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.library import history_store
from media_assistant.library.database import now
from media_assistant.library.history_store import Edit


def perform(connection: sqlite3.Connection, verb: str, edits: Sequence[Edit]) -> LibraryChanges:
    """Carry them out, now. `verb` names the step in the journal; no changes if nothing was to be done."""
    return changes_of(history_store.perform(connection, verb, now(), edits))


def changes_of(edits: Sequence[Edit]) -> LibraryChanges:
    """What these changed. An edit names what it is about: an `item`, a `collection`, a `root`, or a `concept` alone."""
    ids: dict[str, list[int]] = {"restore": [], "remove": [], "files": [], "": []}
    for edit in edits:
        if "item" in edit:
            ids[edit["do"] if edit["do"] in ids else ""].append(edit["item"])
    return LibraryChanges(
        added=tuple(dict.fromkeys(ids["restore"])),
        removed=tuple(dict.fromkeys(ids["remove"])),
        changed=tuple(dict.fromkeys(ids["files"])),
        moments=tuple(dict.fromkeys(ids[""])),
        jobs=bool(ids["restore"] or ids["remove"]),
        journal=bool(edits),
        tags=any("concept" in edit and "item" not in edit for edit in edits),
        collections=any("collection" in edit for edit in edits),
        folders=any("root" in edit for edit in edits),
    )
