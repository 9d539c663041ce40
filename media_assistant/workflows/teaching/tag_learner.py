"""Learning the tags that a person teaches, one after the other: what is learnt anew, what is judged, and what is held of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import NEVER
from media_assistant.items.teaching import TaughtExample, Version
from media_assistant.library.database import now
from media_assistant.library.library import Library
from media_assistant.workflows.learning_worker import LearningWorker
from media_assistant.workflows.teaching.answers import Answer, answers_now, read_answers
from media_assistant.workflows.teaching.learning_tags import (
    Found,
    TrainingSet,
    expectation,
    heed_answers,
    judge_items,
    judge_library,
    make_report,
    read_training_set,
    said_examples,
    told_ways,
)
from media_assistant.workflows.teaching.taught_things import Known, read_known, senses_of

_MOVED = 0.1
_MANY_NEW = 20_000
"""Vectors from which the whole library is judged again rather than what came."""


class TagLearner:
    """Its methods belong to the thread that learns; `known`, `found_now` and `forget` are for any."""

    def __init__(
        self,
        library: Library,
        worker: LearningWorker,
        publish: Callable[[LibraryChanges], None],
        is_closing: Callable[[], bool],
    ) -> None:
        self._library = library
        self._worker = worker
        self._publish = publish
        self._is_closing = is_closing
        self.known: Known | None = None
        """The library as it was read last."""
        self._found: dict[str, Found] = {}
        """What is proposed and asked about, by tag."""
        self._tried: dict[str, tuple[tuple[TaughtExample, ...], dict[str, Any]]] = {}

    def found_now(self, concept_id: str) -> Found | None:
        """What a tag's version said last, if that was since this program started."""
        return self._found.get(concept_id)

    def forget(self, concept_id: str) -> None:
        """The tag is not taught any more."""
        self._found.pop(concept_id, None)

    def bring_up(self, concept_id: str) -> None:
        """Learn if the examples are others than were learnt of; else judge what came since."""
        library = self._library
        examples = library.taught_examples(concept_id)
        versions = library.taught_versions(concept_id)
        newest = versions[0] if versions else None
        is_same = newest is not None and set(newest.examples) == set(examples)
        current = next((each for each in versions if each.is_current), None)
        if is_same and current is not None and current.judged_id >= library.last_vector():
            return
        known = self.know_library()
        training_set = read_training_set(library, known, concept_id, examples)
        sees_more = newest is not None and bool(training_set.seen) and newest.report.get("seen") != training_set.seen
        is_lost = (
            bool(newest and newest.report.get("seen"))
            and not training_set.parts
            and any(not each.is_counter for each in examples)
        )
        if (not is_same or sees_more) and not is_lost:
            self._learn(concept_id, known, training_set, examples, versions)
        elif current is not None:
            self._judge_newer(concept_id, known, examples, current)

    def _learn(
        self,
        concept_id: str,
        known: Known,
        training_set: TrainingSet,
        examples: Sequence[TaughtExample],
        versions: Sequence[Version],
    ) -> None:
        from media_assistant.learning.tag_heads import heads_to_bytes

        library = self._library
        newest = versions[0] if versions else None
        answers: list[Answer] = []
        if newest is not None:
            answers = answers_now(library, concept_id, read_answers(newest.report), newest.examples, examples)
        grounds = {sense: part.make_ground() for sense, part in training_set.parts.items()}
        learnt = self._worker.fit(training_set.parts, grounds)
        if self._is_closing():
            return
        heads = heed_answers(learnt.heads, answers)
        found = judge_library(library, known, heads, concept_id, examples, grounds)
        number = newest.number + 1 if newest else 1
        report = make_report(learnt, training_set, found, examples, answers, lowest_chance(library, concept_id))
        version = Version(concept_id, number, now(), tuple(examples), report, known.until)
        changes = library.save_version(version, heads_to_bytes(heads), found.moments)
        self._found[concept_id] = found
        self._publish(changes)

    def _judge_newer(self, concept_id: str, known: Known, examples: Sequence[TaughtExample], current: Version) -> None:
        """Items that came since the version judged, or all of them where it has not judged yet."""
        from media_assistant.learning.tag_heads import heads_from_bytes

        library = self._library
        heads = heads_from_bytes(library.taught_head(concept_id, current.number))
        item_ids: list[int] | None = None
        if current.judged_id:
            fresh, until = library.items_after(current.judged_id, _MANY_NEW)
            item_ids = fresh if until >= known.until else None
        if not any(
            space in known.grounds[sense].units
            for sense, head in heads.items()
            if sense in known.grounds
            for space in head.weights
        ):
            # Its networks are gone, and nothing of what it could tell is there: what it proposed stays until it can be
            # learnt anew.
            library.save_judged(concept_id, current.number, current.report, known.until, [], [])
            return
        if item_ids is None:
            found = judge_library(library, known, heads, concept_id, examples)
            self._found[concept_id] = found
            chances = found.chances
        else:
            found = judge_items(library, known, heads, concept_id, examples, item_ids)
            chances = {
                item: chance for item, chance in library.taught_chances(concept_id).items() if item not in set(item_ids)
            }
            chances |= found.chances
            self._found.pop(concept_id, None)
        likes = sum(not each.is_counter for each in examples)
        answers, lowest = read_answers(current.report), lowest_chance(library, concept_id)
        report = current.report | expectation(chances, lowest, len(examples), likes, answers)
        self._publish(library.save_judged(concept_id, current.number, report, known.until, found.moments, item_ids))

    def try_ways(self, concept_id: str) -> dict[str, Any]:
        """See `Teaching.try_ways`."""
        current = next((each for each in self._library.taught_versions(concept_id) if each.is_current), None)
        if current is not None and current.report.get("ways"):
            return dict(current.report["ways"])
        examples = tuple(self._library.taught_examples(concept_id)) or said_examples(self._library, concept_id)
        if (held := self._tried.get(concept_id)) is not None and held[0] == examples:
            return held[1]
        training_set = read_training_set(self._library, self.know_library(), concept_id, examples)
        grounds = {sense: part.make_ground() for sense, part in training_set.parts.items()}
        ways = told_ways(self._worker.fit(training_set.parts, grounds)) if training_set.parts else {}
        self._tried[concept_id] = examples, ways
        return ways

    def look_again(self, concept_id: str) -> Found | None:
        """What to ask about a tag that was learnt before this program started."""
        from media_assistant.learning.tag_heads import heads_from_bytes

        if (known := self.found_now(concept_id)) is not None:
            return known
        current = next((each for each in self._library.taught_versions(concept_id) if each.is_current), None)
        if current is None:
            return None
        heads = heads_from_bytes(self._library.taught_head(concept_id, current.number))
        examples = self._library.taught_examples(concept_id)
        found = judge_library(self._library, self.know_library(), heads, concept_id, examples)
        self._found[concept_id] = found
        return found

    def know_library(self) -> Known:
        """The library as the ground; read anew when more than a tenth of it came since."""
        held = self.known
        until = self._library.last_vector()
        if held is None or until > held.until * (1 + _MOVED) + 8:
            held = read_known(self._library)
        elif until != held.until:
            if senses_of(self._library.finding) != held.spaces:
                held = read_known(self._library)
            else:
                held = replace(held, until=until)
        self.known = held
        return held


def lowest_chance(library: Library, concept_id: str) -> float:
    """From which chance on a tag is proposed."""
    said = library.own_words(concept_id).lowest_score
    return 1.0 if said >= NEVER else said
