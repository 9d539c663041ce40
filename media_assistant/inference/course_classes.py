"""What the course of a film or a sound tells, out of the labels that its network learned. Fed with vectors, not with media."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.card import CARD_NAME, ModelCard
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.labels import read_labels
from media_assistant.inference.onnx_session import OnnxNetwork, pick_output

STEPS, MASK, LOGITS = "steps", "mask", "logits"
"""Names of the graph's ports: `[batch, steps, width]` and `[batch, steps]` (1 for a step, 0 for none) -> `[batch, labels]`."""


class CourseClasses(OnnxNetwork):
    """A classifier of courses. Its card's `input` names the `space` and the `width` of its vectors, and the `sense`."""

    def __init__(self, card: ModelCard, *, hardware: Hardware | None = None, threads: int = 2) -> None:
        """Raises UserFixable("model.not_loadable", "model.unsupported", "model.card_incomplete", and as `read_labels`)."""
        super().__init__(card, hardware=hardware, threads=threads)
        missing = [f"input.{key}" for key in ("space", "width", "sense") if not card.input.get(key)]
        if missing:
            raise UserFixable("model.card_incomplete", file=str(card.folder / CARD_NAME), keys=", ".join(missing))
        self.labels = read_labels(card)
        self.space = str(card.input["space"])
        self.width = int(card.input["width"])
        self.sense = str(card.input["sense"])
        self._session = self.open_graph(card.model)
        shapes = {port.name: port.shape for port in self._session.inputs}
        if set(shapes) != {STEPS, MASK} or shapes[STEPS][-1] not in {self.width, None}:
            raise self._session.unsupported(f"{STEPS} [batch, steps, {self.width}], {MASK} [batch, steps]")
        scores = pick_output(self._session, 2, len(self.labels), (LOGITS,))
        if scores is None:
            raise self._session.unsupported(f"{LOGITS} [batch, {len(self.labels)}]")
        self._scores = scores.name

    def classify(self, steps: NDArray[np.float32], mask: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities `[n, labels]` of courses `[n, steps, width]`. Raises UserFixable("model.failed")."""
        (logits,) = self._session.run({STEPS: steps, MASK: mask}, [self._scores])
        return _softmax(logits)


def _softmax(logits: NDArray[Any]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)
