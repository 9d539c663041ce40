"""Finds models on disk and chooses among them. Opens none; light enough for the window's process.

Folders in this order: the person's extra folders, the user's model folder, what came with the program. Each holds one
folder per model. The first folder that has an id owns it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.inference.card import CARD_NAME, ModelCard, load_card
from media_assistant.inference.catalogue import CatalogueEntry, load_catalogue
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.verify import Verifier
from media_assistant.items.sentence import NOTHING, Sentence, sentence_of
from media_assistant.paths import Paths, bundled


class State(StrEnum):
    """`available`: not here, but the catalogue can fetch it."""

    READY = "ready"
    AVAILABLE = "available"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class ModelState:
    """A line of the model page and of `models list`."""

    id: str
    task: str
    state: State
    size_bytes: int
    licence: str
    why: Sentence = NOTHING
    languages: tuple[str, ...] = ()
    folder: Path | None = None
    is_removable: bool = False
    """In the user's own folder, so that the program may delete it when asked."""
    is_in_use: bool = False
    """Whether it is the one that its task uses now; filled in by who knows the person's wishes."""
    entry: CatalogueEntry | None = None
    priority: int = 0
    level: str = ""
    """What a person reads instead of its name: `quick`, `standard`, `exact`, `best`, or nothing."""
    needed_mb: int = 0
    """Memory without which it is not used; 0 where nobody says."""
    broken_files: tuple[str, ...] = ()
    """Those that are known to be missing or wrong."""


class ModelStore:
    """Cards and states of every model that the program can see. Reads the disk at each call: folders change."""

    def __init__(self, folders: Sequence[Path], user_folder: Path, bundled: Path, catalogue: Path) -> None:
        self.user_folder = user_folder
        self._folders = tuple(folders)
        self._bundled = bundled
        self._catalogue_file = catalogue
        self._verifier = Verifier(user_folder)

    def catalogue(self) -> dict[str, CatalogueEntry]:
        """What can be fetched, by id."""
        return load_catalogue(self._catalogue_file)

    def cards(self) -> list[ModelCard]:
        """Every readable card, in the order of folders; an id counts once."""
        found: dict[str, ModelCard] = {}
        for _, folder in self._model_folders():
            with contextlib.suppress(UserFixable):
                card = load_card(folder)
                found.setdefault(card.id, card)
        return list(found.values())

    def card(self, model_id: str) -> ModelCard:
        """The card of one model. Raises UserFixable("model.unknown")."""
        for card in self.cards():
            if card.id == model_id:
                return card
        raise UserFixable("model.unknown", model=model_id)

    def find_all(
        self,
        task: str,
        languages: Sequence[str] = (),
        chosen: str = "",
        hardware: Hardware | None = None,
        speeds: Mapping[str, float] | None = None,
    ) -> list[ModelCard]:
        """The models for `task`, best first.

        The person's choice wins, then fitting languages (how many of the person's the card speaks), then `priority`,
        then what this computer runs best (`runs_best_on`, then what was measured: `speeds` are seconds by id), then the
        order of folders.
        """
        runs_on = "gpu" if hardware is not None and hardware.has_gpu else "cpu"
        suits = {"": 0, runs_on: 1}

        def merit(card: ModelCard) -> tuple[bool, int, int, int, float]:
            spoken = sum(card.speaks(language) for language in languages)
            wanted = str(card.extra.get("runs_best_on", ""))
            speed = -(speeds or {}).get(card.id, float("inf"))
            return card.id == chosen, spoken, card.priority, suits.get(wanted, -1), speed

        fitting = [card for card in self.cards() if card.task == task and _fits_memory(card, hardware)]
        return sorted(fitting, key=merit, reverse=True)

    def find(
        self,
        task: str,
        languages: Sequence[str] = (),
        chosen: str = "",
        hardware: Hardware | None = None,
        speeds: Mapping[str, float] | None = None,
    ) -> ModelCard | None:
        """The best model for `task`, or None where there is none. Broken ones are not skipped: they are said."""
        return next(iter(self.find_all(task, languages, chosen, hardware, speeds)), None)

    def most_memory_mb(self, hardware: Hardware) -> int:
        """What the most demanding of the models that are here and fit this computer asks of it; 0 where none says."""
        return max((_needed_mb(card) for card in self.cards() if _fits_memory(card, hardware)), default=0)

    def verify(self, model_id: str) -> None:
        """Hash every file of a model afresh. Raises UserFixable as `Verifier.check`, or "model.unknown"."""
        self._verifier.check(self.card(model_id), afresh=True)

    def check(self, card: ModelCard) -> ModelCard:
        """The card, if its files are the right ones; remembered, so nearly free from the second time on."""
        self._verifier.check(card)
        return card

    def check_doubtful(self) -> None:
        """Hash the files of which nobody knows whether they are right: new ones, and those that changed. What is wrong
        is remembered and shows in `states`.
        """
        for card in self.cards():
            if self._verifier.is_in_doubt(card):
                with contextlib.suppress(UserFixable):
                    self._verifier.check(card)

    def states(self) -> list[ModelState]:
        """Every model that is here, then those that could be. Nothing is hashed; `verify` does that."""
        states: dict[str, ModelState] = {}
        catalogue = self.catalogue()
        for root, folder in self._model_folders():
            state = self._state_of(root, folder)
            entry = catalogue.get(state.id)
            state = dataclasses.replace(state, entry=entry, level=entry.level if entry else state.level)
            if state.id not in states or states[state.id].state is State.BROKEN:
                states[state.id] = state
        for entry in catalogue.values():
            if entry.id not in states:
                why = NOTHING if entry.is_checked else Sentence("model.not_yet_checked")
                states[entry.id] = ModelState(
                    entry.id,
                    entry.task,
                    State.AVAILABLE,
                    entry.size_bytes,
                    entry.licence,
                    why,
                    entry.languages,
                    entry=entry,
                    priority=_whole(entry.card.get("priority")),
                    level=entry.level,
                    needed_mb=_whole(entry.card.get("memory_mb")),
                )
        return list(states.values())

    def _state_of(self, root: Path, folder: Path) -> ModelState:
        is_ours = root == self.user_folder
        size_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        try:
            card = load_card(folder)
        except UserFixable as fault:
            known = self.catalogue().get(folder.name)
            task = known.task if known else ""
            return ModelState(
                folder.name, task, State.BROKEN, size_bytes, "", sentence_of(fault), (), folder, is_removable=is_ours
            )
        state, why, broken = State.READY, NOTHING, self._verifier.broken_files(card)
        try:
            self._verifier.look(card)
        except UserFixable as fault:
            state, why = State.BROKEN, sentence_of(fault)
        return ModelState(
            card.id,
            card.task,
            state,
            size_bytes,
            card.licence,
            why,
            card.languages,
            folder,
            is_removable=is_ours,
            priority=card.priority,
            level=str(card.extra.get("level", "")),
            needed_mb=_needed_mb(card),
            broken_files=broken,
        )

    def _model_folders(self) -> Iterator[tuple[Path, Path]]:
        """(root, model's folder) of everything that looks like a model."""
        for root in (*self._folders, self.user_folder, self._bundled):
            # A folder that is itself a model is taken as one: people point at either.
            if os.path.isfile(root / CARD_NAME):  # also of a folder that one may not enter
                yield root, root
                continue
            try:
                children = sorted(root.iterdir())
            except OSError:
                continue
            for folder in children:
                if os.path.isdir(folder) and not folder.name.startswith((".", "__")):
                    yield root, folder


def open_store(paths: Paths) -> ModelStore:
    """The store of this person's program."""
    own = bundled("models")
    return ModelStore(paths.model_folders, paths.user_models, own, own / "catalogue.toml")


def store_from(config: Mapping[str, Any]) -> ModelStore:
    """The store that somebody is told of as plain values, as a worker is."""
    own = Path(config["bundled"])
    folders = [Path(folder) for folder in config["folders"]]
    return ModelStore(folders, Path(config["user_folder"]), own, own / "catalogue.toml")


def _fits_memory(card: ModelCard, hardware: Hardware | None) -> bool:
    return hardware is None or _needed_mb(card) <= hardware.memory_mb


def _needed_mb(card: ModelCard) -> int:
    return _whole(card.extra.get("memory_mb"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
