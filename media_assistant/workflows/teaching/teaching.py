"""Teaching tags, for window and command line: what a person says is written at once, and learnt of beside them.

Whatever changes the examples of a taught tag (a page of its own, the review, a chip, an undo) is learnt of by itself;
and what is analysed later is judged when it is there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import NEVER, Concept
from media_assistant.items.sentence import Sentence
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import Expectation, Lesson, Question, TaughtExample, Version
from media_assistant.jobs.threads import Later, make_pool
from media_assistant.library.database import now
from media_assistant.library.library import Library
from media_assistant.library.taught_store import MOST_EXAMPLES
from media_assistant.paths import Paths
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.learning_worker import LearningWorker
from media_assistant.workflows.tags import tagging

if TYPE_CHECKING:
    from media_assistant.workflows.teaching.learning_tags import Found, TrainingSet
    from media_assistant.workflows.teaching.taught_things import Known, Place

log = logging.getLogger(__name__)

_GATHER_S = 0.15
"""So long after a change what is taught is looked at: a review of ten proposals in a row is learnt of once or twice."""
_MOVED = 0.1
_MANY_NEW = 20_000
"""Vectors from which the whole library is judged again rather than what came."""


class Learning(Future[LibraryChanges]):
    """Settled with what was `written`, once that is learnt of."""

    def __init__(self, written: Future[LibraryChanges]) -> None:
        super().__init__()
        self.written = written


class Teaching:
    """Held by the assistant. Futures are settled on threads of the engine."""

    def __init__(
        self,
        library: Library,
        write: Callable[[Callable[[], LibraryChanges]], Future[LibraryChanges]],
        feed: Feed,
        paths: Paths,
    ) -> None:
        self._library = library
        self._write = write
        self._feed = feed
        self._work = make_pool(1, "engine-teaching")
        self._warming = make_pool(1, "engine-teaching-warms")
        self._is_closing = threading.Event()
        self._worker = LearningWorker(paths, self._is_closing.is_set)
        self._later = Later(self._look)
        self._known_now: Known | None = None
        self._found: dict[str, tuple[int, Found]] = {}
        """By tag what its version of that number said last: what is asked about."""
        self._tried: dict[str, tuple[tuple[TaughtExample, ...], dict[str, Any]]] = {}
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """From now on changes are learnt of by themselves."""
        self._unsubscribe = self._feed.subscribe(self._changed)
        self._plan()

    def close(self) -> None:
        """What is being learnt is given up; it is learnt at the next start."""
        self._is_closing.set()
        self._unsubscribe()
        self._later.close()
        self._worker.stop()
        for pool in (self._warming, self._work):
            pool.shutdown(wait=True, cancel_futures=True)
        self._worker.close()

    # What a person says

    def teach(self, tag: Concept | str, examples: Sequence[TaughtExample]) -> Learning:
        """These are examples of a tag (or, `is_counter`, none): one step of undo. It is taught from now on.

        A name that nobody knows becomes the person's own tag. UserFixable("teach.no_examples") without any.
        """

        def edit() -> LibraryChanges:
            concept = tag if isinstance(tag, Concept) else tagging.resolve(self._library, tag)
            known = self._library.taught_examples(concept.id)
            if all(each.is_counter for each in (*examples, *known)):
                raise UserFixable("teach.no_examples")
            return self._library.teach(concept, examples)

        return self._then_learn(self._write(edit))

    def take_back(self, concept_id: str, examples: Sequence[TaughtExample]) -> Learning:
        """These are no examples any more."""
        return self._then_learn(self._write(lambda: self._library.forget_examples(concept_id, examples)))

    def forget(self, concept_id: str) -> Future[LibraryChanges]:
        """What was learnt proposes nothing any more; tags that the person put stay."""
        self._found.pop(concept_id, None)
        return self._write(lambda: self._library.forget_teaching(concept_id))

    def use_version(self, concept_id: str, number: int) -> Learning:
        """Ask an older version (or the newest again), until something is learnt anew."""
        return self._then_learn(self._write(lambda: self._library.use_version(concept_id, number)))

    def prepare(self) -> Future[None]:
        """A person is about to teach: what takes a second to load is loaded beside them, on a thread of its own."""
        self._work.submit(self._known, is_fresh=True)
        return self._warming.submit(self._worker.warm_up)

    def settle(self) -> Future[None]:
        """Done when all that was said so far is learnt of."""
        return self._work.submit(self._bring_up_all)

    def try_ways(self, concept_id: str) -> Future[dict[str, Any]]:
        """What each form of head does on a tag's examples that it has not seen (`learning_tags.told_ways`): of what was
        learnt last, or, where the tag is not taught, of all that the person said carries it or does not.
        """
        return self._work.submit(self._try_ways, concept_id)

    # What is known; on the caller's thread

    def lesson(self, concept_id: str) -> Lesson:
        """All that a page shows of a tag. Raises UserFixable("workflows.no_such_tag")."""
        concept = self._library.concept(concept_id)
        if concept is None:
            raise UserFixable("workflows.no_such_tag", name=concept_id)
        versions = tuple(self._library.taught_versions(concept.id))
        current = next((each for each in versions if each.is_current), None)
        report = current.report if current else {}
        is_taught = concept.id in self._library.taught_tags()
        examples = tuple(self._library.taught_examples(concept.id))
        if is_taught and current is not None:
            report = report | self._expectation(concept.id, current, examples)
        unknown, advice = tuple(report.get("unknown", ())), report.get("advice", "")
        sampled = _say_sampled(examples, self._library.said_of(concept.id))
        return Lesson(concept, is_taught, examples, unknown, versions, Expectation.of(report), advice, sampled)

    def _expectation(self, concept_id: str, current: Version, examples: Sequence[TaughtExample]) -> dict[str, Any]:
        """As the threshold and the person's word stand now."""
        from media_assistant.workflows.teaching.learning_tags import expectation

        decided = self._library.decided_on(concept_id)
        chances = self._library.taught_chances(concept_id)
        shown = {item: chance for item, chance in chances.items() if item not in decided}
        answers = [(float(chance), bool(right)) for chance, right in current.report.get("answers", ())]
        likes = sum(not each.is_counter for each in examples)
        return expectation(shown, self._lowest(concept_id), len(examples), likes, answers)

    def questions(self, concept_id: str, skipped: Sequence[int] = (), limit: int = 12) -> list[Question]:
        """What to ask next (is this one too?), the most telling first. Empty while nothing is learnt."""
        known = self._found.get(concept_id)
        if known is None:
            known = self._work.submit(self._look_again, concept_id).result()
        if known is None:
            return []
        gone = {*skipped, *self._library.decided_on(concept_id)}
        return [each for each in known[1].questions if each.item_id not in gone][:limit]

    def why(self, concept_id: str, place: Place) -> list[TaughtExample]:
        """The examples that an item or a moment is most like."""
        from media_assistant.workflows.teaching.learning_tags import likest

        known = self._known_now
        if known is None:
            return []
        return likest(self._library, known, concept_id, self._library.taught_examples(concept_id), place)

    # How it is learnt; on the teaching thread

    def _changed(self, changes: LibraryChanges) -> None:
        if changes.journal or changes.jobs or changes.moments:
            self._plan()

    def _plan(self) -> None:
        self._later.ask(_GATHER_S)

    def _look(self) -> None:
        with suppress(RuntimeError):  # closed meanwhile
            self._work.submit(self._bring_up_all)

    def _then_learn(self, written: Future[LibraryChanges]) -> Learning:
        done = Learning(written)

        def learn(future: Future[LibraryChanges]) -> None:
            fault = future.exception()
            if fault is not None:
                done.set_exception(fault)
                return
            try:
                learning = self._work.submit(self._bring_up_all)
            except RuntimeError:
                done.set_result(future.result())
                return
            learning.add_done_callback(lambda _learnt: done.set_result(future.result()))

        written.add_done_callback(learn)
        return done

    def _bring_up_all(self) -> None:
        for concept_id in self._library.taught_tags():
            if self._is_closing.is_set():
                return
            try:
                self._bring_up(concept_id)
            except UserFixable as fault:
                log.warning("a tag was not learnt (%s)", fault.code)
            except Exception:  # a thread's border: the tag keeps what was learnt before, and the next one has its turn
                log.exception("a tag was not learnt")

    def _bring_up(self, concept_id: str) -> None:
        """Learn if the examples are others than were learnt of; else judge what came since."""
        from media_assistant.workflows.teaching.learning_tags import read_training_set

        library = self._library
        examples = library.taught_examples(concept_id)
        versions = library.taught_versions(concept_id)
        newest = versions[0] if versions else None
        is_same = newest is not None and set(newest.examples) == set(examples)
        current = next((each for each in versions if each.is_current), None)
        if is_same and current is not None and current.judged_id >= library.last_vector():
            return
        known = self._known(is_fresh=True)
        training_set = read_training_set(library, known, concept_id, examples)
        sees_more = newest is not None and bool(training_set.seen) and newest.report.get("seen") != training_set.seen
        is_lost = bool(newest and newest.report.get("seen")) and not training_set.parts and self._has_wanted(examples)
        if (not is_same or sees_more) and not is_lost:
            self._learn(concept_id, known, training_set, examples, versions)
        elif current is not None:
            self._judge_newer(concept_id, known, examples, current)

    @staticmethod
    def _has_wanted(examples: Sequence[TaughtExample]) -> bool:
        return any(not each.is_counter for each in examples)

    def _learn(
        self,
        concept_id: str,
        known: Known,
        training_set: TrainingSet,
        examples: Sequence[TaughtExample],
        versions: Sequence[Version],
    ) -> None:
        from media_assistant.learning.tag_heads import heads_to_bytes
        from media_assistant.workflows.teaching.learning_tags import (
            heed_answers,
            judge_library,
            make_report,
            new_answers,
        )

        library = self._library
        newest = versions[0] if versions else None
        answers = [
            (float(chance), bool(right)) for chance, right in (newest.report.get("answers", ()) if newest else ())
        ]
        if newest is not None:
            answers += new_answers(library.taught_chances(concept_id), newest.examples, examples)
        grounds = {sense: part.make_ground() for sense, part in training_set.parts.items()}
        learnt = self._worker.fit(training_set.parts, grounds)
        if self._is_closing.is_set():
            return
        heads = heed_answers(learnt.heads, answers)
        found = judge_library(library, known, heads, concept_id, examples, grounds)
        number = newest.number + 1 if newest else 1
        report = make_report(learnt, training_set, found, examples, answers, self._lowest(concept_id))
        version = Version(concept_id, number, now(), tuple(examples), report, known.until)
        changes = library.save_version(version, heads_to_bytes(heads), found.moments)
        self._found[concept_id] = number, found
        self._feed.publish(changes)

    def _try_ways(self, concept_id: str) -> dict[str, Any]:
        from media_assistant.workflows.teaching.learning_tags import read_training_set, said_examples, told_ways

        current = next((each for each in self._library.taught_versions(concept_id) if each.is_current), None)
        if current is not None and current.report.get("ways"):
            return dict(current.report["ways"])
        examples = tuple(self._library.taught_examples(concept_id)) or said_examples(self._library, concept_id)
        if (held := self._tried.get(concept_id)) is not None and held[0] == examples:
            return held[1]
        training_set = read_training_set(self._library, self._known(is_fresh=True), concept_id, examples)
        grounds = {sense: part.make_ground() for sense, part in training_set.parts.items()}
        ways = told_ways(self._worker.fit(training_set.parts, grounds)) if training_set.parts else {}
        self._tried[concept_id] = examples, ways
        return ways

    def _judge_newer(self, concept_id: str, known: Known, examples: Sequence[TaughtExample], current: Version) -> None:
        """Items that came since the version judged, or all of them where it has not judged yet."""
        from media_assistant.learning.tag_heads import heads_from_bytes
        from media_assistant.workflows.teaching.learning_tags import expectation, judge_items, judge_library

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
            self._found[concept_id] = current.number, found
            chances = found.chances
        else:
            found = judge_items(library, known, heads, concept_id, examples, item_ids)
            chances = {
                item: chance for item, chance in library.taught_chances(concept_id).items() if item not in set(item_ids)
            }
            chances |= found.chances
            self._found.pop(concept_id, None)
        likes = sum(not each.is_counter for each in examples)
        answers = [(float(chance), bool(right)) for chance, right in current.report.get("answers", ())]
        report = current.report | expectation(chances, self._lowest(concept_id), len(examples), likes, answers)
        self._feed.publish(
            library.save_judged(concept_id, current.number, report, known.until, found.moments, item_ids)
        )

    def _look_again(self, concept_id: str) -> tuple[int, Found] | None:
        """What to ask about a tag that was learnt before this program started."""
        from media_assistant.learning.tag_heads import heads_from_bytes
        from media_assistant.workflows.teaching.learning_tags import judge_library

        if concept_id in self._found:
            return self._found[concept_id]
        current = next((each for each in self._library.taught_versions(concept_id) if each.is_current), None)
        if current is None:
            return None
        heads = heads_from_bytes(self._library.taught_head(concept_id, current.number))
        examples = self._library.taught_examples(concept_id)
        found = judge_library(self._library, self._known(is_fresh=True), heads, concept_id, examples)
        self._found[concept_id] = current.number, found
        return self._found[concept_id]

    def _lowest(self, concept_id: str) -> float:
        """From which chance on it proposes."""
        said = self._library.own_words(concept_id).lowest_score
        return 1.0 if said >= NEVER else said

    def _known(self, *, is_fresh: bool) -> Known:
        """The library as the ground; read anew when more than a tenth of it came since."""
        from media_assistant.workflows.teaching.taught_things import read_known, senses_of

        held = self._known_now
        until = self._library.last_vector()
        if held is None or (is_fresh and until > held.until * (1 + _MOVED) + 8):
            held = read_known(self._library)
        elif until != held.until:
            if senses_of(self._library.finding) != held.spaces:
                held = read_known(self._library)
            else:
                held = replace(held, until=until)
        self._known_now = held
        return held


def _say_sampled(examples: Sequence[TaughtExample], said: Mapping[TagState, int]) -> tuple[Sentence, ...]:
    found = []
    for state, code in ((TagState.ACCEPTED, "teach.sampled"), (TagState.REJECTED, "teach.sampled_counter")):
        if said[state] > MOST_EXAMPLES:
            used = sum(each.is_counter is (state is TagState.REJECTED) for each in examples)
            found.append(Sentence(code, {"used": used, "all": said[state]}))
    return tuple(found)
