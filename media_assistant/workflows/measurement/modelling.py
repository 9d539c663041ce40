"""What a person asks of models: which there are, which suit this computer; fetch, mend, remove, measure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from media_assistant.errors import Cancelled, UserFixable, why_of
from media_assistant.items.advice import Advice, Machine
from media_assistant.jobs.threads import make_pool
from media_assistant.library.library import Library
from media_assistant.paths import Paths, carried_folders
from media_assistant.settings import Settings
from media_assistant.workflows.models import installing
from media_assistant.workflows.models.embedding import TextEmbedder
from media_assistant.workflows.models.machine import load_machine, machine_key, save_machine
from media_assistant.workflows.understanding.analysing import Queue

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState, ModelStore

States = tuple["ModelState", ...]

_RICHER_WITH = {
    "text-embedding": "words",
    "music-tagging": "music",
    "own-tags": "own_sights",
    "own-courses": "own_courses",
}
"""Tasks whose analysers may have looked without the model that came, and find more with it."""


@dataclass(frozen=True, slots=True)
class ModelBook:
    """All that the Models page shows."""

    states: States
    machine: Machine
    advices: tuple[Advice, ...]


class Modelling:
    """A part of `Assistant`. Futures are settled on threads of the engine; whatever changed comes with all states."""

    paths: Paths
    settings: Settings
    library: Library
    _store: ModelStore
    _queue: Queue
    _embedder: TextEmbedder
    _questions: ThreadPoolExecutor
    _installer: installing.Installer

    def _open_models(self) -> None:
        self._installer = installing.Installer(self._store, self._list_models, self._model_arrived)
        self._measuring = make_pool(1, "engine-measuring")
        self._stop_measuring = threading.Event()

    def _close_models(self) -> None:
        self._stop_measuring.set()
        self._measuring.shutdown(wait=True, cancel_futures=True)
        self._installer.close()

    def model_states(self) -> Future[States]:
        """Every model that is here or in the catalogue, with its size, licence, and why it cannot be used if so."""
        return self._questions.submit(self._list_models)

    def model_book(self) -> Future[ModelBook]:
        """The same with what was measured on this computer, and what is recommended for this library."""

        def work() -> ModelBook:
            from media_assistant.workflows.models.advising import advise

            states = self._list_models()
            machine = load_machine(self.paths.config, self._machine_key())
            return ModelBook(states, machine, advise(states, self.library.work(), machine, self.settings))

        return self._questions.submit(work)

    def download_model(self, model_id: str, progress: Callable[[int, int], None] | None = None) -> Future[States]:
        """Fetch a model of the catalogue (`progress(done_bytes, all_bytes)`), or of a broken one the files that are
        wrong; then queue what can now be done.
        """
        return self._installer.download(model_id, self.settings, progress)

    def import_model_folder(self, folder: Path, progress: Callable[[int, int], None] | None = None) -> Future[States]:
        """Take over a model folder or a model pack that was carried here by hand, then queue what can now be done."""
        return self._installer.import_folder(folder, progress)

    def find_model_pack(self) -> Future[installing.FoundPack | None]:
        """A model pack that lies beside the program or among the downloads and would bring something new."""
        return self._questions.submit(lambda: installing.find_pack(self._store, carried_folders()))

    def cancel_model(self, what: str) -> None:
        """Stop the download of this id, or the import of this folder: its future raises Cancelled."""
        self._installer.cancel(what)

    def remove_model(self, model_id: str) -> Future[States]:
        """Delete a model that was downloaded or imported; what it found stays."""
        return self._installer.remove(model_id)

    def verify_models(self, model_ids: Sequence[str] = ()) -> Future[States]:
        """Hash the files of models that are here (none named: all) and say what they are."""
        return self._installer.verify(model_ids)

    def check_changed_models(self) -> Future[States]:
        """Hash what is not known to be right, such as a file that changed since; then all states."""
        return self._installer.check_changed()

    def measure_models(
        self, progress: Callable[[float, str], None] | None = None, *, budget_s: float | None = None
    ) -> Future[Machine]:
        """Measure this computer for about a minute: `progress(0..1, task)`. The queue rests meanwhile, and goes on after.

        Raises Cancelled, and UserFixable("workflows.measured_not_kept").
        """
        self._stop_measuring.clear()

        def work() -> Machine:
            from media_assistant.workflows.measurement import measuring

            key = self._machine_key()
            with self._queue.held(self._stop_measuring.is_set):
                worker = self._queue.spare_worker("measuring")
                try:
                    machine = measuring.measure(
                        self.library,
                        self._store,
                        self.paths,
                        self.settings,
                        worker,
                        whole_machine=self._queue.whole_machine,
                        budget_s=budget_s or measuring.BUDGET_S,
                        progress=progress,
                        should_stop=self._stop_measuring.is_set,
                    )
                finally:
                    worker.close()
            if self._stop_measuring.is_set():
                raise Cancelled
            # What had no turn in time keeps the figures that it has.
            known = load_machine(self.paths.config, key).models
            machine = replace(machine, models={**known, **machine.models})
            try:
                save_machine(self.paths.config, key, machine)
            except OSError as fault:
                raise UserFixable("workflows.measured_not_kept", why=why_of(fault)) from fault
            return machine

        return self._measuring.submit(work)

    def cancel_measuring(self) -> None:
        """Its future raises Cancelled; what was known before stays."""
        self._stop_measuring.set()

    def _machine_key(self) -> str:
        return machine_key(whole_machine=self._queue.whole_machine)

    def _list_models(self) -> States:
        return installing.list_states(self._store, self.settings, self.paths, whole_machine=self._queue.whole_machine)

    def _model_arrived(self, tasks: Collection[str]) -> None:
        self._embedder.configure(self.settings)
        if self.library.is_read_only:
            return
        # These analysers work without a model too, so what they did before looks finished; now they can say more.
        if again := [analyser for task, analyser in _RICHER_WITH.items() if task in tasks]:
            self._queue.plan(None, again, redo=True)
        self._queue.plan(None, arrived=tasks)
