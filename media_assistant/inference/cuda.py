"""NVIDIA's driver and libraries, by their C interface.

Neither ONNX Runtime nor CTranslate2 tells what a card is called or how much memory it has. Both also leave it to the
system's loader to find NVIDIA's libraries, which does not look where Python's packages keep them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
# Of the major version that CTranslate2 is built for, in the order in which they need each other.
_FOR_SPEECH = (
    ("cublasLt64_12.dll", "cublas64_12.dll") if sys.platform == "win32" else ("libcublasLt.so.12", "libcublas.so.12")
)
_NAME_BYTES = 256


@dataclass(frozen=True, slots=True)
class GraphicsCard:
    """One that programs may use now (`CUDA_VISIBLE_DEVICES` counts)."""

    name: str
    memory_mb: int


def find_cards() -> tuple[GraphicsCard, ...]:
    """The cards that NVIDIA's driver knows, the one that is used first; none without a driver. Nothing is put on a card."""
    try:
        driver = ctypes.CDLL(_DRIVER)
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
            return ()
        return tuple(_card(driver, number) for number in range(count.value))
    except (OSError, AttributeError) as fault:
        log.debug("no CUDA driver: %s", fault)
        return ()


def load_libraries() -> None:
    """Load what Python's packages hold of NVIDIA's libraries, so that they are found by their names alone afterwards."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        onnxruntime.preload_dlls()
    found = importlib.util.find_spec("nvidia")
    roots = [Path(root) for root in (found.submodule_search_locations or ())] if found is not None else []
    for name in _FOR_SPEECH:
        file = next(
            (file for root in roots for part in ("lib", "bin") if (file := root / "cublas" / part / name).is_file()),
            None,
        )
        if file is not None:
            try:
                ctypes.CDLL(str(file))
            except OSError as fault:
                log.warning("%s cannot be loaded: %s", file, fault)


def _card(driver: ctypes.CDLL, number: int) -> GraphicsCard:
    device, size = ctypes.c_int(0), ctypes.c_size_t(0)
    name = ctypes.create_string_buffer(_NAME_BYTES)
    driver.cuDeviceGet(ctypes.byref(device), number)
    driver.cuDeviceGetName(name, _NAME_BYTES, device)
    driver.cuDeviceTotalMem_v2(ctypes.byref(size), device)
    return GraphicsCard(name.value.decode(errors="replace"), int(size.value // 2**20))
