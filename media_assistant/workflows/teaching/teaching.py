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
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.concept import Concept
from media_assistant.items.sentence import Sentence
from media_assistant.items.tag import TagState
from media_assistant.items.teaching import Expectation, Lesson, Question, TaughtExample, Version
from media_assistant.jobs.threads import Later, make_pool
from media_assistant.library.library import Library
from media_assistant.library.taught_store import MOST_EXAMPLES
from media_assistant.paths import Paths
from media_assistant.workflows.feed import Feed
from media_assistant.workflows.learning_worker import LearningWorker
from media_assistant.workflows.tags import tagging
from media_assistant.workflows.teaching.answers import read_answers
from media_assistant.workflows.teaching.learning_tags import expectation, likest
from media_assistant.workflows.teaching.tag_learner import TagLearner, lowest_chance
from media_assistant.workflows.teaching.taught_things import Place

log = logging.getLogger(__name__)

_GATHER_S = 0.15
"""So long after a change what is taught is looked at: a review of ten proposals in a row is learnt of once or twice."""


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
        self._learner = TagLearner(library, self._worker, feed.publish, self._is_closing.is_set)
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
        self._learner.forget(concept_id)
        return self._write(lambda: self._library.forget_teaching(concept_id))

    def use_version(self, concept_id: str, number: int) -> Learning:
        """Ask an older version (or the newest again), until something is learnt anew."""
        return self._then_learn(self._write(lambda: self._library.use_version(concept_id, number)))

    def prepare(self) -> Future[None]:
        """A person is about to teach: what takes a second to load is loaded beside them, on a thread of its own."""
        self._work.submit(self._learner.know_library)
        return self._warming.submit(self._worker.warm_up)

    def settle(self) -> Future[None]:
        """Done when all that was said so far is learnt of."""
        return self._work.submit(self._bring_up_all)

    def try_ways(self, concept_id: str) -> Future[dict[str, Any]]:
        """What each form of head does on a tag's examples that it has not seen (`learning_tags.told_ways`): of what was
        learnt last, or, where the tag is not taught, of all that the person said carries it or does not.
        """
        return self._work.submit(self._learner.try_ways, concept_id)

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
        decided = self._library.decided_on(concept_id)
        chances = self._library.taught_chances(concept_id)
        shown = {item: chance for item, chance in chances.items() if item not in decided}
        likes, lowest = sum(not each.is_counter for each in examples), lowest_chance(self._library, concept_id)
        return expectation(shown, lowest, len(examples), likes, read_answers(current.report))

    def questions(self, concept_id: str, skipped: Sequence[int] = (), limit: int = 12) -> list[Question]:
        """What to ask next (is this one too?), the most telling first. Empty while nothing is learnt."""
        found = self._learner.found_now(concept_id)
        if found is None:
            found = self._work.submit(self._learner.look_again, concept_id).result()
        if found is None:
            return []
        gone = {*skipped, *self._library.decided_on(concept_id)}
        return [each for each in found.questions if each.item_id not in gone][:limit]

    def why(self, concept_id: str, place: Place) -> list[TaughtExample]:
        """The examples that an item or a moment is most like."""
        known = self._learner.known
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
                self._learner.bring_up(concept_id)
            except UserFixable as fault:
                log.warning("a tag was not learnt (%s)", fault.code)
            except Exception:  # a thread's border: the tag keeps what was learnt before, and the next one has its turn
                log.exception("a tag was not learnt")


def _say_sampled(examples: Sequence[TaughtExample], said: Mapping[TagState, int]) -> tuple[Sentence, ...]:
    found = []
    for state, code in ((TagState.ACCEPTED, "teach.sampled"), (TagState.REJECTED, "teach.sampled_counter")):
        if said[state] > MOST_EXAMPLES:
            used = sum(each.is_counter is (state is TagState.REJECTED) for each in examples)
            found.append(Sentence(code, {"used": used, "all": said[state]}))
    return tuple(found)
