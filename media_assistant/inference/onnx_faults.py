"""What ONNX Runtime raises."""

from __future__ import annotations

import re

import onnxruntime

_STATE = onnxruntime.capi.onnxruntime_pybind11_state
_FAULT_NAMES = """
EPFail EngineError Fail InvalidArgument InvalidGraph InvalidProtobuf ModelLoadCanceled ModelLoaded
ModelRequiresCompilation NoModel NoSuchFile NotFound NotImplemented RuntimeException
"""
# ONNX Runtime's exceptions share no parent of their own.
FAULTS: tuple[type[Exception], ...] = (
    *(getattr(_STATE, name) for name in _FAULT_NAMES.split() if hasattr(_STATE, name)),
    RuntimeError,
    ValueError,
)


_ON_CARD = re.compile(
    r"\b(?:CUDA|CUDNN|CUBLAS|ROCM|HIP|MIOPEN) (?:failure|error) [^;\n]+|Failed to allocate memory for requested [^;\n]+"
)
"""In the middle of where in ONNX Runtime's source it happened, in hundreds of characters."""


def first_line(fault: Exception) -> str:
    """What went wrong, short enough for a sentence."""
    if found := _ON_CARD.search(str(fault)):
        return found[0].strip()[:300]
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:300]
