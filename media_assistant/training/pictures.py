"""The pictures that a network learns from, decoded once, and how they are parted, augmented and fed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.training.backbones import CROP, MEAN, SIDE, STD

Pixels = NDArray[np.uint8]

PART = 1024
"""Pictures of a file: 192 MB of them. A worker may not write files without end."""


class KeptPictures:
    """Pictures `[n, 256, 256, 3]` on disk, in parts of `PART`, not read before they are asked for."""

    def __init__(self, folder: Path, count: int) -> None:
        parts = range(-(-count // PART))
        self._parts: list[Pixels] = [
            np.memmap(_part_of(folder, number), np.uint8, "r").reshape(-1, SIDE, SIDE, 3) for number in parts
        ]

    def __getitem__(self, chosen: int | list[int]) -> Pixels:
        if isinstance(chosen, list):
            return np.stack([self[row] for row in chosen])
        picture: Pixels = self._parts[chosen // PART][chosen % PART]
        return picture


def keep_part(folder: Path, number: int, pictures: Sequence[Pixels]) -> None:
    """Write one part; all but the last have `PART` pictures. Raises OSError."""
    _part_of(folder, number).write_bytes(np.stack(pictures).data)


def _part_of(folder: Path, number: int) -> Path:
    return folder / f"pictures-{number}.raw"


class Feeder:
    """Batches out of pictures `[n, 256, 256, 3]`."""

    def __init__(self, torch: Any, pictures: Pixels | KeptPictures, labels: Sequence[int], device: str) -> None:
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
