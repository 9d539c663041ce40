"""Teaches a network that can see (a backbone of torchvision) to tell a person's own tags apart.

First only a new head on what the backbone sees; then all of it, gently (a rate a tenth of the head's; statistics of
batch normalisation as they came, for small batches would spoil them), with pictures cropped, mirrored and tinted anew each
time. The pictures kept apart for it decide when to stop, and whether the whole is better than the head alone; those
held back are looked at once, at the end. (Yosinski et al., How transferable are features in deep neural networks?,
2014; Kumar et al., Fine-tuning can distort pretrained features, 2022: the head first.)
"""

from __future__ import annotations

import copy
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from media_assistant.errors import Cancelled
from media_assistant.items.sentence import Sentence
from media_assistant.items.training import Part, Phase, TrainingReport
from media_assistant.training import checkpoints
from media_assistant.training.backbones import build, set_learning
from media_assistant.training.parting import check_parts, part_items, rows_of
from media_assistant.training.pictures import Feeder, KeptPictures, Pixels
from media_assistant.training.torch_parts import load, run_on_best

log = logging.getLogger(__name__)

_HEAD_STEPS = 200
_HEAD_RATE = 1e-2
_HEAD_DECAY = 0.5
_RATE = 1e-3
_BODY_SHARE = 0.1
_DECAY = 1e-2
_SMOOTHING = 0.05
_PATIENCE = 6
"""Epochs without anything better before it stops."""
_LEAST_PICTURES = 4
_TEMPERATURES = tuple(2 ** (step / 4) for step in range(-8, 9))


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be trained. `labels[k]` names class k."""

    backbone: str
    weights: Path
    labels: tuple[str, ...]
    classes: tuple[int, ...]
    """The class of each picture."""
    items: tuple[int, ...]
    """The item that each picture comes from."""
    digest: str
    """Of the pictures and settings: a state that was kept for others is of no use."""
    state_file: Path
    epochs: int = 40
    batch: int = 32
    seed: int = 1
    threads: int = 2
    device: str = ""
    """Empty: the best there is."""


@dataclass(slots=True)
class Trained:
    """The network (on the processor, ready to be exported) and what is to be said of it."""

    network: Any
    report: TrainingReport
    feeder: Feeder
    held_back: list[int]
    notes: list[Sentence] = field(default_factory=list)


Tell = Callable[[Phase], None]


def train(pictures: Pixels | KeptPictures, wish: Wish, tell: Tell, should_stop: Callable[[], bool]) -> Trained:
    """Train on pictures `uint8 [n, 256, 256, 3]`.

    Raises UserFixable("training.too_few", "training.diverged", "training.not_kept", "training.kept_unread", and what `torch_parts.load` and
    `backbones.build` raise) and Cancelled; what was learned up to the last epoch is kept in `state_file` for the next time.
    """
    torch, torchvision = load()
    torch.set_num_threads(max(1, wish.threads))
    parts = part_items(wish.classes, wish.items, wish.seed)
    check_parts(wish.labels, wish.classes, parts, _LEAST_PICTURES)
    notes: list[Sentence] = []
    return run_on_best(
        torch,
        wish.device,
        notes,
        lambda device: _Training(torch, torchvision, pictures, wish, parts, device, notes, tell, should_stop).run(),
    )


class _Training:
    """One try on one device."""

    def __init__(
        self,
        torch: Any,
        torchvision: Any,
        pictures: Pixels | KeptPictures,
        wish: Wish,
        parts: Sequence[Part],
        device: str,
        notes: list[Sentence],
        tell: Tell,
        should_stop: Callable[[], bool],
    ) -> None:
        self._torch, self._wish, self._device, self._notes = torch, wish, device, notes
        self._tell, self._should_stop = tell, should_stop
        self._rows = rows_of(parts)
        self._feeder = Feeder(torch, pictures, wish.classes, device)
        self._batch = wish.batch
        torch.manual_seed(wish.seed)
        self._network = build(torch, torchvision, wish.backbone, wish.weights, len(wish.labels)).to(device)
        counts = Counter(wish.classes[row] for row in self._rows[Part.LEARN])
        self._weights = torch.tensor([1 / counts[wish.classes[row]] for row in self._rows[Part.LEARN]])

    def run(self) -> Trained:
        """Head, then all of it, then the held-back pictures."""
        started = time.monotonic()
        kept = checkpoints.load(self._torch, self._wish.state_file, self._wish.digest)
        is_resumed = kept is not None
        if kept is None:
            self._learn_head()
            head = copy.deepcopy(self._network.head.state_dict())
            kept = {"plan": self._wish.digest, "head": head, "head_loss": self._loss_of(self._rows[Part.STOP])}
            kept |= {"epoch": 0, "best": None, "best_loss": math.inf, "best_epoch": 0, "took_s": 0.0}
        self._network.head.load_state_dict(kept["head"])
        head_confusion = self._confusion()
        before = copy.deepcopy({name: value.cpu() for name, value in self._network.state_dict().items()})
        self._learn_all(kept, started)
        is_whole = kept["best"] is not None and kept["best_loss"] < kept["head_loss"]
        self._network.load_state_dict(kept["best"] if is_whole else before)
        self._temper()
        confusion = self._confusion()
        report = TrainingReport(
            labels=self._wish.labels,
            confusion=confusion,
            accuracy=_accuracy(confusion),
            guess_accuracy=max(sum(row) for row in confusion) / max(1, sum(map(sum, confusion))),
            head_accuracy=_accuracy(head_confusion),
            counts={part.value: len(rows) for part, rows in self._rows.items()},
            way="network" if is_whole else "head",
            epochs=kept["epoch"],
            took_s=kept["took_s"] + time.monotonic() - started,
            device=self._device.upper(),
            is_resumed=is_resumed,
        )
        network = self._network.cpu().eval()
        feeder = Feeder(self._torch, self._feeder.pictures, self._wish.classes, "cpu")
        return Trained(network, report, feeder, self._rows[Part.HELD_BACK], self._notes)

    def _learn_head(self) -> None:
        """A linear head on what the backbone sees in the middle of each picture and of its mirror image."""
        torch, rows = self._torch, self._rows[Part.LEARN]
        seen, labels = [], []
        self._network.eval()
        with torch.no_grad():
            batches = math.ceil(len(rows) / self._batch)
            began = time.monotonic()
            for number, (pictures, classes) in enumerate(self._feeder.plain(rows, self._batch)):
                self._look_up(
                    Phase("head", number, batches, _left(began, number, batches), device=self._device.upper())
                )
                for fed in (pictures, pictures.flip(3)):
                    seen.append(self._network(fed)[1])
                    labels.append(classes)
        features, classes = torch.cat(seen), torch.cat(labels)
        head = self._network.head
        # Features of different backbones differ by a hundred times in length; a head on unit spread learns the same.
        centre, spread = features.mean(0), features.std(0).clamp_min(1e-4)
        scaled = (features - centre) / spread
        optimiser = torch.optim.AdamW(head.parameters(), lr=_HEAD_RATE, weight_decay=_HEAD_DECAY)
        judge = self._balanced(smoothing=_SMOOTHING)
        with torch.no_grad():
            head.weight.zero_()
            head.bias.zero_()
        for _ in range(_HEAD_STEPS):
            optimiser.zero_grad()
            judge(head(scaled), classes).backward()
            optimiser.step()
        with torch.no_grad():
            head.weight.div_(spread)
            head.bias.sub_(head.weight @ centre)

    def _learn_all(self, kept: dict[str, Any], started: float) -> None:
        """Epoch by epoch until nothing gets better; `kept` holds the best, and what the next start goes on from."""
        torch, wish = self._torch, self._wish
        body = {"params": self._network.body.parameters(), "lr": _RATE * _BODY_SHARE}
        optimiser = torch.optim.AdamW(
            [body, {"params": self._network.head.parameters()}], lr=_RATE, weight_decay=_DECAY
        )
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, wish.epochs)
        if kept["epoch"]:
            self._network.load_state_dict(kept["network"])
            optimiser.load_state_dict(kept["optimiser"])
            schedule.load_state_dict(kept["schedule"])
        judge = self._balanced(smoothing=_SMOOTHING)
        earlier_s, first, began = kept["took_s"], kept["epoch"], time.monotonic()
        steps = math.ceil(len(self._rows[Part.LEARN]) / self._batch)
        loss = kept["best_loss"] if math.isfinite(kept["best_loss"]) else kept["head_loss"]
        for epoch in range(first, wish.epochs):
            if epoch - max(kept["best_epoch"], 0) >= _PATIENCE:
                break
            set_learning(torch, self._network)
            drawn = torch.Generator().manual_seed(wish.seed * 100_003 + epoch)
            torch.manual_seed(wish.seed * 100_003 + epoch)
            batches = self._feeder.augmented(self._rows[Part.LEARN], self._batch, self._weights, drawn)
            for number, (pictures, classes) in enumerate(batches):
                done, all_ = (epoch - first) * steps + number, (wish.epochs - first) * steps
                self._look_up(
                    Phase("network", epoch, wish.epochs, _left(began, done, all_), loss, self._device.upper())
                )
                optimiser.zero_grad()
                judge(self._network(pictures)[0], classes).backward()
                torch.nn.utils.clip_grad_norm_(self._network.parameters(), 5.0)
                optimiser.step()
            schedule.step()
            loss = self._loss_of(self._rows[Part.STOP])
            if not math.isfinite(loss):
                # Rare, and no reason to lose what was learned before: the best so far, or the head alone, stands.
                self._notes.append(Sentence("training.went_astray", {"epoch": epoch + 1}))
                break
            if loss < kept["best_loss"]:
                best = {name: value.detach().cpu().clone() for name, value in self._network.state_dict().items()}
                kept |= {"best": best, "best_loss": loss, "best_epoch": epoch + 1}
            kept |= {"epoch": epoch + 1, "network": self._network.state_dict(), "optimiser": optimiser.state_dict()}
            kept |= {"schedule": schedule.state_dict(), "took_s": earlier_s + time.monotonic() - started}
            checkpoints.save(torch, wish.state_file, kept)
        kept["took_s"] = earlier_s

    def _temper(self) -> None:
        """Make its scores probabilities that can be believed: all logits divided by the number with which the pictures
        that decide are least surprising. (Guo et al., On calibration of modern neural networks, 2017.)
        """
        if self._rows[Part.STOP] is self._rows[Part.LEARN]:
            return
        scores, classes = self._scores(self._rows[Part.STOP])
        judge = self._balanced().to("cpu")
        best = min(_TEMPERATURES, key=lambda by: float(judge(scores / by, classes)))
        with self._torch.no_grad():
            self._network.head.weight.div_(best)
            self._network.head.bias.div_(best)

    def _balanced(self, smoothing: float = 0.0) -> Any:
        """Cross entropy in which each label counts the same, however many pictures it has."""
        counts = Counter(self._wish.classes)
        weights = self._torch.tensor([1 / max(1, counts[number]) for number in range(len(self._wish.labels))])
        weights = (weights / weights.mean()).to(self._device)
        return self._torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=smoothing)

    def _loss_of(self, rows: list[int]) -> float:
        scores, classes = self._scores(rows)
        return float(self._balanced().to("cpu")(scores, classes)) if len(rows) else math.inf

    def _confusion(self) -> tuple[tuple[int, ...], ...]:
        scores, classes = self._scores(self._rows[Part.HELD_BACK])
        count = len(self._wish.labels)
        table = np.zeros((count, count), np.int64)
        np.add.at(table, (classes.numpy(), scores.argmax(1).numpy()), 1)
        return tuple(tuple(int(cell) for cell in row) for row in table)

    def _scores(self, rows: list[int]) -> tuple[Any, Any]:
        """(logits, classes) on the processor."""
        torch = self._torch
        self._network.eval()
        scores, classes = [], []
        with torch.no_grad():
            for pictures, there in self._feeder.plain(rows, self._batch):
                if self._should_stop():
                    raise Cancelled
                scores.append(self._network(pictures)[0].float().cpu())
                classes.append(there.cpu())
        return torch.cat(scores), torch.cat(classes)

    def _look_up(self, phase: Phase) -> None:
        """Between two batches: say how far it is, and end if that is wished."""
        if self._should_stop():
            raise Cancelled
        self._tell(phase)


def _accuracy(confusion: Sequence[Sequence[int]]) -> float:
    return sum(row[i] for i, row in enumerate(confusion)) / max(1, sum(map(sum, confusion)))


def _left(began: float, done: int, all_: int) -> float | None:
    """Seconds, if it goes on as it went; it may end earlier, when nothing gets better."""
    return (time.monotonic() - began) / done * (all_ - done) if done else None
