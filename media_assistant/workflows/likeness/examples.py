"""Finding what is like examples: items, moments of them, and files outside the library, which are understood for it."""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from media_assistant.analysis.analyser import Stage
from media_assistant.errors import Bug, Cancelled, UserFixable, why_of
from media_assistant.inference.store import ModelStore
from media_assistant.items.answers import Suggestion
from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.findings import Finding
from media_assistant.items.item import Facts
from media_assistant.items.sentence import fault_of
from media_assistant.jobs.worker_process import WorkerDied, WorkerProcess
from media_assistant.library.library import Library
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.analysis_request import (
    Chunk,
    Ended,
    Probed,
    Request,
    analysis_options,
    limits_for,
    understand_answers,
)
from media_assistant.workflows.likeness.portraits import Portrait, portrait_from
from media_assistant.workflows.models.installing import memory_limit_mb, models_config
from media_assistant.workflows.understanding.planning import possible_specs, specs_of

Progress = Callable[[Path, int, int], None]
"""Which file, how far (ms), and how long it is (0: nobody knows). On the engine's thread, a few times a second."""

_KEPT = 16


class Similarity:
    """What is like examples. Files outside stay understood while the program runs, so that they are not read anew with
    every change of the examples; their number is small.
    """

    def __init__(
        self,
        library: Library,
        store: ModelStore,
        paths: Paths,
        settings: Callable[[], Settings],
        submit: Callable[[Callable[[], Any]], Future[Any]],
        is_closing: Callable[[], bool],
    ) -> None:
        self._library = library
        self._store = store
        self._paths = paths
        self._settings = settings
        self._submit = submit
        self._is_closing = is_closing
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[Path, int, int, Hashable], Portrait] = OrderedDict()

    def find(
        self,
        like: int | Path | Examples,
        limit: int = 20,
        *,
        progress: Progress = lambda _path, _done_ms, _all_ms: None,
        should_stop: Callable[[], bool] = bool,
    ) -> Future[tuple[Suggestion, ...]]:
        """Items like an item, a file, or examples, best first, each with true reasons. Cancelled when `should_stop`."""

        def work() -> tuple[Suggestion, ...]:
            from media_assistant.workflows.likeness.suggesting import similar

            if should_stop():
                raise Cancelled
            examples = self.resolve(like)
            outside = {
                one.path: self.portrait(one.path, progress, should_stop) for one in examples.all if one.path is not None
            }
            return similar(self._library, examples, limit, outside)

        return self._submit(work)

    def resolve(self, like: int | Path | Examples) -> Examples:
        """The same with items where a path is one of theirs."""
        if isinstance(like, int):
            return like_item(like)
        if isinstance(like, Path):
            like = Examples((Example(path=like),))
        return Examples(tuple(map(self._resolve, like.plus)), tuple(map(self._resolve, like.minus)))

    def _resolve(self, one: Example) -> Example:
        if one.path is None:
            return one
        path = Path(os.path.abspath(one.path))
        known = self._library.find_by_path(str(path))
        return Example(known.item_id, None, one.span) if known is not None else replace(one, path=path)

    def understood_by(self) -> Hashable:
        """What files outside are understood by at present. With other networks, or told otherwise, more is known of them."""
        settings = self._settings()
        cards = [(str(card.folder), card.id, card.revision) for card in self._store.cards()]
        told = models_config(self._paths, settings, whole_machine=True), analysis_options(settings)
        return json.dumps([cards, *told, settings.switched_off])

    def portrait(
        self,
        path: Path,
        progress: Progress = lambda _path, _done_ms, _all_ms: None,
        should_stop: Callable[[], bool] = bool,
    ) -> Portrait:
        """A file outside, understood now or a while ago. Raises UserFixable where it cannot be read, Cancelled."""
        try:
            state = path.stat()
        except OSError as error:
            raise UserFixable("finding.example_unreadable", file=path.name, why=why_of(error)) from error
        key = path, state.st_size, state.st_mtime_ns, self.understood_by()
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = read_example(
            path,
            self._store,
            self._paths,
            self._settings(),
            progress=lambda done_ms, all_ms: progress(path, done_ms, all_ms),
            should_stop=lambda: should_stop() or self._is_closing(),
        )
        with self._lock:
            self._known[key] = found
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


def read_example(
    path: Path,
    store: ModelStore,
    paths: Paths,
    settings: Settings,
    *,
    progress: Callable[[int, int], None] = lambda _done_ms, _all_ms: None,
    should_stop: Callable[[], bool] = bool,
) -> Portrait:
    """Look at, listen to and read a file once, all but its speech; nothing is stored. `progress(done_ms, all_ms)`.

    Raises UserFixable where it cannot be read, Cancelled soon after `should_stop`.
    """
    from media_assistant.media.sniff import sniff

    found = sniff(path)
    if found is None:
        raise UserFixable("workflows.no_kind", file=path.name)
    possible = possible_specs(lambda task: store.find(task) is not None, settings)
    config = models_config(paths, settings, whole_machine=True)
    options = analysis_options(settings)
    names = tuple(spec.name for spec in specs_of(found.kind, possible) if spec.stage is Stage.UNDERSTAND)
    facts, findings = Facts(), list[Finding]()
    worker = WorkerProcess(paths.logs / "worker.log", folders=paths.worker_folders)

    def look() -> bool:
        """Called while waiting."""
        progress(worker.reached_ms, facts.duration_ms)
        return should_stop()

    try:
        # The first request only asks for the facts, which say how long the second may take.
        for stage, analysers in ((Stage.PREVIEW, ()), (Stage.UNDERSTAND, names)):
            request = Request(path.absolute(), found.kind, stage, analysers, config, options=options)
            limits = limits_for(stage, facts, path.stat().st_size, memory_limit_mb(settings, config))
            for answer in understand_answers(worker.request(request.messages(), limits, is_closing=look)):
                match answer:
                    case Probed():
                        facts = answer.facts
                    case Chunk():
                        findings += answer.findings
                    case Ended() if answer.was_stopped:
                        raise Cancelled
                    case Ended() if answer.error:
                        raise fault_of(answer.error)
                    case Ended() if answer.report:
                        raise Bug(answer.report)
                    case _:
                        pass
    except WorkerDied as died:
        if should_stop():
            raise Cancelled from died
        raise UserFixable(f"jobs.{died.code}") from died
    finally:
        worker.close()
    return portrait_from(found.kind, facts, findings)
