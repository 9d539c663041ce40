"""Models come in: by a download that the person asked for, or from a folder that was carried here; and go again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.inference import store as model_store
from media_assistant.inference.store import ModelState, ModelStore, State
from media_assistant.items.sentence import Sentence
from media_assistant.jobs.limits import choose_threads
from media_assistant.paths import Paths, bundled
from media_assistant.settings import Settings

Progress = Callable[[int, int], None]


def open_store(paths: Paths) -> ModelStore:
    """The models that this person's program can see."""
    return model_store.open_store(paths)


def models_config(paths: Paths, settings: Settings, *, whole_machine: bool) -> dict[str, Any]:
    """What a worker must know to find and open the networks, as plain values."""
    return {
        "folders": [str(folder) for folder in paths.model_folders],
        "user_folder": str(paths.user_models),
        "bundled": str(bundled("models")),
        "chosen": dict(settings.chosen_models),
        "languages": list(settings.spoken_languages),
        "threads": choose_threads(whole_machine=whole_machine),
    }


def download(
    store: ModelStore,
    model_id: str,
    settings: Settings,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> None:
    """Fetch a model of the catalogue. The only thing that this program ever asks the network for, and only when told to.

    Raises UserFixable (`model.unknown`, `download.…`) and Cancelled; what has arrived is used the next time.
    """
    from media_assistant.inference.download import download as fetch

    entry = store.catalogue().get(model_id)
    if entry is None:
        raise UserFixable("model.unknown", model=model_id)
    fetch(entry, store.user_folder, server=settings.download_mirror, progress=progress, should_stop=should_stop)


def import_folder(store: ModelStore, folder: Path, *, progress: Progress | None = None) -> None:
    """Copy a model, or each model of a folder of them, to the person's own; their folder is left as it is."""
    from media_assistant.inference.card import CARD_NAME
    from media_assistant.inference.install import import_folder as copy

    inside = [] if (folder / CARD_NAME).is_file() else sorted(path.parent for path in folder.glob(f"*/{CARD_NAME}"))
    for each in inside or [folder]:
        copy(each, store.user_folder, store.catalogue(), progress=progress)


def remove(store: ModelStore, model_id: str) -> None:
    """Delete a model from the person's own folder; what it found stays. Raises UserFixable("model.…")."""
    from media_assistant.inference.install import remove as delete

    state = next((state for state in store.states() if state.id == model_id), None)
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
                why = Sentence(f"error.{fault.code}", fault.parameters)
                state = _broken(state, why)  # noqa: PLW2901  the state that was looked at is no longer true
        verified.append(state)
    return tuple(verified)


def _broken(state: ModelState, why: Sentence) -> ModelState:
    import dataclasses

    return dataclasses.replace(state, state=State.BROKEN, why=why)
