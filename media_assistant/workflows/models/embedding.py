"""Meaning of a query: the words of a search, put into every space that takes words by a worker that stays."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable
from media_assistant.jobs.worker_process import Limits, WorkerDied, WorkerProcess
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.models.installing import models_config

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

_REMEMBERED = 512
_LIMITS = Limits(time_s=120.0, silence_s=110.0)


class TextEmbedder:
    """Calling it embeds texts. Safe to call from several threads; one request runs at a time."""

    def __init__(self, paths: Paths, settings: Settings) -> None:
        self._paths = paths
        self._lock = threading.Lock()
        self._worker = WorkerProcess(
            paths.logs / "worker-query.log",
            folders=paths.worker_folders,
            environment={"MEDIA_ASSISTANT_WORKER_MEMORY_MB": str(settings.memory_limit_mb)},
        )
        self._memory: OrderedDict[str, dict[str, NDArray[np.float32]]] = OrderedDict()
        self._config: dict[str, Any] = {}
        self._limits = _LIMITS
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Other settings or other models: what was remembered may be wrong."""
        self._config = models_config(self._paths, settings, whole_machine=True)
        self._limits = Limits(settings.memory_limit_mb, _LIMITS.time_s, _LIMITS.silence_s)
        # The same words in the configuration may stand for other files now, so the worker must look again.
        self._config["asked_at"] = time.time()
        self._memory.clear()

    def __call__(self, texts: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Space -> float32 `[len(texts), width]`, unit length; zeros where a network knows none of the words.

        Raises UserFixable("workflows.meaning_unavailable") when no network could answer.
        """
        import numpy as np

        with self._lock:
            unknown = [text for text in dict.fromkeys(texts) if text not in self._memory]
            for start in range(0, len(unknown), 32):
                self._ask(unknown[start : start + 32])
            found = [self._memory[text] for text in texts]
            for text in texts:
                self._memory.move_to_end(text)
            while len(self._memory) > max(_REMEMBERED, len(texts)):
                self._memory.popitem(last=False)
        spaces = set.intersection(*(set(each) for each in found)) if found else set()
        return {space: np.stack([each[space] for each in found]) for space in spaces}

    def close(self) -> None:
        """End the worker."""
        self._worker.stop_request()
        with self._lock:
            self._worker.close()

    def _ask(self, texts: list[str]) -> None:
        import numpy as np

        answers: dict[str, dict[str, NDArray[np.float32]]] = {text: {} for text in texts}
        request = {"do": "embed", "texts": [text[:2000] for text in texts], "models": self._config}
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
        self._memory.update(answers)
