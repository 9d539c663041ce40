"""The person's words: tags, lines, removals, and the way back. Each is one transaction with its journal row."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.history import Page, Step, Who
from media_assistant.items.span import Span
from media_assistant.items.tag import TagState
from media_assistant.items.transcript import Rewrite
from media_assistant.library import (
    belonging,
    history_reading,
    history_store,
    line_store,
    mark_store,
    name_store,
    past_reading,
    tag_store,
    taking_back,
)
from media_assistant.library.database import Database, now
from media_assistant.library.history_store import Done, JournalEntry
from media_assistant.library.item_reading import living
from media_assistant.library.steps import changes_of, perform

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
            edits = [history_store.decide(item_id, concept_id, wanted) for item_id in living(connection, item_ids)]
            return perform(connection, verb or _VERBS[wanted], edits)

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
                for item_id in living(connection, item_ids)
            ]
            return perform(connection, "remove_tag", edits)

    def mark(self, item_id: int, span: Span, note: str | None) -> LibraryChanges:
        """Mark a moment of the person's own, with a note or `""`; None takes the mark away."""
        with self._database.transaction() as connection:
            known = mark_store.note_at(connection, item_id, span)
            verb = "unmark" if note is None else "mark" if known is None else "note_mark"
            edits = [history_store.mark(item_id, span, note) for item_id in living(connection, [item_id])]
            return perform(connection, verb, edits)

    def rewrite_lines(self, rewrites: Sequence[Rewrite], verb: str) -> LibraryChanges:
        """Lines of transcripts give way to others, of one item or of many: one step of undo."""
        with self._database.transaction() as connection:
            alive = set(living(connection, [rewrite.item_id for rewrite in rewrites]))
            edits = [line_store.plan_rewrite(connection, each) for each in rewrites if each.item_id in alive]
            return perform(connection, verb, edits)

    def set_names(self, names: Iterable[str]) -> LibraryChanges:
        """The names and rare words that speech recognition is told to expect in this library."""
        with self._database.transaction() as connection:
            return perform(connection, "set_names", [history_store.set_names(name_store.tidy(names))])

    def remove_items(self, item_ids: Sequence[int]) -> LibraryChanges:
        """Out of the library. Files stay untouched, and undo brings everything back."""
        with self._database.transaction() as connection:
            at = now()
            return perform(
                connection,
                "remove_items",
                [belonging.remove(item_id, at) for item_id in living(connection, item_ids)],
            )

    def undo(self) -> LibraryChanges:
        """Take the last step back, also one of an earlier day; no changes if there is none."""
        with self._database.transaction() as connection:
            return changes_of(history_store.undo(connection))

    def redo(self) -> LibraryChanges:
        """Do the step again that was undone last."""
        with self._database.transaction() as connection:
            return changes_of(history_store.redo(connection))

    def take_back(self, step: int) -> LibraryChanges:
        """Take one step back. If others came after it that is a step itself; the last one is simply undone.

        Raises UserFixable: `library.step_gone`, `library.step_taken_back`, `library.step_built_on` with the later `step`.
        """
        with self._database.transaction() as connection:
            return changes_of(taking_back.take_back(connection, step, now()))

    def undo_to(self, step: int) -> LibraryChanges:
        """Take back this step and everything that came after it."""
        return self._turn_until(step, history_store.undo, "done")

    def redo_to(self, step: int) -> LibraryChanges:
        """Do again everything that was undone, up to this step."""
        return self._turn_until(step, history_store.redo, "undone")

    def _turn_until(self, step: int, turn: Callable[[sqlite3.Connection], Done], state: str) -> LibraryChanges:
        changes, steps = LibraryChanges(), 0
        with self._database.transaction() as connection:
            asked = "SELECT 1 FROM journal WHERE group_id = ? AND state = ? LIMIT 1"
            while connection.execute(asked, (step, state)).fetchone():
                changes |= changes_of(turn(connection))
                steps += 1
        return replace(changes, step=step if steps else 0, steps=steps)

    def history(self, page: Page) -> Page:
        """What was done, the newest first: the next page after this one."""
        read = past_reading.next_page if page.who is Who.PAST else history_reading.next_page
        with self._database.read() as connection:
            return read(connection, page)

    def step(self, step: int) -> Step | None:
        """One step of the journal."""
        with self._database.read() as connection:
            return next(iter(history_reading.steps(connection, [step])), None)

    def what_stands_on(self, step: int) -> Step | None:
        """The first later step that is about the same as this one, and would have to be undone before it."""
        with self._database.read() as connection:
            later = taking_back.built_on(connection, step)
            return None if later is None else next(iter(history_reading.steps(connection, [later])), None)

    def journal(self, limit: int = 100) -> list[JournalEntry]:
        """The newest steps first; undone ones are marked, and can be done again."""
        with self._database.read() as connection:
            return history_store.entries(connection, limit)
