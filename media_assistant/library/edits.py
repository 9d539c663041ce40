"""The person's words: tags, lines, removals, and the way back. Each is one transaction with its journal row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.moment import Sense
from media_assistant.items.span import Span
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite
from media_assistant.library import history_store, line_store, mark_store, name_store, tag_store
from media_assistant.library.database import Database, now
from media_assistant.library.history_store import Edit, JournalEntry
from media_assistant.library.item_reading import chunked

_VERBS = {TagState.ACCEPTED: "accept_tag", TagState.REJECTED: "reject_tag", None: "forget_tag"}


class Edits:
    """A part of `Library`. No model overwrites what is said here."""

    _database: Database

    def decide_tag(
        self, item_ids: Sequence[int], concept: Concept, state: TagState | None, verb: str = ""
    ) -> LibraryChanges:
        """Accept or refuse, or with None take the word back. One step of undo; no model overwrites it."""
        wanted = None if state is TagState.SUGGESTED else state
        with self._database.transaction() as connection:
            tag_store.know(connection, concept)
            concept_id = tag_store.standing(connection, concept.id)
            edits = [history_store.decide(item_id, concept_id, wanted) for item_id in _alive(connection, item_ids)]
            return _perform(connection, verb or _VERBS[wanted], edits)

    def add_tag(self, item_ids: Sequence[int], concept: Concept) -> LibraryChanges:
        """The person's own tag, or a suggested one accepted."""
        return self.decide_tag(item_ids, concept, TagState.ACCEPTED, "add_tag")

    def remove_tag(self, item_ids: Sequence[int], concept: Concept) -> LibraryChanges:
        """Take a tag off: one that a model names is refused, the person's own is gone."""
        with self._database.transaction() as connection:
            tag_store.know(connection, concept)
            concept_id = tag_store.standing(connection, concept.id)
            edits = [
                history_store.decide(
                    item_id,
                    concept_id,
                    TagState.REJECTED if tag_store.is_suggested(connection, item_id, concept_id) else None,
                )
                for item_id in _alive(connection, item_ids)
            ]
            return _perform(connection, "remove_tag", edits)

    def edit_line(self, item_id: int, span: Span, sense: Sense, text: str | None) -> LibraryChanges:
        """Write a line where one was found; `""` deletes it, None takes the person's line back."""
        with self._database.transaction() as connection:
            return _perform(
                connection,
                "edit_line",
                [history_store.edit_line(item_id, span, sense, text) for item_id in _alive(connection, [item_id])],
            )

    def mark(self, item_id: int, span: Span, note: str | None) -> LibraryChanges:
        """Mark a moment of the person's own, with a note or `""`; None takes the mark away."""
        with self._database.transaction() as connection:
            known = mark_store.note_at(connection, item_id, span)
            verb = "unmark" if note is None else "mark" if known is None else "note_mark"
            edits = [history_store.mark(item_id, span, note) for item_id in _alive(connection, [item_id])]
            return _perform(connection, verb, edits)

    def rewrite_lines(self, rewrites: Sequence[Rewrite], verb: str) -> LibraryChanges:
        """Lines of transcripts give way to others, of one item or of many: one step of undo."""
        with self._database.transaction() as connection:
            alive = set(_alive(connection, [rewrite.item_id for rewrite in rewrites]))
            edits = [line_store.plan_rewrite(connection, each) for each in rewrites if each.item_id in alive]
            return _perform(connection, verb, edits)

    def set_names(self, names: Iterable[str]) -> LibraryChanges:
        """The names and rare words that speech recognition is told to expect in this library."""
        with self._database.transaction() as connection:
            return _perform(connection, "set_names", [history_store.set_names(name_store.tidy(names))])

    def remove_items(self, item_ids: Sequence[int]) -> LibraryChanges:
        """Out of the library. Files stay untouched, and undo brings everything back."""
        with self._database.transaction() as connection:
            at = now()
            return _perform(
                connection,
                "remove_items",
                [history_store.remove(item_id, at) for item_id in _alive(connection, item_ids)],
            )

    def undo(self) -> LibraryChanges:
        """Take the last step back, also one of an earlier day; no changes if there is none."""
        with self._database.transaction() as connection:
            return _changes_of(history_store.undo(connection))

    def redo(self) -> LibraryChanges:
        """Do the step again that was undone last."""
        with self._database.transaction() as connection:
            return _changes_of(history_store.redo(connection))

    def journal(self, limit: int = 100) -> list[JournalEntry]:
        """The newest steps first; undone ones are marked, and can be done again."""
        with self._database.read() as connection:
            return history_store.entries(connection, limit)


def _alive(connection: sqlite3.Connection, item_ids: Sequence[int]) -> list[int]:
    """Those that are in the library, each once, in the order asked."""
    known: set[int] = set()
    for part in chunked(int(item_id) for item_id in item_ids):
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"SELECT id FROM items WHERE removed_at = '' AND id IN ({marks})", part)
        known.update(row[0] for row in rows)
    return [item_id for item_id in dict.fromkeys(item_ids) if item_id in known]


def _perform(connection: sqlite3.Connection, verb: str, edits: Sequence[Edit]) -> LibraryChanges:
    return _changes_of(history_store.perform(connection, verb, now(), edits))


def _changes_of(edits: Sequence[Edit]) -> LibraryChanges:
    """What these edits changed. An edit names what it is about: an `item`, a `collection`, or a `concept` alone."""
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
