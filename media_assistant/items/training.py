"""What training a network of one's own needs to be told, and what it tells. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

OTHER = ""
"""The label of what is none of the tags."""


class Matter(StrEnum):
    """What a network learns from."""

    PICTURES = "pictures"
    """Photos, and single pictures of films."""
    SEEN = "seen"
    """What is seen in a film, one thing after the other."""
    HEARD = "heard"
    """What is heard in a film or a sound, one thing after the other."""


class Part(StrEnum):
    """What a picture or a course is used for. All pictures of one item are in one part, so that nothing is asked that was shown."""

    LEARN = "learn"
    STOP = "stop"
    """Decides when to stop and which of several ways is taken."""
    HELD_BACK = "held_back"
    """Looked at once, at the end: the only figures that a person is told."""


BYTES = ("fetch", "read", "unpack")
"""Phases of which the steps are bytes."""


@dataclass(frozen=True, slots=True)
class Phase:
    """How far a training is. `step` of `steps` epochs in the part that runs; `left_s` is None until it can be said."""

    name: str
    """`pictures`, `head`, `network`, `export`; for a course the heads `linear`, `gru`, `transformer`; of a training pack that
    comes in `fetch`, `read`, `unpack`, `try`.
    """
    step: int
    steps: int
    left_s: float | None = None
    loss: float | None = None
    """Of the pictures that decide when to stop; falls while something is learned."""
    device: str = ""


@dataclass(frozen=True, slots=True)
class WayScore:
    """One of several heads that learned from the same: what is compared."""

    way: str
    """`linear`, `gru`, `transformer`."""
    accuracy: float
    """On the held-back part, where it decides nothing."""
    stop_loss: float
    """On the part that decides: how surprised it was."""
    epochs: int
    took_s: float


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
    """Which of several was kept, by the part that decides: `head` or `network`; for a course one of `ways`."""
    epochs: int = 0
    took_s: float = 0.0
    device: str = ""
    parity: float = 0.0
    """Largest difference of a score between the trained network and what ONNX Runtime makes of its export."""
    speed_up: float = 0.0
    """How many times as fast the quantised network is; 0 where it was not tried."""
    is_quantised: bool = False
    is_resumed: bool = False
    matter: str = Matter.PICTURES
    ways: tuple[WayScore, ...] = ()
    """The heads that learned from the course, the simplest first; empty for pictures."""

    def scores(self) -> tuple[LabelScore, ...]:
        """One line per label."""
        columns = [sum(row[j] for row in self.confusion) for j in range(len(self.labels))]
        return tuple(
            LabelScore(label, self.confusion[i][i], sum(self.confusion[i]), columns[i])
            for i, label in enumerate(self.labels)
        )
