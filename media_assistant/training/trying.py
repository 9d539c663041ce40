"""Whether what was unpacked really trains on this computer: a tiny network learns once and is exported and compared.

It runs through everything that a training asks for, so what is missing shows here and not after an hour of training. And
Python keeps what it compiles meanwhile: workers may not write there later, and would compile it all anew each time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from media_assistant.items.training import Phase

_PICTURES = 8
_BACKBONE = "mobilenet_v3_small"


def try_out(scratch: Path, threads: int, tell: Callable[[Phase], None]) -> None:
    """Takes half a minute at first. `scratch` is a folder to write in. Raises UserFixable("training.…")."""
    from media_assistant.training import checkpoints
    from media_assistant.training.backbones import SIDE, build
    from media_assistant.training.course_heads import build_head
    from media_assistant.training.exporting import export, export_course
    from media_assistant.training.pictures import Feeder
    from media_assistant.training.torch_parts import load

    keeps_nothing, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        tell(Phase("try", 0, 3))
        torch, torchvision = load()
        torch.set_num_threads(max(1, threads))
        torch.manual_seed(1)
        network = build(torch, torchvision, _BACKBONE, None, 2)
        pictures = np.random.default_rng(1).integers(0, 256, (_PICTURES, SIDE, SIDE, 3), np.uint8)
        classes = [place % 2 for place in range(_PICTURES)]
        feeder = Feeder(torch, pictures, classes, "cpu")
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
        weights = torch.full((_PICTURES,), 1.0)
        batches = feeder.augmented(list(range(_PICTURES)), 4, weights, torch.Generator().manual_seed(1))
        for shown, labels in batches:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(shown)[0], labels).backward()
            optimiser.step()
        kept = scratch / "state.pt"
        checkpoints.save(torch, kept, {"plan": "trial", "network": network.state_dict()})
        checkpoints.load(torch, kept, "trial")
        tell(Phase("try", 1, 3))
        export(network.eval(), feeder, list(range(_PICTURES)), classes, scratch / "trial.onnx", threads)
        tell(Phase("try", 2, 3))
        steps = np.random.default_rng(1).normal(size=(4, 6, 8)).astype(np.float32)
        head = build_head(torch, "gru", 6, 2, torch.zeros(8), torch.ones(8)).eval()
        export_course(head, steps, np.ones((4, 6), np.float32), scratch / "course.onnx", threads)
        tell(Phase("try", 3, 3))
    finally:
        sys.dont_write_bytecode = keeps_nothing
