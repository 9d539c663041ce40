"""Teaches heads to tell a person's own tags apart by the course of films and sounds, and keeps the one that does it best.

All of them learn from the same part, stop by the same part, and are compared by it: a recurrent head or a transformer is
kept only where it is clearly less surprised than the plain mean, which knows of no order. What is held back is looked at
once, when all that is decided.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.sentence import Sentence
from media_assistant.items.training import Matter, Part, Phase, TrainingReport, WayScore
from media_assistant.training import checkpoints
from media_assistant.training.course_heads import WAYS, build_head
from media_assistant.training.parting import check_parts, part_items, rows_of
from media_assistant.training.torch_parts import load, run_on_best

log = logging.getLogger(__name__)

_RATES = {"linear": 1e-2, "gru": 3e-3, "transformer": 2e-3}
_DECAY = 0.05
_SMOOTHING = 0.05
_PATIENCE = 25
"""Epochs without anything better before a head stops."""
_LEAST_COURSES = 3
_LEFT_OUT = 0.1
"""Of the steps, drawn anew each time, so that nothing hangs on a single one."""
_NOISE = 0.1
"""Added to steps, in parts of their spread."""
_WORTH = 0.2
"""A head that knows the order is kept when it is less surprised than a simpler one by so much, in nats a course."""
_KEPT_EVERY_S = 5.0
_TEMPERATURES = tuple(2 ** (step / 4) for step in range(-8, 9))

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CourseWish:
    """What shall be trained. `labels[k]` names class k."""

    labels: tuple[str, ...]
    classes: tuple[int, ...]
    """The class of each course."""
    items: tuple[int, ...]
    """The item that each course is of."""
    digest: str
    """Of the courses and settings: a state that was kept for others is of no use."""
    state_file: Path
    matter: Matter = Matter.SEEN
    epochs: int = 200
    batch: int = 32
    seed: int = 1
    threads: int = 2
    device: str = ""
    """Empty: the best there is."""


@dataclass(slots=True)
class TrainedCourse:
    """The head that was kept (on the processor, ready to be exported) and what is to be said of it."""

    network: Any
    report: TrainingReport
    held_back: list[int]
    notes: list[Sentence]


Tell = Callable[[Phase], None]


def train_course(
    steps: Floats, mask: Floats, wish: CourseWish, tell: Tell, should_stop: Callable[[], bool]
) -> TrainedCourse:
    """Train on courses `[n, length, d]` with their mask `[n, length]`, its ones first.

    Raises UserFixable("training.too_few", "training.diverged", "training.not_kept", "training.kept_unread", and what
    `torch_parts.load` raises) and Cancelled; what was learned is kept in `state_file` for the next time.
    """
    torch, _ = load()
    torch.set_num_threads(max(1, wish.threads))
    parts = part_items(wish.classes, wish.items, wish.seed)
    check_parts(wish.labels, wish.classes, parts, _LEAST_COURSES)
    notes: list[Sentence] = []
    return run_on_best(
        torch,
        wish.device,
        notes,
        lambda device: _Courses(torch, steps, mask, wish, parts, device, notes, tell, should_stop).run(),
    )


class _Courses:
    """One try on one device."""

    def __init__(
        self,
        torch: Any,
        steps: Floats,
        mask: Floats,
        wish: CourseWish,
        parts: Sequence[Part],
        device: str,
        notes: list[Sentence],
        tell: Tell,
        should_stop: Callable[[], bool],
    ) -> None:
        self._torch, self._wish, self._device, self._notes = torch, wish, device, notes
        self._tell, self._should_stop = tell, should_stop
        self._steps, self._mask = torch.from_numpy(steps), torch.from_numpy(mask)
        self._classes = torch.tensor(wish.classes, dtype=torch.long)
        self._rows = rows_of(parts)
        learned = self._rows[Part.LEARN]
        there = self._steps[learned][self._mask[learned] > 0]
        self._centre, self._spread = there.mean(0), there.std(0).clamp_min(1e-4)
        counts = Counter(wish.classes[row] for row in learned)
        self._weights = torch.tensor([1 / counts[wish.classes[row]] for row in learned])

    def run(self) -> TrainedCourse:
        """Each head in turn, then the held-back courses."""
        started = time.monotonic()
        kept = checkpoints.load(self._torch, self._wish.state_file, self._wish.digest)
        is_resumed = kept is not None
        state: dict[str, Any] = kept or {"plan": self._wish.digest, "took_s": 0.0, "ways": {}}
        earlier_s = state["took_s"]
        for way in WAYS:
            self._learn(way, state, lambda: earlier_s + time.monotonic() - started)
        networks = {way: self._ready(way, state["ways"][way]["best"]) for way in WAYS}
        way = _choose({way: state["ways"][way]["best_loss"] for way in WAYS})
        self._temper(networks[way])
        confusions = {one: self._confusion(network) for one, network in networks.items()}
        confusion = confusions[way]
        report = TrainingReport(
            labels=self._wish.labels,
            confusion=confusion,
            accuracy=_accuracy(confusion),
            guess_accuracy=max(sum(row) for row in confusion) / max(1, sum(map(sum, confusion))),
            head_accuracy=_accuracy(confusions["linear"]),
            counts={part.value: len(rows) for part, rows in self._rows.items()},
            way=way,
            epochs=state["ways"][way]["epoch"],
            took_s=earlier_s + time.monotonic() - started,
            device=self._device.upper(),
            is_resumed=is_resumed,
            matter=self._wish.matter,
            ways=tuple(
                WayScore(
                    one,
                    _accuracy(confusions[one]),
                    state["ways"][one]["best_loss"],
                    state["ways"][one]["epoch"],
                    state["ways"][one]["took_s"],
                )
                for one in WAYS
            ),
        )
        return TrainedCourse(networks[way].cpu(), report, self._rows[Part.HELD_BACK], self._notes)

    def _build(self, way: str) -> Any:
        self._torch.manual_seed(self._wish.seed)
        length, labels = self._steps.shape[1], len(self._wish.labels)
        head = build_head(self._torch, way, length, labels, self._centre, self._spread)
        return head.to(self._device)

    def _ready(self, way: str, best: dict[str, Any]) -> Any:
        network = self._build(way)
        network.load_state_dict(best)
        return network.eval()

    def _learn(self, way: str, state: dict[str, Any], took_s: Callable[[], float]) -> None:
        """Epoch by epoch until nothing gets better; `state` holds the best, and what the next start goes on from."""
        torch, wish = self._torch, self._wish
        kept = state["ways"].setdefault(
            way, {"epoch": 0, "best": None, "best_loss": math.inf, "best_epoch": 0, "took_s": 0.0, "is_done": False}
        )
        if kept["is_done"]:
            return
        network = self._build(way)
        optimiser = torch.optim.AdamW(network.parameters(), lr=_RATES[way], weight_decay=_DECAY)
        if kept["epoch"]:
            network.load_state_dict(kept["network"])
            optimiser.load_state_dict(kept["optimiser"])
        judge = self._balanced(_SMOOTHING).to(self._device)
        rows, earlier_s, first = self._rows[Part.LEARN], kept["took_s"], kept["epoch"]
        began = saved = time.monotonic()
        for epoch in range(first, wish.epochs):
            if epoch - kept["best_epoch"] >= _PATIENCE:
                break
            done = epoch - first
            # At most: it may end earlier, when nothing gets better, and the others have their turn after it.
            left_s = (time.monotonic() - began) / done * (wish.epochs - epoch) if done else None
            self._tell(Phase(way, epoch, wish.epochs, left_s, kept["best_loss"], self._device.upper()))
            network.train()
            # Drawn from numbers of its own, so that a training that goes on does what an unbroken one would have done.
            torch.manual_seed(wish.seed * 100_003 + epoch)
            drawn = torch.multinomial(self._weights, len(rows), replacement=True)
            for start in range(0, len(rows), wish.batch):
                if self._should_stop():
                    raise Cancelled
                chosen = [rows[int(place)] for place in drawn[start : start + wish.batch]]
                steps, mask = self._shaken(chosen)
                optimiser.zero_grad()
                judge(network(steps, mask), self._classes[chosen].to(self._device)).backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimiser.step()
            loss = self._loss_of(network)
            if not math.isfinite(loss):
                self._notes.append(Sentence("training.went_astray", {"epoch": epoch + 1}))
                break
            if loss < kept["best_loss"]:
                best = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
                kept |= {"best": best, "best_loss": loss, "best_epoch": epoch + 1}
            kept |= {"epoch": epoch + 1, "took_s": earlier_s + time.monotonic() - began}
            if time.monotonic() - saved >= _KEPT_EVERY_S:
                kept |= {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
                state["took_s"] = took_s()
                checkpoints.save(torch, wish.state_file, state)
                saved = time.monotonic()
        if kept["best"] is None:
            raise UserFixable("training.diverged")
        kept |= {"is_done": True, "network": None, "optimiser": None}
        state["took_s"] = took_s()
        checkpoints.save(torch, wish.state_file, state)

    def _shaken(self, rows: list[int]) -> tuple[Any, Any]:
        """These courses, a few of their steps left out and the others a little changed; their order stays."""
        torch = self._torch
        steps, mask = self._steps[rows], self._mask[rows]
        stays = (torch.rand(mask.shape) >= _LEFT_OUT) & (mask > 0)
        # Where nearly all would go, all stay.
        stays = torch.where(stays.sum(1, keepdim=True) >= 2, stays, mask > 0)
        order = torch.argsort(torch.where(stays, 0, 1), dim=1, stable=True)
        mask = stays.gather(1, order).float()
        steps = steps.gather(1, order.unsqueeze(2).expand_as(steps))
        steps = (steps + torch.randn(steps.shape) * _NOISE * self._spread) * mask.unsqueeze(2)
        return steps.to(self._device), mask.to(self._device)

    def _balanced(self, smoothing: float = 0.0) -> Any:
        """Cross entropy in which each label counts the same, however many courses it has."""
        counts = Counter(self._wish.classes)
        weights = self._torch.tensor([1 / max(1, counts[number]) for number in range(len(self._wish.labels))])
        return self._torch.nn.CrossEntropyLoss(weight=weights / weights.mean(), label_smoothing=smoothing)

    def _loss_of(self, network: Any) -> float:
        rows = self._rows[Part.STOP]
        return float(self._balanced()(self._scores(network, rows), self._classes[rows]))

    def _temper(self, network: Any) -> None:
        """Make its scores probabilities that can be believed, as `fine_tuning` does."""
        rows = self._rows[Part.STOP]
        if rows is self._rows[Part.LEARN]:
            return
        scores, judge = self._scores(network, rows), self._balanced()
        best = min(_TEMPERATURES, key=lambda by: float(judge(scores / by, self._classes[rows])))
        with self._torch.no_grad():
            network.out.weight.div_(best)
            network.out.bias.div_(best)

    def _confusion(self, network: Any) -> tuple[tuple[int, ...], ...]:
        rows = self._rows[Part.HELD_BACK]
        table = np.zeros((len(self._wish.labels),) * 2, np.int64)
        np.add.at(table, (self._classes[rows].numpy(), self._scores(network, rows).argmax(1).numpy()), 1)
        return tuple(tuple(int(cell) for cell in row) for row in table)

    def _scores(self, network: Any, rows: list[int]) -> Any:
        """Logits on the processor."""
        network.eval()
        found = []
        with self._torch.no_grad():
            for start in range(0, len(rows), 256):
                if self._should_stop():
                    raise Cancelled
                part = rows[start : start + 256]
                found.append(network(self._steps[part].to(self._device), self._mask[part].to(self._device)).cpu())
        return self._torch.cat(found).float()


def _choose(losses: dict[str, float]) -> str:
    """The simplest, unless another is clearly less surprised."""
    chosen = WAYS[0]
    for way in WAYS[1:]:
        if losses[way] <= losses[chosen] - _WORTH:
            chosen = way
    return chosen


def _accuracy(confusion: Sequence[Sequence[int]]) -> float:
    return sum(row[i] for i, row in enumerate(confusion)) / max(1, sum(map(sum, confusion)))
