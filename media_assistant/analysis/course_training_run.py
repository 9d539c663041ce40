"""A training on courses from its plan on disk to a network on disk.

The folder is that of `training_run`; instead of pictures it holds `steps.npy` (`[n, steps, d]`) and `lengths.npy`, which whoever
plans writes, for the vectors are in the library.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from media_assistant.errors import UserFixable
from media_assistant.items.sentence import Sentence
from media_assistant.items.training import Matter, Phase, TrainingReport

STEPS, LENGTHS = "steps.npy", "lengths.npy"


def run_course_training(
    folder: Path, plan: dict[str, Any], tell: Callable[[Phase], None], should_stop: Callable[[], bool]
) -> tuple[TrainingReport, list[Sentence]]:
    """Train what the plan asks for. Raises UserFixable("training.…") and Cancelled."""
    from media_assistant.training.courses import CourseWish, train_course
    from media_assistant.training.exporting import export_course

    try:
        steps = np.load(folder / STEPS, allow_pickle=False).astype(np.float32)
        lengths = np.load(folder / LENGTHS, allow_pickle=False)
        digest = hashlib.blake2b((folder / STEPS).read_bytes(), digest_size=16)
    except (OSError, ValueError) as fault:
        raise UserFixable("training.nothing_readable") from fault
    digest.update(repr(sorted(plan.items())).encode())
    mask = (np.arange(steps.shape[1])[None] < lengths[:, None]).astype(np.float32)
    wish = CourseWish(
        labels=tuple(plan["labels"]),
        classes=tuple(item["class"] for item in plan["items"]),
        items=tuple(item["item"] for item in plan["items"]),
        digest=digest.hexdigest(),
        state_file=folder / "state.pt",
        matter=Matter(plan["matter"]),
        epochs=plan["epochs"],
        seed=plan["seed"],
        threads=plan["threads"],
    )
    trained = train_course(steps, mask, wish, tell, should_stop)
    tell(Phase("export", 0, 1))
    (folder / "made").mkdir(exist_ok=True)
    held = trained.held_back
    exported = export_course(trained.network, steps[held], mask[held], folder / "made" / "model.onnx", wish.threads)
    return dataclasses.replace(trained.report, parity=exported.parity), trained.notes
