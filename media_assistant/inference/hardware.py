"""What this computer can run networks on, found out by trying it."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import psutil

from media_assistant.inference.cuda import find_cards, load_libraries
from media_assistant.items.sentence import Sentence

log = logging.getLogger(__name__)

# In this order; what is not listed is never used (Azure's provider would talk to the network).
_PROVIDERS = (
    "CUDAExecutionProvider",
    "ROCMExecutionProvider",
    "MIGraphXExecutionProvider",
    "DmlExecutionProvider",
    "CoreMLExecutionProvider",
    "OpenVINOExecutionProvider",
    "CPUExecutionProvider",
)
# A build of ONNX Runtime holds these whether the computer has such a card or not.
_TRIED_FIRST = ("CUDAExecutionProvider", "ROCMExecutionProvider", "MIGraphXExecutionProvider")
CPU = "CPU"
_SIDE = 8


def device_of(provider: str) -> str:
    """`CUDAExecutionProvider` as it is said: `CUDA`."""
    return provider.removesuffix("ExecutionProvider")


@dataclass(frozen=True, slots=True)
class Hardware:
    """`notes` says in words what is used instead of what, one sentence per fallback."""

    cores: int
    """Cores that this process may use."""
    memory_mb: int
    onnx_providers: tuple[str, ...]
    """Best first; always ends with the CPU's."""
    cuda_devices: int
    """GPUs that CTranslate2 (speech) can use."""
    cuda_compute_types: tuple[str, ...] = ()
    cpu_compute_types: tuple[str, ...] = ("int8", "float32")
    notes: tuple[Sentence, ...] = ()
    card: str = ""
    """Name of the graphics card that is used; empty where there is none, or where nobody tells."""
    card_memory_mb: int = 0
    """0 where nobody tells."""

    @property
    def has_gpu(self) -> bool:
        """Whether any network runs on something faster than the CPU."""
        return self.cuda_devices > 0 or len(self.onnx_providers) > 1

    def compute_type(self, device: str) -> str:
        """CTranslate2's number format for `cuda` or `cpu`: half precision on a GPU, int8 on a CPU where it has it."""
        present = self.cuda_compute_types if device == "cuda" else self.cpu_compute_types
        wanted = ("float16", "int8_float16", "int8") if device == "cuda" else ("int8",)
        return next((kind for kind in wanted if kind in present), "float32")


def usable_cores() -> int:
    """Cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def glance(*, has_gpu: bool = False) -> Hardware:
    """What the window may know at once: cores and memory. Whether there is a graphics card is what `detect` once found."""
    memory_mb = int(psutil.virtual_memory().total // 2**20)
    return Hardware(usable_cores(), memory_mb, ("CPUExecutionProvider",), int(has_gpu))


def usable_providers(present: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """(those of `present` that work here, best first and the CPU's last; why the first that should have worked does not)."""
    listed = set(present)
    usable: list[str] = []
    why = ""
    for name in _PROVIDERS[:-1]:
        if name not in listed:
            continue
        reason = _try_out(name) if name in _TRIED_FIRST else ""
        if reason:
            log.warning("%s is not used: %s", name, reason)
            why = why or reason
        else:
            usable.append(name)
    return (*usable, _PROVIDERS[-1]), why


@lru_cache(maxsize=1)
def detect() -> Hardware:
    """Ask ONNX Runtime and CTranslate2 what they find. Imports both, so call it in a worker; later calls are free."""
    import ctranslate2
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # where the system collects them, on Windows
    cards = find_cards()
    if cards:
        load_libraries()
    providers, why = usable_providers(onnxruntime.get_available_providers())
    try:
        cuda_devices = int(ctranslate2.get_cuda_device_count())
    except (RuntimeError, ValueError):
        # A driver without a device, or one too old, raises instead of counting none.
        cuda_devices = 0
    cuda_types: tuple[str, ...] = ()
    if cuda_devices:
        try:
            cuda_types = tuple(sorted(ctranslate2.get_supported_compute_types("cuda")))
        except (RuntimeError, ValueError):
            cuda_devices = 0
    notes: list[Sentence] = []
    if cards and why:
        notes.append(Sentence("hardware.card_unusable", {"card": cards[0].name, "reason": why}))
    elif len(providers) == 1:
        notes.append(Sentence("hardware.networks_on_cpu"))
    if not cuda_devices:
        notes.append(Sentence("hardware.speech_on_cpu"))
    is_used = bool(cards) and (cuda_devices > 0 or "CUDAExecutionProvider" in providers)
    return Hardware(
        cores=usable_cores(),
        memory_mb=int(psutil.virtual_memory().total // 2**20),
        onnx_providers=providers,
        cuda_devices=cuda_devices,
        cuda_compute_types=cuda_types,
        cpu_compute_types=tuple(sorted(ctranslate2.get_supported_compute_types("cpu"))),
        notes=tuple(notes),
        card=cards[0].name if is_used else "",
        card_memory_mb=cards[0].memory_mb if is_used else 0,
    )


def _try_out(provider: str) -> str:
    """Why not even a graph of two nodes runs there: no card, no driver, a library missing. Empty where it runs."""
    import numpy as np
    import onnxruntime

    from media_assistant.inference.onnx_faults import FAULTS, first_line
    from media_assistant.inference.onnx_writer import Graph

    graph = Graph()
    # A convolution and a product of matrices: they ask for libraries of their own.
    fed = graph.take("fed", np.float32, [1, 1, _SIDE, _SIDE])
    folded = graph.add("Conv", fed, graph.table(np.ones((1, 1, 1, 1), np.float32)))
    graph.give(graph.add("MatMul", folded, graph.table(np.eye(_SIDE, dtype=np.float32))), "found", [1, 1, _SIDE, _SIDE])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            session = onnxruntime.InferenceSession(graph.model(), options, providers=[provider], enable_fallback=0)
            if session.get_providers()[0] != provider:
                return "its libraries cannot be loaded"
            session.run(["found"], {"fed": np.ones((1, 1, _SIDE, _SIDE), np.float32)})
        except FAULTS as fault:
            return first_line(fault)
    return ""
