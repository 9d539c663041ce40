"""Works the queue off. The rows in the library are the queue; here is who takes them, and what becomes of the answers.

Lanes take jobs: one makes previews only, so that what was just dropped shows at once however long the others are busy. The
others, as many as the settings say, take whatever is next: previews, then understanding (all analysers of an item in one
decode), then speech. Each lane has a worker process of its own.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from media_assistant.analysis.analyser import Stage
from media_assistant.errors import MediaAssistantError, UserFixable
from media_assistant.items.answers import InProgress, QueueProgress
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.sentence import NOTHING, Sentence, sentence_of
from media_assistant.jobs.worker_process import WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.installing import model_id_for, models_config
from media_assistant.workflows.understanding.answer_store import InWork
from media_assistant.workflows.understanding.lane import Lane
from media_assistant.workflows.understanding.pace import Pace
from media_assistant.workflows.understanding.planning import plan_jobs, planned_by
from media_assistant.workflows.understanding.previews import forget_drafts
from media_assistant.workflows.understanding.restraint import SLOW, Restraint
from media_assistant.workflows.understanding.tally import Tally

log = logging.getLogger(__name__)

_TELL_EVERY_S, _TELL_SELDOM_S = 0.25, 2.0
_REST_S = 1.0
_TROUBLE_S = 5.0


class Queue:
    """The scheduler. Its lanes are threads of their own; `tell` and `tell_progress`, which never raise, are called on them."""

    def __init__(
        self,
        library: Library,
        paths: Paths,
        settings: Settings,
        *,
        tell: Callable[[LibraryChanges], None],
        tell_progress: Callable[[QueueProgress], None],
        is_foreground: bool,
    ) -> None:
        self.library = library
        self.paths = paths
        self.tell = tell
        self.previews = paths.previews
        self.pace = Pace()
        self.restraint = Restraint()
        self.in_sight: tuple[int, ...] = ()
        self.settings = settings
        self._tell_progress = tell_progress
        self._is_foreground = is_foreground
        self._changed = threading.Condition()
        self._restraining = threading.Lock()
        self._is_stopping = False
        self._is_started = False
        self._problem: Sentence = NOTHING
        self._lanes: list[Lane] = []
        self._threads: list[threading.Thread] = []
        self._waiting_for_idle: list[Future[QueueProgress]] = []
        self._planning = 0
        self._holds = 0
        self._tally = Tally()
        self._tell_again_at = 0.0
        self._told_paused = False
        self._has_more_to_tell = False

    # The lanes' side

    @property
    def whole_machine(self) -> bool:
        """Whether nobody else needs the computer."""
        return self._is_foreground or self.settings.overnight

    def models_config(self) -> dict[str, Any]:
        """What a worker must know of the models."""
        return models_config(self.paths, self.settings, whole_machine=self.whole_machine)

    def must_stop(self) -> bool:
        """Whether work in progress is to be put back."""
        return self._is_stopping or self._holds > 0 or self.library.is_paused() or self._restrain() == "battery_rest"

    def count(self, *, done: int = 0, failed: int = 0) -> None:
        """A lane has finished something."""
        with self._changed:
            self._tally.add(done=done, failed=failed)
        self._show()

    # Life

    def start(self) -> None:
        """Put back what a killed program left half done, and begin."""
        left = self.library.requeue_running()
        forget_drafts(self.previews, left.changed)
        self.tell(left)
        for sort, (worked_s, media_s) in self.library.recent_costs().items():
            self.pace.learn(sort, worked_s, media_s)
        lanes = max(1, self.settings.workers)
        stages = {"quick": (Stage.PREVIEW,), **{str(number + 1): tuple(Stage) for number in range(lanes)}}
        self._lanes = [Lane(self, name, of_lane, self.spare_worker(name)) for name, of_lane in stages.items()]
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"engine-lane-{number}", daemon=True)
            for number, lane in enumerate(self._lanes)
        ]
        self._is_started = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Put back what is in work, end the workers."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        for lane in self._lanes:
            lane.worker.close()
        with self._changed:
            left, self._waiting_for_idle = self._waiting_for_idle, []
        for future in left:
            future.cancel()

    def configure(self, settings: Settings) -> bool:
        """Other wishes: from the next analysis on. Whether what they make possible is to be planned."""
        before, self.settings = self.settings, settings
        if before.overnight != settings.overnight:
            for lane in self._lanes:
                lane.renew(self.spare_worker(lane.name))
        return planned_by(before) != planned_by(settings)

    @contextmanager
    def held(self, should_stop: Callable[[], bool] = bool) -> Iterator[None]:
        """For this long the lanes rest: what is in work goes back to its last checkpoint. Not the person's pause."""
        with self._changed:
            self._holds += 1
        try:
            while any(lane.is_busy for lane in self._lanes) and not should_stop():
                self._rest(0.05)
            yield
        finally:
            with self._changed:
                self._holds -= 1
                self._changed.notify_all()

    def spare_worker(self, name: str) -> WorkerProcess:
        """One that works under the lanes' conditions; the caller's to close."""
        environment = {} if self.settings.overnight else {"MEDIA_ASSISTANT_WORKER_GENTLE": "1"}
        log_file = self.paths.logs / f"worker-{name}.log"
        return WorkerProcess(log_file, folders=self.paths.worker_folders, environment=environment)

    # What a person asks

    def plan(
        self,
        item_ids: Sequence[int] | None,
        only: Sequence[str] = (),
        *,
        redo: bool = False,
        arrived: Collection[str] | None = None,
        keeps_stale: bool = False,
    ) -> int:
        """Queue what these items (None: all) lack and this computer can do; with `redo` also what they have. Returns how many."""
        with self._changed:
            if not self._planning and self._is_idle():
                self._tally.begin()
            self._planning += 1
        try:
            changes, count = plan_jobs(
                self.library,
                functools.partial(model_id_for, config=self.models_config()),
                self.settings,
                item_ids,
                only,
                redo=redo,
                arrived=arrived,
                keeps_stale=keeps_stale,
                should_stop=lambda: self._is_stopping,
            )
        finally:
            with self._changed:
                self._planning -= 1
                self._changed.notify_all()
        self.tell(changes)
        self._show(at_once=True)
        return count

    def pause(self) -> None:
        """Also for the next start."""
        self._change(self.library.set_paused(True))

    def resume(self) -> None:
        """Go on."""
        self._problem = NOTHING
        self._change(self.library.set_paused(False))

    def cancel(self, item_ids: Sequence[int] | None, analysers: Sequence[str] = ()) -> None:
        """Out of the queue; what runs is stopped first, so that it does not put itself back."""
        changes = self.library.cancel_jobs(item_ids, analysers)
        wanted = set(analysers)
        for lane in self._lanes:
            lane.stop_if(
                lambda work: (
                    (item_ids is None or work.item.id in item_ids)
                    and (not wanted or not wanted.isdisjoint(work.analysers))
                )
            )
        self._change(changes)

    def retry(
        self, item_ids: Sequence[int] | None, analysers: Sequence[str] = (), *, only_failed: bool = False
    ) -> None:
        """Failed and, unless `only_failed`, cancelled ones again."""
        self._change(self.library.retry_jobs(item_ids, analysers, only_failed=only_failed))

    def hold(self, item_id: int, stage: int, *, is_held: bool) -> None:
        """Hold one stage of an item back, or let it go again. What runs is put back first."""
        changes = self.library.hold_jobs(item_id, stage, is_held=is_held)
        if is_held:
            for lane in self._lanes:
                lane.stop_if(lambda work: work.item.id == item_id and work.stage == stage)
        self._change(changes)

    def move(self, item_id: int, stage: int, before: tuple[int, int] | None) -> None:
        """Do one stage of an item just before another one's (item and stage), or last."""
        self._change(self.library.move_jobs(item_id, stage, before))

    def set_playing(self, *, is_playing: bool) -> None:
        """Something plays in the window: it has the computer first."""
        if is_playing != self.restraint.playing:
            self.restraint.playing = is_playing
            self._restrain()
            self._change(LibraryChanges())

    def in_progress(self) -> tuple[InProgress, ...]:
        """What each worker does now. From memory alone."""
        return tuple(work for lane in self._lanes if (work := lane.in_progress()) is not None)

    def first(self, item_ids: Sequence[int]) -> None:
        """Before everything else. Speech in work is put back for it: that goes on where it was."""
        changes = self.library.put_first(item_ids)
        for lane in self._lanes:
            lane.stop_if(lambda work: work.stage is Stage.TRANSCRIBE and work.item.id not in item_ids)
        self._change(changes)

    def when_idle(self) -> Future[QueueProgress]:
        """Settled when nothing waits or runs, or when the queue stands still because it is paused."""
        future: Future[QueueProgress] = Future()
        with self._changed:
            self._waiting_for_idle.append(future)
            self._changed.notify_all()
        if not self._is_started:
            self._settle_idle()
        return future

    def progress(self) -> QueueProgress:
        """How far it is."""
        counts, works = self.library.job_counts(("waiting", "running", "held")), self._works()
        is_paused = self.library.is_paused()
        to_do = counts.waiting + counts.running
        lanes, tally = max(1, len(self._lanes) - 1), self._tally
        return QueueProgress(
            done=tally.done,
            total=tally.done + tally.failed + to_do,
            failed=tally.failed,
            running=tuple(dict.fromkeys(work.item.title for work in works)),
            stage=works[-1].now if works else "",
            left_s=self.pace.left_s(self.library.waiting_units(), lanes) if to_do and not is_paused else None,
            is_paused=is_paused,
            problem=self._problem,
            restraint=self._reason() if to_do else "",
            held=counts.held,
            done_in_all=tally.done_in_all,
            failed_in_all=tally.failed_in_all,
        )

    def _reason(self) -> str:
        return self.restraint.reason(self.settings, is_foreground=self._is_foreground)

    def _restrain(self) -> str:
        """Let the workers go as gently as it is fitting now; says why. May be called on any thread."""
        with self._restraining:  # or a lane that asked a moment earlier tells its worker what was so then
            reason = self._reason()
            for lane in self._lanes:
                if not lane.is_quick:
                    lane.worker.rest(SLOW if reason else 0.0)
        return reason

    # Threads

    def _work(self, lane: Lane) -> None:
        """One lane's thread."""
        has_stumbled = False
        while not self._is_stopping:
            try:
                rest_s, has_stumbled = self._take_turn(lane), False
            except Exception as fault:  # a thread's border: logged, and the queue goes on
                log.exception("a lane stumbled")
                if has_stumbled:  # nor is it over: nobody may wait for ever
                    with suppress(Exception):
                        self._hold_up(fault)
                rest_s, has_stumbled = _TROUBLE_S, True
            self._rest(rest_s)

    def _take_turn(self, lane: Lane) -> float:
        """Work on what is next; says for how long to rest then."""
        try:
            has_worked = self._may_work(lane) and lane.work()
            self._problem = NOTHING
            if has_worked:
                return 0.0
            self._settle_idle()
            # Another program may have paused it, or let it go on.
            if self._has_more_to_tell or self.library.is_paused() != self._told_paused:
                self._show(at_once=True)
        except MediaAssistantError as fault:
            # The library itself cannot be written: a full disk. Nothing is lost; it is said, and tried again.
            log.exception("the queue is held up")
            self._hold_up(fault)
            return _TROUBLE_S
        lane.cool_down()
        return _REST_S

    def _may_work(self, lane: Lane) -> bool:
        """Going gently, one worker is enough beside the one that makes previews."""
        reason = self._restrain()
        is_spare = lane not in self._lanes[:2]
        is_free = reason != "battery_rest" and not (reason and is_spare) and not self._holds
        return is_free and not self.library.is_paused()

    def _hold_up(self, fault: Exception) -> None:
        """Say what is in the way; a person who waits at a terminal is not left waiting."""
        bug = Sentence("ui.fault.bug", {"what": type(fault).__name__})
        self._problem = sentence_of(fault) if isinstance(fault, UserFixable) else bug
        for future in self._take_waiting() if self._is_foreground else ():
            future.set_exception(fault)
        self._show(at_once=True)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            if not self._is_stopping:
                self._changed.wait(seconds)

    def _settle_idle(self) -> None:
        with self._changed:
            if not self._waiting_for_idle or self._planning or not self._is_idle():
                return
            progress = self.progress()  # before they are taken out: whom nobody tells waits for ever
            settled = self._take_waiting()
        self._tell_progress(progress)
        for future in settled:
            future.set_result(progress)

    def _take_waiting(self) -> list[Future[QueueProgress]]:
        """Those who wait for the queue to end, and still want to know; the caller's to tell."""
        with self._changed:
            waiting, self._waiting_for_idle = self._waiting_for_idle, []
        return [future for future in waiting if future.set_running_or_notify_cancel()]

    def _is_idle(self) -> bool:
        """Nothing in hand, and nothing that anyone is going to take."""
        if not self._is_started:
            return True
        # Rows first: a lane that has just taken some has not said so yet.
        runs, waits = self.library.runs_and_waits()
        if runs or self._works():
            return False
        return not waits or self.library.is_paused()

    def _works(self) -> list[InWork]:
        return [work for lane in self._lanes if (work := lane.in_work) is not None]

    def _change(self, changes: LibraryChanges) -> None:
        self.tell(changes)
        with self._changed:
            self._changed.notify_all()
        self._show(at_once=True)

    def _show(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        self._has_more_to_tell = not at_once and now < self._tell_again_at
        if not self._has_more_to_tell:
            self._told_paused = (progress := self.progress()).is_paused
            # What waits is counted, which takes a while where very much does.
            self._tell_again_at = now + min(max(_TELL_EVERY_S, 20 * (time.monotonic() - now)), _TELL_SELDOM_S)
            self._tell_progress(progress)
