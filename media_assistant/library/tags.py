"""Tags of the library: what there is, what waits for the person's word, and the person's word on tags themselves.

Each edit is one transaction with its journal row. Nothing here is ever written by a model.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import NEVER, Concept, OwnWords, TagCensus
from media_assistant.items.moment import Moment
from media_assistant.items.tag import Proposal, TagState
from media_assistant.items.tag_tree import below, children_of
from media_assistant.library import history_store, own_tag_store, review_store, tag_census, tag_store, taught_store
from media_assistant.library.database import Database
from media_assistant.library.history_store import Edit
from media_assistant.library.steps import perform


class Tags:
    """A part of `Library`."""

    _database: Database

    def concepts(self) -> list[Concept]:
        """Every concept that is on an item, or was, as the person calls it; none that was merged into another."""
        with self._database.read() as connection:
            return tag_store.concepts(connection)

    def concept(self, concept_id: str) -> Concept | None:
        """One by its id, or the one that it was merged into."""
        with self._database.read() as connection:
            return next(iter(tag_store.concepts(connection, concept_id)), None)

    def own_words(self, concept_id: str) -> OwnWords:
        """What the person said of a tag itself."""
        with self._database.read() as connection:
            return own_tag_store.own_words(connection, concept_id)

    def tag_counts(self) -> list[tuple[Concept, int]]:
        """Tags with the number of items that carry them or one below them, the most frequent first."""
        with self._database.read() as connection:
            return tag_census.counts(connection)

    def tag_census(self) -> list[TagCensus]:
        """Every tag that there is, with what holds them together."""
        with self._database.read() as connection:
            return tag_census.census(connection)

    def never_proposed(self) -> list[Concept]:
        """Tags that models may not propose."""
        with self._database.read() as connection:
            return tag_census.never_proposed(connection)

    # What waits

    def proposals(self, concept_id: str = "", after: Proposal | None = None, limit: int = 60) -> list[Proposal]:
        """What waits for the person's word, of one tag (the surest first) or of all (the newest item first), after the
        last one of the page before.
        """
        with self._database.read() as connection:
            return review_store.proposals(connection, concept_id, after, limit)

    def count_proposals(self, concept_id: str = "", lowest_score: float = 0.0) -> int:
        """How many wait that are at least so sure."""
        with self._database.read() as connection:
            return review_store.count_proposals(connection, concept_id, lowest_score)

    def still_waiting(self, pairs: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
        """Those of these (item, concept) that wait."""
        with self._database.read() as connection:
            return review_store.still_waiting(connection, pairs)

    def tag_scores(self, concept_id: str) -> list[tuple[int, float]]:
        """(item, score) of all that models noticed of a tag, the surest first, whatever its threshold lets through."""
        with self._database.read() as connection:
            return review_store.scores(connection, concept_id)

    def evidence(self, item_id: int, concept_id: str, limit: int = 12) -> list[Moment]:
        """Where an item has a tag from, strongest first."""
        with self._database.read() as connection:
            return review_store.evidence(connection, item_id, concept_id, limit)

    def tag_states(self, item_ids: Sequence[int]) -> list[tuple[Concept, int, int]]:
        """The tags of several items: on how many each is accepted, on how many only proposed; the most frequent first."""
        with self._database.read() as connection:
            known = {concept.id: concept for concept in tag_store.concepts(connection)}
            states = review_store.states(connection, item_ids)
        found = [(known[concept_id], *counts) for concept_id, counts in states.items() if concept_id in known]
        return sorted(found, key=lambda entry: (-entry[1], -entry[2], entry[0].en))

    def models_that_propose(self) -> list[tuple[str, int]]:
        """Each model with the number of its proposals that wait; those that were told to be quiet with 0."""
        with self._database.read() as connection:
            return own_tag_store.models_that_propose(connection)

    def quiet_models(self) -> list[str]:
        """Models whose proposals are not shown."""
        with self._database.read() as connection:
            return own_tag_store.quiet_models(connection)

    # The person's word

    def change_tags(self, verb: str, words: Mapping[str, OwnWords], known: Iterable[Concept] = ()) -> LibraryChanges:
        """Say this of these tags, as one step. `known` are concepts that must have a row: new ones, parents."""
        with self._database.transaction() as connection:
            for concept in known:
                tag_store.know(connection, concept)
            edits = [own_tag_store.say_of_tag(concept_id, said) for concept_id, said in words.items()]
            return perform(connection, verb, edits)

    def merge_tags(self, source_id: str, target_id: str) -> LibraryChanges:
        """Make one tag of two: whatever carries the first carries the second, and its names are found as the second's.

        Where the person accepted either, the item or the moment has the tag; where one was refused and nothing said of
        the other, it is refused.
        """
        with self._database.transaction() as connection:
            source, target = tag_store.standing(connection, source_id), tag_store.standing(connection, target_id)
            known = {concept.id: concept for concept in tag_store.concepts(connection)}
            if source == target or source not in known or target not in known:
                return LibraryChanges()
            joined = _joined(known, known[source], known[target])
            words = own_tag_store.own_words(connection, target)
            edits = [
                own_tag_store.say_of_tag(gone, OwnWords(merged_into=target))
                for gone in (*own_tag_store.merged_away(connection, source), source)
            ]
            said = replace(
                words,
                aliases=joined.aliases,
                parents=joined.parents,
                colour=words.colour or known[source].colour,
            )
            edits.append(own_tag_store.say_of_tag(target, said))
            if (taught := taught_store.taught_word(connection, source)) is not None:
                edits.append(taught_store.teach(source, None))
                if taught_store.taught_word(connection, target) is None:
                    edits.append(taught_store.teach(target, {**taught, "version": None}))
            before = dict(own_tag_store.decided_items(connection, target))
            for item_id, state in own_tag_store.decided_items(connection, source):
                edits.append(history_store.decide(item_id, source, None))
                if TagState(state) is TagState.ACCEPTED or item_id not in before:
                    edits.append(history_store.decide(item_id, target, TagState(state)))
            said_before = taught_store.moments_said(connection, target)
            for (item_id, span), said_now in taught_store.moments_said(connection, source).items():
                edits.append(taught_store.example(item_id, source, span, None))
                if said_now is TagState.ACCEPTED or (item_id, span) not in said_before:
                    edits.append(taught_store.example(item_id, target, span, said_now))
            return perform(connection, "merge_tags", edits)

    def delete_tag(self, concept_id: str, *, named: Collection[str] = ()) -> LibraryChanges:
        """Off every item, and never proposed again; what was below it moves up to what was above it. `named` are the tags
        that networks of the person's propose when they look next.
        """
        with self._database.transaction() as connection:
            gone = tag_store.standing(connection, concept_id)
            known = {concept.id: concept for concept in tag_store.concepts(connection)}
            if gone not in known:
                return LibraryChanges()
            edits: list[Edit] = []
            if taught_store.taught_word(connection, gone) is not None:
                edits.append(taught_store.teach(gone, None))
            for child in children_of(known.values()).get(gone, ()):
                parents = [
                    p for each in known[child].parents for p in (known[gone].parents if each == gone else (each,))
                ]
                said = own_tag_store.own_words(connection, child)
                edits.append(
                    own_tag_store.say_of_tag(
                        child, replace(said, parents=tuple(p for p in dict.fromkeys(parents) if p != child))
                    )
                )
            for item_id, state in own_tag_store.decided_items(connection, gone):
                if TagState(state) is TagState.ACCEPTED:
                    edits.append(history_store.decide(item_id, gone, None))
            for item_id, span in taught_store.moments_said(connection, gone):
                edits.append(taught_store.example(item_id, gone, span, None))
            is_known = gone in named or own_tag_store.is_found(connection, gone)
            is_only_own = gone.startswith("own:") and not is_known and not own_tag_store.merged_away(connection, gone)
            edits.append(own_tag_store.say_of_tag(gone, OwnWords(lowest_score=0.0 if is_only_own else NEVER)))
            return perform(connection, "delete_tag", edits)

    def decide_proposals(self, concept_id: str, lowest_score: float, state: TagState) -> LibraryChanges:
        """Accept or refuse everything that waits, of one tag or with "" of all, and is at least so sure. One step."""
        with self._database.transaction() as connection:
            waiting = review_store.waiting(connection, concept_id, lowest_score)
            verb = "accept_tag" if state is TagState.ACCEPTED else "reject_tag"
            return perform(connection, verb, [history_store.decide(*pair, state) for pair in waiting])

    def set_model_quiet(self, model: str, *, is_quiet: bool) -> LibraryChanges:
        """Take everything away that a model proposed and nobody accepted, now and later; or show it again."""
        with self._database.transaction() as connection:
            verb = "quiet_model" if is_quiet else "hear_model"
            return perform(connection, verb, [own_tag_store.quiet(model, is_quiet=is_quiet)])


def _joined(known: Mapping[str, Concept], source: Concept, target: Concept) -> Concept:
    """The target with the source's names and parents, and no circle in what comes of it."""
    names = dict.fromkeys((*target.aliases, source.en, source.zh, *source.aliases))
    children = children_of(known.values())
    under = below(children, target.id) | below(children, source.id)
    parents = dict.fromkeys((*target.parents, *source.parents))
    # Between the two lies what is under the one and over the other: it comes under both.
    return replace(
        target,
        aliases=tuple(name for name in names if name and name not in {target.en, target.zh}),
        parents=tuple(parent for parent in parents if parent not in under),
    )
