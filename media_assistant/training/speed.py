"""How long training takes on this computer: measured, not guessed, in some seconds and on no picture of anybody.

The network is built without weights and looks at noise: a step takes as long whatever it learns. What a training does once
is done once, too: of a small one bringing PyTorch in and exporting the network are the larger part.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.which_way import NetworkSpeed
from media_assistant.training import checkpoints
from media_assistant.training.backbones import SIDE, build, set_learning
from media_assistant.training.exporting import export
from media_assistant.training.pictures import Feeder
from media_assistant.training.torch_parts import load, run_on_best

BATCH = 32
_CLASSES = 3
_CLOCKS = (time.monotonic, time.process_time)
"""On a processor that others keep busy, the seconds that it gave this process are nearer to the truth."""
_FIRST = 4
_STEPS, _BUDGET_S = 3, 6.0
"""So many steps, fewer where they take longer than this in all; the quickest counts."""


def measure_speed(backbone: str, threads: int, scratch: Path, should_stop: Callable[[], bool]) -> NetworkSpeed:
    """On the device that a training would take; writes into the folder `scratch`. In a process that did not bring PyTorch in
    before. Raises UserFixable("training.…") and Cancelled.
    """
    starting = _time_once(load, _CLOCKS)
    torch, torchvision = load()
    torch.set_num_threads(max(1, threads))
    pictures = np.random.default_rng(1).integers(0, 256, (BATCH, SIDE, SIDE, 3), np.uint8)
    labels = [row % _CLASSES for row in range(BATCH)]
    rows = list(range(BATCH))
    made = scratch / "model.onnx"

    def run(device: str) -> NetworkSpeed:
        network = build(torch, torchvision, backbone, None, _CLASSES).to(device)
        feeder = Feeder(torch, pictures, labels, device)
        optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
        judge = torch.nn.CrossEntropyLoss()
        weights, drawn = torch.ones(BATCH), torch.Generator().manual_seed(1)

        def learn(many: int = BATCH) -> None:
            set_learning(torch, network)
            for fed, classes in feeder.augmented(rows[:many], many, weights[:many], drawn):
                optimiser.zero_grad()
                judge(network(fed)[0], classes).backward()
                torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
                optimiser.step()

        def look() -> None:
            network.eval()
            with torch.no_grad():
                for fed, _ in feeder.plain(rows, BATCH):
                    network(fed)[0].cpu()

        def keep() -> None:
            state = network.state_dict()
            best = {name: value.detach().cpu().clone() for name, value in state.items()}
            kept = {"network": state, "best": best, "optimiser": optimiser.state_dict()}
            checkpoints.save(torch, scratch / "state.pt", kept)

        def end() -> None:
            # What the export of noise differs by says nothing of a trained one's.
            with contextlib.suppress(UserFixable):
                export(network.cpu().eval(), Feeder(torch, pictures, labels, "cpu"), rows, labels, made, threads)

        def settle() -> None:
            if device == "cuda":
                torch.cuda.synchronize()

        # The first step of all is none like the others, so it is a small one, and not counted.
        learn(_FIRST)
        settle()
        clocks = _CLOCKS if device == "cpu" else (time.monotonic,)
        learning, looking = (_time(step, settle, clocks, should_stop) / BATCH for step in (learn, look))
        keeping = _time(keep, settle, clocks, should_stop)
        ending = _time_once(end, _CLOCKS)
        return NetworkSpeed(backbone, learning, looking, keeping, starting, ending, device.upper())

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
    for _ in range(_STEPS):
        if should_stop():
            raise Cancelled
        began = [clock() for clock in clocks]
        step()
        settle()
        best = min(best, *(clock() - start for clock, start in zip(clocks, began, strict=True)))
        if time.monotonic() > until:
            break
    return best


def _time_once(step: Callable[[], object], clocks: Sequence[Callable[[], float]]) -> float:
    """Seconds of what is done once, by the clock that says least."""
    began = [clock() for clock in clocks]
    step()
    return min(clock() - start for clock, start in zip(clocks, began, strict=True))
