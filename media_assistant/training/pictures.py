"""The pictures that a network learns from, decoded once, and how they are parted, augmented and fed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.training.backbones import CROP, MEAN, SIDE, STD

Pixels = NDArray[np.uint8]


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
