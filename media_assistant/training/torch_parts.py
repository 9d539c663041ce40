"""PyTorch, brought in when something is trained and never before: the program works without it.

Nothing else in the program imports torch or torchvision.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import logging
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from media_assistant.errors import UserFixable, why_of
from media_assistant.items.sentence import Sentence

Result = TypeVar("Result")

log = logging.getLogger(__name__)

NEEDED = ("torch", "torchvision", "onnx", "onnxscript")
"""What the extra `train` installs."""

# torchvision from the package index is built against CUDA's libraries. Beside a torch without CUDA its compiled operators
# do not load, and its import fails on the names alone; none of them is used here.
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def missing_parts(site: Path | None = None) -> tuple[str, ...]:
    """What is installed neither with the program nor, as its training pack, in `site`. Imports nothing, so that a window
    may ask.
    """
    more = [str(site)] if site is not None else []
    return tuple(
        name
        for name in NEEDED
        if importlib.util.find_spec(name) is None and importlib.machinery.PathFinder.find_spec(name, more) is None
    )


def lack(missing: tuple[str, ...]) -> UserFixable:
    """What to tell of it: an installed program has no environment that something could be added to."""
    code = "training.not_in_bundle" if getattr(sys, "frozen", False) else "training.not_installed"
    return UserFixable(code, missing=", ".join(missing))


@lru_cache(maxsize=1)
def load() -> tuple[Any, Any]:
    """(torch, torchvision). Takes a second or two. Raises UserFixable("training.not_…")."""
    if missing := missing_parts():
        raise lack(missing)
    try:
        import torch

        try:
            import torchvision
        except RuntimeError as fault:
            if "torchvision::" not in str(fault):
                raise
            _declare_operators(torch)
            import torchvision
    except (ImportError, OSError, RuntimeError) as fault:
        # A library of the system that is missing, or two packages that do not fit each other.
        raise UserFixable("training.not_loadable", reason=str(fault).splitlines()[0]) from fault
    return torch, torchvision


_declared: list[Any] = []
"""A library of operators lives as long as somebody holds it."""


def _declare_operators(torch: Any) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")
    for operator in _OPERATORS:
        library.define(operator)
    _declared.append(library)


def choose_device(torch: Any) -> str:
    """`cuda` or `mps` where there is one that works, else `cpu`."""
    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    return "cpu"


def is_out_of_memory(torch: Any, fault: BaseException) -> bool:
    """Whether the graphics card has no room: says so by a type of its own, or by a word of CUDA's libraries."""
    return isinstance(fault, torch.OutOfMemoryError) or (
        isinstance(fault, RuntimeError) and ("out of memory" in str(fault) or "ALLOC_FAILED" in str(fault))
    )


def passing_reason(torch: Any, fault: BaseException) -> str:
    """Why something cannot be read just now, for the parameter `why` or `reason` of a sentence: no memory is free, or the
    system refused. Empty where the fault lies in what was read, or is ours.
    """
    is_refused = isinstance(fault, RuntimeError) and "DefaultCPUAllocator" in str(fault)
    if is_refused or isinstance(fault, MemoryError) or is_out_of_memory(torch, fault):
        return "system.ENOMEM"
    return why_of(fault) if isinstance(fault, OSError) else ""


def run_on_best(torch: Any, wished: str, notes: list[Sentence], run: Callable[[str], Result]) -> Result:
    """`run` on a device (the `wished` one, or the best); again on the processor, with a note, where the card's memory is full."""
    device = wished or choose_device(torch)
    try:
        return run(device)
    except RuntimeError as fault:
        if device == "cpu" or not is_out_of_memory(torch, fault):
            raise
    # Outside the `except`, where the fault no longer holds the memory.
    notes.append(Sentence("training.card_was_full", {"device": device.upper()}))
    with contextlib.suppress(RuntimeError):
        torch.cuda.empty_cache()
    return run("cpu")
