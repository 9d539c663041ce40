"""Tags that a person teaches, and what is proposed by what was learnt. A part of `Library`, and with them all that is said of tags."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import NEVER, Concept
from media_assistant.items.span import WHOLE, Span
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import TaughtExample, TaughtMoment, Version
from media_assistant.library import history_store, own_tag_store, tag_store, taught_store
from media_assistant.library.database import Database, now
from media_assistant.library.edits import Edits
from media_assistant.library.history_store import Edit
from media_assistant.library.item_reading import living
from media_assistant.library.steps import perform
from media_assistant.library.tags import Tags

FIRST_THRESHOLD = 0.5
"""From which chance on a tag of the person's own proposes at first: more likely than not."""


class Teaching(Edits, Tags):
    """A part of `Library`. The person's word is journaled; what was learnt follows from it and is not."""

    _database: Database

    def teach(self, concept: Concept, examples: Sequence[TaughtExample], verb: str = "teach_tag") -> LibraryChanges:
        """Teach a tag, or go on: these are examples too. Wanted ones get the tag, unwanted ones are refused it; of a
        moment the same is said of that moment, and a wanted one's item gets the tag, and loses it with the last such
        moment that turns out to be unwanted. One step of undo.
        """
        with self._database.transaction() as connection:
            tag_store.know(connection, concept)
            concept_id = tag_store.standing(connection, concept.id)
            alive = set(living(connection, [each.item_id for each in examples]))
            edits: list[Edit] = []
            word = taught_store.taught_word(connection, concept_id)
            if word is None:
                edits.append(taught_store.teach(concept_id, {"taught_at": now(), "version": None, "newest": 0}))
                said = own_tag_store.own_words(connection, concept_id)
                is_bare = concept_id.startswith("own:") and not said.lowest_score
                if is_bare or said.lowest_score >= NEVER:  # one that was deleted is wanted again
                    edits.append(own_tag_store.say_of_tag(concept_id, replace(said, lowest_score=FIRST_THRESHOLD)))
            elif word["version"] is not None:
                edits.append(taught_store.teach(concept_id, {**word, "version": None}))
            wanted = {each.item_id for each in examples if each.span == WHOLE or not each.is_counter}
            turned = [(each.item_id, each.span) for each in examples if each.item_id in alive - wanted]
            edits += _untag(connection, concept_id, turned)
            for each in examples:
                if each.item_id not in alive:
                    continue
                state = TagState.REJECTED if each.is_counter else TagState.ACCEPTED
                if each.span != WHOLE:
                    edits.append(taught_store.example(each.item_id, concept_id, each.span, state))
                if each.span == WHOLE or not each.is_counter:
                    edits.append(history_store.decide(each.item_id, concept_id, state))
            return perform(connection, verb, edits)

    def forget_examples(self, concept_id: str, examples: Sequence[TaughtExample]) -> LibraryChanges:
        """These are no examples any more: the person's word on them is taken back, and with the last wanted moment of
        an item the tag that it gave.
        """
        with self._database.transaction() as connection:
            edits = [
                taught_store.example(each.item_id, concept_id, each.span, None)
                if each.span != WHOLE
                else history_store.decide(each.item_id, concept_id, None)
                for each in examples
            ]
            gone = [(each.item_id, each.span) for each in examples if each.span != WHOLE]
            edits += _untag(connection, concept_id, gone)
            return perform(connection, "forget_tag", edits)

    def forget_teaching(self, concept_id: str) -> LibraryChanges:
        """What was learnt proposes nothing any more; the person's own tags stay."""
        with self._database.transaction() as connection:
            return perform(connection, "forget_teaching", [taught_store.teach(concept_id, None)])

    def use_version(self, concept_id: str, number: int) -> LibraryChanges:
        """Ask this version from now on, until something newer is learnt."""
        with self._database.transaction() as connection:
            word = taught_store.taught_word(connection, concept_id)
            known = taught_store.versions(connection, concept_id)
            if word is None or number not in {each.number for each in known}:
                return LibraryChanges()
            chosen = None if number == known[0].number else number
            newest = known[0].number if chosen else word["newest"]
            edit = taught_store.teach(concept_id, {**word, "version": chosen, "newest": newest})
            return perform(connection, "use_version", [edit])

    def taught_tags(self) -> list[str]:
        """The ids of tags that are taught."""
        with self._database.read() as connection:
            return taught_store.taught_ids(connection)

    def taught_examples(self, concept_id: str) -> list[TaughtExample]:
        """The wanted ones first, the newest items first; of very many some (`taught_store.MOST_EXAMPLES`)."""
        with self._database.read() as connection:
            return taught_store.examples(connection, concept_id)

    def said_of(self, concept_id: str) -> dict[TagState, int]:
        """On how many items and moments the person said that they have a tag (ACCEPTED) or have it not (REJECTED)."""
        with self._database.read() as connection:
            return taught_store.said_of(connection, concept_id)

    def said_on(self, concept_id: str, item_ids: Collection[int]) -> dict[int, TagState]:
        """What the person says of these items, or if of none of it as a whole, of moments of it; removed ones too."""
        with self._database.read() as connection:
            return taught_store.said_on(connection, concept_id, item_ids)

    def taught_versions(self, concept_id: str) -> list[Version]:
        """The newest first."""
        with self._database.read() as connection:
            return taught_store.versions(connection, concept_id)

    def taught_head(self, concept_id: str, number: int) -> bytes:
        """What judges in a version; empty if there is no such one."""
        with self._database.read() as connection:
            return taught_store.head_of(connection, concept_id, number)

    def labels_by_models(self, item_ids: Collection[int], without: str = "") -> dict[int, dict[str, float]]:
        """The labels of items, without what was taught and what was refused; of `without` nothing of the person's."""
        with self._database.read() as connection:
            return taught_store.labels_of(connection, item_ids, without)

    def last_vector(self) -> int:
        """The highest id of a vector."""
        with self._database.read() as connection:
            return taught_store.last_vector(connection)

    def items_after(self, vector_id: int, limit: int = 4096) -> tuple[list[int], int]:
        """The items of the next vectors after this one, and the last vector looked at."""
        with self._database.read() as connection:
            return taught_store.items_after(connection, vector_id, limit)

    def decided_on(self, concept_id: str) -> set[int]:
        """Items on which the person has spoken."""
        with self._database.read() as connection:
            return taught_store.decided(connection, concept_id)

    def taught_chances(self, concept_id: str) -> dict[int, float]:
        """(item, chance) of all that is proposed by what was learnt, whatever the threshold."""
        with self._database.read() as connection:
            return taught_store.proposed(connection, concept_id)

    def save_version(self, version: Version, head: bytes, found: Sequence[TaughtMoment]) -> LibraryChanges:
        """A new version, and what it proposes in the place of what was proposed before; nothing if the tag is not taught."""
        with self._database.transaction() as connection:
            if taught_store.taught_word(connection, version.concept_id) is None:
                return LibraryChanges()
            taught_store.put_version(connection, version, head)
            touched = taught_store.put_proposals(connection, version.concept_id, found, None)
            return LibraryChanges(moments=tuple(sorted(touched)), tags=True)

    def save_judged(
        self,
        concept_id: str,
        number: int,
        report: Mapping[str, Any],
        until: int,
        found: Sequence[TaughtMoment],
        item_ids: Sequence[int] | None,
    ) -> LibraryChanges:
        """What a version says of these items, or (None) of the whole library, up to the vector `until`."""
        with self._database.transaction() as connection:
            if taught_store.taught_word(connection, concept_id) is None:
                return LibraryChanges()
            taught_store.put_report(connection, concept_id, number, report, until)
            touched = taught_store.put_proposals(connection, concept_id, found, item_ids)
            return LibraryChanges(moments=tuple(sorted(touched)), tags=bool(touched))


def _untag(connection: sqlite3.Connection, concept_id: str, gone: Sequence[tuple[int, Span]]) -> list[Edit]:
    """The tag leaves the items that had it by these moments alone, which have it no longer."""
    items = taught_store.carried_by(connection, concept_id, gone)
    return [history_store.decide(item_id, concept_id, None) for item_id in items]
