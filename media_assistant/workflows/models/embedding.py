"""Meaning of a query: the words of a search, put into every space that takes words by a worker that stays."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.installing import memory_limit_mb, models_config

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

_REMEMBERED = 512
_LIMITS = Limits(time_s=120.0, silence_s=110.0)


class TextEmbedder:
    """Calling it embeds texts. Safe to call from several threads; one request runs at a time.

    `spaces` are those that hold vectors, so that whoever made them is asked.
    """

    def __init__(self, paths: Paths, settings: Settings, spaces: Callable[[], Collection[str]]) -> None:
        self._paths = paths
        self._spaces = spaces
        self._known_spaces: list[str] = []
        self._lock = threading.Lock()
        self._worker = WorkerProcess(paths.logs / "worker-query.log", folders=paths.worker_folders)
        self._memory: OrderedDict[str, dict[str, NDArray[np.float32]]] = OrderedDict()
        """Put away as a whole where it may be wrong: what is under way then ends with the old one."""
        self._is_closed = False
        self._config: dict[str, Any] = {}
        self._limits = _LIMITS
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Other settings or other models: what was remembered may be wrong."""
        config = models_config(self._paths, settings, whole_machine=True)
        # The same words in the configuration may stand for other files now, so the worker must look again.
        self._config = {**config, "asked_at": time.time()}
        self._limits = Limits(memory_limit_mb(settings, config), _LIMITS.time_s, _LIMITS.silence_s)
        self._memory = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Space -> float32 `[len(texts), width]`, unit length; zeros where a network knows none of the words.

        Raises UserFixable("workflows.meaning_unavailable") when no network could answer.
        """
        import numpy as np

        with self._lock:
            known = sorted(self._spaces())
            if known != self._known_spaces:
                self._known_spaces, self._memory = known, OrderedDict()
            # Before the configuration by which it is filled: that is never older than this.
            memory = self._memory
            config = self._config
            unknown = [text for text in dict.fromkeys(texts) if text not in memory]
            for start in range(0, len(unknown), 32):
                memory.update(self._ask(unknown[start : start + 32], config))
            found = [memory[text] for text in texts]
            for text in texts:
                memory.move_to_end(text)
            while len(memory) > max(_REMEMBERED, len(texts)):
                memory.popitem(last=False)
        spaces = set.intersection(*(set(each) for each in found)) if found else set()
        return {space: np.stack([each[space] for each in found]) for space in spaces}

    def close(self) -> None:
        """End the worker. Who still asks afterwards does not start it anew."""
        self._is_closed = True
        self._worker.stop_request()
        with self._lock:
            self._worker.close()

    def _ask(self, texts: list[str], config: dict[str, Any]) -> dict[str, dict[str, NDArray[np.float32]]]:
        import numpy as np

        answers: dict[str, dict[str, NDArray[np.float32]]] = {text: {} for text in texts}
        cut = [text[:2000] for text in texts]
        if self._is_closed:
            raise UserFixable("workflows.meaning_unavailable")
        request = {"do": "embed", "texts": cut, "models": config, "spaces": self._known_spaces}
        try:
            for header, data in self._worker.request([(request, b"")], self._limits):
                match header["is"]:
                    case "vectors":
                        rows = np.frombuffer(data, "<f4").reshape(header["shape"]).astype(np.float32)
                        for text, row in zip(texts, rows, strict=True):
                            answers[text][header["space"]] = row
                    case "hint":
                        log.warning("query network: %s", header["says"])
                    case "end" if header.get("error") or header.get("report"):
                        log.warning("query networks: %s", header.get("error") or header.get("report"))
                        if not answers[texts[0]]:
                            raise UserFixable("workflows.meaning_unavailable")
                    case _:
                        pass
        except WorkerDied as died:
            raise UserFixable("workflows.meaning_unavailable") from died
        return answers
