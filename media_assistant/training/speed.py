"""How long a step of training takes on this computer: measured, not guessed, in some seconds and on no picture of anybody.

The network is built without weights and looks at noise: a step takes as long whatever it learns.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from media_assistant.errors import Cancelled
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.training.backbones import SIDE, build
from media_assistant.training.pictures import Feeder
from media_assistant.training.torch_parts import load, run_on_best

BATCH = 32
_CLASSES = 3
_STEPS, _BUDGET_S = 3, 6.0
"""So many steps after a first one that is not counted, fewer where they take longer than this in all."""


def measure_speed(backbone: str, threads: int, should_stop: Callable[[], bool]) -> NetworkSpeed:
    """On the device that a training would take. Raises UserFixable("training.…") and Cancelled."""
    torch, torchvision = load()
    torch.set_num_threads(max(1, threads))
    pictures = np.random.default_rng(1).integers(0, 256, (BATCH, SIDE, SIDE, 3), np.uint8)
    labels = [row % _CLASSES for row in range(BATCH)]
    rows = list(range(BATCH))

    def run(device: str) -> NetworkSpeed:
        network = build(torch, torchvision, backbone, None, _CLASSES).to(device)
        feeder = Feeder(torch, pictures, labels, device)
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
        judge = torch.nn.CrossEntropyLoss()
        weights, drawn = torch.ones(BATCH), torch.Generator().manual_seed(1)

        def learn() -> None:
            network.train()
            for fed, classes in feeder.augmented(rows, BATCH, weights, drawn):
                optimiser.zero_grad()
                judge(network(fed)[0], classes).backward()
                optimiser.step()

        def look() -> None:
            network.eval()
            with torch.no_grad():
                for fed, _ in feeder.plain(rows, BATCH):
                    network(fed)[0].cpu()

        def settle() -> None:
            if device == "cuda":
                torch.cuda.synchronize()

        # On a processor that others keep busy, the seconds that it gave this process are nearer to the truth.
        clocks = (time.monotonic, time.process_time) if device == "cpu" else (time.monotonic,)
        learning, looking = (_time(step, settle, clocks, should_stop) / BATCH for step in (learn, look))
        return NetworkSpeed(backbone, learning, looking, device.upper())

    return run_on_best(torch, "", [], run)


def _time(
    step: Callable[[], None],
    settle: Callable[[], None],
    clocks: Sequence[Callable[[], float]],
    should_stop: Callable[[], bool],
) -> float:
    """Seconds of the quickest of some steps, by the clock that says least: whatever else the computer does only makes one
    longer.
    """
    best, until = math.inf, time.monotonic() + _BUDGET_S
    for turn in range(1 + _STEPS):
        if should_stop():
            raise Cancelled
        began = [clock() for clock in clocks]
        step()
        settle()
        if turn or time.monotonic() > until:
            best = min(best, *(clock() - start for clock, start in zip(clocks, began, strict=True)))
        if time.monotonic() > until:
            break
    return best
