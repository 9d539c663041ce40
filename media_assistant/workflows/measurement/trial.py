"""Work done for its duration alone: real items through a real lane and a worker like the queue's, into a library
that is thrown away. Originals are only read, and the person's library is only read too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Stage
from media_assistant.errors import Cancelled
from media_assistant.inference.waiting import Turns, turns
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.findings import Finding
from media_assistant.items.item import Item
from media_assistant.items.sentence import Sentence
from media_assistant.jobs.worker_process import WorkerProcess
from media_assistant.library.library import JobRow, Library, NewItem
from media_assistant.settings import Settings
from media_assistant.workflows.analysis_request import Finished
from media_assistant.workflows.understanding.answer_store import AnswerStore, InWork
from media_assistant.workflows.understanding.foreman import Foreman
from media_assistant.workflows.understanding.lane import Lane
from media_assistant.workflows.understanding.pace import Pace


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock for one item or its beginning, and of those what each network and the analysers took."""

    wall_s: float
    thought_s: Mapping[str, float]
    analysers_s: Mapping[str, float]


class Trial:
    """What a lane needs of a queue, without one. Everything it makes lies in `folder`."""

    def __init__(
        self, folder: Path, settings: Settings, worker: WorkerProcess, should_stop: Callable[[], bool]
    ) -> None:
        self.library = Library.open(folder / "trial.sqlite")
        self.previews = folder / "previews"
        self.pace = Pace()
        self.tell: Callable[[LibraryChanges], None] = lambda _changes: None
        self.settings = settings
        self.config: dict[str, Any] = {}
        self.in_sight: Sequence[int] = ()
        self.until = float("inf")
        """`time.monotonic()` at which whatever goes on is broken off."""
        self._should_stop = should_stop
        self._finished: list[Finished] = []
        self._failed: list[str] = []
        self._lane = Lane(self, "trial", tuple(Stage), worker, self._watch)
        self._known: dict[tuple[int, bool], int] = {}

    def close(self) -> None:
        """The folder is its owner's to delete."""
        self.library.close()

    # What the lane asks

    def models_config(self) -> dict[str, Any]:
        """The model that is tried."""
        return self.config

    def must_stop(self) -> bool:
        """When the person has had enough, or the time is over."""
        return self._should_stop() or time.monotonic() > self.until

    def plan(self, item_ids: Sequence[int] | None) -> int:
        """Only what is asked for is done."""
        del item_ids
        return 0

    def count(self, *, done: int = 0, failed: int = 0) -> None:
        """Nobody counts."""
        del done, failed

    # What is measured

    def run(
        self,
        item: Item,
        analysers: Sequence[str],
        known: Sequence[Finding] = (),
        *,
        end_ms: int = 0,
    ) -> Took | None:
        """One item through these analysers, or its beginning; None where one of them failed or the time was over. Raises Cancelled."""
        item_id = self._take_in(item, known)
        for name in analysers:
            spec = registry.spec_of(name)
            self.library.enqueue([JobRow(item_id, name, int(spec.stage), 0)])
        self._lane.end_ms = end_ms
        self._finished.clear()
        self._failed.clear()
        started, before = time.perf_counter(), self._turns()
        self._lane.work()
        clock_s = time.perf_counter() - started
        # What others had of the processor meanwhile is no property of the model.
        ours = self._turns().since(before)
        if self._should_stop():
            raise Cancelled
        finished = tuple(self._finished)
        if self._failed or len(finished) < len(analysers):
            self.library.cancel_jobs()
            return None
        thought = {model_id: spent * ours for model_id, spent in finished[-1].thought_s.items()}
        return Took(clock_s * ours, thought, {one.analyser: one.took_s * ours for one in finished})

    def start_anew(self) -> None:
        """A new worker process for what comes next: whatever opens at its first use is closed again."""
        self._lane.worker.close()

    def work_off(self) -> None:
        """Whatever waits."""
        while self._lane.work() and not self.must_stop():
            pass
        if self._should_stop():
            raise Cancelled

    def _watch(self, queue: Foreman, work: InWork) -> AnswerStore:
        return _Watched(queue, work, self._finished, self._failed)

    def _turns(self) -> Turns:
        return turns(self._lane.worker.pid) + turns(os.getpid(), without_main=True)

    def _take_in(self, item: Item, known: Sequence[Finding]) -> int:
        key = (item.id, bool(known))
        if key not in self._known:
            new = NewItem(item.kind, item.path, item.title, item.size_bytes, 0, f"{item.id}-{bool(known)}", item.facts)
            ids, _ = self.library.add_items([new])
            self._known[key] = ids[0]
            if known:
                shots = registry.spec_of("shots")
                self.library.save_findings(
                    ids[0], shots.name, shots.version, "", "", tuple(known), None, is_first_chunk=True
                )
                self.library.finish_analysis(ids[0], shots.name, shots.version)
        return self._known[key]


class _Watched(AnswerStore):
    """Notes what an item took, and what failed of it."""

    def __init__(self, queue: Foreman, work: InWork, finished: list[Finished], failed: list[str]) -> None:
        super().__init__(queue, work)
        self._finished = finished
        self._failed = failed

    def finish(self, done: Finished) -> None:
        super().finish(done)
        self._finished.append(done)

    def fail(self, analyser: str, error: Sentence, *, is_final: bool) -> None:
        super().fail(analyser, error, is_final=is_final)
        self._failed.append(analyser)
