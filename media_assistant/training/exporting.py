"""From a trained network to a model that ONNX Runtime runs: exported, compared, and made smaller where that pays."""

from __future__ import annotations

import contextlib
import io
import logging
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import UserFixable, is_no_room
from media_assistant.training.backbones import CROP
from media_assistant.training.pictures import Feeder
from media_assistant.training.torch_parts import load

log = logging.getLogger(__name__)

PARITY = 1e-4
"""More than this the logits of the export may not differ by, in parts of the largest."""
_COMPARED = 16
_CALIBRATED = 64
_PAYS_FROM = 1.2
"""Times as fast as the full network that the quantised one has to be …"""
_MAY_LOSE = 0.01
"""… and the share of held-back pictures on which it may say something else than before and be wrong."""
_RUNS = 5


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written to the folder."""

    parity: float
    speed_up: float = 0.0
    is_quantised: bool = False


def export(
    network: Any, feeder: Feeder, rows: Sequence[int], classes: Sequence[int], file: Path, threads: int
) -> Exported:
    """Write `file` (`pixel_values` `[batch, 3, 224, 224]` -> `logits`, `embedding`), checked on the pictures `rows`.

    Raises UserFixable("training.export_differs", "training.not_kept").
    """
    torch, _ = load()
    fed = feeder.ready(list(rows[: max(_COMPARED, 1)]))
    whole = file.with_name("whole.onnx")
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                (torch.from_numpy(np.zeros((2, 3, CROP, CROP), np.float32)),),
                str(whole),
                input_names=["pixel_values"],
                output_names=["logits", "embedding"],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        parity = _parity(torch, network, whole, fed, threads)
        if parity > PARITY:
            raise UserFixable("training.export_differs", difference=parity)
        smaller = file.with_name("smaller.onnx")
        speed_up, is_better = _quantise(feeder, rows, classes, whole, smaller, threads)
        (smaller if is_better else whole).replace(file)
    except OSError as fault:
        raise UserFixable("training.not_kept", why="system.ENOSPC" if is_no_room(fault) else str(fault)) from fault
    finally:
        for left in (whole, file.with_name("smaller.onnx"), file.with_name("prepared.onnx")):
            left.unlink(missing_ok=True)
    return Exported(parity, speed_up, is_better)


def export_course(
    network: Any, steps: NDArray[np.float32], mask: NDArray[np.float32], file: Path, threads: int
) -> Exported:
    """Write `file` (`steps` `[batch, steps, width]`, `mask` `[batch, steps]` -> `logits`), checked on these courses.

    It is not quantised: such a head is done in a fraction of a millisecond. Raises UserFixable as `export`.
    """
    torch, _ = load()
    whole = file.with_name("whole.onnx")
    fed = torch.from_numpy(steps[:_COMPARED]), torch.from_numpy(mask[:_COMPARED])
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            # Of torch about itself: it takes a recurrent network apart step by step.
            warnings.simplefilter("ignore")
            batch = torch.export.Dim("batch")
            torch.onnx.export(
                network,
                tuple(torch.cat([each[:1], each[:1]]) for each in fed),
                str(whole),
                input_names=["steps", "mask"],
                output_names=["logits"],
                dynamic_shapes=({0: batch}, {0: batch}),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        with torch.no_grad():
            wanted = network(*fed).numpy()
        found = _session(whole, threads).run(["logits"], {"steps": fed[0].numpy(), "mask": fed[1].numpy()})[0]
        parity = float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max())))
        if parity > PARITY:
            raise UserFixable("training.export_differs", difference=parity)
        whole.replace(file)
    except OSError as fault:
        raise UserFixable("training.not_kept", why="system.ENOSPC" if is_no_room(fault) else str(fault)) from fault
    finally:
        whole.unlink(missing_ok=True)
    return Exported(parity)


def _session(file: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _logits(session: Any, fed: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(session.run(["logits"], {"pixel_values": fed})[0], np.float32)


def _parity(torch: Any, network: Any, file: Path, fed: NDArray[np.float32], threads: int) -> float:
    """The largest difference of a logit, in parts of the largest logit or of 1."""
    with torch.no_grad():
        wanted = network(torch.from_numpy(fed))[0].numpy()
    found = _logits(_session(file, threads), fed)
    return float(np.abs(found - wanted).max() / max(1.0, float(np.abs(wanted).max())))


def _quantise(
    feeder: Feeder, rows: Sequence[int], classes: Sequence[int], whole: Path, smaller: Path, threads: int
) -> tuple[float, bool]:
    """(times as fast, whether it is worth it). 0 where the network cannot be quantised here; it is then left as it is."""
    try:
        _write_quantised(feeder, rows, whole, smaller)
        full, small = _session(whole, threads), _session(smaller, threads)
        one = feeder.ready(list(rows[:8]))
        speed_up = _seconds(full, one) / _seconds(small, one)
        right = {True: 0, False: 0}
        for start in range(0, len(rows), 32):
            part = list(rows[start : start + 32])
            fed = feeder.ready(part)
            truth = np.array([classes[row] for row in part])
            right[True] += int((_logits(full, fed).argmax(1) == truth).sum())
            right[False] += int((_logits(small, fed).argmax(1) == truth).sum())
    except Exception:  # a graph that the quantiser does not know: the whole network is as good, only slower
        log.warning("the network was not quantised", exc_info=True)
        return 0.0, False
    lost = (right[True] - right[False]) / max(1, len(rows))
    return speed_up, speed_up >= _PAYS_FROM and lost <= _MAY_LOSE


def _write_quantised(feeder: Feeder, rows: Sequence[int], whole: Path, smaller: Path) -> None:
    """Convolutions and products in int8, their ranges taken from pictures (QDQ form, weights per channel)."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Shown(quantization.CalibrationDataReader):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            self._left = [list(rows[start : start + 8]) for start in range(0, min(len(rows), _CALIBRATED), 8)]

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return {"pixel_values": feeder.ready(self._left.pop(0))} if self._left else None

    prepared = whole.with_name("prepared.onnx")
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(prepared),
        str(smaller),
        Shown(),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        weight_type=quantization.QuantType.QInt8,
        activation_type=quantization.QuantType.QUInt8,
    )


def _seconds(session: Any, fed: NDArray[np.float32]) -> float:
    """The median of a few runs, the first left out."""
    _logits(session, fed)
    spent = []
    for _ in range(_RUNS):
        began = time.perf_counter()
        _logits(session, fed)
        spent.append(time.perf_counter() - began)
    return sorted(spent)[_RUNS // 2]
