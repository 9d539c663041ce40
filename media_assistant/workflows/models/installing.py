"""Models come in: by a download that the person asked for, or from a folder that was carried here; and go again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference import store as model_store
from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import glance
from media_assistant.inference.store import ModelState, ModelStore, State, store_from
from media_assistant.items.sentence import sentence_of
from media_assistant.jobs.limits import choose_threads
from media_assistant.jobs.threads import make_pool
from media_assistant.paths import Paths, bundled
from media_assistant.settings import Settings
from media_assistant.workflows.models.advising import speeds
from media_assistant.workflows.models.machine import load_machine, machine_key

Progress = Callable[[int, int], None]
ShouldStop = Callable[[], bool]
States = tuple[ModelState, ...]

log = logging.getLogger(__name__)

_TELL_EVERY_S = 0.1


class Installer:
    """Models come and go one at a time, in the order they were asked for, on a thread of their own.

    `states` says afterwards what there is; `arrived` is called before that for each that came, with the tasks of what is new. Whatever is under way can be stopped by its id, or by its folder.
    """

    def __init__(
        self, store: ModelStore, states: Callable[[], States], arrived: Callable[[Collection[str]], None]
    ) -> None:
        self._store = store
        self._states = states
        self._arrived = arrived
        self._pool = make_pool(1, "engine-downloads")
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Event] = {}
        self._is_closing = False

    def download(self, model_id: str, settings: Settings, progress: Progress | None) -> Future[States]:
        """Fetch a model of the catalogue; Cancelled when it was stopped."""
        return self._install(
            model_id,
            lambda should_stop: download(
                self._store, model_id, settings, progress=seldom(progress), should_stop=should_stop
            ),
        )

    def import_folder(self, folder: Path, progress: Progress | None) -> Future[States]:
        """Take over a folder; Cancelled when it was stopped."""
        return self._install(
            str(folder),
            lambda should_stop: import_folder(self._store, folder, progress=seldom(progress), should_stop=should_stop),
        )

    def cancel(self, what: str) -> None:
        """Stop what comes under this id or from this folder. What has arrived of a download is kept for the next time."""
        with self._lock:
            if what in self._under_way:
                self._under_way[what].set()

    def remove(self, model_id: str) -> Future[States]:
        """Delete a model of the person's own folder."""

        def work() -> States:
            remove(self._store, model_id)
            return self._states()

        return self._pool.submit(work)

    def verify(self, model_ids: Sequence[str]) -> Future[States]:
        """Hash the files of these models (none named: all that are here)."""
        return self._pool.submit(verify, self._store, model_ids)

    def check_changed(self) -> Future[States]:
        """Hash what is not known to be right."""

        def work() -> States:
            self._store.check_doubtful()
            return self._states()

        return self._pool.submit(work)

    def close(self) -> None:
        """Stop what is under way, and wait for that."""
        self._is_closing = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _install(self, what: str, install: Callable[[ShouldStop], None]) -> Future[States]:
        with self._lock:
            stop = self._under_way.get(what)
            if stop is None or stop.is_set():
                stop = self._under_way[what] = threading.Event()

        def should_stop() -> bool:
            return self._is_closing or stop.is_set()

        def work() -> States:
            try:
                if should_stop():
                    raise Cancelled
                before = {card.id for card in self._store.cards()}
                try:
                    install(should_stop)
                except BaseException:
                    if came := self._tasks_beyond(before):  # of several, before a fault or a stop
                        self._arrived(came)
                    raise
            finally:
                with self._lock:
                    if self._under_way.get(what) is stop:
                        del self._under_way[what]
            self._arrived(self._tasks_beyond(before))
            return self._states()

        return self._pool.submit(work)

    def _tasks_beyond(self, before: Collection[str]) -> set[str]:
        """Of the models that came since these were all."""
        return {card.task for card in self._store.cards() if card.id not in before}


def list_states(store: ModelStore, settings: Settings, paths: Paths, *, whole_machine: bool) -> States:
    """Every model that is here or could be; those that the next analysis uses are marked."""
    states = store.states()
    machine = load_machine(paths.config, machine_key(whole_machine=whole_machine))
    hardware, measured = glance(has_gpu=machine.has_gpu), speeds(machine)
    tasks = {state.task for state in states if state.state is not State.AVAILABLE}
    used = {
        card.id
        for task in tasks
        if (
            card := store.find(
                task, settings.spoken_languages, settings.chosen_models.get(task, ""), hardware, measured
            )
        )
    }
    return tuple(
        replace(state, is_in_use=True) if state.id in used and state.state is State.READY else state for state in states
    )


def seldom(progress: Progress | None) -> Progress | None:
    """`progress`, called ten times a second at most, and at the end."""
    told_at = -_TELL_EVERY_S

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if progress is not None and (done >= total or now - told_at >= _TELL_EVERY_S):
            told_at = now
            progress(done, total)

    return tell if progress is not None else None


def open_store(paths: Paths) -> ModelStore:
    """The models that this person's program can see."""
    return model_store.open_store(paths)


def models_config(paths: Paths, settings: Settings, *, whole_machine: bool) -> dict[str, Any]:
    """What a worker must know to find and open the networks, as plain values."""
    machine = load_machine(paths.config, machine_key(whole_machine=whole_machine))
    return {
        "folders": [str(folder) for folder in paths.model_folders],
        "user_folder": str(paths.user_models),
        "bundled": str(bundled("models")),
        "chosen": dict(settings.chosen_models),
        "languages": list(settings.spoken_languages),
        "threads": choose_threads(whole_machine=whole_machine),
        "speeds": dict(speeds(machine)),
        "has_gpu": machine.has_gpu,
    }


def memory_limit_mb(settings: Settings, config: Mapping[str, Any]) -> int:
    """What a worker with this `models_config` may take: the person's limit, or more where a network that is here asks more
    of a computer. What cards ask for is several times their weights, so there is room in it for the file and the rest.
    """
    return max(settings.memory_limit_mb, store_from(config).most_memory_mb(glance()))


def model_for(task: str, config: Mapping[str, Any]) -> ModelCard | None:
    """The model that a worker with this `models_config` takes for a task; None where there is none."""
    hardware, chosen = glance(has_gpu=config["has_gpu"]), config["chosen"].get(task, "")
    return store_from(config).find(task, config["languages"], chosen, hardware, config["speeds"])


def model_id_for(task: str, config: Mapping[str, Any]) -> str:
    """Its id; empty where there is none."""
    card = model_for(task, config)
    return "" if card is None else card.id


def check_named(model_id: str, task: str, config: Mapping[str, Any]) -> None:
    """Whether a worker with this `models_config`, which names that model for the task, takes it and no other.

    Raises UserFixable("model.unknown", "model.other_task", "model.too_large").
    """
    if store_from(config).card(model_id).task != task:
        raise UserFixable("model.other_task", model=model_id)
    taken = model_for(task, config)
    if taken is None or taken.id != model_id:
        raise UserFixable("model.too_large", model=model_id)


def download(
    store: ModelStore,
    model_id: str,
    settings: Settings,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> None:
    """Fetch a model of the catalogue, or of a broken one the files that are wrong. Nothing but this and what training needs is ever asked of the network, and only when told to.

    Raises UserFixable (`model.unknown`, `download.…`) and Cancelled; what has arrived is used the next time.
    """
    from media_assistant.inference.download import download as fetch

    entry = store.catalogue().get(model_id)
    if entry is None:
        raise UserFixable("model.unknown", model=model_id)
    is_broken = any(state.id == model_id and state.state is State.BROKEN for state in store.states())
    fetch(
        entry,
        store.user_folder,
        server=settings.download_mirror,
        progress=progress,
        should_stop=should_stop,
        repairs=is_broken,
    )


def import_folder(
    store: ModelStore, folder: Path, *, progress: Progress | None = None, should_stop: ShouldStop | None = None
) -> None:
    """Copy a model, or those of a folder of them or of a model pack that are not here yet, to the person's own; what they
    were copied from is left as it is.
    """
    from media_assistant.inference.card import CARD_NAME, load_card
    from media_assistant.inference.install import import_folder as copy
    from media_assistant.inference.model_pack import import_pack

    pack = folder if folder.is_file() else None
    if pack is None and not (folder / CARD_NAME).is_file():
        pack = _pack_in(folder)
    if pack is not None:
        import_pack(pack, store.user_folder, _ready(store), progress=progress, should_stop=should_stop)
        return
    if (folder / CARD_NAME).is_file() or not (inside := sorted(folder.glob(f"*/{CARD_NAME}"))):
        copy(folder, store.user_folder, store.catalogue(), progress=progress, should_stop=should_stop)
        return
    for each in (file.parent for file in inside):
        if load_card(each).id not in _ready(store):
            copy(each, store.user_folder, {}, progress=progress, should_stop=should_stop, replaces=True)


def _pack_in(folder: Path) -> Path | None:
    """The newest model pack in a folder that can be read; if none can be, the newest, which then says why."""
    from media_assistant.inference.model_pack import packs_in, read_pack

    packs = packs_in([folder])
    for pack in packs:
        with suppress(UserFixable):
            read_pack(pack)
            return pack
    return packs[0] if packs else None


@dataclass(frozen=True, slots=True)
class FoundPack:
    """A model pack that lies beside the program or among the downloads, and what of it is not here yet."""

    file: Path
    tasks: tuple[str, ...]
    licences: tuple[str, ...]
    size_bytes: int


def find_pack(store: ModelStore, folders: Sequence[Path]) -> FoundPack | None:
    """The first pack in these folders that would bring something new. One that cannot be read is passed over."""
    from media_assistant.inference.model_pack import packs_in, read_pack

    present = _ready(store)
    for file in packs_in(folders):
        try:
            new = [model for model in read_pack(file) if model.id not in present]
        except UserFixable as fault:
            log.warning("the model pack %s is passed over: %s", file, fault)
            continue
        if new:
            tasks, licences = dict.fromkeys(one.task for one in new), dict.fromkeys(one.licence for one in new)
            return FoundPack(file, tuple(tasks), tuple(licences), sum(one.size_bytes for one in new))
    return None


def _ready(store: ModelStore) -> set[str]:
    return {state.id for state in store.states() if state.state is State.READY}


def remove(store: ModelStore, model_id: str) -> None:
    """Delete a model from the person's own folder, or what came of one before its download was given up; what it found
    stays. Raises UserFixable("model.…").
    """
    from media_assistant.inference.install import forget_download
    from media_assistant.inference.install import remove as delete

    state = next((state for state in store.states() if state.id == model_id), None)
    if state is not None and state.folder is None and forget_download(store.user_folder, model_id):
        return
    if state is None or state.folder is None:
        raise UserFixable("model.unknown", model=model_id)
    delete(state.folder, store.user_folder, model_id)


def verify(store: ModelStore, model_ids: Sequence[str] = ()) -> tuple[ModelState, ...]:
    """Hash the files of these models (none named: of all that are here) afresh, and say what they are now."""
    states = {state.id: state for state in store.states()}
    if unknown := [model_id for model_id in model_ids if model_id not in states]:
        raise UserFixable("model.unknown", model=unknown[0])
    verified = []
    for state in states.values():
        if (model_ids and state.id not in model_ids) or (not model_ids and state.folder is None):
            continue
        if state.state is State.READY:
            try:
                store.verify(state.id)
            except UserFixable as fault:
                why = sentence_of(fault)
                state = replace(state, state=State.BROKEN, why=why)  # noqa: PLW2901  the state that was looked at is no longer true
        verified.append(state)
    return tuple(verified)
