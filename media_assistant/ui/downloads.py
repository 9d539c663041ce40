"""The models that come in at the moment, known once for every place that shows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from media_assistant.assistant import Assistant
from media_assistant.ui.job_bridge import JobBridge

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState
    from media_assistant.workflows.models.installing import FoundPack

_SURE_AFTER_S = 2.0


@dataclass(frozen=True, slots=True)
class Download:
    """How far one is. `all_bytes` is 0 until the server has told it, `left_s` None until the speed is known."""

    done_bytes: int = 0
    all_bytes: int = 0
    left_s: float | None = None
    is_stopping: bool = False


class Downloads(QObject):
    """Starts, follows and stops them.

    Signals: `changed()` after one began, got on or ended; `installed(str, object)` with the id and all states after one
    arrived.
    """

    changed = Signal()
    installed = Signal(str, object)

    def __init__(self, assistant: Assistant, bridge: JobBridge) -> None:
        super().__init__()
        self._assistant = assistant
        self._bridge = bridge
        self._under_way: dict[str, Download] = {}
        self._began: dict[str, tuple[float, int]] = {}
        self._faults: dict[str, BaseException] = {}

    def start(self, model_ids: Iterable[str]) -> None:
        """Fetch these, one after the other."""
        for model_id in model_ids:
            if model_id not in self._under_way:
                self._start(model_id)
        self.changed.emit()

    def stop(self, model_ids: Iterable[str]) -> None:
        """Stop these; what has arrived is used the next time."""
        for model_id in model_ids:
            if model_id in self._under_way:
                self._under_way[model_id] = replace(self._under_way[model_id], is_stopping=True)
                self._assistant.cancel_model(model_id)
        self.changed.emit()

    def of(self, model_ids: Iterable[str]) -> Download | None:
        """How far these are together; None if none of them is under way."""
        known = [self._under_way[model_id] for model_id in model_ids if model_id in self._under_way]
        if not known:
            return None
        lefts = [each.left_s for each in known if each.left_s is not None]
        return Download(
            sum(each.done_bytes for each in known),
            sum(each.all_bytes for each in known) if any(each.all_bytes for each in known) else 0,
            sum(lefts) if len(lefts) == len(known) else None,
            is_stopping=all(each.is_stopping for each in known),
        )

    def fault(self, model_ids: Iterable[str]) -> BaseException | None:
        """Why the last try of one of these failed."""
        return next((self._faults[model_id] for model_id in model_ids if model_id in self._faults), None)

    def find_pack(self, take: Callable[[FoundPack | None], None], owner: QObject) -> None:
        """Look whether a model pack lies at hand; it is started and stopped by its path, as a model is by its id."""
        self._bridge.when_done(self._assistant.find_model_pack(), take, owner=owner)

    def _start(self, model_id: str) -> None:
        self._under_way[model_id] = Download()
        self._faults.pop(model_id, None)
        told = self._bridge.on_main(lambda done, of: self._told(model_id, done, of))
        is_pack = Path(model_id).is_absolute()
        future = (
            self._assistant.import_model_folder(Path(model_id), told)
            if is_pack
            else self._assistant.download_model(model_id, told)
        )
        self._bridge.when_done(
            future,
            lambda states: self._arrived(model_id, states),
            owner=self,
            failed=lambda fault: self._ended(model_id, fault),
            cancelled=lambda: self._ended(model_id, None),
        )

    def _told(self, model_id: str, done: int, of: int) -> None:
        if model_id not in self._under_way:
            return
        # What had arrived before says nothing of how fast the rest comes.
        began, had = self._began.setdefault(model_id, (time.monotonic(), done))
        took = time.monotonic() - began
        left = (of - done) * took / (done - had) if done > had and took > _SURE_AFTER_S else None
        is_stopping = self._under_way[model_id].is_stopping
        self._under_way[model_id] = Download(done, of, left, is_stopping)
        self.changed.emit()

    def _arrived(self, model_id: str, states: Sequence[ModelState]) -> None:
        self._ended(model_id, None)
        self.installed.emit(model_id, states)

    def _ended(self, model_id: str, fault: BaseException | None) -> None:
        self._under_way.pop(model_id, None)
        self._began.pop(model_id, None)
        if fault is not None:
            self._faults[model_id] = fault
        self.changed.emit()
