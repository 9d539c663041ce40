"""One lane of the queue: takes an item, asks its worker, stores what comes back."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Stage
from media_assistant.errors import UserFixable, why_of
from media_assistant.items.answers import InProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Checkpoint, Finding, Preview
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.items.sentence import Sentence, sentence_from_plain
from media_assistant.items.transcript import is_spoken
from media_assistant.jobs.limits import NO_ROOM
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.library.job_store import MOST_ATTEMPTS, Lease
from media_assistant.library.queueing import UNREAD
from media_assistant.media.faults import why_unread
from media_assistant.workflows.analysis_request import (
    Chunk,
    Ended,
    Finished,
    GaveUp,
    Probed,
    Request,
    analysis_options,
    limits_for,
    understand_answers,
)
from media_assistant.workflows.intake.relinking import check_files
from media_assistant.workflows.models.installing import memory_limit_mb
from media_assistant.workflows.transcripts.saving_transcripts import heard_and_written
from media_assistant.workflows.understanding.courses import wanted_courses
from media_assistant.workflows.understanding.foreman import Foreman
from media_assistant.workflows.understanding.parts import Part, cut_parts, model_of
from media_assistant.workflows.understanding.previews import write_preview

log = logging.getLogger(__name__)

_COOL_AFTER_S = 60.0
_NO_MODEL = "error.model.missing"
_NO_MEMORY = "error.jobs.memory"


Answer = Chunk | Finished | GaveUp | Probed


@dataclass(slots=True)
class InWork:
    """What a lane does at the moment."""

    item: Item
    stage: Stage
    lease: Lease
    unfinished: set[str]
    now: str
    must_stop: bool = False
    since: float = field(default_factory=time.monotonic)
    began_ms: int = 0
    """Where in the media the request in hand begins."""

    @property
    def analysers(self) -> tuple[str, ...]:
        """What was taken together."""
        return self.lease.analysers


class Lane:
    """`work` is called by the lane's own thread; `stop_if` by any."""

    def __init__(self, queue: Foreman, name: str, stages: Sequence[Stage], worker: WorkerProcess) -> None:
        self.name = name
        self.worker = worker
        self._next_worker: WorkerProcess | None = None
        self.in_work: InWork | None = None
        self._queue = queue
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
        """Do the next item's next stage. False when nothing waits. Raises UserFixable when the library cannot be written."""
        if self._next_worker is not None:
            self.worker.close()
            self.worker, self._next_worker = self._next_worker, None
        library = self._queue.library
        lease = library.lease_jobs(stages=self._stages, in_sight=self._queue.in_sight)
        if lease is None:
            return False
        unfinished = set(lease.analysers)
        try:
            item = library.item(lease.item_id)
            if item is not None and not os.path.exists(item.path):
                # Marked as gone it is no longer the first of its places: a copy may lie elsewhere.
                self._queue.tell(check_files(library, [item.id]))
                item = library.item(item.id)
            if item is None:
                return True
            with self._lock:
                self.in_work = InWork(item, Stage(lease.stage), lease, unfinished, lease.analysers[0])
            self._queue.tell(LibraryChanges(changed=(item.id,)))
            if not os.path.exists(item.path):
                for name in lease.analysers:
                    self._fail(item, name, Sentence("error.media.vanished"), is_final=True)
                    unfinished.discard(name)
                return True
            parts = cut_parts(
                library.runs([item.id]),
                lease.analysers,
                lease.attempts,
                lambda name: model_of(name, self._queue.models_config()),
            )
            for part in parts:
                self._ask(item, Stage(lease.stage), part, unfinished)
                if self._must_stop():
                    break
        finally:
            with self._lock:
                self.in_work = None
            if unfinished:
                self._queue.tell(library.release_jobs(lease.item_id, sorted(unfinished), lease))
            self._last_work = time.monotonic()
        return True

    def _must_stop(self) -> bool:
        in_work = self.in_work
        return self._queue.must_stop() or (in_work is not None and (in_work.must_stop or self._has_lost(in_work)))

    def _has_lost(self, in_work: InWork) -> bool:
        """Whether what is still to do is not its own any more: the item was removed, or its file is another one."""
        return bool(in_work.unfinished) and not self._queue.library.is_leased(in_work.lease, in_work.unfinished)

    @property
    def _lease(self) -> Lease | None:
        return self.in_work.lease if self.in_work is not None else None

    def _ask(self, item: Item, stage: Stage, part: Part, unfinished: set[str]) -> None:
        queue = self._queue
        written = heard_and_written(queue.library, item.id) if "subtitles" in part.analysers else ()
        config = queue.models_config()
        request = Request(
            Path(item.path),
            item.kind,
            stage,
            part.analysers,
            config,
            part.start_ms,
            self._known(item, part),
            analysis_options(queue.settings, queue.library.spoken_names(), written),
            end_ms=self.end_ms,
            only_vectors=part.only_vectors,
            courses=wanted_courses(queue.library, item.id, part.analysers),
        )
        limits = limits_for(stage, item.facts, item.size_bytes, memory_limit_mb(queue.settings, config))
        started = time.monotonic()
        with self._lock:
            if self.in_work is not None:
                self.in_work.since, self.in_work.began_ms = started, part.start_ms
        is_begun = dict.fromkeys(part.analysers, part.start_ms > 0)
        answers = self.worker.request(request.messages(), limits, is_closing=self._must_stop)
        vectors: dict[str, list[Finding]] = {}
        try:
            for answer in understand_answers(answers, part.analysers if part.start_ms else ()):
                if self.in_work is not None and self._has_lost(self.in_work):
                    continue  # what was said before the worker heard of it
                if isinstance(answer, Finished) and answer.remark and not os.path.exists(item.path):
                    # It broke off because it went away. It is begun anew when it is back: behind its last checkpoint what
                    # was found at the end would be found a second time.
                    queue.library.checkpoint(item.id, answer.analyser, 0)
                    answer = GaveUp(answer.analyser, answer.remark)  # noqa: PLW2901
                if isinstance(answer, Ended):
                    self._end(item, answer, part, unfinished)
                elif part.only_vectors:
                    self._take_vectors(item, answer, vectors, unfinished)
                else:
                    self._take(item, answer, is_begun, unfinished)
        except WorkerDied as died:
            if died.code != "stopped":
                log.warning("worker %s on item %d (%s)", died, item.id, ", ".join(sorted(unfinished)))
                for name in set(part.analysers) & unfinished:
                    unfinished.discard(name)
                    self._fail(item, name, Sentence(f"error.jobs.{died.code}"), is_final=died.code == "time")
            return
        except UserFixable:
            raise
        except (
            Exception
        ):  # what one file's answers do to us is that file's fault: put back, it would come again for ever
            answers.close()
            log.exception("item %d (%s)", item.id, ", ".join(sorted(unfinished)))
            for name in set(part.analysers) & unfinished:
                unfinished.discard(name)
                self._fail(item, name, Sentence("error.jobs.bug"), is_final=True)
            return
        in_work = self.in_work
        share = len(part.analysers) / len(in_work.analysers) if in_work is not None else 1.0
        media_s = max(1.0, (item.facts.duration_ms - part.start_ms) / 1000)
        queue.pace.learn((int(stage), item.kind.value), time.monotonic() - started, share * media_s)

    def _take(self, item: Item, answer: Answer, is_begun: dict[str, bool], unfinished: set[str]) -> None:
        match answer:
            case Probed():
                self._take_facts(item, answer)
            case Chunk():
                self._store(item, answer, is_first=not is_begun[answer.analyser])
                is_begun[answer.analyser] = True
            case Finished():
                unfinished.discard(answer.analyser)
                self._finish(item, answer)
            case GaveUp():
                unfinished.discard(answer.analyser)
                self._fail(item, answer.analyser, answer.error, is_final=True)

    def _take_vectors(
        self, item: Item, answer: Answer, vectors: dict[str, list[Finding]], unfinished: set[str]
    ) -> None:
        """Vectors alone, kept until all of an analyser's are there."""
        match answer:
            case Chunk():
                vectors.setdefault(answer.analyser, []).extend(answer.findings)
            case Finished():
                unfinished.discard(answer.analyser)
                found = vectors.pop(answer.analyser, [])
                self._count_done(
                    self._queue.library.save_vectors(item.id, answer.analyser, found, answer.took_s, self._lease)
                )
            case GaveUp():
                unfinished.discard(answer.analyser)
                self._fail(item, answer.analyser, answer.error, is_final=True)

    def _end(self, item: Item, ended: Ended, part: Part, unfinished: set[str]) -> None:
        """The request as a whole went wrong, or was stopped; then what is unfinished goes back by itself."""
        if ended.was_stopped:
            return
        error = ended.error
        if error.code == f"error.{NO_ROOM}":
            raise UserFixable(NO_ROOM, **error.parameters)
        if ended.report:
            log.error("item %d: %s", item.id, ended.report)
            error = Sentence("error.jobs.bug")
        # Memory lacked for all of them together: as after a killed worker each has a try by itself.
        if is_full := error.code == _NO_MEMORY:
            self.worker.close()
        for name in set(part.analysers) & unfinished:
            unfinished.discard(name)
            is_final = bool(ended.error) and not is_full
            self._fail(item, name, error or Sentence("error.jobs.bug"), is_final=is_final)

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

    def _take_facts(self, item: Item, probed: Probed) -> None:
        queue = self._queue
        if probed.kind is item.kind:
            queue.tell(queue.library.set_facts(item.id, probed.facts))
            return
        # The container looked like a film and only sounds, or the other way round: what was queued was for the wrong kind.
        queue.tell(queue.library.set_facts(item.id, probed.facts, kind=probed.kind))
        # It goes as if it had never been asked for: as the kind of another file in its place it may be the right one.
        for spec in registry.SPECS:
            if item.kind in spec.kinds and probed.kind not in spec.kinds:
                queue.tell(queue.library.withdraw_job(item.id, spec.name))
        queue.plan([item.id])

    def _store(self, item: Item, chunk: Chunk, *, is_first: bool) -> None:
        queue = self._queue
        kept: list[Finding] = []
        changes = LibraryChanges()
        for finding in chunk.findings:
            if isinstance(finding, Preview):
                try:
                    write_preview(queue.previews, item.id, finding.name, finding.data)
                except OSError as fault:
                    raise UserFixable("workflows.cache_not_written", why=why_of(fault)) from fault
                changes |= LibraryChanges(changed=(item.id,))
            else:
                kept.append(finding)
        if chunk.position_ms is not None:
            kept.append(Checkpoint(chunk.position_ms))
        saved = queue.library.save_findings(
            item.id,
            chunk.analyser,
            registry.spec_of(chunk.analyser).version,
            chunk.model,
            chunk.revision,
            kept,
            chunk.position_ms,
            is_first,
            self._lease,
        )
        changes |= saved
        is_subtitled = saved and chunk.analyser == "subtitles"
        if is_subtitled and any(isinstance(each, Moment) and is_spoken(each) for each in kept):
            # What is written there need not be written down again.
            speech = registry.spec_of("speech")
            changes |= queue.library.finish_analysis(item.id, speech.name, speech.version)
        with self._lock:
            if self.in_work is not None:
                self.in_work.now = chunk.analyser
        queue.tell(changes)
        queue.count()

    def _finish(self, item: Item, done: Finished) -> None:
        version = registry.spec_of(done.analyser).version
        self._count_done(
            self._queue.library.finish_analysis(
                item.id, done.analyser, version, done.model, done.revision, done.took_s, done.remark, self._lease
            )
        )

    def _count_done(self, changes: LibraryChanges) -> None:
        """One more, if it was still this lane's to do."""
        if changes:
            self._queue.tell(changes)
            self._queue.count(done=1)

    def _fail(self, item: Item, analyser: str, error: Sentence, *, is_final: bool) -> None:
        if error.code == _NO_MODEL:
            # It waits until one comes: then it is planned like everything that this computer can newly do.
            self._queue.tell(self._queue.library.withdraw_job(item.id, analyser))
            return
        if error.code.startswith("error.media.") and error.code not in UNREAD and (gone := why_unread(item.path)):
            # As when its drive was pulled out. Tried again it is looked for, and a copy of it is as good.
            self._queue.tell(check_files(self._queue.library, [item.id]))
            error, is_final = gone, False
        lease = self._lease
        attempt = lease.attempts[analyser] if lease is not None else MOST_ATTEMPTS
        changes = self._queue.library.fail_analysis(item.id, analyser, error, is_final=is_final, lease=lease)
        self._queue.tell(changes)
        if changes and (is_final or attempt >= MOST_ATTEMPTS):
            self._queue.count(failed=1)
