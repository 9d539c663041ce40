"""One lane of the queue: takes an item, asks its worker, and has stored what comes back."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Stage
from media_assistant.errors import UserFixable
from media_assistant.items.answers import InProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.sentence import Sentence, sentence_from_plain
from media_assistant.jobs.limits import NO_ROOM
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.library.job_store import Lease
from media_assistant.workflows.analysis_request import (
    Ended,
    Request,
    analysis_options,
    limits_for,
    understand_answers,
)
from media_assistant.workflows.intake.relinking import check_files
from media_assistant.workflows.models.installing import memory_limit_mb
from media_assistant.workflows.transcripts.saving_transcripts import heard_and_written
from media_assistant.workflows.understanding.answer_store import AnswerStore, InWork
from media_assistant.workflows.understanding.courses import wanted_courses
from media_assistant.workflows.understanding.foreman import Foreman
from media_assistant.workflows.understanding.parts import Part, cut_parts, model_of

log = logging.getLogger(__name__)

_COOL_AFTER_S = 60.0
_NO_MEMORY = "error.jobs.memory"


class Lane:
    """`work` is called by the lane's own thread; `stop_if` by any."""

    def __init__(
        self,
        queue: Foreman,
        name: str,
        stages: Sequence[Stage],
        worker: WorkerProcess,
        make_store: Callable[[Foreman, InWork], AnswerStore] = AnswerStore,
    ) -> None:
        self.name = name
        self.worker = worker
        self._next_worker: WorkerProcess | None = None
        self.in_work: InWork | None = None
        self.is_busy = False
        """From before it asks whether it may work until everything of the item is put away."""
        self._queue = queue
        self._make_store = make_store
        self._stages = tuple(stages)
        self._lock = threading.Lock()
        self._last_work = time.monotonic()
        self.end_ms = 0
        """Where to stop in each item, or 0 for its end: a trial needs no more."""

    def in_progress(self) -> InProgress | None:
        """What is done now, how far it is and on what."""
        work, worker = self.in_work, self.worker
        if work is None:
            return None
        return InProgress(
            work.item.id,
            work.item.title,
            work.item.kind,
            int(work.stage),
            work.analysers,
            time.monotonic() - work.since,
            work.item.facts.duration_ms,
            max(work.began_ms, worker.reached_ms),
            work.began_ms,
            worker.device,
            tuple(sentence_from_plain(each) for each in worker.setbacks),
        )

    @property
    def is_quick(self) -> bool:
        """Whether it makes previews alone: those are short, and wanted at once."""
        return self._stages == (Stage.PREVIEW,)

    def stop_if(self, concerns: Callable[[InWork], bool]) -> None:
        """Put the work in hand back, if it is this one."""
        with self._lock:
            if self.in_work is not None and concerns(self.in_work):
                self.in_work.must_stop = True

    def renew(self, worker: WorkerProcess) -> None:
        """Go on with this worker after the work in hand: it lives by other limits."""
        self._next_worker = worker

    def cool_down(self) -> None:
        """Give the worker's memory back when there was nothing to do for a while."""
        if self.worker.pid is not None and time.monotonic() - self._last_work > _COOL_AFTER_S:
            self.worker.close()

    def work(self) -> bool:
        """Do the next item's next stage. False when nothing waits, or it is not to work now. Raises UserFixable when the
        library cannot be written.
        """
        # In this order: whoever wants the lanes to rest says so and then looks, and one of the two sees the other.
        self.is_busy = True
        try:
            return not self._queue.must_stop() and self._take_next()
        finally:
            self.is_busy = False

    def _take_next(self) -> bool:
        if self._next_worker is not None:
            self.worker.close()
            self.worker, self._next_worker = self._next_worker, None
        library = self._queue.library
        lease = library.lease_jobs(stages=self._stages, in_sight=self._queue.in_sight)
        if lease is None:
            return False
        unfinished = set(lease.analysers)
        try:
            lease = self._leave_unknown(lease, unfinished)
            item = library.item(lease.item_id) if lease.analysers else None
            if item is not None and not os.path.exists(item.path):
                # Marked as gone it is no longer the first of its places: a copy may lie elsewhere.
                self._queue.tell(check_files(library, [item.id]))
                item = library.item(item.id)
            if item is None:
                return True
            work = InWork(item, Stage(lease.stage), lease, unfinished, lease.analysers[0])
            with self._lock:
                self.in_work = work
            store = self._make_store(self._queue, work)
            self._queue.tell(LibraryChanges(changed=(item.id,)))
            if not os.path.exists(item.path):
                store.fail_all(lease.analysers, Sentence("error.media.vanished"), is_final=True)
                return True
            parts = cut_parts(
                library.runs([item.id]),
                lease.analysers,
                lease.attempts,
                lambda name: model_of(name, self._queue.models_config()),
            )
            for part in parts:
                self._ask(work, store, part)
                if self._must_stop():
                    break
        except UserFixable:
            raise
        except Exception:  # our fault with this item: put back, it would come again for ever, before all that waits
            log.exception("item %d (%s)", lease.item_id, ", ".join(sorted(unfinished)))
            self._give_up(lease, unfinished)
        finally:
            with self._lock:
                self.in_work = None
            if unfinished:
                self._queue.tell(library.release_jobs(lease.item_id, sorted(unfinished), lease))
            self._last_work = time.monotonic()
        return True

    def _leave_unknown(self, lease: Lease, unfinished: set[str]) -> Lease:
        """What is left of a lease without analysers that only another version of the program has. That one asks for them
        again.
        """
        for name in [name for name in lease.analysers if not registry.is_known(name)]:
            unfinished.discard(name)
            self._queue.tell(self._queue.library.withdraw_job(lease.item_id, name))
        return replace(lease, analysers=tuple(filter(registry.is_known, lease.analysers)))

    def _give_up(self, lease: Lease, unfinished: set[str]) -> None:
        error = Sentence("error.jobs.bug")
        for name in sorted(unfinished):
            changes = self._queue.library.fail_analysis(lease.item_id, name, error, is_final=True, lease=lease)
            unfinished.discard(name)
            self._queue.tell(changes)
            if changes:
                self._queue.count(failed=1)

    def _must_stop(self) -> bool:
        in_work = self.in_work
        return self._queue.must_stop() or (in_work is not None and (in_work.must_stop or self._has_lost(in_work)))

    def _has_lost(self, in_work: InWork) -> bool:
        """Whether what is still to do is not its own any more: the item was removed, or its file is another one."""
        return bool(in_work.unfinished) and not self._queue.library.is_leased(in_work.lease, in_work.unfinished)

    def _ask(self, work: InWork, store: AnswerStore, part: Part) -> None:
        queue, item = self._queue, work.item
        written = heard_and_written(queue.library, item.id) if "subtitles" in part.analysers else ()
        names = queue.library.spoken_names() if "speech" in part.analysers else ()
        config = queue.models_config()
        request = Request(
            Path(item.path),
            item.kind,
            work.stage,
            part.analysers,
            config,
            part.start_ms,
            self._known(item, part),
            analysis_options(queue.settings, names, written),
            end_ms=self.end_ms,
            only_vectors=part.only_vectors,
            courses=wanted_courses(queue.library, item.id, part.analysers),
        )
        limits = limits_for(work.stage, item.facts, item.size_bytes, memory_limit_mb(queue.settings, config))
        started = time.monotonic()
        with self._lock:
            work.since, work.began_ms = started, part.start_ms
        store.begin(part)
        answers = self.worker.request(request.messages(), limits, is_closing=self._must_stop)
        try:
            for answer in understand_answers(answers, part.analysers if part.start_ms else ()):
                if self._has_lost(work):
                    continue  # what was said before the worker heard of it
                if isinstance(answer, Ended):
                    self._end(work, store, answer, part)
                else:
                    store.take(answer)
        except WorkerDied as died:
            if died.code != "stopped":
                log.warning("worker %s on item %d (%s)", died, item.id, ", ".join(sorted(work.unfinished)))
                store.fail_all(part.analysers, Sentence(f"error.jobs.{died.code}"), is_final=died.code == "time")
            return
        except UserFixable:
            raise
        except (
            Exception
        ):  # what one file's answers do to us is that file's fault: put back, it would come again for ever
            answers.close()
            log.exception("item %d (%s)", item.id, ", ".join(sorted(work.unfinished)))
            store.fail_all(part.analysers, Sentence("error.jobs.bug"), is_final=True)
            return
        share = len(part.analysers) / len(work.analysers)
        media_s = max(1.0, (item.facts.duration_ms - part.start_ms) / 1000)
        queue.pace.learn((int(work.stage), item.kind.value), time.monotonic() - started, share * media_s)

    def _end(self, work: InWork, store: AnswerStore, ended: Ended, part: Part) -> None:
        """The request as a whole went wrong, or was stopped; then what is unfinished goes back by itself."""
        if ended.was_stopped:
            return
        error = ended.error
        if error.code == f"error.{NO_ROOM}":
            raise UserFixable(NO_ROOM, **error.parameters)
        if ended.report:
            log.error("item %d: %s", work.item.id, ended.report)
            error = Sentence("error.jobs.bug")
        # Memory lacked for all of them together: as after a killed worker each has a try by itself.
        if is_full := error.code == _NO_MEMORY:
            self.worker.close()
        is_final = bool(ended.error) and not is_full
        store.fail_all(part.analysers, error or Sentence("error.jobs.bug"), is_final=is_final)

    def _known(self, item: Item, part: Part) -> tuple[Moment, ...]:
        """What passes may build on: shots that are not made in this very run, if all of them are there, and lines that
        lack their vectors; of what is said the last line, for its language.
        """
        if part.only_vectors:
            details = self._queue.library.details(item.id)
            return (*details.shots, *details.lines)
        library = self._queue.library
        if "speech" in part.analysers and part.start_ms:
            return tuple(library.moments(item.id, Layer.LINE, "speech")[-1:])
        if item.kind is not Kind.VIDEO or "shots" in part.analysers:
            return ()
        run = library.run(item.id, "shots")
        # Where some are lacking, the rest of the film would pass for a single shot.
        return library.details(item.id).shots if run is not None and run.is_complete and not run.is_stale else ()
