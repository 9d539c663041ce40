"""What a worker says of an item, stored as it comes, under the lease with which the item was taken."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Stage
from media_assistant.errors import UserFixable, why_of
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Checkpoint, Finding, Preview
from media_assistant.items.item import Item
from media_assistant.items.moment import Moment
from media_assistant.items.sentence import Sentence
from media_assistant.items.transcript import is_spoken
from media_assistant.library.job_store import MOST_ATTEMPTS, Lease
from media_assistant.library.queueing import UNREAD
from media_assistant.media.faults import why_unread
from media_assistant.workflows.analysis_request import Chunk, Finished, GaveUp, Probed
from media_assistant.workflows.intake.relinking import check_files
from media_assistant.workflows.understanding.foreman import Foreman
from media_assistant.workflows.understanding.parts import Part
from media_assistant.workflows.understanding.previews import forget_previews_like, write_preview

_NO_MODEL = "error.model.missing"

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


class AnswerStore:
    """Of one item. What is finished or has failed is no longer among the work's `unfinished`."""

    def __init__(self, queue: Foreman, work: InWork) -> None:
        self._queue = queue
        self._work = work
        self._item = work.item
        self._only_vectors = False
        self._is_begun: dict[str, bool] = {}
        self._vectors: dict[str, list[Finding]] = {}

    def begin(self, part: Part) -> None:
        """What comes from now on is said of this part of the work."""
        self._only_vectors = part.only_vectors
        self._is_begun = dict.fromkeys(part.analysers, part.start_ms > 0)
        self._vectors = {}

    def take(self, answer: Answer) -> None:
        """Store it, or keep it until the rest has come that it is stored with."""
        if isinstance(answer, Finished) and answer.remark and not os.path.exists(self._item.path):
            # It broke off because it went away. It is begun anew when it is back: behind its last checkpoint what was
            # found at the end would be found a second time.
            self._queue.library.checkpoint(self._item.id, answer.analyser, 0)
            answer = GaveUp(answer.analyser, answer.remark)
        match answer:
            case Probed():
                if not self._only_vectors:
                    self._take_facts(answer)
            case Chunk():
                if self._only_vectors:
                    self._vectors.setdefault(answer.analyser, []).extend(answer.findings)
                else:
                    self._store(answer, is_first=not self._is_begun[answer.analyser])
                    self._is_begun[answer.analyser] = True
            case Finished():
                self.finish(answer)
            case GaveUp():
                self.fail(answer.analyser, answer.error, is_final=True)

    def finish(self, done: Finished) -> None:
        """An analyser has come to its end."""
        self._work.unfinished.discard(done.analyser)
        library, name = self._queue.library, done.analyser
        if self._only_vectors:
            found = self._vectors.pop(name, [])
            changes = library.save_vectors(self._item.id, name, found, done.took_s, self._work.lease)
        else:
            version = registry.spec_of(name).version
            told = done.model, done.revision, done.took_s, done.remark
            changes = library.finish_analysis(self._item.id, name, version, *told, self._work.lease)
        if changes:  # it was still this lane's to do
            self._queue.tell(changes)
            self._queue.count(done=1)

    def fail_all(self, analysers: Iterable[str], error: Sentence, *, is_final: bool) -> None:
        """Those of the analysers that are not finished yet fail together."""
        for name in set(analysers) & self._work.unfinished:
            self.fail(name, error, is_final=is_final)

    def fail(self, analyser: str, error: Sentence, *, is_final: bool) -> None:
        """An analyser could not do it: a last time, or it is tried again."""
        self._work.unfinished.discard(analyser)
        item, lease = self._item, self._work.lease
        if error.code == _NO_MODEL:
            # It waits until one comes: then it is planned like everything that this computer can newly do.
            self._queue.tell(self._queue.library.withdraw_job(item.id, analyser))
            return
        if error.code.startswith("error.media.") and error.code not in UNREAD and (gone := why_unread(item.path)):
            # As when its drive was pulled out. Tried again it is looked for, and a copy of it is as good.
            self._queue.tell(check_files(self._queue.library, [item.id]))
            error, is_final = gone, False
        changes = self._queue.library.fail_analysis(item.id, analyser, error, is_final=is_final, lease=lease)
        self._queue.tell(changes)
        if changes and (is_final or lease.attempts[analyser] >= MOST_ATTEMPTS):
            self._queue.count(failed=1)

    def _take_facts(self, probed: Probed) -> None:
        queue, item = self._queue, self._item
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

    def _store(self, chunk: Chunk, *, is_first: bool) -> None:
        queue, item = self._queue, self._item
        kept: list[Finding] = []
        changes = LibraryChanges()
        for finding in chunk.findings:
            if isinstance(finding, Preview):
                try:
                    write_preview(queue.previews, item.id, finding.name, finding.data)
                except OSError as fault:
                    raise UserFixable("workflows.cache_not_written", why=why_of(fault)) from fault
                if finding.name == "thumbnail":
                    # Measured for the window, maybe of what the file held before.
                    forget_previews_like(queue.previews, item.id, "peaks*")
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
            self._work.lease,
        )
        changes |= saved
        is_subtitled = saved and chunk.analyser == "subtitles"
        if is_subtitled and any(isinstance(each, Moment) and is_spoken(each) for each in kept):
            # What is written there need not be written down again.
            speech = registry.spec_of("speech")
            changes |= queue.library.finish_analysis(item.id, speech.name, speech.version)
        self._work.now = chunk.analyser
        queue.tell(changes)
        queue.count()
