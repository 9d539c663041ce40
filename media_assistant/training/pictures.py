"""The pictures that a network learns from, decoded once, and how they are parted, augmented and fed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.items.training import Part
from media_assistant.training.backbones import CROP, MEAN, SIDE, STD

_HELD_BACK = 0.25
_STOP = 0.2

Pixels = NDArray[np.uint8]


def part_items(labels: Sequence[int], items: Sequence[int], seed: int) -> list[Part]:
    """Which part each picture belongs to: by item, within each label, the same for the same seed.

    A label of fewer than three items is only learned; of three, one is held back. An item stays in its part when others
    come or go, as far as the shares allow, for its place is drawn from its own number.
    """
    by_label: dict[int, set[int]] = defaultdict(set)
    for label, item in zip(labels, items, strict=True):
        by_label[label].add(item)
    part_of: dict[int, Part] = {}
    for label in sorted(by_label):
        drawn = sorted((item for item in by_label[label] if item not in part_of), key=lambda item: _draw(item, seed))
        held = max(1, round(_HELD_BACK * len(drawn))) if len(drawn) >= 3 else 0
        stop = max(1, round(_STOP * len(drawn))) if len(drawn) >= 4 else 0
        for place, item in enumerate(drawn):
            part_of[item] = Part.HELD_BACK if place < held else Part.STOP if place < held + stop else Part.LEARN
    return [part_of[item] for item in items]


def _draw(item: int, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}:{item}".encode(), digest_size=8).digest()


class Feeder:
    """Batches out of kept pictures `[n, 256, 256, 3]` (an array on disk, not read before it is asked for)."""

    def __init__(self, torch: Any, pictures: Pixels, labels: Sequence[int], device: str) -> None:
        from torchvision.transforms import v2

        self._torch = torch
        self.pictures = pictures
        self._labels = torch.tensor(labels, dtype=torch.long)
        self.device = device
        self._augment = v2.Compose(
            [
                v2.RandomResizedCrop(CROP, scale=(0.4, 1.0), antialias=True),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
            ]
        )
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(MEAN).view(shape).to(device)
        self._std = torch.tensor(STD).view(shape).to(device)

    def plain(self, rows: Sequence[int], batch: int) -> Iterator[tuple[Any, Any]]:
        """(pictures, labels) in this order, the middle of each."""
        edge = (SIDE - CROP) // 2
        for start in range(0, len(rows), batch):
            chosen = list(rows[start : start + batch])
            taken = self.pictures[chosen][:, edge : edge + CROP, edge : edge + CROP]
            yield (
                self._ready(self._torch.from_numpy(np.ascontiguousarray(taken.transpose(0, 3, 1, 2)))),
                self._of(chosen),
            )

    def augmented(self, rows: Sequence[int], batch: int, weights: Any, generator: Any) -> Iterator[tuple[Any, Any]]:
        """As many pictures as there are rows, drawn by weight so that rare labels are seen as often, each changed anew."""
        drawn = self._torch.multinomial(weights, len(rows), replacement=True, generator=generator)
        chosen = [rows[int(place)] for place in drawn]
        for start in range(0, len(chosen), batch):
            part = chosen[start : start + batch]
            changed = [
                self._augment(self._torch.from_numpy(self.pictures[row].transpose(2, 0, 1).copy())) for row in part
            ]
            yield self._ready(self._torch.stack(changed)), self._of(part)

    def ready(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """What the network is fed for these rows, as an array `[n, 3, 224, 224]`."""
        fed = [batch.cpu().numpy() for batch, _ in self.plain(rows, max(1, len(rows)))]
        return np.asarray(np.concatenate(fed), np.float32)

    def _ready(self, bytes_: Any) -> Any:
        return (bytes_.to(self.device).float() / 255 - self._mean) / self._std

    def _of(self, rows: list[int]) -> Any:
        return self._labels[rows].to(self.device)
