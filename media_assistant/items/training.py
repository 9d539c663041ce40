"""What training a network of one's own needs to be told, and what it tells. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

OTHER = ""
"""The label of what is none of the tags."""


class Part(StrEnum):
    """What a picture is used for. All pictures of one item are in one part, so that nothing is asked that was shown."""

    LEARN = "learn"
    STOP = "stop"
    """Decides when to stop and which of several ways is taken."""
    HELD_BACK = "held_back"
    """Looked at once, at the end: the only figures that a person is told."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How far a training is. `step` of `steps` epochs in the part that runs; `left_s` is None until it can be said."""

    name: str
    """`pictures`, `head`, `network`, `export`, `quantise`."""
    step: int
    steps: int
    left_s: float | None = None
    loss: float | None = None
    """Of the pictures that decide when to stop; falls while something is learned."""
    device: str = ""


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How one label did on what was held back."""

    label: str
    right: int
    """Pictures of it that were called so."""
    there: int
    """Pictures of it."""
    said: int
    """Pictures that were called so."""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What came of it, measured on the held-back pictures alone."""

    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    """`confusion[i][j]`: pictures of label i that were called j."""
    accuracy: float
    guess_accuracy: float
    """Of always saying the commonest label."""
    head_accuracy: float
    """Of a new head on the backbone as it came: what the rest of the training is worth beyond it."""
    counts: dict[str, int] = field(default_factory=dict)
    """Pictures by part."""
    way: str = "network"
    """`head` or `network`: which of the two was kept, by the pictures that decide."""
    epochs: int = 0
    took_s: float = 0.0
    device: str = ""
    parity: float = 0.0
    """Largest difference of a score between the trained network and what ONNX Runtime makes of its export."""
    speed_up: float = 0.0
    """How many times as fast the quantised network is; 0 where it was not tried."""
    is_quantised: bool = False
    is_resumed: bool = False

    def scores(self) -> tuple[LabelScore, ...]:
        """One line per label."""
        columns = [sum(row[j] for row in self.confusion) for j in range(len(self.labels))]
        return tuple(
            LabelScore(label, self.confusion[i][i], sum(self.confusion[i]), columns[i])
            for i, label in enumerate(self.labels)
        )
