"""Networks that have learned to see from a million photos, as torchvision knows them: what a training begins with.

Their weights are files of torchvision's own: fetched on a click, or found in a folder. A training never begins with
random ones: from a few hundred pictures of one person nothing learns to see.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.training.torch_parts import passing_reason

FOLDER = ".backbones"
"""Of the user's model folder: where fetched weights lie."""
SIDE = 256
"""Pictures are kept in squares of this side; the network sees the middle 224, or while it learns any part of it."""
CROP = 224
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""What torchvision's weights were trained with."""
_NAMED = re.compile(r"(?P<name>[a-z0-9_]+?)(?:_rwightman)?-(?P<digits>[0-9a-f]{8,64})\.pth")


@dataclass(frozen=True, slots=True)
class Backbone:
    """`file` ends with the first digits of its SHA-256, as torchvision writes it."""

    name: str
    file: str
    size_bytes: int
    width: int
    """Of the embedding that a head is put on."""
    licence: str = "BSD-3-Clause"

    @property
    def url(self) -> str:
        """Where torchvision keeps it."""
        return f"https://download.pytorch.org/models/{self.file}"


BACKBONES = (
    Backbone("mobilenet_v3_small", "mobilenet_v3_small-047dcff4.pth", 10_306_551, 576),
    Backbone("mobilenet_v2", "mobilenet_v2-7ebf99e0.pth", 14_258_000, 1280),
    Backbone("resnet18", "resnet18-f37072fd.pth", 46_830_571, 512),
)
"""The quickest first. Sizes are for people; what counts is the hash."""
MOST_BYTES = 1 << 30
"""Weights of none of them are larger."""


def find_backbone(name: str) -> Backbone:
    """One of BACKBONES. Raises UserFixable("training.unknown_backbone")."""
    for backbone in BACKBONES:
        if backbone.name == name:
            return backbone
    raise UserFixable("training.unknown_backbone", name=name)


def is_of_backbone(name: str) -> bool:
    """Whether a file of this name holds the weights of one of BACKBONES."""
    named = _NAMED.fullmatch(name)
    return named is not None and named["name"] in {backbone.name for backbone in BACKBONES}


def find_weights(name: str, folders: Iterable[Path]) -> Path | None:
    """A file of this backbone's weights in one of the folders or in their `.backbones`; None where there is none."""
    for folder in folders:
        for place in (folder, folder / FOLDER):
            for file in sorted(place.glob(f"{name}*-*.pth")) if os.path.isdir(place) else ():
                if (found := _NAMED.fullmatch(file.name)) and found["name"] == name:
                    return file
    return None


def check_weights(file: Path) -> None:
    """Whether a file is what its name says. Raises UserFixable("training.weights_broken", "training.weights_unreadable")."""
    import hashlib

    named = _NAMED.fullmatch(file.name)
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as fault:
        raise UserFixable("training.weights_unreadable", file=file.name, reason=str(fault)) from fault
    if named is None or not found.startswith(named["digits"]):
        raise UserFixable("training.weights_broken", file=file.name)


def build(torch: Any, torchvision: Any, name: str, weights: Path | None, classes: int) -> Any:
    """A network `float32 [n, 3, 224, 224]` -> (logits `[n, classes]`, embedding `[n, width]`).

    Without `weights` only its shape is built, for a state that is loaded next. Raises
    UserFixable("training.weights_broken", "training.weights_unreadable").
    """
    backbone = find_backbone(name)
    body = torchvision.models.get_model(name, weights=None)
    if weights is not None:
        check_weights(weights)
        try:
            # Nothing but tensors is unpickled: a file of weights must not be able to run anything.
            body.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        except Exception as fault:  # whatever a file holds that is no such state
            reason = passing_reason(torch, fault) or (str(fault).splitlines() or [type(fault).__name__])[0]
            raise UserFixable("training.weights_unreadable", file=weights.name, reason=reason) from fault
    setattr(body, "fc" if hasattr(body, "fc") else "classifier", torch.nn.Identity())

    class Tagger(torch.nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.body = body
            self.head = torch.nn.Linear(backbone.width, classes)

        def forward(self, pictures: Any) -> tuple[Any, Any]:
            embedding = self.body(pictures)
            return self.head(embedding), embedding

    return Tagger()


def set_learning(torch: Any, network: Any) -> None:
    """All of it learns, but for statistics of batch normalisation: these stay as they came, for small batches spoil them."""
    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
