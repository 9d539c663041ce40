"""What this computer can run networks on. Nothing is loaded onto a device here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

import psutil

from media_assistant.items.sentence import Sentence

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
CPU = "CPU"


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


@lru_cache(maxsize=1)
def detect() -> Hardware:
    """Ask ONNX Runtime and CTranslate2 what they find. Imports both, so call it in a worker; later calls are free."""
    import ctranslate2
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # where the system collects them, on Windows
    notes: list[Sentence] = []
    present = set(onnxruntime.get_available_providers())
    providers = tuple(name for name in _PROVIDERS if name in present)
    if "CPUExecutionProvider" not in providers:
        providers = (*providers, "CPUExecutionProvider")
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
    if len(providers) == 1:
        notes.append(Sentence("hardware.networks_on_cpu"))
    if not cuda_devices:
        notes.append(Sentence("hardware.speech_on_cpu"))
    return Hardware(
        cores=usable_cores(),
        memory_mb=int(psutil.virtual_memory().total // 2**20),
        onnx_providers=providers,
        cuda_devices=cuda_devices,
        cuda_compute_types=cuda_types,
        cpu_compute_types=tuple(sorted(ctranslate2.get_supported_compute_types("cpu"))),
        notes=tuple(notes),
    )
