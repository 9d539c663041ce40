"""What a picture shows, out of a fixed list of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.inference.card import ModelCard
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.image_input import Pixels
from media_assistant.inference.image_text import Looking
from media_assistant.inference.labels import read_labels
from media_assistant.inference.onnx_session import OnnxNetwork, pick_output, unit_rows


class ImageClasses(OnnxNetwork):
    """A classifier; where the graph also gives an embedding (and the card its width), that comes along."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.unreadable", "model.file_missing")."""
        super().__init__(card, hardware=hardware, threads=threads)
        self.labels = read_labels(card)
        self._looking = Looking(self, card.model)
        session = self._looking.session
        scores = pick_output(session, 2, len(self.labels), ("logits", "prob", "score"))
        if scores is None:
            raise session.unsupported(f"logits [batch, {len(self.labels)}]")
        self._outputs = [scores.name]
        if card.dimension:
            embedding = pick_output(session, 2, card.dimension, ("embed", "feature", "pool"))
            if embedding is not None and embedding.name != scores.name:
                self._outputs.append(embedding.name)

    @property
    def space(self) -> str:
        """The space of the embeddings; empty where there are none."""
        return self.card.space if len(self._outputs) > 1 else ""

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The (width, height) in which a picture of this size is best asked for."""
        return self._looking.input.fit(width, height)

    def prepare(self, rgb: Pixels) -> NDArray[np.float32]:
        """`[3, s, s]` as the network sees it, from `[h, w, 3]`."""
        return self._looking.input.prepare(rgb)

    def classify(self, pictures: Sequence[Pixels]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """(probabilities `[n, classes]`, unit embeddings `[n, d]` or None) of pictures `[h, w, 3]` RGB."""
        runs = self._looking.run(pictures, self._outputs)
        if not runs:
            empty = np.zeros((0, len(self.labels)), np.float32)
            return empty, np.zeros((0, self.card.dimension), np.float32) if len(self._outputs) > 1 else None
        scores = _probabilities(np.concatenate([run[0] for run in runs]))
        if len(self._outputs) == 1:
            return scores, None
        return scores, unit_rows(np.concatenate([run[1] for run in runs]))


def _probabilities(scores: NDArray[Any]) -> NDArray[np.float32]:
    """Softmax, unless the rows are probabilities already."""
    scores = scores.astype(np.float32, copy=False)
    if scores.min() >= 0 and np.allclose(scores.sum(1), 1, atol=1e-3):
        return scores
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)
